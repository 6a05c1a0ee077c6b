"""The lanes of streams: a black line for what a net did, paler where it went back and forth."""

import numpy as np

from instrument.score.fold import Fold
from instrument.score.paper import FAINT, GREY, INK, PALE, Paper, Weight, shortened, width_mm
from instrument.score.plan import LABELS, MARGIN, Band
from instrument.score.span import Scale, bridged, number_text, scale_of, smooth
from instrument.score.time_axis import TimeAxis
from instrument.score.words import wrapped
from instrument.signals.spoken import stream_words
from instrument.signals.streams import StreamSpec

SMOOTH_MM = 0.7
OPEN_MM, OPEN_S = 1.5, 1.0
"""Where nothing was said for longer than both of these, the line is broken: the training was held."""
STROKES: tuple[tuple[str, float, tuple[float, float] | None], ...] = (
    (INK, 0.3, None), (GREY, 0.24, None), (INK, 0.24, (3.0, 2.2)),
)  # fmt: skip
NAME_POINTS, NOTE_POINTS, NUMBER_POINTS, END_POINTS = 6.8, 4.7, 4.8, 5.6
NUMBER_ROOM = 8.0
NOTE_LEADING = 2.05
ENDS_APART = 2.4
TOGETHER = {
    "loss": "how much each net still gets wrong",
    "score": "how real digits and samples look to the discriminator",
    "grad norm": "how hard each net is pushed",
}
"""What a lane of two says, by what their names share."""


def draw_lane(
    paper: Paper, band: Band, axis: TimeAxis, specs: tuple[StreamSpec, ...], fold: Fold, first: int
) -> None:
    """One lane; its streams are the columns of the fold from `first`."""
    places = slice(first, first + len(specs))
    lows, highs, means = fold.lows[:, places], fold.highs[:, places], fold.means[:, places]
    scale = scale_of(specs, lows, highs)
    xs, most = axis.xs(fold.times_s), _widest_gap(axis, fold.column_s)
    column_mm = fold.column_s * axis.mm_per_s

    def ys(values: np.ndarray) -> np.ndarray:
        return band.bottom + scale.shares(values) * band.height

    paper.line((axis.left, axis.right), (band.bottom, band.bottom), 0.08, PALE)
    for n in range(len(specs)):
        low, high = (ys(bridged(edge[:, n], most)) for edge in (lows, highs))
        paper.area(xs, low, high, FAINT)
    ends: list[tuple[float, int]] = []
    for n, (colour, width, dashes) in enumerate(STROKES[: len(specs)]):
        line = ys(smooth(bridged(means[:, n], most), round(SMOOTH_MM / column_mm)))
        paper.line(xs, line, width, colour, dashes)
        said = line[np.isfinite(line)]
        if said.size:
            ends.append((float(said[-1]), n))
    _names(paper, band, axis, specs, scale)
    if len(specs) > 1:
        _ends(paper, band, axis, specs, ends)


def _widest_gap(axis: TimeAxis, column_s: float) -> int:
    return max(2, round(max(OPEN_S, OPEN_MM / axis.mm_per_s) / column_s))


def shared_name(specs: tuple[StreamSpec, ...]) -> str:
    """What a lane is called: the name, or what the names share, or all of them."""
    words = [spec.name.split("_") for spec in specs]
    shared = words[0]
    for other in words[1:]:
        same = [a == b for a, b in zip(shared, other, strict=False)]
        shared = shared[: same.index(False) if False in same else len(same)]
    return " ".join(shared) or ", ".join(spec.name for spec in specs)


def _names(
    paper: Paper, band: Band, axis: TimeAxis, specs: tuple[StreamSpec, ...],
    scale: Scale,
) -> None:  # fmt: skip
    room = LABELS - NUMBER_ROOM
    name = shared_name(specs)
    top = band.top - 1.9
    paper.text(MARGIN, top, shortened(name, NAME_POINTS, room), NAME_POINTS)
    note = TOGETHER.get(name, "") if len(specs) > 1 else specs[0].help.partition(";")[0]
    rows = int((top - band.bottom) / NOTE_LEADING)
    for number, words in enumerate(wrapped(note, int(room / (NOTE_POINTS * 0.2117)))[:rows]):
        paper.text(
            MARGIN, top - (number + 1) * NOTE_LEADING - 0.2, words, NOTE_POINTS, Weight.LIGHT, GREY
        )
    units = {spec.unit for spec in specs}
    unit = f" {units.pop()}".rstrip() if len(units) == 1 else ""
    for value in scale.numbers:
        y = band.bottom + float(scale.shares(np.array(value))) * (band.height - 1.2)
        words = number_text(value) + (unit if value == scale.high else "")
        if width_mm(words, NUMBER_POINTS) > NUMBER_ROOM + 0.3:
            words = number_text(value)
        paper.text(axis.left - 1.4, y, words, NUMBER_POINTS, Weight.LIGHT, GREY, "right")


def _ends(
    paper: Paper, band: Band, axis: TimeAxis, specs: tuple[StreamSpec, ...],
    ends: list[tuple[float, int]],
) -> None:  # fmt: skip
    """The name of each line where it ends, never one over the other."""
    for y, n in spread(sorted(ends), band.bottom + 0.8, band.top - 0.8, ENDS_APART):
        colour = STROKES[n][0]
        paper.text(
            axis.right + 1.6,
            y,
            stream_words(specs[n].name),
            END_POINTS,
            colour=colour,
            level="center",
        )


def spread(
    places: list[tuple[float, int]], low: float, high: float, apart: float
) -> list[tuple[float, int]]:
    """Places from below, moved as little as need be so that they are `apart` and within low..high."""
    moved: list[tuple[float, int]] = []
    for y, n in places:
        least = moved[-1][0] + apart if moved else low
        moved.append((max(y, least), n))
    ceiling = high
    for number in range(len(moved) - 1, -1, -1):
        y, n = moved[number]
        moved[number] = (min(y, ceiling), n)
        ceiling = moved[number][0] - apart
    return moved
