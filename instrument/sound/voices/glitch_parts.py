"""What the glitch is made of: seven small sound makers, each set off to the sample by a feed."""

from typing import Any

import numpy as np

from instrument.sound import graph as pyo
from instrument.sound.graph import Graph
from instrument.sound.voices.feed import Clock, Feed

WINDOW = 1024
LOWEST_HZ, NYQUIST_SHARE = 40.0, 0.45
BODY_HZ = (1870.0, 3140.0, 5430.0)
BODY_RING_S = (0.007, 0.004, 0.0025)
"""What a hard disk's case answers with when its arm hits the stop."""


class Shot:
    """A sound that is set off: its trigger, how loud, how long."""

    def __init__(self, graph: Graph, clock: Clock, shape: np.ndarray, length_s: float) -> None:
        """`shape` float (frames,): the envelope, or the whole sound."""
        self._trigger = Feed(graph, clock)
        self._gain = Feed(graph, clock)
        self._length_s = Feed(graph, clock, length_s)
        table = graph.keep(graph.table(shape))
        self.envelope: Any = pyo.TrigEnv(self._trigger.signal, table, self._length_s.signal)
        self.envelope = self.envelope * self._gain.signal
        self.trigger = self._trigger.signal

    @property
    def feeds(self) -> tuple[Feed, ...]:
        return (self._trigger, self._gain, self._length_s)

    def fire(self, at: int, gain: float, length_s: float) -> None:
        """Sound from the sample `at` of this block on."""
        self._gain.hold(at, gain)
        self._length_s.hold(at, length_s)
        self._trigger.strike(at)


class Burst(Shot):
    """A sine that starts at once and dies away."""

    def __init__(self, graph: Graph, clock: Clock) -> None:
        super().__init__(graph, clock, burst_window(), 0.005)
        self._hz = Feed(graph, clock, 1000.0)
        self.sound = pyo.Sine(self._hz.signal) * self.envelope
        self._highest_hz = NYQUIST_SHARE * graph.sample_rate

    @property
    def feeds(self) -> tuple[Feed, ...]:
        return (*super().feeds, self._hz)

    def sing(self, at: int, gain: float, length_s: float, hz: float) -> None:
        """Sound a burst of this frequency."""
        self._hz.hold(at, min(max(hz, LOWEST_HZ), self._highest_hz))
        self.fire(at, gain, length_s)


class Crumb(Shot):
    """A scrap of a recording."""

    def __init__(self, graph: Graph, clock: Clock, table: Any, frames: int) -> None:
        """`table` holds the recording, `frames` long."""
        super().__init__(graph, clock, burst_window(), 0.05)
        self._first = Feed(graph, clock)
        self._last = graph.live(frames - 1, 0.0)
        place = pyo.Clip(pyo.Count(self.trigger) + self._first.signal, 0, self._last.signal)
        self._reader = pyo.TableIndex(table, place)
        self.sound = self._reader * self.envelope
        self._frames = frames

    @property
    def feeds(self) -> tuple[Feed, ...]:
        return (*super().feeds, self._first)

    def tear(self, at: int, gain: float, length_s: float, place: float) -> None:
        """Sound the scrap at `place` 0..1 of the recording, but for its last fifth."""
        self._first.hold(at, 0.8 * place * self._frames)
        self.fire(at, gain, length_s)

    def load(self, table: Any, frames: int) -> None:
        """Read another recording. Only while nothing reads."""
        self._frames = frames
        self._last.set(frames - 1)
        self._reader.setTable(table)


class Scan(Shot):
    """A laser that sweeps over the row as over a barcode: a fast sine, on over the black bars."""

    def __init__(self, graph: Graph, clock: Clock, bars: Any) -> None:
        """`bars` is a table of 64 zeros and ones."""
        super().__init__(graph, clock, np.append(np.ones(WINDOW - 2), (0.0, 0.0)), 0.05)
        self._low_hz, self._turns = Feed(graph, clock, 1000.0), Feed(graph, clock)
        ramp = graph.keep(graph.table(np.linspace(0.0, 1.0, WINDOW)))
        way = pyo.TrigEnv(self.trigger, ramp, self._length_s.signal)
        bar = pyo.TableIndex(bars, pyo.Clip(way, 0.0, 0.999) * 64)
        rise = pyo.Pow(pyo.Sig(2.0), way * self._turns.signal)
        highest = NYQUIST_SHARE * graph.sample_rate
        hz = pyo.Clip(rise * self._low_hz.signal, LOWEST_HZ, highest)
        self.sound = pyo.Sine(hz) * self.envelope * bar

    @property
    def feeds(self) -> tuple[Feed, ...]:
        return (*super().feeds, self._low_hz, self._turns)

    def sweep(self, at: int, gain: float, length_s: float, from_hz: float, octaves: float) -> None:
        """Sweep from one frequency by so many octaves, up or down."""
        self._low_hz.hold(at, from_hz)
        self._turns.hold(at, octaves)
        self.fire(at, gain, length_s)


class Ticks:
    """A hard disk that seeks: clusters of ticks in a body of metal."""

    def __init__(self, graph: Graph, clock: Clock) -> None:
        self._hits = Feed(graph, clock)
        self._block = graph.block
        self._sample_rate = graph.sample_rate
        self._waiting: list[tuple[float, float]] = []
        hit = self._hits.signal
        body = pyo.ComplexRes(hit, list(BODY_HZ), list(BODY_RING_S), mul=[9.0, 6.0, 4.0])
        self.sound = pyo.Mix(body, 1) + hit * 0.5

    @property
    def feeds(self) -> tuple[Feed, ...]:
        return (self._hits,)

    def seek(self, at: int, gain: float, die: float) -> None:
        """A cluster of 3 to 14 ticks; the die says how many and how they crowd."""
        gap_s = 0.003 + 0.014 * (die * 7.0 % 1.0)
        after, push = float(at), 0.82 + 0.36 * (die * 31.0 % 1.0)
        self._waiting.clear()
        for tick in range(3 + int(12 * die)):
            self._waiting.append((after, gain * (1.0 if tick % 3 == 0 else 0.6)))
            after += gap_s * self._sample_rate
            gap_s = max(0.0015, gap_s * push)

    def advance(self) -> None:
        """Strike what falls into this block; the last thing before it is rendered."""
        later = []
        for after, gain in self._waiting:
            if after < self._block:
                self._hits.strike(int(after), gain)
            else:
                later.append((after - self._block, gain))
        self._waiting = later


def burst_window() -> np.ndarray:
    """A window that starts at once and dies away: 2% rise, then a raised-cosine fall, (1024,)."""
    at = np.linspace(0.0, 1.0, WINDOW)
    rise = np.minimum(1.0, at / 0.02)
    return np.asarray(rise * (0.5 + 0.5 * np.cos(np.pi * at)) ** 1.5 * (at < 1.0))


def click_shape() -> np.ndarray:
    """A click of the kind a read head makes: a bipolar spike and a short ring, no DC, (256,)."""
    at = np.arange(256) / 256.0
    shape = np.exp(-at * 14.0) * np.cos(2 * np.pi * at * 9.0)
    shape -= shape.mean()
    shape[-1] = 0.0
    return np.asarray(shape)


def thump_shape() -> np.ndarray:
    """An offset that jumps, sags below zero and comes back: all of it together is 0, (1024,)."""
    at = np.arange(WINDOW) / WINDOW
    fall = np.exp(-at * 5.0) * np.cos(2 * np.pi * at * 2.6 * (1.0 - 0.25 * at))
    fall *= 0.5 + 0.5 * np.cos(np.pi * at)
    hump = np.sin(np.pi * at) ** 2
    shape = fall - hump * fall.sum() / hump.sum()
    shape[-1] = 0.0
    return np.asarray(shape / np.abs(shape).max())
