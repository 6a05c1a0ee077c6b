"""`CaptureClock`: at what time the samples of a capture were heard, so that a film can be in time with it.

A file of samples knows nothing of the time they were heard at: holes (dropouts, blocks that were not
written) are missing in it, and a device's clock is not the show's. So anchors are told: sample so-and-so
was heard at such a time. A block's time is known to about a block only; an anchor is the median of many.
"""

from collections.abc import Callable
from statistics import median
from typing import Any

WINDOW_S = 0.5
MOVED_S = 0.001
"""An anchor within a run of samples is told when they came to be heard so much off the one before."""


class CaptureClock:
    """Follows a capture block by block. Render thread."""

    def __init__(self, sample_rate: int, tell: Callable[[dict[str, Any]], None]) -> None:
        """`tell` takes ``{"sample", "at_s", "begins"}``: `begins` where samples before it are missing."""
        self._sample_rate, self._tell = sample_rate, tell
        self._offsets: list[float] = []
        self._told: float | None = None
        self._first = 0
        self._sample = 0
        self._holes = 0

    def wrote(self, frames: int, heard_s: float, holes: int) -> None:
        """A block of so many frames went into the file; its first is heard at `heard_s`.

        `holes`: how often something was missing so far; one more than before, and it is before this block.
        """
        if holes != self._holes:
            self._holes = holes
            self.settle()
            self._told, self._first = None, self._sample
        self._offsets.append(heard_s - self._sample / self._sample_rate)
        self._sample += frames
        if len(self._offsets) * frames >= WINDOW_S * self._sample_rate:
            self.settle()

    def settle(self) -> None:
        """Tell what is known of the blocks since the last time; at the end, too."""
        if not self._offsets:
            return
        offset_s = median(self._offsets)
        self._offsets.clear()
        begins = self._told is None
        if self._told is not None and abs(offset_s - self._told) < MOVED_S:
            return
        self._told = offset_s
        sample = self._first if begins else self._sample
        self._tell(
            {"sample": sample, "at_s": offset_s + sample / self._sample_rate, "begins": begins}
        )
