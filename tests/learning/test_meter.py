"""The streams of the nets, each once more by the letter of its definition; and the whole vector's order."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch.nn.functional import softplus
from training_stand import NUMBER, Stand

from instrument.learning.dials import Steering
from instrument.learning.digits import Digits
from instrument.learning.gestures import BANK, LEARNING, PLACE
from instrument.learning.learner import Learner
from instrument.learning.losses import LOSSES
from instrument.learning.meter import Meter, from_logits
from instrument.learning.nets import PLANS
from instrument.learning.streams import FELT, STATES, STREAMS, state_of

CPU = torch.device("cpu")


@pytest.fixture(params=PLANS)
def learner(request: pytest.FixtureRequest, digits: Digits) -> Learner:
    torch.set_num_threads(1)
    return Learner(request.param, digits, CPU, seed=3, batch=16)


def test_every_stream_has_its_own_name_a_span_and_a_help() -> None:
    """And there is room for all of them in a metric frame."""
    assert len({stream.name for stream in STREAMS}) == len(STREAMS) <= 128
    assert all(stream.low < stream.high and stream.help for stream in STREAMS)


def test_norms_and_updates_are_those_of_the_weights(learner: Learner, digits: Digits) -> None:
    """Per layer and per net, in float64, from the weights before and after and the gradients between."""
    meter = Meter(digits, learner.plan.loss)
    for _ in range(3):
        before = learner.state[0].double().numpy().copy()
        reading = learner.step(Steering())
        assert reading is not None
        meter.read(0.0, reading)
        after, gradients = learner.state[0].double().numpy(), learner.gradients.double().numpy()
        for net, name, offset in ((learner.g, "g", 0), (learner.d, "d", len(learner.g.theta))):
            whole = slice(offset, offset + len(net.theta))
            parts = [slice(a + offset, b + offset) for a, b in net.spans]
            for suffix, part in [("", whole), *((f"_{i + 1}", p) for i, p in enumerate(parts))]:
                norm = np.linalg.norm(gradients[part])
                ratio = np.linalg.norm(after[part] - before[part]) / np.linalg.norm(after[part])
                assert meter[f"grad_norm_{name}{suffix}"] == pytest.approx(norm, rel=1e-4)
                assert meter[f"update_{name}{suffix}"] == pytest.approx(ratio, rel=1e-3)


@pytest.mark.slow
def test_sigmas_settle_on_the_singular_values_while_training(
    learner: Learner, digits: Digits
) -> None:
    """One turn a step: after 60 steps at most 15% below NumPy's, whose values still lie close together."""
    meter = Meter(digits)
    for _ in range(60):
        reading = learner.step(Steering())
    assert reading is not None
    meter.read(0.0, reading)
    for name, net in (("g", learner.g), ("d", learner.d)):
        for number, (weight, _) in enumerate(net.layers, start=1):
            largest = np.linalg.svd(weight.detach().flatten(1).numpy(), compute_uv=False)[0]
            assert 0.85 * largest < meter[f"sigma_{name}_{number}"] < 1.01 * largest


def test_dead_units_are_those_below_zero_for_the_whole_batch(digits: Digits) -> None:
    """Two units of D's 384 are given a bias no input can lift."""
    learner, meter = Learner("pocket_mlp", digits, CPU, seed=3, batch=16), Meter(digits)
    with torch.no_grad():
        learner.d.layers[0][1][[5, 9]] = -1e2
    reading = learner.step(Steering(helvetica=True))
    assert reading is not None
    meter.read(0.0, reading)
    z, d = learner.inputs.z, learner.d
    x = torch.cat((learner.inputs.real, torch.from_numpy(reading.samples.copy())))
    _, hidden = learner.pair.discriminate(d.frozen, x)
    dead = torch.cat([(h < 0).all(dim=0) for h in hidden]).float().mean()
    assert meter["dead_d"] == pytest.approx(float(dead)) and meter["dead_d"] >= 2 / 384
    assert len(z) == 16


@pytest.mark.parametrize("kind", LOSSES)
def test_losses_are_told_in_the_terms_of_the_net(kind: str) -> None:
    """The same numbers as torch's own functions on the same logits."""
    dice = torch.Generator().manual_seed(1)
    logits = 3 * torch.randn(64, generator=dice)
    learnt = 3 * torch.randn(32, generator=dice)
    sign = torch.ones(64)
    sign[:32] = -1
    told = from_logits(logits.numpy(), learnt.numpy(), kind)
    assert told[0] == pytest.approx(float(LOSSES[kind].discriminator(logits, sign)), rel=1e-5)
    assert told[1] == pytest.approx(float(LOSSES[kind].generator(learnt)), rel=1e-5)


def test_losses_at_balance_are_what_the_page_says() -> None:
    """A discriminator that knows nothing: 2 ln 2 and ln 2."""
    told = from_logits(np.zeros(64), np.zeros(32))
    assert told[:2] == (pytest.approx(2 * np.log(2)), pytest.approx(np.log(2)))
    assert float(softplus(torch.zeros(1))) == pytest.approx(told[1])


def test_what_is_felt_is_a_stream(digits: Digits) -> None:
    """Every gesture's value in its unit stands in its own stream."""
    meter, values = Meter(digits), np.zeros(len(BANK))
    positions = BANK.defaults.copy()
    positions[PLACE["fog"]] = BANK.specs[PLACE["fog"]].unmap(0.7)
    positions[PLACE["greed"]] = BANK.specs[PLACE["greed"]].unmap(4)
    BANK.map(positions, values)
    meter.machine(12, 10, 99.0, (1e-3, 2e-3), 3.0, 0.5, values)
    assert (meter["step"], meter["age"], meter["pull"], meter["healing"]) == (12, 10, 3, 0.5)
    assert meter["fog"] == pytest.approx(0.7, rel=1e-3) and meter["greed"] == 4
    assert meter["heat"] == pytest.approx(1.0) and meter["collapse"] == 0
    assert {"heat", "tilt", "fog", "collapse", "tempo", "helvetica", "scratch"} <= set(FELT)
    assert all(name in {spec.name for spec in LEARNING.specs} for name in FELT)


def test_drift_is_one_step_of_the_drawings(stand: Callable[..., Stand]) -> None:
    """Held, one step: what the stream says is the mean change of the 64 drawings."""
    show = stand({"tempo": 0.0})
    show.until(lambda: show.heard["metrics"], "a held show")
    learner = show.learner

    def drawings() -> np.ndarray:
        with torch.no_grad():
            return learner.pair.generate(learner.g.frozen, learner.z0)[0].numpy().copy()

    def one_step() -> None:
        done = show.training.steps + 1
        show.do("step")
        show.until(lambda: show.heard["metrics"][-1].step == done, "a step")

    one_step()  # draws, and is measured one step later
    for _ in range(20):
        before, old, pulses = drawings(), show.stream("drift"), len(show.heard["metrics"])
        one_step()
        moved = np.abs(drawings() - before).mean()
        show.until(lambda pulses=pulses: len(show.heard["metrics"]) > pulses + 1, "a pulse")
        if show.stream("drift") != old:
            break
    assert show.stream("drift") == pytest.approx(moved, rel=1e-4)
    assert NUMBER["drift"] < len(STREAMS)


@pytest.mark.parametrize(
    ("numbers", "state"),
    [((0.6, 0.9, 2.0, -9, 1.0), "noise"), ((0.4, 0.9, 2.0, -9, 1.0), "collapse"),
     ((0.4, 0.5, 0.8, -9, 1.0), "partial"), ((0.4, 0.5, 0.5, -5, 1.0), "underfit"),
     ((0.4, 0.5, 0.5, -3, 0.99), "tyrant"), ((0.4, 0.5, 0.5, -3, 0.9), "healthy")],
)  # fmt: skip
def test_the_state_is_asked_in_its_order(numbers: tuple[float, ...], state: str) -> None:
    """Every row of its definition."""
    assert STATES[state_of(*numbers)] == state


def test_partial_means_the_same_share_of_fewer_kinds() -> None:
    """Two kinds: half of ln 2 is healthy unevenness no more; one kind can never be partial."""
    assert STATES[state_of(0, 0, 0.25, -3, 0.5, kinds=2)] == "partial"
    assert STATES[state_of(0, 0, 0.15, -3, 0.5, kinds=2)] == "healthy"
    assert STATES[state_of(0, 0, 0.0, -3, 0.5, kinds=1)] == "healthy"
