"""What the voices have in common: their shape, and how a level in dB is meant."""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from instrument.signals.spec import Spec, number
from instrument.sound.graph import Graph, Live
from instrument.units import db_to_gain

OFF_DB = -60.0
LOUDEST_DB = 12.0


def level(default_db: float, help: str) -> Spec:
    """The spec of a loudness in dB; at the very bottom it is off."""
    return number(OFF_DB, LOUDEST_DB, default_db, f"{help}; -60 is off", unit="dB")


def send(default: float) -> Spec:
    """The spec of how much of a voice goes into the space."""
    return number(0.0, 1.0, default, "how much of it is sent into the space (reverb)")


def gain_of(level_db: float) -> float:
    """Amplitude factor of a level; at or below -60 dB exactly 0."""
    return 0.0 if level_db <= OFF_DB else db_to_gain(level_db)


class Voice(Protocol):
    """A sounding part of the graph. Render thread only.

    `output` and `sent` are stereo pyo objects: what is heard dry, and what goes into the space.
    """

    output: Any
    sent: Any

    def update(self, controls: Any) -> None:
        """Follow the controls (values in their units), once per block."""

    def hear_weights(self, weights: np.ndarray) -> None:
        """Take a new slice of the network's weights, float32 (count,)."""


class Gate:
    """Level and send of a voice, and its sleep: a voice that is off for a while costs nothing."""

    def __init__(self, graph: Graph, sound: Any, parts: Sequence[Any]) -> None:
        """`sound` is stereo; `parts` are the pyo objects that stop while the voice is off."""
        self._level: Live = graph.live(0.0, 0.03)
        self._send: Live = graph.live(0.0, 0.03)
        self.output = sound * self._level.signal
        self.sent = self.output * self._send.signal
        self._parts = [sound, *parts]
        self._patience = int(SLEEP_AFTER_S * graph.sample_rate / graph.block)
        self._silent_blocks = 0
        self.asleep = False

    def update(self, level_db: float, sent: float) -> None:
        """Follow level and send; fall asleep some time after the level went to off."""
        gain = gain_of(level_db)
        self._level.set(gain)
        self._send.set(sent)
        self._silent_blocks = 0 if gain > 0.0 else self._silent_blocks + 1
        if self.asleep != (self._silent_blocks > self._patience):
            self.asleep = not self.asleep
            for part in self._parts:
                if self.asleep:
                    part.stop()
                else:
                    part.play()


SLEEP_AFTER_S = 0.5
