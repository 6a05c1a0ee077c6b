"""The meter: levels, loudness, a coarse spectrum and a scope of what left, for eye and report."""

import math

import numpy as np

from instrument.signals.frames import SPECTRUM_BANDS, SoundFrame
from instrument.sound.loudness import LoudnessMeter
from instrument.sound.true_peak import PeakFinder

SCOPE_LENGTH = 256
WINDOW = 2048
LOWEST_HZ, HIGHEST_HZ = 30.0, 16000.0
FLOOR_DB = -80.0


class Meter:
    """Listens to blocks; fills a `SoundFrame` when asked. Render thread."""

    def __init__(self, sample_rate: int, block: int, channels: int = 2) -> None:
        self.loudness = LoudnessMeter(sample_rate, block, channels)
        self.peak_ever = 0.0
        self.true_peak_ever = 0.0
        """Highest amplitude between the samples so far, of all channels."""
        self._finder = PeakFinder(channels)
        self.blocks = 0
        self._square_ever = 0.0
        self._samples_ever = 0
        self._peak = 0.0
        self._square = 0.0
        self._samples = 0
        self._recent = np.zeros(WINDOW, np.float32)
        self._front = np.zeros((SCOPE_LENGTH, 2), np.float32)
        self._window = np.hanning(WINDOW).astype(np.float32)
        edges_hz = np.geomspace(LOWEST_HZ, HIGHEST_HZ, SPECTRUM_BANDS + 1)
        edges = np.round(edges_hz * WINDOW / sample_rate).astype(np.intp)
        self._low = np.minimum(edges[:-1], WINDOW // 2)
        self._high = np.maximum(edges[1:], self._low + 1)

    @property
    def rms_ever(self) -> float:
        """Root mean square of everything so far, as an amplitude."""
        return math.sqrt(self._square_ever / max(1, self._samples_ever))

    def hear(self, block: np.ndarray) -> None:
        """Take a block, float32 (block, channels), of finite numbers."""
        self.loudness.hear(block)
        between = self._finder.peaks(block, self.true_peak_ever)
        if between is not None:
            self.true_peak_ever = max(self.true_peak_ever, float(between.max()))
        flat = block.reshape(-1)
        square = float(np.dot(flat, flat))
        peak = max(float(flat.max()), -float(flat.min()))
        self._square += square
        self._samples += len(flat)
        self._square_ever += square
        self._samples_ever += len(flat)
        self._peak = max(self._peak, peak)
        self.peak_ever = max(self.peak_ever, peak)
        self.blocks += 1
        _push(self._recent, block.mean(axis=1))
        # Of a ring of loudspeakers the first two are the front.
        _push(self._front, block[:, :2])

    def fill(self, frame: SoundFrame) -> None:
        """Levels since the last call (amplitudes), loudness (LUFS), spectrum 0..1 (-80..0 dB),
        scope -1..1 (256 samples left, 256 right)."""
        frame.peak = self._peak
        frame.rms = math.sqrt(self._square / max(1, self._samples))
        frame.peak_ever = self.peak_ever
        frame.rms_ever = self.rms_ever
        frame.true_peak_ever = self.true_peak_ever
        frame.momentary = self.loudness.momentary_lufs
        frame.short_term = self.loudness.short_term_lufs
        frame.integrated = self.loudness.integrated_lufs
        frame.blocks = self.blocks
        self._peak = self._square = 0.0
        self._samples = 0
        power = np.abs(np.fft.rfft(self._recent * self._window)) ** 2 / (WINDOW / 4) ** 2
        total = np.concatenate(([0.0], np.cumsum(power)))
        bands = total[self._high] - total[self._low]
        levels = 10.0 * np.log10(np.maximum(bands, 1e-12))
        frame.spectrum[:] = np.clip(1.0 - levels / FLOOR_DB, 0.0, 1.0).tolist()
        frame.scope[:] = self._front.T.ravel().tolist()


def _push(recent: np.ndarray, new: np.ndarray) -> None:
    """The newest at the end, as many as find a place."""
    count = len(new)
    if count >= len(recent):
        recent[:] = new[-len(recent) :]
    else:
        recent[:-count] = recent[count:]
        recent[-count:] = new
