"""Regular stripes: whether a picture has them, how many, over how much, and whether they reverse. NumPy.

ITU-R BT.1702 and the guidance of British broadcasting call a pattern harmful when it has more than
five light-dark pairs, clearly discernible and regular, over more than a quarter of the screen, and
worse when it flashes or reverses in contrast; none is when its light stripes stay below a quarter of
full luminance (50 of 200 cd/m2). Here, of twelve lines across and twelve down, each half by itself:

| a half line                                                              | is        |
|--------------------------------------------------------------------------|-----------|
| one frequency (and its two neighbours) holds 70% of what varies,          | striped   |
| and swings by half of full luminance                                      |           |
| anything else: widths that differ, one edge, noise, low contrast          | not       |

A line counts when its striped halves hold more than five pairs, and three neighbours are striped: a wall
of like digits has striped lines here and there. A barcode with widths from data is not regular: its
energy lies on many frequencies.
"""

from collections import deque
from dataclasses import dataclass

import numpy as np

from instrument.picture.flashes import LINEAR, WEIGHTS, Array

LINES, LENGTH = 12, 512
"""Lines across (and as many down), and how many samples each has."""
PAIRS = 5
AREA, AREA_GONE = 0.25, 0.2
REGULAR = 0.7
SWING = 0.5
LIGHT = 0.25
"""Luminance of the light stripes below which a regular pattern is harmless."""
THICK = 4
"""Pixels across a line whose mean is taken."""

UNEVEN = 0.618034
"""Lines stand at uneven distances (by the golden section), so that no wall of tiles is hit alike."""
_ROW = 3
"""So many neighbouring lines at least are striped where there are stripes, not a row of like things."""

_HALF = LENGTH // 2
_HANN = np.hanning(_HALF + 1)[:-1].astype(np.float32)
_LOWEST = 3
"""Periods per half line: with fewer there are no six pairs on the whole."""


@dataclass(frozen=True)
class Stripes:
    """What regular stripes a picture has.

    `area` of the screen 0..1 and `light`, the luminance of the lightest stripe (0 without any).
    `waves` complex (24, 3): the strongest frequency of the left, middle and right half of each line
    (across, then down), 0 where it is not striped; `pitch` its number of periods.
    """

    area: float
    light: float
    waves: Array
    pitch: Array


def stripes_of(lines: Array) -> Stripes:
    """From luminance float (24, 512): twelve lines across, from the top, then twelve down."""
    halves = np.stack([lines[:, at : at + _HALF] for at in (0, _HALF // 2, _HALF)], axis=1)
    level = halves.mean(axis=2, keepdims=True)
    waves = np.fft.rfft((halves - level) * _HANN, axis=2)
    power = np.abs(waves) ** 2
    whole = power.sum(axis=2)
    inner = power[..., _LOWEST:-1]
    pitch = inner.argmax(axis=2) + _LOWEST
    around = pitch[..., None] + np.array([-1, 0, 1])
    peak = np.take_along_axis(power, around, axis=2)
    near = peak.sum(axis=2)
    count = (peak * around).sum(axis=2) / np.maximum(near, 1e-9)
    # A sine of amplitude a has power 3/32 a^2 n^2 in the three bins around it, with this window.
    swing = 2.0 * np.sqrt(near * (32.0 / 3.0)) / _HALF
    striped = (near >= REGULAR * whole) & (swing >= SWING)
    left, middle, right = striped.T
    pairs = np.where(left | right, left * count[:, 0] + right * count[:, 2], middle * count[:, 1])
    enough = pairs > PAIRS + 0.5
    striped &= enough[:, None]
    striped = np.concatenate([_in_a_row(striped[:LINES]), _in_a_row(striped[LINES:])])
    left, middle, right = striped.T
    share = np.where(left | right, 0.5 * (left.astype(float) + right), 0.5 * middle)
    light = float(halves.max(axis=2)[striped].max()) if striped.any() else 0.0
    best = np.take_along_axis(waves, pitch[..., None], axis=2)[..., 0]
    return Stripes(
        float(max(share[:LINES].mean(), share[LINES:].mean())),
        light,
        np.where(striped, best, 0.0),
        pitch,
    )


def _in_a_row(striped: Array) -> Array:
    """What is left of (12, 3) when runs of lines shorter than three are taken away."""
    windows = np.lib.stride_tricks.sliding_window_view(striped, _ROW, axis=0)
    starts: Array = np.asarray(windows.all(axis=2))
    kept = np.zeros_like(striped)
    for number in range(_ROW):
        kept[number : number + len(starts)] |= starts
    return kept


def lines_of(picture: Array) -> Array:
    """The twelve lines across and twelve down of a picture, uint8 sRGB (height, width, 3)."""
    luminance = LINEAR[picture] @ WEIGHTS
    found = []
    for values in (luminance, luminance.T):
        width, length = values.shape
        at = np.arange(LENGTH) * length // LENGTH
        for number in range(LINES):
            low = int((number + number * UNEVEN % 1.0) / LINES * max(0, width - THICK))
            found.append(values[low : low + THICK, at].mean(axis=0))
    return np.array(found, np.float32)


class StripeMeter:
    """The worst stripes of a sequence of finished pictures.

    `area`: the largest area of regular stripes whose light ones are above a quarter of full luminance;
    `reversals`: most contrast reversals of more than a quarter of the screen in any second.
    """

    def __init__(self) -> None:
        self.area, self.reversals = 0.0, 0
        self._waves = np.zeros((2 * LINES, 3), complex)
        self._pitch = np.zeros((2 * LINES, 3), int)
        self._times: deque[float] = deque()

    def take(self, picture: Array, time_s: float) -> None:
        """The next picture, shown from `time_s` on."""
        stripes = stripes_of(lines_of(picture))
        if stripes.light > LIGHT * 1.05:
            self.area = max(self.area, stripes.area)
        there = np.abs(stripes.waves) > 0
        same = there & (stripes.pitch == self._pitch) & (np.abs(self._waves) > 0)
        turn = (stripes.waves * self._waves.conj()).real
        reversed_ = same & (turn < -0.5 * np.abs(stripes.waves) * np.abs(self._waves))
        share = max(reversed_[:LINES].mean(), reversed_[LINES:].mean())
        if share > AREA:
            self._times.append(time_s)
        new = there & (~same | reversed_)
        self._waves = np.where(new, stripes.waves, self._waves)
        self._pitch = np.where(new, stripes.pitch, self._pitch)
        while self._times and self._times[0] <= time_s - 1.0 + 1e-6:
            self._times.popleft()
        self.reversals = max(self.reversals, len(self._times))
