"""From the mapping of one scene to that of the next: what stood fades out while what comes fades in."""

from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from instrument.mapping import LiveModulator, Modulator, Route, routes_text
from instrument.mapping.live import MOST_LEAVING
from instrument.signals.bus import Bus, new_show_name
from instrument.signals.controls import Bank, Control, Controls, Group
from instrument.signals.frames import ROUTES
from instrument.signals.local_bus import LocalBus
from instrument.signals.routes import routes_frame
from instrument.signals.show import SHOW
from instrument.signals.spec import number
from instrument.signals.streams import StreamSpec


class Voice(Controls):
    level = Control(number(0.0, 1.0, 0.0, "level"))
    tone = Control(number(0.0, 1.0, 0.5, "tone"))


BANK = Bank.of((SHOW, Group("sound.voice", Voice)))
LEVEL, TONE = BANK.number["sound.voice.level"], BANK.number["sound.voice.tone"]
STREAMS = (StreamSpec("flatness", 0.0, 1.0, "noise"),)
ONES = np.ones(1, np.float32)
UP = Route("flatness", "sound.voice.level", 0.8, lag_up=0.0, lag_down=0.0)
LOW = Route("flatness", "sound.voice.level", 0.2, lag_up=0.0, lag_down=0.0)
SIDE = Route("flatness", "sound.voice.tone", 0.4, lag_up=0.0, lag_down=0.0)
STEP_S = 0.01


class Ear:
    """A listener on a bus, and the hand that says what the mapping is."""

    def __init__(self, bus: Bus, *routes: Route) -> None:
        self.publisher = bus.publisher(ROUTES)
        self.live = LiveModulator(Modulator(routes, STREAMS, BANK), bus)

    def says(self, routes: Sequence[Route], fade_s: float) -> None:
        self.publisher.send(routes_frame(len(routes), routes_text(routes), 0.0, fade_s))

    def hears(self, seconds: float = STEP_S) -> np.ndarray:
        """What controls stand at after so long, in blocks of 10 ms."""
        for _ in range(round(seconds / STEP_S)):
            values = self.live.values(BANK.defaults, ONES, STEP_S)
        return values.copy()


@pytest.fixture
def bus() -> Iterator[Bus]:
    bus = Bus(new_show_name())
    yield bus
    bus.close()


def test_old_pushes_go_while_new_ones_come(bus: Bus) -> None:
    """Level .8 by the old, tone .5 + .4 by the new: half way it is .4 and .7; then 0 and .9."""
    ear = Ear(bus, UP)
    assert ear.hears()[[LEVEL, TONE]] == pytest.approx([0.8, 0.5])
    ear.says([SIDE], 2.0)
    assert ear.hears(1.0)[[LEVEL, TONE]] == pytest.approx([0.4, 0.7])
    assert ear.hears(1.0)[[LEVEL, TONE]] == pytest.approx([0.0, 0.9])


def test_a_fade_begins_and_ends_level(bus: Bus) -> None:
    """No step is larger than those in the middle, and the first and last are next to nothing."""
    ear = Ear(bus, UP)
    before = ear.hears()[LEVEL]
    ear.says([LOW], 1.0)
    levels = np.array([before, *(ear.hears()[LEVEL] for _ in range(102))])
    steps = -np.diff(levels)
    assert (steps >= -1e-12).all()
    assert steps[:2].max() < 0.001 and steps[97:].max() < 0.001
    assert 0.008 < steps.max() < 0.01
    assert levels[-1] == pytest.approx(0.2)


def test_a_route_that_stays_is_not_faded(bus: Bus) -> None:
    """Both mappings have it, and its lag goes on from where it was: the control never moves."""
    slow = Route("flatness", "sound.voice.level", 0.8, lag_up=0.5, lag_down=0.5)
    ear, alone = Ear(bus, slow), Modulator([slow], STREAMS, BANK)
    zeros = np.zeros(1, np.float32)
    for modulator in (ear.live, alone):
        modulator.values(BANK.defaults, zeros, STEP_S)
    ear.says([slow, SIDE], 1.0)
    for _ in range(120):
        heard = ear.live.values(BANK.defaults, ONES, STEP_S)[LEVEL]
        assert heard == pytest.approx(alone.values(BANK.defaults, ONES, STEP_S)[LEVEL])


def test_a_saved_file_changes_at_once_and_a_fade_under_way_goes_on(bus: Bus) -> None:
    """Half way from .8 to .2 the new mapping is edited to .6: .4 + .3 now, .6 at the end."""
    ear = Ear(bus, UP)
    ear.hears()
    ear.says([LOW], 2.0)
    ear.hears(0.99)
    ear.says([Route("flatness", "sound.voice.level", 0.6, lag_up=0.0, lag_down=0.0)], 0.0)
    assert ear.hears()[LEVEL] == pytest.approx(0.4 + 0.3)
    assert ear.hears(1.2)[LEVEL] == pytest.approx(0.6)


def test_a_second_scene_during_a_fade_starts_from_what_is_heard(bus: Bus) -> None:
    """Half way from .8 to .2 it is .5; there the next fade begins, to tone, without a jump."""
    ear = Ear(bus, UP)
    ear.hears()
    ear.says([LOW], 2.0)
    assert ear.hears(1.0)[LEVEL] == pytest.approx(0.5)
    ear.says([SIDE], 2.0)
    assert ear.hears()[LEVEL] == pytest.approx(0.5, abs=0.001)
    assert ear.hears(0.99)[LEVEL] == pytest.approx(0.25)
    assert ear.hears(1.0)[[LEVEL, TONE]] == pytest.approx([0.0, 0.9])


def test_scenes_in_a_row_keep_few_mappings(bus: Bus) -> None:
    """Twenty scenes within a fade: three at the most are on their way out, and the end is the last."""
    ear = Ear(bus, UP)
    ear.hears()
    for turn in range(20):
        ear.says([(UP, LOW, SIDE)[turn % 3]], 5.0)
        ear.hears(0.1)
        assert len(ear.live._leaving) <= MOST_LEAVING
    assert ear.hears(5.0)[LEVEL] == pytest.approx(0.2)
    assert ear.live._leaving == []


def test_who_has_not_heard_anything_yet_begins_with_what_stands(bus: Bus) -> None:
    """A sound process that comes back in the middle of a show does not fade in from its first preset."""
    ear = Ear(bus, UP)
    ear.says([LOW], 10.0)
    assert ear.hears()[LEVEL] == pytest.approx(0.2)


def test_a_fade_that_is_no_number_of_seconds_is_at_once(bus: Bus) -> None:
    """NaN, infinity, less than nothing."""
    ear = Ear(bus, UP)
    ear.hears()
    for fade_s, routes, level in (
        (float("nan"), [LOW], 0.2),
        (float("inf"), [UP], 0.8),
        (-1.0, [LOW], 0.2),
    ):
        ear.says(routes, fade_s)
        assert ear.hears()[LEVEL] == pytest.approx(level)


def test_a_broken_mapping_does_not_begin_a_fade(bus: Bus) -> None:
    """It is counted, and what stood stands."""
    ear = Ear(bus, UP)
    ear.hears()
    ear.publisher.send(routes_frame(1, b'[{"stream": "flatness"}]', 0.0, 2.0))
    assert ear.hears(1.0)[LEVEL] == pytest.approx(0.8)
    assert ear.live.refused == 1


SCENE = st.tuples(
    st.lists(st.sampled_from([UP, LOW, SIDE]), max_size=3), st.floats(0.0, 1.0, width=32)
)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(SCENE, st.integers(0, 60)), max_size=8))
def test_whatever_scenes_follow_each_other_values_stay_in_range_and_end_with_the_last(
    scenes: list,
) -> None:
    """And the same scenes give the same values, to the bit."""
    runs = []
    for _ in range(2):
        ear = Ear(LocalBus(), UP)
        seen = [ear.hears()]
        for (routes, fade_s), blocks in scenes:
            ear.says(routes, fade_s)
            seen += [ear.hears() for _ in range(blocks)]
        seen.append(ear.hears(1.1))
        runs.append(np.array(seen))
    assert (runs[0] == runs[1]).all()
    voices = runs[0][:, [LEVEL, TONE]]
    assert (voices >= 0.0).all() and (voices <= 1.0).all()
    last = scenes[-1][0][0] if scenes else [UP]
    alone = Modulator(last, STREAMS, BANK).values(BANK.defaults, ONES, STEP_S)
    assert runs[0][-1] == pytest.approx(alone)
