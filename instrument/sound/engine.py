"""The engine: voices, bus and master as one thing that turns values into blocks of sound.

The same engine plays live, renders to a file and runs in the tests; it knows no clock, no device
and no bus. With the same values it gives the same bytes.
"""

from typing import Any

import numpy as np

from instrument.signals.controls import Bank
from instrument.signals.show import SHOW
from instrument.sound.controls import DRIVE, MASTER, SCAN, SPACE, clouds_of, voices
from instrument.sound.graph import Graph
from instrument.sound.hair_line import HairLine
from instrument.sound.inner import Inner, Samples
from instrument.sound.library import Library
from instrument.sound.master import Master
from instrument.sound.strip import Strip
from instrument.sound.voices.drive import Drive
from instrument.sound.voices.space import Space

REST_AFTER_REBUILD_S = 0.25
RETURNS = ("space", "drive")
"""Parts of the sound that are no voices."""


class Engine:
    """All of the sound of one show. One thread: the render thread."""

    def __init__(
        self,
        bank: Bank,
        library: Library,
        *,
        sample_rate: int = 48000,
        block: int = 256,
        channels: int = 2,
        seed: int = 0,
        values: np.ndarray | None = None,
    ) -> None:
        """`bank` holds at least the groups of the sound. `values` float64 (controls,) in units are
        where it begins (defaults); they say which recordings are loaded. Building takes a fraction
        of a second. Raises `Mistake` for a recording that cannot be read."""
        self.sample_rate = sample_rate
        self.block = block
        self.channels = channels
        self._bank = bank
        self._seed = seed
        self._library = library
        self._values = np.array([spec.default for spec in bank], np.float64)
        if values is not None:
            self._values[:] = values
        self._show = bank.bind(SHOW, self._values) if "show.panic" in bank else None
        self._master_controls = bank.bind(MASTER, self._values)
        self._drive_controls = bank.bind(DRIVE, self._values)
        self._scan_controls = bank.bind(SCAN, self._values)
        self._space_controls = bank.bind(SPACE, self._values)
        self.master = Master(sample_rate, block, channels)
        self.hair_line = HairLine(sample_rate, block)
        """Where the scanner is in the samples, at the end of the block that was rendered last."""
        self.rebuilds = 0
        self.closed = False
        self._rest = 0
        self._apart = False
        self._inner: Inner | None = None
        self._tables: dict[str, Any] = {}
        self.strips: list[Strip] = []
        self._build()

    def _build(self) -> None:
        entries = voices(self._library.names, clouds_of(self._bank))
        graph = Graph(
            self.sample_rate, self.block, self._seed, self._tables, self.channels, self.hair_line,
            len(entries) + len(RETURNS) if self._apart else 0,
        )  # fmt: skip
        self.graph = graph
        before = {strip.entry.name: strip for strip in self.strips}
        self.strips = []
        for entry in entries:
            controls = self._bank.bind(entry.group, self._values)
            old = before.get(entry.name)
            self.strips.append(Strip(graph, entry, controls, self._library, old))
        decks = [deck for strip in self.strips for deck in strip.decks]
        self.drive = Drive(graph, graph.mix([deck.driven for deck in decks]))
        clean = graph.mix([deck.clean for deck in decks])
        self.space = Space(graph, graph.mix([deck.sent for deck in decks]))
        if self._apart:
            for number, strip in enumerate(self.strips):
                graph.aside(number, graph.mix([deck.heard for deck in strip.decks]))
            graph.aside(len(entries), self.space.output + 0.0)
            graph.aside(len(entries) + 1, self.drive.output - self.drive.input)
        graph.keep((self.drive.output + clean + self.space.output).out())

    def take_apart(self) -> tuple[str, ...]:
        """From the first block on, `parts` holds every part of the sound by itself; their names.

        What is heard stays the same to the byte. To be called before anything was rendered.
        """
        self._apart = True
        self.graph.close()
        self._build()
        return (*(strip.entry.name for strip in self.strips), *RETURNS)

    @property
    def parts(self) -> np.ndarray:
        """The last block's parts before the master, float32 (block, parts, channels); see `take_apart`.

        Each voice behind its level, what comes back from the space, and what the drive changes. Together
        they are what the master was given.
        """
        return self.graph.parts

    @property
    def delay_s(self) -> float:
        """By how much what leaves is later than what the voices say, seconds: the limiter looks ahead."""
        return self.master.limiter.delay / self.sample_rate

    def hear(self, inner: Inner) -> None:
        """What is new of the network's own numbers. Render thread."""
        self._inner = inner
        for strip in self.strips:
            strip.hear(inner)

    def see(self, samples: Samples) -> None:
        """What the generator draws now. Render thread."""
        self.hair_line.see(samples)

    def render(self, values: np.ndarray) -> np.ndarray:
        """The next block, float32 (block, channels), for values in units, float64 (controls,).

        A value that is no number is answered with the last good one.
        """
        np.copyto(self._values, values[: len(self._values)], where=np.isfinite(values))
        self.hair_line.advance(self._scan_controls.rate)
        soloed = any(strip.controls.solo for strip in self.strips)
        changed = False
        for strip in self.strips:
            changed |= strip.update(not soloed or bool(strip.controls.solo), self._inner)
        if changed:
            self.graph.keep_recordings([one for strip in self.strips for one in strip.recordings()])
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
        if self._inner is not None:
            self.hear(self._inner)

    def close(self) -> None:
        """Give the graph back. One engine at a time in a process: pyo shares its random numbers."""
        self.closed = True
        self.graph.close()
