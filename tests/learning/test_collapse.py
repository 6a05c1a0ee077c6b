"""The closed loop of `collapse`: its table of states, its bounds, and real nets held and let go."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from instrument.learning.collapse import CLIMB, PULL_HIGH, PULL_LOW, REPEL_STEPS, CollapseLoop
from instrument.learning.deeds import DeedKind
from instrument.learning.digits import Digits
from instrument.learning.gestures import BANK, PLACE
from instrument.learning.judge import REJECT
from instrument.learning.kinds import judge_for
from instrument.learning.pull import ANCHOR, apart, mean_similarity, together


def test_the_loop_pulls_lets_go_repels_and_rests() -> None:
    """Every row of its table."""
    loop = CollapseLoop()
    assert loop.update(0.0, 0.1) == 0.0 and not loop.active
    assert loop.update(0.9, 0.1) > 0 and loop.active
    for _ in range(300):
        loop.update(0.9, 0.88)
    below = CollapseLoop(**vars(loop)).update(0.9, 0.85)
    assert CollapseLoop(**vars(loop)).update(0.9, 0.95) < below
    assert loop.update(0.0, 0.9) < 0 and loop.active
    pulls = [loop.update(0.0, 0.9) for _ in range(REPEL_STEPS)]
    assert pulls == sorted(pulls) and pulls[-1] == 0.0 and not loop.active


def test_it_repels_no_more_once_the_samples_are_as_they_were() -> None:
    """Let go at .9 from .1: driven apart above .1, left alone at it."""
    loop = CollapseLoop()
    loop.update(0.9, 0.1)
    loop.update(0.0, 0.9)
    assert loop.update(0.0, 0.5) < 0
    assert loop.update(0.0, 0.1) == 0.0 and loop.active


def test_the_aim_climbs_and_does_not_jump() -> None:
    """A fader thrown to .9 asks for a little more with each step, and for all of it within a hundred."""
    loop = CollapseLoop()
    aims = []
    for _ in range(120):
        loop.update(0.9, 0.1)
        aims.append(loop._aim)
    assert aims[0] == pytest.approx(0.1 + CLIMB) and aims == sorted(aims) and aims[100] == 0.9


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(-1, 1)), max_size=200))
def test_the_pull_is_bounded_and_finite_whatever_is_asked(asked: list[tuple[float, float]]) -> None:
    """Any fader, any measurement."""
    loop = CollapseLoop()
    for target, similarity in asked:
        assert PULL_LOW <= loop.update(target, similarity) <= PULL_HIGH


def test_a_pull_is_measured_in_what_the_discriminator_asks() -> None:
    """At 1 the force on the spread is as long as `push`, whatever the drawing; on the centre 3 times."""
    a = torch.randn(16, 50, requires_grad=True)
    push = torch.randn(16, 50)
    for pull in (0.5, 1.0):
        (force,) = torch.autograd.grad(
            together(a, a.detach().mean(0, keepdim=True), torch.tensor(pull), push), a
        )
        assert float(force.norm() / push.norm()) == pytest.approx(pull, rel=1e-4)
    spread = (a - a.mean(0)).detach().square().sum().sqrt()
    off = a.detach().mean(0, keepdim=True) + spread / 16**0.5 / 50**0.5
    (force,) = torch.autograd.grad(together(a, off, torch.tensor(0.0), push), a)
    assert float(force.norm() / push.norm()) == pytest.approx(ANCHOR, rel=1e-3)
    x = torch.tanh(a)
    (force,) = torch.autograd.grad(apart(a, x, torch.tensor(-2.0), push), a)
    assert float(force.norm() / push.norm()) == pytest.approx(2.0, rel=1e-4)


def test_mean_similarity_is_the_mean_of_all_pairs() -> None:
    """Three rows by hand: two alike, one across."""
    rows = torch.tensor([[2.0, 0.0], [1.0, 0.0], [0.0, 5.0]])
    assert float(mean_similarity(rows)) == pytest.approx(2 / 6)


@pytest.mark.slow
def test_collapse_meets_its_target_holds_it_and_comes_back(digits: Digits) -> None:
    """A young net: .9 within 200 steps, 300 steps within .05, a glyph and no noise; let go, back."""
    from instrument.learning.course import Course

    torch.set_num_threads(1)
    course = Course("pocket_mlp", digits, torch.device("cpu"), seed=1, batch=64)
    judge, last = judge_for(digits), np.zeros((64, 784), np.float32)

    def train(target: float, steps: int) -> np.ndarray:
        nonlocal last
        place = PLACE["collapse"]
        course.do(DeedKind.FEEL, [place], [BANK.specs[place].unmap(target)])
        seen = []
        for _ in range(steps):
            reading = course.step()
            assert reading is not None
            last = reading.samples.copy()
            seen.append(course.similarity(last))
        return np.array(seen)

    for _ in range(1500):
        course.step(measure=False)
    before = train(0.0, 100).mean()
    arrival = train(0.9, 200)
    assert (np.abs(arrival - 0.9) < 0.05).any()
    held = train(0.9, 300)
    assert np.abs(held - 0.9).max() < 0.05
    assert judge.probabilities((last + 1) / 2)[:, REJECT].mean() < 0.5
    assert train(0.0, 400)[-100:].mean() < before + 0.1
