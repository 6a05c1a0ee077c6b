"""What a route makes of a stream's past: slopes, outliers, holds and triggers, at any frame rate."""

from collections.abc import Callable

import numpy as np
import pytest

from instrument.mapping import Modulator, Of, Route, Source
from instrument.signals.controls import Bank, Control, Controls, Group
from instrument.signals.spec import number
from instrument.signals.streams import StreamSpec

pytestmark = pytest.mark.slow

STREAMS = (StreamSpec("loss", 0.0, 4.0, "loss"), StreamSpec("reject", 0.0, 1.0, "no digit"))
BLOCK_S = 256 / 48_000


class Voice(Controls):
    level = Control(number(0.0, 1.0, 0.0, "level"))


BANK = Bank.of((Group("sound.voice", Voice),))


def pushes(
    route: Route,
    seconds: float,
    loss: Callable[[float], float],
    frames_per_s: float = 1e9,
    block_s: float = BLOCK_S,
) -> np.ndarray:
    """Position of the level, block by block; a metric frame is held until the next comes."""
    modulator = Modulator((route,), STREAMS, BANK)
    positions = []
    for block in range(round(seconds / block_s)):
        heard_s = np.floor(block * block_s * frames_per_s + 1e-6) / frames_per_s
        streams = np.array([loss(heard_s), 0.0], np.float32)
        positions.append(modulator.positions(BANK.defaults, streams, block_s)[0])
    return np.array(positions)


def slope(**keys: float) -> Route:
    return Route("loss", "sound.voice.level", 1.0, of=Of.SLOPE, lag_up=0.0, lag_down=0.0, **keys)


def outlier(**keys: float) -> Route:
    return Route("loss", "sound.voice.level", 1.0, of=Of.OUTLIER, lag_up=0.0, lag_down=0.0, **keys)


@pytest.mark.parametrize("block_s", [BLOCK_S, 1 / 60])
@pytest.mark.parametrize("frames_per_s", [1e9, 60.0, 5.0])
def test_a_ramp_has_its_slope_at_any_frame_rate_and_no_spikes(
    frames_per_s: float, block_s: float
) -> None:
    """.5 per second over low 0, high 1 stands at .5 after two windows, within .03 for 5 frames a second."""
    at = pushes(slope(low=0, high=1), 6.0, lambda t: 0.5 * t, frames_per_s, block_s)
    settled = at[round(4.0 / block_s) :]
    assert settled.mean() == pytest.approx(0.5, abs=0.01)
    assert np.abs(settled - 0.5).max() < 0.03
    assert at.max() < 0.54


def test_a_value_that_stands_has_no_slope_and_a_falling_one_pushes_only_when_asked() -> None:
    """Nothing at rest, even far from 0; falling at .5 is 0, and .5 of high = -1."""
    assert not pushes(slope(), 2.0, lambda t: 3.0).any()
    assert pushes(slope(), 4.0, lambda t: 4 - t / 2)[-1] == 0.0
    assert pushes(slope(low=0, high=-1), 4.0, lambda t: 4 - t / 2)[-1] == pytest.approx(
        0.5, abs=0.02
    )


def test_a_slope_without_span_is_whole_when_the_stream_crosses_its_own_within_the_window() -> None:
    """loss spans 4; over a window of 2 s that is 2 per second; rising by 1 per second is a half."""
    assert pushes(slope(window=2.0), 8.0, lambda t: t)[-1] == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("frames_per_s", [60.0, 5.0])
def test_one_step_is_a_hill_not_a_spike(frames_per_s: float) -> None:
    """A step of 1 has its greatest slope, 2/e per second, half a window later, and is gone after 5 s."""
    at = pushes(slope(low=0, high=1), 8.0, lambda t: float(t >= 1.0), frames_per_s)
    assert at.max() == pytest.approx(2 / np.e, abs=0.01)
    assert np.argmax(at) * BLOCK_S == pytest.approx(1.5, abs=0.05)
    assert np.abs(np.diff(at)).max() < 0.03
    assert at[-1] < 0.01


@pytest.mark.parametrize("frames_per_s", [60.0, 5.0])
def test_what_is_six_deviations_away_is_whole_and_two_is_nothing(frames_per_s: float) -> None:
    """A stream that flips between 1 and 2 (mean 1.5, deviation .5): 4.5 is 6 away, 3.5 is 4, 2.5 is 2."""

    def loss(last: float) -> Callable[[float], float]:
        def said(t: float) -> float:
            return last if t >= 40.0 else 1.0 + round(t * frames_per_s) % 2

        return said

    for last, expected in ((4.5, 1.0), (3.5, 0.5), (2.5, 0.0), (-0.5, 0.5)):
        at = pushes(outlier(), 40.2, loss(last), frames_per_s)
        assert not at[: round(40.0 / BLOCK_S) - 2].any()
        assert at[round(40.0 / BLOCK_S) + 1 :].max() == pytest.approx(expected, abs=0.06)


def test_what_stays_far_away_becomes_usual() -> None:
    """A step is an outlier when it comes, and none after a few windows."""
    at = pushes(outlier(window=2.0), 20.0, lambda t: 1.0 + (t >= 5.0) + 0.1 * np.sin(9 * t))
    assert at[round(5.0 / BLOCK_S) + 1] == 1.0
    assert at[-1] == 0.0


def test_nothing_is_an_outlier_at_the_beginning_or_for_a_flicker() -> None:
    """The first quarter of the window judges nothing; a thousandth of the span is no deviation."""
    assert not pushes(outlier(), 2.4, lambda t: float(t > 1.0)).any()
    assert not pushes(outlier(), 20.0, lambda t: 1.0 + 0.004 * (t > 15.0)).any()
    assert pushes(outlier(), 20.0, lambda t: 1.0 + (t > 15.0)).max() == 1.0


@pytest.mark.parametrize("of", [Of.SLOPE, Of.OUTLIER])
def test_a_number_that_is_none_is_no_change(of: Of) -> None:
    """NaN before the first good number, and NaN between two, push nothing."""
    route = Route("loss", "sound.voice.level", 1.0, of=of)
    at = pushes(route, 8.0, lambda t: np.nan if t < 1.0 or 4.0 < t < 5.0 else 3.0)
    assert not at.any()


def test_the_highest_stays_for_its_hold() -> None:
    """Blocks of .1 s, hold .3: a peak of .5 stands three blocks, a higher one begins anew."""
    said = [0.0, 2.0, 0.0, 0.0, 0.0, 0.0, 2.0, 0.4, 4.0, 0.0, 1.0, 0.0, 0.0]
    route = Route("loss", "sound.voice.level", 1.0, hold=0.3, lag_up=0.0, lag_down=0.0)
    at = pushes(route, 1.3, lambda t: said[round(t * 10)], block_s=0.1)
    expected = [0, 0.5, 0.5, 0.5, 0, 0, 0.5, 0.5, 1, 1, 1, 0, 0]
    assert at == pytest.approx(expected, abs=1e-6)


def test_a_trigger_fires_once_per_crossing() -> None:
    """Threshold .5, hold .2: two blocks of 1; not again until it has been below, by more than a hair."""
    said = [0.0, 0.6, 0.9, 0.9, 0.9, 0.49, 0.6, 0.1, 0.5, 0.0, 0.0, 0.0]
    route = Route(
        "loss", "sound.voice.level", 1.0, high=1, threshold=0.5, hold=0.2, lag_up=0, lag_down=0
    )
    at = pushes(route, 1.2, lambda t: said[round(t * 10)], block_s=0.1)
    assert at == pytest.approx([0, 1, 1, 0, 0, 0, 0, 0, 1, 1, 0, 0], abs=1e-6)


def test_a_trigger_without_hold_lasts_one_block_and_what_begins_high_has_not_crossed() -> None:
    """High from the first block on is no crossing."""
    said = [0.9, 0.9, 0.0, 0.9, 0.9, 0.0]
    route = Route("loss", "sound.voice.level", 1.0, high=1, threshold=0.5, lag_up=0, lag_down=0)
    at = pushes(route, 0.6, lambda t: said[round(t * 10)], block_s=0.1)
    assert at == pytest.approx([0, 0, 0, 1, 0, 0], abs=1e-6)


def test_two_routes_that_read_the_same_share_it_and_each_keeps_its_span() -> None:
    """A slope over 0..1 and the same over 0..2: .5 and .25, with the level beside them."""
    both = slope(low=0, high=1, window=1.0)
    modulator = Modulator(
        (
            Route("loss", "sound.voice.level", 0.5, of=Of.SLOPE, low=0, high=2, lag_up=0),
            Route("loss", "sound.voice.level", 0.0, plus=(Source("loss", 0, 1, of=Of.SLOPE),)),
            both,
        ),
        STREAMS,
        BANK,
    )
    for block in range(1000):
        streams = np.array([0.5 * block * BLOCK_S, 0], np.float32)
        at = modulator.positions(BANK.defaults, streams, BLOCK_S)
    assert at[0] == pytest.approx(0.5 * 0.25 + 0.5, abs=0.01)
