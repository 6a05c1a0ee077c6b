"""Regular stripes are told from barcodes, edges and noise; reversals are counted."""

import numpy as np
import pytest
from guard_rig import DIGITS

from instrument.picture.stripes import StripeMeter, lines_of, stripes_of

HEIGHT, WIDTH = 180, 320
ROW, COLUMN = np.indices((HEIGHT, WIDTH))


def grey(levels: np.ndarray) -> np.ndarray:
    return np.repeat(levels[..., None].astype(np.uint8), 3, axis=2)


def area(levels: np.ndarray) -> float:
    return stripes_of(lines_of(grey(levels))).area


@pytest.mark.parametrize("period", [4, 7, 10, 20, 40])
def test_stripes_are_found_in_any_orientation(period: int) -> None:
    """Upright, lying and slanting, over the whole of the picture."""
    for along in (COLUMN, ROW, (COLUMN + ROW) // 2):
        if period == 40 and along is not COLUMN:
            continue  # no line across or down holds six pairs
        assert area(255 * (along % period < period / 2)) > 0.8


def test_five_pairs_pass_and_six_do_not() -> None:
    """Counted over the width."""
    assert area(255 * (COLUMN % 64 < 32)) == 0.0
    assert area(255 * (COLUMN % 52 < 26)) > 0.8


def test_low_contrast_passes() -> None:
    """Stripes between two greys, half of full luminance apart or less, are no such pattern."""
    assert area(np.where(COLUMN % 10 < 5, 160, 90)) == 0.0


def test_the_area_is_that_of_the_stripes() -> None:
    """Half of the width, and half of the height of that."""
    stripes = 255 * (COLUMN % 10 < 5) * (COLUMN < WIDTH // 2)
    assert abs(area(stripes) - 0.5) < 0.05
    assert abs(area(stripes * (ROW < HEIGHT // 2)) - 0.25) < 0.05


def test_a_barcode_of_data_is_not_regular() -> None:
    """Widths of one to thirteen pixels by chance, twenty times; noise and a single edge neither."""
    for seed in range(20):
        dice = np.random.default_rng(seed)
        edges = np.cumsum(dice.integers(1, 14, 300))
        assert area(255 * (np.searchsorted(edges, COLUMN) % 2)) < 0.25
    assert area(255 * dice.integers(0, 2, (HEIGHT, WIDTH))) == 0.0
    assert area(255 * (COLUMN > 100)) == 0.0


def test_reversals_are_counted_and_standing_stripes_have_none() -> None:
    """Five pictures a second turned to their negative: five reversals in a second."""
    stripes = COLUMN % 8 < 4
    turning, standing = StripeMeter(), StripeMeter()
    for number in range(60):
        turning.take(grey(255 * (stripes ^ (number // 6 % 2 > 0))), number / 30)
        standing.take(grey(255 * stripes), number / 30)
    assert turning.reversals == 5
    assert standing.reversals == 0
    assert turning.area == standing.area > 0.9


def test_a_wall_of_one_digit_is_no_grating() -> None:
    """What a collapsed training shows: the same sample everywhere, at any height of the lines."""
    with np.load(DIGITS) as data:
        images = data["images"][:40]
    for image in images:
        for side in (30, 60):
            tile = np.zeros((side, side), np.uint8)
            enlarged = np.kron(np.where(image > 100, 255, 0), np.ones((side // 30, side // 30)))
            tile[: len(enlarged), : len(enlarged)] = enlarged
            assert area(np.tile(tile, (360 // side, 720 // side))[:, :640]) <= 0.25
