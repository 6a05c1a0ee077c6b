"""Every sample stream once more, by the letter of its definition: loops, float64, scipy. Slow and plain.

For any side S and any channels; in colour all but five streams are read off the mean of the channels.
"""

from collections.abc import Callable

import numpy as np
from scipy.ndimage import correlate

Batch = Callable[[int], np.ndarray]
"""A set of images: number of a batch to float32 (64, 784) in 0..1."""

SOBEL = np.array([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]]) / 8


def cosines(rows: np.ndarray) -> float:
    """Mean cosine of all pairs of different rows."""
    total = 0.0
    for i, a in enumerate(rows):
        for j, b in enumerate(rows):
            if i != j:
                total += a @ b / (np.linalg.norm(a) * np.linalg.norm(b))
    return total / (len(rows) * (len(rows) - 1))


def entropy(image: np.ndarray) -> float:
    """In units of 5 bit."""
    counts = [0] * 32
    for value in image.ravel():
        counts[min(int(np.floor(32 * value)), 31)] += 1
    p = np.array([c for c in counts if c]) / image.size
    return float(-(p * np.log2(p)).sum() / 5)


def edge(image: np.ndarray) -> float:
    gx = correlate(image, SOBEL)[1:-1, 1:-1]
    gy = correlate(image, SOBEL.T)[1:-1, 1:-1]
    return float(np.hypot(gx, gy).mean())


def twins(rows: np.ndarray, distance: float = 1.5) -> float:
    """Share of rows with another row nearer than `distance`."""
    near = [
        min(np.linalg.norm(a - b) for j, b in enumerate(rows) if j != i) < distance
        for i, a in enumerate(rows)
    ]
    return float(np.mean(near))


def spectrum(images: np.ndarray) -> tuple[float, float, float]:
    """Slope, centroid, flatness of images (B, S, S)."""
    side = images.shape[-1]
    power = np.mean(
        [np.abs(np.fft.fft2(image - image.mean())) ** 2 / (side * side) for image in images], axis=0
    )
    f = np.fft.fftfreq(side)
    radius = np.hypot(f[:, None], f[None, :])
    rings = np.round(side * radius)
    r = np.arange(2, round(12 * side / 28) + 1)
    mean_power = np.array([power[rings == ring].mean() for ring in r])
    slope = np.polyfit(np.log10(r), np.log10(mean_power), 1)[0]
    centroid = (radius * power).sum() / power.sum()
    without_dc = power.ravel()[1:]
    flatness = np.exp(np.log(without_dc).mean()) / without_dc.mean()
    return float(slope), float(centroid), float(flatness)


def sample_streams(x: np.ndarray, mean_image: np.ndarray) -> dict[str, float]:
    """All of them, for samples x (B, C * S * S) in -1..1 and the mean real image (C, S, S)."""
    channels, side, _ = mean_image.shape
    u = np.clip((x.astype(np.float64) + 1) / 2, 0, 1)
    images = u.reshape(-1, channels, side, side).mean(axis=1)
    grey = images.reshape(-1, side * side)
    dx, dy = np.abs(np.diff(images, axis=2)), np.abs(np.diff(images, axis=1))
    slope, centroid, flatness = spectrum(images)
    return {
        "ink": grey.mean(),
        "rms": np.mean([np.sqrt((row**2).mean()) for row in grey]),
        "contrast": np.mean([row.std() for row in grey]),
        "saturation": (np.abs(x) > 0.99).mean(),
        "entropy": np.mean([entropy(image) for image in images.astype(np.float32)]),
        "similarity": cosines(u),
        "similarity_centred": cosines(u - mean_image.ravel()),
        "diversity": u.std(axis=0).mean(),
        "duplicates": twins(u / np.sqrt(channels), 1.5 * side / 28),
        "edge": np.mean([edge(image) for image in images]),
        "variation": np.mean(
            [(a.sum() + b.sum()) / (2 * side * (side - 1)) for a, b in zip(dx, dy, strict=True)]
        ),
        "slope": slope,
        "centroid": centroid,
        "flatness": flatness,
    }
