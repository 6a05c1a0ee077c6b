"""The peaks of the waveform between the samples, by fourfold interpolation (ITU-R BS.1770-5, annex 2)."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

OVERSAMPLING = 4
TAPS = 24
"""Taps of each of the four interpolation filters."""
KAISER_BETA = 5.0
MOST_BETWEEN = 2.4
"""Between samples below a level no peak is higher than so many times that (the largest sum of the
sizes of the taps is 2.36)."""


def interpolation_filters() -> np.ndarray:
    """Windowed sinc for the points 0 to 3/4 after a sample; float64 (TAPS, OVERSAMPLING)."""
    at = np.arange(TAPS)[:, None] - (TAPS // 2 - 1) - np.arange(OVERSAMPLING) / OVERSAMPLING
    window = np.i0(KAISER_BETA * np.sqrt(np.maximum(0.0, 1 - (at / (TAPS // 2)) ** 2)))
    filters = np.sinc(at) * window / np.i0(KAISER_BETA)
    return filters / filters.sum(axis=0)


class PeakFinder:
    """Peaks at and between the samples of a stream of blocks, `TAPS // 2` frames late."""

    def __init__(self, channels: int = 2) -> None:
        self._filters = interpolation_filters()
        self._past = np.zeros((TAPS - 1, channels))

    def peaks(self, block: np.ndarray, above: float) -> np.ndarray | None:
        """Amplitude round each frame, the loudest channel's, float64 (frames,), for a block
        (frames, channels) of finite numbers; None when surely none is above that amplitude."""
        run = np.concatenate((self._past, block))
        self._past = run[-(TAPS - 1) :]
        if max(float(run.max()), -float(run.min())) * MOST_BETWEEN < above:
            return None
        windows = np.ascontiguousarray(sliding_window_view(run, TAPS, axis=0))
        peaks = np.abs(windows.reshape(-1, TAPS) @ self._filters).max(axis=1)
        return np.asarray(peaks.reshape(len(block), -1).max(axis=1))
