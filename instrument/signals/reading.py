"""What frames hold, as arrays that a listener keeps: numbers that are none leave the last good ones."""

from typing import Any

import numpy as np

from instrument.signals.frames import ControlFrame, MetricFrame

LARGEST_SIDE = 64
"""Pixels of an image across or down, at the most."""


def put_positions(frame: ControlFrame, into: np.ndarray) -> None:
    """Positions of the controls, float32 (controls,)."""
    count = min(int(frame.count), len(into))
    put_finite(np.frombuffer(frame.positions, np.float32, count), into)


def put_streams(frame: MetricFrame, into: np.ndarray) -> int:
    """Streams of a step, float32 (streams,); returns how many of them were no numbers."""
    count = min(int(frame.count), len(into))
    return put_finite(np.frombuffer(frame.streams, np.float32, count), into)


def put_finite(
    heard: np.ndarray, into: np.ndarray, low: float = -np.inf, high: float = np.inf
) -> int:
    """What is heard, between `low` and `high`, to the beginning of `into`; returns what was no number."""
    finite = np.isfinite(heard)
    np.copyto(into[: len(heard)], np.clip(heard, low, high), where=finite)
    return heard.size - int(np.count_nonzero(finite))


def images_of(frame: Any, pixels: Any, count: int, most: int) -> np.ndarray | None:
    """`count` images in the `pixels` of a frame, uint8 (count, height, width, channels), not copied.

    None where the numbers do not fit: `most` images, grey or coloured, of at most 64 pixels a side.
    """
    height, width, channels = frame.height, frame.width, frame.channels
    sides = 0 < height <= LARGEST_SIDE and 0 < width <= LARGEST_SIDE
    if not (0 < count <= most and sides and channels in (1, 3)):
        return None
    size = count * height * width * channels
    return np.frombuffer(pixels, np.uint8, size).reshape(count, height, width, channels)
