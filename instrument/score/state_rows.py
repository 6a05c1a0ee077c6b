"""The states of the training: a row for each that occurred, black where it stood."""

from collections.abc import Sequence

import numpy as np

from instrument.score.fold import Fold
from instrument.score.paper import FAINT, INK, Paper
from instrument.score.plan import MARGIN, Band
from instrument.score.time_axis import TimeAxis

POINTS = 6.2
THICK = 0.62
"""Of a row's height."""
ORDER = ("noise", "underfit", "partial", "healthy", "tyrant", "collapse")
LEAST_SHARE = 0.005
"""A state that stood for less of the run is left out."""


def occurred(states: Sequence[str], shares: Fold) -> tuple[int, ...]:
    """Numbers of the states that have a row: from noise to order, then what goes wrong with order."""
    counts = shares.sums
    if not counts.size:
        return ()
    total = counts.sum(axis=0)
    stood = [n for n in range(len(states)) if total[n] > LEAST_SHARE * total.sum()]
    return tuple(sorted(stood, key=lambda n: ORDER.index(states[n]) if states[n] in ORDER else 99))


def draw_states(
    paper: Paper, band: Band, axis: TimeAxis, states: Sequence[str], shares: Fold
) -> None:
    """All rows. A column is black for the state that most of its steps were in."""
    rows = occurred(states, shares)
    half_s = shares.column_s / 2
    counts = bridge(shares.sums)
    for row, state in zip(band.rows(len(rows)), rows, strict=True):
        paper.text(MARGIN, row.middle + 0.3, states[state], POINTS, level="center")
        height = THICK * row.height
        paper.box(axis.left, row.middle - height / 2, axis.right - axis.left, height, FAINT)
        for begin, end in standing(counts, state):
            left = axis.x(shares.times_s[begin] - half_s)
            right = axis.x(shares.times_s[end - 1] + half_s)
            paper.box(left, row.middle - height / 2, max(right - left, 0.1), height, INK)


def bridge(counts: np.ndarray) -> np.ndarray:
    """Columns without a step take over what stood before them: a held training stays where it is."""
    said = counts.sum(axis=1) > 0
    last = np.maximum.accumulate(np.where(said, np.arange(len(said)), 0))
    filled: np.ndarray = counts[last]
    return filled


def standing(counts: np.ndarray, state: int) -> list[tuple[int, int]]:
    """From which column to which (exclusive) a state was the one most steps were in."""
    stood = (counts.argmax(axis=1) == state) & (counts.sum(axis=1) > 0)
    edges = np.flatnonzero(np.diff(np.concatenate(([0], stood.astype(np.int8), [0]))))
    return [(int(a), int(b)) for a, b in zip(edges[0::2], edges[1::2], strict=True)]
