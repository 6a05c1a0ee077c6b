"""A morph: many positions on their way at once, each with its own time, each free to be taken out of it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from instrument.conductor.morph import Morph
from instrument.signals.controls import Bank, Control, Controls, Group
from instrument.signals.spec import choice, number, switch, whole


class Room(Controls):
    level = Control(number(-60.0, 0.0, -30.0, "level"))
    tone = Control(number(0.0, 1.0, 0.0, "tone"))
    on = Control(switch(False, "on"))
    mode = Control(choice(("low", "middle", "high"), "low", "mode"))
    voices = Control(whole(0, 10, 0, "voices"))


BANK = Bank.of((Group("room", Room),))
LEVEL, TONE, ON, MODE, VOICES = range(5)
ALL = np.arange(5)
UP = np.ones(5, np.float32)


def at_zero() -> np.ndarray:
    return np.zeros(5, np.float32)


def going(seconds: float, numbers: np.ndarray = ALL) -> tuple[Morph, np.ndarray]:
    """Everything stands at 0 and goes to 1 from second 10 on."""
    morph, positions = Morph(BANK), at_zero()
    morph.begin(numbers, UP[: len(numbers)], positions, seconds, 10.0)
    return morph, positions


@pytest.mark.parametrize(
    ("after_s", "number"), [(0.0, 0.0), (1.0, 0.15625), (2.0, 0.5), (3.0, 0.84375), (4.0, 1.0)]
)
def test_a_number_glides_with_level_ends(after_s: float, number: float) -> None:
    """3 w^2 - 2 w^3 of four seconds: a quarter of the time is 5/32 of the way, half is half."""
    morph, positions = going(4.0)
    morph.advance(positions, 10.0 + after_s)
    assert positions[LEVEL] == pytest.approx(number)


def test_switches_choices_and_whole_numbers_jump_at_the_half() -> None:
    """Nothing stands between off and on, or passes through choices nobody asked for."""
    morph, positions = going(4.0)
    morph.advance(positions, 11.99)
    assert positions[[ON, MODE, VOICES]].tolist() == [0.0, 0.0, 0.0]
    morph.advance(positions, 12.0)
    assert positions[[ON, MODE, VOICES]].tolist() == [1.0, 1.0, 1.0]


def test_no_seconds_are_at_once() -> None:
    """The next turn has it there, and nothing moves any more."""
    morph, positions = going(0.0)
    assert morph.is_moving
    morph.advance(positions, 10.0)
    assert positions.tolist() == [1.0] * 5
    assert not morph.is_moving


def test_moves_of_different_lengths_go_side_by_side() -> None:
    """A scene over 20 s and a value over 2 s: each comes in its own time."""
    morph, positions = going(20.0, ALL[:1])
    morph.begin(np.array([TONE]), np.array([0.5]), positions, 2.0, 11.0)
    morph.advance(positions, 13.0)
    assert positions[TONE] == 0.5 and not morph.moves(TONE)
    assert 0.0 < positions[LEVEL] < 0.1
    assert morph.standing(13.0) == (pytest.approx(0.15), pytest.approx(17.0))


def test_a_second_move_starts_where_things_are_and_has_its_own_time() -> None:
    """Half way up it is told to go down: it goes from .5 to 0 and does not jump."""
    morph, positions = going(4.0, ALL[:1])
    morph.advance(positions, 12.0)
    morph.begin(ALL[:1], np.zeros(1), positions, 2.0, 12.0)
    seen = []
    for now_s in (12.0, 13.0, 14.0):
        morph.advance(positions, now_s)
        seen.append(float(positions[LEVEL]))
    assert seen == pytest.approx([0.5, 0.25, 0.0])


def test_a_touched_control_leaves_and_the_others_go_on() -> None:
    """The hand puts it to .3 in the middle: there it is at the end."""
    morph, positions = going(4.0)
    morph.advance(positions, 12.0)
    morph.leave(TONE)
    positions[TONE] = 0.3
    morph.advance(positions, 14.0)
    assert positions.tolist() == pytest.approx([1.0, 0.3, 1.0, 1.0, 1.0])


def test_what_stands_already_is_not_on_its_way() -> None:
    """Nothing is published for controls that have nowhere to go."""
    morph, positions = Morph(BANK), at_zero()
    morph.begin(ALL, at_zero(), positions, 5.0, 0.0)
    assert not morph.is_moving
    assert morph.standing(0.0) == (1.0, 0.0)
    assert not morph.advance(positions, 1.0)


MOVE = st.tuples(
    st.lists(st.integers(0, 4), min_size=1, max_size=5, unique=True),
    st.lists(st.floats(-0.5, 1.5, width=32), min_size=5, max_size=5),
    st.floats(0.0, 30.0),
)
DEED = st.one_of(
    MOVE, st.tuples(st.integers(0, 4), st.floats(0, 1, width=32)), st.floats(0.0, 20.0)
)


@settings(deadline=None)
@given(st.lists(DEED, max_size=12))
def test_whatever_is_asked_and_touched_positions_stay_in_range_and_end_at_their_targets(
    deeds: list,
) -> None:
    """Moves, touches and pauses in any order: 0..1 always; at the end the last word on each control."""
    morph, positions, now_s = Morph(BANK), at_zero(), 0.0
    wanted = positions.copy()
    for deed in deeds:
        if isinstance(deed, float):
            now_s += deed
        elif isinstance(deed[0], int):
            morph.leave(deed[0])
            positions[deed[0]] = wanted[deed[0]] = deed[1]
        else:
            numbers, targets, seconds = (
                np.array(deed[0]),
                np.array(deed[1][: len(deed[0])]),
                deed[2],
            )
            morph.begin(numbers, targets, positions, seconds, now_s)
            wanted[numbers] = np.clip(targets, 0.0, 1.0)
        morph.advance(positions, now_s)
        assert (positions >= 0.0).all() and (positions <= 1.0).all()
        share, left_s = morph.standing(now_s)
        assert 0.0 <= share <= 1.0 and left_s >= 0.0
    morph.advance(positions, now_s + 31.0)
    assert positions.tolist() == wanted.tolist()
    assert not morph.is_moving


@settings(deadline=None)
@given(st.floats(0, 1, width=32), st.floats(0, 1, width=32), st.floats(0.01, 60))
def test_a_glide_never_goes_back_on_its_way(begin: float, end: float, seconds: float) -> None:
    """From one place to another without overshooting, in steps of a fiftieth of the time."""
    morph, positions = Morph(BANK), at_zero()
    positions[LEVEL] = begin
    morph.begin(ALL[:1], np.array([end]), positions, seconds, 0.0)
    seen = [float(np.float32(begin))]
    for now_s in np.linspace(0.0, seconds, 51)[1:]:  # its last is `seconds`, to the bit
        morph.advance(positions, float(now_s))
        seen.append(float(positions[LEVEL]))
    steps = np.diff(seen) if end >= begin else -np.diff(seen)
    assert (steps >= 0.0).all()
    assert seen[-1] == np.float32(end)
