"""Time is handed in: rooms take a `Clock`, so rehearsal and tests hand in another."""

import os
import time
from collections.abc import Callable
from pathlib import Path

Clock = Callable[[], float]
"""Seconds on a clock that never goes back."""

_IMPORTED_S = time.monotonic()


def wall_clock() -> float:
    """Seconds on the monotonic clock, the same in every process of one machine."""
    return time.monotonic()


def process_began_s() -> float:
    """When this process began, on `wall_clock`; where the system does not say, when it came to here."""
    try:
        ticks = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
        uptime_s = float(Path("/proc/uptime").read_text().split()[0])
        return time.monotonic() - (uptime_s - ticks / os.sysconf("SC_CLK_TCK"))
    except (OSError, ValueError, IndexError):
        return _IMPORTED_S


class HandClock:
    """A clock that a test turns by hand, in seconds."""

    def __init__(self, now_s: float = 0.0) -> None:
        self.now_s = now_s

    def __call__(self) -> float:
        return self.now_s

    def advance(self, seconds: float) -> None:
        self.now_s += seconds
