"""The lane of the sound: how loud it was, as a shape around its middle."""

import numpy as np

from instrument.score.fold import Fold
from instrument.score.paper import GREY, INK, PALE, Paper, Weight
from instrument.score.plan import MARGIN, Band
from instrument.score.span import bridged
from instrument.score.time_axis import TimeAxis

QUIETEST_LUFS, LOUDEST_LUFS = -60.0, -8.0
OPEN_S = 3.0


def draw_sound(paper: Paper, band: Band, axis: TimeAxis, loudness: Fold) -> None:
    """Momentary loudness (LUFS) over time; as wide as the lane at -8, a line at -60."""
    most = max(2, round(OPEN_S / loudness.column_s))
    levels = bridged(loudness.highs[:, 0], most)
    shares = np.clip((levels - QUIETEST_LUFS) / (LOUDEST_LUFS - QUIETEST_LUFS), 0.0, 1.0)
    half = 0.5 * band.height * shares
    paper.line((axis.left, axis.right), (band.middle,) * 2, 0.08, PALE)
    paper.area(axis.xs(loudness.times_s), band.middle - half, band.middle + half, INK)
    paper.text(MARGIN, band.middle + 0.3, "loudness", 6.8)
    said = loudness.highs[np.isfinite(loudness.highs)]
    words = f"up to {said.max():.0f} LUFS" if said.size and said.max() > -120 else "silence"
    paper.text(MARGIN, band.middle - 2.1, words, 4.7, Weight.LIGHT, GREY)
