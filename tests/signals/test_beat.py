"""The beat: continuous, never backwards, and right about the next bar."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instrument.signals.beat import PULLED_BEATS, SOONEST_S, Beat

BPM = st.floats(30.0, 300.0)
STEPS = st.lists(
    st.tuples(st.sampled_from(("wait", "bpm", "tap", "follow")), st.floats(0.001, 3.0), BPM),
    max_size=30,
)


def played(steps: list[tuple[str, float, float]]) -> tuple[Beat, float]:
    """A beat after some acts, and the time by then; near follows only."""
    beat, now_s = Beat(now_s=5.0), 5.0
    for act, wait_s, bpm in steps:
        now_s += wait_s
        if act == "bpm":
            beat.set_bpm(bpm, now_s)
        elif act == "tap":
            beat.tap(now_s)
        elif act == "follow":
            beat.follow(beat.at(now_s) + (wait_s / 3.0 - 0.5) * 2 * PULLED_BEATS, bpm, now_s)
    return beat, now_s


def test_two_beats_a_second_at_120() -> None:
    """Beats count from 0 at the moment at which the clock begins."""
    beat = Beat(120.0, now_s=10.0)
    assert [beat.at(s) for s in (10.0, 10.5, 12.0)] == [0.0, 1.0, 4.0]


def test_the_next_bar_is_the_next_multiple_of_its_beats() -> None:
    """Bars count from beat 0 of the clock."""
    beat = Beat(120.0, beats_per_bar=3, now_s=0.0)
    assert beat.time_of_next(2.2, 1) == 2.5
    assert beat.time_of_next(2.2, beat.beats_per_bar) == 3.0
    assert beat.time_of_next(0.2, 2 * beat.beats_per_bar) == 3.0


def test_a_beat_that_is_now_is_not_the_next() -> None:
    """The next beat is at least a millisecond ahead."""
    beat = Beat(120.0)
    assert beat.time_of_next(1.0, 1) == 1.5
    assert beat.time_of_next(0.9995, 1) == 1.5
    assert beat.time_of_next(0.998, 1) == pytest.approx(1.0)


def test_another_tempo_goes_on_from_the_same_phase() -> None:
    """A change of tempo does not move the beat."""
    beat = Beat(120.0)
    beat.set_bpm(60.0, 0.75)
    assert beat.at(0.75) == 1.5
    assert beat.at(1.25) == 2.0
    assert beat.time_of_next(0.75, 1) == 1.25


def test_taps_give_tempo_and_phase() -> None:
    """Four taps at 100 bpm: the tempo is 100, and each tap is a beat."""
    beat = Beat(120.0)
    assert beat.tap(10.13) is None
    for tap in (1, 2, 3):
        assert beat.tap(10.13 + 0.6 * tap) == pytest.approx(100.0)
    assert beat.time_of_next(11.94, 1) == pytest.approx(10.13 + 0.6 * 4)
    assert beat.at(10.13 + 0.6 * 7) % 1.0 == pytest.approx(0.0, abs=1e-9)


def test_one_late_tap_does_not_spoil_the_tempo() -> None:
    """The median of the intervals counts, not their mean."""
    beat = Beat(120.0)
    for tap_s in (0.0, 0.5, 1.0, 1.9, 2.4):
        beat.tap(tap_s)
    assert beat.bpm == pytest.approx(120.0)


def test_taps_are_forgotten_after_a_pause() -> None:
    """Two seconds without a tap begin a new row; the first of it leaves the tempo alone."""
    beat = Beat(120.0)
    for tap_s in (0.0, 0.4, 0.8):
        beat.tap(tap_s)
    assert beat.tap(3.0) is None
    assert beat.bpm == pytest.approx(150.0)
    assert beat.tap(4.0) == pytest.approx(60.0)


def test_a_pad_that_bounces_taps_once() -> None:
    """Two taps within a tenth of a second are one."""
    beat = Beat(120.0)
    beat.tap(0.0)
    beat.tap(0.02)
    assert beat.tap(0.6) == pytest.approx(100.0)


def test_a_tap_after_our_beat_holds_it_until_the_new_one_came_as_far() -> None:
    """A tap sets the phase without the beat running backwards."""
    beat = Beat(60.0)
    beat.tap(2.3)
    assert [beat.at(s) for s in (2.3, 2.5, 2.6)] == pytest.approx([2.3, 2.3, 2.3])
    assert beat.at(3.3) == pytest.approx(3.0)
    assert beat.time_of_next(2.4, 1) == pytest.approx(3.3)


def test_a_small_error_is_pulled_in_over_one_beat() -> None:
    """An external clock .2 beats ahead is reached after a beat, at 120 % of the tempo."""
    beat = Beat(60.0)
    beat.follow(4.2, 60.0, 4.0)
    assert beat.at(4.0) == 4.0
    assert beat.at(4.5) == pytest.approx(4.6)
    assert beat.at(5.0) == pytest.approx(5.2)
    assert beat.at(6.0) == pytest.approx(6.2)
    assert beat.time_of_next(4.1, 1) == pytest.approx(4.0 + 1.0 / 1.2)


def test_a_large_error_is_taken_at_once() -> None:
    """A sequencer started again: bars count from its beginning."""
    beat = Beat(120.0)
    beat.follow(0.0, 100.0, 60.0)
    assert beat.at(60.0) == 0.0
    assert beat.at(60.6) == pytest.approx(1.0)
    beat.follow(33.0, 100.0, 61.2)
    assert beat.at(61.2) == 33.0


def test_what_was_said_a_while_ago_counts_from_now() -> None:
    """A message that lay in a queue is followed from now, reckoned on to now."""
    beat = Beat(120.0)
    beat.follow(1.0, 120.0, 0.45, now_s=0.5)
    assert beat.at(0.5) == 1.0
    assert beat.at(1.0) == pytest.approx(2.1)


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_changes_nothing(wrong: float) -> None:
    """No clock can make the beat something that is no number."""
    beat = Beat(120.0)
    beat.set_bpm(wrong, 1.0)
    beat.follow(wrong, 120.0, 1.0)
    beat.follow(2.0, wrong, 1.0)
    beat.follow(2.0, 120.0, wrong)
    assert beat.bpm == 120.0
    assert beat.at(2.0) == 4.0


@given(STEPS)
def test_the_beat_never_runs_backwards(steps: list[tuple[str, float, float]]) -> None:
    """Whatever tempos, taps and near external clocks come, `at` does not go back, nor jump ahead."""
    beat, now_s = Beat(now_s=5.0), 5.0
    reached = 0.0
    for act, wait_s, bpm in steps:
        for part in range(1, 5):
            assert beat.at(now_s + wait_s * part / 4) >= reached - 1e-9
            reached = beat.at(now_s + wait_s * part / 4)
        now_s += wait_s
        if act == "bpm":
            beat.set_bpm(bpm, now_s)
            assert beat.at(now_s) == pytest.approx(reached)
        elif act == "tap":
            beat.tap(now_s)
            assert reached - 1e-9 <= beat.at(now_s) <= reached + 0.5 + 1e-9
        elif act == "follow":
            beat.follow(reached + (wait_s / 3.0 - 0.5) * 2 * PULLED_BEATS, bpm, now_s)
            assert beat.at(now_s) == pytest.approx(reached)


@given(STEPS, st.floats(0.0, 20.0), st.sampled_from((0.25, 1, 3, 4, 16)))
def test_the_next_is_a_multiple_and_none_is_before_it(
    steps: list[tuple[str, float, float]], later_s: float, every: float
) -> None:
    """`time_of_next` is ahead, on a multiple, and passes none over."""
    beat, now_s = played(steps)
    now_s += later_s
    next_s = beat.time_of_next(now_s, every)
    assert next_s >= now_s + SOONEST_S
    there = beat.at(next_s) / every
    assert there == pytest.approx(round(there), abs=1e-6)
    first, last = beat.at(now_s + SOONEST_S) / every + 1e-6, there - 1e-6
    assert math.floor(last) <= math.floor(first)
