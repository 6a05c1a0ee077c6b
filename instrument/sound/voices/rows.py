"""Rows: the rhythm of the glitch, 64 steps made of what the network is at this moment.

Nothing here is random: the same weights, gradients and class shares give the same row.
"""

from dataclasses import dataclass

import numpy as np

from instrument.sound.inner import CLASSES, Inner

STEPS = 64
RHYTHMS = ("bits", "histogram", "signs")
RHYTHM_BIT = 15
"""The rhythm is made of the 8 bits from here up: the upper mantissa and one of the exponent."""
PITCH_BIT = 10
NEVER = 1.0
"""The number of a step that stays silent at any density."""
GOLDEN = 0.6180339887498949
HASH = np.uint64(2654435761)
"""Knuth's multiplier: neighbouring numbers come out far apart."""


@dataclass(frozen=True)
class Row:
    """64 steps, float64 (64,) each.

    `numbers` 0..1: a step sounds while its number lies below the density. `pitches` -1..1.
    `dice` 0..1 deal a step its sound; `accidents` 0..1 say whether it stutters or drops out.
    """

    numbers: np.ndarray
    pitches: np.ndarray
    dice: np.ndarray
    accidents: np.ndarray


def row_of(inner: Inner, rhythm: str) -> Row | None:
    """The row of a rhythm; None while there are too few weights to make one.

    bits       the 8 upper mantissa bits of 64 weights are the numbers of the steps; a weight that
               is exactly zero is a silent step
    histogram  step n belongs to the class n % 10, which sounds at a share of `density` that
               follows its share of the samples: ten sparse voices, or one that hammers
    signs      a gradient above zero is a step that sounds (from density .5 all of them), one at or
               below zero is silent
    """
    words = _spread(inner.weights)
    if words is None:
        return None
    bits = np.ascontiguousarray(words).view(np.uint32)
    numbers = ((bits >> RHYTHM_BIT) & 0xFF) / 255.0
    numbers[(bits & 0x7FFFFFFF) == 0] = NEVER
    pitches = ((bits >> PITCH_BIT) & 0xFF) / 127.5 - 1.0
    mixed: np.ndarray = (
        (bits >> RHYTHM_BIT).astype(np.uint64) + np.arange(STEPS, dtype=np.uint64)
    ) * HASH
    even = (np.arange(1, STEPS + 1) * GOLDEN) % 1.0
    if rhythm == "histogram":
        number = np.arange(STEPS) % CLASSES
        weight = CLASSES * np.clip(inner.classes, 0.0, 1.0)[number]
        numbers = np.where(weight > 0.0, np.minimum(NEVER, even / np.maximum(weight, 1e-3)), NEVER)
        pitches = number / (0.5 * (CLASSES - 1)) - 1.0
    elif rhythm == "signs":
        gradients = _spread(inner.gradients)
        up = np.zeros(STEPS, bool) if gradients is None else gradients > 0.0
        numbers = np.where(up, 0.5 * even, NEVER)
    return Row(
        numbers.astype(np.float64),
        pitches.astype(np.float64),
        ((mixed >> np.uint64(24)) & np.uint64(0xFF)) / 256.0,
        ((mixed >> np.uint64(16)) & np.uint64(0xFF)) / 256.0,
    )


def _spread(values: np.ndarray) -> np.ndarray | None:
    """64 of the values, spread over all of them, float32 (64,)."""
    if len(values) < STEPS:
        return None
    places = np.linspace(0, len(values) - 1, STEPS).astype(np.intp)
    return np.asarray(values[places], np.float32)


class Steps:
    """Goes round the row; says to the sample when a step begins."""

    def __init__(self, sample_rate: int, block: int) -> None:
        self._sample_rate = sample_rate
        self._block = block
        self._at = 0.0
        """In steps; where the next block begins."""

    def passed(self, rate: float) -> list[tuple[int, int]]:
        """(sample, step) of each step that begins in the next block, at `rate` steps per second."""
        begin = self._at
        self._at += rate * self._block / self._sample_rate
        passed = []
        step = int(np.ceil(begin))
        while step < self._at:
            sample = int((step - begin) * self._sample_rate / rate)
            passed.append((min(sample, self._block - 1), step % STEPS))
            step += 1
        if self._at >= STEPS:
            self._at -= STEPS
        return passed
