"""Partials: a row of sines whose loudness NumPy writes, and the notes that they stand on.

Between two nodes (every 32 frames or fewer) an amplitude moves in a straight line, and a phase never
leaps. A block of K sines is one product of matrices: sin(a + wn) = sin a cos wn + cos a sin wn.
"""

from functools import lru_cache

import numpy as np

from instrument.sound.voices.scales import SCALES, SEMITONES_PER_OCTAVE

OCTAVES = 8
"""The most that notes may span."""
GLIDE_S = 0.03
GOLDEN = 0.6180339887498949
NEAR = 1e-7
"""In octaves: a glide that came so near is over."""
EVEN, HARMONICS = "even", "harmonics"
TUNINGS = (EVEN, HARMONICS, "pentatonic", "minor", "fifths", "whole_tone")


@lru_cache(maxsize=64)
def _grid(tuning: str) -> np.ndarray:
    """All notes of a scale over the whole span, in semitones, rising."""
    octaves = SEMITONES_PER_OCTAVE * np.arange(OCTAVES + 1)
    return np.sort(np.add.outer(octaves, SCALES[tuning]).ravel())


def notes(tuning: str, span: float, count: int) -> np.ndarray:
    """`count` notes over `span` octaves in octaves above the lowest, rising; some may be the same.

    Even ones are equally far apart. Harmonics are whole multiples of the lowest, equally far apart in Hz.
    Others are the nearest notes of the scale.
    """
    at = np.arange(count) / max(1, count - 1)
    if tuning == EVEN:
        return span * at
    if tuning == HARMONICS:
        return np.asarray(np.log2(np.round(1.0 + (2.0**span - 1.0) * at)))
    wanted, grid = SEMITONES_PER_OCTAVE * span * at, _grid(tuning)
    above = np.clip(np.searchsorted(grid, wanted), 1, len(grid) - 1)
    nearer = wanted - grid[above - 1] <= grid[above] - wanted
    return np.asarray(grid[above - nearer] / SEMITONES_PER_OCTAVE)


class Partials:
    """So many sines. Render thread only."""

    def __init__(self, sample_rate: int, block: int, step: int, count: int) -> None:
        """`step` frames from node to node, a divisor of `block`. Phases begin spread, so that all of them
        together have no spike."""
        self._sample_rate = sample_rate
        self._nodes = np.arange(block // step)[:, None]
        self._frames = np.arange(step) / step
        self._share = 1.0 - float(np.exp(-block / (GLIDE_S * sample_rate)))
        self._phase = 2.0 * np.pi * (GOLDEN * np.arange(count) ** 2 % 1.0)
        self._octaves: np.ndarray | None = None
        """Of each sine, over 1 Hz."""
        self._turn = np.zeros(count)
        self._waves = np.zeros((4 * count, step))

    def tune(self, octaves: np.ndarray) -> None:
        """Go to these frequencies, in octaves over 1 Hz, float64 (count,); at once the first time."""
        if self._octaves is None:
            self._octaves = octaves.copy()
        else:
            away = octaves - self._octaves
            if not away.any():
                return
            near = float(np.abs(away).max()) < NEAR
            self._octaves = octaves.copy() if near else self._octaves + self._share * away
        step = len(self._frames)
        self._turn = 2.0 * np.pi / self._sample_rate * np.exp2(self._octaves)
        at = np.multiply.outer(self._turn, np.arange(step))
        sines, cosines = np.sin(at), np.cos(at)
        rise = self._frames
        fall = 1.0 - rise
        self._waves = np.concatenate((cosines * fall, sines * fall, cosines * rise, sines * rise))
        self._turn *= step

    def play(self, amplitudes: np.ndarray) -> np.ndarray:
        """The next block, float64 (block,), for amplitudes at its nodes, (nodes + 1, count)."""
        phases = self._phase + self._nodes * self._turn
        self._phase = (phases[-1] + self._turn) % (2.0 * np.pi)
        sines, cosines = np.sin(phases), np.cos(phases)
        here, there = amplitudes[:-1], amplitudes[1:]
        weights = (here * sines, here * cosines, there * sines, there * cosines)
        return np.asarray((np.concatenate(weights, axis=1) @ self._waves).ravel())
