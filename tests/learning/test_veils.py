"""Veils touch what is shown and nothing else."""

import numpy as np
import pytest
import torch

from instrument.learning.dials import Steering
from instrument.learning.digits import Digits
from instrument.learning.learner import Learner
from instrument.learning.nets import PLANS
from instrument.learning.veils import CLEAR, Shown, Veil, quantised

CPU = torch.device("cpu")


@pytest.fixture(params=PLANS)
def learner(request: pytest.FixtureRequest, digits: Digits) -> Learner:
    torch.set_num_threads(1)
    made = Learner(request.param, digits, CPU, seed=3, batch=16)
    for _ in range(3):
        made.step(Steering())
    return made


@pytest.mark.parametrize(
    "veil",
    [Veil(gain=2), Veil(mute=0.5), Veil(permute=0.5), Veil(bits=2), Veil(bits=1), Veil(birth=0.5),
     Veil(noise=0.5), Veil(funnel=0.3), Veil(gain=0, layer=1)],
)  # fmt: skip
def test_each_veil_changes_what_is_shown_and_no_weight(learner: Learner, veil: Veil) -> None:
    """Other pictures, the same net to the bit, and the dice have not moved."""
    before, dice = learner.checksum(), learner.dice.get_state()
    shown = Shown(learner)
    clear = shown.samples(CLEAR, learner.z0)
    assert torch.equal(clear, learner.pair.generate(learner.g.frozen, learner.z0)[0])
    hidden = shown.samples(veil, learner.z0)
    assert not torch.equal(hidden, clear) and torch.isfinite(hidden).all()
    assert hidden.abs().max() <= 1.0
    assert torch.equal(shown.samples(CLEAR, learner.z0), clear)
    assert learner.checksum() == before and torch.equal(learner.dice.get_state(), dice)


def test_static_at_one_is_the_net_at_birth(digits: Digits) -> None:
    """All of it: the drawings of a net that has learned nothing."""
    young = Learner("pocket_mlp", digits, CPU, seed=3, batch=16)
    born = young.pair.generate(young.g.frozen, young.z0)[0].clone()
    for _ in range(5):
        young.step(Steering())
    assert torch.allclose(Shown(young).samples(Veil(birth=1.0), young.z0), born, atol=1e-6)


def test_mute_at_one_is_silence(digits: Digits) -> None:
    """No unit speaks: every pixel is the grey of nothing."""
    learner = Learner("pocket_mlp", digits, CPU, seed=3, batch=16)
    assert not Shown(learner).samples(Veil(mute=1.0), learner.z0).any()


def test_the_funnel_at_zero_shows_its_anchors(digits: Digits) -> None:
    """Two anchors: only two drawings on the whole wall."""
    learner = Learner("pocket_mlp", digits, CPU, seed=3, batch=16)
    x = Shown(learner).samples(Veil(funnel=0.0, anchors=2), learner.z0)
    assert len({row.tobytes() for row in np.round(x.numpy(), 4)}) == 2


@pytest.mark.parametrize(("bits", "levels"), [(1, 2), (2, 3), (3, 7), (8, 255)])
def test_bits_are_as_many_levels_as_they_can_hold(bits: int, levels: int) -> None:
    """Signed: 2^bits - 1 levels with a zero, one bit has none."""
    weight = torch.linspace(-1, 1, 5000)[torch.arange(5000) != 2500]
    assert len(quantised(weight, bits).unique()) == levels
    assert (quantised(weight, 8) - weight).abs().max() < 1 / 250
