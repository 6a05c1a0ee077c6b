"""Damaged places of a run as holes in its time."""

from collections.abc import Iterator
from dataclasses import dataclass

from mcap.opcode import Opcode

from instrument.salvage.survey import Survey
from instrument.salvage.walk import Gap

COSTS = (0, int(Opcode.CHUNK), int(Opcode.MESSAGE))
"""Damaged records of other kinds cost no frames."""


@dataclass(frozen=True)
class Hole:
    """Bytes that cannot be read, and the seconds of the run between what is before and behind."""

    at_byte: int
    bytes: int
    what: str
    at_s: float
    lasts_s: float | None
    """None where nobody knows, as nothing is behind it; 0 where no frames are lost."""
    last: bool = False
    """Whether nothing is behind it."""

    def __str__(self) -> str:
        size = f"{self.what} ({self.bytes:,} bytes)"
        if self.lasts_s is None:
            return f"{size}; " + (
                "nothing is behind it" if self.last else "how long it was nobody knows"
            )
        return (
            f"{size}; {self.lasts_s:.2f} s are lost"
            if self.lasts_s
            else f"{size}; no frame is lost"
        )


def holes_of(survey: Survey) -> Iterator[Hole]:
    """The holes of a run in the order of the file; damaged bytes one after the other are one."""
    places, joined = survey.places, list(_joined(survey))
    for gap, number in joined:
        before_ns = places[number - 1].end_ns if number else survey.begin_ns
        last, lasts_s = number >= len(places), None
        if gap.opcode not in COSTS:
            lasts_s = 0.0
        elif not last and places[number].begin_ns > before_ns:  # else the chunks are out of order
            lasts_s = (places[number].begin_ns - before_ns) / 1e9
        yield Hole(
            gap.at_byte,
            gap.end_byte - gap.at_byte,
            gap.what,
            survey.second_of(before_ns),
            lasts_s,
            last,
        )


def _joined(survey: Survey) -> Iterator[tuple[Gap, int]]:
    held: tuple[Gap, int] | None = None
    for gap, number in survey.gaps:
        if held is not None and held[1] == number and held[0].end_byte == gap.at_byte:
            first = held[0]
            costs = gap.opcode if gap.opcode in COSTS else first.opcode
            held = Gap(first.at_byte, gap.end_byte, first.what, costs), number
            continue
        if held is not None:
            yield held
        held = gap, number
    if held is not None:
        yield held
