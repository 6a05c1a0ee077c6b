"""`Source`: what at a device sends, as a fader or a pad; `Event`: one thing it said."""

from dataclasses import dataclass
from enum import Enum


class SourceKind(Enum):
    """The kinds of messages that an element of a controller speaks in."""

    NOTE = "note"
    CC = "cc"
    CC14 = "cc14"
    """Fourteen bits: CC n and CC n+32."""
    NRPN = "nrpn"
    BEND = "bend"
    PRESSURE = "pressure"
    """Of the whole channel (aftertouch)."""
    TOUCH = "touch"
    """Of one key (polyphonic aftertouch)."""
    PROGRAM = "program"


FINE = 16383
COARSE = 127
TOPS = {
    SourceKind.CC14: FINE, SourceKind.NRPN: FINE, SourceKind.BEND: FINE,
}  # fmt: skip
"""Highest value of the kinds of fourteen bits; that of all others is `COARSE`."""
NUMBERLESS = (SourceKind.BEND, SourceKind.PRESSURE, SourceKind.PROGRAM)
HIGHEST_NUMBER = {SourceKind.NRPN: FINE, SourceKind.CC14: 31}


@dataclass(frozen=True, slots=True)
class Source:
    """What sends. `channel` 1..16; `number` of the key, the CC or the NRPN, 0 where there is none."""

    kind: SourceKind
    channel: int
    number: int = 0

    @property
    def top(self) -> int:
        """Its highest value, 127 or 16383."""
        return TOPS.get(self.kind, COARSE)

    @property
    def words(self) -> str:
        """As it is said: ``cc 16 on channel 1``."""
        number = "" if self.kind in NUMBERLESS else f" {self.number}"
        return f"{self.kind.value}{number} on channel {self.channel}"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing said by a source: `raw` 0..`source.top` (for a note its velocity, 0 when let go)."""

    source: Source
    raw: int

    @property
    def share(self) -> float:
        """The value as 0..1."""
        return self.raw / self.source.top

    @property
    def is_down(self) -> bool:
        """Whether it is pressed: a note that sounds, anything else from the middle up."""
        if self.source.kind is SourceKind.NOTE:
            return self.raw > 0
        return self.raw * 2 > self.source.top
