"""`Table`: the devices on the table, what moves what on them, and learning it. Knows no port, no thread."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from instrument.clock import Clock
from instrument.hands.complaints import Complaints
from instrument.hands.crowd import URGENT
from instrument.hands.midi.acting import Acting
from instrument.hands.midi.controls import BANK
from instrument.hands.midi.desk import Desk
from instrument.hands.midi.entry import NOTHING, Act, Entry
from instrument.hands.midi.learned import entry_for
from instrument.hands.midi.macro import macro_page
from instrument.hands.midi.map_file import MapFile
from instrument.hands.midi.profile import load_profiles, profile_for
from instrument.hands.midi.recognise import Found, TurnBack
from instrument.hands.midi.session import Session
from instrument.hands.midi.source import Event, SourceKind
from instrument.hands.takeover import SAME, Mode
from instrument.signals.controls import Bank
from instrument.signals.gesture import Gesture
from instrument.signals.mistake import did_you_mean
from instrument.signals.spec import Kind

SCENE = "show.scene"


class Table:
    """Everything between whole messages and gestures. Under the hand's lock; nothing raises."""

    def __init__(
        self,
        bank: Bank,
        post: Callable[[Gesture], None],
        say: Callable[[str, bool], None],
        clock: Clock,
        position: Callable[[str], float],
        map_path: Path,
    ) -> None:
        self.bank = bank
        self.accepted = 0
        self.desks: dict[str, Desk] = {}
        self.acting = Acting(position, self._count_and_post, clock)
        self.complaints = Complaints(say, clock)
        self.map = MapFile(map_path, say)
        self.session = Session(macro_page(bank))
        self._learning = ""
        self._post, self._say = post, say
        self._clock, self._position = clock, position
        self._profiles = load_profiles(say)
        self._bank_number = 1
        self.read_map()

    def _count_and_post(self, gesture: Gesture) -> None:
        self.accepted += 1
        self._post(gesture)

    def read_map(self) -> None:
        """Read the performer's map anew."""
        self.map.read()
        asleep = sorted({e.control for e in self.map.entries} - {NOTHING, *self.bank.number})
        if asleep:
            more = f" and {len(asleep) - 3} more" if len(asleep) > 3 else ""
            said = ", ".join(f"{path}{did_you_mean(path, self.bank.number)}" for path in asleep[:3])
            self._say(f"{self.map.path.name}: sleeps, as this show has no {said}{more}", False)
        self._lay()

    def _lay(self) -> None:
        for desk in self.desks.values():
            self._lay_on(desk)

    def _lay_on(self, desk: Desk) -> None:
        held = desk.held
        desk.lay(self.map.entries, self.bank, self._bank_number)
        for slot in held:
            if slot not in desk.slots:
                self.acting.let_go(slot, desk.who)

    def desk(self, device: str) -> Desk:
        """The desk of a device, new if it was not on the table."""
        if device not in self.desks:
            desk = Desk(device, profile_for(device, self._profiles), self._clock)
            self.desks[device] = desk
            self._lay_on(desk)
        return self.desks[device]

    def clear(self, device: str) -> None:
        """A device is gone: what it held is let go."""
        desk = self.desks.pop(device, None)
        if desk is not None:
            for slot in desk.held:
                self.acting.let_go(slot, desk.who)

    def turn_page(self) -> None:
        """See which bank is under the hands; another one than before lays the map anew."""
        if BANK not in self.bank:
            return
        number = int(self.bank.spec(BANK).map(self._position(BANK)))
        if number != self._bank_number:
            self._bank_number = number
            self._lay()

    def take(self, device: str, message: Sequence[int]) -> None:
        """One whole message, but for the clock's."""
        now_s = self._clock()
        desk = self.desk(device)
        admitted = desk.bucket.take(now_s)
        if not admitted:
            self.complaints.add(lambda: f"{device} sends too much")
        for event in desk.incoming.take(message, now_s):
            self._event(desk, event, admitted)

    def due(self) -> None:
        """What time alone brings: halves that stayed alone, learning that nobody goes on with."""
        now_s = self._clock()
        for desk in tuple(self.desks.values()):
            if desk.incoming.waits:
                for event in desk.incoming.due(now_s):
                    self._event(desk, event, True)
        if self.session.tired(now_s):
            self._say("learn: nothing was moved; it is over", False)
        self.complaints.flush()

    def _event(self, desk: Desk, event: Event, admitted: bool) -> None:
        self.turn_page()
        learning = self.session.path is not None
        slots = desk.hear(event.source, event.share)
        if learning and not any(slot.spec.path in URGENT for slot in slots):
            if admitted:
                self._learn_from(desk, event)
            return
        for slot in slots:
            if admitted or slot.spec.path in URGENT or slot.act is Act.HOLD:
                self.acting.take(slot, event, desk.who)
        if event.source.kind is SourceKind.PROGRAM and admitted:
            self._program(event.raw, desk.who)

    def _program(self, number: int, who: str) -> None:
        """Program change n is scene n+1."""
        if SCENE in self.bank:
            position = self.bank.spec(SCENE).unmap(number + 1.0)
            self._count_and_post(Gesture(SCENE, position, who, self._clock()))

    def learn(self, path: str | None, moved: str | None) -> None:
        """Learning is asked for: of `path`, else of what another hand `moved` last, or the macro page."""
        if path is not None and path not in self.bank:
            near = did_you_mean(path, self.bank.number)
            self._say(f"learn: no control is called '{path[:60]}'{near}", False)
            return
        self.session.ask(path, moved, self._clock())
        self._say_what_is_learned()

    def end_learning(self) -> None:
        """No more."""
        if self.session.path is not None:
            self.session.end()
            self._say_what_is_learned()

    @property
    def learning(self) -> str:
        """What is to be done for what is learned, in words; '' while nothing is."""
        return "" if self.session.path is None else self._learning

    def _say_what_is_learned(self) -> None:
        path = self.session.path
        if path is None:
            self._say("learn: done", False)
            return
        press = self.bank.spec(path).kind in (Kind.TRIGGER, Kind.BOOL)
        what = "press a pad or a button" if press else "move a fader or a knob"
        self._say_of_learning(f"{what} for {path}")

    def _say_of_learning(self, words: str) -> None:
        self._learning = words
        self._say(f"learn: {words}", False)

    def _learn_from(self, desk: Desk, event: Event) -> None:
        path, now_s = self.session.path, self._clock()
        found = self.session.take(desk.device, event, now_s)
        if path is None or found is None:
            return
        if isinstance(found, TurnBack):
            self._say_of_learning(f"{desk.words(found.source)}: now turn it back")
            return
        self._keep(desk, found, path, event.share)
        self.session.learned(desk.device, found, now_s)
        if self.session.path is not None:
            self._say_what_is_learned()

    def _keep(self, desk: Desk, found: Found, path: str, share: float) -> None:
        """`share`: where the element is now."""
        if self.map.changed():
            self.map.read()
        bank = self._bank_number
        self.map.put(entry_for(desk.device, found, self.bank.spec(path), bank))
        self._lay()
        where = f" (bank {bank})" if bank > 1 else ""
        waits = self._waits_where(desk, found, path, share)
        self._say(f"{desk.words(found.source)} -> {path}{where}{waits}", False)

    def _waits_where(self, desk: Desk, found: Found, path: str, share: float) -> str:
        """That a fader waits, and for what, where it was learned beside its control; else ""."""
        for slot in desk.slots:
            if slot.entry.source != found.source or slot.spec.path != path:
                continue
            standing = self.acting.standing(slot)
            picks_up = slot.act is Act.FOLLOW and slot.takeover.mode is Mode.PICKUP
            if picks_up and abs(share - standing) > SAME:
                return f"; it waits: move it {_to(standing)}, where the control stands"
        return ""

    def forget(self, path: str) -> None:
        """Nothing moves `path` any more: its own entries go, those of profiles are covered."""
        if path not in self.bank:
            near = did_you_mean(path, self.bank.number)
            self._say(f"forget: no control is called '{path[:60]}'{near}", False)
            return
        if self.map.changed():
            self.map.read()
        gone = self.map.drop(lambda entry: entry.control != path)
        self._lay()
        for desk in self.desks.values():
            for slot in desk.slots:
                if slot.spec.path == path:
                    self.map.put(Entry(desk.device, slot.entry.source, NOTHING))
                    gone += 1
        self._lay()
        self._say(f"{path}: " + ("is forgotten" if gone else "nothing moved it"), False)

    def guarded(self, device: str, message: Sequence[int]) -> None:
        """`take`, but whatever goes wrong in a message ends here."""
        try:
            self.take(device, message)
        except Exception as error:
            name = type(error).__name__
            self.complaints.add(
                partial("{}: a message could not be read ({})".format, device, name)
            )


def _to(share: float) -> str:
    """A place on an element's way, in words."""
    if share <= SAME:
        return "down to its end"
    return "up to its end" if share >= 1.0 - SAME else f"past {share:.0%} of its way"
