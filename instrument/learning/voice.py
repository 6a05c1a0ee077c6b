"""What the training says on the bus: frames kept and filled anew, and sentences for the performer."""

import numpy as np

from instrument.clock import Clock
from instrument.learning.deeds import Deed
from instrument.learning.streams import STREAMS
from instrument.signals.bus import Bus
from instrument.signals.frames import (
    ACTIVATIONS,
    DEEDS,
    FIELD,
    GESTURES,
    METRICS,
    NOTICES,
    REALS,
    SLICE_LENGTH,
    SNAPSHOTS,
    TILES,
    WALK,
    WEIGHTS,
    ActivationFrame,
    FieldFrame,
    GestureFrame,
    MetricFrame,
    RealsFrame,
    SnapshotFrame,
    TileFrame,
    Topic,
    WalkFrame,
    WeightFrame,
)
from instrument.signals.notices import Notice, notice_frame

INNER = (WALK, FIELD, ACTIVATIONS, REALS)
InnerFrame = WalkFrame | FieldFrame | ActivationFrame | RealsFrame
"""What the probes say of the inside of the nets."""


class Voice:
    """Publishes; never waits. Trainer thread (`notice` before it starts: main thread)."""

    def __init__(self, bus: Bus, clock: Clock) -> None:
        self._clock = clock
        self.metrics = bus.publisher(METRICS)
        self._tiles, self._weights = bus.publisher(TILES), bus.publisher(WEIGHTS)
        self._gestures, self._notices = bus.publisher(GESTURES), bus.publisher(NOTICES)
        self._deeds = bus.publisher(DEEDS)
        self._snapshots = bus.publisher(SNAPSHOTS)
        self._inner = {topic.name: bus.publisher(topic) for topic in INNER}
        self._metric = MetricFrame(count=len(STREAMS))
        self._streams = np.frombuffer(self._metric.streams, np.float32)[: len(STREAMS)]
        self._tile = TileFrame()
        self._pixels = np.frombuffer(self._tile.tiles, np.uint8)
        self._scores = np.frombuffer(self._tile.scores, np.float32)
        self._weight = WeightFrame()
        self._values = np.frombuffer(self._weight.weights, np.float32)
        self._gradients = np.frombuffer(self._weight.gradients, np.float32)

    def say_step(self, step: int, values: np.ndarray) -> None:
        """One metric frame; `values` float32 (streams,)."""
        self._streams[:] = values
        self._metric.step, self._metric.time_s = step, self._clock()
        self.metrics.send(self._metric)

    def say_tiles(self, step: int, tiles: np.ndarray, scores: np.ndarray) -> None:
        """One tile frame: uint8 (n, H, W, C), scores float32 (n,)."""
        self._pixels[: tiles.size] = tiles.ravel()
        self._scores[: len(scores)] = scores
        frame = self._tile
        frame.count, frame.height, frame.width, frame.channels = tiles.shape
        frame.step, frame.time_s = step, self._clock()
        self._tiles.send(self._tile)

    def segment(self, segments: list[int], generator_segments: int) -> None:
        """Say once where the layers begin in the weight frames."""
        self._weight.segments[: len(segments)] = segments
        self._weight.segment_count = len(segments)
        self._weight.generator_segments = generator_segments

    def say_weights(self, step: int, weights: np.ndarray, gradients: np.ndarray) -> None:
        """One weight frame: two float32 vectors of the same selection, at most 4,096 long."""
        count = min(len(weights), SLICE_LENGTH)
        self._values[:count], self._gradients[:count] = weights[:count], gradients[:count]
        self._weight.count, self._weight.step = count, step
        self._weight.time_s = self._clock()
        self._weights.send(self._weight)

    def say_inner(self, topic: Topic, step: int, frame: InnerFrame) -> None:
        """One frame of a probe, which keeps and fills it."""
        frame.step, frame.time_s = step, self._clock()
        self._inner[topic.name].send(frame)

    def say_gesture(self, step: int, control: int, position: float, who: bytes) -> None:
        """A gesture took effect before this step."""
        self._gestures.send(
            GestureFrame(
                time_s=self._clock(), step=step, control=control, position=position, who=who[:48]
            )
        )

    def say_deed(self, deed: Deed) -> None:
        """What was done to the training, exactly."""
        self._deeds.send(deed.to_frame(self._clock()))

    def say_snapshot(self, frame: SnapshotFrame) -> None:
        """One part of a saved moment; who takes them keeps and fills the frame."""
        frame.time_s = self._clock()
        self._snapshots.send(frame)

    def notice(self, text: str, grave: bool = False) -> None:
        """One sentence for the performer."""
        self._notices.send(notice_frame(Notice("learning", text, grave), self._clock()))

    def close(self) -> None:
        """Leave the bus."""
        for port in (self.metrics, self._tiles, self._weights, self._gestures, self._deeds,
                     self._snapshots, self._notices, *self._inner.values()):  # fmt: skip
            port.close()
