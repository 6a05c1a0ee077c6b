"""In step: where in a recording a second reader must begin so that it agrees with the first.

Two readers of one organ tone that crossfade anywhere cancel or swell as their waves fall. Moved by
a few milliseconds, at most one period of the lowest tone, they run together.
"""

import numpy as np

REACH_S = 0.025
"""How far a beginning may be moved, to either side: a whole period of 20 Hz and more."""
LOOK_S = 0.2
"""How much sound is compared."""
COARSE = 8
"""Every so manieth sample is compared first; the best of those then to the sample."""


def in_step(samples: np.ndarray, at: int, first: int, last: int, sample_rate: int) -> int:
    """The beginning from `first` to `last` from which the sound best resembles that from `at` on.

    `samples` (frames, channels); all numbers but the rate (Hz) are frames, and answers are within
    the recording. The measure is the normalised cross-correlation of both channels as one, as in
    WSOLA (Verhelst and Roelands, 1993).
    """
    look = min(int(LOOK_S * sample_rate), len(samples) // 8)
    end = len(samples) - look
    at, low = min(max(0, at), end), min(max(0, first), end)
    high = min(max(low, last), end)
    target = samples[at : at + look].sum(axis=1, dtype=np.float64)
    around = samples[low : high + look].sum(axis=1, dtype=np.float64)
    coarse = low + COARSE * _best(_thinned(around), _thinned(target))
    start, stop = max(low, coarse - COARSE), min(high, coarse + COARSE)
    near = samples[start : stop + look].sum(axis=1, dtype=np.float64)
    return start + _best(near, target)


def _thinned(sound: np.ndarray) -> np.ndarray:
    return sound[: len(sound) // COARSE * COARSE].reshape(-1, COARSE).mean(axis=1)


def _best(around: np.ndarray, target: np.ndarray) -> int:
    """Where in `around` the target lies best."""
    likeness = np.correlate(around, target, "valid")
    energy = np.cumsum(np.concatenate([[0.0], around * around]))
    energy = energy[len(target) :] - energy[: -len(target)]
    return int(np.argmax(likeness / np.sqrt(energy[: len(likeness)] + 1e-9)))
