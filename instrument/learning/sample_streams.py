"""The streams that are read off the samples, in NumPy on one thread: about a millisecond for 64 images.

Every number is defined in `streams.py` (the `formula` of each); here stands how to get it cheaply.
Sums are float32 with NumPy's pairwise summation; what would lose digits that way is centred first.
"""

import numpy as np

SIDE = 28
PIXELS = SIDE * SIDE
HALF = SIDE // 2 + 1
BINS = 32
DUPLICATE_DISTANCE = 1.5
TINY = 1e-20

SAMPLE_STREAMS = (
    "ink", "rms", "contrast", "saturation", "entropy", "similarity", "similarity_centred",
    "diversity", "duplicates", "edge", "variation", "slope", "centroid", "flatness",
)  # fmt: skip
"""Names of what `SampleStreams.measure` returns, in order."""


class SampleStreams:
    """Measures batches of images; keeps its work space from batch to batch. Trainer thread."""

    def __init__(self, mean_image: np.ndarray) -> None:
        """`mean_image`: mean of the real digits, float32 (28, 28) or (784,), 0..1."""
        self._mean = np.ascontiguousarray(mean_image, np.float32).reshape(PIXELS)
        self._batch = 0
        self.values = np.zeros(len(SAMPLE_STREAMS), np.float32)
        self._half_plane()
        self._work(64)

    def _half_plane(self) -> None:
        """A real Fourier basis, and the frequencies, rings and weights of the half plane it spans.

        Basis: 15 cosines, then the 13 sines that are not zero. A 2D transform is then two small
        matrix products, several times faster here than `numpy.fft` in float32. Columns 1..13 stand
        for their mirror images too and weigh 2; columns 0 and 14 weigh 1.
        """
        angles = 2 * np.pi * np.outer(np.arange(SIDE), np.arange(HALF)) / SIDE
        basis = np.concatenate([np.cos(angles), np.sin(angles[:, 1:-1])], axis=1)
        self._basis = np.ascontiguousarray(basis, np.float32)  # (28, 28)
        row = np.arange(SIDE)[:, None]  # 0..14 are frequencies up, 15..27 their mirrors 13..1 down
        rows = np.where(row < HALF, row, row - HALF + 1) / SIDE
        columns = np.arange(HALF)[None, :] / SIDE
        radius = np.sqrt(rows**2 + columns**2)
        weight = np.full(radius.shape, 2.0)
        weight[:, [0, HALF - 1]] = 1.0
        rings = np.rint(SIDE * radius).ravel()
        self._radius, self._weight = radius.ravel(), weight.ravel()
        ring_numbers = np.arange(2, 13)
        ring_weight = (rings[None, :] == ring_numbers[:, None]) * self._weight
        self._ring_mean = ring_weight / ring_weight.sum(axis=1, keepdims=True)
        log_rings = np.log10(ring_numbers)
        centred = log_rings - log_rings.mean()
        self._slope = centred / (centred @ centred)

    def _work(self, batch: int) -> None:
        self._batch = batch
        self.u = np.empty((batch, PIXELS), np.float32)
        self._a = np.empty((batch, PIXELS), np.float32)
        self._offset = (np.arange(batch) * BINS)[:, None].astype(np.int16)
        self._dx = np.empty((batch, SIDE, SIDE - 1), np.float32)
        self._dy = np.empty((batch, SIDE - 1, SIDE), np.float32)
        self._ones = np.ones(PIXELS, np.float32)
        self._batch_ones = np.ones(batch, np.float32)
        p = np.arange(1, PIXELS + 1) / PIXELS
        self._plogp = np.concatenate([[0.0], -p * np.log2(p)])

    def measure(self, samples: np.ndarray) -> np.ndarray:
        """All `SAMPLE_STREAMS` of a batch, float32; the array is reused by the next call.

        `samples`: float32 (B, 784) or (B, 1, 28, 28) in -1..1, B >= 2. Values beyond are clipped.
        """
        x = samples.reshape(-1, PIXELS)
        batch = x.shape[0]
        if batch != self._batch:
            self._work(batch)
        u, a, out = self.u, self._a, self.values
        np.multiply(x, np.float32(0.5), out=u)
        u += np.float32(0.5)
        np.clip(u, 0.0, 1.0, out=u)

        means = (u @ self._ones) / PIXELS  # (B,)
        gram = u @ u.T  # (B, B)
        squares = gram.diagonal()
        out[0] = means.mean()
        out[1] = np.sqrt(squares / PIXELS).mean()
        np.subtract(u, means[:, None], out=a)
        variances = np.einsum("ij,ij->i", a, a) / PIXELS
        out[2] = np.sqrt(variances).mean()
        power = self._power(a)
        np.abs(x, out=a)
        out[3] = np.count_nonzero(a > np.float32(0.99)) / a.size
        out[4] = self._entropy(u)

        lengths = np.sqrt(squares)
        out[5] = _mean_off_diagonal(gram, lengths)
        np.subtract(u, self._mean, out=a)
        centred = a @ a.T
        out[6] = _mean_off_diagonal(centred, np.sqrt(centred.diagonal()))
        out[8] = self._duplicates(centred)
        mean_image = (self._batch_ones @ u) / batch
        np.subtract(u, mean_image, out=a)
        out[7] = np.sqrt(np.einsum("ij,ij->j", a, a) / batch).mean()

        images = u.reshape(batch, SIDE, SIDE)
        dx = np.subtract(images[:, :, 1:], images[:, :, :-1], out=self._dx)
        dy = np.subtract(images[:, 1:], images[:, :-1], out=self._dy)
        out[9] = self._edge(dx, dy)
        np.abs(dx, out=dx)
        np.abs(dy, out=dy)
        out[10] = (dx.sum() + dy.sum()) / (batch * 2 * SIDE * (SIDE - 1))
        out[11], out[12], out[13] = self._spectrum(power)
        return out

    def _entropy(self, u: np.ndarray) -> float:
        """Counts are whole numbers up to 784, so p log p comes out of a table."""
        bins = np.minimum((u * np.float32(BINS)).astype(np.int16), np.int16(BINS - 1))
        bins += self._offset
        counts = np.bincount(bins.ravel(), minlength=self._batch * BINS)
        return float(self._plogp[counts].sum() / (5.0 * self._batch))

    def _duplicates(self, gram: np.ndarray) -> float:
        """Distances do not care where the origin is; near the mean image they lose fewer digits."""
        squares = gram.diagonal()
        distance = squares[:, None] + squares[None, :] - 2.0 * gram
        np.fill_diagonal(distance, np.inf)
        return float((distance.min(axis=1) < DUPLICATE_DISTANCE**2).mean())

    def _edge(self, dx: np.ndarray, dy: np.ndarray) -> float:
        """Sobel as differences of neighbours: (1, 2, 1) smoothed across, (1, 1) along."""
        gx = dx[:, :, 1:] + dx[:, :, :-1]  # (B, 28, 26)
        gy = dy[:, 1:] + dy[:, :-1]  # (B, 26, 28)
        gx = gx[:, 1:] + gx[:, :-1]
        gx = gx[:, 1:] + gx[:, :-1]  # (B, 26, 26)
        gy = gy[:, :, 1:] + gy[:, :, :-1]
        gy = gy[:, :, 1:] + gy[:, :, :-1]
        gx *= gx
        gy *= gy
        gx += gy
        np.sqrt(gx, out=gx)
        return float(gx.mean()) / 8.0

    def _power(self, centred: np.ndarray) -> np.ndarray:
        """Mean power at the half plane's frequencies, float64 (28 * 15,).

        With c and s the cosine and sine parts along y and x, F(+-fy, fx) = (cc -+ ss) - i(cs +- sc), so
        its square is cc^2 + ss^2 + cs^2 + sc^2 -+ 2 (cc ss - cs sc).
        """
        batch = self._batch
        across = centred.reshape(-1, SIDE) @ self._basis  # (B * 28 y, 28 fx)
        turned = np.ascontiguousarray(across.reshape(batch, SIDE, SIDE).swapaxes(1, 2))
        parts = (turned.reshape(-1, SIDE) @ self._basis).reshape(batch, SIDE, SIDE)  # (B, fx, fy)
        squares = np.einsum("bxy,bxy->yx", parts, parts).astype(np.float64)
        c, s = slice(1, HALF - 1), slice(HALF, SIDE)
        cross = np.einsum("bxy,bxy->yx", parts[:, c, c], parts[:, s, s]).astype(np.float64)
        cross -= np.einsum("bxy,bxy->yx", parts[:, c, s], parts[:, s, c])
        power = np.zeros((SIDE, HALF))
        power[:HALF] = squares[:HALF, :HALF]
        power[:HALF, c] += squares[:HALF, s]
        power[c] += squares[s, :HALF]
        power[c, c] += squares[s, s]
        power[HALF:] = power[c]
        power[c, c] -= 2.0 * cross
        power[HALF:, c] += 2.0 * cross
        return np.maximum(power.ravel(), 0.0) / (batch * PIXELS)

    def _spectrum(self, power: np.ndarray) -> tuple[float, float, float]:
        """Slope, centroid and flatness of the mean power."""
        power[1:] += TINY  # a blank sheet has no spectrum; it gets a flat one
        power[0] = 0.0
        weighted = power * self._weight
        total = weighted.sum()
        centroid = float(self._radius @ weighted / total)
        geometric = np.exp((self._weight[1:] @ np.log(power[1:])) / (PIXELS - 1))
        slope = float(self._slope @ np.log10(self._ring_mean @ power))
        return slope, centroid, float(geometric * (PIXELS - 1) / total)


def _mean_off_diagonal(gram: np.ndarray, lengths: np.ndarray) -> float:
    """Mean over i != j of gram / (length_i length_j); an image without length is like no other."""
    inverse = np.divide(1.0, lengths, out=np.zeros_like(lengths), where=lengths > 1e-6)
    batch = len(lengths)
    together = float(inverse @ gram @ inverse) - np.count_nonzero(inverse)
    return together / (batch * (batch - 1))
