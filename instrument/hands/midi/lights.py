"""`Lights`: what a controller shows. At most thirty times a second per light, and only what changed."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from instrument.hands.midi.acting import Acting, shows_on
from instrument.hands.midi.desk import Desk, Slot
from instrument.hands.midi.entry import Act
from instrument.hands.midi.incoming import DATA, DATA_LOW, LOW_HALF, NRPN_HIGH, NRPN_LOW
from instrument.hands.midi.profile import Element, Light
from instrument.hands.midi.source import Source, SourceKind

EVERY_S = 1 / 30
BLINK_S = 0.25
MOST_AT_ONCE = 24
"""Messages for one device at once; the cable of an old one carries thirty in this time."""
HAND_S = 0.3
"""So long after a hand moved it nothing is sent to a motor or a ring."""


@dataclass(frozen=True)
class Scenery:
    """What lights need to know of the show: `scene` is the number of the scene gone to, 0 for none."""

    scene: int
    position: Callable[[str], float]


class Lights:
    """The lights of one device. MIDI thread, under the hand's lock."""

    def __init__(self, desk: Desk, acting: Acting, send: Callable[[Sequence[int]], bool]) -> None:
        self._desk = desk
        self._acting = acting
        self._send = send
        self._sent: dict[Source, int] = {}

    @property
    def any(self) -> bool:
        """Whether there is anything on the device that can be shown."""
        profile = self._desk.profile
        elements = () if profile is None else profile.elements.values()
        return any(element.light is not None or element.follows for element in elements)

    def show(self, scenery: Scenery, now_s: float) -> None:
        """Send what changed since the last time."""
        count = 0
        for target, value in self._wanted(scenery, now_s).items():
            if self._sent.get(target) == value:
                continue
            if count >= MOST_AT_ONCE:
                return
            count += 1
            if all([self._send(message) for message in messages_of(target, value)]):
                self._sent[target] = value

    def dark(self) -> None:
        """All lights off."""
        if self._desk.profile is None:
            return
        for element in self._desk.profile.elements.values():
            light = element.light
            if light is not None and self._sent.get(light.source, light.off) != light.off:
                for message in messages_of(light.source, light.off):
                    self._send(message)
        self._sent.clear()

    def _wanted(self, scenery: Scenery, now_s: float) -> dict[Source, int]:
        """Value of every light and ring, by where it is sent."""
        wanted: dict[Source, int] = {}
        waiting: dict[Source, int] = {}
        profile = self._desk.profile
        if profile is None:
            return wanted
        bright = int(now_s / BLINK_S) % 2 == 0
        for element in profile.elements.values():
            if element.light is not None:
                wanted[element.light.source] = element.light.off
        for slot, element in self._slots():
            if element.light is not None:
                on = shows_on(slot, scenery.position(slot.spec.path), scenery.scene)
                if on:
                    wanted[element.light.source] = element.light.on
            if element.follows:
                self._ring(slot, element, wanted, now_s)
            elif slot.act is Act.FOLLOW and self._waits(slot):
                at = profile.elements.get(element.waits, element).light
                if at is not None:
                    waiting[at.source] = _blink(at, bright)
        return {**wanted, **waiting}

    def _slots(self) -> Iterator[tuple[Slot, Element]]:
        for slot in self._desk.slots:
            element = self._desk.element(slot.entry.source)
            if element is not None:
                yield slot, element

    def _waits(self, slot: Slot) -> bool:
        slot.takeover.look(self._acting.standing(slot))
        return slot.takeover.waits

    def _ring(self, slot: Slot, element: Element, wanted: dict[Source, int], now_s: float) -> None:
        if now_s - slot.heard_s < HAND_S:
            self._sent.pop(element.source, None)
            return
        share = self._acting.standing(slot)
        wanted[element.source] = round(share * element.source.top)
        slot.takeover.place(share)


def _blink(light: Light, bright: bool) -> int:
    if light.waits is not None:
        return light.waits
    return light.on if bright else light.off


def messages_of(source: Source, value: int) -> list[list[int]]:
    """The messages that say `value` (0..`source.top`) to what a source is."""
    channel, number = source.channel - 1, source.number
    high, low = value >> 7, value & 127
    match source.kind:
        case SourceKind.NOTE:
            return [[0x90 | channel, number, value]]
        case SourceKind.CC:
            return [[0xB0 | channel, number, value]]
        case SourceKind.CC14:
            return [[0xB0 | channel, number, high], [0xB0 | channel, number + LOW_HALF, low]]
        case SourceKind.BEND:
            return [[0xE0 | channel, low, high]]
        case SourceKind.PRESSURE:
            return [[0xD0 | channel, value]]
        case SourceKind.TOUCH:
            return [[0xA0 | channel, number, value]]
        case SourceKind.NRPN:
            change = 0xB0 | channel
            name = [[change, NRPN_HIGH, number >> 7], [change, NRPN_LOW, number & 127]]
            return [*name, [change, DATA, high], [change, DATA_LOW, low]]
        case _:
            return [[0xC0 | channel, value]]
