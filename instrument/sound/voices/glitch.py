"""The glitch: clicks, short sine bursts and crumbs of a recording, set off by bits of real weights.

The rhythm is a row of 64 steps. A step sounds when its number, taken from the bits of one weight
of the network, lies below `density`. While the network still moves the row mutates; once it has
learned, the rhythm settles.
"""

import numpy as np

from instrument.signals.controls import Control
from instrument.signals.spec import Curve, number
from instrument.sound import graph as pyo
from instrument.sound.graph import Graph
from instrument.sound.inner import Inner
from instrument.sound.recording import Recording
from instrument.sound.voices.parts import PlayerControls, level, send
from instrument.units import ms_to_s

STEPS = 64
CLICK_S = 0.002
CRUMB_LENGTHS = 9.0
RHYTHM_BIT = 15
"""The rhythm is made of the 8 bits from here up: the upper mantissa and one of the exponent."""
PITCH_BIT = 10
OCTAVES = 3.0


class GlitchControls(PlayerControls):
    """The sound of data being handled."""

    level = Control(level(-18.0, "how loud the glitches are"))
    space = Control(send(0.08))
    rate = Control(
        number(0.5, 200.0, 9.0, "steps of the row per second", unit="1/s", curve=Curve.EXPONENTIAL)
    )
    density = Control(number(0.0, 1.0, 0.3, "share of the 64 steps that sound"))
    tone = Control(
        number(
            60.0, 14000.0, 3200.0, "middle pitch of the bursts", unit="Hz", curve=Curve.EXPONENTIAL
        )
    )
    scatter = Control(number(0.0, 1.0, 0.4, "how far the pitches of the bursts lie apart"))
    length_ms = Control(
        number(1.0, 20.0, 5.0, "length of a burst", unit="ms", curve=Curve.EXPONENTIAL)
    )
    clicks = Control(number(0.0, 1.0, 0.5, "how loud the clicks are against the bursts"))
    crumbs = Control(number(0.0, 1.0, 0.2, "how loud scraps of the recording are"))
    bits = Control(number(2.0, 16.0, 16.0, "word length: fewer bits, more grain", unit="bit"))
    rate_reduction = Control(
        number(
            1.0, 32.0, 1.0, "the sample rate is divided by this: aliasing", curve=Curve.EXPONENTIAL
        )
    )
    width = Control(number(0.0, 1.0, 0.8, "how wide the steps lie from left to right"))


class Glitch:
    """A row of steps, and three things that each step can set off."""

    def __init__(self, graph: Graph, recording: Recording) -> None:
        self._rhythm = graph.table(graph.random.random(STEPS))
        self._pitches = graph.table(graph.random.uniform(-1, 1, STEPS))
        self._rhythm_view = np.asarray(self._rhythm.getBuffer())
        self._pitch_view = np.asarray(self._pitches.getBuffer())
        self._turns = graph.live(0.1, 0.05)
        self._density = graph.live(0.3, 0.0)
        self._tone = graph.live(3000.0)
        self._octaves = graph.live(1.0)
        self._length_s = graph.live(0.005)
        self._clicks = graph.live(0.5)
        self._crumbs = graph.live(0.2)
        self._bits = graph.live(16.0, 0.05)
        self._scale = graph.live(1.0, 0.05)
        self._width = graph.live(0.8)
        row = pyo.Phasor(self._turns.signal, mul=STEPS)
        step = pyo.Floor(row)
        number = pyo.TableIndex(self._rhythm, step)
        sounds = pyo.Compare(number, self._density.signal, "<")
        hit = pyo.Change(step) * sounds
        pitch = pyo.SampHold(pyo.TableIndex(self._pitches, step), hit, 1.0)
        frequency = pyo.Clip(
            pyo.Pow(pyo.Sig(2.0), pitch * self._octaves.signal) * self._tone.signal,
            40.0,
            0.45 * graph.sample_rate,
        )
        burst_shape = pyo.TrigEnv(hit, burst_window(graph), self._length_s.signal, mul=0.5)
        burst = pyo.Sine(frequency, mul=burst_shape)
        click = pyo.TrigEnv(hit, click_shape(graph), CLICK_S, mul=0.8)
        table = graph.shelved(f"{recording.name} mono", recording.mono)
        room = max(1, len(recording.samples) - graph.sample_rate)
        first = pyo.SampHold((pitch + 1.0) * (0.5 * room), hit, 1.0)
        place = pyo.Count(hit) + first
        crumb_shape = pyo.TrigEnv(
            hit, burst_window(graph), self._length_s.signal * CRUMB_LENGTHS, mul=3.0
        )
        crumb = pyo.TableIndex(table, place) * crumb_shape
        mixed = burst + click * self._clicks.signal + crumb * self._crumbs.signal
        side = pitch * 0.5 * self._width.signal + 0.5
        wide = graph.pan(mixed, side, 0.0)
        reduced = pyo.Degrade(wide, self._bits.signal, self._scale.signal)
        self.sound = pyo.DCBlock(reduced)

    def update(self, controls: GlitchControls) -> None:
        """Follow the controls. Render thread."""
        self._turns.set(controls.rate / STEPS)
        self._density.set(controls.density)
        self._tone.set(controls.tone)
        self._octaves.set(controls.scatter * OCTAVES)
        self._length_s.set(ms_to_s(controls.length_ms))
        self._clicks.set(controls.clicks)
        self._crumbs.set(controls.crumbs)
        self._bits.set(controls.bits)
        self._scale.set(1.0 / controls.rate_reduction)
        self._width.set(controls.width)

    def hear(self, inner: Inner) -> None:
        """Rewrite the row from the bits of weights spread over the slice. Render thread."""
        row = row_of_bits(inner.weights)
        if row is not None:
            self._rhythm_view[:STEPS], self._pitch_view[:STEPS] = row

    def load(self, recording: Recording) -> None:
        """Play another recording from now on."""


def row_of_bits(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Rhythm 0..1 and pitches -1..1, float64 (64,) each, of float32 weights; None for too few.

    A weight that is exactly zero (not yet moved) is a step that stays silent.
    """
    if len(weights) < STEPS:
        return None
    places = np.linspace(0, len(weights) - 1, STEPS).astype(np.intp)
    words = np.ascontiguousarray(weights[places], np.float32).view(np.uint32)
    rhythm = ((words >> RHYTHM_BIT) & 0xFF) / 255.0
    pitches = ((words >> PITCH_BIT) & 0xFF) / 127.5 - 1.0
    rhythm[(words & 0x7FFFFFFF) == 0] = 1.0
    return rhythm, pitches


def burst_window(graph: Graph) -> "pyo.PyoTableObject":
    """A window that starts at once and dies away: 2% rise, then a raised-cosine fall."""
    length = 1024
    at = np.linspace(0.0, 1.0, length)
    rise = np.minimum(1.0, at / 0.02)
    return graph.table(rise * (0.5 + 0.5 * np.cos(np.pi * at)) ** 1.5 * (at < 1.0))


def click_shape(graph: Graph) -> "pyo.PyoTableObject":
    """A click of the kind a read head makes: a bipolar spike and a short ring. No DC."""
    at = np.arange(256) / 256.0
    shape = np.exp(-at * 14.0) * np.cos(2 * np.pi * at * 9.0)
    shape -= shape.mean()
    shape[-1] = 0.0
    return graph.table(shape)
