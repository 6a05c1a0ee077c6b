"""The noise floor: what a machine sounds like before it has learned anything."""

from typing import Any

import numpy as np

from instrument.signals.controls import Control
from instrument.signals.spec import Curve, choice, number
from instrument.sound import graph as pyo
from instrument.sound.graph import Graph
from instrument.sound.inner import Inner
from instrument.sound.voices.parts import VoiceControls, level, send

DARKEST_HZ, BRIGHTEST_HZ = 120.0, 16000.0
QUIETEST, LOUDEST = 0.3, 3.5
"""Amplitude of the white noise under the brightest and the darkest low-pass: equally loud."""
MAINS_HZ = {"50_hz": 50.0, "60_hz": 60.0}
ROUND = (1.0, 0.25, 0.4, 0.05, 0.15)
RECTIFIED = (
    0.35,
    1.0,
    0.2,
    0.7,
    0.15,
    0.5,
    0.12,
    0.4,
    0.1,
    0.32,
    0.08,
    0.26,
    0.06,
    0.2,
    0.05,
    0.16,
)
"""Harmonics of a transformer far away, and of the lamp beside one's ear."""
HUM_LENGTH = 4096
HUM_GAIN = 0.55
DUST_HZ, DUST_Q, DUST_GAIN = 2700.0, 1.2, 2.8
LOOP_S = 5.4


class NoiseControls(VoiceControls):
    """Noise floor, hum and dust."""

    level = Control(level(-48.0, "how loud the noise floor is"))
    space = Control(send(0.0))
    colour = Control(number(0.0, 1.0, 0.5, "from a low rumble (0) over pink to white (1)"))
    hum = Control(number(0.0, 1.0, 0.0, "mains hum in it", curve=Curve.POWER))
    dust = Control(number(0.0, 400.0, 0.0, "crackles per second", unit="1/s", curve=Curve.POWER))
    mains = Control(choice(tuple(MAINS_HZ), "50_hz", "the mains it hums with"))
    buzz = Control(number(0.0, 1.0, 0.2, "from a round hum (0) to a bad lamp (1)"))
    hiss = Control(number(0.0, 1.0, 1.0, "how loud the noise itself is against hum and dust"))


class Noise:
    """Looped noise of one colour, hum, and crackle."""

    def __init__(self, graph: Graph) -> None:
        self._colour = graph.live(0.5, 0.05)
        self._hum, self._buzz = graph.live(0.0, 0.05), graph.live(0.2, 0.05)
        self._mains_hz = graph.live(50.0, 0.3)
        self._dust, self._hiss = graph.live(0.0, 0.05), graph.live(1.0, 0.05)
        self.sound = self._floor(graph) + self._hums(graph) + self._crackle(graph)
        self._sample_rate = graph.sample_rate

    def _floor(self, graph: Graph) -> Any:
        """All of it follows one number, so that no jump of the colour is ever louder."""
        turns = 1.0 / LOOP_S
        white = [graph.noise(turns) for _ in range(graph.channels)]
        colour = self._colour.signal
        bright = pyo.Pow(pyo.Sig(BRIGHTEST_HZ / DARKEST_HZ), colour)
        lift = pyo.Clip(pyo.Pow(bright, -0.5) * (QUIETEST * (BRIGHTEST_HZ / DARKEST_HZ) ** 0.5),
                        QUIETEST, LOUDEST)  # fmt: skip
        loud = [noise * (lift * self._hiss.signal) for noise in white]
        dark = pyo.Biquad(loud, bright * DARKEST_HZ, 0.5, 0)
        return pyo.ButHP(dark, colour * colour * 180.0 + 20.0)

    def _hums(self, graph: Graph) -> Any:
        tables = [graph.keep(graph.table(hum_wave(harmonics))) for harmonics in (ROUND, RECTIFIED)]
        waves = [pyo.Osc(table, self._mains_hz.signal) for table in tables]
        return pyo.Interp(waves[0], waves[1], self._buzz.signal) * (self._hum.signal * HUM_GAIN)

    def _crackle(self, graph: Graph) -> Any:
        """Single samples in a band-pass. Two loops of lengths that never meet say when, so that
        sparse dust does not come round again."""
        crackles = []
        for channel in range(graph.channels):
            first = graph.noise((1.13 - 0.03 * channel) / LOOP_S, 0.0, 1.0)
            second = graph.noise((0.83 + 0.017 * channel) / LOOP_S, 0.0, 1.0)
            strength = graph.noise((0.61 + 0.013 * channel) / LOOP_S)
            chance = pyo.Wrap(first + second, 0.0, 1.0)
            crackles.append(pyo.Compare(chance, self._dust.signal, "<") * strength)
        return pyo.ButBP(pyo.Mix(crackles, graph.channels) * DUST_GAIN, DUST_HZ, DUST_Q)

    def update(self, controls: NoiseControls) -> None:
        """Follow the controls. Render thread."""
        self._colour.set(controls.colour)
        self._hum.set(controls.hum)
        self._buzz.set(controls.buzz)
        self._hiss.set(controls.hiss)
        self._mains_hz.set(list(MAINS_HZ.values())[int(controls.mains)])
        self._dust.set(controls.dust / self._sample_rate)

    def hear(self, inner: Inner) -> None:
        """The noise floor does not listen to weights."""


def hum_wave(harmonics: tuple[float, ...]) -> np.ndarray:
    """One period of a hum, float64 (4096,), root mean square .35, beginning at 0."""
    at = np.arange(HUM_LENGTH) / HUM_LENGTH
    wave = np.zeros(HUM_LENGTH)
    for harmonic, amount in enumerate(harmonics, 1):
        wave += amount * np.sin(2.0 * np.pi * harmonic * at)
    return np.asarray(wave * (0.35 / np.sqrt(np.mean(wave * wave))))
