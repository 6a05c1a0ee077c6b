"""The engine: voices, bus and master as one thing that turns values into blocks of sound.

The same engine plays live, renders to a file and runs in the tests; it knows no clock, no device
and no bus. With the same values it gives the same bytes.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from instrument.signals.controls import Bank
from instrument.signals.show import SHOW
from instrument.sound.controls import DRIVE, MASTER, SPACE, VOICES
from instrument.sound.graph import Graph
from instrument.sound.master import Master
from instrument.sound.recording import Recording
from instrument.sound.voices.drive import Drive
from instrument.sound.voices.parts import Voice
from instrument.sound.voices.space import Space

REST_AFTER_REBUILD_S = 0.25


class Engine:
    """All of the sound of one show. One thread: the render thread."""

    def __init__(
        self,
        bank: Bank,
        recordings: Mapping[str, Recording],
        *,
        sample_rate: int = 48000,
        block: int = 256,
        seed: int = 0,
    ) -> None:
        """`bank` holds at least the groups of the sound; `recordings` one for each voice of
        `controls.PLAYERS`. Building takes a fraction of a second."""
        self.sample_rate = sample_rate
        self.block = block
        self._bank = bank
        self._seed = seed
        self._recordings = recordings
        self._values = np.array([spec.default for spec in bank], np.float64)
        self._show = bank.bind(SHOW, self._values) if "show.panic" in bank else None
        self._master_controls = bank.bind(MASTER, self._values)
        self._drive_controls = bank.bind(DRIVE, self._values)
        self._space_controls = bank.bind(SPACE, self._values)
        self.master = Master(sample_rate, block)
        self.rebuilds = 0
        self.closed = False
        self._rest = 0
        self._weights: np.ndarray | None = None
        self._tables: dict[str, Any] = {}
        self._build()

    def _build(self) -> None:
        graph = Graph(self.sample_rate, self.block, self._seed, self._tables)
        self.graph = graph
        self.voices: list[tuple[Voice, Any]] = []
        for entry in VOICES:
            sources = () if entry.recording is None else (self._recordings[entry.group.path],)
            voice = entry.build(graph, *sources)
            self.voices.append((voice, self._bank.bind(entry.group, self._values)))
        outputs = [voice.output for voice, _ in self.voices]
        sends = [voice.sent for voice, _ in self.voices]
        self.drive = Drive(graph, graph.keep(sum(outputs[1:], outputs[0])))
        self.space = Space(graph, graph.keep(sum(sends[1:], sends[0])))
        graph.keep((self.drive.output + self.space.output).out())

    def hear_weights(self, weights: np.ndarray) -> None:
        """A new slice of the network's weights, float32 (count,). Render thread."""
        self._weights = weights
        for voice, _ in self.voices:
            voice.hear_weights(weights)

    def render(self, values: np.ndarray) -> np.ndarray:
        """The next block, float32 (block, 2), for values in units, float64 (controls,).

        A value that is no number is answered with the last good one.
        """
        np.copyto(self._values, values[: len(self._values)], where=np.isfinite(values))
        for voice, controls in self.voices:
            voice.update(controls)
        self.drive.update(self._drive_controls)
        self.space.update(self._space_controls)
        if self._show is not None:
            self.master.fader.panic(int(self._show.panic), self._show.panic_fade)
        rendered = self.graph.render()
        broken = self.master.nonfinite_blocks
        sound = self.master.process(rendered, self._master_controls.level)
        self._rest = max(0, self._rest - 1)
        if self.master.nonfinite_blocks > broken and self._rest == 0:
            self._rebuild()
        return sound

    def _rebuild(self) -> None:
        """Make the graph anew: a NaN never leaves a filter by itself."""
        self.rebuilds += 1
        self._rest = int(REST_AFTER_REBUILD_S * self.sample_rate / self.block)
        self.graph.close()
        self._build()
        if self._weights is not None:
            self.hear_weights(self._weights)

    def close(self) -> None:
        """Give the graph back. One engine at a time in a process: pyo shares its random numbers."""
        self.closed = True
        self.graph.close()
