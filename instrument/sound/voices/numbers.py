"""A voice that reads a number out, digit by digit, in sine tones."""

from instrument.signals.controls import Control
from instrument.signals.spec import number
from instrument.sound import graph as pyo
from instrument.sound.graph import Graph
from instrument.sound.inner import Inner
from instrument.sound.voices.parts import VoiceControls, level, send


class NumbersControls(VoiceControls):
    """Reads a number out."""

    level = Control(level(-60.0, "how loud the reading voice is"))
    space = Control(send(0.1))
    number = Control(number(0.0, 99.99, 0.0, "the number that is read"))


class Numbers:
    """One tone for each digit of the number."""

    def __init__(self, graph: Graph) -> None:
        self._hz = graph.live(440.0)
        self.sound = graph.pan(pyo.Sine(self._hz.signal, mul=0.3), 0.5)

    def update(self, controls: NumbersControls) -> None:
        """Follow the controls. Render thread."""
        self._hz.set(440.0 + 10 * controls.number)

    def hear(self, inner: Inner) -> None:
        """The voice reads its number only."""
