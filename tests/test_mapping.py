"""Routes: the mapping is the composition, so it must do exactly what is written."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from instrument.mapping import Modulator, Of, Route, Smoothing, Source
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
        ({"stream": "a", "control": "x", "depth": 10**400}, "finite"),
        ({"stream": "a", "control": "x", "depth": 1, "of": "slop"}, "level, slope, .*'slope'"),
        ({"stream": "a", "control": "x", "depth": 1, "window": 2}, "a level has no past"),
        (
            {"stream": "a", "control": "x", "depth": 1, "plus": "b"},
            "'plus' of a route takes a list",
        ),
        (
            {"stream": "a", "control": "x", "depth": 1, "plus": [{}]},
            "plus 1 of a route needs 'stream'",
        ),
        (
            {"stream": "a", "control": "x", "depth": 1, "times": [{"stream": "b", "weight": 2}]},
            "times 1 of a route has no 'weight'",
        ),
        (
            {"stream": "a", "control": "x", "depth": 1, "times": [{"stream": "b"}], "times_low": 1},
            "in a list each has its own",
        ),
        ({"stream": "a", "control": "x", "depth": 1, "mute": "yes"}, "true or false"),
        ({"stream": "a", "control": "x", "depth": 1, "name": "a/b"}, "is not a name"),
        ({"stream": "a", "control": "x", "depth": 1, "name": "12"}, "not the number 12"),
        ([1, 2], "a route is a table"),
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
        (Route("flatness", "sound.voice.level", 1, plus=(Source("los_g"),)), "mean 'loss_g'"),
        (
            Route("flatness", "sound.voice.level", 1, times=(Source("loss_g", 1, 1),)),
            "never move",
        ),
        (Route("flatness", "sound.voice.level", 1, times="flatness"), "with itself"),
    ],
)
def test_a_route_that_cannot_move_says_so(route: Route, words: str) -> None:
    """And is left out, while the others go on."""
    modulator = Modulator((route, Route("flatness", "sound.voice.level", 1)), STREAMS, BANK)
    assert len(modulator.routes) == 1
    assert words in modulator.idle[0]


NUMBERS = st.none() | st.floats(-1e12, 1e12)
PAST = st.sampled_from([Of.SLOPE, Of.OUTLIER])
TERMS = st.builds(
    Source, st.sampled_from(["flatness", "loss_g"]), NUMBERS, NUMBERS, PAST, st.floats(0.05, 600),
    st.floats(-10, 10),
)  # fmt: skip
FACTORS = st.builds(Source, st.sampled_from(["flatness", "loss_g"]), NUMBERS, NUMBERS)
ROUTES = st.builds(
    Route,
    stream=st.just("flatness"),
    control=st.just("sound.voice.level"),
    depth=st.floats(-1, 1),
    rest=st.floats(-1, 1),
    low=NUMBERS,
    high=NUMBERS,
    of=PAST,
    window=st.none() | st.floats(0.05, 600),
    plus=st.lists(TERMS, max_size=3).map(tuple),
    curve=st.floats(0.05, 20),
    hold=st.floats(0, 60),
    threshold=st.floats(0, 1),
    lag_up=st.floats(0, 60),
    lag_down=st.floats(0, 60),
    mute=st.booleans(),
    name=st.none() | st.just("hiss"),
)
PLAIN = st.builds(
    Route,
    stream=st.just("flatness"),
    control=st.just("sound.voice.level"),
    depth=st.floats(-1, 1),
    low=NUMBERS,
    times=st.none() | st.just("loss_g") | st.lists(FACTORS, min_size=1, max_size=3).map(tuple),
)


@given(ROUTES | PLAIN)
def test_a_route_survives_being_written_and_read(route: Route) -> None:
    """from_dict undoes to_dict, through JSON too."""
    assert Route.from_dict(route.to_dict()) == route
    assert Route.from_dict(json.loads(json.dumps(route.to_dict()))) == route


@given(
    st.lists(ROUTES | PLAIN, max_size=4),
    st.lists(
        st.tuples(
            st.floats(width=32), st.floats(width=32), st.sampled_from([0.0, 1e-6, 0.005, 1.0, 1e6])
        ),
        max_size=8,
    ),
)
def test_positions_are_finite_and_in_range_whatever_the_streams_say(
    routes: list[Route], said: list[tuple[float, float, float]]
) -> None:
    """NaN, infinities, the largest floats, no time and much time: every position is 0..1."""
    modulator = Modulator(routes, STREAMS, BANK)
    for flatness, loss_g, elapsed_s in said:
        streams = np.array([flatness, loss_g], np.float32)
        moved = modulator.positions(BANK.defaults, streams, elapsed_s)
        assert np.isfinite(moved).all() and (moved >= 0).all() and (moved <= 1).all()


def test_a_push_goes_from_rest_to_depth() -> None:
    """rest -.2, depth .2 of 60 dB: 12 dB below at 0, nothing at a half, 12 dB above at 1."""
    route = Route("flatness", "sound.voice.level", 0.2, rest=-0.2)
    reached = [at(route, flatness=now)["sound.voice.level"] for now in (0.0, 0.5, 1.0)]
    assert reached == pytest.approx([-42.0, -30.0, -18.0])
    assert at(route, calm=0.0)["sound.voice.level"] == pytest.approx(-30.0)


def test_a_sum_adds_by_weight_and_ends_at_one() -> None:
    """.5 + .5 x (2 of 4) = .75; taken away with weight -2 it is -.5, so 0; with weight 9 it is 1."""
    for weight, pushed in ((0.5, 0.75), (-2.0, 0.0), (9.0, 1.0)):
        route = Route("flatness", "sound.voice.level", 0.4, plus=(Source("loss_g", weight=weight),))
        reached = at(route, flatness=0.5, loss_g=2.0)["sound.voice.level"]
        assert reached == pytest.approx(-30.0 + 24.0 * pushed)


def test_a_product_of_several_is_zero_where_one_is() -> None:
    """1 x .5 x .5 = .25; a band of one stream is the product of its rise and its fall."""
    half = Source("loss_g", 0.0, 4.0)
    route = Route("flatness", "sound.voice.level", 0.4, times=(half, half))
    assert at(route, flatness=1.0, loss_g=2.0)["sound.voice.level"] == pytest.approx(-24.0)
    assert at(route, flatness=1.0, loss_g=0.0)["sound.voice.level"] == pytest.approx(-30.0)
    band = Route(
        "flatness", "sound.voice.level", 0.4, low=0.0, high=0.4, times=(Source("flatness", 1, 0.6),)
    )
    reached = [at(band, flatness=now)["sound.voice.level"] for now in (0.0, 0.5, 1.0)]
    assert reached == pytest.approx([-30.0, -6.0, -30.0])


def test_a_list_of_one_is_the_old_product() -> None:
    """times = "x" with times_low and times_high means what it always did."""
    old = Route("flatness", "sound.voice.level", 0.4, times="loss_g", times_low=4.0, times_high=1.0)
    new = Route("flatness", "sound.voice.level", 0.4, times=(Source("loss_g", 4.0, 1.0),))
    for loss_g in (0.0, 2.0, 3.5, 9.0):
        said = {"flatness": 0.8, "loss_g": loss_g}
        assert at(old, **said) == at(new, **said)


def test_a_muted_route_pushes_nothing_and_is_still_there() -> None:
    """Neither depth nor rest; the same route unmuted pushes at once."""
    route = Route("flatness", "sound.voice.level", 0.4, rest=0.1)
    modulator = Modulator((replace(route, mute=True),), STREAMS, BANK)
    streams, number = np.array([1.0, 0.0], np.float32), BANK.number["sound.voice.level"]
    assert modulator.values(BANK.defaults, streams, 0.01)[number] == pytest.approx(-30.0)
    modulator.replace((route,))
    assert modulator.values(BANK.defaults, streams, 0.01)[number] == pytest.approx(-6.0)


def test_routes_that_stay_keep_their_lag_when_others_come_and_go() -> None:
    """After a second of a lag of one second the push is at 1 - 1/e, however often routes are replaced."""
    slow = Route("flatness", "sound.voice.level", 0.5, lag_up=1.0)
    other = Route("loss_g", "sound.voice.cutoff", 0.1)
    modulator = Modulator((slow,), STREAMS, BANK)
    modulator.values(BANK.defaults, np.zeros(2, np.float32), 0.01)
    for turn in range(10):
        mapping = [(other, slow), (slow,), (replace(slow, curve=2.0), other)][turn % 3]
        modulator.replace(mapping)
        modulator.values(BANK.defaults, np.array([1.0, 0.0], np.float32), 0.1)
    reached = modulator.positions(BANK.defaults, np.array([1.0, 0.0], np.float32), 0.0)
    assert reached[BANK.number["sound.voice.level"]] == pytest.approx(
        0.5 + 0.5 * (1.0 - math.exp(-1.0))
    )


def test_a_new_route_rises_from_nothing() -> None:
    """What is added in the middle of a show does not leap; another stream glides on from the old."""
    first = Route("flatness", "sound.voice.cutoff", 0.1)
    modulator = Modulator((first,), STREAMS, BANK)
    ones, number = np.array([1.0, 4.0], np.float32), BANK.number["sound.voice.level"]
    modulator.values(BANK.defaults, ones, 0.01)
    new = Route("loss_g", "sound.voice.level", 0.5, lag_up=1.0, lag_down=1.0)
    modulator.replace((first, new))
    assert modulator.positions(BANK.defaults, ones, 0.0)[number] == pytest.approx(0.5)
    assert modulator.positions(BANK.defaults, ones, 1e6)[number] == pytest.approx(1.0)
    modulator.replace((first, replace(new, stream="flatness")))
    now = np.array([0.0, 4.0], np.float32)
    assert modulator.positions(BANK.defaults, now, 0.0)[number] == pytest.approx(1.0)
    assert modulator.positions(BANK.defaults, now, 1e6)[number] == pytest.approx(0.5)
