"""The pyo side of a cloud: what grains are drawn from, and who plays them.

pyo gives no way to end a grain early, and a grain that outlives its table reads foreign memory. So
a cloud has two players: another recording goes to one whose grains are all over, and the one
before, silent at once, plays its own to the end on the table they were taken from.

A filter on every grain costs two fifths of it. So each player is two generators, one with filters
and one without, and while the filters would be wide open all grains come from the one without.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from instrument.sound import graph as pyo
from instrument.sound.graph import Graph

SILENT_POINTS = 256
LEFTOVER_S = 0.05
"""How much longer than their size grains are waited for."""


class Lot:
    """One stream of numbers drawn at random from a few that NumPy writes."""

    TICKETS = 256

    def __init__(self, graph: Graph, turns_per_s: float) -> None:
        """`turns_per_s` as in `Graph.noise`."""
        table = graph.keep(graph.table(np.ones(self.TICKETS)))
        self._tickets = np.asarray(table.getBuffer())
        drawn = graph.noise(turns_per_s, 0.0, self.TICKETS - 1e-3)
        self.signal = graph.keep(pyo.TableIndex(table, drawn))

    def fill(self, values: np.ndarray) -> None:
        """What is drawn from now on, float64 (TICKETS,), each with the same odds. Render thread."""
        self._tickets[: self.TICKETS] = values


class Turn:
    """One player and whether its grains are over."""

    def __init__(self, generators: Sequence[Any], gate: Any) -> None:
        self.generators = generators
        self.gate = gate
        self.table = generators[0].table
        self.left_s = 0.0
        """How long its grains may still last; 0: none is left."""

    def take_from(self, table: Any) -> None:
        """Draw grains from this table; none may be left of another one."""
        # pyo reads from the old table until it knows the new one: let go of it afterwards.
        before = self.table
        for generator in self.generators:
            generator.setTable(table)
        self.table = table
        del before


class GrainPlayer:
    """Two players in turn; `sound` has one stream for each channel of the graph."""

    def __init__(
        self,
        graph: Graph,
        window: Any,
        density: Any,
        loudness: Any,
        every_grain: Mapping[str, Any],
        filters: Mapping[str, Any],
    ) -> None:
        """`every_grain` are the streams a grain is made of, and `filters` those of its filter, by
        their names in pyo."""
        self._period_s = graph.block / graph.sample_rate
        self._silence = silence = graph.keep(graph.table(np.zeros(SILENT_POINTS)))
        self._filtered, self._open = graph.live(1.0, 0.0), graph.live(0.0, 0.0)
        self._turns = []
        for _ in range(2):
            gate = graph.live(0.0, 0.0)
            loud = loudness * gate.signal
            common = {"chnls": graph.channels, "mul": loud, **every_grain}
            dense = density * gate.signal
            filtered = pyo.Particle2(
                silence, window, dens=dense * self._filtered.signal, **common, **filters
            )
            plain = pyo.Particle(silence, window, dens=dense * self._open.signal, **common)
            self._turns.append(Turn([graph.keep(filtered), graph.keep(plain)], gate))
        # pyo counts a side of 0..1 round its outputs from the first; the middle must lie between
        # the first two loudspeakers, and both ends of it behind the audience.
        shift = graph.channels // 2 - 1
        order = [(channel + shift) % graph.channels for channel in range(graph.channels)]
        generators = [generator for turn in self._turns for generator in turn.generators]
        self.sound = graph.mix([pyo.Sig(each[k]) for each in generators for k in order])
        self._current = self._turns[0]
        self._waiting: Any = None

    def load(self, table: Any) -> None:
        """Take grains from this table from now on. Only called while the cloud is asleep."""
        self._waiting = table
        self._current.gate.set(0.0)
        self._begin()

    def _begin(self) -> None:
        for turn in self._turns:
            if turn.left_s <= 0.0:
                turn.take_from(self._waiting)
                turn.gate.set(1.0)
                self._current, self._waiting = turn, None
                return

    @property
    def left_s(self) -> float:
        """How long the grains that have begun may still sound."""
        return self._current.left_s

    def update(self, size_s: float, open: bool) -> None:
        """One block passes in which grains of this length may begin, without filters if `open`.

        Render thread.
        """
        self._filtered.set(0.0 if open else 1.0)
        self._open.set(1.0 if open else 0.0)
        for turn in self._turns:
            turn.left_s = max(0.0, turn.left_s - self._period_s)
            if turn.left_s == 0.0 and turn is not self._current and turn.table is not self._silence:
                turn.take_from(self._silence)
        if self._waiting is not None:
            self._begin()
        if self._waiting is None:
            self._current.left_s = max(self._current.left_s, size_s + LEFTOVER_S)
