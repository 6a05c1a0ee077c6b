"""Audification: real weights and gradients as sound, scanned at audio rate."""

import numpy as np

from instrument.signals.controls import Control
from instrument.signals.spec import Curve, number
from instrument.sound import graph as pyo
from instrument.sound.graph import Graph
from instrument.sound.inner import Inner
from instrument.sound.voices.parts import VoiceControls, level, send

LENGTH = 4096


class WeightsControls(VoiceControls):
    """The weights themselves as a wave."""

    level = Control(level(-60.0, "how loud the weights are"))
    space = Control(send(0.1))
    pitch = Control(
        number(0.1, 2000.0, 11.7, "how often the whole slice is scanned", unit="1/s",
               curve=Curve.EXPONENTIAL)
    )  # fmt: skip


class Weights:
    """A wavetable of weights."""

    def __init__(self, graph: Graph) -> None:
        self._table = graph.table(np.zeros(LENGTH))
        self._view = np.asarray(self._table.getBuffer())
        self._rate = graph.live(11.7)
        wave = pyo.Osc(self._table, self._rate.signal)
        self.sound = graph.pan(wave, 0.5)

    def update(self, controls: WeightsControls) -> None:
        """Follow the controls. Render thread."""
        self._rate.set(controls.pitch)

    def hear(self, inner: Inner) -> None:
        """Take the newest weights."""
        count = min(LENGTH, len(inner.weights))
        self._view[:count] = np.tanh(inner.weights[:count] * 8.0)
