"""Loudness by ITU-R BS.1770-5 and EBU Tech 3341: momentary, short-term and gated integrated.

A block is weighted as the ear weighs it (two filters), squared, and summed over all channels, each
with weight 1: in a ring of loudspeakers round the audience no channel is the back. Loudness is
``-0.691 + 10 log10`` of the mean over 400 ms (momentary), 3 s (short-term), or over those 400 ms
stretches (every 100 ms) that lie above -70 LUFS and above 10 LU below their own mean (integrated).
"""

import math

import numpy as np

from instrument.signals.frames import SILENT_LUFS
from instrument.sound.filters import BlockFilter

STEP_S = 0.1
MOMENTARY_STEPS, SHORT_TERM_STEPS = 4, 30
ABSOLUTE_GATE_LUFS = -70.0
RELATIVE_GATE_LU = -10.0
OFFSET_DB = -0.691
BINS_PER_LU = 100
HIGHEST_LUFS = 30.0
SHELF_HZ, SHELF_DB, SHELF_Q = 1681.974450955533, 3.999843853973347, 0.7071752369554196
SHELF_BAND_POWER = 0.4996667741545416
HIGH_PASS_HZ, HIGH_PASS_Q = 38.13547087602444, 0.5003270373238773
"""The filters of BS.1770 as analogue prototypes, so that they can be made at any sample rate. At
48 kHz they give the coefficients in the tables of the recommendation."""


def k_weighting(sample_rate: int) -> np.ndarray:
    """The two filters as second-order sections, float64 (2, 6), by the bilinear transform."""
    k = math.tan(math.pi * SHELF_HZ / sample_rate)
    high = 10.0 ** (SHELF_DB / 20.0)
    band = high**SHELF_BAND_POWER
    scale = 1.0 + k / SHELF_Q + k * k
    shelf = [
        (high + band * k / SHELF_Q + k * k) / scale,
        2.0 * (k * k - high) / scale,
        (high - band * k / SHELF_Q + k * k) / scale,
        1.0,
        2.0 * (k * k - 1.0) / scale,
        (1.0 - k / SHELF_Q + k * k) / scale,
    ]
    k = math.tan(math.pi * HIGH_PASS_HZ / sample_rate)
    scale = 1.0 + k / HIGH_PASS_Q + k * k
    high_pass = [
        1.0, -2.0, 1.0, 1.0,
        2.0 * (k * k - 1.0) / scale,
        (1.0 - k / HIGH_PASS_Q + k * k) / scale,
    ]  # fmt: skip
    return np.array([shelf, high_pass])


def lufs(power: float) -> float:
    """Loudness of a mean weighted square; `SILENT_LUFS` at the least."""
    return max(SILENT_LUFS, OFFSET_DB + 10.0 * math.log10(max(power, 1e-30)))


def integrated(steps: np.ndarray) -> float:
    """Gated loudness in LUFS of weighted mean squares, float64 (steps of 100 ms,).

    What is shorter than 400 ms is measured without gates.
    """
    if len(steps) == 0:
        return SILENT_LUFS
    if len(steps) < MOMENTARY_STEPS:
        return lufs(float(steps.mean()))
    run = np.concatenate(([0.0], np.cumsum(steps)))
    powers = (run[MOMENTARY_STEPS:] - run[:-MOMENTARY_STEPS]) / MOMENTARY_STEPS
    loud = powers[powers > _power(ABSOLUTE_GATE_LUFS)]
    if len(loud) == 0:
        return SILENT_LUFS
    loud = loud[loud > loud.mean() * 10.0 ** (RELATIVE_GATE_LU / 10.0)]
    return lufs(float(loud.mean()))


def _power(loudness_lufs: float) -> float:
    return 10.0 ** ((loudness_lufs - OFFSET_DB) / 10.0)


class LoudnessMeter:
    """Follows the loudness of a stream of blocks. Render thread; about 40 us a block in stereo."""

    def __init__(self, sample_rate: int, block: int, channels: int = 2) -> None:
        self._filter = BlockFilter(k_weighting(sample_rate), block, channels)
        self._step_frames = round(STEP_S * sample_rate)
        self._steps = np.zeros(SHORT_TERM_STEPS)
        self._step = 0.0
        self._frames = 0
        self.steps = 0
        """So many stretches of 100 ms are complete."""
        bins = round((HIGHEST_LUFS - ABSOLUTE_GATE_LUFS) * BINS_PER_LU)
        self._counts = np.zeros(bins, np.int64)
        self._powers = np.zeros(bins)

    def hear(self, block: np.ndarray) -> None:
        """Take a block, float32 (block, channels), of finite numbers."""
        weighted = self._filter.process(block.astype(np.float64))
        squares = np.einsum("fc,fc->f", weighted, weighted)
        first = 0
        while len(squares) - first >= (rest := self._step_frames - self._frames):
            self._step += float(squares[first : first + rest].sum())
            first += rest
            self._end_step()
        self._step += float(squares[first:].sum())
        self._frames += len(squares) - first

    def _end_step(self) -> None:
        self._steps[self.steps % SHORT_TERM_STEPS] = self._step / self._step_frames
        self.steps += 1
        self._step, self._frames = 0.0, 0
        if self.steps < MOMENTARY_STEPS:
            return
        power = self._recent(MOMENTARY_STEPS)
        loudness = lufs(power)
        if loudness > ABSOLUTE_GATE_LUFS:
            place = int((loudness - ABSOLUTE_GATE_LUFS) * BINS_PER_LU)
            place = min(place, len(self._counts) - 1)
            self._counts[place] += 1
            self._powers[place] += power

    def _recent(self, steps: int) -> float:
        places = np.arange(self.steps - steps, self.steps) % SHORT_TERM_STEPS
        return float(self._steps[places].mean())

    @property
    def momentary_lufs(self) -> float:
        """Of the last 400 ms, new every 100 ms."""
        return self._loudness(MOMENTARY_STEPS)

    @property
    def short_term_lufs(self) -> float:
        """Of the last 3 s, new every 100 ms."""
        return self._loudness(SHORT_TERM_STEPS)

    def _loudness(self, steps: int) -> float:
        return lufs(self._recent(steps)) if self.steps >= steps else SILENT_LUFS

    @property
    def integrated_lufs(self) -> float:
        """Of everything so far, gated (the relative gate to a hundredth of a LU)."""
        count = int(self._counts.sum())
        if count == 0:
            return SILENT_LUFS
        gate = lufs(float(self._powers.sum()) / count) + RELATIVE_GATE_LU
        place = max(0, math.ceil((gate - ABSOLUTE_GATE_LUFS) * BINS_PER_LU - 1e-9))
        loud = int(self._counts[place:].sum())
        return lufs(float(self._powers[place:].sum()) / loud) if loud else SILENT_LUFS
