"""The window of a grain: one shape that goes from struck through round and flat to drawn in."""

import numpy as np

STRUCK_ATTACK = 0.03
"""Share of a struck grain in which it rises: short, but not a click."""
STRUCK_DECAYS = 5.0
"""Time constants over the length of a struck grain (-43 dB at its end, then faded to 0)."""
FLAT_SLOPES = 0.2
"""Share of a flat grain that its two slopes take together (a Tukey window)."""


def window(shape: float, length: int) -> np.ndarray:
    """The window at a shape 0..1, float64 (length,): 0 at both ends, 1 at its highest.

    0 is struck (it decays), 1/3 round (Hann), 2/3 flat with soft slopes (Tukey), 1 a swell (struck,
    played backwards); between them the two neighbours are mixed.
    """
    time = np.linspace(0.0, 1.0, length)
    slopes = np.clip(np.minimum(time, 1.0 - time) * 2.0 / FLAT_SLOPES, 0.0, 1.0)
    shapes = (
        _struck(time),
        0.5 - 0.5 * np.cos(2.0 * np.pi * time),
        0.5 - 0.5 * np.cos(np.pi * slopes),
        _struck(time)[::-1],
    )
    place = min(1.0, max(0.0, shape)) * (len(shapes) - 1)
    first = min(int(place), len(shapes) - 2)
    share = place - first
    mixed = (1.0 - share) * shapes[first] + share * shapes[first + 1]
    return mixed / mixed.max()


def _struck(time: np.ndarray) -> np.ndarray:
    rise = np.sin(0.5 * np.pi * np.clip(time / STRUCK_ATTACK, 0.0, 1.0)) ** 2
    return rise * np.exp(-STRUCK_DECAYS * time) * np.cos(0.5 * np.pi * time)
