"""The streams that are read off the samples, in NumPy on one thread: about a millisecond for 64 images.

Every number is defined in `streams.py` (the `formula` of each); here stands how to get it cheaply.
Sums are float32 with NumPy's pairwise summation; what would lose digits that way is centred first.

Images of another size S than 28: P is divided by S^2, rings are r = round(S abs f), the slope is taken
over r = 2..round(12 S / 28), twins are nearer than 1.5 S / 28, edges are (S - 2)^2, variation is divided
by 2 S (S - 1). In colour (C = 3) everything is read off the grey image, the mean of the channels, but
saturation, similarity, similarity_centred, diversity and duplicates, which compare all channels
(distances of twins divided by sqrt(C)).
"""

import numpy as np

DIGIT_SIDE = 28
"""Where the numbers of the definitions come from; other sizes scale them."""
BINS = 32
DUPLICATE_DISTANCE = 1.5
LAST_RING = 12
TINY = 1e-20

SAMPLE_STREAMS = (
    "ink", "rms", "contrast", "saturation", "entropy", "similarity", "similarity_centred",
    "diversity", "duplicates", "edge", "variation", "slope", "centroid", "flatness",
)  # fmt: skip
"""Names of what `SampleStreams.measure` returns, in order."""


class SampleStreams:
    """Measures batches of images; keeps its work space from batch to batch. Trainer thread."""

    def __init__(self, mean_image: np.ndarray) -> None:
        """`mean_image`: mean of the real images, float32 (C, S, S), 0..1; S is even, C 1 or more."""
        self._channels, self._side = mean_image.shape[0], mean_image.shape[-1]
        self._half = self._side // 2 + 1
        self._plane = self._side * self._side
        self._pixels = self._channels * self._plane
        self._mean = np.ascontiguousarray(mean_image, np.float32).reshape(self._pixels)
        twin = DUPLICATE_DISTANCE * self._side / DIGIT_SIDE
        self._twin_squared = twin * twin * self._channels
        self._batch = 0
        self.values = np.zeros(len(SAMPLE_STREAMS), np.float32)
        self._half_plane()
        self._work(64)

    def _half_plane(self) -> None:
        """A real Fourier basis, and the frequencies, rings and weights of the half plane it spans.

        Basis (numbers are those of 28 pixels): 15 cosines, then the 13 sines that are not zero. A 2D
        transform is then two small matrix products, several times faster here than `numpy.fft` in
        float32. Columns 1..13 stand for their mirror images too and weigh 2; columns 0 and 14 weigh 1.
        """
        side, half = self._side, self._half
        angles = 2 * np.pi * np.outer(np.arange(side), np.arange(half)) / side
        basis = np.concatenate([np.cos(angles), np.sin(angles[:, 1:-1])], axis=1)
        self._basis = np.ascontiguousarray(basis, np.float32)  # (S, S)
        row = np.arange(side)[
            :, None
        ]  # of 28: 0..14 frequencies up, 15..27 their mirrors 13..1 down
        rows = np.where(row < half, row, row - half + 1) / side
        columns = np.arange(half)[None, :] / side
        radius = np.sqrt(rows**2 + columns**2)
        weight = np.full(radius.shape, 2.0)
        weight[:, [0, half - 1]] = 1.0
        rings = np.rint(side * radius).ravel()
        self._radius, self._weight = radius.ravel(), weight.ravel()
        ring_numbers = np.arange(2, round(LAST_RING * side / DIGIT_SIDE) + 1)
        ring_weight = (rings[None, :] == ring_numbers[:, None]) * self._weight
        self._ring_mean = ring_weight / ring_weight.sum(axis=1, keepdims=True)
        log_rings = np.log10(ring_numbers)
        centred = log_rings - log_rings.mean()
        self._slope = centred / (centred @ centred)

    def _work(self, batch: int) -> None:
        side, plane = self._side, self._plane
        self._batch = batch
        self.u = np.empty((batch, self._pixels), np.float32)
        """The samples of the last `measure` in 0..1, float32 (B, C * S * S)."""
        self._a = np.empty((batch, self._pixels), np.float32)
        self._g = np.empty((batch, plane), np.float32)
        self._offset = (np.arange(batch) * BINS)[:, None].astype(np.int16)
        self._dx = np.empty((batch, side, side - 1), np.float32)
        self._dy = np.empty((batch, side - 1, side), np.float32)
        self._ones = np.ones(plane, np.float32)
        self._batch_ones = np.ones(batch, np.float32)
        p = np.arange(1, plane + 1) / plane
        self._plogp = np.concatenate([[0.0], -p * np.log2(p)])

    def measure(self, samples: np.ndarray) -> np.ndarray:
        """All `SAMPLE_STREAMS` of a batch, float32; the array is reused by the next call.

        `samples`: float32 (B, C * S * S) or (B, C, S, S) in -1..1, B >= 2. Values beyond are clipped.
        """
        x = samples.reshape(-1, self._pixels)
        batch = x.shape[0]
        if batch != self._batch:
            self._work(batch)
        u, a, out = self.u, self._a, self.values
        np.multiply(x, np.float32(0.5), out=u)
        u += np.float32(0.5)
        np.clip(u, 0.0, 1.0, out=u)
        gram = u @ u.T  # (B, B)
        squares = gram.diagonal()
        self._look(u, squares, a)
        np.abs(x, out=a)
        out[3] = np.count_nonzero(a > np.float32(0.99)) / a.size

        lengths = np.sqrt(squares)
        out[5] = _mean_off_diagonal(gram, lengths)
        np.subtract(u, self._mean, out=a)
        centred = a @ a.T
        out[6] = _mean_off_diagonal(centred, np.sqrt(centred.diagonal()))
        out[8] = self._duplicates(centred)
        mean_image = (self._batch_ones @ u) / batch
        np.subtract(u, mean_image, out=a)
        out[7] = np.sqrt(np.einsum("ij,ij->j", a, a) / batch).mean()
        return out

    def _look(self, u: np.ndarray, squares: np.ndarray, spare: np.ndarray) -> None:
        """What is read off the grey image. `squares` (B,) are those of u; `spare` is written over."""
        batch, side, plane, out = self._batch, self._side, self._plane, self.values
        if self._channels == 1:
            grey, a = u, spare
        else:
            grey, a = self._grey(u), spare.reshape(-1)[: batch * plane].reshape(batch, plane)
            squares = np.einsum("ij,ij->i", grey, grey)
        means = (grey @ self._ones) / plane  # (B,)
        out[0] = means.mean()
        out[1] = np.sqrt(squares / plane).mean()
        np.subtract(grey, means[:, None], out=a)
        variances = np.einsum("ij,ij->i", a, a) / plane
        out[2] = np.sqrt(variances).mean()
        power = self._power(a)
        out[4] = self._entropy(grey)
        images = grey.reshape(batch, side, side)
        dx = np.subtract(images[:, :, 1:], images[:, :, :-1], out=self._dx)
        dy = np.subtract(images[:, 1:], images[:, :-1], out=self._dy)
        out[9] = self._edge(dx, dy)
        np.abs(dx, out=dx)
        np.abs(dy, out=dy)
        out[10] = (dx.sum() + dy.sum()) / (batch * 2 * side * (side - 1))
        out[11], out[12], out[13] = self._spectrum(power)

    def _grey(self, u: np.ndarray) -> np.ndarray:
        """Mean of the channels, float32 (B, S * S)."""
        planes, grey = u.reshape(self._batch, self._channels, self._plane), self._g
        np.add(planes[:, 0], planes[:, 1], out=grey)
        for channel in range(2, self._channels):
            grey += planes[:, channel]
        grey /= np.float32(self._channels)
        return grey

    def _entropy(self, u: np.ndarray) -> float:
        """Counts are whole numbers up to S^2, so p log p comes out of a table."""
        bins = np.minimum((u * np.float32(BINS)).astype(np.int16), np.int16(BINS - 1))
        bins += self._offset
        counts = np.bincount(bins.ravel(), minlength=self._batch * BINS)
        return float(self._plogp[counts].sum() / (5.0 * self._batch))

    def _duplicates(self, gram: np.ndarray) -> float:
        """Distances do not care where the origin is; near the mean image they lose fewer digits."""
        squares = gram.diagonal()
        distance = squares[:, None] + squares[None, :] - 2.0 * gram
        np.fill_diagonal(distance, np.inf)
        return float((distance.min(axis=1) < self._twin_squared).mean())

    def _edge(self, dx: np.ndarray, dy: np.ndarray) -> float:
        """Sobel as differences of neighbours: (1, 2, 1) smoothed across, (1, 1) along."""
        gx = dx[:, :, 1:] + dx[:, :, :-1]  # (B, S, S - 2)
        gy = dy[:, 1:] + dy[:, :-1]  # (B, S - 2, S)
        gx = gx[:, 1:] + gx[:, :-1]
        gx = gx[:, 1:] + gx[:, :-1]  # (B, S - 2, S - 2)
        gy = gy[:, :, 1:] + gy[:, :, :-1]
        gy = gy[:, :, 1:] + gy[:, :, :-1]
        gx *= gx
        gy *= gy
        gx += gy
        np.sqrt(gx, out=gx)
        return float(gx.mean()) / 8.0

    def _power(self, centred: np.ndarray) -> np.ndarray:
        """Mean power at the half plane's frequencies, float64 (S * (S / 2 + 1),).

        With c and s the cosine and sine parts along y and x, F(+-fy, fx) = (cc -+ ss) - i(cs +- sc), so
        its square is cc^2 + ss^2 + cs^2 + sc^2 -+ 2 (cc ss - cs sc).
        """
        batch, side, half = self._batch, self._side, self._half
        across = centred.reshape(-1, side) @ self._basis  # (B * S y, S fx)
        turned = np.ascontiguousarray(across.reshape(batch, side, side).swapaxes(1, 2))
        parts = (turned.reshape(-1, side) @ self._basis).reshape(batch, side, side)  # (B, fx, fy)
        squares = np.einsum("bxy,bxy->yx", parts, parts).astype(np.float64)
        c, s = slice(1, half - 1), slice(half, side)
        cross = np.einsum("bxy,bxy->yx", parts[:, c, c], parts[:, s, s]).astype(np.float64)
        cross -= np.einsum("bxy,bxy->yx", parts[:, c, s], parts[:, s, c])
        power = np.zeros((side, half))
        power[:half] = squares[:half, :half]
        power[:half, c] += squares[:half, s]
        power[c] += squares[s, :half]
        power[c, c] += squares[s, s]
        power[half:] = power[c]
        power[c, c] -= 2.0 * cross
        power[half:, c] += 2.0 * cross
        return np.maximum(power.ravel(), 0.0) / (batch * self._plane)

    def _spectrum(self, power: np.ndarray) -> tuple[float, float, float]:
        """Slope, centroid and flatness of the mean power."""
        power[1:] += TINY  # a blank sheet has no spectrum; it gets a flat one
        power[0] = 0.0
        weighted = power * self._weight
        total = weighted.sum()
        centroid = float(self._radius @ weighted / total)
        geometric = np.exp((self._weight[1:] @ np.log(power[1:])) / (self._plane - 1))
        slope = float(self._slope @ np.log10(self._ring_mean @ power))
        return slope, centroid, float(geometric * (self._plane - 1) / total)


def _mean_off_diagonal(gram: np.ndarray, lengths: np.ndarray) -> float:
    """Mean over i != j of gram / (length_i length_j); an image without length is like no other."""
    inverse = np.divide(1.0, lengths, out=np.zeros_like(lengths), where=lengths > 1e-6)
    batch = len(lengths)
    together = float(inverse @ gram @ inverse) - np.count_nonzero(inverse)
    return together / (batch * (batch - 1))
