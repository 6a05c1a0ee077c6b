"""The noise floor: what a machine sounds like before it has learned anything."""

from instrument.signals.controls import Control
from instrument.signals.spec import Curve, number
from instrument.sound import graph as pyo
from instrument.sound.graph import Graph
from instrument.sound.inner import Inner
from instrument.sound.voices.parts import VoiceControls, level, send

BRIGHTEST_HZ = 16000.0
HUM_HZ = 50.0


class NoiseControls(VoiceControls):
    """Noise floor, hum and dust."""

    level = Control(level(-48.0, "how loud the noise floor is"))
    space = Control(send(0.0))
    colour = Control(number(0.0, 1.0, 0.5, "from a low rumble (0) over pink to white (1)"))
    hum = Control(number(0.0, 1.0, 0.0, "mains hum in it", curve=Curve.POWER))
    dust = Control(number(0.0, 400.0, 0.0, "crackles per second", unit="1/s", curve=Curve.POWER))


class Noise:
    """Looped noise of one colour, hum, and crackle."""

    def __init__(self, graph: Graph) -> None:
        self._cutoff = graph.live(4000.0, 0.05)
        self._floor = graph.live(20.0, 0.05)
        self._lift = graph.live(0.3, 0.05)
        self._hum = graph.live(0.0, 0.05)
        self._dust = graph.live(0.0, 0.05)
        turns = 1.0 / 5.4
        white = [graph.noise(turns) for _ in range(graph.channels)]
        dark = pyo.Biquad([w * self._lift.signal for w in white], self._cutoff.signal, 0.5, 0)
        thin = pyo.ButHP(dark, self._floor.signal)
        buzz = pyo.Sine([HUM_HZ, HUM_HZ * 3.0, HUM_HZ * 5.0], mul=[0.5, 0.2, 0.1])
        hum = pyo.Mix(buzz, 1) * self._hum.signal
        chance = [graph.noise(turns * (1.13 - 0.03 * n), 0.0, 1.0) for n in range(graph.channels)]
        crackle = pyo.Compare(chance, self._dust.signal, "<")
        sharp = pyo.ButBP(crackle * 2.0, 2700.0, 1.2)
        self.sound = thin + hum + sharp
        self._sample_rate = graph.sample_rate

    def update(self, controls: NoiseControls) -> None:
        """Follow the controls. Render thread."""
        colour = controls.colour
        cutoff = min(BRIGHTEST_HZ, 120.0 * (BRIGHTEST_HZ / 120.0) ** colour)
        self._cutoff.set(cutoff)
        self._floor.set(20.0 + 180.0 * colour * colour)
        self._lift.set(min(3.5, 0.3 * (BRIGHTEST_HZ / cutoff) ** 0.5))
        self._hum.set(0.5 * controls.hum)
        self._dust.set(controls.dust / self._sample_rate)

    def hear(self, inner: Inner) -> None:
        """The noise floor does not listen to weights."""
