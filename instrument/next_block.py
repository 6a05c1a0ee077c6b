"""Engine, ears and mapping as one: the next block of sound, out of what the bus has said by then.

The sound process plays it and a rendering writes it: what they are not to differ in stands here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from instrument.mapping import LiveModulator, Modulator, Route
from instrument.signals.bus import Bus
from instrument.signals.controls import Bank
from instrument.signals.due import FAR_S, due_block
from instrument.signals.streams import StreamSpec
from instrument.sound.ears import Ears
from instrument.sound.engine import Engine
from instrument.sound.library import Library


@dataclass(frozen=True)
class SoundSetup:
    """What a sound is made of, whoever plays it. `positions` float32 (controls,): where it begins."""

    bank: Bank
    streams: Sequence[StreamSpec]
    routes: Sequence[Route]
    recordings: Mapping[str, Path]
    positions: np.ndarray
    sample_rate: int = 48_000
    block: int = 256
    channels: int = 2
    seed: int = 0

    @property
    def period_s(self) -> float:
        """How long a block lasts, seconds."""
        return self.block / self.sample_rate


class NextBlock:
    """One sound, from its first block on. Render thread."""

    def __init__(
        self, setup: SoundSetup, say: Callable[[str], None] = lambda text: None,
        patient: bool = False, prompt: bool = False,
    ) -> None:  # fmt: skip
        """Builds the engine, which takes a fraction of a second; raises `Mistake`.

        `say` takes what is to be said of recordings that come while it plays. `patient` and `prompt`: when
        those come, see `sound.library`.
        """
        self.setup = setup
        self.blocks = 0
        """Rendered so far: the number of the next one, by which frames are dated."""
        self._values = np.zeros(len(setup.bank))
        self.library = Library(
            setup.recordings, setup.sample_rate, say, patient=patient, prompt=prompt
        )
        self.engine = Engine(
            setup.bank,
            self.library,
            sample_rate=setup.sample_rate,
            block=setup.block,
            channels=setup.channels,
            seed=setup.seed,
            values=setup.bank.map(setup.positions, self._values),
        )
        self._modulator = Modulator(setup.routes, setup.streams, setup.bank)

    def warm(self, blocks: int) -> None:
        """Render a little of what nobody hears, so that the first block is as quick as the others."""
        values = self.setup.bank.map(self.setup.positions, self._values)
        for _ in range(blocks):
            self.engine.render(values)

    def join(self, bus: Bus, positions: np.ndarray) -> None:
        """Listen from now on; `positions` float32 (controls,) stand until somebody says others."""
        setup = self.setup
        far = FAR_S / setup.period_s
        self.ears = Ears(bus, setup.bank, positions, setup.streams, far)
        self.routes = LiveModulator(self._modulator, bus, lambda: self.blocks, due_block, far)

    def begin(self) -> None:
        """The first block is next: from now on recordings may be read beside it."""
        self.library.fetch()

    def render(self) -> np.ndarray:
        """The next block, float32 (block, channels), overwritten by the next call."""
        ears, engine = self.ears, self.engine
        inner = ears.listen(self.blocks)
        if inner is not None:
            engine.hear(inner)
        samples = ears.look(self.blocks)
        if samples is not None:
            engine.see(samples)
        if ears.trained:
            values = self.routes.values(ears.positions, ears.streams, self.setup.period_s)
        else:
            values = self.setup.bank.map(ears.positions, self._values)
        self.blocks += 1
        return engine.render(values)

    @property
    def late(self) -> int:
        """Dated frames that came after their block: from there on it is not as it is rendered."""
        return self.ears.late + self.routes.due.late

    def close(self) -> None:
        """Give the graph back."""
        self.engine.close()
