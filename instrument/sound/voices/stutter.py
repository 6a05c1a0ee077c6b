"""The stutter: what was just heard is heard again, and again, while nothing else gets through."""

from typing import Any

import numpy as np

from instrument.sound import graph as pyo
from instrument.sound.graph import Graph
from instrument.sound.voices.feed import Clock, Feed

MEMORY_S = 1.5
EDGE = 32
"""Samples over which a fragment ends, so that only its beginning is a transient."""
SHORTEST = 96


class Stutter:
    """Writes all it hears into a ring; while it stutters, a fragment of the ring is what it gives."""

    def __init__(self, graph: Graph, clock: Clock, heard: Any) -> None:
        """`heard` is one stream."""
        self._block = graph.block
        self._size = int(MEMORY_S * graph.sample_rate)
        ring = graph.keep(graph.table(np.zeros(self._size)))
        self._write, self._read = Feed(graph, clock), Feed(graph, clock)
        self._through, self._again = Feed(graph, clock, 1.0), Feed(graph, clock)
        self._writer = pyo.TableWrite(heard, self._write.signal, ring, mode=1)
        again = pyo.TableIndex(ring, self._read.signal) * self._again.signal
        self.sound = heard * self._through.signal + again
        self._now = 0
        self._onset = 0
        self._first = self._length = self._left = self._done = 0

    @property
    def feeds(self) -> tuple[Feed, ...]:
        return (self._write, self._read, self._through, self._again)

    def busy(self, at: int) -> bool:
        """Whether it still repeats at the sample `at` of this block."""
        return self._left > at

    def mark(self, at: int) -> None:
        """Something begins here; it is what the next stutter repeats."""
        self._onset = self._now + at

    def begin(self, at: int, length: int, repeats: int) -> bool:
        """Repeat what began last from the sample `at` on; False when it began just now."""
        heard = self._now + at - self._onset
        length = min(length, heard, self._size - 2 * self._block)
        if length < SHORTEST or heard > self._size - 2 * self._block:
            return False
        self._first, self._length, self._done = self._onset, length, -at
        self._left = at + length * repeats
        return True

    def advance(self) -> None:
        """Write the feeds of this block; the last thing before it is rendered."""
        samples = np.arange(self._block)
        self._write.write((self._now + samples) % self._size)
        if self._left > 0:
            played = samples + self._done
            sounding = (played >= 0) & (samples < self._left)
            inside = played % self._length
            edge = np.minimum(1.0, (self._length - inside) / EDGE)
            self._read.write((self._first + inside) % self._size)
            self._again.write(sounding * edge)
            self._through.write(1.0 - sounding)
            self._left -= self._block
            self._done += self._block
        self._now += self._block
