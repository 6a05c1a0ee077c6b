"""Pixels of the inner picture at another size, each staying hard; PyAV, outside the interpreter lock."""

import math
from typing import Any

import numpy as np

BEHIND = 256
"""Bytes that may be read behind a picture: for small ones FFmpeg's converter reads up to 48 too many, and
where memory ended there the whole program did."""


def roomy(shape: tuple[int, ...]) -> np.ndarray:
    """uint8 of this shape, not filled, with `BEHIND` bytes that may be read behind its last."""
    size = math.prod(shape)
    return np.empty(size + BEHIND, np.uint8)[:size].reshape(shape)


def frame_of(pixels: np.ndarray) -> Any:
    """A frame of PyAV from uint8 (height, width, 4), from the bottom row up; its colours are RGB."""
    import av

    upright = roomy(pixels.shape)
    upright[:] = pixels[::-1]
    return av.VideoFrame.from_numpy_buffer(upright, format="rgba")


def stretched(pixels: np.ndarray, size: tuple[int, int], form: str = "rgba") -> np.ndarray:
    """The same as uint8 (height, width, 4 or 3), top row first; `size` is width and height.

    `form`: ``rgba`` or ``rgb24``.
    """
    frame = frame_of(pixels).reformat(*size, format=form, interpolation="POINT")
    stretched_pixels: np.ndarray = frame.to_ndarray()
    return stretched_pixels
