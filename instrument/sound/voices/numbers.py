"""A numbers station: a voice that reads a number aloud, digit by digit, in sine tones.

A reading says the number that stood when it began, whole, and then is silent until the next is
due. A change of style, pitch or speed also waits for the next reading. (`speech` has the digits.)
"""

import numpy as np

from instrument.signals.controls import Control
from instrument.signals.spec import Curve, choice
from instrument.signals.spec import number as continuous
from instrument.sound import graph as pyo
from instrument.sound.graph import Graph
from instrument.sound.inner import Inner
from instrument.sound.voices.feed import Clock, Feed
from instrument.sound.voices.parts import VoiceControls, gain_of, level, send
from instrument.sound.voices.speech import STYLES, Mark, marks_of, text_of

EDGE_S = 0.006
GAIN = 0.3
LEAST_PAUSE_S = 0.4
REED = (1.0, 0.5, 0.7, 0.25, 0.4, 0.12, 0.2, 0.06)
"""Harmonics of the other tone it can speak in."""
WAVE_LENGTH = 4096
HIGHEST_HZ = 8000.0


class NumbersControls(VoiceControls):
    """Reads a number out."""

    level = Control(level(-60.0, "how loud the reading voice is"))
    space = Control(send(0.1))
    number = Control(continuous(0.0, 99.99, 0.0, "the number that is read"))
    speak = Control(
        choice(STYLES, "tones", "how a digit is said: two tones, so many pips, or morse")
    )
    rate = Control(
        continuous(
            1.0, 60.0, 8.0, "readings per minute, as far as they fit", unit="1/min",
            curve=Curve.EXPONENTIAL,
        )
    )  # fmt: skip
    speed = Control(
        continuous(
            1.0, 20.0, 3.0, "how fast the digits are said", unit="1/s", curve=Curve.EXPONENTIAL
        )
    )
    pitch = Control(
        continuous(
            110.0, 2000.0, 440.0, "lower tone of the voice", unit="Hz", curve=Curve.EXPONENTIAL
        )
    )  # fmt: skip
    tone = Control(continuous(0.0, 1.0, 0.1, "from pure sines (0) to a small reed (1)"))
    place = Control(continuous(0.0, 1.0, 0.5, "where it stands, from left to right"))


class Numbers:
    """Two tones, and a key for each that is pressed to the sample."""

    def __init__(self, graph: Graph) -> None:
        self._block, self._sample_rate = graph.block, graph.sample_rate
        clock = Clock(graph)
        self._keys = [Feed(graph, clock) for _ in range(2)]
        self._hz = [Feed(graph, clock, 440.0) for _ in range(2)]
        self._pure, self._reed = graph.live(1.0), graph.live(0.0)
        self._place = graph.live(0.5, 0.05)
        reed = graph.keep(graph.table(reed_wave()))
        tones = []
        for hz, key in zip(self._hz, self._keys, strict=True):
            pure = pyo.Sine(hz.signal, mul=self._pure.signal)
            tones.append((pure + pyo.Osc(reed, hz.signal, mul=self._reed.signal)) * key.signal)
        spoken = pyo.Mix(tones, 1)
        self.sound = graph.pan(spoken, self._place.signal, 0.0)
        self._now = 0
        """Samples since the reading began."""
        self._due = 0.0
        """When the next one begins, on the same clock."""
        self._silent_from = 0.0
        self._was_off = False
        self._marks: list[tuple[int, int, float, float]] = []

    def update(self, controls: NumbersControls) -> None:
        """Follow the controls; begin a reading when it is due. Render thread."""
        for feed in (*self._keys, *self._hz):
            feed.settle()
        # Turned up again after it was off it begins at once.
        off = gain_of(controls.level) <= 0.0 or bool(controls.mute)
        if self._now >= self._due or (self._was_off and not off):
            self._begin(controls)
        self._was_off = off
        self._due = max(self._silent_from, 60.0 / controls.rate * self._sample_rate)
        self._press()
        self._now += self._block
        self._pure.set(1.0 - controls.tone)
        self._reed.set(controls.tone)
        self._place.set(controls.place)

    def _begin(self, controls: NumbersControls) -> None:
        self._now = 0
        unit = self._sample_rate / controls.speed
        spoken = marks_of(text_of(controls.number), STYLES[int(controls.speak)])
        self._marks = [self._timed(mark, unit, controls.pitch) for mark in spoken]
        self._silent_from = self._marks[-1][1] + LEAST_PAUSE_S * self._sample_rate

    def _timed(self, mark: Mark, unit: float, pitch_hz: float) -> tuple[int, int, float, float]:
        low, high = (min(HIGHEST_HZ, pitch_hz * ratio) for ratio in mark.ratios)
        return round(mark.begin * unit), round(mark.end * unit), low, high

    def _press(self) -> None:
        """Write both keys of this block. Marks never overlap."""
        end_of_block = self._now + self._block
        heard = [mark for mark in self._marks if mark[0] < end_of_block and mark[1] > self._now]
        if not heard:
            return
        at = np.arange(self._now, end_of_block)
        keys = np.zeros((2, self._block))
        for begin, end, *hz in heard:
            up = np.minimum(at - begin, end - at) / (EDGE_S * self._sample_rate)
            pressed = GAIN * (0.5 - 0.5 * np.cos(np.pi * np.clip(up, 0.0, 1.0)))
            for tone, tone_hz in enumerate(hz):
                if tone_hz > 0.0:
                    keys[tone] += pressed
                    if begin >= self._now:
                        self._hz[tone].hold(begin - self._now, tone_hz)
        for feed, key in zip(self._keys, keys, strict=True):
            feed.write(key)

    def hear(self, inner: Inner) -> None:
        """The voice reads its number only."""


def reed_wave() -> np.ndarray:
    """One period of a small reed, float64 (4096,), peak 1, beginning at 0."""
    at = np.arange(WAVE_LENGTH) / WAVE_LENGTH
    wave = np.zeros(WAVE_LENGTH)
    for harmonic, amount in enumerate(REED, 1):
        wave += amount * np.sin(2.0 * np.pi * harmonic * at)
    return np.asarray(wave / np.abs(wave).max())
