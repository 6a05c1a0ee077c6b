"""A cloud: grains of a recording, each with its own place, pitch and side."""

import numpy as np

from instrument.signals.controls import Control
from instrument.signals.spec import Curve, number
from instrument.sound import graph as pyo
from instrument.sound.graph import Graph
from instrument.sound.inner import Inner
from instrument.sound.recording import Recording
from instrument.sound.voices.parts import OFF_DB, PlayerControls, level, send
from instrument.units import ms_to_s, semitones_to_ratio

MOST_OVERLAP = 160.0
"""Grains at once of one cloud; density gives way beyond."""
LONGEST_GRAIN_SHARE = 0.4
"""The longest grain, as a share of its recording."""


class CloudControls(PlayerControls):
    """Grains of a recording: from single drops to a dense mass."""

    level = Control(level(OFF_DB, "how loud the cloud is"))
    space = Control(send(0.3))
    density = Control(
        number(0.5, 2000.0, 24.0, "grains per second", unit="1/s", curve=Curve.EXPONENTIAL)
    )
    size_ms = Control(
        number(2.0, 1000.0, 180.0, "length of a grain", unit="ms", curve=Curve.EXPONENTIAL)
    )
    position = Control(number(0.0, 1.0, 0.3, "where in the recording the grains are taken"))
    jitter = Control(
        number(0.0, 1.0, 0.1, "how far around that place they are taken", curve=Curve.POWER)
    )
    pitch = Control(number(-24.0, 24.0, 0.0, "transposes the grains", unit="semitones"))
    pitch_jitter = Control(
        number(
            0.0, 24.0, 0.0, "how far each grain strays from it", unit="semitones", curve=Curve.POWER
        )
    )
    spread = Control(number(0.0, 1.0, 0.7, "how wide the grains lie from left to right"))
    disorder = Control(number(0.0, 1.0, 0.5, "0 is a steady pulse of grains, 1 is like rain"))
    brightness = Control(
        number(120.0, 18000.0, 9000.0, "low-pass on each grain", unit="Hz", curve=Curve.EXPONENTIAL)
    )


class Cloud:
    """Grains of one recording."""

    def __init__(self, graph: Graph, recording: Recording) -> None:
        self._sample_rate = graph.sample_rate
        self._length = len(recording.samples)
        self._table = graph.shelved(f"{recording.name} mono", recording.mono)
        self._window = pyo.HannTable(size=4096)
        self._density = graph.live(10.0)
        self._size_s = graph.live(0.1)
        self._first = graph.live(0.0, 0.08)
        self._span = graph.live(0.0)
        self._ratio = graph.live(1.0)
        self._strays = graph.live(0.0)
        self._spread = graph.live(0.5)
        self._disorder = graph.live(0.5)
        self._cutoff = graph.live(8000.0)
        self._loudness = graph.live(0.2, 0.05)
        place = graph.noise(0.1873, 0.0, 1.0) * self._span.signal + self._first.signal
        octaves = graph.noise(0.2411) * self._strays.signal
        pitch = pyo.Pow(pyo.Sig(2.0), octaves) * self._ratio.signal
        pan = graph.noise(0.1571, -0.5, 0.5) * self._spread.signal + 0.5
        cutoff = pyo.Clip(
            graph.noise(0.3137, 0.6, 1.15) * self._cutoff.signal, 60.0, 0.45 * graph.sample_rate
        )
        self.sound = pyo.Particle2(
            self._table,
            self._window,
            dens=self._density.signal,
            pitch=pitch,
            pos=place,
            dur=self._size_s.signal,
            dev=self._disorder.signal,
            pan=pan,
            filterfreq=cutoff,
            filterq=0.7,
            chnls=graph.channels,
            mul=self._loudness.signal,
        )

    def update(self, controls: CloudControls) -> None:
        """Follow the controls. Render thread."""
        strays = controls.pitch_jitter / 12.0
        ratio = semitones_to_ratio(controls.pitch)
        longest_s = LONGEST_GRAIN_SHARE * self._length / self._sample_rate / (ratio * 2.0**strays)
        size_s = min(ms_to_s(controls.size_ms), longest_s)
        density = min(controls.density, MOST_OVERLAP / size_s)
        room = self._length - 4 - size_s * ratio * 2.0**strays * self._sample_rate
        around = controls.jitter * 0.5
        low = min(1.0, max(0.0, controls.position - around)) * room
        high = min(1.0, max(0.0, controls.position + around)) * room
        self._density.set(density)
        self._size_s.set(size_s)
        self._first.set(max(0.0, low))
        self._span.set(max(0.0, high - low))
        self._ratio.set(ratio)
        self._strays.set(strays)
        self._spread.set(controls.spread)
        self._disorder.set(controls.disorder)
        self._cutoff.set(controls.brightness)
        self._loudness.set(grain_gain(density * size_s))

    def hear(self, inner: Inner) -> None:
        """A cloud does not listen to weights."""

    def load(self, recording: Recording) -> None:
        """Play another recording from now on."""


def grain_gain(overlap: float) -> float:
    """Gain that keeps a cloud equally loud: grains add as noise does (square root of overlap)."""
    return float(1.6 / np.sqrt(max(1.0, overlap)))
