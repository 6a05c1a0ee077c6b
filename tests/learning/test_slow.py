"""The judge and the streams that hold, against plain references."""

import math

import numpy as np
import pytest
from plain_streams import Batch
from scipy.linalg import sqrtm

from instrument.learning.digits import Digits
from instrument.learning.judge import REJECT, Judge, Verdicts
from instrument.learning.meter import from_logits
from instrument.learning.principal import COMPONENTS, principal_components, unit_rows
from instrument.learning.slow import SLOW_STREAMS, Frechet, Nearest, SlowStreams
from instrument.learning.streams import STATES, STREAMS, state_of
from instrument.signals.frames import STREAM_CAPACITY
from instrument.signals.mistake import Mistake


def test_the_judge_knows_digits_from_noise(
    sets: dict[str, Batch], bundled: tuple[np.ndarray, np.ndarray]
) -> None:
    """Nineteen of twenty held-out digits right; grey and uniform noise refused, digits hardly ever."""
    judge = Judge.load()
    held = bundled[0][9000:].reshape(-1, 784).astype(np.float32) / 255
    p = judge.probabilities(held)
    assert (p.argmax(axis=1) == bundled[1][9000:]).mean() > 0.95
    assert p[:, REJECT].mean() < 0.05
    for name in ("grey", "uniform"):
        assert judge.probabilities(sets[name](0))[:, REJECT].mean() > 0.9
    assert p.sum(axis=1) == pytest.approx(1.0, abs=1e-5)


def test_a_damaged_judge_is_refused(tmp_path: object) -> None:
    """Weights that do not match their checksum never judge."""
    from pathlib import Path

    from instrument.learning.judge import FILE

    with np.load(FILE) as stored:
        parts = dict(stored)
    parts["b2"] = parts["b2"] + 1
    path = Path(str(tmp_path)) / "judge.npz"
    np.savez(path, **parts)
    with pytest.raises(Mistake, match="damaged"):
        Judge.load(path)
    path.write_bytes(b"not a zip")
    with pytest.raises(Mistake, match="cannot be read"):
        Judge.load(path)


def test_modes_and_divergence_count_by_hand() -> None:
    """Three 2s, one 7 and a refusal: two modes, and sum q ln(10 q) over the four."""
    p = np.full((5, 11), 0.01, np.float32)
    for row, best in enumerate((2, 2, 2, 7, REJECT)):
        p[row, best] = 0.9
    verdicts = Verdicts()
    verdicts.add(p)
    modes, divergence, score = verdicts.measure()
    assert modes == 2
    assert divergence == pytest.approx(0.75 * math.log(7.5) + 0.25 * math.log(2.5))
    ten = p[:, :10] / p[:, :10].sum(axis=1, keepdims=True)
    mean = ten.mean(axis=0)
    kl = np.mean([sum(a * math.log(a / b) for a, b in zip(row, mean, strict=True)) for row in ten])
    assert score == pytest.approx(math.exp(kl), rel=1e-5)


def test_the_window_forgets_the_oldest() -> None:
    """After 1,024 other samples nothing of the first is left; nothing but refusals is no mode."""
    verdicts = Verdicts()
    digit, refusal = np.eye(11, dtype=np.float32)[[3] * 64], np.eye(11, dtype=np.float32)[[10] * 64]
    verdicts.add(digit)
    assert verdicts.measure()[0] == 1
    for _ in range(16):
        verdicts.add(refusal)
    assert verdicts.measure() == (0, pytest.approx(math.log(10)), 1.0)


def test_nearest_is_the_smallest_of_all_distances(digits: Digits, sets: dict[str, Batch]) -> None:
    """Against a loop over the bank."""
    few = Digits("few", digits.images[:50])
    u = sets["half"](0)[:8]
    bank = few.images.reshape(-1, 784) / 255.0
    wanted = np.mean([min(np.linalg.norm(row - real) for real in bank) for row in u]) / 28
    assert Nearest(few).measure(u) == pytest.approx(wanted, rel=1e-4)


def test_frechet_is_the_distance_of_two_gaussians(digits: Digits, sets: dict[str, Batch]) -> None:
    """Against scipy's matrix root, with components found by SVD."""
    few = Digits("few", digits.images[:1500])
    reals = few.images.reshape(-1, 784) / 255.0
    mean = reals.mean(axis=0)
    axes = np.linalg.svd(reals - mean, full_matrices=False)[2][:COMPONENTS].T
    frechet = Frechet(few)
    batches = [sets["half"](n) for n in range(8)]
    for batch in batches:
        frechet.add(batch)
    a, b = (np.concatenate(batches) - mean) @ axes, (reals - mean) @ axes
    ca, cb = np.cov(a.T, ddof=0), np.cov(b.T, ddof=0)
    difference = a.mean(axis=0) - b.mean(axis=0)
    wanted = difference @ difference + np.trace(ca + cb - 2 * np.real(sqrtm(ca @ cb)))
    assert frechet.measure() == pytest.approx(wanted, rel=1e-3)


def large_pictures(count: int) -> np.ndarray:
    """Soft colour pictures, uint8 (N, 3, 32, 32), of 60 waves of falling strength."""
    dice = np.random.default_rng(2)
    y, x = np.mgrid[:32, :32] / 32
    waves = [np.cos(2 * np.pi * (k % 8 * x + k // 8 * y) + k) / (1 + k) for k in range(60)]
    parts = dice.normal(0, 0.3, (count, 3, 60)) @ np.reshape(waves, (60, -1))
    return (np.clip(0.5 + parts.reshape(count, 3, 32, 32), 0, 1) * 255).astype(np.uint8)


def test_nearest_of_large_images_is_the_smallest_distance_too() -> None:
    """Compared small first, then exactly: samples near to a real find that one; never below the least."""
    digits = Digits("few", large_pictures(300))
    bank = unit_rows(digits.images)
    dice = np.random.default_rng(6)
    near = np.clip(bank[:20] + 0.05 * dice.normal(size=(20, 3072)), 0, 1).astype(np.float32)
    for u, slack in ((near, 1e-4), (dice.random((20, 3072), np.float32), 0.01)):
        least = np.mean([min(np.linalg.norm(row - real) for real in bank) for row in u])
        assert Nearest(digits).measure(u) == pytest.approx(least / math.sqrt(3072), rel=slack)


def test_components_of_large_images_are_found_by_projection() -> None:
    """Against SVD: the variances one by one, and a Frechet distance on them."""
    images = large_pictures(500)
    mean, axes, variances = principal_components(images)
    rows = unit_rows(images).astype(np.float64)
    sizes = np.linalg.svd(rows - rows.mean(axis=0), compute_uv=False)[:COMPONENTS] ** 2 / 500
    assert mean == pytest.approx(rows.mean(axis=0), abs=1e-5)
    assert variances == pytest.approx(sizes, rel=0.03)
    assert axes.T @ axes == pytest.approx(np.eye(COMPONENTS), abs=1e-4)
    same, other = Frechet(Digits("few", images)), Frechet(Digits("few", images))
    same.add(unit_rows(images[:500]))
    other.add(1 - unit_rows(images[:500]) * 0.5)
    assert same.measure() < 0.02 * variances.sum() < other.measure()


@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 32, 32)])
def test_one_single_image_is_enough_for_every_slow_stream(shape: tuple[int, int, int]) -> None:
    """No variance, one kind: all numbers stay finite."""
    slow = SlowStreams(Digits("one", np.full((1, *shape), 99, np.uint8)))
    u = np.random.default_rng(0).random((16, int(np.prod(shape))), np.float32)
    for step in range(12):
        slow.measure(step * 0.06, u)
    slow.see_tiles(1.0, (u[:4] * 255).astype(np.uint8))
    assert np.isfinite(slow.values).all() and slow.kinds == 1


def test_no_slow_stream_waits_for_its_turn_at_the_start(
    digits: Digits, sets: dict[str, Batch]
) -> None:
    """The first batch fills them all; later each has its own rate, one at a time."""
    slow = SlowStreams(Digits("few", digits.images[:300]))
    slow.measure(0.0, sets["grey"](0))
    got = dict(zip(SLOW_STREAMS, slow.values, strict=True))
    assert got["nearest"] > 0.3 and got["frechet"] > 1 and got["reject"] > 0.9
    before = slow.values.copy()
    slow.measure(0.01, sets["real"](0))
    assert (slow.values == before).all()
    slow.measure(0.11, sets["real"](0))
    assert slow.values[SLOW_STREAMS.index("reject")] < 0.2
    assert slow.values[SLOW_STREAMS.index("nearest")] == before[0]


def test_large_tiles_are_packed_in_part(digits: Digits) -> None:
    """64x64 in colour: the first sixteen, where one byte is all there is to say of each."""
    slow = SlowStreams(Digits("bundled", digits.images[:64]))
    tiles = np.random.default_rng(0).integers(0, 256, (64, 64, 64, 3)).astype(np.uint8)
    tiles[:16] = 7
    slow.see_tiles(0.0, tiles)
    assert slow.values[SLOW_STREAMS.index("compressibility")] < 0.02
    slow.see_tiles(1.0, tiles[16:])
    assert slow.values[SLOW_STREAMS.index("compressibility")] > 0.98


def test_logits_become_losses_scores_and_accuracies() -> None:
    """At balance the losses are 2 ln 2 and ln 2; a zero logit is no right answer for either side."""
    loss_d, loss_g, real, fake, right_real, right_fake, right, margin = from_logits(
        np.zeros(4, np.float32), np.zeros(2, np.float32)
    )
    assert loss_d == pytest.approx(2 * math.log(2)) and loss_g == pytest.approx(math.log(2))
    assert (real, fake, right_real, right_fake, right, margin) == (0.5, 0.5, 0, 0, 0, 0)
    values = from_logits(np.array([3, -1, -2, 500], np.float32), np.array([-1, 2], np.float32))
    soft = lambda v: math.log1p(math.exp(v)) if v < 30 else v  # noqa: E731 a formula
    assert values[0] == pytest.approx((soft(-3) + soft(1) + soft(-2) + soft(500)) / 2)
    assert values[1] == pytest.approx((soft(1) + soft(-2)) / 2)
    assert values[4:7] == (0.5, 0.5, 0.5) and values[7] == pytest.approx(1 - 249)


@pytest.mark.parametrize(
    ("numbers", "state"),
    [
        ((0.6, 0.99, 2.3, 0.0, 1.0), "noise"),
        ((0.1, 0.9, 2.3, -3.0, 0.5), "collapse"),
        ((0.1, 0.1, 0.8, -3.0, 0.5), "partial"),
        ((0.1, 0.1, 0.2, -5.0, 0.5), "underfit"),
        ((0.1, 0.1, 0.2, -3.0, 0.99), "tyrant"),
        ((0.1, 0.1, 0.2, -3.0, 0.8), "healthy"),
    ],
)
def test_the_state_has_its_witnesses(numbers: tuple[float, ...], state: str) -> None:
    """Reject, similarity_centred, divergence, slope, accuracy: first rule that holds names it."""
    assert STATES[state_of(*numbers)] == state


def test_the_table_of_streams_fits_the_frame() -> None:
    """Names differ, spans are spans, and there is room."""
    assert len({s.name for s in STREAMS}) == len(STREAMS) <= STREAM_CAPACITY
    assert all(s.low < s.high and s.help for s in STREAMS)
