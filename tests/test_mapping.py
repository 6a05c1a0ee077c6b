"""Routes: the mapping is the composition, so it must do exactly what is written."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from instrument.mapping import Modulator, Route, Smoothing
from instrument.signals.controls import Bank, Control, Controls, Group
from instrument.signals.mistake import Mistake
from instrument.signals.show import SHOW
from instrument.signals.spec import Curve, number, trigger
from instrument.signals.streams import StreamSpec

STREAMS = (StreamSpec("flatness", 0.0, 1.0, "noise"), StreamSpec("loss_g", 0.0, 4.0, "loss"))


class Voice(Controls):
    level = Control(number(-60.0, 0.0, -30.0, "level", unit="dB"))
    cutoff = Control(number(100.0, 10_000.0, 1_000.0, "cutoff", unit="Hz", curve=Curve.EXPONENTIAL))
    hit = Control(trigger("a hit"))


BANK = Bank.of((SHOW, Group("sound.voice", Voice)))


def at(
    *routes: Route, flatness: float = 0.0, loss_g: float = 0.0, calm: float = 1.0
) -> dict[str, float]:
    positions = BANK.defaults.copy()
    positions[BANK.number["show.calm"]] = calm
    modulator = Modulator(routes, STREAMS, BANK)
    values = modulator.values(positions, np.array([flatness, loss_g], np.float32), 0.01)
    return {spec.path: value for spec, value in zip(BANK, values, strict=True)}


def test_without_routes_every_control_stands_where_the_hand_put_it() -> None:
    """Base alone gives the declared defaults, in units."""
    values = at()
    assert values["sound.voice.level"] == pytest.approx(-30.0)
    assert values["sound.voice.cutoff"] == pytest.approx(1_000.0, rel=1e-5)


def test_a_route_pushes_by_its_depth_in_positions() -> None:
    """flatness .5 through depth .4 moves the level by .2 of 60 dB: 12 dB."""
    route = Route("flatness", "sound.voice.level", 0.4)
    assert at(route, flatness=0.5)["sound.voice.level"] == pytest.approx(-18.0)


def test_pushes_of_several_routes_add_up_and_stay_in_range() -> None:
    """Two full pushes on a control that stands in the middle end at its top, not beyond."""
    routes = (
        Route("flatness", "sound.voice.level", 0.4),
        Route("loss_g", "sound.voice.level", 0.4),
    )
    assert at(*routes, flatness=1.0, loss_g=4.0)["sound.voice.level"] == pytest.approx(0.0)


def test_a_route_with_high_below_low_is_turned_round() -> None:
    """low 1, high 0: the push is whole where the stream is 0."""
    route = Route("flatness", "sound.voice.level", 0.5, low=1.0, high=0.0)
    assert at(route, flatness=0.0)["sound.voice.level"] == pytest.approx(0.0)
    assert at(route, flatness=1.0)["sound.voice.level"] == pytest.approx(-30.0)


def test_a_product_moves_only_when_both_streams_say_so() -> None:
    """flatness 1 x loss .5 of its span pushes by half the depth; either at 0 pushes nothing."""
    route = Route(
        "flatness", "sound.voice.level", 0.4, times="loss_g", times_low=4.0, times_high=0.0
    )
    assert at(route, flatness=1.0, loss_g=2.0)["sound.voice.level"] == pytest.approx(-18.0)
    assert at(route, flatness=1.0, loss_g=4.0)["sound.voice.level"] == pytest.approx(-30.0)
    assert at(route, flatness=0.0, loss_g=0.0)["sound.voice.level"] == pytest.approx(-30.0)


def test_calm_scales_every_push() -> None:
    """At calm 0 only the hands play."""
    route = Route("flatness", "sound.voice.level", 0.4)
    assert at(route, flatness=1.0, calm=0.0)["sound.voice.level"] == pytest.approx(-30.0)
    assert at(route, flatness=1.0, calm=0.5)["sound.voice.level"] == pytest.approx(-18.0)


def test_lag_reaches_two_thirds_after_its_time() -> None:
    """A one-pole of 1 s has gone 1 - 1/e of the way after 1 s, in one step or in a hundred."""
    lag = np.array([1.0])
    for steps in (1, 100):
        smooth = Smoothing(lag, lag)
        smooth(np.array([0.0]), 0.0)
        for _ in range(steps):
            state = smooth(np.array([1.0]), 1.0 / steps)
        assert state[0] == pytest.approx(1.0 - math.exp(-1.0))


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True, width=32), min_size=1, max_size=50))
def test_no_stream_can_put_a_control_out_of_range(numbers: list[float]) -> None:
    """Whatever the training says, NaN and infinity included, every value stays in its range."""
    modulator = Modulator((Route("flatness", "sound.voice.cutoff", 1.0),), STREAMS, BANK)
    for value in numbers:
        values = modulator.values(BANK.defaults, np.array([value, 0.0], np.float32), 0.01)
        for spec, reached in zip(BANK, values, strict=True):
            assert spec.low <= reached <= spec.high * (1 + 1e-9)
    assert modulator.refused == sum(not math.isfinite(value) for value in numbers)


def test_a_number_that_is_none_is_answered_with_the_last_good_one() -> None:
    """NaN holds the push where it was."""
    modulator = Modulator((Route("flatness", "sound.voice.level", 0.5),), STREAMS, BANK)
    good = modulator.values(BANK.defaults, np.array([0.5, 0], np.float32), 0.01).copy()
    assert np.array_equal(
        modulator.values(BANK.defaults, np.array([np.nan, 0], np.float32), 0.01), good
    )


@pytest.mark.parametrize(
    ("record", "words"),
    [
        ({"stream": "flatness", "control": "sound.voice.level"}, "needs 'depth'"),
        ({"stream": "flatness", "control": "x", "depth": 2}, "-1..1, not 2"),
        ({"stream": "flatness", "control": "x", "dept": 1}, "did you mean 'depth'"),
        ({"stream": "flatness", "control": "x", "depth": "deep"}, "takes a number"),
        ({"stream": "flatness", "control": "x", "depth": float("nan")}, "finite"),
        ({"stream": 3, "control": "x", "depth": 1}, "a name in quotes"),
        ({"stream": "a", "control": "x", "depth": 1, "lag_up": -1}, "0..60"),
    ],
)
def test_a_wrong_route_is_told_in_words(record: dict, words: str) -> None:
    """Each slip gets the key, what came and what is allowed."""
    with pytest.raises(Mistake, match=words):
        Route.from_dict(record)


@pytest.mark.parametrize(
    ("route", "words"),
    [
        (Route("flatnes", "sound.voice.level", 1), "did you mean 'flatness'"),
        (Route("flatness", "sound.voice.levle", 1), "did you mean 'sound.voice.level'"),
        (Route("flatness", "sound.voice.hit", 1), "is an act"),
        (Route("flatness", "show.calm", 1), "scales every route"),
        (Route("flatness", "show.panic", 1), "belongs to the hands"),
        (Route("flatness", "sound.voice.level", 1, low=2, high=2), "never move"),
        (Route("flatness", "sound.voice.level", 1, times="los_g"), "did you mean 'loss_g'"),
        (
            Route("flatness", "sound.voice.level", 1, times="loss_g", times_low=1, times_high=1),
            "never move",
        ),
    ],
)
def test_a_route_that_cannot_move_says_so(route: Route, words: str) -> None:
    """And is left out, while the others go on."""
    modulator = Modulator((route, Route("flatness", "sound.voice.level", 1)), STREAMS, BANK)
    assert len(modulator.routes) == 1
    assert words in modulator.idle[0]


@given(
    st.builds(
        Route,
        stream=st.just("flatness"),
        control=st.just("sound.voice.level"),
        depth=st.floats(-1, 1),
        low=st.none() | st.floats(-10, 10),
        high=st.none() | st.floats(-10, 10),
        curve=st.floats(0.05, 20),
        lag_up=st.floats(0, 60),
        lag_down=st.floats(0, 60),
        times=st.none() | st.just("loss_g"),
        times_low=st.none() | st.floats(-10, 10),
    )
)
def test_a_route_survives_being_written_and_read(route: Route) -> None:
    """from_dict undoes to_dict."""
    assert Route.from_dict(route.to_dict()) == route
