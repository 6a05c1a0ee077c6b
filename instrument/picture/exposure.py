"""`Exposure`: samples over time: a ring of walls, a long exposure, the mean digit. No GL, no clock."""

import math

import numpy as np

WALLS = 32
"""Walls remembered; at four a second the ring holds eight seconds."""
WALL_S = 0.25
LONG_S = 5.0
MOVED_S = 1.0
MEAN_S = 0.7


class Exposure:
    """Fed with every wall of samples that is heard.

    `ring` numbers what is new in the ring of walls (-1: nothing), `head` its newest, `ages` how many
    there are. `long`, `moved` float32 (samples, height, width): grey mean over about `LONG_S`, and mean
    change per wall. `mean`, `deviation` float32 (height, width): of a wall's samples, over `MEAN_S`.
    """

    def __init__(self, shape: tuple[int, int, int, int]) -> None:
        """`shape`: samples, height, width, channels."""
        self.shape = shape
        self.long = np.zeros(shape[:3], np.float32)
        self.moved = np.zeros(shape[:3], np.float32)
        self.mean = np.zeros(shape[1:3], np.float32)
        self.deviation = np.zeros(shape[1:3], np.float32)
        self.head, self.ages, self.ring = WALLS - 1, 0, -1
        self._last: np.ndarray | None = None
        self._last_s = self._ring_s = -1e9
        self.new = False

    def see(self, tiles: np.ndarray, count: int, now_s: float) -> None:
        """One wall, uint8 of `shape`, of which `count` samples are meant."""
        grey = tiles.mean(axis=3, dtype=np.float32) / np.float32(255.0)
        elapsed_s = now_s - self._last_s
        if self._last is None or not 0.0 <= elapsed_s < LONG_S:
            self.long[:], self.moved[:] = grey, 0.0
            self.mean, self.deviation = grey[:count].mean(axis=0), grey[:count].std(axis=0)
        else:
            self.long += (grey - self.long) * _share(elapsed_s, LONG_S)
            change = np.abs(grey - self._last) * np.float32(min(4.0, 0.05 / max(elapsed_s, 1e-3)))
            self.moved += (change - self.moved) * _share(elapsed_s, MOVED_S)
            share = _share(elapsed_s, MEAN_S)
            self.mean += (grey[:count].mean(axis=0) - self.mean) * share
            self.deviation += (grey[:count].std(axis=0) - self.deviation) * share
        self._last, self._last_s = grey, now_s
        self.new = True
        if not 0.0 <= now_s - self._ring_s < WALL_S:
            self._ring_s = now_s
            self.head = (self.head + 1) % WALLS
            self.ring, self.ages = self.head, min(WALLS, self.ages + 1)

    def pixels(self) -> np.ndarray:
        """Long exposure and movement as uint8 (samples * height, width, 2)."""
        both = np.stack((self.long, np.minimum(self.moved * 8.0, 1.0)), axis=-1)
        samples, height, width = self.shape[:3]
        return (both * 255.0 + 0.5).astype(np.uint8).reshape(samples * height, width, 2)


def _share(elapsed_s: float, time_s: float) -> np.float32:
    return np.float32(1.0 - math.exp(-elapsed_s / time_s))
