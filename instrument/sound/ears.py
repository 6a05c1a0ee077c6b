"""What the sound hears of a show: the newest controls, streams, weights and samples, block by block."""

import math
from collections.abc import Sequence

import numpy as np

from instrument.signals.bus import Bus
from instrument.signals.controls import Bank
from instrument.signals.due import Due, due_block
from instrument.signals.frames import (
    CONTROLS,
    METRICS,
    TILES,
    WEIGHTS,
    MetricFrame,
    TileFrame,
    WeightFrame,
)
from instrument.signals.positions_due import PositionsDue
from instrument.signals.streams import StreamSpec
from instrument.sound.inner import Inner, InnerEar, Samples, samples_of


class Ears:
    """Listens on the bus of a show, or on that of a rendering. Render thread.

    A frame that is dated counts from its block on, as late as it may come (`signals.due`); of several
    that count from one block the newest is heard.
    """

    def __init__(
        self,
        bus: Bus,
        bank: Bank,
        positions: np.ndarray,
        streams: Sequence[StreamSpec],
        far: float = math.inf,
    ) -> None:
        """`positions` float32 (controls,) stand until the first control frame comes.

        What is dated more than `far` blocks ahead has other blocks in mind than ours.
        """
        self._metrics = Due(bus.listener(METRICS), MetricFrame, due_block, far)
        self._weights = Due(bus.listener(WEIGHTS), WeightFrame, due_block, far)
        self._tiles = Due(bus.listener(TILES), TileFrame, due_block, far)
        controls = positions[: len(bank)].astype(np.float32)
        self._controls = PositionsDue(bus.listener(CONTROLS), controls, due_block, far)
        self._metric, self._weight, self._tile = MetricFrame(), WeightFrame(), TileFrame()
        self._inner = InnerEar(streams)
        self.positions = controls
        self.streams = np.frombuffer(self._metric.streams, np.float32)
        """Float32 (capacity,), the streams of the newest metric frame."""
        self.trained = False
        """Whether a metric frame has come."""

    def listen(self, block: int) -> Inner | None:
        """Take what counts by block `block`; returns a new moment of the network if there is one.

        Never waits.
        """
        if self._metrics.latest(block, self._metric) is not None:
            self.trained = True
        self._controls.listen(block)
        if self._weights.latest(block, self._weight) is None:
            return None
        return self._inner.hear(self._weight, self.streams)

    def look(self, block: int) -> Samples | None:
        """The newest samples of the network by block `block` if there are new ones. Never waits."""
        return None if self._tiles.latest(block, self._tile) is None else samples_of(self._tile)

    @property
    def lost(self) -> int:
        """Metric frames that gave way."""
        return self._metrics.lost

    @property
    def late(self) -> int:
        """Dated frames that came after their block: from there on the sound is not as it is rendered."""
        return sum(
            each.late for each in (self._metrics, self._weights, self._tiles, self._controls)
        )
