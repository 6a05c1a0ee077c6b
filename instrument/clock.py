"""Time is handed in: rooms take a `Clock`, so rehearsal and tests hand in another."""

import time
from collections.abc import Callable

Clock = Callable[[], float]
"""Seconds on a clock that never goes back."""


def wall_clock() -> float:
    """Seconds on the monotonic clock, the same in every process of one machine."""
    return time.monotonic()


class HandClock:
    """A clock that a test turns by hand, in seconds."""

    def __init__(self, now_s: float = 0.0) -> None:
        self.now_s = now_s

    def __call__(self) -> float:
        return self.now_s

    def advance(self, seconds: float) -> None:
        self.now_s += seconds
