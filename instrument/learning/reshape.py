"""Smaller and larger images by two matrix products: what a resampling of Pillow does, for whole batches."""

from functools import cache

import numpy as np


@cache
def resize_matrix(side: int, wanted: int) -> np.ndarray:
    """Float32 (wanted, side): rows weigh `side` pixels into `wanted` ones, antialiased; rows sum to 1.

    Pillow's own weights: its resampling is linear, so the resized identity matrix is it. Boxes when
    pixels are put together, bicubic (which may overshoot) when there are to be more of them.
    """
    from PIL import Image

    kernel = Image.Resampling.BOX if wanted <= side else Image.Resampling.BICUBIC
    identity = Image.fromarray(np.eye(side, dtype=np.float32))
    return np.ascontiguousarray(identity.resize((side, wanted), kernel), np.float32)


def resized(images: np.ndarray, wanted: int) -> np.ndarray:
    """Images float32 (N, side, side) as (N, wanted, wanted), not clipped; themselves at their own side."""
    count, side, _ = images.shape
    if side == wanted:
        return images
    matrix = resize_matrix(side, wanted)
    across = (images.reshape(-1, side) @ matrix.T).reshape(count, side, wanted)
    return np.matmul(matrix, across)


def greyed(u: np.ndarray, channels: int) -> np.ndarray:
    """Images (N, channels * pixels), channel after channel, as their mean over the channels (N, pixels)."""
    if channels == 1:
        return u
    planes = u.reshape(len(u), channels, -1)
    grey = planes[:, 0] + planes[:, 1]
    for channel in range(2, channels):
        grey += planes[:, channel]
    grey /= np.float32(channels)
    return grey
