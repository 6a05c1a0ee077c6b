"""Conversions and the clock."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instrument import units
from instrument.clock import HandClock, process_began_s, wall_clock


@given(st.floats(-119.0, 24.0))
def test_decibels_and_gain_undo_each_other(level_db: float) -> None:
    """Between silence and +24 dB."""
    assert units.gain_to_db(units.db_to_gain(level_db)) == pytest.approx(level_db, abs=1e-6)


def test_silence_is_exactly_nothing() -> None:
    """At -120 dB the factor is 0, and 0 reads as -120 dB."""
    assert units.db_to_gain(-120.0) == 0.0
    assert units.gain_to_db(0.0) == -120.0


def test_twelve_semitones_double() -> None:
    """And twelve down halve."""
    assert units.semitones_to_ratio(12) == 2.0
    assert units.semitones_to_ratio(-12) == 0.5


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0:00"), (61.9, "1:01"), (3600, "60:00"), (-1, "0:00")]
)
def test_seconds_read_as_minutes(seconds: float, text: str) -> None:
    """As on a programme."""
    assert units.seconds_to_text(seconds) == text


def test_the_process_began_in_the_past() -> None:
    """On the same clock as everything else."""
    assert process_began_s() <= wall_clock() == pytest.approx(time.monotonic(), abs=1.0)


def test_a_clock_turned_by_hand_stands_still_between() -> None:
    """Rehearsal and tests hand in another clock."""
    clock = HandClock(2.0)
    assert clock() == clock() == 2.0
    clock.advance(0.5)
    assert clock() == 2.5
