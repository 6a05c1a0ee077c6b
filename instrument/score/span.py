"""From what a stream did to the span its lane shows, and to a line that can be read."""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from instrument.signals.streams import StreamSpec

MOST_OF = (0.4, 99.6)
"""Percentiles of all columns that lie within a lane; a burst beyond them is cut at its edge."""
NICE = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
BURST = 6.0
"""So many times its usual height makes a burst; evenly drawn, all else would be a line at the foot."""
BELOW = 100.0
"""So many times below its usual height a lane by ratio ends."""
FILLS = 0.5
"""A lane shows the declared span where a run fills so much of it, else what the run fills."""
STILL = 0.02
"""Where it fills less than this it stood still, and that is what its lane shows."""


@dataclass(frozen=True)
class Scale:
    """How the values of a lane become its height, evenly or (`by_ratio`) in equal ratios."""

    low: float
    high: float
    by_ratio: bool = False

    def shares(self, values: np.ndarray) -> np.ndarray:
        """0 at the foot of the lane, 1 at its head; NaN stays."""
        if not self.by_ratio:
            return np.clip((values - self.low) / (self.high - self.low), 0.0, 1.0)
        ratios = np.log(np.maximum(values, self.low) / self.low)
        return np.clip(ratios / math.log(self.high / self.low), 0.0, 1.0)

    @property
    def numbers(self) -> tuple[float, ...]:
        """What is written beside the lane; by ratio a power of ten near the middle, too."""
        if not self.by_ratio:
            return self.low, self.high
        middle = 10.0 ** round(math.log10(self.low * self.high) / 2.0)
        near_an_end = abs(float(self.shares(np.array(middle))) - 0.5) > 0.25
        return (self.low, self.high) if near_an_end else (self.low, middle, self.high)


def scale_of(specs: tuple[StreamSpec, ...], lows: np.ndarray, highs: np.ndarray) -> Scale:
    """The scale of a lane: by ratio where a run with nothing below zero went far beyond its usual."""
    low, high = span(specs, lows, highs)
    said = np.isfinite(lows) & np.isfinite(highs)
    if low < 0.0 or not said.any() or min(s.low for s in specs) != 0.0:
        return Scale(low, high)
    usual, most = (float(np.percentile(highs[said], share)) for share in (50.0, MOST_OF[1]))
    if not 0.0 < BURST * usual < most or most <= max(s.high for s in specs):
        return Scale(low, high)
    floor = max(float(np.percentile(lows[said], 2.0)), usual / BELOW)
    return Scale(*_half_decades(floor, most), by_ratio=True)


def _half_decades(low: float, high: float) -> tuple[float, float]:
    """Of 1, 3, 10, 30 and so on the last that is not above `low` and the first not below `high`."""
    decades = range(math.floor(math.log10(low)), math.floor(math.log10(high)) + 2)
    steps = [n * 10.0**decade for decade in decades for n in (1.0, 3.0)]
    bottom = max(step for step in steps if step <= low * (1 + 1e-9))
    return bottom, min(step for step in steps if step >= high * (1 - 1e-9))


def span(specs: tuple[StreamSpec, ...], lows: np.ndarray, highs: np.ndarray) -> tuple[float, float]:
    """Lowest and highest value of a lane, low < high; `lows` and `highs` may hold NaN."""
    said = np.isfinite(lows) & np.isfinite(highs)
    declared = min(s.low for s in specs), max(s.high for s in specs)
    if not said.any():
        return declared if declared[0] < declared[1] else (declared[0], declared[0] + 1.0)
    low = float(np.percentile(lows[said], MOST_OF[0]))
    high = float(np.percentile(highs[said], MOST_OF[1]))
    inside = declared[0] <= low and high <= declared[1]
    share = (high - low) / max(declared[1] - declared[0], 1e-12)
    if inside and not STILL < share < FILLS:
        return declared
    return _rounded(low, high, declared[0])


def _rounded(low: float, high: float, floor: float) -> tuple[float, float]:
    """Round numbers around both. From the declared low where that is near, for a zero that means zero."""
    if floor <= low <= floor + 0.6 * (high - floor):
        low = floor
    room = max(high - low, 1e-6 * max(1.0, abs(high)))
    step = _nice(room / 4.0)
    bottom = low if low == floor else math.floor(low / step) * step
    return bottom, bottom + max(1, math.ceil((high - bottom) / step - 1e-9)) * step


def _nice(aim: float) -> float:
    decade = 10.0 ** math.floor(math.log10(aim))
    return next(n for n in NICE if n * decade >= aim * (1 - 1e-9)) * decade


def smooth(values: np.ndarray, width: int) -> np.ndarray:
    """Running mean over so many columns, NaN where nothing was said."""
    said = np.isfinite(values)
    window = np.ones(max(1, width))
    total = np.convolve(np.where(said, values, 0.0), window, mode="same")
    count = np.convolve(said.astype(float), window, mode="same")
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(said, total / count, np.nan)


def bridged(values: np.ndarray, most: int) -> np.ndarray:
    """Gaps of at most so many columns filled by straight lines; wider ones stay open."""
    said = np.flatnonzero(np.isfinite(values))
    if said.size < 2:
        return values
    filled = values.copy()
    for left, right in pairwise(said):
        if 1 < right - left <= most:
            share = np.arange(1, right - left) / (right - left)
            filled[left + 1 : right] = values[left] + share * (values[right] - values[left])
    return filled


def number_text(value: float) -> str:
    """A number at the edge of a lane, as short as it can be."""
    if abs(value) >= 1e5:
        return f"{value:.0e}".replace("e+0", "e").replace("e+", "e")
    digits = max(0, 2 - math.floor(math.log10(abs(value)))) if value else 0
    text = f"{value:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
