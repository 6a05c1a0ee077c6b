"""`Pacer`: one picture per period on an absolute schedule, and the tally of how that went."""

import time
from collections.abc import Callable

import numpy as np

from instrument.clock import Clock

BIN_MS = 0.1
BINS = 10_000


class Pacer:
    """Sleeps until a picture is due (other threads run meanwhile) and counts what came too late.

    A picture is late when it came more than 1.5 periods after the one before.
    """

    def __init__(
        self, rate: float, clock: Clock, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        """`rate` in pictures per second."""
        self.period_s = 1.0 / rate
        self._clock, self._sleep = clock, sleep
        self._due_s: float | None = None
        self._first_s = 0.0
        self._last_s = 0.0
        self.pictures = 0
        self.late = 0
        self.last_was_late = False
        self._bins = np.zeros(BINS, np.int64)

    def wait(self) -> None:
        """Until the next picture is due. After a long stall the schedule begins anew."""
        now_s = self._clock()
        if self._due_s is None or now_s > self._due_s + self.period_s:
            self._due_s = now_s
        while now_s < self._due_s:
            self._sleep(self._due_s - now_s)
            now_s = self._clock()
        self._due_s += self.period_s

    def shown(self) -> float:
        """A picture is on the screen; returns seconds since the one before (0 for the first)."""
        now_s = self._clock()
        since_s = now_s - self._last_s if self.pictures else 0.0
        if self.pictures:
            self._bins[min(BINS - 1, int(max(0.0, since_s) * 1000.0 / BIN_MS))] += 1
            self.last_was_late = since_s > 1.5 * self.period_s
            self.late += self.last_was_late
        else:
            self._first_s = now_s
        self._last_s = now_s
        self.pictures += 1
        return since_s

    @property
    def fps(self) -> float:
        """Pictures per second from the first to the last."""
        span_s = self._last_s - self._first_s
        return (self.pictures - 1) / span_s if span_s > 0 else 0.0

    def percentile_ms(self, share: float) -> float:
        """Time between two pictures that `share` (0..1) of them stay below, to 0.1 ms."""
        total = int(self._bins.sum())
        if total == 0:
            return 0.0
        at = int(np.searchsorted(np.cumsum(self._bins), share * total))
        return round((min(at, BINS - 1) + 1) * BIN_MS, 1)
