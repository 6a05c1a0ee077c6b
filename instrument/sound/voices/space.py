"""The space: a long reverb for whatever is sent into it."""

from typing import Any

from instrument.signals.controls import Control, Controls
from instrument.signals.spec import Curve, number
from instrument.sound import graph as pyo
from instrument.sound.graph import Graph
from instrument.sound.voices.parts import gain_of, level

PRE_DELAYS_S = [0.023, 0.031, 0.037, 0.041, 0.019, 0.029, 0.043, 0.017]
WHISPER = 1e-9
"""Noise kept in the feedback paths, at -180 dB: it keeps them out of denormal numbers."""


class SpaceControls(Controls):
    """A room around the sound."""

    level = Control(level(-6.0, "how loud the space (reverb) comes back"))
    decay = Control(number(0.0, 1.0, 0.75, "how long it rings: 0 a room, 1 a cathedral and beyond"))
    damping = Control(
        number(500.0, 16000.0, 4500.0, "how bright it rings", unit="Hz", curve=Curve.EXPONENTIAL)
    )


class Space:
    """A delay network for each channel, behind pre-delays of different length."""

    def __init__(self, graph: Graph, sent: Any) -> None:
        """`sent` is the sum of all sends, one stream for each channel."""
        self._level = graph.live(0.0, 0.05)
        self._feedback = graph.live(0.75, 0.1)
        self._damping = graph.live(4500.0, 0.1)
        early = pyo.Delay(
            sent + graph.noise(0.37) * WHISPER, PRE_DELAYS_S[: graph.channels], 0, 0.05
        )
        ring = pyo.WGVerb(early, self._feedback.signal, self._damping.signal, 1)
        clean = pyo.ButHP(ring, 60)
        self.output = clean * self._level.signal

    def update(self, controls: SpaceControls) -> None:
        """Follow the controls. Render thread."""
        self._level.set(gain_of(controls.level))
        self._feedback.set(0.5 + 0.49 * controls.decay**0.7)
        self._damping.set(controls.damping)
