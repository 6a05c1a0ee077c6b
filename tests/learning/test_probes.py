"""The probes say what is inside the nets, in numbers one can reckon again; the training does not notice."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from training_stand import Stand

from instrument.clock import HandClock
from instrument.learning.activations import cells_of, dead_units
from instrument.learning.dials import Steering
from instrument.learning.digits import Digits
from instrument.learning.field import FAR, HIGH, HOLD_S, LOW, NEAR
from instrument.learning.gestures import LEARNING
from instrument.learning.latents import angle_between, closed_path, slerp
from instrument.learning.learner import Learner
from instrument.learning.meter import Meter
from instrument.learning.pacing import Affordable
from instrument.learning.screen import Screen
from instrument.learning.veils import CLEAR, Veil
from instrument.learning.voice import INNER, Voice
from instrument.learning.walk import ANCHORS, AROUND, ROUND_S
from instrument.runs.sanity import check
from instrument.signals.bus import Bus, new_show_name
from instrument.signals.controls import Bank
from instrument.signals.frames import FIELD_SIDE, NOTICES, WALK_COUNT, Frame

pytestmark = pytest.mark.slow

CPU = torch.device("cpu")
NETS = ("pocket_mlp", "pocket_dcgan", "spectral_hinge")
TURNS = 120
"""More than the portions of everything that can be due at one time."""


class Room:
    """A learner, a screen on a bus, a clock turned by hand, and ears for the probes."""

    def __init__(self, net: str, digits: Digits, steps: int = 3) -> None:
        torch.set_num_threads(1)
        self.learner = Learner(net, digits, CPU, seed=3, batch=16)
        for _ in range(steps):
            self.learner.step(Steering())
        self.bus, self.clock = Bus(new_show_name()), HandClock(1000.0)
        self.ears = {topic.name: self.bus.listener(topic) for topic in (*INNER, NOTICES)}
        self.screen = Screen(self.learner, Voice(self.bus, self.clock), Meter(digits), self.clock)
        self.step = steps

    def shown(self, veil: Veil = CLEAR, turns: int = TURNS) -> dict[str, Any]:
        """Let everything that is due be drawn; the newest frame of each topic that was said."""
        self.screen.veil = veil
        self.screen.draw_now(self.step, self.clock())
        for _ in range(turns):
            self.screen.walk_on(self.step)
        found = {name: ear.latest() for name, ear in self.ears.items()}
        for frame in found.values():
            if isinstance(frame, Frame):
                check(frame)
        return found

    def later(self, seconds: float, veil: Veil = CLEAR) -> dict[str, Any]:
        self.clock.advance(seconds)
        return self.shown(veil)

    def scores(self, images: np.ndarray | torch.Tensor) -> np.ndarray:
        """D's opinion of images (n, P) in -1..1."""
        return self.learner.develop(torch.as_tensor(images))[1]


@pytest.fixture
def room(digits: Digits) -> Iterator[Callable[..., Room]]:
    made: list[Room] = []

    def make(net: str = "pocket_mlp", **more: Any) -> Room:
        made.append(Room(net, digits, **more))
        return made[-1]

    yield make
    for one in made:
        one.bus.close()


def pixels(frame: Any, field: str, count: int) -> np.ndarray:
    """The used images of a frame, uint8 (count, H, W, C)."""
    shape = (count, frame.height, frame.width, frame.channels)
    return np.frombuffer(getattr(frame, field), np.uint8)[: int(np.prod(shape))].reshape(shape)


def as_samples(images: np.ndarray) -> torch.Tensor:
    """Uint8 (n, H, W, 1) back to (n, P) in -1..1, exact to half a level."""
    return torch.from_numpy(images.reshape(len(images), -1)).float() / 127.5 - 1.0


# The path through latent space.


def test_slerp_begins_and_ends_at_its_latents_and_keeps_the_pace() -> None:
    """A quarter turn between lengths 2 and 4: half way is the diagonal, 3 long."""
    a, b = torch.tensor([2.0, 0.0, 0.0]), torch.tensor([0.0, 4.0, 0.0])
    assert torch.allclose(slerp(a, b, 0.0), a, atol=1e-6)
    assert torch.allclose(slerp(a, b, 1.0), b, atol=1e-6)
    assert torch.allclose(slerp(a, b, 0.5), 3.0 * torch.tensor([0.5, 0.5, 0.0]).sqrt(), atol=1e-6)
    assert angle_between(a, slerp(a, b, 0.25)) == pytest.approx(np.pi / 8, abs=1e-5)


@pytest.mark.parametrize("other", [[2.0, 0.0], [-2.0, 0.0], [3.0, 1e-6]])
def test_slerp_between_latents_in_line_is_a_line(other: list[float]) -> None:
    """The same or the opposite direction spans no arc, and still nothing is divided by zero."""
    a, b = torch.tensor([2.0, 0.0]), torch.tensor(other)
    middle = slerp(a, b, 0.5)
    assert torch.isfinite(middle).all() and torch.allclose(middle, (a + b) / 2, atol=1e-3)


@given(st.integers(0, 2**31), st.integers(2, 9), st.integers(9, 70))
def test_the_path_is_closed_and_its_places_are_equally_far_apart(
    seed: int, corners: int, around: int
) -> None:
    """Every angle between neighbours is a share of the whole, less where a corner is cut."""
    anchors = torch.randn(corners, 64, generator=torch.Generator().manual_seed(seed)).double()
    path = closed_path(anchors, around)
    assert path.shape == (around, 64) and torch.allclose(path[0], anchors[0])
    ends = anchors.roll(-1, dims=0)
    share = sum(map(angle_between, anchors, ends)) / around
    angles = np.array(list(map(angle_between, path, path.roll(-1, dims=0))))
    assert (angles <= share + 1e-6).all()
    assert np.count_nonzero(angles < share - 1e-6) <= corners
    lengths, ends_of = path.norm(dim=1), anchors.norm(dim=1)
    assert (lengths >= ends_of.min() - 1e-9).all() and (lengths <= ends_of.max() + 1e-9).all()


# The walk.


@pytest.mark.parametrize("net", NETS)
def test_the_strip_is_what_the_generator_draws_of_its_places(
    room: Callable[..., Room], net: str
) -> None:
    """Tile by tile, with D's scores; the present is in the middle."""
    here = room(net)
    walk = here.shown()["walk"]
    assert (walk.count, walk.around, walk.step) == (WALK_COUNT, AROUND, 3)
    places = (walk.first + np.arange(WALK_COUNT)) % AROUND
    z = closed_path(here.learner.z0[:ANCHORS], AROUND)[torch.from_numpy(places)]
    x, _ = here.learner.pair.generate(here.learner.g.frozen, z)
    tiles, scores = here.learner.develop(x)
    difference = np.abs(pixels(walk, "tiles", WALK_COUNT).astype(int) - tiles)
    assert difference.max() <= 1  # another order of rows is another rounding
    assert np.allclose(np.array(walk.scores), scores, atol=1e-5)
    assert walk.distance == pytest.approx(float(z.diff(dim=0).norm(dim=1).mean()), rel=1e-5)
    moved = np.abs(np.diff(tiles.astype(float), axis=0)).mean() / 255
    assert walk.moved == pytest.approx(moved, abs=0.005) and walk.moved > 0
    assert (walk.phase * AROUND - walk.first) % AROUND // 1 == WALK_COUNT // 2 - 1


def test_a_latent_keeps_its_tile_while_the_strip_moves_on(room: Callable[..., Room]) -> None:
    """One place later the strip is the same but for its ends; once around it is where it was."""
    here = room()
    before = here.shown()["walk"]
    after = here.later(ROUND_S / AROUND)["walk"]
    assert after.first == (before.first + 1) % AROUND
    old, new = (pixels(frame, "tiles", WALK_COUNT) for frame in (before, after))
    assert np.array_equal(old[1:], new[:-1]) and not np.array_equal(old[0], new[0])
    again = here.later(ROUND_S * (1 - 1 / AROUND))["walk"]
    assert again.first == before.first and np.array_equal(pixels(again, "tiles", 16), old)


@pytest.mark.parametrize("anchors", [1, 3, 16])
def test_in_the_funnel_a_latent_is_drawn_to_one_anchor_all_along(
    room: Callable[..., Room], anchors: int
) -> None:
    """All the way in: as many drawings as anchors, and none changes when the strip moves."""
    here, veil = room(), Veil(funnel=0.0, anchors=anchors)
    old, new = (
        pixels(frame["walk"], "tiles", WALK_COUNT)
        for frame in (here.shown(veil), here.later(ROUND_S / AROUND, veil))
    )
    assert len({tile.tobytes() for tile in old}) == anchors
    assert np.array_equal(old[1:], new[:-1])


def test_nothing_moves_where_all_latents_are_one_drawing(room: Callable[..., Room]) -> None:
    """A generator that does not listen to z: the walk goes on, the strip is one tile."""
    here = room()
    before = here.shown()["walk"].moved
    here.learner.g.frozen[0][0].zero_()
    walk = here.later(0.2)["walk"]
    assert walk.moved < 0.001 < before and walk.distance > 0.1


def test_the_walk_wears_the_veil_that_is_shown(room: Callable[..., Room]) -> None:
    """Mute all of G: the strip is as grey as the wall."""
    walk = room().shown(Veil(mute=1.0))["walk"]
    assert (pixels(walk, "tiles", WALK_COUNT) == 128).all()


# The field.


@pytest.mark.parametrize("net", NETS)
def test_the_field_at_its_points_is_what_d_says_of_them(
    room: Callable[..., Room], net: str
) -> None:
    """The three are points of the grid; so is one far outside, and nothing is clipped there."""
    here = room(net)
    field = here.shown()["field"]
    scores = np.array(field.scores).reshape(FIELD_SIDE, FIELD_SIDE)
    points = here.screen.probes._field.points
    at = [(NEAR, NEAR), (FAR, NEAR), (NEAR, FAR)]
    assert np.allclose([scores[y, x] for x, y in at], here.scores(points), atol=1e-5)
    spots = np.array(field.points).reshape(3, 2)
    assert np.allclose(spots * FIELD_SIDE - 0.5, at, atol=1e-5)
    far = points[0] + HIGH * (points[1] - points[0]) + LOW * (points[2] - points[0])
    assert far.abs().max() > 1.0
    assert scores[0, -1] == pytest.approx(float(here.scores(far[None])[0]), abs=1e-5)
    assert (field.low, field.high) == pytest.approx((LOW, HIGH))


def test_the_images_of_the_field_are_two_samples_and_a_real(room: Callable[..., Room]) -> None:
    """The first two tiles of the wall and an image out of the pool."""
    here = room()
    images = pixels(here.shown()["field"], "images", 3)
    wall = here.learner.draw()[0]
    assert np.array_equal(images[:2], wall[:2])
    reals = here.learner.inputs.feed.reals.numpy()
    assert (reals == images[2].reshape(1, -1)).all(axis=1).any()


def test_the_points_stay_while_d_learns_and_move_on_later(room: Callable[..., Room]) -> None:
    """Within the hold the field changes and its points do not; then others are chosen."""
    here = room()
    first = here.shown()["field"]
    here.learner.step(Steering())
    for _ in range(3):
        second = here.later(HOLD_S / 4)["field"]
    third = here.later(HOLD_S / 2)["field"]
    assert (first.number, second.number, third.number) == (0, 0, 1)
    assert second.age_s == pytest.approx(0.75 * HOLD_S) and third.age_s == 0.0
    assert bytes(first.images) == bytes(second.images) != bytes(third.images)
    assert bytes(first.scores) != bytes(second.scores)


def test_a_field_is_all_of_one_discriminator(room: Callable[..., Room]) -> None:
    """The training goes on between its portions: what is said is what D was when it began."""
    here = room("pocket_dcgan")
    probes = here.screen.probes
    while "field" not in probes._begun:
        here.screen.walk_on(here.step)
    before = here.scores(probes._field.points)
    here.learner.d.theta.data.mul_(-1.0)
    field = here.shown()["field"]
    scores = np.array(field.scores).reshape(FIELD_SIDE, FIELD_SIDE)
    assert np.allclose([scores[8, 8], scores[8, 23], scores[23, 8]], before, atol=1e-5)


def test_under_choir_the_real_is_the_other_of_each_pair(room: Callable[..., Room]) -> None:
    """D judges pairs: the field is asked with the real in the second place."""
    here = room()
    here.learner.step(Steering(choir=True))
    here.learner.slot.theta.data.normal_(generator=torch.Generator().manual_seed(1))
    here.screen.probes.paired = True
    field = here.shown()["field"]
    points = here.screen.probes._field.points
    with torch.no_grad():
        logits, _ = here.learner.pair.discriminate(
            here.learner.frozen_d(), points, None, points[2:].expand(3, -1),
            here.learner.slot.frozen[0][0],
        )  # fmt: skip
    scores = np.array(field.scores).reshape(FIELD_SIDE, FIELD_SIDE)
    paired = [scores[8, 8], scores[8, 23], scores[23, 8]]
    assert np.allclose(paired, torch.sigmoid(logits), atol=1e-5)
    assert not np.allclose(paired, here.scores(points), atol=1e-3)


# The activations.


@pytest.mark.parametrize(
    ("net", "units"), [("pocket_mlp", [256, 512, 256, 128]), ("pocket_dcgan", [64, 32, 32, 64])]
)
def test_cells_are_the_layers_of_the_drawing(
    room: Callable[..., Room], net: str, units: list[int]
) -> None:
    """Silent where not above zero, in order of strength elsewhere; layers of G first."""
    here = room(net)
    frame = here.shown()["activations"]
    learner = here.learner
    with torch.no_grad():
        x, hidden_g = learner.pair.generate(learner.g.frozen, learner.z0)
        _, hidden_d = learner.judged(x)
    hidden = [*hidden_g[:-1], *hidden_d]
    assert (frame.layer_count, frame.generator_layers, frame.samples) == (4, 2, 64)
    assert list(frame.units[:4]) == units
    shown = [min(128, count) for count in units]
    assert list(frame.shown[:4]) == shown
    assert list(frame.begins[:4]) == [0, *np.cumsum(shown[:-1]).tolist()]
    cells = np.frombuffer(frame.cells, np.uint8)[: sum(shown) * 64].reshape(-1, 64)
    for number, h in enumerate(hidden):
        strength = h.numpy() if h.dim() == 2 else h.mean(dim=(2, 3)).numpy()
        chosen = np.arange(shown[number]) * units[number] // shown[number]
        rows = cells[frame.begins[number] : frame.begins[number] + shown[number]]
        values = strength[:, chosen].T
        assert np.array_equal(rows > 0, values > 0)
        assert frame.dead[number] == int(dead_units(h).sum())
        assert frame.loudest[number] == pytest.approx(np.quantile(np.maximum(values, 0), 0.99), 0.1)
        loud = values >= frame.loudest[number]
        assert (rows[loud] == 255).all() and 0.005 < loud.mean() < 0.02


def test_dead_units_are_counted_and_their_rows_are_silent(room: Callable[..., Room]) -> None:
    """Three units of G's first layer that nothing can wake; the stream's meaning of dead."""
    here = room()
    weight, bias = here.learner.g.frozen[0]
    before = here.shown()["activations"].dead[0]
    weight[:6:2], bias[:6:2] = 0.0, -1.0  # every other unit is shown
    frame = here.later(1.0)["activations"]
    cells = np.frombuffer(frame.cells, np.uint8)[: 128 * 64].reshape(128, 64)
    assert frame.dead[0] == before + 3 and not cells[:3].any() and cells[3:].any()


@given(st.lists(st.floats(width=32), min_size=1, max_size=300))
def test_cells_of_any_numbers_are_cells(values: list[float]) -> None:
    """Not a number counts as silence, infinity as loud; what is above zero is never silent."""
    numbers = np.array(values, np.float32)
    cells, loudest = cells_of(numbers)
    assert cells.shape == numbers.shape and cells.dtype == np.uint8
    assert np.array_equal(cells > 0, numbers > 0) and np.isfinite(loudest)


# The reals.


def images_of(digits: Digits, classes: tuple[int, ...]) -> np.ndarray:
    return digits.images[np.isin(digits.labels, classes)].reshape(-1, 784).astype(np.float64)


def test_the_reals_are_said_at_the_start_and_when_others_are_chosen(
    room: Callable[..., Room], digits: Digits
) -> None:
    """Mean and deviation as NumPy has them, once for each choice; one image deviates nowhere."""
    here = room()
    feed = here.learner.inputs.feed
    for classes, most in ((tuple(range(10)), 10_000), ((2, 7), 10_000), ((4,), 1)):
        feed.choose(frozenset(classes), most)
        frame = here.later(5.0)["reals"]
        chosen = images_of(digits, classes)[:most]
        assert frame.count == len(chosen) and frame.classes == sum(1 << k for k in classes)
        mean, deviation = (pixels(frame, name, 1).ravel() for name in ("mean", "deviation"))
        assert np.abs(mean - chosen.mean(axis=0)).max() <= 0.51
        assert np.abs(deviation - chosen.std(axis=0)).max() <= 0.6
        assert here.later(5.0)["reals"] is None


# What the training notices: nothing.


@pytest.mark.parametrize("net", NETS)
def test_training_with_probes_is_the_same_to_the_bit(room: Callable[..., Room], net: str) -> None:
    """Weights, moments, singular vectors and dice, after twenty steps with everything drawn in between."""
    with_probes, without = room(net), room(net)
    for number in range(20):
        for here in (with_probes, without):
            here.learner.step(Steering(fog=0.1, liar=0.1, choir=number > 9))
        with_probes.screen.probes.paired = number > 9
        with_probes.clock.advance(0.5)
        assert with_probes.shown(turns=12)["walk"] is not None
    one, other = with_probes.learner, without.learner
    assert torch.equal(one.state, other.state) and torch.equal(one.gradients, other.gradients)
    assert torch.equal(one.spin_d.memory, other.spin_d.memory)
    assert torch.equal(one.dice.get_state(), other.dice.get_state())


def test_a_probe_that_fails_is_left_out_with_one_sentence(room: Callable[..., Room]) -> None:
    """No generator for the walk: the others go on, and so does the training."""
    here = room()
    here.screen.probes._walk.path = None  # type: ignore[assignment]
    found = here.shown()
    assert found["walk"] is None and found["field"] is not None
    assert found["notices"].text.startswith(b"walk: no more is said of it")
    assert found["notices"].grave
    here.learner.step(Steering())
    again = here.later(5.0)
    assert again["notices"] is None and again["field"] is not None


def test_what_costs_much_is_due_less_often() -> None:
    """Half a second of work at a hundredth of the time: every fifty seconds, once that is known."""
    due = Affordable(8, 0.01)
    assert due.due(0.0) and not due.due(0.1) and due.due(0.125)
    for _ in range(100):
        due.took(0.5)
    assert due.period_s == pytest.approx(50.0, rel=1e-3)
    for _ in range(200):
        due.took(0.0)
    assert due.period_s == 1 / 8


def test_the_live_training_says_all_four_and_walks_on_while_it_stands(
    stand: Callable[..., Stand],
) -> None:
    """Through the thread and the bus; at tempo 0 only the strip moves."""
    here = stand()
    ears = {topic.name: here.bus.listener(topic) for topic in INNER}
    heard: dict[str, Any] = {}

    def all_four() -> bool:
        heard.update({n: f for n, ear in ears.items() if (f := ear.latest()) is not None})
        return len(heard) == len(INNER)

    here.until(all_four, "a frame of each probe")
    here.turn(tempo=0.0)
    here.effect("tempo")
    ears["walk"].latest()
    steps = here.training.steps
    first, second = (here.until(ears["walk"].latest, "the walk to go on") for _ in range(2))
    assert second.phase != first.phase and here.training.steps <= steps + 1


def test_the_funnel_has_no_more_anchors_than_the_strip_has_tiles() -> None:
    """So a place of the path, which keeps its row, keeps its anchor."""
    most = Bank.of([LEARNING]).spec("learning.funnel_anchors").map(1.0)
    assert most <= WALK_COUNT and AROUND % WALK_COUNT == 0
