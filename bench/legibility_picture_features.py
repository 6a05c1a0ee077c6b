"""Plain features of a picture: how light, how busy, where, how coloured, and what changed. No network.

Light is (R + G + B) / 3 as it is displayed, 0 to 1. All features are finite for every picture.
"""

from collections import deque

import numpy as np

BINS = 8
DOWN, ACROSS = 3, 4
COLOURED = 0.15
"""Highest less lowest of R, G and B from which a pixel counts as coloured."""
TINY = 1e-7
"""Added to powers: a row without contrast has slope 0."""
NAMES = (
    "light", "contrast", *(f"histogram_{number}" for number in range(BINS)),
    "edges_across", "edges_down", "colour", "slope_across", "slope_down",
    *(f"box_{row}_{column}" for row in range(DOWN) for column in range(ACROSS)),
    "change", "change_1s",
)  # fmt: skip
"""What is measured of each picture, in this order."""
COARSE = ("light", "contrast", "edges_across", "edges_down", "colour", "change_1s")
"""What anybody sees: bright, contrasty, busy across, busy down, coloured, moving."""


class Eye:
    """Looks at one picture after the other; remembers a second of them."""

    def __init__(self, rate: int) -> None:
        """`rate`: pictures per second."""
        self._seen: deque[np.ndarray] = deque(maxlen=rate)

    def look(self, pixels: np.ndarray) -> np.ndarray:
        """float32 (NAMES,) of uint8 (height, width, 3); at the beginning nothing has changed."""
        light = pixels.mean(axis=2, dtype=np.float32) / 255.0
        before = self._seen[-1] if self._seen else light
        long_before = self._seen[0] if self._seen else light
        self._seen.append(light)
        histogram = np.histogram(light, BINS, (0.0, 1.0))[0] / light.size
        colour = (np.ptp(pixels, axis=2) > 255 * COLOURED).mean()
        return np.array(
            [
                light.mean(), light.std(), *histogram,
                np.abs(np.diff(light, axis=1)).mean(), np.abs(np.diff(light, axis=0)).mean(),
                colour, slope(light), slope(light.T), *boxes(light),
                np.abs(light - before).mean(), np.abs(light - long_before).mean(),
            ], np.float32,
        )  # fmt: skip


def boxes(light: np.ndarray) -> list[float]:
    """Mean light of the twelve fields of a coarse grid, row by row."""
    return [
        float(field.mean())
        for band in np.array_split(light, DOWN, axis=0)
        for field in np.array_split(band, ACROSS, axis=1)
    ]


def slope(light: np.ndarray) -> float:
    """Slope of the mean power spectrum of the rows, in decades of power per decade of frequency."""
    power = np.abs(np.fft.rfft(light - light.mean(axis=1, keepdims=True), axis=1)) ** 2
    heard = power.mean(axis=0)[1:] / light.shape[1] ** 2 + TINY
    return float(np.polyfit(np.log10(np.arange(1, len(heard) + 1)), np.log10(heard), 1)[0])


def clip_features(looked: np.ndarray) -> np.ndarray:
    """Means and deviations over the pictures of a clip: (pictures, NAMES) to (2 NAMES,)."""
    return np.concatenate([looked.mean(axis=0), looked.std(axis=0)])


CLIP_NAMES = (*(f"{name}_mean" for name in NAMES), *(f"{name}_sd" for name in NAMES))
"""The names of what `clip_features` gives."""
