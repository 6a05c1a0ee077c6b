"""Cues and scenes above the page, as rehearsal marks above a staff; morphs as hairpins."""

from collections.abc import Sequence
from dataclasses import dataclass

from instrument.score.cues import CueMark, Morph
from instrument.score.paper import ACCENT, ACCENT_PALE, Paper, Weight, shortened, width_mm
from instrument.score.plan import MARGIN, Band
from instrument.score.time_axis import TimeAxis
from instrument.signals.spoken import stream_words

POINTS = 5.6
MOST_ROWS = 3
AIR = 1.6
LEAST_LETTERS = 4
DOTS = (1.4, 2.2)
NAME_MM = 34.0
"""A longer name is cut."""


@dataclass(frozen=True)
class Placed:
    """A mark with its place: `row` from the top; the words may be less than its name, or none."""

    mark: CueMark
    x: float
    row: int
    number: str
    words: str


def placed(marks: Sequence[CueMark], axis: TimeAxis) -> list[Placed]:
    """Every mark in the first row where it does not touch another; where there is none, its line alone.

    A name has room until the mark comes that may stand in the same row.
    """
    free = [float("-inf")] * MOST_ROWS
    found: list[Placed] = []
    ends = [axis.x(mark.at_s) - AIR for mark in marks[MOST_ROWS:]]
    for place, mark in enumerate(marks):
        x = axis.x(mark.at_s)
        number = str(mark.number) if mark.number else ""
        end = ends[place] if place < len(ends) else axis.right + 20.0
        words = shortened(stream_words(mark.name), POINTS, min(NAME_MM, end - x - _box_mm(number)))
        words = words if len(words) >= min(LEAST_LETTERS, len(mark.name)) else ""
        for row in range(MOST_ROWS):
            if x >= free[row]:
                free[row] = x + _box_mm(number) + width_mm(words, POINTS) + AIR
                found.append(Placed(mark, x, row, number, words))
                break
        else:
            found.append(Placed(mark, x, -1, "", ""))
    return found


def row_count(marks: Sequence[Placed], morphs: Sequence[Morph]) -> int:
    """How many rows they need, one more for the hairpins."""
    return max((mark.row + 1 for mark in marks), default=0) + bool(morphs)


def _box_mm(number: str) -> float:
    return width_mm(number, POINTS) + 2.2 if number else 0.0


def draw_cues(
    paper: Paper, band: Band, axis: TimeAxis, marks: Sequence[Placed], morphs: Sequence[Morph],
    down_to: float,
) -> None:  # fmt: skip
    """All of them, and a thin line from each mark down through the page."""
    rows = band.rows(row_count(marks, morphs))
    paper.text(
        MARGIN,
        rows[0].middle,
        "cues" if any(m.number for m in marks) else "scenes",
        6.8,
        level="center",
    )
    for mark in marks:
        paper.line((mark.x, mark.x), (down_to, band.bottom), 0.14, ACCENT_PALE, DOTS)
        if mark.row >= 0:
            _mark(paper, rows[mark.row], mark)
    for morph in morphs:
        _hairpin(paper, rows[-1], axis, morph)


def _mark(paper: Paper, row: Band, mark: Placed) -> None:
    x, high = mark.x, 2.9
    if mark.number:
        wide = _box_mm(mark.number) - 0.8
        paper.box(x, row.middle - high / 2, wide, high, ACCENT, border=0.18)
        paper.text(
            x + wide / 2, row.middle, mark.number, POINTS, Weight.BOLD, ACCENT, "center", "center"
        )
    paper.text(
        x + _box_mm(mark.number), row.middle, mark.words, POINTS, level="center", colour=ACCENT
    )


def _hairpin(paper: Paper, row: Band, axis: TimeAxis, morph: Morph) -> None:
    """It opens as the scene comes, like a crescendo."""
    left, right = axis.x(morph.begin_s), axis.x(morph.end_s)
    for side in (-1.0, 1.0):
        paper.line((left, right), (row.middle, row.middle + side * 1.05), 0.18, ACCENT)
