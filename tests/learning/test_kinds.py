"""The judge that is trained at the start for pictures that are no digits."""

import math
import time

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from instrument.learning.digits import Digits, load_digits
from instrument.learning.judge import REJECT, Judge, Verdicts
from instrument.learning.kinds import judge_for, k_means, kinds_of_pictures
from instrument.learning.principal import unit_rows
from instrument.learning.slow import SLOW_STREAMS, SlowStreams

pytestmark = pytest.mark.slow


def blobs(count: int, side: int, channels: int, kinds: int) -> tuple[np.ndarray, np.ndarray]:
    """Pictures of one soft spot, uint8 (N, C, S, S), and which of `kinds` places it is at."""
    dice = np.random.default_rng(3)
    y, x = np.mgrid[:side, :side] / side
    kind = np.arange(count) % kinds
    across = 0.15 + 0.7 * kind / max(1, kinds - 1) + dice.normal(0, 0.02, count)
    down = 0.5 + dice.normal(0, 0.05, count)
    spots = np.exp(-((x - across[:, None, None]) ** 2 + (y - down[:, None, None]) ** 2) / 0.02)
    tints = dice.uniform(0.5, 1, (count, channels, 1, 1))
    return (255 * spots[:, None] * tints).astype(np.uint8), kind.astype(np.uint8)


def noise_of(digits: Digits, grey: bool) -> np.ndarray:
    """Noise, float32 (64, pixels) in 0..1: grey with a little, or uniform."""
    dice = np.random.default_rng(4)
    if grey:
        return np.clip(0.5 + 0.05 * dice.normal(size=(64, digits.pixels)), 0, 1).astype(np.float32)
    return dice.random((64, digits.pixels), np.float32)


@pytest.mark.parametrize(("side", "channels"), [(28, 1), (64, 3), (16, 3)])
def test_a_folder_of_labelled_pictures_gets_its_own_judge(side: int, channels: int) -> None:
    """Class k is the k-th folder; pictures are hardly ever refused, noise is."""
    images, kind = blobs(600, side, channels, 4)
    digits = Digits("spots", images[:400], kind[:400])
    judge = judge_for(digits)
    assert judge.kinds == 4
    p = judge.probabilities(unit_rows(images[400:]))
    assert p.shape == (200, 11) and p.sum(axis=1) == pytest.approx(1.0, abs=1e-5)
    assert (p.argmax(axis=1) == kind[400:]).mean() > 0.95
    assert p[:, REJECT].mean() < 0.1
    assert (p[:, 4:REJECT] == 0).all()
    for grey in (False, True):
        assert judge.probabilities(noise_of(digits, grey))[:, REJECT].mean() > 0.9


def test_pictures_without_folders_are_sorted_into_kinds() -> None:
    """Five sorts of picture, nobody said so: each found kind is of one sort; the commonest is 0."""
    images, sort = blobs(500, 32, 1, 5)
    digits = Digits("spots", images)
    judge = judge_for(digits)
    assert 5 <= judge.kinds <= 10
    p = judge.probabilities(unit_rows(images))
    best = p.argmax(axis=1)
    assert p[:, REJECT].mean() < 0.1
    pure = sum(np.bincount(sort[best == kind]).max() for kind in np.unique(best))
    assert pure / len(images) > 0.9


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_folder_of_hardly_any_pictures_is_judged_too(count: int) -> None:
    """As many kinds as pictures; the pictures themselves are accepted, noise is not."""
    images, _ = blobs(count, 64, 3, 3)
    digits = Digits("few", images)
    judge = judge_for(digits)
    assert judge.kinds == count
    assert judge.probabilities(unit_rows(images))[:, REJECT].max() < 0.3
    assert judge.probabilities(noise_of(digits, False))[:, REJECT].mean() > 0.9


def test_a_hundred_copies_of_one_picture_are_one_kind() -> None:
    """Nothing tells them apart: K = 1, and the distance to evenness is 0."""
    digits = Digits("same", np.full((100, 1, 8, 8), 200, np.uint8))
    slow = SlowStreams(digits)
    assert slow.kinds == 1
    slow.measure(0.0, unit_rows(digits.images[:8]))
    got = dict(zip(SLOW_STREAMS, slow.values, strict=True))
    assert np.isfinite(slow.values).all()
    assert got["divergence"] == 0 and got["score"] == pytest.approx(1.0)


def test_the_same_pictures_get_the_same_judge_and_nobodys_dice_are_touched() -> None:
    """Twice the same weights; torch's and NumPy's own dice fall as if nothing had been."""
    digits = Digits("spots", blobs(60, 16, 1, 3)[0])
    torch.manual_seed(5)
    np.random.seed(5)
    before, numpys = torch.random.get_rng_state(), np.random.get_state()[1].copy()
    u = noise_of(digits, False)
    assert (judge_for(digits).probabilities(u) == judge_for(digits).probabilities(u)).all()
    assert (torch.random.get_rng_state() == before).all()
    assert (np.random.get_state()[1] == numpys).all()


def test_a_judge_is_trained_and_the_rest_begun_in_time() -> None:
    """64x64 in colour, 3,000 of them: a few seconds even on a busy machine (alone about one)."""
    digits = Digits("spots", blobs(3000, 64, 3, 5)[0])
    began_s = time.process_time()
    SlowStreams(digits)
    assert time.process_time() - began_s < 6.0


@pytest.mark.parametrize(("side", "channels"), [(12, 1), (32, 3), (64, 1)])
def test_digits_of_another_size_keep_the_shipped_judge(side: int, channels: int) -> None:
    """Resized by two small matrices: they are still known, and noise still refused."""
    digits = load_digits("bundled", print, side, channels)
    judge = judge_for(digits)
    p = judge.probabilities(unit_rows(digits.images[:500]))
    assert judge.kinds == 10
    assert (p.argmax(axis=1) == digits.labels[:500]).mean() > 0.95
    for grey in (False, True):
        assert judge.probabilities(noise_of(digits, grey))[:, REJECT].mean() > 0.9


def test_digits_of_28_are_judged_without_a_detour(digits: Digits) -> None:
    """The shipped judge, bit for bit."""
    u = unit_rows(digits.images[:64])
    assert (judge_for(digits).probabilities(u) == Judge.load().probabilities(u)).all()


def test_evenness_is_over_the_kinds_that_exist() -> None:
    """Three kinds: even is 0, one alone is ln 3, nothing is ln 3."""
    verdicts = Verdicts(3)
    assert verdicts.measure() == (0, pytest.approx(math.log(3)), 1.0)
    verdicts.add(np.eye(11, dtype=np.float32)[[0, 1, 2]])
    modes, divergence, score = verdicts.measure()
    assert (modes, divergence, score) == (3, pytest.approx(0, abs=1e-9), pytest.approx(3, rel=1e-3))
    alone = Verdicts(3)
    alone.add(np.eye(11, dtype=np.float32)[[2, 2, 10]])
    assert alone.measure()[:2] == (1, pytest.approx(math.log(3)))


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 30), st.integers(1, 12), st.integers(0, 2**32 - 1), st.integers(1, 4))
def test_any_pictures_fall_into_one_to_ten_kinds(
    count: int, most: int, seed: int, levels: int
) -> None:
    """Few, equal, black: centres are finite, kinds are numbered without a gap, common ones first."""
    dice = np.random.default_rng(seed)
    reals = dice.integers(0, levels, (count, 64)).astype(np.float32) / max(1, levels - 1)
    centres = k_means(reals, most, dice)
    assert 1 <= len(centres) <= most and np.isfinite(centres).all()
    labels, kinds = kinds_of_pictures(reals, np.zeros(count, np.uint8), 8, dice)
    counts = np.bincount(labels)
    assert 1 <= kinds <= 10 and len(counts) == kinds and (counts > 0).all()
    assert (np.diff(counts) <= 0).all()
