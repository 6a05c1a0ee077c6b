"""The master: the last hands a block passes through before anybody hears it.

Guard against what is no number, 20 Hz high-pass, level, limiter, and the fades: soft start, panic,
the end. Works on the block that the graph rendered, in NumPy; render thread.
"""

import math
from enum import Enum

import numpy as np

from instrument.signals.show import PANIC_CUT, PANIC_FADE
from instrument.sound.filters import BlockFilter, butterworth_high_pass
from instrument.sound.limiter import Limiter
from instrument.sound.voices.parts import OFF_DB
from instrument.units import db_to_gain

START_S = 1.2
BACK_S = 0.15
"""How long the sound takes back after the guard silenced it."""
CUT_S = 0.012
LOUDEST_INPUT = 64.0
HIGH_PASS_HZ = 20.0
LEVEL_LAG_S = 0.03


class Fade(Enum):
    """Where the loudness of everything is going. The only way out of ENDING is the end."""

    OPEN = "open"
    PANIC = "panic"
    CUT = "cut"
    ENDING = "ending"


class Fader:
    """The fades, one at a time, as an amplitude 0..1 that never jumps.

    | asked           | goes to | in                        |
    |-----------------|---------|---------------------------|
    | start, panic off| 1       | `START_S`, `panic_fade` s |
    | panic fade      | 0       | `panic_fade` s            |
    | panic cut       | 0       | `CUT_S`                   |
    | end             | 0       | what the caller says      |
    """

    def __init__(self, sample_rate: int) -> None:
        self._sample_rate = sample_rate
        self.at = 0.0
        self.kind = Fade.OPEN
        self._seconds = START_S

    def panic(self, panic: int, fade_s: float) -> None:
        """Follow the show's panic control and its time."""
        if self.kind is Fade.ENDING:
            return
        wanted = {PANIC_FADE: Fade.PANIC, PANIC_CUT: Fade.CUT}.get(panic, Fade.OPEN)
        if wanted is not self.kind:
            self.kind = wanted
            self._seconds = CUT_S if wanted is Fade.CUT else fade_s
        elif wanted is Fade.PANIC:
            self._seconds = fade_s

    def end(self, fade_s: float) -> None:
        """Fade out for good."""
        if self.kind is not Fade.ENDING:
            self.kind = Fade.ENDING
            self._seconds = fade_s

    def dip(self) -> None:
        """Silence now, and back softly: after a block that was no sound."""
        self.at = 0.0
        if self.kind is Fade.OPEN:
            self._seconds = BACK_S

    @property
    def silent(self) -> bool:
        return self.at == 0.0 and self.kind is not Fade.OPEN

    def ramp(self, frames: int) -> np.ndarray | None:
        """Amplitudes of the next frames, float64 (frames,); None when it is open and stays so."""
        goal = 1.0 if self.kind is Fade.OPEN else 0.0
        if self.at == goal == 1.0:
            return None
        step = 1.0 / max(1.0, self._seconds * self._sample_rate)
        steps = np.arange(1, frames + 1) * (step if goal > self.at else -step)
        linear = np.clip(self.at + steps, 0.0, 1.0)
        self.at = float(linear[-1])
        # Squared: a line in amplitude would hang loud for half of its way.
        return linear * linear


class Master:
    """Guard, high-pass, level, limiter and fades for blocks of one size."""

    def __init__(self, sample_rate: int, block: int, channels: int = 2) -> None:
        self._block = block
        self._channels = channels
        high_pass = butterworth_high_pass(HIGH_PASS_HZ, sample_rate)
        self._high_pass = BlockFilter(high_pass, block, channels)
        self.limiter = Limiter(sample_rate, channels=channels)
        self.fader = Fader(sample_rate)
        self._gain: float | None = None
        self._gain_share = -math.expm1(-block / sample_rate / LEVEL_LAG_S)
        self.nonfinite_blocks = 0

    def begin_in_the_middle(self) -> None:
        """Softly, and at the level of the next block: where it stood before was nobody's wish."""
        self.fader.dip()
        self._gain = None

    def process(self, rendered: np.ndarray, level_db: float) -> np.ndarray:
        """What leaves: float32 (block, channels), finite, true peak at or below the ceiling.

        `rendered` float32 (block, channels), anything at all.
        """
        if np.isfinite(rendered).all():
            block = rendered.astype(np.float64)
            np.clip(block, -LOUDEST_INPUT, LOUDEST_INPUT, out=block)
        else:
            self.nonfinite_blocks += 1
            self.fader.dip()
            block = np.zeros((self._block, self._channels))
        block = self._high_pass.process(block) * self._gains(level_db)[:, None]
        block = self.limiter.process(block)
        ramp = self.fader.ramp(self._block)
        if ramp is not None:
            block = block * ramp[:, None]
        return block.astype(np.float32)

    def _gains(self, level_db: float) -> np.ndarray:
        """The level as amplitudes, float64 (block,), on a line from where it was."""
        goal = 0.0 if level_db <= OFF_DB else db_to_gain(level_db)
        before = goal if self._gain is None else self._gain
        self._gain = before + (goal - before) * self._gain_share
        return np.linspace(before, self._gain, self._block + 1)[1:]
