"""Tempo, rate and periods, on a clock turned by hand."""

import math

import pytest

from instrument.learning.gestures import TEMPO_MAX
from instrument.learning.pacing import Every, Pace, Rate


def test_tempo_keeps_an_absolute_schedule() -> None:
    """At 10 steps a second, steps that begin 3 ms late do not add up."""
    pace, now_s = Pace(0.0), 0.0
    for number in range(1, 101):
        now_s += pace.wait_s(now_s, 10.0) + 0.003
        pace.stepped(now_s, 10.0)
        assert now_s == pytest.approx(number / 10 + 0.003)


def test_lost_time_is_not_run_after() -> None:
    """After a hole of five seconds the next steps keep their distance."""
    pace = Pace(0.0)
    pace.stepped(5.0, 10.0)
    assert pace.wait_s(5.0, 10.0) == pytest.approx(0.1)


def test_tempo_has_two_ends() -> None:
    """0 waits for ever, the top never waits."""
    pace = Pace(0.0)
    assert pace.wait_s(9.0, 0.0) == math.inf and pace.wait_s(0.0, TEMPO_MAX) == 0.0
    pace.stepped(9.0, 0.0)
    assert pace.wait_s(9.0, 100.0) == pytest.approx(0.01)


def test_beyond_two_hundred_a_second_only_some_steps_are_measured() -> None:
    """450 a second: every third; 100 a second: each."""
    rate = Rate()
    for step in range(900):
        rate.mark(step / 450, step)
    assert rate.every == 3
    for step in range(900, 1200):
        last = rate.mark(2 + (step - 900) / 100, step)
    assert rate.every == 1 and last == pytest.approx(100, rel=0.05)


def test_after_a_fast_stretch_every_step_is_measured_again_at_once() -> None:
    """From 4,000 a second to 100: not one less per second, but all."""
    rate = Rate()
    for step in range(0, 4000, 20):
        rate.mark(step / 4000, step)
    assert rate.every > 15
    for step in range(60):
        rate.mark(1.0 + step / 100, 4000 + step)
    assert rate.every == 1
    rate.every = 5
    rate.restart()
    assert rate.every == 1


def test_every_is_due_once_a_period() -> None:
    """At the first asking, then on the grid, then once after a hole."""
    tick = Every(1.0)
    assert [tick.due(t) for t in (0.0, 0.5, 1.2, 1.9, 2.0, 7.0, 7.5, 8.1)] == [
        True, False, True, False, True, True, False, True,
    ]  # fmt: skip
