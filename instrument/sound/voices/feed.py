"""Feeds: streams whose every sample NumPy writes, one block ahead of the graph.

A voice that decides in Python when something happens (a hit, a digit, a fragment) writes it to the
sample: `update` fills the block, the graph reads it in the same block. Render thread only.
"""

from typing import Any

import numpy as np

from instrument.sound import graph as pyo
from instrument.sound.graph import Graph


class Clock:
    """Counts the samples of a block from 0, for all feeds of one voice."""

    def __init__(self, graph: Graph) -> None:
        self.block = graph.block
        # Half a sample ahead, so that rounding never reads the sample beside the one meant.
        turns_per_s = graph.sample_rate / graph.block
        self.position = pyo.Phasor(turns_per_s, 0.5 / graph.block, mul=graph.block)


class Feed:
    """One stream. `samples` float64 (block,) is what the graph reads next."""

    def __init__(self, graph: Graph, clock: Clock, rest: float = 0.0) -> None:
        """`rest` is what it says until something is written."""
        self._table = graph.keep(graph.table(np.full(graph.block, rest)))
        self.samples: np.ndarray = np.asarray(self._table.getBuffer())[: graph.block]
        self.signal: Any = pyo.TableIndex(self._table, clock.position)
        self._level = rest
        self._even = True

    def settle(self) -> None:
        """Say the value that was held last through the whole block; first thing in a block."""
        if not self._even:
            self.samples[:] = self._level
            self._even = True

    def hold(self, first: int, value: float) -> None:
        """Say `value` from the sample `first` of this block on, and until another is held."""
        self.samples[first:] = value
        self._level = value
        self._even = False

    def strike(self, at: int, value: float = 1.0) -> None:
        """Say `value` for one sample of this block only."""
        self.samples[at] = value
        self._even = False

    def silence(self, first: int, last: int) -> None:
        """Say 0 between two samples of this block only."""
        self.samples[first:last] = 0.0
        self._even = False

    def write(self, samples: np.ndarray) -> None:
        """Say these samples, float (block,), in this block only."""
        self.samples[:] = samples
        self._even = False

    def rest(self, value: float) -> None:
        """Say `value` from the next block on."""
        self._level = value
        self._even = False
