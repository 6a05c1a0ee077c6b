"""`Incoming`: the messages of one device become events. Pure state machines, time handed in.

| message                    | what comes of it                                                         |
|----------------------------|--------------------------------------------------------------------------|
| note on, velocity > 0      | note, its velocity                                                       |
| note off; note on with 0   | note, 0                                                                  |
| CC n of a 14-bit pair      | the high half; alone it counts after 3 ms                                |
| CC n+32 of such a pair     | the low half: cc14 with the high half as it stands; nothing before one   |
| CC 99, CC 98               | the number of an NRPN (and a plain CC, too)                              |
| CC 101, CC 100             | the number is forgotten: what follows is meant for an RPN                |
| CC 6, CC 38 with a number  | its halves, as those of a pair: nrpn                                     |
| any other CC               | cc                                                                       |
| pitch bend                 | bend, 14 bits                                                            |
| pressure of channel or key | pressure, touch                                                          |
| program change             | program                                                                  |
| anything else, or cut short| nothing                                                                  |

A high half alone stands for the whole: 127 is the top, as with seven bits. Running status is the
business of the library that gives whole messages.
"""

from collections.abc import Iterable, Sequence

from instrument.hands.midi.source import Event, Source, SourceKind

ALONE_AFTER_S = 0.003
LOW_HALF = 32
"""So far above its high half lies the low half of a CC."""
NRPN_LOW, NRPN_HIGH, RPN_LOW, RPN_HIGH = 98, 99, 100, 101
DATA, DATA_LOW = 6, 38

LENGTHS = {0x8: 3, 0x9: 3, 0xA: 3, 0xB: 3, 0xC: 2, 0xD: 2, 0xE: 3}


class Halves:
    """Two halves of fourteen bits that arrive one after the other.

    | state       | high h                          | low l            | 3 ms pass      |
    |-------------|---------------------------------|------------------|----------------|
    | unheard     | it waits                        | nothing          | nothing        |
    | high waits  | the one before alone; it waits  | h, l together    | h alone        |
    | known       | it waits                        | h, l together    | nothing        |
    """

    __slots__ = ("_high", "since_s")

    def __init__(self) -> None:
        self._high: int | None = None
        self.since_s: float | None = None
        """Since when a high half waits; None where none does."""

    def high(self, value: int, now_s: float) -> int | None:
        """A high half; gives the value of one that waited before."""
        before = self.alone()
        self._high, self.since_s = value, now_s
        return before

    def low(self, value: int) -> int | None:
        """A low half; gives the value of both."""
        if self._high is None:
            return None
        self.since_s = None
        return self._high << 7 | value

    def alone(self) -> int | None:
        """Give the value of a high half that waits, and wait no more."""
        if self.since_s is None or self._high is None:
            return None
        self.since_s = None
        return self._high << 7 | self._high


class Incoming:
    """Reads the messages of one device. Never raises, whatever the bytes are. One thread at a time."""

    def __init__(self) -> None:
        self._pairs: frozenset[tuple[int, int]] = frozenset()
        self._halves: dict[Source, Halves] = {}
        self._waiting: set[Source] = set()
        self._numbers: dict[int, list[int | None]] = {}

    def expect_pairs(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Which CCs speak in fourteen bits: channel 1..16 and number of the high half, 0..31."""
        self._pairs = frozenset(pairs)

    def take(self, message: Sequence[int], now_s: float) -> list[Event]:
        """The events of one whole message."""
        if not message:
            return []
        status = message[0]
        length = LENGTHS.get(status >> 4, 0)
        if not length or len(message) < length or status > 0xFF:
            return []
        if any(not 0 <= byte <= 127 for byte in message[1:length]):
            return []
        channel = (status & 0x0F) + 1
        first, last = message[1], message[length - 1]
        match status >> 4:
            case 0x8:
                return [Event(Source(SourceKind.NOTE, channel, first), 0)]
            case 0x9:
                return [Event(Source(SourceKind.NOTE, channel, first), last)]
            case 0xA:
                return [Event(Source(SourceKind.TOUCH, channel, first), last)]
            case 0xB:
                return self._change(channel, first, last, now_s)
            case 0xC:
                return [Event(Source(SourceKind.PROGRAM, channel), first)]
            case 0xD:
                return [Event(Source(SourceKind.PRESSURE, channel), first)]
            case _:
                return [Event(Source(SourceKind.BEND, channel), last << 7 | first)]

    def due(self, now_s: float) -> list[Event]:
        """The events of high halves whose low half did not come in time."""
        events: list[Event] = []
        for source in tuple(self._waiting):
            halves = self._halves[source]
            if halves.since_s is None:
                self._waiting.discard(source)
            elif now_s - halves.since_s >= ALONE_AFTER_S:
                self._waiting.discard(source)
                events += _said(source, halves.alone())
        return events

    @property
    def waits(self) -> bool:
        """Whether a high half waits: `due` is to be asked soon."""
        return bool(self._waiting)

    def _change(self, channel: int, number: int, value: int, now_s: float) -> list[Event]:
        plain = [Event(Source(SourceKind.CC, channel, number), value)]
        if number in (RPN_LOW, RPN_HIGH):
            self._numbers.pop(channel, None)
            return plain
        if number in (NRPN_LOW, NRPN_HIGH):
            self._numbers.setdefault(channel, [None, None])[number - NRPN_LOW] = value
            return plain
        if number in (DATA, DATA_LOW):
            low, high = self._numbers.get(channel, (None, None))
            if low is not None and high is not None:
                source = Source(SourceKind.NRPN, channel, high << 7 | low)
                return self._half(source, number == DATA, value, now_s)
        if (channel, number) in self._pairs:
            return self._half(Source(SourceKind.CC14, channel, number), True, value, now_s)
        if (channel, number - LOW_HALF) in self._pairs:
            source = Source(SourceKind.CC14, channel, number - LOW_HALF)
            return self._half(source, False, value, now_s)
        return plain

    def _half(self, source: Source, is_high: bool, value: int, now_s: float) -> list[Event]:
        halves = self._halves.setdefault(source, Halves())
        if not is_high:
            self._waiting.discard(source)
            return _said(source, halves.low(value))
        self._waiting.add(source)
        return _said(source, halves.high(value, now_s))


def _said(source: Source, raw: int | None) -> list[Event]:
    return [] if raw is None else [Event(source, raw)]
