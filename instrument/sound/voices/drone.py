"""The drone: a sustained bed of the organ, four slow crossfading readers in just intonation."""

from typing import Any

import numpy as np

from instrument.signals.controls import Control
from instrument.signals.spec import Curve, choice, number
from instrument.sound import graph as pyo
from instrument.sound.graph import Graph
from instrument.sound.inner import Inner
from instrument.sound.recording import Recording
from instrument.sound.voices.parts import PlayerControls, level, send
from instrument.units import semitones_to_ratio

INTERVALS = {
    "octave_below": 1 / 2, "fifth_below": 2 / 3, "fourth_below": 3 / 4, "unison": 1.0,
    "second": 9 / 8, "minor_third": 6 / 5, "third": 5 / 4, "fourth": 4 / 3, "tritone": 45 / 32,
    "fifth": 3 / 2, "sixth": 5 / 3, "seventh": 7 / 4, "octave": 2.0,
}  # fmt: skip
"""Just intervals of the second player over the first, as frequency ratios."""

LOOP_S = (9.1, 7.3, 11.3, 6.1)
"""Length of each reader's loop; no two share a multiple within hours."""
CENTS_PER_OCTAVE = 1200.0


class DroneControls(PlayerControls):
    """A bed of organ that breathes."""

    level = Control(level(-12.0, "how loud the organ drone is"))
    space = Control(send(0.35))
    pitch = Control(number(-24.0, 12.0, 0.0, "transposes the whole drone", unit="semitones"))
    interval = Control(choice(tuple(INTERVALS), "fifth", "the second player's just interval"))
    blend = Control(number(0.0, 1.0, 0.35, "how much of the second player is heard"))
    detune = Control(
        number(
            0.0,
            100.0,
            4.0,
            "how far the pairs drift apart: slow beating, then sour",
            unit="cents",
            curve=Curve.POWER,
        )
    )
    position = Control(number(0.0, 1.0, 0.25, "where in the recording it reads; moves slowly"))
    brightness = Control(
        number(
            120.0, 16000.0, 2600.0, "low-pass over the drone", unit="Hz", curve=Curve.EXPONENTIAL
        )
    )
    breath = Control(number(0.0, 1.0, 0.35, "how deep it breathes, in slow waves"))


class Drone:
    """Two players, each a pair of readers a little apart, so that they beat against each other."""

    def __init__(self, graph: Graph, recording: Recording) -> None:
        self._seconds = recording.seconds
        samples = recording.samples
        tables = [
            graph.shelved(f"{recording.name} left", lambda: samples[:, 0]),
            graph.shelved(f"{recording.name} right", lambda: samples[:, 1]),
        ]
        self._ratios = [graph.live(1.0, 0.35) for _ in LOOP_S]
        # Read once per loop, so it needs no smoothing.
        self._starts = [graph.live(0.0, 0.0) for _ in LOOP_S]
        self._gains = [graph.live(0.5, 0.2) for _ in LOOP_S]
        self._loops = [min(length, 0.45 * self._seconds) for length in LOOP_S]
        readers = [self._reader(tables, place) for place in range(len(LOOP_S))]
        self._cutoff = graph.live(2000.0, 0.15)
        self._breath = graph.live(0.0, 0.5)
        slow = [pyo.Sine(freq, phase) for freq, phase in ((0.083, 0.0), (0.061, 0.4))]
        wave = (slow[0] + slow[1]) * 0.5 * self._breath.signal
        tilt = 1.0 + wave * 0.6
        summed = sum(readers[1:], readers[0]) * (1.0 + wave * 0.45)
        self.sound = pyo.MoogLP(summed, self._cutoff.signal * tilt, 0.0)

    def _reader(self, tables: list[Any], place: int) -> Any:
        """One slow reader, stereo: loops of its own length, always crossfading with itself."""
        return pyo.Looper(
            tables,
            pitch=self._ratios[place].signal,
            start=self._starts[place].signal,
            dur=self._loops[place],
            xfade=48,
            mode=1,
            xfadeshape=1,
            startfromloop=True,
            interp=4,
            mul=self._gains[place].signal,
        )

    def update(self, controls: DroneControls) -> None:
        """Follow the controls. Render thread."""
        base = semitones_to_ratio(controls.pitch)
        over = base * list(INTERVALS.values())[int(controls.interval)]
        apart = 2.0 ** (0.5 * controls.detune / CENTS_PER_OCTAVE)
        for live, ratio in zip(
            self._ratios, (base * apart, base / apart, over * apart, over / apart), strict=True
        ):
            live.set(ratio)
        blend = controls.blend
        for reader, live in enumerate(self._gains):
            live.set(0.7 * (np.cos(blend * np.pi / 3) if reader < 2 else np.sin(blend * np.pi / 3)))
        for length_s, live in zip(self._loops, self._starts, strict=True):
            room = max(0.0, self._seconds - 2.05 * length_s * max(1.0, over, base))
            live.set(controls.position * room)
        self._cutoff.set(controls.brightness)
        self._breath.set(controls.breath)

    def hear(self, inner: Inner) -> None:
        """The drone does not listen to weights."""

    def load(self, recording: Recording) -> None:
        """Play another recording from now on."""
