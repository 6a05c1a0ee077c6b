"""What undo, heal and the guard must never get wrong, each found by looking for it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import pytest
import torch
from training_stand import Stand

from instrument.learning.course import Course
from instrument.learning.deeds import DeedKind
from instrument.learning.dials import Branches, Steering
from instrument.learning.digits import Digits
from instrument.learning.gestures import BANK, BREATHES, PLACE
from instrument.learning.graphs import Graphs
from instrument.learning.wounds import forget

pytestmark = pytest.mark.slow

Make = Callable[..., Stand]


def course_of(digits: Digits) -> Course:
    torch.set_num_threads(1)
    return Course("pocket_mlp", digits, torch.device("cpu"), seed=3, batch=16)


def test_a_slow_training_keeps_its_moments_too(stand: Make) -> None:
    """At 20 steps a second something is always due to be drawn; the memory comes first."""
    show = stand({"tempo": 20.0})
    show.steps(3)
    memory = show.training._trainer.memory
    before = len(memory)
    memory._due_s = 0.0
    show.steps(4)
    assert len(memory) > before


def test_two_scars_in_one_breath_are_two_ways_back(stand: Make) -> None:
    """Fog and liar together in time, then a quake: each undo takes one of them back."""
    show = stand({"tempo": 0.0})
    show.until(lambda: show.heard["metrics"], "a held show")
    memory = show.training._trainer.memory
    show.turn(fog=0.5)
    show.effect("fog")
    show.turn(liar=0.3)
    show.effect("liar")
    show.do("quake")
    show.effect("quake")
    show.do("quake")
    show.effect("quake")
    assert memory.scars == 4
    for _ in range(3):
        show.turn(fog=0.5)
    assert memory.scars == 4


def test_a_fader_on_its_way_is_one_scar(stand: Make) -> None:
    """Ten moves of one fader within a second: one snapshot."""
    show = stand({"tempo": 0.0})
    show.until(lambda: show.heard["metrics"], "a held show")
    for number in range(1, 11):
        show.turn(heat=1.0 + 0.1 * number)
        show.effect("heat")
    assert show.training._trainer.memory.scars == 1


def test_a_newborn_and_a_veiled_net_are_never_taken_for_healthy(stand: Make) -> None:
    """Nothing was measured yet, or what was measured is a veil: heal must not rely on it."""
    show = stand({"tempo": 0.0, "static": 1.0})
    show.until(lambda: show.heard["metrics"], "a held show")
    show.do("quake")
    show.effect("quake")
    assert show.training._trainer.memory.healthy is None
    show.do("step")
    show.until(lambda: show.training.steps == 1, "a step")
    assert not show.training._trainer._healthy


def test_leaving_the_past_while_held_shows_the_present(stand: Make) -> None:
    """Tempo 0: scratch back, then to 0: the wall and the streams are those of now."""
    show = stand()
    show.steps(60)
    show.turn(tempo=0.0)
    show.effect("tempo")
    show.turn(tempo=0.0, scratch=120.0)
    show.effect("scratch")
    now, _ = show.learner.draw()
    show.until(lambda: not np.array_equal(show.tiles, now), "the past")
    show.turn(scratch=0.0)
    show.effect("scratch")
    show.until(lambda: np.array_equal(show.tiles, now), "the present")
    show.until(lambda: show.stream("age") == show.learner.age, "its age")


def test_an_exception_costs_no_heat_and_no_moment(stand: Make) -> None:
    """Back to the last moment, and nothing else is changed."""
    show = stand()
    show.steps(5)
    trainer = show.training._trainer
    moments, learn = len(trainer.memory), show.learner._learn

    def wrong(*_: object) -> None:
        show.learner._learn = learn
        raise ValueError("once")

    show.learner._learn = wrong
    show.until(lambda: show.rescue.failures == 1, "a failure")
    show.steps(5)
    assert trainer.course.heat_factor == 1.0 and len(trainer.memory) >= moments


def test_undo_gives_back_the_heat_the_guard_had_left(digits: Digits) -> None:
    """Halved twice, another scar, undone: still a quarter; undone to before, whole again."""
    course = course_of(digits)
    whole = course.capture()
    for _ in range(2):
        course.do(DeedKind.RESTORE, [1], (0, 0), moments=[whole])
    quarter = course.capture()
    course.do(DeedKind.FEEL, [PLACE["fog"]], [0.5])
    course.do(DeedKind.RESTORE, [0], (0, 0), moments=[quarter])
    assert course.heat_factor == 0.25
    course.do(DeedKind.RESTORE, [0], (0, 0), moments=[whole])
    assert course.heat_factor == 1.0


def test_a_breath_on_heat_does_not_take_the_guard_s_word_back(digits: Digits) -> None:
    """The hand that moves heat does; its breath does not."""
    course = course_of(digits)
    course.heat_factor = 0.5
    on = BANK.specs[PLACE["breath_on"]]
    course.do(DeedKind.FEEL, [PLACE["breath_on"]], [on.unmap(BREATHES.index("heat"))])
    course.do(DeedKind.FEEL, [PLACE["breath_depth"]], [0.3])
    course.do(DeedKind.FEEL, [PLACE["heat"]], [0.6])
    assert course.heat_factor == 0.5
    course.do(DeedKind.FEEL, [PLACE["breath_depth"]], [0.0])
    course.do(DeedKind.FEEL, [PLACE["heat"]], [0.6])
    assert course.heat_factor == 1.0


def test_d_s_second_place_goes_where_d_goes(digits: Digits) -> None:
    """Opened by choir: amnesia of D closes it, D of an earlier moment brings its own."""
    learner = course_of(digits).learner
    before = learner.capture()
    learner.step(Steering(choir=True))
    opened = learner.capture()
    place = learner.state[:, learner.core :]
    forget(learner, "discriminator")
    assert not place.any() and learner.adam_steps[2] == 0
    learner.restore_d(opened)
    assert opened.slot is not None and torch.equal(place, opened.slot)
    learner.restore_d(before)
    assert not place.any()


def test_the_streams_read_the_funnel_once(stand: Make) -> None:
    """As a scar at half: the samples of the step stand in the streams as they are."""
    show = stand({"funnel": 0.5, "funnel_scar": 1})
    show.steps(2)
    show.turn(tempo=0.0)
    show.effect("tempo")
    trainer = show.training._trainer
    reading = trainer.course.step()
    plain = reading.samples.copy()
    trainer.screen.veiled(reading)
    assert np.array_equal(reading.samples, plain)


def test_a_capture_that_fails_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """An exception while a graph is captured leaves no broken graph behind to be replayed."""
    played: list[str] = []

    class Graph:
        def replay(self) -> None:
            played.append("replayed")

    class Stream:
        def wait_stream(self, other: object) -> None:
            pass

    @contextmanager
    def nothing(*_: object, **__: object) -> Iterator[None]:
        yield

    cuda = torch.cuda
    monkeypatch.setattr(cuda, "Stream", lambda device: Stream())
    monkeypatch.setattr(cuda, "current_stream", lambda device: Stream())
    monkeypatch.setattr(cuda, "graph_pool_handle", lambda: None)
    monkeypatch.setattr(cuda, "CUDAGraph", Graph)
    monkeypatch.setattr(cuda, "stream", nothing)
    monkeypatch.setattr(cuda, "graph", nothing)
    graphs, branches = Graphs(torch.device("cpu")), Branches(True, True, 0.5)
    graphs.play(branches, lambda b: played.append("warmed up"))

    def fails(_: Branches) -> None:
        raise RuntimeError("capture")

    with pytest.raises(RuntimeError):
        graphs.play(branches, fails)
    graphs.play(branches, lambda b: played.append("captured"))
    graphs.play(branches, lambda b: played.append("never"))
    assert played == ["warmed up", "captured", "replayed", "replayed"]
