"""A channel-linked look-ahead limiter with true-peak detection, on whole blocks, in NumPy.

How it holds its promise: the wanted gain reduction (in dB) of every sample is held for the length
of the look-ahead, let go exponentially, and averaged over the same length. An average of values
that are all at least what the delayed sample needs is at least what it needs.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from instrument.sound.true_peak import TAPS, PeakFinder

DETECTION_DELAY = TAPS // 2
LOOK_AHEAD_S = 0.0015
RELEASE_S = 0.12
CEILING_DBTP = -1.0
MARGIN_DB = 0.35
"""Kept below the ceiling: a peak between two of the four points, and the moving gain itself."""


class Limiter:
    """Holds the true peak of a stream of blocks at or below the ceiling."""

    def __init__(
        self, sample_rate: int, ceiling_dbtp: float = CEILING_DBTP, channels: int = 2
    ) -> None:
        self._ceiling = 10.0 ** ((ceiling_dbtp - MARGIN_DB) / 20.0)
        self.top = 10.0 ** (ceiling_dbtp / 20.0)
        """No sample leaves above this amplitude."""
        self.look_ahead = max(2, round(LOOK_AHEAD_S * sample_rate))
        self.delay = self.look_ahead + DETECTION_DELAY
        """Frames by which the sound comes out later."""
        self.reduction_db = 0.0
        """Greatest gain reduction within the last block."""
        self._finder = PeakFinder(channels)
        self._line = np.zeros((self.delay, channels))
        self._wanted = np.zeros(self.look_ahead + 1)
        self._held = np.zeros(self.look_ahead - 1)
        shape = np.hanning(self.look_ahead + 2)[1:-1]
        self._shape = shape / shape.sum()
        self._fall = np.exp(-1.0 / (RELEASE_S * sample_rate))
        self._last = 0.0
        self._falling: tuple[np.ndarray, np.ndarray] = (np.ones(0), np.ones(0))

    def process(self, block: np.ndarray) -> np.ndarray:
        """Limit a block, float64 (frames, channels) of finite numbers; returns the same shape, delayed."""
        frames = len(block)
        wanted = self._wanted_reduction(block)
        line = np.concatenate((self._line, block))
        self._line = line[frames:]
        delayed = line[:frames]
        recent = np.concatenate((self._wanted, wanted))
        self._wanted = recent[frames:]
        if self._last <= 1e-9 and not recent.any():
            self._last = 0.0
            self._held[:] = 0.0
            self.reduction_db = 0.0
            return delayed
        most = sliding_window_view(recent, self.look_ahead + 2).max(axis=1)
        held = self._let_go(most)
        run = np.concatenate((self._held, held))
        self._held = run[frames:]
        reduction = np.convolve(run, self._shape, "valid")
        self.reduction_db = float(reduction.max())
        limited = delayed * np.exp(reduction * (-np.log(10.0) / 20.0))[:, None]
        return np.clip(limited, -self.top, self.top, out=limited)

    def _wanted_reduction(self, block: np.ndarray) -> np.ndarray:
        """dB above the ceiling of each instant, float64 (frames,), `DETECTION_DELAY` late."""
        peak = self._finder.peaks(block, self._ceiling)
        if peak is None:
            return np.zeros(len(block))
        return 20.0 * np.log10(np.maximum(peak / self._ceiling, 1.0))

    def _let_go(self, most: np.ndarray) -> np.ndarray:
        """``r[n] = max(most[n], fall * r[n - 1])`` for the whole block."""
        frames = len(most)
        if len(self._falling[0]) != frames:
            steps = np.arange(1, frames + 1)
            self._falling = (self._fall**steps, self._fall**-steps)
        down, up = self._falling
        raised = np.maximum.accumulate(np.maximum(most * up, self._last))
        released = raised * down
        self._last = float(released[-1])
        return released
