"""The bench that asks whether the network can be seen: its measures of a picture, not its results."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "bench"))

from legibility_classes import asked_of, left_out, shuffled, trial
from legibility_labels import STATES
from legibility_picture_features import CLIP_NAMES, NAMES, Eye, clip_features
from legibility_picture_page import Result, page
from legibility_picture_render import (
    BARE,
    SHOWS_SAMPLES,
    Scene,
    own_home,
    own_picture,
    scene_key,
)

from instrument import presets
from instrument.house import open_house
from instrument.learning.streams import STREAMS

pytestmark = pytest.mark.slow

HEIGHT, WIDTH = 180, 320
BLACK = np.zeros((HEIGHT, WIDTH, 3), np.uint8)


def looked(*pictures: np.ndarray) -> dict[str, float]:
    """What is measured of the last one, at four pictures a second."""
    eye = Eye(4)
    return dict(zip(NAMES, [eye.look(picture) for picture in pictures][-1].tolist(), strict=True))


def test_black_has_no_light_no_edges_and_no_slope() -> None:
    """Every feature of a black picture is 0, but the share of black pixels."""
    found = looked(BLACK)
    assert found.pop("histogram_0") == 1.0
    assert all(value == pytest.approx(0.0, abs=1e-6) for value in found.values())


def test_bars_are_busy_across_and_calm_down() -> None:
    """Columns of black and white: every step across is an edge, none down; turned, the other way."""
    bars = BLACK.copy()
    bars[:, ::2] = 255
    found = looked(bars)
    assert (found["edges_across"], found["edges_down"]) == (pytest.approx(1.0), 0.0)
    assert (found["light"], found["contrast"]) == (pytest.approx(0.5), pytest.approx(0.5))
    rows = BLACK.copy()
    rows[::2] = 255
    turned = looked(rows)
    assert (turned["edges_across"], turned["edges_down"]) == (0.0, pytest.approx(1.0))


def test_a_light_in_the_lower_left_is_in_the_lower_left_box() -> None:
    """Rows of boxes are counted from the top, columns from the left."""
    picture = BLACK.copy()
    picture[120:, :80] = 255
    boxes = {name: value for name, value in looked(picture).items() if name.startswith("box")}
    assert boxes.pop("box_2_0") == 1.0 and set(boxes.values()) == {0.0}


def test_grey_is_no_colour_and_orange_is() -> None:
    """A quarter of the picture orange, the rest light grey."""
    picture = BLACK + 200
    picture[:90, :160] = (255, 120, 0)
    assert looked(picture.astype(np.uint8))["colour"] == pytest.approx(0.25)


def test_noise_is_white_and_a_lean_picture_leans() -> None:
    """White noise has slope 0; a random walk falls by two decades of power per decade of frequency."""
    dice = np.random.default_rng(0)
    noise = dice.integers(0, 256, (HEIGHT, WIDTH, 1)).repeat(3, axis=2).astype(np.uint8)
    walk = np.cumsum(dice.standard_normal((HEIGHT, WIDTH)), axis=1)
    grey = np.clip(128 + 4 * walk, 0, 255).astype(np.uint8)[:, :, None].repeat(3, axis=2)
    assert looked(noise)["slope_across"] == pytest.approx(0.0, abs=0.1)
    assert looked(grey)["slope_across"] == pytest.approx(-2.0, abs=0.35)


def test_what_changed_a_second_ago_is_remembered_for_a_second() -> None:
    """White for one picture, then black: the next picture differs from it, and one a second later."""
    white = BLACK + 255
    changes = []
    for pause in range(1, 6):
        found = looked(white, *[BLACK] * pause)
        changes.append((found["change"], found["change_1s"]))
    assert changes == [(1.0, 1.0), (0.0, 1.0), (0.0, 1.0), (0.0, 1.0), (0.0, 0.0)]


def test_a_clip_is_told_by_means_and_deviations() -> None:
    """Two pictures with features 0 and 2: mean 1, deviation 1."""
    of = clip_features(np.stack([np.zeros(len(NAMES)), np.full(len(NAMES), 2.0)]))
    assert len(of) == len(CLIP_NAMES) and set(of.tolist()) == {1.0}


def test_what_is_left_out_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every look that is left out exists; the bare preset is a preset and moves nothing."""
    monkeypatch.setenv("TWOS_AND_SEVENS_HOME", "")
    own_home(tmp_path / "home")
    house = open_house()
    assert set(SHOWS_SAMPLES) < {look.name for look in house.looks}
    bare = presets.load(BARE, house.vocabulary(STREAMS))
    assert (bare.routes, dict(bare.values)) == ((), {})
    assert own_picture(BARE) == "tile_wall" and own_picture("weights") not in SHOWS_SAMPLES
    keys = {scene_key(Scene(BARE, look)) for look in ("barcode", "spectra")}
    assert len(keys | {scene_key(Scene("weights"))}) == 3


def test_the_page_says_what_was_mistaken() -> None:
    """Features that tell all states but two that are one: the table and the sentence name them."""
    dice = np.random.default_rng(4)
    y, runs = np.tile(np.arange(5), 24), np.arange(120) // 20
    x = np.eye(5)[np.where(y == 4, 2, y)] * 8 + 0.1 * dice.standard_normal((120, 5))
    whole = trial(x, y, runs, 5)
    result = Result(
        "plain", whole, whole, shuffled(x, y, runs, 5, 1), asked_of(x, y, runs > 3, 5),
        {"birth": float(left_out(x, y, runs, 5)[y == 0].mean())}, [],
    )  # fmt: skip
    text = page([result], [], [result], {"glitch_organ": [result]}, 120, 6)
    assert "Noise seen as noise, over all looks by themselves: birth 100%." in text
    assert "plain healthy as underfit" in text or "plain underfit as healthy" in text
    assert "### The same looks in glitch_organ" in text and "own pictures" not in text
    assert f"| {STATES[0]} | {whole.confusion[0, 0]} | 0 | 0 | 0 | 0 |" in text
