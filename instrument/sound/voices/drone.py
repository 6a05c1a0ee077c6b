"""The drone: a sustained bed of the organ. In tune it is one steady tone; out of tune it beats."""

import math
from typing import Any

from instrument.signals.controls import Control
from instrument.signals.spec import Curve, choice, number
from instrument.sound import graph as pyo
from instrument.sound.graph import Graph
from instrument.sound.inner import Inner
from instrument.sound.recording import Recording
from instrument.sound.voices.parts import PlayerControls, level, send
from instrument.sound.voices.places import Drift, folded
from instrument.sound.voices.sustain import Sustain
from instrument.units import semitones_to_ratio

INTERVALS = {
    "octave_below": 1 / 2, "fifth_below": 2 / 3, "fourth_below": 3 / 4, "unison": 1.0,
    "minor_second": 16 / 15, "second": 9 / 8, "minor_third": 6 / 5, "third": 5 / 4, "fourth": 4 / 3,
    "tritone": 45 / 32, "fifth": 3 / 2, "minor_sixth": 8 / 5, "sixth": 5 / 3, "seventh": 7 / 4,
    "minor_seventh": 9 / 5, "major_seventh": 15 / 8, "octave": 2.0, "ninth": 9 / 4, "tenth": 5 / 2,
    "twelfth": 3.0,
}  # fmt: skip
"""Just intervals of the second player over the first, as frequency ratios."""

PASSES_S = (9.1, 7.3, 11.3, 6.1, 8.3)
"""How much each reader reads in one pass; no two share a multiple within hours."""
CENTS_PER_OCTAVE = 1200.0
TWINS_BY_CENTS = 3.0
"""At this detune the twins are heard in full; in tune there are none, so nothing can cancel."""
BODY_HZ = 260.0
"""The body is an octave below and heard up to here."""
LOWEST_HZ = 16.0
LOUDNESS = 0.9
FIRST_PARTS, FIRST_RATIOS = (0.7, 0.7, 0.3, 0.3, 0.2), (1.0, 1.0, 1.5, 1.5, 0.5)
"""How loud and how high each reader is before any control is heard, so that nothing fades in."""


class DroneControls(PlayerControls):
    """A bed of organ that breathes."""

    level = Control(level(-12.0, "how loud the organ drone is"))
    space = Control(send(0.35))
    pitch = Control(number(-24.0, 12.0, 0.0, "transposes the whole drone", unit="semitones"))
    interval = Control(choice(tuple(INTERVALS), "fifth", "the second player's just interval"))
    blend = Control(number(0.0, 1.0, 0.35, "how much of the second player is heard"))
    detune = Control(
        number(
            0.0, 100.0, 4.0, "how far each player's twin is from it: slow beating, then sour; "
            "0 is in tune and steady", unit="cents", curve=Curve.POWER,
        )
    )  # fmt: skip
    position = Control(number(0.0, 1.0, 0.25, "where in the recording it reads; moves slowly"))
    scan = Control(
        number(
            -1.0, 1.0, 0.0, "how fast that place drifts through the recording, there and back; "
            "1 is the recording's own pace, 0 stands", unit="x",
        )
    )  # fmt: skip
    body = Control(number(0.0, 1.0, 0.2, "how much of itself it hears an octave below"))
    brightness = Control(
        number(
            120.0, 16000.0, 2600.0, "low-pass over the drone", unit="Hz", curve=Curve.EXPONENTIAL
        )
    )
    breath = Control(number(0.0, 1.0, 0.35, "how deep it breathes, in slow waves"))


class Drone:
    """Two players a just interval apart, each with a twin out of tune, and one an octave below."""

    def __init__(self, graph: Graph, recording: Recording) -> None:
        self._graph = graph
        self._period_s = graph.block / graph.sample_rate
        self._ratios = [graph.live(ratio, 0.35) for ratio in FIRST_RATIOS]
        self._gains = [graph.live(LOUDNESS * part, 0.2) for part in FIRST_PARTS]
        self._readers = [
            Sustain(graph, ratio.signal, pass_s, crossed=place in (1, 3))
            for place, (ratio, pass_s) in enumerate(zip(self._ratios, PASSES_S, strict=True))
        ]
        self._cutoff = graph.live(2000.0, 0.15)
        self._breath = graph.live(0.0, 0.5)
        slow = [pyo.Sine(freq, phase) for freq, phase in ((0.083, 0.0), (0.061, 0.4))]
        wave = (slow[0] + slow[1]) * 0.5 * self._breath.signal
        loud = [
            reader.sound * gain.signal
            for reader, gain in zip(self._readers, self._gains, strict=True)
        ]
        players = sum(loud[1:4], loud[0])
        cutoff = pyo.Clip(self._cutoff.signal * (1.0 + wave * 0.6), 30.0, 0.4 * graph.sample_rate)
        body = pyo.ButLP(loud[4], BODY_HZ)
        bed = (pyo.MoogLP(players, cutoff, 0.0) + body) * (1.0 + wave * 0.45)
        self.sound = _round_the_ring(graph, pyo.ButHP(bed, LOWEST_HZ))
        self._drift = Drift()
        self.load(recording)

    def update(self, controls: DroneControls) -> None:
        """Follow the controls. Render thread."""
        base = semitones_to_ratio(controls.pitch)
        over = base * list(INTERVALS.values())[int(controls.interval)]
        apart = 2.0 ** (controls.detune / CENTS_PER_OCTAVE)
        for live, ratio in zip(
            self._ratios, (base, base * apart, over, over * apart, 0.5 * base), strict=True
        ):
            live.set(ratio)
        twins = 0.25 * math.pi * min(1.0, controls.detune / TWINS_BY_CENTS)
        turn = controls.blend * math.pi / 3.0
        first, second = LOUDNESS * math.cos(turn), LOUDNESS * math.sin(turn)
        for live, gain in zip(
            self._gains,
            (
                first * math.cos(twins), first * math.sin(twins),
                second * math.cos(twins), second * math.sin(twins),
                LOUDNESS * controls.body,
            ),
            strict=True,
        ):  # fmt: skip
            live.set(gain)
        # Passes begin where the hand is and the place has drifted to, there and back.
        place = folded(self._drift.follow(controls.position, controls.scan, self._period_s))
        for reader in self._readers:
            reader.update(place)
        self._cutoff.set(controls.brightness)
        self._breath.set(controls.breath)

    def hear(self, inner: Inner) -> None:
        """The drone does not listen to weights."""

    def load(self, recording: Recording) -> None:
        """Play another recording from now on. Only called while the voice is asleep."""
        tables = [self._graph.recording_table(recording, side) for side in ("left", "right")]
        self._drift.begin(recording.seconds)
        for reader in self._readers:
            reader.load(recording, tables)


def _round_the_ring(graph: Graph, bed: Any) -> Any:
    """Left and right on every loudspeaker of their half of the ring, as loud in all as two."""
    if graph.channels == 2:
        return bed
    half = graph.channels // 2
    gain = math.sqrt(1.0 / half)
    right = [1 <= channel <= half for channel in range(graph.channels)]
    return graph.mix([pyo.Sig(bed[int(side)]) * gain for side in right])
