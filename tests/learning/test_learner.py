"""The nets in flat memory, and what each gesture does to them, bit by bit."""

import numpy as np
import pytest
import torch

from instrument.learning.dials import Steering
from instrument.learning.digits import Digits
from instrument.learning.inputs import funnel
from instrument.learning.learner import Learner
from instrument.learning.nets import PLANS
from instrument.learning.snapshot import Snapshot
from instrument.learning.wounds import forget, quake

CPU = torch.device("cpu")


@pytest.fixture(params=PLANS)
def learner(request: pytest.FixtureRequest, digits: Digits) -> Learner:
    torch.set_num_threads(1)
    return Learner(request.param, digits, CPU, seed=3, batch=16)


def same(a: Snapshot, b: Snapshot) -> bool:
    return bool(
        torch.equal(a.core, b.core)
        and torch.equal(a.spins, b.spins)
        and torch.equal(a.dice, b.dice)
        and torch.equal(a.adam_steps, b.adam_steps)
        and a.age == b.age
    )


def halves(learner: Learner, before: Snapshot) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """All of G now and before, all of D now and before."""
    split, core = len(learner.g.theta), learner.core
    parts = (slice(0, split), slice(split, core))
    return [(learner.state[:, part], before.core[:, part]) for part in parts]


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
        assert np.linalg.norm(reading.gradients[:3]) == pytest.approx(float(norm), rel=1e-4)
    for module, net in ((g, learner.g), (d, learner.d)):
        wanted = nn.utils.parameters_to_vector(module.parameters())
        assert torch.allclose(net.theta, wanted, atol=2e-5)


def test_the_same_seed_gives_the_same_training(learner: Learner, digits: Digits) -> None:
    """Bit for bit on the CPU, measured or not; another seed gives another."""
    twin = Learner(learner.net, digits, CPU, seed=3, batch=16)
    other = Learner(learner.net, digits, CPU, seed=4, batch=16)
    hand = Steering(fog=0.1, gravel=0.5)
    for number in range(6):
        learner.step(hand)
        twin.step(hand, measure=number % 2 == 0)
        other.step(hand)
    assert learner.checksum() == twin.checksum()
    assert not torch.equal(learner.state, other.state)


def test_undo_is_exact_and_the_future_repeats_itself(learner: Learner) -> None:
    """After restore, everything is as it was, and the same steps lead to the same nets."""
    for _ in range(3):
        learner.step(Steering())
    before = learner.capture()
    for _ in range(3):
        learner.step(Steering())
    first = learner.capture()
    quake(learner, 1.0)
    forget(learner, "both")
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
    g, d = halves(learner, before)
    assert torch.equal(*d) and learner.adam_steps[1] == before.adam_steps[1]
    assert not torch.equal(*g)


def test_quake_is_as_strong_as_it_says(learner: Learner) -> None:
    """Each net moves by strength times its own rms."""
    before = learner.state[0].clone()
    quake(learner, 0.25)
    split = len(learner.g.theta)
    for part in (slice(0, split), slice(split, learner.core)):
        moved = (learner.state[0, part] - before[part]).square().mean().sqrt()
        assert moved / before[part].square().mean().sqrt() == pytest.approx(0.25, rel=0.03)


@pytest.mark.parametrize("what", ["last_layer", "generator", "discriminator", "both", "moments"])
def test_amnesia_forgets_what_it_names_and_nothing_else(digits: Digits, what: str) -> None:
    """New weights where it strikes; what it does not name keeps its bits."""
    learner = Learner("pocket_mlp", digits, CPU, seed=3, batch=16)
    for _ in range(2):
        learner.step(Steering())
    before = learner.capture().core
    forget(learner, what)
    split, last = len(learner.g.theta), learner.g.spans[-1][0]
    parts = {"body": slice(0, last), "last": slice(last, split), "d": slice(split, learner.core)}
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
    base = learner.facts.learning_rate
    assert rate_g / rate_d == pytest.approx(4) and rate_g * rate_d == pytest.approx((3 * base) ** 2)
    learner.step(Steering(heat=3, tilt=4))
    assert learner.inputs.rates.tolist() == pytest.approx([rate_g, rate_d])


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
    assert (tiles == again).all() and tiles.shape == (64, 28, 28, 1) and tiles.dtype == np.uint8
    assert ((scores > 0) & (scores < 1)).all()
    assert same(before, learner.capture())


def test_tyrant_freezes_the_generator_to_the_bit(learner: Learner) -> None:
    """Weights, moments and Adam's count of G stand still while D moves."""
    learner.step(Steering())
    before = learner.capture()
    for _ in range(3):
        reading = learner.step(Steering(tyrant=True))
    g, d = halves(learner, before)
    assert torch.equal(*g) and learner.adam_steps[0] == before.adam_steps[0]
    assert not torch.equal(*d)
    assert reading is not None and not reading.gradients[:3].any() and reading.gradients[3:].any()


def test_greed_gives_the_generator_so_many_steps_to_one(learner: Learner) -> None:
    """Greed 3: of seven steps from birth D makes those at age 0, 3 and 6."""
    for _ in range(7):
        learner.step(Steering(greed=3))
    assert learner.adam_steps[:2].tolist() == [7, 3]


@pytest.mark.parametrize(
    "hand",
    [Steering(fog=0.3), Steering(liar=0.3), Steering(gravel=1), Steering(blinkers=0.5),
     Steering(clamp=5), Steering(beta1=0.9), Steering(greed=2), Steering(tilt=4), Steering(anti=True),
     Steering(choir=True), Steering(pull=3), Steering(pull=-3), Steering(funnel=0.2, anchors=2)],
    ids=lambda hand: next(k for k, v in vars(hand).items() if v != getattr(Steering(), k)),
)  # fmt: skip
def test_each_gesture_changes_the_training_and_leaves_it_sound(
    learner: Learner, digits: Digits, hand: Steering
) -> None:
    """On every net: other weights than without it, all of them finite; let go, it leaves no trace."""
    still = Learner(learner.net, digits, CPU, seed=3, batch=16)
    for one in (learner, still):
        one.step(Steering())
    for _ in range(3):
        learner.step(hand)
        still.step(Steering())
    assert not torch.equal(learner.state[0], still.state[0])
    assert torch.isfinite(learner.state).all()
    after = learner.capture()
    twin = Learner(learner.net, digits, CPU, seed=3, batch=16)
    twin.restore(after)
    learner.step(Steering())
    twin.step(Steering())
    assert learner.checksum() == twin.checksum()


def test_anti_unlearns_what_a_step_has_learned(digits: Digits) -> None:
    """The same step with the sign turned: the gradients are opposite to the bit."""
    one, other = (Learner("pocket_mlp", digits, CPU, seed=3, batch=16) for _ in range(2))
    one.step(Steering())
    other.step(Steering(anti=True))
    split = len(one.g.theta)
    assert torch.equal(one.gradients[:split], -other.gradients[:split])
    assert torch.equal(one.state[:, split:], other.state[:, split:])


def test_clamp_flattens_the_discriminator_where_the_reals_are(digits: Digits) -> None:
    """R1 at 30: the slope of D at the reals ends well below that of a free D."""

    def slope(clamp: float) -> float:
        learner = Learner("pocket_mlp", digits, CPU, seed=3, batch=16)
        for _ in range(60):
            learner.step(Steering(clamp=clamp))
        x = learner.inputs.real.clone().requires_grad_()
        logits, _ = learner.pair.discriminate(learner.d.frozen, x)
        (steepness,) = torch.autograd.grad(logits.sum(), x)
        return float(steepness.square().sum(dim=1).mean())

    assert slope(30.0) < 0.3 * slope(0.0)


def test_choir_opens_a_second_place_that_was_zero(learner: Learner) -> None:
    """At the moment it opens nothing changes; then it learns, and belongs to the snapshots."""
    learner.step(Steering())
    assert not learner.state[:, learner.core :].any() and learner.capture().slot is None
    alone = learner.step(Steering(tyrant=True, helvetica=True))
    assert alone is not None
    learner.step(Steering(choir=True))
    assert learner.state[0, learner.core :].any()
    kept = learner.capture()
    assert kept.slot is not None
    learner.restore(kept)
    assert learner.state[0, learner.core :].any()


def test_blinkers_mask_their_share_of_units(digits: Digits) -> None:
    """A quarter of each hidden layer is silent, always the same ones."""
    learner = Learner("pocket_mlp", digits, CPU, seed=3, batch=16)
    learner.step(Steering(blinkers=0.25))
    assert [float((mask == 0).float().mean()) for mask in learner.inputs.masks] == [0.25, 0.25]
    masks = [mask.clone() for mask in learner.inputs.masks]
    learner.step(Steering(blinkers=0.5))
    assert all(
        not mask[before == 0].any()
        for mask, before in zip(learner.inputs.masks, masks, strict=True)
    )


def test_liar_turns_its_share_of_labels(digits: Digits) -> None:
    """Over many labels the share is what was asked; let go, all are honest."""
    learner = Learner("pocket_mlp", digits, CPU, seed=3, batch=512)
    learner.step(Steering(liar=0.3))
    assert float((learner.inputs.sign != learner.inputs.honest).float().mean()) == pytest.approx(
        0.3, abs=0.05
    )
    learner.step(Steering())
    assert torch.equal(learner.inputs.sign, learner.inputs.honest)


def test_a_funnel_of_nothing_is_its_anchors() -> None:
    """Share 0: every latent is one of K anchors in turn; share 1 changes nothing."""
    bank, z = torch.randn(64, 64), torch.randn(5, 64)
    assert torch.equal(funnel(z, bank, 0.0, 2), bank[[0, 1, 0, 1, 0]])
    assert torch.allclose(funnel(z, bank, 1.0, 3), z)


def test_only_the_classes_that_are_asked_for_are_fed(
    bundled: tuple[np.ndarray, np.ndarray],
) -> None:
    """Twos and sevens; then five images of them; nothing asked for means everything."""
    images, labels = bundled[0][:2000].reshape(-1, 1, 28, 28), bundled[1][:2000]
    learner = Learner("pocket_mlp", Digits("some", images, labels), CPU, seed=3, batch=64)
    feed = learner.inputs.feed
    feed.choose(frozenset({2, 7}), 9000)
    assert set(labels[feed.pool.numpy()]) == {2, 7}
    learner.step(Steering())
    shown = {
        row.tobytes()
        for row in ((learner.inputs.real.numpy() + 1) * 127.5).round().astype(np.uint8)
    }
    allowed = {image.tobytes() for image in images[(labels == 2) | (labels == 7)]}
    assert shown <= allowed
    feed.choose(frozenset({2, 7}), 5)
    assert len(feed.pool) == 5 and set(labels[feed.pool.numpy()]) <= {2, 7}
    feed.choose(frozenset(), 9000)
    assert len(feed.pool) == 2000


@pytest.mark.parametrize(("side", "channels"), [(8, 1), (32, 3), (64, 1)])
def test_any_size_of_image_is_learned(side: int, channels: int) -> None:
    """Every net on images of other sizes: finite weights, tiles of that size, exact undo."""
    dice = np.random.default_rng(1)
    images = dice.integers(0, 256, (40, channels, side, side), dtype=np.uint8)
    for net in PLANS:
        learner = Learner(net, Digits("random", images), CPU, seed=3, batch=8)
        reading = learner.step(Steering(choir=True, clamp=0.1))
        assert reading is not None and reading.samples.shape == (8, channels * side * side)
        tiles, _ = learner.draw()
        assert tiles.shape == (64, side, side, channels)
        assert torch.isfinite(learner.state).all()


def test_the_sigmas_are_the_largest_singular_values(learner: Learner) -> None:
    """After fifty turns on weights that stand still: those of NumPy's decomposition."""
    for spin, net in ((learner.spin_g, learner.g), (learner.spin_d, learner.d)):
        for _ in range(200):
            sigmas = spin.turn()
        for sigma, (weight, _) in zip(sigmas.tolist(), net.layers, strict=True):
            matrix = weight.detach().flatten(1).numpy()
            assert sigma == pytest.approx(np.linalg.svd(matrix, compute_uv=False)[0], rel=0.02)


def test_spectral_norm_divides_by_the_singular_value(digits: Digits) -> None:
    """The discriminator of `spectral_hinge` judges with layers that stretch by one."""
    learner = Learner("spectral_hinge", digits, CPU, seed=3, batch=8)
    for _ in range(200):
        learner.spin_d.turn()
    for weight, _ in learner.frozen_d():
        assert torch.linalg.matrix_norm(weight.flatten(1), 2) == pytest.approx(1.0, rel=0.02)


def test_what_a_graph_would_hold_neither_waits_nor_throws_dice(learner: Learner) -> None:
    """No operation inside the step asks the host or a random generator: it can be captured on CUDA."""
    from torch.utils._python_dispatch import TorchDispatchMode

    seen: list[str] = []

    class Watch(TorchDispatchMode):
        def __torch_dispatch__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
            seen.append(func.__name__)
            return func(*args, **(kwargs or {}))

    hand = Steering(fog=0.2, liar=0.1, gravel=1, clamp=1, blinkers=0.3, choir=True, pull=2)
    learn, captured = learner._learn, []

    def watched(branches):  # type: ignore[no-untyped-def]
        with Watch():
            learn(branches)
        captured.append(branches)

    learner._learn = watched  # type: ignore[method-assign]
    learner.step(hand)
    assert captured and len(seen) > 50
    forbidden = ("_local_scalar_dense", "item", "nonzero", "normal", "uniform", "rand", "bernoulli")
    assert not [name for name in seen if name.split(".")[0].strip("_").startswith(forbidden)]


@pytest.mark.parametrize(("where", "net", "layer"), [("g2", "g", 1), ("d3", "d", 2)])
def test_a_quake_of_one_layer_shakes_no_other(
    learner: Learner, where: str, net: str, layer: int
) -> None:
    """Only that layer's weights move."""
    before = learner.state[0].clone()
    quake(learner, 0.3, where)
    offset = 0 if net == "g" else len(learner.g.theta)
    a, b = getattr(learner, net).spans[layer]
    moved = learner.state[0] != before
    assert moved[a + offset : b + offset].any()
    moved[a + offset : b + offset] = False
    assert not moved.any()
