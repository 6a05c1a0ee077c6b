"""The rows of the hands, in red: acts as notes, and the way of a control as one stroke."""

from collections.abc import Sequence

import numpy as np

from instrument.score.acts import draw_own
from instrument.score.hands import Part
from instrument.score.paper import (
    ACCENT,
    ACCENT_PALE,
    GREY,
    INK,
    Paper,
    Weight,
    shortened,
    width_mm,
)
from instrument.score.plan import LABELS, MARGIN, Band
from instrument.score.time_axis import TimeAxis
from instrument.signals.controls import Bank
from instrument.signals.spoken import control_words, printable, stream_words
from instrument.units import Number

NAME_POINTS, HAND_POINTS, VALUE_POINTS = 6.4, 4.7, 4.6
HAND_ROOM = 10.0
FOOT, FILLED = 0.12, 0.74
"""Of a row's height: where a control stands at its lowest, and how far it moves."""
OVER_MM, UNDER_MM = 0.6, 1.75
"""From a stroke to the line of a value over or under it."""
DEPTH_MM, TALL_MM = 0.3, 1.25
"""What the letters of a value take below and above their line."""
SPILL_MM = 0.5
"""So far they may reach into the next row, which begins and ends with nothing."""
SAID_VALUES = 6
"""The values of a control that moved no oftener are written beside it."""


def chosen(parts: Sequence[Part], rows: int) -> tuple[list[Part], list[Part]]:
    """The parts that have a row of their own, in the order of their first moment, and the others."""
    if len(parts) <= rows:
        return list(parts), []
    weight = {id(part): _weight(part) for part in parts}
    kept = sorted(parts, key=lambda part: -weight[id(part)])[: max(1, rows - 1)]
    ids = {id(part) for part in kept}
    return [p for p in parts if id(p) in ids], [p for p in parts if id(p) not in ids]


def _weight(part: Part) -> float:
    """How much there is to see of it; the training comes first."""
    return (10.0 if part.path.startswith("learning.") else 0.0) + min(
        9.0, part.way + 0.5 * len(part.acts)
    )


def draw_hands(
    paper: Paper, bands: Sequence[Band], axis: TimeAxis, parts: Sequence[Part], bank: Bank
) -> None:
    """A row for each part. What has no row of its own shares the last."""
    own, others = chosen(parts, len(bands))
    for row, part in zip(bands, own, strict=False):
        _label(paper, row, control_words(part.path), part.hand)
        if part.acts:
            draw_own(paper, row, axis, part.acts)
        else:
            _way(paper, row, axis, part, bank)
    if others:
        _label(paper, bands[-1], f"{len(others)} more", "")
        moments = [
            at_s for part in others for at_s in (*part.times_s, *(a.at_s for a in part.acts))
        ]
        xs = sorted({round(axis.x(at_s), 1) for at_s in moments})
        for x in xs:
            paper.line((x, x), (bands[-1].bottom + 0.8, bands[-1].bottom + 1.8), 0.12, ACCENT)


def _label(paper: Paper, row: Band, name: str, hand: str) -> None:
    who = shortened(printable(hand), HAND_POINTS, HAND_ROOM - 1.4)
    y = row.bottom + 0.16 * row.height
    paper.text(MARGIN, y, shortened(name, NAME_POINTS, LABELS - HAND_ROOM - 1.0), NAME_POINTS)
    paper.text(MARGIN + LABELS - 1.4, y, who, HAND_POINTS, Weight.LIGHT, GREY, "right")


def _way(paper: Paper, row: Band, axis: TimeAxis, part: Part, bank: Bank) -> None:
    """Filled between where the control rested at first and where it is."""
    times = np.append(part.times_s, axis.length_s)
    positions = np.append(part.positions, part.positions[-1])
    rest = _height(row, positions[0])
    ys, xs = _height(row, positions), axis.xs(times)
    paper.line((axis.left, axis.right), (rest, rest), 0.08, ACCENT_PALE)
    paper.area(xs, np.minimum(ys, rest), np.maximum(ys, rest), ACCENT_PALE)
    resting = np.flatnonzero((positions[:-1] == positions[0]) & (positions[1:] == positions[0]))
    paper.line(np.insert(xs, resting + 1, np.nan), np.insert(ys, resting + 1, np.nan), 0.3, ACCENT)
    _values(paper, row, axis, part, bank)


def _values(paper: Paper, row: Band, axis: TimeAxis, part: Part, bank: Bank) -> None:
    """What a control was put to, where it rests long enough to be read."""
    if part.path not in bank or len(part.positions) > 2 * SAID_VALUES:
        return
    spec, free = bank.spec(part.path), axis.left
    times = [*part.times_s[1:], axis.length_s]
    for at_s, until_s, position in zip(part.times_s, times, part.positions, strict=True):
        words = stream_words(spec.text(spec.map(position)))
        x, wide = axis.x(at_s) + 0.7, width_mm(words, VALUE_POINTS)
        if position == part.positions[0] or x < free or x + wide > axis.x(until_s):
            continue
        y = value_place(row, position, part.positions[0])
        paper.text(x, y, words, VALUE_POINTS, colour=INK)
        free = x + wide + 1.0


def _height(row: Band, position: Number) -> Number:
    """Of a position, or of many."""
    return row.bottom + (FOOT + FILLED * position) * row.height


def value_place(row: Band, position: float, resting: float) -> float:
    """The baseline of a value: over or under its stroke, where no line crosses it and no row is left."""
    high, rest = _height(row, position), _height(row, resting)
    over, under = high + OVER_MM, high - UNDER_MM
    wanted = (over, under) if position < max(0.55, resting) else (under, over)
    beyond = (max(high, rest) + OVER_MM, min(high, rest) - UNDER_MM)
    for y in (*wanted, *beyond):
        low, top = y - DEPTH_MM, y + TALL_MM
        if not low < rest < top and row.bottom - SPILL_MM <= low and top <= row.top + SPILL_MM:
            return y
    return wanted[0]
