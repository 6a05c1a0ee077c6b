"""Pixels of the inner picture at another size, each staying hard; PyAV, outside the interpreter lock."""

from typing import Any

import numpy as np


def frame_of(pixels: np.ndarray) -> Any:
    """A frame of PyAV from uint8 (height, width, 4), from the bottom row up; its colours are RGB."""
    import av

    return av.VideoFrame.from_numpy_buffer(np.ascontiguousarray(pixels[::-1]), format="rgba")


def stretched(pixels: np.ndarray, size: tuple[int, int], form: str = "rgba") -> np.ndarray:
    """The same as uint8 (height, width, 4 or 3), top row first; `size` is width and height.

    `form`: ``rgba`` or ``rgb24``.
    """
    frame = frame_of(pixels).reformat(*size, format=form, interpolation="POINT")
    stretched_pixels: np.ndarray = frame.to_ndarray()
    return stretched_pixels
