"""The principal components of the real images, found within a second whatever the size of the images."""

import numpy as np

COMPONENTS = 32
MOST_EXACT = 1024
MOST_IMAGES = 9000
MOST_LARGE_IMAGES = 2000
SPARE, PASSES = 32, 2
SEED = 7


def evenly(count: int, most: int) -> np.ndarray:
    """Which of `count` images are taken when at most `most` are, int64: the same ones every time."""
    return np.linspace(0, count - 1, min(most, count)).astype(np.int64)


def unit_rows(images: np.ndarray) -> np.ndarray:
    """Images uint8 (N, ...) as float32 (N, pixels) in 0..1."""
    pixels = int(np.prod(images.shape[1:]))
    return images.reshape(len(images), pixels).astype(np.float32) / np.float32(255)


def principal_components(images: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean float32 (P,), axes float32 (P, 32), variances float64 (32,) of uint8 (N, ..), P numbers each.

    Up to 1,024 numbers an image: of 9,000 images, exactly. Beyond: of 2,000, evenly chosen, by random
    projection and two power passes (Halko, Martinsson and Tropp 2011, algorithm 4.4), which finds what
    stands out of the spectrum to a part in a thousand. What is not there has an axis or variance of 0.
    """
    pixels = int(np.prod(images.shape[1:]))
    large = pixels > MOST_EXACT
    reals = unit_rows(images[evenly(len(images), MOST_LARGE_IMAGES if large else MOST_IMAGES)])
    mean = reals.mean(axis=0)
    reals -= mean
    axes, variances = (_projected if large else _exact)(reals)
    whole_axes = np.zeros((pixels, COMPONENTS), np.float32)
    whole_variances = np.zeros(COMPONENTS)
    count = min(COMPONENTS, len(variances))
    whole_axes[:, :count] = axes[:, :count]
    whole_variances[:count] = np.maximum(variances[:count], 0.0)
    return mean, whole_axes, whole_variances


def _exact(reals: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Axes (P, P) and variances (P,) of centred rows, the largest first."""
    variances, axes = np.linalg.eigh((reals.T @ reals).astype(np.float64) / len(reals))
    return axes[:, ::-1], variances[::-1]


def _projected(reals: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The same for the first few, (P, k) and (k,), without a matrix of P times P."""
    width = min(COMPONENTS + SPARE, *reals.shape)
    dice = np.random.default_rng(SEED)
    plane = reals @ dice.standard_normal((reals.shape[1], width), np.float32)  # (N, k)
    for _ in range(PASSES):
        across = np.linalg.qr(reals.T @ np.linalg.qr(plane)[0])[0]  # (P, k)
        plane = reals @ across
    # Within the k directions `across` the covariance is small enough to be solved as it is.
    small = plane.T.astype(np.float64) @ plane / len(reals)
    variances, turn = np.linalg.eigh(small)
    return across @ turn[:, ::-1].astype(np.float32), variances[::-1]
