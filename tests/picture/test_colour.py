"""The tile wall shows samples of other sizes, and in colour, as they are."""

from collections.abc import Callable

import numpy as np
import pytest
from picture_rig import HEALTHY, Rig

pytestmark = pytest.mark.slow

Make = Callable[..., Rig]


def coloured_samples() -> np.ndarray:
    """64 samples 64x64 in colour, uint8 (64, 64, 64, 3): each its own gradient, no two channels alike."""
    y, x = np.mgrid[:64, :64]
    number = np.arange(64)[:, None, None]
    red, green, blue = x * 4 + 0 * number, y * 4 + 0 * number, 4 * number + 0 * x
    return np.stack([red, green, blue], axis=3).astype(np.uint8)


def test_coloured_samples_hang_in_their_colours_to_the_pixel(make_rig: Make) -> None:
    """64x64 in three channels: every pixel of every sample, in the place and colour it was sent in.

    But pure red, which the flash guard pales.
    """
    size = (65 * 11, 65 * 6)
    rig = make_rig(size=size, lines=size[1], flash_guard=False)
    rig.put(
        picture__look="tile_wall", picture__tile_wall__belief=0,
        picture__tile_wall__numbers=False, picture__tile_wall__levels=2,
    )  # fmt: skip
    samples = np.where(coloured_samples() >= 128, np.uint8(255), np.uint8(0))
    rig.metrics(HEALTHY)
    rig.tiles(samples, np.linspace(1, 0, 64))
    for _ in range(45):
        rig.picture.draw()
    rgb = rig.rgb()
    assert rgb.shape == (size[1], size[0], 3)
    red = (samples == (255, 0, 0)).all(axis=3)
    wanted = np.where(red[..., None], np.uint8((255, 105, 105)), samples)
    for number in range(64):
        row, column = divmod(number, 11)
        column = 10 - column if row % 2 else column
        shown = rgb[row * 65 :, column * 65 :][:64, :64]
        assert (shown == wanted[number]).all(), number


def test_a_change_of_size_and_colour_is_followed(make_rig: Make) -> None:
    """Grey 8x8, then colour 64x64, then grey 28x28 again: the wall shows what came last."""
    rig = make_rig(size=(704, 384), lines=384, flash_guard=False)
    rig.put(
        picture__look="tile_wall", picture__tile_wall__belief=0, picture__tile_wall__numbers=False
    )
    green = np.zeros((64, 64, 64, 3), np.uint8)
    green[..., 1] = 255
    shown = []
    for samples in (np.full((64, 8, 8), 255), green, np.full((64, 28, 28), 255)):
        rig.metrics(HEALTHY)
        rig.tiles(samples.astype(np.uint8), np.full(64, 0.5))
        for _ in range(45):
            rig.picture.draw()
        shown.append(rig.rgb())
    for grey in (shown[0], shown[2]):
        assert (grey[..., 0] == grey[..., 1]).all() and (grey[..., 0] == grey[..., 2]).all()
        assert (grey > 250).any()
    assert (shown[1][..., 1] > 250).mean() > 0.8 and shown[1][..., ::2].max() == 0


def test_samples_too_large_for_their_places_are_shown_whole(make_rig: Make) -> None:
    """64x64 on 640x360: smaller, both the first and the last column of a sample are there."""
    rig = make_rig(size=(640, 360), lines=360, flash_guard=False)
    rig.put(
        picture__look="tile_wall", picture__tile_wall__belief=0, picture__tile_wall__numbers=False
    )
    samples = np.zeros((64, 64, 64, 3), np.uint8)
    samples[0, :, :2, 0] = samples[0, :, -2:, 1] = samples[0, -2:, :, 2] = 255
    rig.metrics(HEALTHY)
    rig.tiles(samples, np.linspace(1, 0, 64))
    for _ in range(45):
        rig.picture.draw()
    lit = rig.rgb() > 250
    assert 50 <= lit[..., 0].sum() <= 2 * 60 and 50 <= lit[..., 1].sum() <= 2 * 60
    assert 50 <= lit[..., 2].sum() <= 2 * 60
