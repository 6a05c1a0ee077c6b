"""Where things stand on the page of a score: computed, so it can be checked without looking."""

from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from instrument.score.cue_rows import Placed, placed
from instrument.score.cues import CueMark
from instrument.score.curves import spread
from instrument.score.fold import Fold
from instrument.score.hand_rows import FILLED, FOOT, value_place
from instrument.score.paper import PAPERS, shortened, width_mm
from instrument.score.plan import HAND_ROW, Band, Wants, plan
from instrument.score.span import Scale, scale_of
from instrument.score.time_axis import TimeAxis
from instrument.signals.streams import StreamSpec

WANTS = st.builds(
    Wants,
    lanes=st.integers(0, 10), states=st.integers(0, 6), cue_rows=st.integers(0, 4),
    hand_rows=st.integers(0, 60), samples=st.booleans(), sound=st.booleans(),
)  # fmt: skip


@given(wants=WANTS, paper=st.sampled_from(sorted(PAPERS)))
def test_nothing_lies_over_anything_else(wants: Wants, paper: str) -> None:
    """Whatever there is to show, the bands of a page are apart, in order, and on the paper."""
    laid = plan(PAPERS[paper], wants)
    order = (laid.title, laid.cues, laid.samples, laid.states, laid.lanes, laid.sound, laid.hands,
             laid.axis, laid.foot)  # fmt: skip
    bands = [band for band in order if band is not None]
    for upper, lower in pairwise(bands):
        assert lower.top <= upper.bottom + 1e-9
    assert all(band.height > 0 for band in bands)
    assert bands[0].top <= PAPERS[paper].height_mm
    assert bands[-1].bottom >= 0.0


def test_more_hands_than_fit_take_no_room_from_the_lanes() -> None:
    """With sixty controls played, six lanes are still six millimetres high each."""
    laid = plan(PAPERS["a4"], Wants(6, 5, 4, 60, True, True))
    assert laid.lanes is not None
    assert laid.lanes.rows(6, 2.4)[0].height >= 6.0
    assert laid.hand_rows < 60


MARKS = st.lists(
    st.builds(
        CueMark,
        at_s=st.floats(0.0, 600.0), number=st.integers(0, 99),
        name=st.text("abcdefghijklmnopqrstuvwxyz_ ", min_size=1, max_size=40),
    ),
    max_size=60,
)  # fmt: skip


@given(marks=MARKS)
def test_names_of_cues_never_touch(marks: list[CueMark]) -> None:
    """However many cues go, those in one row are apart; what has no room keeps its line alone."""
    axis = TimeAxis(49.0, 263.0, 600.0)
    found = placed(sorted(marks, key=lambda mark: mark.at_s), axis)
    assert len(found) == len(marks)
    for a, b in combinations([mark for mark in found if mark.row >= 0], 2):
        if a.row == b.row:
            assert right_of(a) <= b.x or right_of(b) <= a.x


def right_of(mark: Placed) -> float:
    box = width_mm(mark.number, 5.6) + 2.2 if mark.number else 0.0
    return mark.x + box + width_mm(mark.words, 5.6)


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_no_line_goes_through_the_value_of_a_control(position: float, resting: float) -> None:
    """Its letters keep clear of the stroke, of the line it rested on, and of the next rows."""
    row = Band(0.0, HAND_ROW)
    y = value_place(row, position, resting)
    for at in (position, resting):
        line = (FOOT + FILLED * at) * HAND_ROW
        assert not y - 0.3 < line < y + 1.25
    assert y - 0.3 >= -0.5 and y + 1.25 <= HAND_ROW + 0.5


def test_a_value_stands_on_a_low_stroke_and_under_a_high_one() -> None:
    """.6 mm over a stroke at the foot of its row, 1.75 under one at its head."""
    row = Band(0.0, HAND_ROW)
    assert value_place(row, 0.0, 1.0) == pytest.approx(FOOT * HAND_ROW + 0.6)
    assert value_place(row, 1.0, 0.0) == pytest.approx((FOOT + FILLED) * HAND_ROW - 1.75)


@given(ys=st.lists(st.floats(0.0, 10.0), min_size=1, max_size=3))
def test_names_at_the_ends_of_lines_keep_apart(ys: list[float]) -> None:
    """Lines that end at one place have names above each other, none outside of the lane."""
    moved = spread(sorted((y, n) for n, y in enumerate(ys)), 0.0, 10.0, 2.4)
    heights = [y for y, _ in moved]
    assert all(b - a >= 2.4 - 1e-9 for a, b in pairwise(heights))
    assert heights[0] >= -1e-9
    assert heights[-1] <= 10.0 + 1e-9


def test_a_band_is_divided_from_the_top() -> None:
    """Two rows of a band of 10 mm with a gap of 2 are 4 mm each."""
    assert Band(0.0, 10.0).rows(2, 2.0) == [Band(6.0, 10.0), Band(0.0, 4.0)]


def test_seconds_are_written_at_round_places() -> None:
    """A run of 97 seconds is written every ten, one of two hours every ten minutes."""
    assert [words for _, words in TimeAxis(0, 214, 97).ticks(17.0)][:3] == ["0:00", "0:10", "0:20"]
    week = TimeAxis(0, 214, 7 * 86_400).ticks(17.0)
    assert [at_s / 86_400 for at_s, _ in week] == list(range(8))
    assert len(TimeAxis(0, 214, 1e9).ticks(17.0)) < 14
    hours = [words for _, words in TimeAxis(0, 214, 7200).ticks(17.0)]
    assert hours == [f"{10 * n}:00" for n in range(13)]


def test_steps_are_written_when_they_were_made() -> None:
    """Ten steps a second for ten seconds, then none for ten, then ten again: 100 is at 10 s, 160 at 26."""
    steps = Fold(1, 30.0)
    for n in range(200):
        steps.hear(n / 10 if n <= 100 else 10 + n / 10, np.array([float(n)]))
    ticks = dict((words, at_s) for at_s, words in TimeAxis(0, 300, 30).step_ticks(steps, 20.0))
    assert abs(ticks["100"] - 10.0) < 0.1
    assert abs(ticks["160"] - 26.0) < 0.1


def test_a_lane_shows_the_declared_span_or_what_a_run_fills() -> None:
    """Scores keep 0..1; a loss about 1.4 is shown from 1.3; a burst is drawn by ratio."""
    score = (StreamSpec("score_real", 0, 1, "a"),)
    loss = (StreamSpec("loss_d", 0, 3, "a", "nats"),)

    def scale(specs: tuple[StreamSpec, ...], values: list[float]) -> Scale:
        column = np.array(values)[:, None]
        return scale_of(specs, column, column)

    assert scale(score, [0.2, 0.5, 0.8]) == Scale(0, 1)
    assert scale(loss, [1.3, 1.4, 1.5]) == Scale(1.3, 1.5)
    assert scale(loss, [0.2, 0.8, 1.0]) == Scale(0, 1)
    assert scale(loss, [1.4, 1.4, 1.41]) == Scale(0, 3), "it stood still"
    burst = scale(loss, [1.0] * 90 + [300.0] * 10)
    assert burst.by_ratio
    assert burst == Scale(1.0, 300.0, by_ratio=True)
    similar = (StreamSpec("similarity_centred", 0, 1, "a"),)
    assert not scale(similar, [0.05] * 90 + [1.0] * 10).by_ratio, "within what is declared"
    assert scale(loss, [1.0] * 50 + [1e11] * 40) == Scale(1.0, 1e11, by_ratio=True)
    assert burst.shares(np.array([1.0, 300.0, 0.1])).tolist() == [0.0, 1.0, 0.0]


@given(st.text(max_size=50), st.floats(0.0, 60.0))
def test_a_shortened_name_fits(words: str, room: float) -> None:
    """It is never wider than its room, and whole where it fits."""
    short = shortened(words, 6.0, room)
    assert width_mm(short, 6.0) <= room + 1e-6
    assert short == words or width_mm(words, 6.0) > room - 1e-6
