"""A reader that never ends: two heads over one recording that always crossfade into each other.

Each head reads its pass with a gain of sin^2, half a pass behind the other, so the gains always sum
to 1. When a head is silent, between two passes, Python puts it to the place asked for, moved by
some milliseconds so that it runs in step with the head that sounds (`in_step`).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from instrument.sound import graph as pyo
from instrument.sound.graph import Graph
from instrument.sound.recording import Recording
from instrument.sound.voices.steps import in_step

GAIN_POINTS = 2048
LONGEST_SHARE = 0.6
"""The longest pass, as a share of the recording."""
EDGE = 8
"""Frames at both ends of a recording that are not read: interpolation looks around."""


class Sustain:
    """One reader; `sound` has two streams, left and right. Render thread only."""

    def __init__(self, graph: Graph, ratio: Any, pass_s: float, *, crossed: bool = False) -> None:
        """`ratio` is the stream of the pitch, `pass_s` how much of the recording a pass reads.

        `crossed` reads left on the right and right on the left. Silent until `load`.
        """
        self._graph = graph
        self._pass_s = pass_s
        self._crossed = crossed
        self._samples = np.zeros((1, 2), np.float32)
        self._frames = 1.0
        rate = graph.live(1.0, 0.0)
        self._rate = rate
        self._frequency = graph.keep(ratio * rate.signal)
        self._share = graph.live(0.0, 0.0)
        self._begins = [graph.live(0.0, 0.0) for _ in range(2)]
        time = np.arange(GAIN_POINTS) / GAIN_POINTS
        gains = graph.keep(graph.table(np.sin(np.pi * time) ** 2))
        silence = [graph.keep(graph.table(np.zeros(64))) for _ in range(2)]
        start = float(graph.random.random()) * 0.5
        self._phases, self._readers = [], []
        for head, begin in enumerate(self._begins):
            phase = graph.keep(pyo.Phasor(self._frequency, start + 0.5 * head))
            gain = graph.keep(pyo.Osc(gains, self._frequency, start + 0.5 * head))
            index = graph.keep(phase * self._share.signal + begin.signal)
            reader = pyo.Pointer2(silence, index, interp=4, autosmooth=False, mul=gain)
            self._phases.append(phase)
            self._readers.append(graph.keep(reader))
        self.sound = graph.keep(self._readers[0] + self._readers[1])
        self._starts = [0, 0]
        self._turned = [start, start + 0.5]
        self._moved = [False, False]
        self._begun = False

    def load(self, recording: Recording, tables: Sequence[Any], place: float) -> None:
        """Read this recording, from `place` (0..1). Only called while the voice is asleep."""
        self._samples = recording.samples
        frames = len(recording.samples)
        self._frames = min(self._pass_s * recording.sample_rate, LONGEST_SHARE * frames)
        sides = list(reversed(tables)) if self._crossed else list(tables)
        for reader in self._readers:
            reader.setTable(sides)
        self._rate.set(recording.sample_rate / self._frames)
        self._share.set(self._frames / frames)
        for head in range(2):
            self._begin(head, self._wanted(place))
        first, second = (int(turned % 1.0 * self._frames) for turned in self._turned)
        other, wanted = self._starts[0] + first, self._starts[1] + second
        self._begin(1, in_step(self._samples, other, wanted, recording.sample_rate) - second)

    def update(self, place: float) -> None:
        """Passes that begin from now on are read from `place` (0..1) of the recording."""
        if not self._begun:  # Nothing is rendered yet: the heads stand where they were put.
            self._begun = True
            return
        sample_turns = float(self._frequency.get()) / self._graph.sample_rate
        half_block = 0.5 * sample_turns * self._graph.block
        for head, phase in enumerate(self._phases):
            # pyo gives the last sample it rendered: where this head stands when the next begins.
            self._turned[head] = float(phase.get()) + sample_turns
            silent = abs(self._turned[head] - round(self._turned[head])) <= half_block
            if silent and not self._moved[head]:
                self._join(head, place)
            self._moved[head] = silent

    def _join(self, head: int, place: float) -> None:
        """Begin a new pass that agrees with what the other head reads, halfway through its own.

        The two are compared where they are equally loud.
        """
        quarter = int(0.25 * self._frames)
        other = self._starts[1 - head] + 3 * quarter
        wanted = self._wanted(place) + quarter
        begin = in_step(self._samples, other, wanted, self._graph.sample_rate) - quarter
        self._begin(head, begin)

    def _wanted(self, place: float) -> int:
        room = len(self._samples) - self._frames - 2 * EDGE
        return EDGE + int(min(1.0, max(0.0, place)) * room)

    def _begin(self, head: int, start: int) -> None:
        self._starts[head] = min(max(EDGE, start), int(len(self._samples) - self._frames - EDGE))
        self._begins[head].set(self._starts[head] / len(self._samples))
