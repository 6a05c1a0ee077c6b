"""The closed loop of `collapse`: its table of states, and the real net held and let go."""

import numpy as np
import pytest
import torch

from instrument.learning.collapse import REPEL, CollapseLoop
from instrument.learning.digits import Digits
from instrument.learning.learner import Learner, Steering
from instrument.learning.sample_streams import SAMPLE_STREAMS, SampleStreams


def test_the_loop_pulls_lets_go_repels_and_rests() -> None:
    """Every row of its table."""
    loop = CollapseLoop()
    assert loop.update(0.0, 0.1) == 0.0 and not loop.active
    assert loop.update(0.9, 0.1) > 0 and loop.active
    assert loop.update(0.1, 0.9) < loop.update(0.9, 0.1)
    assert loop.update(0.0, 0.9) == REPEL and loop.active
    pulls = [loop.update(0.0, 0.1) for _ in range(3000)]
    assert pulls == sorted(pulls) and pulls[-1] == 0.0 and not loop.active


def test_the_pull_stays_within_bounds() -> None:
    """An unreachable target winds nothing up."""
    loop = CollapseLoop()
    pulls = [loop.update(1.0, 0.0) for _ in range(10_000)]
    assert max(pulls) <= 30.0
    for _ in range(10_000):
        loop.update(0.01, 1.0)
    assert loop.pull >= -10.0


@pytest.mark.slow
def test_collapse_meets_its_target_and_comes_back(digits: Digits) -> None:
    """From a young net: .9 is reached within .05 and mostly held; let go, it is where it was before."""
    torch.set_num_threads(1)
    learner = Learner("pocket_mlp", digits, torch.device("cpu"), seed=1)
    streams, loop, hand = SampleStreams(digits.mean), CollapseLoop(), Steering()
    for _ in range(1500):
        learner.step(hand, measure=False)
    place = SAMPLE_STREAMS.index("similarity_centred")

    def train(target: float, steps: int) -> np.ndarray:
        seen = []
        for _ in range(steps):
            reading = learner.step(hand)
            assert reading is not None
            seen.append(float(streams.measure(reading.samples)[place]))
            hand.pull = loop.update(target, seen[-1])
        return np.array(seen)

    before = train(0.0, 100).mean()
    held = train(0.9, 600)
    assert (np.abs(held - 0.9) < 0.05).any()
    assert abs(held[-200:].mean() - 0.9) < 0.05
    assert train(0.0, 600)[-200:].mean() < before + 0.15
