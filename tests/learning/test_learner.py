"""The nets in flat memory, and what each gesture does to them, bit by bit."""

import numpy as np
import pytest
import torch

from instrument.learning.digits import Digits
from instrument.learning.learner import Learner, Snapshot, Steering, mean_similarity
from instrument.learning.nets import PLANS

CPU = torch.device("cpu")


@pytest.fixture(params=PLANS)
def learner(request: pytest.FixtureRequest, digits: Digits) -> Learner:
    torch.set_num_threads(1)
    return Learner(request.param, digits, CPU, seed=3, batch=16)


def same(a: Snapshot, b: Snapshot) -> bool:
    return bool(
        torch.equal(a.state, b.state)
        and torch.equal(a.dice, b.dice)
        and torch.equal(a.adam_steps, b.adam_steps)
        and a.age == b.age
    )


def test_a_step_is_what_autograd_and_adam_of_torch_give(digits: Digits) -> None:
    """The flat step against torch's own modules and optimisers on the same numbers, three steps long."""
    from torch import nn
    from torch.nn.functional import softplus

    learner = Learner("pocket_mlp", digits, CPU, seed=3, batch=16)
    g = nn.Sequential(nn.Linear(64, 256), nn.LeakyReLU(0.2), nn.Linear(256, 512), nn.LeakyReLU(0.2),
                      nn.Linear(512, 784), nn.Tanh())  # fmt: skip
    d = nn.Sequential(nn.Linear(784, 256), nn.LeakyReLU(0.2), nn.Linear(256, 128),
                      nn.LeakyReLU(0.2), nn.Linear(128, 1))  # fmt: skip
    for module, net in ((g, learner.g), (d, learner.d)):
        nn.utils.vector_to_parameters(net.theta.detach().clone(), module.parameters())
    adam_g = torch.optim.Adam(g.parameters(), lr=5e-4, betas=(0.5, 0.99))
    adam_d = torch.optim.Adam(d.parameters(), lr=5e-4, betas=(0.5, 0.99))
    dice = torch.Generator().manual_seed(0)
    dice.set_state(learner.dice.get_state())
    for _ in range(3):
        chosen = torch.randint(9000, (16,), generator=dice)
        real = torch.from_numpy(digits.images[chosen.numpy()]).reshape(16, 784) / 127.5 - 1
        fake = g(torch.randn(16, 64, generator=dice))
        loss_d = softplus(-d(real)).mean() + softplus(d(fake.detach())).mean()
        adam_d.zero_grad()
        loss_d.backward()
        adam_d.step()
        adam_g.zero_grad()
        softplus(-d(fake)).mean().backward()
        norm = torch.cat([p.grad.ravel() for p in g.parameters() if p.grad is not None]).norm()
        adam_g.step()
        reading = learner.step(Steering())
        assert reading is not None
        assert np.linalg.norm(reading.scalars[:3]) == pytest.approx(float(norm), rel=1e-4)
    for module, net in ((g, learner.g), (d, learner.d)):
        wanted = nn.utils.parameters_to_vector(module.parameters())
        assert torch.allclose(net.theta, wanted, atol=2e-5)


def test_the_same_seed_gives_the_same_training(learner: Learner, digits: Digits) -> None:
    """Bit for bit on the CPU, measured or not; another seed gives another."""
    net = next(name for name, plan in PLANS.items() if plan is learner.plan)
    twin = Learner(net, digits, CPU, seed=3, batch=16)
    other = Learner(net, digits, CPU, seed=4, batch=16)
    hand = Steering(fog=0.1, gravel=0.5)
    for number in range(6):
        learner.step(hand)
        twin.step(hand, measure=number % 2 == 0)
        other.step(hand)
    assert same(learner.capture(), twin.capture())
    assert not torch.equal(learner.state, other.state)


def test_undo_is_exact_and_the_future_repeats_itself(learner: Learner) -> None:
    """After restore, everything is as it was, and the same steps lead to the same nets."""
    for _ in range(3):
        learner.step(Steering())
    before = learner.capture()
    for _ in range(3):
        learner.step(Steering())
    first = learner.capture()
    learner.quake(1.0)
    learner.forget("both")
    learner.step(Steering(heat=50, gravel=20))
    learner.restore(before)
    assert same(learner.capture(), before)
    for _ in range(3):
        learner.step(Steering())
    assert same(learner.capture(), first)


def test_helvetica_freezes_the_discriminator_to_the_bit(learner: Learner) -> None:
    """Weights, moments and Adam's count of D stand still while G moves."""
    learner.step(Steering())
    before = learner.capture()
    for _ in range(3):
        learner.step(Steering(helvetica=True))
    split = len(learner.g.theta)
    assert torch.equal(learner.state[:, split:], before.state[:, split:])
    assert learner.adam_steps[1] == before.adam_steps[1]
    assert not torch.equal(learner.state[:, :split], before.state[:, :split])


def test_quake_is_as_strong_as_it_says(learner: Learner) -> None:
    """Each net moves by strength times its own rms."""
    before = learner.state[0].clone()
    learner.quake(0.25)
    split = len(learner.g.theta)
    for part in (slice(0, split), slice(split, None)):
        moved = (learner.state[0, part] - before[part]).square().mean().sqrt()
        assert moved / before[part].square().mean().sqrt() == pytest.approx(0.25, rel=0.03)


@pytest.mark.parametrize("what", ["last_layer", "generator", "discriminator", "both", "moments"])
def test_amnesia_forgets_what_it_names_and_nothing_else(digits: Digits, what: str) -> None:
    """New weights where it strikes; what it does not name keeps its bits."""
    learner = Learner("pocket_mlp", digits, CPU, seed=3, batch=16)
    for _ in range(2):
        learner.step(Steering())
    before = learner.capture().state
    learner.forget(what)
    split, last = len(learner.g.theta), learner.g.spans[-1][0]
    parts = {"body": slice(0, last), "last": slice(last, split), "d": slice(split, None)}
    forgotten = {
        "last_layer": {"last"}, "generator": {"body", "last"}, "discriminator": {"d"},
        "both": {"body", "last", "d"}, "moments": set(),
    }[what]  # fmt: skip
    for name, part in parts.items():
        changed = not torch.equal(learner.state[0, part], before[0, part])
        assert changed == (name in forgotten), name
        gone = not learner.state[1:, part].any()
        assert gone == (name in forgotten or what == "moments"), name


def test_heat_and_tilt_set_both_learning_rates(learner: Learner) -> None:
    """Their product is heat squared, their ratio is tilt."""
    rate_g, rate_d = learner.learning_rates(Steering(heat=3, tilt=4))
    base = learner.plan.learning_rate
    assert rate_g / rate_d == pytest.approx(4) and rate_g * rate_d == pytest.approx((3 * base) ** 2)
    learner.step(Steering(heat=3, tilt=4))
    assert learner.rates.tolist() == pytest.approx([rate_g, rate_d])


def test_selection_is_spread_over_all_layers_and_begins_where_it_says(learner: Learner) -> None:
    """At most 4,096 places, each inside its own layer, small layers whole."""
    begins, generator_segments = learner.selection_segments
    places = learner.selection.numpy()
    assert len(places) <= 4096 and len(set(places.tolist())) == len(places)
    assert generator_segments == 3 and len(begins) == 6
    split = len(learner.g.theta)
    spans = [*learner.g.spans, *((a + split, b + split) for a, b in learner.d.spans)]
    for (a, b), first, end in zip(spans, begins, [*begins[1:], len(places)], strict=True):
        assert end > first and ((places[first:end] >= a) & (places[first:end] < b)).all()
    learner.step(Steering())
    weights, gradients = learner.select()
    assert (weights == learner.state[0].numpy()[places]).all()
    assert (gradients == learner.gradients.numpy()[places]).all() and gradients.any()


def test_tiles_are_the_same_drawings_while_nothing_is_learned(learner: Learner) -> None:
    """A fixed bank of latents: two looks at the same nets see the same, and the dice do not move."""
    before = learner.capture()
    tiles, scores = learner.draw()
    again, _ = learner.draw()
    assert (tiles == again).all() and tiles.shape == (64, 784) and tiles.dtype == np.uint8
    assert ((scores > 0) & (scores < 1)).all()
    assert same(before, learner.capture())


def test_mean_similarity_is_the_mean_of_all_pairs() -> None:
    """Three rows by hand: two alike, one across."""
    rows = torch.tensor([[2.0, 0.0], [1.0, 0.0], [0.0, 5.0]])
    assert float(mean_similarity(rows)) == pytest.approx(2 / 6)
