"""The gestures in a real show: what each does to the training, and the way back."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from training_stand import NUMBER, Stand

from instrument.learning.deeds import Deed, DeedKind
from instrument.learning.gestures import BANK, BREATHES, LEARNING, PLACE, SCARS
from instrument.learning.healing import STEPS as HEAL_STEPS
from instrument.signals.spec import Kind

pytestmark = pytest.mark.slow

Make = Callable[..., Stand]


def test_every_gesture_has_its_kind_and_a_help() -> None:
    """Declared once, with a group that says what it touches."""
    for spec in LEARNING.specs:
        assert spec.group in ("tempo", "scar", "veil", "memory", "manner"), spec.name
        assert len(spec.help) > 10
    assert {"heat", "collapse", "fog", "choir", "starve"} <= SCARS
    assert not SCARS & {"bend_gain", "static", "funnel", "scratch", "tempo"}


def test_breath_can_ride_on_every_continuous_gesture() -> None:
    """The choice names them all: every number that is a gesture, and not how another one is meant."""
    continuous = {
        spec.name for spec in LEARNING.specs
        if spec.kind is Kind.FLOAT and not spec.name.startswith("breath") and spec.name != "scratch"
    }  # fmt: skip
    assert continuous == set(BREATHES) - {"nothing"}


@pytest.mark.parametrize(
    ("gesture", "value", "stream"),
    [("fog", 0.5, "fog"), ("liar", 0.25, "liar"), ("gravel", 2.0, "gravel"), ("greed", 3, "greed"),
     ("blinkers", 0.5, "blinkers"), ("clamp", 1.0, "clamp"), ("flywheel", 0.9, "flywheel"),
     ("rate_g", 1e-3, "learning_rate_g"), ("rate_d", 1e-3, "learning_rate_d"),
     ("starve", 100, "starve"), ("choir", 1, "choir"), ("tyrant", 1, "tyrant"),
     ("collapse", 0.9, "collapse"), ("twos_and_sevens", 1, "twos_and_sevens")],
)  # fmt: skip
def test_a_gesture_is_felt_told_with_its_step_and_undone(
    stand: Make, gesture: str, value: float, stream: str
) -> None:
    """It reaches its stream at the step it says; undo brings the net and the stream back."""
    show = stand()
    show.steps(3)
    before = show.stream(stream)
    show.turn(**{gesture: value})
    step = show.effect(gesture).step
    show.until(lambda: show.heard["metrics"][-1].step > step + 2, "steps with it")
    assert show.stream(stream) == pytest.approx(value, rel=0.02)
    assert show.training._trainer.memory.scars == 1
    show.do("undo")
    step = show.effect("undo").step
    show.until(lambda: show.heard["metrics"][-1].step > step + 2, "steps without it")
    assert show.stream(stream) == pytest.approx(before, rel=1e-5)
    assert show.rescue.failures == 0


def test_breath_moves_a_gesture_to_and_fro(stand: Make) -> None:
    """On fog, 4 Hz: the stream of fog swings over and under where the hand has put it."""
    show = stand({"fog": 0.5})
    show.steps(2)
    show.turn(breath_on=BREATHES.index("fog"), breath_rate=4.0, breath_depth=0.5)
    show.effect("breath_on")
    first = len(show.heard["metrics"])
    show.until(lambda: len(show.heard["metrics"]) > first + 60, "some breaths")
    fogs = np.array([m.streams[NUMBER["fog"]] for m in show.heard["metrics"][first:]])
    assert fogs.min() < 0.3 < 0.7 < fogs.max()
    show.turn(breath_depth=0.0)
    show.effect("breath_depth")
    show.steps(3)
    assert show.stream("fog") == pytest.approx(0.5, rel=1e-3)


def test_a_veil_changes_the_wall_and_not_the_training(stand: Make) -> None:
    """Held: bits at 1 change the tiles, the weights keep their bits; let go, the wall is as before."""
    show = stand({"tempo": 0.0})
    show.until(lambda: show.heard["metrics"] and show.heard["tiles"], "a held show")
    before, weights = show.tiles, show.learner.checksum()
    show.turn(bend_bits=1)
    show.effect("bend_bits")
    show.until(lambda: not np.array_equal(show.tiles, before), "another wall")
    show.turn(bend_bits=32)
    show.until(lambda: np.array_equal(show.tiles, before), "the old wall")
    assert show.learner.checksum() == weights
    assert show.training._trainer.memory.scars == 0


def test_what_is_heard_is_what_is_shown(stand: Make) -> None:
    """Static of white noise: the streams of the samples follow it while the losses go on."""
    show = stand()
    show.steps(60)
    assert show.stream("flatness") < 0.97 or show.stream("diversity") < 0.1
    show.turn(static=1.0, static_with=1)
    step = show.effect("static").step
    show.until(lambda: show.heard["metrics"][-1].step > step + 5, "noise")
    assert show.stream("flatness") > 0.95 and show.stream("diversity") > 0.25


def test_scratch_shows_the_past_and_lets_go_into_the_present(stand: Make) -> None:
    """Three seconds back: an earlier age, an earlier wall, no step is made; at 0 it goes on from now."""
    show = stand()
    show.steps(150)
    weights, age = show.state, show.stream("age")
    show.turn(scratch=120.0)
    show.effect("scratch")
    walls = len(show.heard["tiles"])
    show.until(lambda: len(show.heard["tiles"]) > walls + 3, "the past")
    steps = show.training.steps
    assert show.stream("age") < age / 2 and show.stream("steps_per_s") == 0.0
    assert abs(show.tiles.astype(int) - 127).mean() < 12, "the grey of birth"
    weights = show.state
    show.until(lambda: len(show.heard["tiles"]) > walls + 6, "more of it")
    assert show.training.steps == steps and (show.state == weights).all()
    show.turn(scratch=0.0)
    show.effect("scratch")
    show.steps(5)
    assert show.stream("age") > age


def test_land_goes_on_from_the_past_and_undo_returns(stand: Make) -> None:
    """Scratch to birth, land: the training is young again, the fader without effect; undo is exact."""
    show = stand()
    show.steps(60)
    show.turn(scratch=120.0)
    show.effect("scratch")
    now = show.state
    show.do("land")
    show.effect("land")
    show.steps(3)
    assert show.stream("age") < 20 and show.stream("scratch") == 0.0
    assert any("landed at 0 steps" in s for s in show.sentences)
    show.turn(tempo=0.0)
    show.effect("tempo")
    show.do("undo")
    show.effect("undo")
    assert (show.state == now).all()


def test_land_without_scratch_says_so(stand: Make) -> None:
    """Nothing happens but a sentence."""
    show = stand()
    show.steps(3)
    show.do("land")
    show.until(lambda: any("scratch stands at 0" in s for s in show.sentences), "a sentence")


def test_heal_holds_the_scars_and_nurses(stand: Make) -> None:
    """Faders at fog 1 and liar .5 without effect; fog of .3 that clears, pairs, until it is over."""
    show = stand({"fog": 1.0, "liar": 0.5})
    show.steps(5)
    show.do("heal")
    step = show.effect("heal").step
    show.until(lambda: show.heard["metrics"][-1].step > step + 2, "nursing")
    assert show.stream("fog") == 0.0 and show.stream("liar") == 0.0
    assert 0.9 < show.stream("healing") < 1.0
    steering = show.training._trainer.course.steering()
    assert steering.choir and 0.2 < steering.fog < 0.3 and steering.clamp == pytest.approx(0.1)
    assert show.training._trainer.course.healing.left > HEAL_STEPS - 100
    show.training._trainer.course.healing.left = 5
    show.steps(8)
    steering = show.training._trainer.course.steering()
    assert show.stream("healing") == 0.0 and not steering.choir and steering.fog == 0.0
    assert any("without effect: fog at 0 sigma, liar at 0" in s for s in show.sentences)


def test_heal_brings_back_the_discriminator_of_a_healthy_moment(stand: Make) -> None:
    """G keeps its bits; D is as it was; both forget their momentum."""
    show = stand({"tempo": 0.0})
    show.until(lambda: show.heard["metrics"], "a held show")
    memory = show.training._trainer.memory
    memory.healthy = memory.newest()
    d = slice(len(show.learner.g.theta), show.learner.core)
    good = show.state[0, d]
    for _ in range(3):
        show.do("step")
    show.until(lambda: show.training.steps == 3, "three steps")
    g = show.state[0, : d.start]
    show.do("heal")
    show.effect("heal")
    assert (show.state[0, d] == good).all() and (show.state[0, : d.start] == g).all()
    assert not show.state[1:].any()


def test_anti_lasts_as_long_as_it_says(stand: Make) -> None:
    """Five steps of unlearning, then none."""
    show = stand({"tempo": 0.0})
    show.until(lambda: show.heard["metrics"], "a held show")
    show.do("anti", 5)
    show.effect("anti")
    for number in range(6):
        assert show.training._trainer.course.steering().anti == (number < 5)
        show.do("step")
        show.until(lambda n=number: show.training.steps == n + 1, "a step")


def test_a_heat_at_the_bottom_learns_nothing(stand: Make) -> None:
    """The very bottom of the fader is zero: steps are made, the weights stand still."""
    show = stand({"heat": 0.0})
    show.steps(3)
    weights = show.state[0]
    show.steps(5)
    assert (show.state[0] == weights).all() and show.stream("learning_rate_g") == 0.0


def test_out_of_memory_halves_the_batch_and_then_takes_the_cpu(stand: Make) -> None:
    """An allocation that fails in a step: 16 is small already, so it goes on on the CPU, and says so."""
    show = stand()
    show.steps(20)

    def full(*_: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    old = show.learner
    old.batch = 64  # as if it were a large one
    old._learn = full
    show.until(lambda: show.learner is not old, "another learner")
    assert show.learner.batch == 32
    second = show.learner
    second.batch, second._learn = 16, full
    show.until(lambda: show.learner is not second, "a third one")
    assert show.learner.batch == 16 and show.learner.device.type == "cpu"
    show.steps(5)
    said = " ".join(show.sentences)
    assert "batches of 32" in said and "on the cpu" in said and not show.training.ended
    kinds = [Deed.from_frame(frame).kind for frame in show.heard["deeds"]]
    assert kinds.count(DeedKind.MOVE) == 2


def test_a_smaller_batch_that_does_not_fit_either_goes_to_the_cpu(
    stand: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Making the second learner runs out of memory too: the CPU takes over in the same breath."""
    show = stand()
    show.steps(5)
    rescue, old = show.rescue, show.learner
    honest, tried = rescue._another, []

    def full(*_: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    def another(*asked: object) -> object:
        tried.append(asked)
        if len(tried) == 1:
            full()
        return honest(*asked)

    monkeypatch.setattr(rescue, "_another", another)
    old.batch = 64
    old._learn = full
    show.until(lambda: show.learner is not old, "another learner")
    assert len(tried) == 2 and show.learner.device.type == "cpu" and show.learner.batch == 64
    show.steps(3)


def test_deeds_come_in_order_and_say_what_is_felt(stand: Make) -> None:
    """Birth first, numbers without a gap, and the positions felt add up from them."""
    show = stand({"fog": 0.3})
    show.steps(3)
    show.turn(heat=2.0, liar=0.1)
    show.effect("heat")
    show.do("quake", 0.2)
    show.effect("quake")
    show.steps(2)
    deeds = [Deed.from_frame(frame) for frame in show.heard["deeds"]]
    assert [deed.number for deed in deeds] == list(range(len(deeds)))
    assert deeds[0].kind is DeedKind.BIRTH and '"net":"pocket_mlp"' in deeds[0].text
    positions = BANK.defaults.copy()
    for deed in deeds:
        if deed.kind is DeedKind.FEEL:
            positions[list(deed.places)] = deed.values
    assert np.array_equal(positions, show.training._trainer.course.positions)
    quake = next(deed for deed in deeds if deed.kind is DeedKind.ACT)
    assert quake.places == (PLACE["quake"],) and quake.values[0] == pytest.approx(0.2, rel=1e-4)
