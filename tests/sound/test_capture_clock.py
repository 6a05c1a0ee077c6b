"""When the samples of a capture were heard."""

from typing import Any

import pytest

from instrument.sound.capture_clock import CaptureClock

RATE, BLOCK = 1000, 10


def told(steps: list[tuple[float, int]]) -> list[dict[str, Any]]:
    """Anchors for blocks heard at given times, with so many holes before them."""
    anchors: list[dict[str, Any]] = []
    clock = CaptureClock(RATE, anchors.append)
    for heard_s, holes in steps:
        clock.wrote(BLOCK, heard_s, holes)
    clock.settle()
    return anchors


def test_the_first_sample_gets_the_middle_of_what_its_blocks_said() -> None:
    """One block late by 9 ms in a hundred moves nothing; nothing more is told while nothing moves."""
    steps = [(7.0 + 0.01 * k + (0.009 if k % 10 == 3 else 0.0), 0) for k in range(300)]
    assert told(steps) == [{"sample": 0, "at_s": pytest.approx(7.0), "begins": True}]


def test_samples_after_a_hole_begin_anew_at_their_own_time() -> None:
    """A dropout of 0.2 s after 60 blocks: sample 600 is heard at 0.8 s."""
    steps = [(0.01 * k, 0) for k in range(60)] + [(0.2 + 0.01 * k, 1) for k in range(60, 90)]
    assert told(steps) == [
        {"sample": 0, "at_s": pytest.approx(0.0, abs=1e-9), "begins": True},
        {"sample": 600, "at_s": pytest.approx(0.8), "begins": True},
    ]


def test_a_device_whose_clock_runs_away_is_followed_by_the_millisecond() -> None:
    """One part in a thousand slow: ten seconds later the anchors lie 10 ms off, less what is to come."""
    anchors = told([(0.01 * k * 1.001, 0) for k in range(1000)])
    assert [anchor["begins"] for anchor in anchors] == [True] + [False] * (len(anchors) - 1)
    moved_s = [anchor["at_s"] - anchor["sample"] / RATE for anchor in anchors]
    assert moved_s == sorted(moved_s)
    assert moved_s[-1] - moved_s[0] == pytest.approx(0.009, abs=0.001)
