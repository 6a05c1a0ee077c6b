"""The glitch: the sound of data being handled, in a rhythm that is the data itself.

The rhythm is a row of 64 steps made of the bits of real weights, the class histogram or the signs
of gradients (`rows`). A step sounds while its number lies below `density`, louder the further
below. While the network still moves the row mutates; once it has learned, the rhythm settles.

Every step that sounds is dealt one of the ingredients (by the bits of its weight, so it stays the
same from round to round): a sine burst, a click, a thump, a crumb of a recording, a seek of a hard
disk, the sweep of a scanner. The levels say how often each is dealt and how loud. Then accidents:
what was just heard stutters, or holes are cut into it. Last the word itself breaks: clipped, run
over, cut to few bits and few samples.
"""

import numpy as np

from instrument.signals.controls import Control
from instrument.signals.spec import Curve, choice, number, whole
from instrument.sound import graph as pyo
from instrument.sound.graph import Graph
from instrument.sound.inner import Inner
from instrument.sound.recording import Recording
from instrument.sound.voices import glitch_parts as parts
from instrument.sound.voices.feed import Clock, Feed
from instrument.sound.voices.parts import PlayerControls, level, send
from instrument.sound.voices.rows import RHYTHMS, STEPS, Row, Steps, row_of
from instrument.sound.voices.stutter import Stutter
from instrument.units import db_to_gain, ms_to_s

OCTAVES = 3.0
CRUMB_LENGTHS, SCAN_LENGTHS = 9.0, 14.0
"""Crumbs and scans last so many times as long as a burst."""
SOFTEST = 0.55
"""How loud a step is that only just sounds."""
CLIP_DB, OVERFLOW_TIMES = 36.0, 7.0
RUMBLE_HZ = 12.0
SHORTEST_HOLE_S, HOLES_S = 0.005, 0.08
HOLE_AFTER_S = 0.002
"""A hole begins so long after its step, that one hears what is cut off."""
GAINS = {"bursts": 0.8, "clicks": 1.7, "crumbs": 2.5, "thumps": 0.95, "ticks": 1.8, "scans": 0.45}


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
    clicks = Control(number(0.0, 1.0, 0.5, "clicks of a read head: how many and how loud"))
    crumbs = Control(number(0.0, 1.0, 0.2, "scraps of the recording: how many and how loud"))
    bits = Control(number(2.0, 16.0, 16.0, "word length: fewer bits, more grain", unit="bit"))
    rate_reduction = Control(
        number(
            1.0, 32.0, 1.0, "the sample rate is divided by this: aliasing", curve=Curve.EXPONENTIAL
        )
    )
    width = Control(number(0.0, 1.0, 0.8, "how wide the steps lie from left to right"))
    rhythm = Control(
        choice(RHYTHMS, "bits", "what the row is made of: weights, classes, gradients")
    )
    bursts = Control(number(0.0, 1.0, 1.0, "sine bursts: how many and how loud"))
    thumps = Control(number(0.0, 1.0, 0.0, "thumps of a jumping offset: how many and how loud"))
    ticks = Control(number(0.0, 1.0, 0.0, "seeks of a hard disk: how many and how loud"))
    scans = Control(number(0.0, 1.0, 0.0, "sweeps of a barcode scanner: how many and how loud"))
    stutter = Control(number(0.0, 1.0, 0.0, "share of the steps at which the sound sticks"))
    stutter_ms = Control(
        number(
            4.0, 250.0, 45.0, "length of what is repeated", unit="ms", curve=Curve.EXPONENTIAL
        )
    )  # fmt: skip
    repeats = Control(whole(1, 32, 6, "how often it is repeated", unit="times"))
    dropouts = Control(number(0.0, 1.0, 0.0, "share of the steps with holes cut into them"))
    clip = Control(number(0.0, 1.0, 0.0, "clipping: cut off at full scale, at 36 dB too much"))
    overflow = Control(
        number(0.0, 1.0, 0.0, "numbers too large for their word run round: aliasing")
    )


class Glitch:
    """A row of steps, six things that a step can set off, and what breaks them."""

    def __init__(self, graph: Graph, recording: Recording) -> None:
        self._graph = graph
        self._rate = graph.sample_rate
        self._steps = Steps(graph.sample_rate, graph.block)
        chance = graph.random.random((4, STEPS))
        self._row = Row(chance[0], 2.0 * chance[1] - 1.0, chance[2], chance[3])
        self._inner: Inner | None = None
        self._rhythm = RHYTHMS[0]
        clock = Clock(graph)
        self._bursts = [parts.Burst(graph, clock) for _ in range(2)]
        self._click = parts.Shot(graph, clock, parts.click_shape(), 0.002)
        self._thump = parts.Shot(graph, clock, parts.thump_shape(), 0.1)
        self._crumb = parts.Crumb(graph, clock, *self._mono(recording))
        bars = graph.keep(graph.table(np.ones(STEPS)))
        self._bars = np.asarray(bars.getBuffer())
        self._scan = parts.Scan(graph, clock, bars)
        self._ticks = parts.Ticks(graph, clock)
        self._hole, self._side = Feed(graph, clock, 1.0), Feed(graph, clock, 0.5)
        shots = [*(burst.sound for burst in self._bursts), self._click.envelope,
                 self._thump.envelope, self._crumb.sound, self._scan.sound, self._ticks.sound]  # fmt: skip
        self._stutter = Stutter(graph, clock, pyo.Mix(shots, 1) * self._hole.signal)
        makers: tuple[parts.Shot | parts.Ticks, ...] = (
            *self._bursts, self._click, self._thump, self._crumb, self._scan, self._ticks,
        )  # fmt: skip
        self._feeds = [self._hole, self._side, *self._stutter.feeds]
        for maker in makers:
            self._feeds += maker.feeds
        self._hole_left = 0
        self._push, self._back = graph.live(1.0), graph.live(1.0)
        self._over = graph.live(1.0)
        self._bits, self._scale = graph.live(16.0, 0.05), graph.live(1.0, 0.05)
        loud = pyo.Clip(self._stutter.sound * self._push.signal, -0.999, 0.999) * self._back.signal
        round_ = pyo.Wrap(loud * self._over.signal, -1.0, 1.0)
        reduced = pyo.Degrade(round_, self._bits.signal, self._scale.signal)
        clean = pyo.ButHP(reduced, RUMBLE_HZ)
        self.sound = graph.pan(clean, pyo.Port(self._side.signal, 0.002, 0.002, init=0.5), 0.0)

    def update(self, controls: GlitchControls) -> None:
        """Follow the controls. Render thread."""
        for feed in self._feeds:
            feed.settle()
        rhythm = RHYTHMS[int(controls.rhythm)]
        if rhythm != self._rhythm:
            self._rhythm = rhythm
            self._rewrite()
        self._cut_hole(0)
        density = controls.density
        for at, step in self._steps.passed(controls.rate):
            if self._row.numbers[step] < density and not self._stutter.busy(at):
                self._step(at, step, density, controls)
        self._ticks.advance()
        self._stutter.advance()
        push = db_to_gain(CLIP_DB * controls.clip)
        self._push.set(push)
        self._back.set(push**-0.15)
        self._over.set(1.0 + OVERFLOW_TIMES * controls.overflow)
        self._bits.set(controls.bits)
        self._scale.set(1.0 / controls.rate_reduction)

    def _step(self, at: int, step: int, density: float, controls: GlitchControls) -> None:
        """One step that sounds: an accident, or one of the ingredients."""
        row, accident = self._row, self._row.accidents[step]
        if accident < controls.stutter:
            length = int(ms_to_s(controls.stutter_ms) * self._rate)
            if self._stutter.begin(at, length, int(controls.repeats)):
                return
        if (accident * 7.0) % 1.0 < controls.dropouts:
            self._hole_left = int(
                (SHORTEST_HOLE_S + HOLES_S * (accident * 13.0 % 1.0)) * self._rate
            )
            self._cut_hole(min(at + int(HOLE_AFTER_S * self._rate), self._graph.block))
        loud = 1.0 - (1.0 - SOFTEST) * row.numbers[step] / density
        self._stutter.mark(at)
        self._side.hold(at, 0.5 + 0.5 * controls.width * row.pitches[step])
        self._deal(at, row.dice[step], row.pitches[step], loud, controls)

    def _deal(
        self, at: int, die: float, pitch: float, loud: float, controls: GlitchControls
    ) -> None:
        levels = [getattr(controls, name) for name in GAINS]
        reach, total = 0.0, sum(levels)
        for (name, gain), amount in zip(GAINS.items(), levels, strict=True):
            reach += amount
            if amount > 0.0 and die * total < reach:
                self._sound(name, at, gain * amount**0.5 * loud, die, pitch, controls)
                return

    def _sound(
        self, name: str, at: int, gain: float, die: float, pitch: float, controls: GlitchControls
    ) -> None:
        """Set off one ingredient. No burst or crumb outlasts the step, so that all stays dry."""
        step_s = 1.0 / controls.rate
        length_s = ms_to_s(controls.length_ms)
        octaves = OCTAVES * controls.scatter
        if name == "bursts":
            self._bursts.reverse()
            hz = controls.tone * 2.0 ** (pitch * octaves)
            self._bursts[0].sing(at, gain, min(length_s, 2.0 * step_s), hz)
        elif name == "clicks":
            self._click.fire(at, gain, 0.0012 * 2.0**-pitch)
        elif name == "crumbs":
            self._crumb.tear(at, gain, min(CRUMB_LENGTHS * length_s, step_s), 0.5 * (pitch + 1.0))
        elif name == "thumps":
            self._side.hold(at, 0.5)
            self._thump.fire(at, gain, 0.09 * 2.0 ** (-0.6 * pitch))
        elif name == "ticks":
            self._ticks.seek(at, gain, die)
        else:
            way = (1.0 + octaves) * (1.0 if pitch > 0.0 else -1.0)
            from_hz = controls.tone * 2.0 ** (-0.5 * way)
            self._scan.sweep(at, gain, min(SCAN_LENGTHS * length_s, 4.0 * step_s), from_hz, way)

    def _cut_hole(self, first: int) -> None:
        """Let nothing through from the sample `first` of this block on, for as long as is left."""
        if self._hole_left <= 0:
            return
        last = min(self._graph.block, first + self._hole_left)
        self._hole.silence(first, last)
        self._hole_left -= last - first

    def hear(self, inner: Inner) -> None:
        """Rewrite the row. Render thread."""
        self._inner = inner
        self._rewrite()

    def _rewrite(self) -> None:
        row = None if self._inner is None else row_of(self._inner, self._rhythm)
        if row is not None:
            self._row = row
            self._bars[:STEPS] = row.dice < 0.5

    def load(self, recording: Recording) -> None:
        """Play another recording from now on. Only called while asleep."""
        self._crumb.load(*self._mono(recording))

    def _mono(self, recording: Recording) -> tuple["pyo.PyoTableObject", int]:
        return self._graph.recording_table(recording, "mono"), recording.frames
