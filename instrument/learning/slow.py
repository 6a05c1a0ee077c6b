"""The streams that need more than one batch or too much time: they run at their own rate and hold.

At most one of them runs after a step, so that no step is much longer than another.
"""

import zlib

import numpy as np

from instrument.learning.digits import Digits
from instrument.learning.judge import Verdicts
from instrument.learning.kinds import judge_for
from instrument.learning.pacing import Every
from instrument.learning.principal import COMPONENTS, evenly, principal_components, unit_rows
from instrument.learning.reshape import resized

BANK = 2048
FRECHET_WINDOW = 512
MOST_EXACT = 1024
"""Numbers in an image up to which `nearest` compares every one with all of the bank."""
COARSE_SIDE = 10
CANDIDATES = 2
MOST_PACKED = 200_000
"""Bytes of tiles that are packed for `compressibility`, about 4 ms: all 64 up to 55x55 in grey."""

SLOW_STREAMS = (
    "nearest", "frechet", *(f"class_{k}" for k in range(10)), "reject", "confidence", "modes",
    "divergence", "score", "compressibility",
)  # fmt: skip


class Nearest:
    """Distance of samples to the nearest of 2,048 training images, evenly chosen.

    Large images (beyond `MOST_EXACT` numbers) are first compared at 10x10 pixels; the distance is then
    the exact one to the better of the two that are nearest there: hardly ever not the smallest of all.
    """

    def __init__(self, digits: Digits) -> None:
        self._images = digits.images
        self._chosen = evenly(len(digits.images), BANK)
        self._side, self._channels, self._pixels = digits.side, digits.channels, digits.pixels
        self._coarse = digits.pixels > MOST_EXACT
        bank = np.concatenate(
            [self._seen(unit_rows(digits.images[part])) for part in np.array_split(self._chosen, 8)]
        )
        self._half_squares = np.einsum("ij,ij->i", bank, bank) / 2
        self._bank = np.ascontiguousarray(bank.T)

    def _seen(self, u: np.ndarray) -> np.ndarray:
        """Images (N, C * S * S) as they are first compared."""
        if not self._coarse:
            return u
        planes = u.reshape(-1, self._side, self._side)
        return resized(planes, COARSE_SIDE).reshape(len(u), self._channels * COARSE_SIDE**2)

    def measure(self, u: np.ndarray) -> float:
        """mean_i min_j norm(u_i - r_j) / sqrt(C * S * S) of images u (B, C * S * S) in 0..1."""
        half = (
            self._half_squares - self._seen(u) @ self._bank
        )  # (B, 2048): half the distance less norm(u)^2 / 2
        if self._coarse:
            squares = self._squares_to_candidates(u, half)
        else:
            squares = 2.0 * half.min(axis=1) + np.einsum("ij,ij->i", u, u)
        return float(np.sqrt(np.maximum(squares, 0.0)).mean() / np.sqrt(self._pixels))

    def _squares_to_candidates(self, u: np.ndarray, half: np.ndarray) -> np.ndarray:
        """Smallest exact squared distance of each image to its candidates, float32 (B,)."""
        squares = np.full(len(u), np.inf, np.float32)
        for _ in range(min(CANDIDATES, half.shape[1])):
            best = half.argmin(axis=1)
            half[np.arange(len(u)), best] = np.inf
            apart = unit_rows(self._images[self._chosen[best]])
            np.subtract(u, apart, out=apart)
            np.minimum(squares, np.einsum("ij,ij->i", apart, apart), out=squares)
        return squares


class Frechet:
    """Frechet distance in the space of the first 32 principal components of the real images."""

    def __init__(self, digits: Digits) -> None:
        self._mean, self._axes, self._variances = principal_components(digits.images)
        self._window = np.zeros((FRECHET_WINDOW, COMPONENTS))
        self._seen = 0

    def add(self, u: np.ndarray) -> None:
        """Take a batch (B, C * S * S) into the window."""
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
        self._judge = judge_for(digits)
        self.kinds = self._judge.kinds
        """How many classes exist: ten digits, or the kinds of picture of a folder."""
        self._verdicts = Verdicts(self.kinds)
        self._nearest, self._frechet = Nearest(digits), Frechet(digits)
        self._judge_due, self._nearest_due = Every(0.1), Every(0.25)
        self._frechet_due, self._tiles_due = Every(0.5), Every(0.2)
        self._fresh = True
        self.values = np.zeros(len(SLOW_STREAMS), np.float32)

    def measure(self, now_s: float, u: np.ndarray) -> None:
        """Run the one that is due on the samples u (B, C * S * S) in 0..1; the first time, all of them."""
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
        """Pack the wall of tiles, uint8 (64, ..), five times a second; of large ones the first few."""
        if self._tiles_due.due(now_s):
            packed = tiles[: max(1, MOST_PACKED * len(tiles) // tiles.nbytes)]
            self.values[17] = len(zlib.compress(packed.tobytes(), 1)) / packed.nbytes
