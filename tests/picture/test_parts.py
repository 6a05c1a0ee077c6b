"""The small parts without a window: wall, bars, pacing, inner size."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from instrument.clock import HandClock
from instrument.picture.bars import COLUMNS, bar_rows
from instrument.picture.inner import TRIAL, InnerSize
from instrument.picture.pacing import Pacer
from instrument.picture.screenshot import Shot, enlarged, png
from instrument.picture.textures import figure_pixels
from instrument.picture.wall import HARDLY, PASS_S, Wall, tile_plan


@given(st.integers(0, 2**32 - 1))
def test_the_wall_hangs_every_sample_once_and_ends_in_order(seed: int) -> None:
    """Whatever the scores: always a permutation, and sorted after as many passes as places."""
    random = np.random.default_rng(seed)
    wall, now_s = Wall(), 0.0
    wall.advance(random.random(64), now_s)
    scores = random.random(64)
    for _ in range(70):
        now_s += PASS_S + 0.001
        wall.advance(scores, now_s)
        assert sorted(wall.tile) == list(range(64))
        assert (np.abs(wall.partner - np.arange(64)) <= 1).all()
    hung = scores[wall.tile]
    assert (hung[1:] <= hung[:-1] + HARDLY + 1e-9).all()


@given(st.integers(16, 4000), st.integers(16, 4000), st.integers(8, 64), st.integers(8, 64))
def test_64_samples_find_a_place(width: int, height: int, wide: int, high: int) -> None:
    """As many places as samples, inside the picture."""
    columns, rows, scale, across, down = tile_plan((width, height), (wide, high))
    assert columns * rows >= 64 and scale >= 1
    assert columns * across <= max(width, columns) and rows * down <= max(height, rows)
    assert scale == 1 or (scale * wide < across and scale * high < down)


def test_the_usual_wall_is_eleven_by_six() -> None:
    """640x360 shows 28x28 samples twice as large."""
    assert tile_plan((640, 360), (28, 28)) == (11, 6, 2, 58, 60)


def test_a_strong_unit_is_a_wide_bar() -> None:
    """One unit with ten times the gradient of the others has the widest bar, and is the brightest."""
    gradients = np.full(320, 0.1, np.float32)
    gradients[100:110] = 1.0
    rows, shares = bar_rows(gradients, np.array([0, 320]), None, 0.0)
    assert rows.shape == (1, COLUMNS, 2) and int(shares[0, :, 0].argmax()) == 10
    lit = rows[0, rows[0, :, 1] == 255, 0]
    assert (lit > 0).sum() > COLUMNS / 4


def test_no_gradient_gives_even_bars() -> None:
    """All zero, or a layer with fewer weights than units: even bars, nothing divides by zero."""
    rows, _ = bar_rows(np.zeros(330, np.float32), np.array([0, 320, 330]), None, 0.0)
    assert np.isfinite(rows).all() and 0.2 < (rows[..., 0] > 0).mean() < 0.95


def test_the_pacer_keeps_an_absolute_schedule() -> None:
    """Pictures that take 3 ms leave 10 ms to sleep at 100 per second, and none is late."""
    clock = HandClock(5.0)
    pacer = Pacer(100.0, clock, clock.advance)
    for _ in range(200):
        pacer.wait()
        clock.advance(0.003)
        pacer.shown()
    assert pacer.late == 0 and pacer.pictures == 200
    assert clock() == pytest.approx(5.0 + 1.99 + 0.003)
    assert pacer.percentile_ms(0.5) == pytest.approx(10.0, abs=0.15)
    assert pacer.fps == pytest.approx(100.0, abs=0.1)


def test_the_pacer_counts_a_stall_once_and_does_not_hurry() -> None:
    """After a stall the schedule begins anew: no burst of pictures to catch up."""
    clock = HandClock()
    pacer = Pacer(100.0, clock, clock.advance)
    for number in range(50):
        pacer.wait()
        clock.advance(0.2 if number == 20 else 0.001)
        pacer.shown()
    assert pacer.late == 1
    assert clock() > 0.2 + 0.48


def test_a_slow_look_gets_coarser_and_says_so_and_a_quick_one_finer_again() -> None:
    """The truth table of the module, row by row; another look keeps its own size."""
    inner = InnerSize((1280, 720), 360, 1 / 60)
    inner.choose("wall")
    assert inner.size == (640, 360)
    said = [inner.took(0.020) for _ in range(TRIAL)]
    assert said[-1] == "wall is too slow here and goes on at 426x240" and not any(said[:-1])
    assert all(inner.took(0.012) is None for _ in range(TRIAL))
    inner.choose("bars")
    assert inner.size == (640, 360)
    inner.choose("wall")
    assert inner.size == (426, 240)
    said = [inner.took(0.004) for _ in range(TRIAL)]
    assert said[-1] == "wall has room again and goes on at 640x360"


def test_a_single_stall_changes_no_size() -> None:
    """A second of stalls among four seconds is no reason."""
    inner = InnerSize((1280, 720), 360, 1 / 60)
    assert not any(inner.took(0.2 if n < 60 else 0.005) for n in range(2 * TRIAL))


def test_a_look_that_stumbles_again_and_again_gets_coarser() -> None:
    """One picture in 40 too slow, in two trials on end, is too many; in one trial it is not."""
    inner = InnerSize((1280, 720), 360, 1 / 60)
    said = [inner.took(0.02 if n % 40 == 0 else 0.008) for n in range(2 * TRIAL)]
    assert inner.size == (426, 240)
    assert said.index(next(text for text in said if text)) == 2 * TRIAL - 1


def test_stumbling_alone_makes_no_look_coarser_than_half_the_lines() -> None:
    """What stalls now and then at half the lines is held up by others."""
    inner = InnerSize((1280, 720), 360, 1 / 60)
    for n in range(20 * TRIAL):
        inner.took(0.02 if n % 40 == 0 else 0.012)
    assert inner.size == (320, 180)


def test_it_never_gets_coarser_than_120_lines() -> None:
    """However slow it is."""
    inner = InnerSize((1280, 720), 360, 1 / 60)
    for _ in range(20 * TRIAL):
        inner.took(1.0)
    assert inner.size[1] >= 120


def test_a_screenshot_is_the_picture_enlarged() -> None:
    """Two pixels become eight; the bottom row of GL is the last of the file."""
    red, blue = bytes([255, 0, 0, 255]), bytes([0, 0, 255, 255])
    rows = enlarged(Shot(Path(), red + blue, (1, 2), 2, (2, 4), ""))
    assert rows[:2].tolist() == [[[0, 0, 255]] * 2] * 2
    assert rows[2:].tolist() == [[[255, 0, 0]] * 2] * 2
    assert png(rows, "words").startswith(b"\x89PNG")


def test_the_figures_can_be_read() -> None:
    """A one is a one."""
    one = figure_pixels()[:, 3:6] // 255
    assert one.tolist() == [[0, 1, 0], [1, 1, 0], [0, 1, 0], [0, 1, 0], [1, 1, 1]]
