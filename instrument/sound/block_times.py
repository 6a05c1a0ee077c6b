"""How long blocks take to render, from first to last, in a few hundred numbers."""

import numpy as np

SHORTEST_S, LONGEST_S = 5e-5, 1.0
BINS = 400
"""From the shortest to the longest in equal ratios: each is 2.5% wide."""


class BlockTimes:
    """Counts block times by their length. Render thread."""

    def __init__(self) -> None:
        self.longest_s = 0.0
        self._counts = np.zeros(BINS, np.int64)
        self._scale = BINS / np.log(LONGEST_S / SHORTEST_S)

    def add(self, seconds: float) -> None:
        """One block took so long."""
        place = int(np.log(max(seconds, SHORTEST_S) / SHORTEST_S) * self._scale)
        self._counts[min(BINS - 1, place)] += 1
        self.longest_s = max(self.longest_s, seconds)

    def percentile_s(self, percent: float) -> float:
        """So many percent of all blocks took no longer, to 1.3%; seconds, 0 for no blocks at all."""
        total = int(self._counts.sum())
        if total == 0:
            return 0.0
        place = int(np.searchsorted(np.cumsum(self._counts), percent / 100.0 * total))
        return float(min(self.longest_s, SHORTEST_S * np.exp((place + 0.5) / self._scale)))

    def summary_ms(self) -> dict[str, float]:
        """Median, 99 and 99.9 percent, and the longest, in milliseconds."""
        return {
            "p50": round(1000.0 * self.percentile_s(50.0), 3),
            "p99": round(1000.0 * self.percentile_s(99.0), 3),
            "p99_9": round(1000.0 * self.percentile_s(99.9), 3),
            "longest": round(1000.0 * self.longest_s, 3),
        }
