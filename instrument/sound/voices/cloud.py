"""A cloud: grains of a recording, each with its own place, pitch, side and brightness.

Everything a grain is, it is from its beginning to its end: pyo reads each number once, when the
grain starts. So these numbers may jump without a click, and few of them are smoothed.
"""

import math
from typing import Any

import numpy as np

from instrument.signals.controls import Control
from instrument.signals.spec import Curve, choice, number, switch
from instrument.sound import graph as pyo
from instrument.sound.graph import Graph
from instrument.sound.inner import Inner
from instrument.sound.recording import GAP, Recording
from instrument.sound.voices.grain_player import GrainPlayer, Lot
from instrument.sound.voices.grains import (
    LOOSEST,
    MOST_DENSITY,
    MOST_OVERLAP,
    STEADY,
    apartness,
    density_of,
    dying_resonance,
    even_density,
    grain_gain,
    hurry,
    longest_s,
    overlap_of,
    sides,
)
from instrument.sound.voices.parts import OFF_DB, PlayerControls, level, send
from instrument.sound.voices.places import Drift
from instrument.sound.voices.scales import SCALES, SEMITONES_PER_OCTAVE, notes
from instrument.sound.voices.windows import window
from instrument.units import ms_to_s

WINDOW_POINTS = 1024
SHAPE_PER_S = 0.3
"""How fast the window may change its shape: grains that sound must not hear a step."""
OCTAVES_OF_SCATTER = 2.0
"""How far up and down a filter strays at full `filter_jitter`."""
LEAST_RESONANCE, MOST_RESONANCE = 0.7, 14.0
"""Q of the filter of each grain."""
LOWEST_HZ = 18.0
LOWEST_RISES = 1.02
"""Per block: how fast the lowest tone of before is forgotten."""
LEAST_CUTOFF_HZ = 60.0
OPEN_HZ = 17_900.0
"""From here on the low-pass is as good as none, and left out."""
TONE_LEVEL, MOST_LIFT = 0.05, 6.0
"""Mean amplitude a tone of grains is brought to, and how far at most."""
CROWD_WAITS = 0.3
"""Share of a grain's length in which the loudness follows the number of grains."""
FOLLOW_HZ = 6.0
EDGE = 1e-4
"""Share of the recording at its two ends that no grain is taken from."""


class CloudControls(PlayerControls):
    """Grains of a recording: from single drops to a dense mass."""

    level = Control(level(OFF_DB, "how loud the cloud is"))
    space = Control(send(0.3))
    density = Control(
        number(0.5, MOST_DENSITY, 24.0, "grains per second", unit="1/s", curve=Curve.EXPONENTIAL)
    )
    size_ms = Control(
        number(2.0, 1000.0, 180.0, "length of a grain", unit="ms", curve=Curve.EXPONENTIAL)
    )
    overlap = Control(
        number(
            0.0, MOST_OVERLAP, 0.0, "grains at once, whatever their size; at 0 density decides",
            unit="grains", curve=Curve.POWER,
        )
    )  # fmt: skip
    position = Control(number(0.0, 1.0, 0.3, "where in the recording the grains are taken"))
    jitter = Control(
        number(0.0, 1.0, 0.1, "how far around that place they are taken", curve=Curve.POWER)
    )
    scan = Control(
        number(
            -2.0, 2.0, 0.0, "how fast that place drifts through the recording, round and round; "
            "1 is the recording's own pace, 0 stands", unit="x",
        )
    )  # fmt: skip
    freeze = Control(switch(False, "holds the place and its jitter: one grain again and again"))
    reverse = Control(number(0.0, 1.0, 0.0, "share of the grains that play backwards"))
    pitch = Control(number(-24.0, 24.0, 0.0, "transposes the grains", unit="semitones"))
    pitch_jitter = Control(
        number(
            0.0, 24.0, 0.0, "how far each grain strays from it", unit="semitones", curve=Curve.POWER
        )
    )
    scale = Control(
        choice(tuple(SCALES), "free", "notes that pitch and its jitter snap to; free is no scale")
    )
    spread = Control(number(0.0, 1.0, 0.7, "how wide the grains lie from left to right"))
    disorder = Control(number(0.0, 1.0, 0.5, "0 is a steady pulse of grains, 1 is like rain"))
    shape = Control(
        number(
            0.0,
            1.0,
            0.333,
            "window of a grain: 0 struck, a third round, two thirds flat, 1 a swell",
        )
    )
    brightness = Control(
        number(
            120.0,
            18000.0,
            9000.0,
            "low-pass on each grain; none at the top",
            unit="Hz",
            curve=Curve.EXPONENTIAL,
        )
    )
    filter_jitter = Control(
        number(0.0, 1.0, 0.2, "how far the low-pass strays from grain to grain; 1 is 2 octaves")
    )
    resonance = Control(number(0.0, 1.0, 0.0, "how much the low-pass of each grain rings"))


class Cloud:
    """Grains of one recording."""

    def __init__(self, graph: Graph, recording: Recording) -> None:
        self._graph = graph
        self._period_s = graph.block / graph.sample_rate
        self._place = graph.live(0.3, 0.03)
        self._span = graph.live(0.0, 0.0)
        self._size_s = graph.live(0.1, 0.0)
        self._density = graph.live(10.0, 0.0)
        self._loudness = graph.live(0.2, 0.02)
        self._backwards = graph.live(0.0, 0.0)
        self._disorder = graph.live(0.5, 0.0)
        self._resonance = graph.live(LEAST_RESONANCE, 0.0)
        self._halves = graph.live(0.0, 0.0)
        self._pitches = Lot(graph, 0.2411)
        self._cutoffs = Lot(graph, 0.3137)
        self._sides = Lot(graph, 0.1571)
        self._window = graph.keep(graph.table(window(1 / 3, WINDOW_POINTS)))
        self._shape = 1 / 3
        self._window_power = 0.0
        self._write_window()

        # Where: a place on the ring of the recording, strayed from and folded in at its ends.
        around = pyo.Wrap(self._place.signal, 0.0, 1.0)
        strayed = around + graph.noise(0.1873, -0.5, 0.5) * self._span.signal
        share = graph.keep(pyo.Mirror(strayed, EDGE, 1.0 - EDGE))
        # The table holds the recording and then its mirror image; no grain leaves its half.
        backwards = graph.keep(graph.noise(0.1391, 0.0, 0.9999) < self._backwards.signal)
        taken = self._size_s.signal * self._pitches.signal * graph.sample_rate
        room = self._halves.signal - taken
        share = share + backwards * (1.0 - 2.0 * share)
        place = share * room + backwards * (self._halves.signal + GAP)
        # Which: how it sounds.
        cutoff = pyo.Clip(self._cutoffs.signal, LEAST_CUTOFF_HZ, 0.45 * graph.sample_rate)
        every_grain: dict[str, Any] = {
            "pitch": self._pitches.signal, "pos": place, "dur": self._size_s.signal,
            "dev": self._disorder.signal, "pan": self._sides.signal,
        }  # fmt: skip
        filters = {"filterfreq": cutoff, "filterq": self._resonance.signal}
        self._player = GrainPlayer(
            graph, self._window, self._density.signal, self._loudness.signal, every_grain, filters
        )
        # A grain seldom ends where it began: its DC, grain after grain, would thump and drown.
        played = pyo.ButHP(self._player.sound, LOWEST_HZ)
        # A tone of grains hears only the partials it meets in the recording, which may be few: it
        # is brought up, and only a tone is. It stands in the middle, on two loudspeakers.
        heard = pyo.Follower(pyo.Mix(played, 1) * 0.5, FOLLOW_HZ)
        self._tone = graph.live(0.0, 0.1)
        lacking = pyo.Clip(TONE_LEVEL / (heard + 1e-4), 1.0, MOST_LIFT) - 1.0
        self.sound = played * (1.0 + lacking * self._tone.signal)
        self._drift = Drift()
        self._crowd = 1.0
        self._spread = -1.0
        self._drawn: tuple[float, ...] = ()
        self._highest = 0.0
        self._cut: tuple[float, ...] = ()
        self._lowest_hz = 120.0
        self.load(recording)

    def update(self, controls: CloudControls) -> None:
        """Follow the controls. Render thread."""
        degrees = list(SCALES.values())[int(controls.scale)]
        drawn = (controls.pitch, controls.pitch_jitter, controls.scale)
        if drawn != self._drawn:
            self._drawn = drawn
            allowed = notes(controls.pitch, controls.pitch_jitter, degrees, Lot.TICKETS)
            self._highest = float(allowed[-1])
            self._pitches.fill(2.0 ** (allowed / SEMITONES_PER_OCTAVE))
        size_s = min(ms_to_s(controls.size_ms), longest_s(self._drift.length_s, self._highest))
        density = density_of(controls.density, controls.overlap, size_s)
        apart = apartness(density, controls.disorder)
        if controls.disorder < STEADY:
            density = even_density(density, self._graph.sample_rate)
        self._tone.set(1.0 - apart)
        cut = (controls.brightness, round(controls.filter_jitter * apart, 3))
        if cut != self._cut:
            self._cut = cut
            octaves = OCTAVES_OF_SCATTER * cut[1]
            strays = np.linspace(-octaves, octaves, Lot.TICKETS)
            self._cutoffs.fill(controls.brightness * 2.0**strays)
        looseness = LOOSEST * controls.disorder
        self._size_s.set(size_s)
        self._density.set(density * hurry(looseness))
        self._disorder.set(looseness)
        self._follow_place(controls)
        spread = round(controls.spread * apart, 3)
        if spread != self._spread:
            self._spread = spread
            self._sides.fill(sides(spread, self._graph.channels, Lot.TICKETS))
        ring = MOST_RESONANCE / LEAST_RESONANCE
        wanted = LEAST_RESONANCE * ring**controls.resonance
        # What tone and scatter are now, and what they were a moment ago, for grains that still ring.
        self._lowest_hz = min(controls.brightness, self._lowest_hz * LOWEST_RISES)
        octaves = OCTAVES_OF_SCATTER * cut[1]
        most = dying_resonance(self._lowest_hz, octaves, size_s)
        self._resonance.set(max(LEAST_RESONANCE, min(wanted, most)))
        self._follow_shape(controls.shape)
        self._player.update(size_s, wide_open(controls))
        # Grains that began under other controls still sound: the loudness waits for them.
        wait = math.exp(-self._period_s / (CROWD_WAITS * max(size_s, self._player.left_s)))
        self._crowd = density * size_s + (self._crowd - density * size_s) * wait
        self._loudness.set(grain_gain(self._crowd, self._window_power, controls.resonance))

    def _follow_place(self, controls: CloudControls) -> None:
        """Where the grains are taken now: it drifts, stands with the hand, or is held."""
        frozen = bool(controls.freeze)
        position = EDGE + (1.0 - 2.0 * EDGE) * controls.position
        self._place.set(self._drift.follow(position, controls.scan, self._period_s, frozen))
        self._span.set(0.0 if frozen else controls.jitter)
        self._backwards.set(round(controls.reverse) if frozen else controls.reverse)

    def _follow_shape(self, shape: float) -> None:
        step = SHAPE_PER_S * self._period_s
        if abs(shape - self._shape) > 1e-6:
            self._shape += min(step, max(-step, shape - self._shape))
            self._write_window()

    def _write_window(self) -> None:
        shape = window(self._shape, WINDOW_POINTS)
        np.asarray(self._window.getBuffer())[:WINDOW_POINTS] = shape
        self._window_power = float(np.mean(shape * shape))

    def hear(self, inner: Inner) -> None:
        """A cloud does not listen to weights."""

    def load(self, recording: Recording) -> None:
        """Play another recording from now on. Only called while the voice is asleep."""
        self._drift.begin(recording.seconds)
        self._halves.set(recording.frames)
        self._player.load(self._graph.recording_table(recording, "there_and_back"))


def wide_open(controls: CloudControls) -> bool:
    """Whether the filters of the grains would take nothing away."""
    top = controls.brightness >= OPEN_HZ
    return top and controls.filter_jitter < 1e-3 and controls.resonance < 1e-3


def grains_at_once(controls: CloudControls) -> float:
    """Grains that sound at once, on average, where these controls of a cloud stand (0..512)."""
    return overlap_of(controls.density, controls.size_ms, controls.overlap)
