"""`Recogniser`: what a hand is moving at a controller, while it is learned. Pure, time handed in.

| what comes from one source                              | it is                                       |
|---------------------------------------------------------|---------------------------------------------|
| a note struck                                           | a pad or key; its velocity counts below 127 |
| nothing but 0 and one value from 64 up, ending in 0     | a button                                    |
| values beside 0, 64 or 128, three equal or both ways    | an endless encoder; "turn it back" where    |
|                                                         | the way it was turned leaves two meanings   |
| CC n and CC n+32 within 3 ms, three times               | fourteen bits, then as a fader              |
| three values or more, 8 of 127 apart                    | a fader or knob                             |
| a program change                                        | nothing: it goes to a scene                 |

What a source said is forgotten when it is silent for two seconds.
"""

from dataclasses import dataclass, field, replace
from itertools import pairwise

from instrument.hands.midi.incoming import ALONE_AFTER_S, LOW_HALF
from instrument.hands.midi.relative import Encoding, encoding_of, is_turning, may_turn
from instrument.hands.midi.source import COARSE, Event, Source, SourceKind

SILENT_S = 2.0
MOVED = 8
"""So many of 127 a fader has to move: one that trembles is not learned."""
DISTINCT = 3
PAIRS = 3
MOST_KEPT = 64
BUTTON_FROM = 64


@dataclass(frozen=True)
class Found:
    """What was moved."""

    source: Source
    press: bool = False
    encoding: Encoding | None = None
    velocity: bool = False


@dataclass(frozen=True)
class TurnBack:
    """An encoder whose language shows only when it is turned the other way, too."""

    source: Source


@dataclass
class _Record:
    values: list[int] = field(default_factory=list)
    last_s: float = 0.0
    pairs: int = 0


class Recogniser:
    """Listens to one device."""

    def __init__(self) -> None:
        self._records: dict[Source, _Record] = {}
        self._last: Source | None = None
        self._last_s = float("-inf")

    def take(self, event: Event, now_s: float) -> Found | TurnBack | None:
        """One event; what was moved, as soon as it is clear."""
        source = event.source
        record = self._record(event, now_s)
        kind = source.kind
        if kind is SourceKind.NOTE:
            return Found(source, press=True, velocity=event.raw < COARSE) if event.raw else None
        if kind is SourceKind.PROGRAM:
            return None
        if kind is SourceKind.CC:
            return self._change(source, record)
        return Found(source) if _is_moved(record.values, source.top) else None

    def _record(self, event: Event, now_s: float) -> _Record:
        source = event.source
        record = self._records.setdefault(source, _Record())
        if now_s - record.last_s > SILENT_S:
            record.values, record.pairs = [], 0
        record.values = [*record.values[-MOST_KEPT + 1 :], event.raw]
        record.last_s = now_s
        if source.kind is SourceKind.CC and source.number >= LOW_HALF:
            high = replace(source, number=source.number - LOW_HALF)
            if self._last == high and now_s - self._last_s <= ALONE_AFTER_S:
                record.pairs += 1
                self._records[high].pairs += 1
        self._last, self._last_s = source, now_s
        return record

    def _change(self, source: Source, record: _Record) -> Found | TurnBack | None:
        values = record.values
        if record.pairs >= 1:
            is_high = source.number < LOW_HALF and record.pairs >= PAIRS
            if is_high and _is_moved(values, COARSE):
                return Found(Source(SourceKind.CC14, source.channel, source.number))
            return None
        if _is_pressed(values):
            return Found(source, press=True)
        if is_turning(values):
            encoding = encoding_of(values)
            return TurnBack(source) if encoding is None else Found(source, encoding=encoding)
        far = not may_turn(values) and _is_moved(values, COARSE)
        return Found(source) if far else None


def _is_moved(values: list[int], top: int) -> bool:
    far = max(values) - min(values) >= MOVED * (top + 1) // (COARSE + 1)
    return far and len(set(values)) >= DISTINCT


def _is_pressed(values: list[int]) -> bool:
    """Whether a button was pressed and let go."""
    highs = {value for value in values if value}
    if len(highs) != 1 or min(highs) < BUTTON_FROM or values[-1] != 0:
        return False
    return any(value and after == 0 for value, after in pairwise(values))
