"""`Traces`: every stream over the last minute, in bins of equal time, for plots that a person reads."""

import numpy as np

from instrument.signals.frames import MetricFrame

SECONDS, BINS = 60.0, 240


class Traces:
    """Means of what came within each bin; NaN where nothing came. One thread."""

    def __init__(self, count: int) -> None:
        """`count`: how many streams a metric frame carries."""
        self._sum = np.zeros(count)
        self._heard = np.zeros(count)
        self._bins = np.full((BINS, count), np.nan)
        self._number = 0
        """Of the bin that is being filled, counted from the beginning of the clock."""

    def take(self, frame: MetricFrame) -> None:
        """One step's streams, by the time in the frame; what is not finite is left out."""
        self.advance(frame.time_s)
        count = min(len(self._sum), int(frame.count))
        values = np.frombuffer(frame.streams, np.float32, count)
        finite = np.isfinite(values)
        self._sum[:count] += np.where(finite, values, 0.0)
        self._heard[:count] += finite

    def advance(self, now_s: float) -> None:
        """Close the bins that are over at `now_s`; earlier times than before change nothing."""
        number = int(now_s * BINS / SECONDS)
        steps = number - self._number
        if steps <= 0:
            return
        with np.errstate(invalid="ignore"):
            closed = self._sum / np.where(self._heard > 0, self._heard, np.nan)
        self._bins[:-1] = self._bins[1:].copy()
        self._bins[-1] = closed
        empty = min(BINS, steps - 1)
        if empty:
            self._bins[:-empty] = self._bins[empty:].copy()
            self._bins[-empty:] = np.nan
        self._sum[:] = self._heard[:] = 0.0
        self._number = number

    def of(self, number: int) -> np.ndarray:
        """A stream over the last minute, float64 (240,), oldest first, in its unit."""
        return self._bins[:, number]
