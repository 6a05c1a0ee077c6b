"""Tests that see: every look is neither blank nor frozen, and shows what the data say."""

from collections.abc import Callable

import numpy as np
import pytest
from picture_rig import COLLAPSED, HEALTHY, NOISE, SHADERS, Rig, hash_of

from instrument.picture.looks import Look, load_looks

pytestmark = pytest.mark.slow

LOOKS = load_looks([SHADERS])
NAMES = [look.name for look in LOOKS]
Make = Callable[..., Rig]
RATE = 15.0
"""Pictures per second: what is seen shall not hang on it, and 15 cost half of 30."""


QUICK = ("barcode", "datamosh", "tile_wall")
"""Looks that are seen in every run of the tests; the others where there is time (not `-m "not slow"`)."""
EACH = [pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in NAMES]


def alone(name: str) -> tuple[Look, ...]:
    """The look, and the one that it lies over when it cannot stand by itself."""
    look = next(look for look in LOOKS if look.name == name)
    return tuple(other for other in LOOKS if other.name in (name, look.under))


@pytest.mark.parametrize("state", [NOISE, HEALTHY, COLLAPSED], ids=["noise", "healthy", "collapse"])
@pytest.mark.parametrize("name", EACH)
def test_a_look_is_neither_blank_nor_burnt(make_rig: Make, name: str, state: dict) -> None:
    """After two seconds there is contrast, black, and edges, in every state."""
    rig = make_rig(looks=alone(name), rate=RATE)
    rig.put(picture__look=name)
    rig.play(state, 2.5)
    luma = rig.luma()
    assert luma.std() >= 2 / 255
    assert np.histogram(luma, 64, (0, 1))[0].max() / luma.size < 0.998
    assert 0.01 <= luma.mean() <= 0.75
    edges = np.abs(np.diff(luma, axis=1)) > 8 / 255
    assert 0.003 < edges.mean() < 0.9
    assert rig.picture.faults == 0


@pytest.mark.parametrize("name", EACH)
def test_a_look_moves_with_the_data(make_rig: Make, name: str) -> None:
    """Among eight pictures half a second apart at least three differ."""
    rig = make_rig(looks=alone(name), rate=RATE)
    rig.put(picture__look=name)
    rig.play(HEALTHY, 1.5)
    seen: list[np.ndarray] = []
    for _ in range(8):
        rig.play(HEALTHY, 0.5)
        found = hash_of(rig.luma())
        if all((found != other).sum() >= 3 for other in seen):
            seen.append(found)
    assert len(seen) >= 3


@pytest.mark.parametrize("name", EACH)
def test_collapse_looks_different_from_health(make_rig: Make, name: str) -> None:
    """Failure is as legible as success: the same seed and time, other data, another picture."""
    pictures = []
    for state in (HEALTHY, COLLAPSED):
        rig = make_rig(looks=alone(name), rate=RATE)
        rig.put(picture__look=name)
        rig.play(state, 3.0)
        pictures.append(rig.luma())
    assert np.abs(pictures[0] - pictures[1]).mean() >= 2 / 255
    assert (hash_of(pictures[0]) != hash_of(pictures[1])).sum() >= 4


@pytest.mark.parametrize(
    ("name", "stream"), [(look.name, stream) for look in LOOKS for stream in look.streams]
)
def test_every_declared_stream_is_seen(make_rig: Make, name: str, stream: str) -> None:
    """A stream that a look declares changes its picture when it is not there."""
    pictures = []
    for value in (None, 0.0):
        rig = make_rig(looks=alone(name), rate=RATE, size=(640, 360), lines=360)
        rig.put(picture__look=name)
        state = {**COLLAPSED, "score_real": 0.7, "diversity": 0.1, "accuracy": 0.8}
        if stream == "reject":
            state["reject"] = 0.9
        if stream == "nonfinite":
            state["nonfinite"] = 1.0
        if value is not None:
            state[stream] = value
        rig.move_weights()
        rig.tiles(rig.samples(COLLAPSED), np.full(64, 0.3))
        for _ in range(40):
            rig.metrics(state)
            rig.picture.draw()
        pictures.append(rig.luma())
    assert np.abs(pictures[0] - pictures[1]).max() > 4 / 255


def test_looks_differ_from_one_another(make_rig: Make) -> None:
    """No two looks show the same thing in the same way, but a filter in health and what it lies on."""
    under = {frozenset((look.name, look.under)) for look in LOOKS if look.under}
    hashes = {}
    for name in NAMES:
        rig = make_rig(looks=alone(name), rate=RATE)
        rig.put(picture__look=name)
        rig.play(HEALTHY, 2.5)
        hashes[name] = hash_of(rig.luma())
    for first in NAMES:
        for second in NAMES:
            if first != second and frozenset((first, second)) not in under:
                assert (hashes[first] != hashes[second]).sum() >= 10, (first, second)


@pytest.mark.parametrize("name", EACH)
def test_the_same_data_at_the_same_time_is_the_same_picture(make_rig: Make, name: str) -> None:
    """Nothing is drawn by chance."""
    rig = make_rig(looks=alone(name), rate=RATE)
    rig.put(picture__look=name)
    rig.play(HEALTHY, 2.0)
    rig.play(HEALTHY, 2.0, with_data=False)
    now_s = rig.clock()
    rig.picture._draw(now_s)
    first = rig.rgb()
    rig.picture._draw(now_s)
    assert (rig.rgb() == first).all()


def test_before_any_data_something_is_seen(make_rig: Make) -> None:
    """Never blank: the first picture already shows that it waits, and it moves."""
    rig = make_rig()
    assert rig.luma().max() > 0.3
    rig.play(HEALTHY, 0.5, with_data=False)
    first = rig.luma()
    rig.play(HEALTHY, 1.0, with_data=False)
    assert np.abs(rig.luma() - first).max() > 0.3


def test_the_look_fades_in_over_the_waiting(make_rig: Make) -> None:
    """When data come the look rises within a second, not at once."""
    rig = make_rig(flash_guard=False)
    rig.put(picture__look="test_pattern")
    rig.play(HEALTHY, 0.1)
    early = rig.luma().mean()
    rig.play(HEALTHY, 1.5)
    assert early < 0.5 * rig.luma().mean()


def test_the_wall_shows_the_samples_themselves(make_rig: Make) -> None:
    """Each sample hangs on the wall once, the most believed first."""
    rig = make_rig(size=(704, 384), lines=384, flash_guard=False)
    rig.put(
        picture__look="tile_wall", picture__tile_wall__belief=0, picture__tile_wall__numbers=False
    )
    tiles = np.zeros((64, 28, 28), np.uint8)
    tiles[41] = 255
    scores = np.full(64, 0.5)
    scores[41] = 0.9
    rig.metrics(HEALTHY)
    rig.tiles(tiles, scores)
    for _ in range(45):
        rig.picture.draw()
    luma = rig.luma()
    lit = np.argwhere(luma > 0.9)
    assert len(lit) == (28 * 2) ** 2
    assert lit.max(axis=0).tolist() < [60, 64]
