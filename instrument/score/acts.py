"""Acts as notes: all in a row or two with their names, or, where they are many, a row for each control."""

from collections.abc import Sequence
from dataclasses import dataclass

from instrument.score.hands import Act, Part
from instrument.score.paper import ACCENT, ACCENT_PALE, Paper, width_mm
from instrument.score.plan import MARGIN, Band
from instrument.score.time_axis import TimeAxis
from instrument.signals.spoken import control_words

HEAD_MM = (0.45, 0.9)
"""Radius of a note, of the weakest act and of the strongest."""
LABEL_POINTS, NAME_POINTS = 6.4, 5.2
AIR = 1.2
MOST_ROWS = 2


@dataclass(frozen=True)
class Note:
    """An act in a row it shares with others, and its name, written after it."""

    act: Act
    x: float
    row: int
    words: str


def together(parts: Sequence[Part], axis: TimeAxis) -> list[Note] | None:
    """All acts in at most `MOST_ROWS` rows, none over another; None where they are too many for that."""
    acts = [(act, control_words(part.path)) for part in parts for act in part.acts]
    free, notes = [float("-inf")] * MOST_ROWS, []
    for act, words in sorted(acts, key=lambda pair: pair[0].at_s):
        x = axis.x(act.at_s)
        row = next((row for row, until in enumerate(free) if x - HEAD_MM[1] >= until), None)
        if row is None:
            return None
        free[row] = x + HEAD_MM[1] + 0.6 + width_mm(words, NAME_POINTS) + AIR
        notes.append(Note(act, x, row, words))
    return notes


def note_rows(notes: Sequence[Note]) -> int:
    """How many rows they need."""
    return max((note.row + 1 for note in notes), default=0)


def draw_together(
    paper: Paper, rows: Sequence[Band], axis: TimeAxis, notes: Sequence[Note]
) -> None:
    """The notes of `together`, each with its name."""
    for row in rows:
        _ground(paper, row, axis)
    paper.text(MARGIN, rows[0].bottom + 0.16 * rows[0].height, "acts", LABEL_POINTS)
    for note in notes:
        row = rows[note.row]
        radius = _note(paper, row, note.x, note.act)
        y = row.bottom + 0.2 * row.height
        paper.text(note.x + radius + 0.6, y, note.words, NAME_POINTS, colour=ACCENT)


def draw_own(paper: Paper, row: Band, axis: TimeAxis, acts: Sequence[Act]) -> None:
    """The acts of one control in a row of its own."""
    _ground(paper, row, axis)
    for act in acts:
        _note(paper, row, axis.x(act.at_s), act)


def _ground(paper: Paper, row: Band, axis: TimeAxis) -> None:
    y = row.bottom + 0.16 * row.height
    paper.line((axis.left, axis.right), (y, y), 0.08, ACCENT_PALE)


def _note(paper: Paper, row: Band, x: float, act: Act) -> float:
    """A head as large as the act was strong, and a stem; the radius of the head."""
    small, large = HEAD_MM
    radius = small + (large - small) * min(1.0, max(0.0, act.position))
    y = row.bottom + 0.16 * row.height + radius
    paper.dot(x, y, radius, ACCENT)
    paper.line((x + radius - 0.1,) * 2, (y, row.top - 0.2), 0.2, ACCENT)
    return radius
