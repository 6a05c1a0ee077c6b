"""What happens to 0..1 over time: holding the highest, becoming a trigger, and lagging behind."""

import numpy as np

HYSTERESIS = 0.02
"""So far below its threshold (or half way down, for a low one) a trigger is ready again."""
NO_TIME_S = 1e-9


class Smoothing:
    """One-pole lag with its own time up and down. `state` float64 (n,), the smoothed values."""

    def __init__(self, lag_up_s: np.ndarray, lag_down_s: np.ndarray) -> None:
        self._lags_s = np.maximum(np.array([lag_up_s, lag_down_s], np.float64), 1e-6)
        self._elapsed_s = -1.0
        self._shares = self._lags_s
        self._started = False
        self.state = np.zeros(len(lag_up_s), np.float64)

    def begin_at(self, state: np.ndarray) -> None:
        """Go on from these values, (n,)."""
        self.state[:] = state
        self._started = True

    def __call__(self, target: np.ndarray, elapsed_s: float) -> np.ndarray:
        """Move towards `target`, float64 (n,) and finite, for `elapsed_s`; returns `state`."""
        if not self._started:
            self.begin_at(target)
            return self.state
        if elapsed_s != self._elapsed_s:
            self._elapsed_s = elapsed_s
            self._shares = -np.expm1(-elapsed_s / self._lags_s)
        way = target - self.state
        way *= np.where(way > 0.0, *self._shares)
        self.state += way
        return self.state


class Holding:
    """Peak holds and triggers of some routes.

    | threshold | what comes                        | what goes on                                  |
    |-----------|-----------------------------------|-----------------------------------------------|
    | 0         | as high as the peak, or higher    | it, and the hold begins anew                  |
    | 0         | lower, while the hold lasts       | the peak                                      |
    | 0         | lower, when the hold is over      | it; it is the peak from now on                |
    | above 0   | at or above it, and ready         | 1; the hold begins, ready no more             |
    | above 0   | anything, while the hold lasts    | 1                                             |
    | above 0   | anything else                     | 0                                             |

    A trigger becomes ready below its threshold (by `HYSTERESIS`); what begins above it has not crossed it.
    """

    def __init__(self, hold_s: np.ndarray, threshold: np.ndarray) -> None:
        """Both (routes,); routes with neither are left as they are."""
        self._where = np.flatnonzero((hold_s > 0.0) | (threshold > 0.0))
        self._hold_s, self._threshold = hold_s[self._where], threshold[self._where]
        self._trigger = self._threshold > 0.0
        self._ready_below = self._threshold - np.minimum(HYSTERESIS, 0.5 * self._threshold)
        self.state = np.zeros((3, len(hold_s)))
        """Peak, seconds that the hold still lasts, and whether it is ready; (3, routes)."""

    def __call__(self, shaped: np.ndarray, elapsed_s: float) -> None:
        """Change `shaped`, 0..1 (routes,), to what goes on."""
        if not self._where.size:
            return
        peak, left_s, ready = self.state[:, self._where]
        came = shaped[self._where]
        left_s -= elapsed_s
        begins = np.where(self._trigger, (came >= self._threshold) & (ready > 0.0), came >= peak)
        left_s = np.where(begins, self._hold_s, left_s)
        lasts = begins | (left_s > NO_TIME_S)
        peak = np.where(begins | ~lasts, came, peak)
        ready = np.where(
            self._trigger, (came < self._ready_below) | ((ready > 0.0) & ~begins), ready
        )
        self.state[:, self._where] = peak, left_s, ready
        shaped[self._where] = np.where(self._trigger, lasts, peak)
