"""The chorus of digits: ten organ pipes, one for each class the network may draw.

Every pipe has a level of its own (`tone_0` to `tone_9`); a preset lets the class histogram push them,
so ten tones sound when all modes live and one when it has collapsed. The pipes are additive: a
soft rank (flute) and a bright one (principal), each a little apart from itself on both sides.
"""

import numpy as np

from instrument.signals.controls import Control
from instrument.signals.spec import Curve, Spec, choice, number
from instrument.sound import graph as pyo
from instrument.sound.graph import Graph
from instrument.sound.inner import CLASSES, Inner
from instrument.sound.voices.parts import VoiceControls, level, send
from instrument.units import semitones_to_ratio

FLUTE = (1.0, 0.12, 0.05, 0.02)
PRINCIPAL = (0.7, 0.55, 0.4, 0.3, 0.22, 0.2, 0.12, 0.14, 0.06, 0.08, 0.03, 0.05)
"""Amplitudes of the harmonics of the two ranks."""
TUNINGS: dict[str, tuple[float, ...]] = {
    "pentatonic": (1, 9 / 8, 5 / 4, 3 / 2, 5 / 3, 2, 9 / 4, 5 / 2, 3, 10 / 3),
    "harmonics": (2, 3, 4, 5, 6, 7, 8, 9, 10, 12),
    "fifths": (1, 3 / 2, 2, 9 / 4, 3, 27 / 8, 4, 9 / 2, 6, 27 / 4),
    "minor": (1, 6 / 5, 3 / 2, 9 / 5, 2, 12 / 5, 3, 18 / 5, 4, 24 / 5),
    "cluster": tuple(2 ** (n / 12) for n in range(CLASSES)),
}
"""Frequencies of the ten pipes over the lowest, in just intonation (but for the cluster)."""
ROOT_HZ = 110.0
SWELL_UP_S, SWELL_DOWN_S = 0.09, 0.3
CENTS_PER_OCTAVE = 1200.0
PIPE_GAIN = 0.2
PERIOD, HALVINGS = 4096, 40
NYQUIST_SHARE = 0.45
BREAK_RATIO = 1.4
"""A principal fades into a flute over so much of frequency, below where it would alias."""


def tone(digit: int) -> Spec:
    """The spec of one pipe's level."""
    return number(
        0.0, 1.0, 0.0, f"how loud the pipe of the digit {digit} sounds", curve=Curve.LINEAR
    )


class DigitsControls(VoiceControls):
    """Ten pipes, one for each digit."""

    level = Control(level(-60.0, "how loud the chorus of digits is"))
    space = Control(send(0.4))
    tuning = Control(choice(tuple(TUNINGS), "pentatonic", "the chord of the ten pipes"))
    pitch = Control(number(-24.0, 24.0, 0.0, "transposes all pipes", unit="semitones"))
    colour = Control(number(0.0, 1.0, 0.25, "from flute (0) to principal (1)"))
    detune = Control(
        number(
            0.0, 100.0, 3.0, "how far each pipe is from itself: slow beating, then sour",
            unit="cents", curve=Curve.POWER,
        )
    )  # fmt: skip
    tremulant = Control(number(0.0, 1.0, 0.15, "how deep the wind trembles"))
    tone_0 = Control(tone(0))
    tone_1 = Control(tone(1))
    tone_2 = Control(tone(2))
    tone_3 = Control(tone(3))
    tone_4 = Control(tone(4))
    tone_5 = Control(tone(5))
    tone_6 = Control(tone(6))
    tone_7 = Control(tone(7))
    tone_8 = Control(tone(8))
    tone_9 = Control(tone(9))


class Digits:
    """Ten pipes round the audience, low ones in the middle."""

    def __init__(self, graph: Graph) -> None:
        soft = graph.shelved("rank flute", lambda: rank(FLUTE))
        bright = graph.shelved("rank principal", lambda: rank(PRINCIPAL))
        self._bright = [graph.live(0.25, 0.1) for _ in range(CLASSES)]
        self._soft = [graph.live(0.75, 0.1) for _ in range(CLASSES)]
        self._brightest_hz = NYQUIST_SHARE * graph.sample_rate / len(PRINCIPAL)
        self._tremulant = graph.live(0.1, 0.1)
        self._frequencies = [graph.live(ROOT_HZ * (n + 1), 0.05) for n in range(2 * CLASSES)]
        self._levels = [graph.live(0.0, 0.0) for _ in range(CLASSES)]
        wind = pyo.Sine([5.3, 5.7], mul=self._tremulant.signal * 0.12, add=1.0)
        pipes = []
        for digit in range(CLASSES):
            swell = pyo.Port(self._levels[digit].signal, SWELL_UP_S, SWELL_DOWN_S)
            pair = [live.signal for live in self._frequencies[2 * digit : 2 * digit + 2]]
            # Below 1: pyo wraps a phase once and reads behind the table otherwise.
            phases = [0.1 * digit, (0.5 + 0.07 * digit) % 1.0]
            voice = pyo.Osc(soft, pair, phases, interp=2, mul=self._soft[digit].signal)
            voice += pyo.Osc(bright, pair, phases, interp=2, mul=self._bright[digit].signal)
            pipe = voice * swell * wind * PIPE_GAIN
            pipes.append(self._placed(graph, pipe, digit))
        self.sound = graph.mix(pipes)

    def _placed(self, graph: Graph, pipe: "pyo.PyoObject", digit: int) -> "pyo.PyoObject":
        """Both sides of a pipe, near each other; the pipes spread over all loudspeakers."""
        middle = (0.5 + (0.5 if digit % 2 else -0.5) * digit / CLASSES) % 1.0
        sides = [graph.pan(pipe[n], (middle + (n - 0.5) * 0.16) % 1.0) for n in (0, 1)]
        return graph.mix(sides)

    def update(self, controls: DigitsControls) -> None:
        """Follow the controls. Render thread."""
        ratios = list(TUNINGS.values())[int(controls.tuning)]
        root_hz = ROOT_HZ * semitones_to_ratio(controls.pitch)
        detune = controls.detune
        for digit, ratio in enumerate(ratios):
            # No two pipes beat alike: the higher ones slower in cents, as on an organ.
            apart = 2.0 ** (0.5 * detune * (1.0 - 0.05 * digit) / CENTS_PER_OCTAVE)
            self._voice(digit, root_hz * ratio, controls.colour)
            self._frequencies[2 * digit].set(root_hz * ratio * apart)
            self._frequencies[2 * digit + 1].set(root_hz * ratio / apart)
        first = DigitsControls._fields[-CLASSES].number
        for live, amount in zip(self._levels, controls.values[first:], strict=True):
            live.set(float(amount))
        self._tremulant.set(controls.tremulant)

    def _voice(self, digit: int, hz: float, colour: float) -> None:
        """How bright a pipe is; one too high for the harmonics of a principal is a flute."""
        room = (self._brightest_hz / hz - 1.0) / (BREAK_RATIO - 1.0)
        bright = colour * min(1.0, max(0.0, room))
        self._bright[digit].set(bright)
        self._soft[digit].set(1.0 - bright)

    def hear(self, inner: Inner) -> None:
        """The pipes listen to their levels only: what moves them is the preset's to say."""


def rank(harmonics: tuple[float, ...]) -> np.ndarray:
    """One period of a pipe, float64 (4096,), peak 1; the phases are spread so that it has no spike.

    It begins at a zero: what pyo reads behind the last sample of a table is 0, and must fit.
    """

    def wave(at: np.ndarray) -> np.ndarray:
        waves = [
            amount * np.sin(2 * np.pi * (n * at + 0.5 * n * n / len(harmonics)))
            for n, amount in enumerate(harmonics, 1)
        ]
        return np.asarray(np.sum(waves, axis=0))

    at = np.arange(PERIOD) / PERIOD
    rises = int(np.flatnonzero(np.diff(np.signbit(wave(at)).astype(int)) < 0)[0])
    low, high = at[rises], at[rises + 1]
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if wave(middle) < 0.0 else (low, middle)
    period = wave(at + low)
    return np.asarray(period / np.abs(period).max())
