"""`Desk`: one device on the table, with what of the maps holds for it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from instrument.clock import Clock
from instrument.hands.crowd import Bucket
from instrument.hands.midi.entry import EVERY_BANK, NOTHING, Act, Entry
from instrument.hands.midi.incoming import Incoming
from instrument.hands.midi.profile import Element, Profile
from instrument.hands.midi.source import Source, SourceKind
from instrument.hands.takeover import Takeover
from instrument.signals.controls import Bank
from instrument.signals.spec import Spec

RATE_PER_S = 3000.0
"""So many messages a second are acted on per device: a cable of MIDI 1.0 carries 1,000."""
BURST = 2000.0


@dataclass
class Slot:
    """An entry that holds, and how its element does. `heard_s`: when it was moved last."""

    entry: Entry
    spec: Spec
    act: Act
    takeover: Takeover
    down: bool = False
    heard_s: float = float("-inf")


class Desk:
    """One device: reads its messages, knows the slots of each of its sources. Under the hand's lock."""

    def __init__(self, device: str, profile: Profile | None, clock: Clock) -> None:
        self.device = device
        self.profile = profile
        self.incoming = Incoming()
        self.bucket = Bucket(RATE_PER_S, BURST, clock())
        self._slots: dict[Entry, Slot] = {}
        self._active: dict[Source, tuple[Slot, ...]] = {}
        self._heard: dict[Source, float] = {}

    def lay(self, own: Iterable[Entry], bank: Bank, number: int) -> None:
        """Let these entries of the performer and the profile's hold, in bank `number`.

        The performer's win over the profile's at each source, those of this bank over those of every bank.
        A control that the show does not have sleeps. Slots that stay keep how they stand; those that are
        new (again) know where their element is if it moved something before.
        """
        mine = [entry for entry in own if entry.device == self.device]
        given = () if self.profile is None else self.profile.entries
        usual = [replace(entry, device=self.device) for entry in given]
        chosen: dict[Source, list[Entry]] = {}
        for entries in (usual, mine):
            for where in (EVERY_BANK, number):
                here = [entry for entry in entries if entry.bank == where]
                for source in {entry.source for entry in here}:
                    chosen[source] = [entry for entry in here if entry.source == source]
        before, self._slots = self._slots, {}
        self._active = {}
        for source, entries in chosen.items():
            slots = [
                before.get(entry) or self._slot(entry, bank.spec(entry.control))
                for entry in entries
                if entry.control != NOTHING and entry.control in bank
            ]
            self._slots |= {slot.entry: slot for slot in slots}
            self._active[source] = tuple(slots)
        self.incoming.expect_pairs(self._pairs([*usual, *mine]))

    def _pairs(self, entries: Sequence[Entry]) -> set[tuple[int, int]]:
        elements = () if self.profile is None else self.profile.elements.values()
        sources = [entry.source for entry in entries] + [element.source for element in elements]
        return {(s.channel, s.number) for s in sources if s.kind is SourceKind.CC14}

    def _slot(self, entry: Entry, spec: Spec) -> Slot:
        slot = Slot(entry, spec, entry.act_on(spec), Takeover(entry.takeover))
        if entry.source in self._heard:
            slot.takeover.place(self._heard[entry.source])
        return slot

    def hear(self, source: Source, share: float) -> tuple[Slot, ...]:
        """A source came to a share of its way: what it moves; where it is, is known from now on."""
        slots = self._active.get(source, ())
        if slots:
            self._heard[source] = share
        return slots

    @property
    def who(self) -> str:
        """Whose gestures they are."""
        return f"midi {self.device}"

    @property
    def held(self) -> tuple[Slot, ...]:
        """Those that are held down now."""
        return tuple(slot for slot in self.slots if slot.down and slot.act is Act.HOLD)

    @property
    def slots(self) -> tuple[Slot, ...]:
        """All that hold."""
        return tuple(slot for slots in self._active.values() for slot in slots)

    def element(self, source: Source) -> Element | None:
        """What the profile knows of a source."""
        return None if self.profile is None else self.profile.element(source)

    def words(self, source: Source) -> str:
        """A source as it is said: ``nanoKONTROL2 fader 1``."""
        element = self.element(source)
        return f"{self.device} {source.words if element is None else element.name}"
