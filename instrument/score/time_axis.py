"""Time along the page: seconds to millimetres, and where minutes and steps are written."""

import math
from dataclasses import dataclass

import numpy as np

from instrument.score.fold import Fold
from instrument.units import seconds_to_text

NICE_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400)
NICE_STEPS = (1, 2, 5)
SHORTEST_S = 0.5
DAY_S = 86_400


@dataclass(frozen=True)
class TimeAxis:
    """Where the seconds of a run lie between `left` and `right` (mm)."""

    left: float
    right: float
    length_s: float

    def x(self, at_s: float) -> float:
        """Place of a second on the page, never outside the axis."""
        share = min(1.0, max(0.0, at_s / self.length_s))
        return self.left + share * (self.right - self.left)

    def xs(self, times_s: np.ndarray) -> np.ndarray:
        """Places of many seconds."""
        shares = np.clip(np.asarray(times_s) / self.length_s, 0.0, 1.0)
        return self.left + shares * (self.right - self.left)

    @property
    def mm_per_s(self) -> float:
        """How far a second goes."""
        return (self.right - self.left) / self.length_s

    def ticks(self, apart_mm: float) -> list[tuple[float, str]]:
        """Seconds that are written, and how; at least so far apart."""
        fits = (s for s in NICE_S if s * self.mm_per_s >= apart_mm)
        apart_s = next(fits, None) or DAY_S * math.ceil(apart_mm / self.mm_per_s / DAY_S)
        count = int(self.length_s / apart_s + 1e-9)
        return [(n * apart_s, seconds_to_text(n * apart_s)) for n in range(count + 1)]

    def step_ticks(self, steps: Fold, apart_mm: float) -> list[tuple[float, str]]:
        """When round numbers of steps were reached, and the numbers; at least so far apart."""
        times_s, reached = _rising(steps)
        if reached.size < 2 or reached[-1] <= reached[0]:
            return []
        span = reached[-1] - reached[0]
        aim = max(1.0, span * apart_mm / (self.right - self.left))
        apart = _nice(aim)
        numbers = np.arange(np.ceil(reached[0] / apart) * apart, reached[-1] + 1e-9, apart)
        ticks: list[tuple[float, str]] = []
        for number, at_s in zip(numbers, np.interp(numbers, reached, times_s), strict=True):
            if not ticks or (at_s - ticks[-1][0]) * self.mm_per_s >= apart_mm:
                ticks.append((float(at_s), f"{int(number):,}"))
        return ticks


def _rising(steps: Fold) -> tuple[np.ndarray, np.ndarray]:
    """When each step was reached for the first time; what was never heard is left out."""
    highs = steps.highs[:, 0]
    said = np.isfinite(highs)
    times_s, reached = steps.times_s[said], np.maximum.accumulate(highs[said])
    return times_s, reached


def _nice(aim: float) -> float:
    decade = 10.0 ** np.floor(np.log10(aim))
    return float(next((n * decade for n in NICE_STEPS if n * decade >= aim), 10 * decade))
