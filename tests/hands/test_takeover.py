"""Soft takeover: a control never leaps to a knob, and a knob never stays without effect."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instrument.hands.takeover import FIRST, SAME, Mode, State, Takeover

SHARES = st.floats(0.0, 1.0, allow_nan=False).map(lambda share: round(share * 127) / 127)


def follow(takeover: Takeover, moves: list[float], standing: float) -> float:
    """Move the hardware; the control goes where it is told."""
    for hardware in moves:
        told = takeover.move(hardware, standing)
        standing = standing if told is None else told
    return standing


def test_a_knob_that_stands_where_the_control_does_has_it_at_once() -> None:
    """UNKNOWN, same place: HOLDING."""
    takeover = Takeover(Mode.PICKUP)
    assert takeover.move(0.5, 0.5) == 0.5
    assert takeover.state is State.HOLDING


def test_a_knob_that_stands_elsewhere_waits_until_it_crosses() -> None:
    """UNKNOWN, WAITING, then the crossing: HOLDING."""
    takeover = Takeover(Mode.PICKUP)
    assert takeover.move(0.1, 0.5) is None
    assert takeover.state is State.WAITING and takeover.waits
    assert takeover.move(0.4, 0.5) is None
    assert takeover.move(0.55, 0.5) == 0.55
    assert takeover.state is State.HOLDING


def test_a_fast_hand_that_jumps_over_the_control_has_it() -> None:
    """What counts is the crossing, not a window around the control."""
    takeover = Takeover(Mode.PICKUP)
    takeover.move(0.0, 0.5)
    assert takeover.move(1.0, 0.5) == 1.0


@pytest.mark.parametrize("elsewhere", [0.9, 0.1])
def test_a_control_that_somebody_else_moved_is_waited_for(elsewhere: float) -> None:
    """HOLDING, but the control stands elsewhere: WAITING."""
    takeover = Takeover(Mode.PICKUP)
    takeover.move(0.5, 0.5)
    assert takeover.look(elsewhere) is State.WAITING
    assert takeover.move(0.51, elsewhere) is None
    assert takeover.waits


def test_a_control_moved_by_less_than_half_a_step_is_still_held() -> None:
    """Rounding on the way does not let go."""
    takeover = Takeover(Mode.PICKUP)
    takeover.move(0.5, 0.5)
    assert takeover.move(0.51, 0.5 + SAME / 2) == 0.51


def test_jumping_takes_the_control_from_anywhere() -> None:
    """Mode jump: always HOLDING."""
    takeover = Takeover(Mode.JUMP)
    assert takeover.move(0.1, 0.9) == 0.1
    assert takeover.look(0.9) is State.HOLDING


def test_scaling_goes_along_and_meets_at_the_end() -> None:
    """From 0.5 up to 1 with the control at 0.8: half the way is half the way."""
    takeover = Takeover(Mode.SCALE)
    assert takeover.move(0.5, 0.8) is None
    assert takeover.move(0.75, 0.8) == pytest.approx(0.9)
    assert takeover.state is State.SCALING
    assert takeover.move(1.0, 0.9) == pytest.approx(1.0)
    assert takeover.state is State.HOLDING


def test_scaling_begins_anew_where_somebody_else_put_the_control() -> None:
    """SCALING, but the control stands elsewhere: from there."""
    takeover = Takeover(Mode.SCALE)
    follow(takeover, [0.5, 0.6], 0.9)
    assert takeover.look(0.2) is State.WAITING
    assert takeover.move(0.55, 0.2) == pytest.approx(0.2 * 0.55 / 0.6)


def test_a_motor_that_was_put_there_holds() -> None:
    """`place`: the hardware is where the control is."""
    takeover = Takeover(Mode.PICKUP)
    takeover.move(0.1, 0.9)
    takeover.place(0.9)
    assert takeover.move(0.88, 0.9) == 0.88


@given(st.sampled_from(list(Mode)), st.lists(SHARES, max_size=20), SHARES, SHARES)
def test_after_a_full_sweep_the_control_follows(
    mode: Mode, before: list[float], start: float, end: float
) -> None:
    """From one end to the other, whatever happened before: then it is held."""
    takeover = Takeover(mode)
    standing = follow(takeover, before, start)
    standing = follow(takeover, [step / 127 for step in range(128)], standing)
    assert takeover.state is State.HOLDING
    assert takeover.move(end, standing) == end


@given(SHARES, st.lists(st.tuples(SHARES, st.none() | SHARES), min_size=1, max_size=40))
def test_picking_up_never_leaps_further_than_the_hand(
    standing: float, moves: list[tuple[float, float | None]]
) -> None:
    """The control moves by no more than the hardware did, as far as it is known, whoever else moves it."""
    takeover = Takeover(Mode.PICKUP)
    last: float | None = None
    for hardware, other in moves:
        standing = standing if other is None else other
        told = takeover.move(hardware, standing)
        if told is not None:
            travelled = FIRST if last is None else abs(hardware - last)
            assert abs(told - standing) <= travelled + SAME + 1e-9
            standing = told
        last = hardware


@given(SHARES, st.lists(SHARES, min_size=2, max_size=40))
def test_scaling_stays_in_range_and_goes_the_way_of_the_hand(
    standing: float, moves: list[float]
) -> None:
    """Up when the hand goes up, down when it goes down, never outside 0..1."""
    takeover = Takeover(Mode.SCALE)
    last = moves[0]
    for number, hardware in enumerate(moves):
        told = takeover.move(hardware, standing)
        if told is not None:
            assert -1e-9 <= told <= 1 + 1e-9
            if number:
                assert (told - standing) * (hardware - last) >= -SAME
            standing = told
        last = hardware


@pytest.mark.parametrize(
    ("first", "standing"), [(1, 0.0), (3, 0.0), (8, 0.0), (126, 1.0), (119, 1.0), (6, 0.03)]
)
def test_a_fader_that_lay_at_an_end_has_its_control_with_its_first_message(
    first: int, standing: float
) -> None:
    """UNKNOWN, near an end, and the control between that end and it: HOLDING."""
    assert Takeover(Mode.PICKUP).move(first / 127, standing) == first / 127


@pytest.mark.parametrize(("first", "standing"), [(9, 0.0), (3, 0.2), (118, 1.0), (60, 1.0)])
def test_a_fader_that_may_have_lain_anywhere_waits(first: int, standing: float) -> None:
    """UNKNOWN, and no end near it, or the control not between: WAITING."""
    takeover = Takeover(Mode.PICKUP)
    assert takeover.move(first / 127, standing) is None
    assert takeover.waits
