"""The memory: bounded, evenly in time, and it never loses what `undo` and `heal` need."""

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from instrument.learning.collapse import CollapseLoop
from instrument.learning.course import Moment
from instrument.learning.deeds import Mark
from instrument.learning.healing import Healing
from instrument.learning.memory import MOST_SCARS, Memory
from instrument.learning.snapshot import Snapshot

BYTES = 100_000


def capture(number: int) -> Any:
    """A moment of 100 kB whose age is its number; it uses old buffers when it is given some."""

    def take(into: Moment | None) -> Moment:
        core = torch.zeros(25_000) if into is None else into.learner.core
        core.fill_(number)
        empty = torch.zeros(0)
        learner = Snapshot(core, None, empty, empty, empty, number, None)
        return Moment(Mark(number, 0), learner, CollapseLoop(), Healing(), 0, 1.0, np.zeros(0))

    return take


def test_it_stays_within_its_bound_and_keeps_the_newest() -> None:
    """One MB holds ten moments: the last ten, each with its own numbers in it."""
    memory = Memory(1.0)
    for number in range(35):
        memory.keep(capture(number), float(number))
    assert memory.bytes <= 1e6 and len(memory) == 10
    for number in range(25, 35):
        first, _, mix = memory.around(float(number))
        assert first.learner.age == number and mix == 0.0
        assert (first.learner.core == number).all()


def test_buffers_are_filled_anew_when_it_is_full() -> None:
    """No allocation once it runs: the newest stands where the oldest stood."""
    memory = Memory(1.0)
    places = {memory.keep(capture(n), float(n)).learner.core.data_ptr() for n in range(10)}
    for number in range(10, 30):
        assert memory.keep(capture(number), float(number)).learner.core.data_ptr() in places


def test_reserved_buffers_are_used_first() -> None:
    """What was made before the curtain is what the first moments are written into."""
    memory = Memory(1.0)
    memory.reserve(capture(99))
    places = {spare.learner.core.data_ptr() for spare in memory._spares}
    assert len(places) == 10
    for number in range(25):
        assert memory.keep(capture(number), float(number)).learner.core.data_ptr() in places


def test_moments_that_grow_leave_no_hidden_spares() -> None:
    """Twice the size from the third on: the reserved rest is let go, the bound holds."""
    memory = Memory(1.0)
    memory.reserve(capture(99))
    for number in range(30):
        moment = memory.keep(capture(number), float(number))
        moment.learner.slot = torch.zeros(25_000)
    spares = sum(spare.bytes for spare in memory._spares)
    assert memory.bytes + spares <= 1e6


def test_scars_outlive_regular_moments_and_undo_takes_the_newest_first() -> None:
    """Two scars, then a flood of regular ones: both are still there, the second comes back first."""
    memory = Memory(1.0)
    memory.keep(capture(1), 1.0, scar=True)
    memory.keep(capture(2), 2.0, scar=True)
    for number in range(3, 60):
        memory.keep(capture(number), float(number))
    assert [moment.learner.age for moment in (memory.undo(), memory.undo()) if moment] == [2, 1]
    assert memory.undo() is None


def test_only_so_many_scars_are_kept() -> None:
    """The oldest scars become regular moments."""
    memory = Memory(100.0)
    for number in range(MOST_SCARS + 5):
        memory.keep(capture(number), float(number), scar=True)
    assert memory.scars == MOST_SCARS


def test_the_last_healthy_moment_is_kept_however_old_it_is() -> None:
    """Its buffers are nobody else's."""
    memory = Memory(1.0)
    memory.keep(capture(7), 0.0, healthy=True)
    for number in range(100, 150):
        memory.keep(capture(number), float(number))
    assert memory.healthy is not None and memory.healthy.learner.age == 7
    assert (memory.healthy.learner.core == 7).all() and memory.bytes <= 1e6


def test_the_play_head_lies_between_two_moments() -> None:
    """A quarter of the way; before the first and after the last it is the first and the last."""
    memory = Memory(10.0)
    for number in (10, 20, 30):
        memory.keep(capture(number), float(number))
    first, second, mix = memory.around(22.5)
    assert (first.learner.age, second.learner.age, mix) == (20, 30, 0.25)
    assert memory.around(-5.0)[0].learner.age == 10 and memory.around(99.0)[1].learner.age == 30


def test_a_moment_between_two_is_their_mixture() -> None:
    """Weights, moments and age in proportion."""
    memory = Memory(10.0)
    a, b = (memory.keep(capture(n), float(n)) for n in (10, 20))
    mixed = a.learner.between(b.learner, 0.3)
    assert mixed.age == 13 and mixed.core[0] == pytest.approx(13.0)


def test_what_led_to_a_burst_is_forgotten_but_never_the_last() -> None:
    """The guard asks for an older one until there is only one."""
    memory = Memory(10.0)
    for number in range(3):
        memory.keep(capture(number), float(number))
    for left in (1, 0, 0):
        memory.forget_newest()
        newest = memory.newest()
        assert newest is not None and newest.learner.age == left


@given(st.lists(st.tuples(st.sampled_from(["keep", "scar", "healthy", "undo", "forget"]),
                          st.floats(0, 5)), max_size=60))  # fmt: skip
def test_whatever_happens_it_is_bounded_and_whole(acts: list[tuple[str, float]]) -> None:
    """Any order of acts: within its bytes, in the order of time, every moment holds its own numbers."""
    memory, now_s = Memory(0.5), 0.0
    memory.keep(capture(0), 0.0)
    for number, (act, wait_s) in enumerate(acts, start=1):
        now_s += wait_s
        if act == "undo":
            memory.undo()
        elif act == "forget":
            memory.forget_newest()
        else:
            memory.keep(capture(number), now_s, scar=act == "scar", healthy=act == "healthy")
        assert memory.bytes <= 0.5e6 + BYTES
        kept = [*memory._moments, *memory._scars]
        assert all((m.learner.core == m.learner.age).all() for m in kept)
        assert memory.newest() is not None
        times = [m.time_s for m in memory._moments]
        assert times == sorted(times)
