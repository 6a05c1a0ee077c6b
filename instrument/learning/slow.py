"""The streams that need more than one batch or too much time: they run at their own rate and hold.

At most one of them runs after a step, so that no step is much longer than another.
"""

import zlib

import numpy as np

from instrument.learning.digits import Digits
from instrument.learning.judge import Judge, Verdicts
from instrument.learning.pacing import Every

PIXELS = 784
BANK = 2048
COMPONENTS = 32
FRECHET_WINDOW = 512

SLOW_STREAMS = (
    "nearest", "frechet", *(f"class_{k}" for k in range(10)), "reject", "confidence", "modes",
    "divergence", "score", "compressibility",
)  # fmt: skip


class Nearest:
    """Distance of samples to the nearest of 2,048 training digits, evenly chosen."""

    def __init__(self, digits: Digits) -> None:
        chosen = np.linspace(0, len(digits.images) - 1, min(BANK, len(digits.images))).astype(int)
        bank = digits.images[chosen].reshape(-1, PIXELS).astype(np.float32) / np.float32(255)
        self._half_squares = np.einsum("ij,ij->i", bank, bank) / 2
        self._bank = np.ascontiguousarray(bank.T)

    def measure(self, u: np.ndarray) -> float:
        """mean_i min_j norm(u_i - r_j) / 28 of images u (B, 784) in 0..1."""
        half = (
            self._half_squares - u @ self._bank
        )  # (B, 2048): half the distance less norm(u)^2 / 2
        squares = 2.0 * half.min(axis=1) + np.einsum("ij,ij->i", u, u)
        return float(np.sqrt(np.maximum(squares, 0.0)).mean()) / 28


class Frechet:
    """Frechet distance in the space of the first 32 principal components of the real digits."""

    def __init__(self, digits: Digits) -> None:
        some = digits.images[: min(len(digits.images), 9000)].reshape(-1, PIXELS)
        reals = some.astype(np.float32) / np.float32(255)
        self._mean = reals.mean(axis=0)
        reals -= self._mean
        variances, axes = np.linalg.eigh((reals.T @ reals).astype(np.float64) / len(reals))
        self._axes = np.ascontiguousarray(axes[:, : -COMPONENTS - 1 : -1], np.float32)
        self._variances = np.maximum(variances[: -COMPONENTS - 1 : -1], 0.0)
        self._window = np.zeros((FRECHET_WINDOW, COMPONENTS))
        self._seen = 0

    def add(self, u: np.ndarray) -> None:
        """Take a batch (B, 784) into the window."""
        batch = ((u - self._mean) @ self._axes)[-FRECHET_WINDOW:]
        self._window[(self._seen + np.arange(len(batch))) % FRECHET_WINDOW] = batch
        self._seen += len(batch)

    def measure(self) -> float:
        """norm(mean)^2 + trace(C + R - 2 (sqrt(R) C sqrt(R))^1/2); R is diagonal here."""
        window = self._window[: self._seen]
        mean = window.mean(axis=0)
        centred = window - mean
        covariance = centred.T @ centred / len(window)
        roots = np.sqrt(self._variances)
        between = np.linalg.eigvalsh(roots[:, None] * covariance * roots)
        cross = np.sqrt(np.maximum(between, 0.0)).sum()
        distance = mean @ mean + np.trace(covariance) + self._variances.sum() - 2.0 * cross
        return float(max(0.0, distance))


class SlowStreams:
    """Keeps the last value of each slow stream. Trainer thread."""

    def __init__(self, digits: Digits) -> None:
        self._judge, self._verdicts = Judge.load(), Verdicts()
        self._nearest, self._frechet = Nearest(digits), Frechet(digits)
        self._judge_due, self._nearest_due = Every(0.1), Every(0.25)
        self._frechet_due, self._tiles_due = Every(0.5), Every(0.2)
        self._fresh = True
        self.values = np.zeros(len(SLOW_STREAMS), np.float32)

    def measure(self, now_s: float, u: np.ndarray) -> None:
        """Run the one that is due on the samples u (B, 784) in 0..1; the first time, all of them."""
        if self._fresh:
            self._fresh = False
            for due in (self._judge_due, self._nearest_due, self._frechet_due):
                due.due(now_s)
            self._judge_samples(u)
            self.values[:2] = self._nearest.measure(u), self._frechet.measure()
        elif self._judge_due.due(now_s):
            self._judge_samples(u)
        elif self._nearest_due.due(now_s):
            self.values[0] = self._nearest.measure(u)
        elif self._frechet_due.due(now_s):
            self.values[1] = self._frechet.measure()

    def _judge_samples(self, u: np.ndarray) -> None:
        p = self._judge.probabilities(u)
        self._verdicts.add(p)
        self._frechet.add(u)
        self.values[2:13] = p.mean(axis=0)
        self.values[13] = p.max(axis=1).mean()
        self.values[14:17] = self._verdicts.measure()

    def see_tiles(self, now_s: float, tiles: np.ndarray) -> None:
        """Pack the wall of tiles, uint8, five times a second."""
        if self._tiles_due.due(now_s):
            self.values[17] = len(zlib.compress(tiles.tobytes(), 1)) / tiles.nbytes
