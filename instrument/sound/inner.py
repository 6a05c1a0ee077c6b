"""What the voices hear of the network itself, beside what the routes push."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from instrument.signals.frames import TILE_BYTES, TILE_COUNT, TileFrame, WeightFrame
from instrument.signals.streams import StreamSpec

CLASSES = 10


@dataclass(frozen=True)
class Inner:
    """A moment of the network, 10 to 30 times a second.

    `weights` and `gradients` float32 (count,): a fixed selection, layer after layer, the generator's
    first; `segments` are the places at which the layers begin, `generator_segments` of them are the
    generator's. `classes` float32 (10,): shares of the samples that look like each digit.
    """

    weights: np.ndarray
    gradients: np.ndarray
    segments: tuple[int, ...] = (0,)
    generator_segments: int = 1
    classes: np.ndarray = field(default_factory=lambda: np.zeros(CLASSES, np.float32))


@dataclass(frozen=True)
class Samples:
    """What the generator draws: `images` uint8 (count, height, width, channels), at most 64 of them, and
    what the discriminator says of each, `scores` float32 (count,), 0..1."""

    images: np.ndarray
    scores: np.ndarray


def samples_of(frame: TileFrame) -> Samples | None:
    """The samples of a tile frame, copied; None for one that holds none or whose numbers do not fit."""
    shape = min(frame.count, TILE_COUNT), frame.height, frame.width, frame.channels
    if not 0 < shape[1] * shape[2] * shape[3] <= TILE_BYTES or shape[0] == 0:
        return None
    pixels = np.frombuffer(frame.tiles, np.uint8)[: shape[0] * shape[1] * shape[2] * shape[3]]
    scores = np.array(np.frombuffer(frame.scores, np.float32)[: shape[0]])
    return Samples(pixels.reshape(shape).copy(), np.clip(_finite(scores), 0.0, 1.0))


class InnerEar:
    """Puts such moments together from the frames of a show."""

    def __init__(self, streams: Sequence[StreamSpec]) -> None:
        """`streams` are those of the show, in the order of its metric frames."""
        places = {stream.name: place for place, stream in enumerate(streams)}
        self._classes = [places.get(f"class_{digit}") for digit in range(CLASSES)]

    def hear(self, frame: WeightFrame, streams: np.ndarray) -> Inner:
        """The moment of a weight frame, copied; `streams` float32, the newest metric frame's.

        What is not finite is heard as 0.
        """
        count = frame.count
        layers = max(1, frame.segment_count)
        said = [0.0 if place is None else float(streams[place]) for place in self._classes]
        return Inner(
            _finite(np.array(np.frombuffer(frame.weights, np.float32)[:count])),
            _finite(np.array(np.frombuffer(frame.gradients, np.float32)[:count])),
            tuple(frame.segments[:layers]),
            min(layers, max(1, frame.generator_segments)),
            _finite(np.array(said, np.float32)),
        )


def _finite(values: np.ndarray) -> np.ndarray:
    return np.nan_to_num(values, copy=False, nan=0.0, posinf=0.0, neginf=0.0)
