"""The flash guard on a bench: no strobe gets through, what is harmless does, nothing stays held."""

from collections.abc import Iterator

import numpy as np
import pytest
from guard_rig import HARMLESS, STROBES, GuardRig, metered, steady, uneven

from instrument.picture.flash_store import REFILL, STORE
from instrument.picture.stripes import StripeMeter

SIZE = (320, 180)


@pytest.fixture
def rig() -> Iterator[GuardRig]:
    made = GuardRig(SIZE)
    yield made
    made.close()


@pytest.mark.slow
@pytest.mark.parametrize("name", STROBES)
def test_no_strobe_gets_through(rig: GuardRig, name: str) -> None:
    """At most three flashes in any second, over a quarter of the screen and of any third of it."""
    _, out, _ = metered(rig, STROBES[name](*SIZE), steady(2, 60))
    assert max(out.transitions, out.near_transitions) <= 6
    assert out.red_transitions == 0


@pytest.mark.parametrize("times", [steady(2, 30), uneven(2)], ids=["30", "uneven"])
@pytest.mark.parametrize("name", ["square 10 Hz", "bars 16 px 10 Hz", "patches 10 Hz"])
def test_no_rate_of_pictures_lets_a_strobe_through(
    rig: GuardRig, name: str, times: list[float]
) -> None:
    """Half the rate, and one that wanders and stalls."""
    _, out, _ = metered(rig, STROBES[name](*SIZE), times)
    assert max(out.transitions, out.near_transitions) <= 6


@pytest.mark.parametrize("name", HARMLESS)
def test_what_is_harmless_is_shown_as_it_is(rig: GuardRig, name: str) -> None:
    """Not a level of it is changed."""
    _, _, apart = metered(rig, HARMLESS[name](*SIZE), steady(2, 60))
    assert apart == 0.0


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["square 4 Hz", "sine 10 Hz", "bars 16 px 10 Hz", "random colours"]
)
def test_what_strobes_for_long_stays_below_four_a_second(rig: GuardRig, name: str) -> None:
    """EA IRIS: four to six transitions a second must not last; twelve seconds of strobe pass."""
    _, out, _ = metered(rig, STROBES[name](*SIZE), steady(12, 30))
    assert out.passes and not out.sustained


def test_a_held_picture_lets_go_when_all_is_still(rig: GuardRig) -> None:
    """Within a second after the last change the picture is the one that was asked for."""
    strobe = STROBES["square 10 Hz"](*SIZE)
    shares = []
    for number in range(90):
        rig.show(strobe(number / 30, number), 1 / 30)
        shares.append(rig.guard.held.share)
    assert max(shares) == 1.0
    for level in (255, 0, 90):
        still = np.full((SIZE[1], SIZE[0], 3), level, np.uint8)
        for _ in range(30):
            shown = rig.show(still, 1 / 30)
        assert (shown == still).all()
        assert rig.guard.held.share == 0.0


def test_blackout_is_black_at_once_and_is_never_held(rig: GuardRig) -> None:
    """In the midst of a strobe; after it the strobe is limited as before."""
    strobe = STROBES["square 10 Hz"](*SIZE)
    for number in range(60):
        rig.show(strobe(number / 30, number), 1 / 30)
    assert rig.show(np.zeros((SIZE[1], SIZE[0], 3), np.uint8), 1 / 30, black=0.0).max() == 0
    _, out, _ = metered(rig, strobe, steady(2, 30))
    assert out.transitions <= 6


def test_another_inner_size_amid_a_strobe_flashes_no_more() -> None:
    """Coarser and finer again, each half second."""
    rig, level = GuardRig(SIZE), []
    for number in range(90):
        if number % 15 == 0:
            size = SIZE if number // 15 % 2 else (214, 120)
            last = rig.shown[1].read(components=3, alignment=1)[:3]
            rig.resize(size)
            rig.shown[1].clear(*(part / 255 for part in last))
        paint = STROBES["square 10 Hz"](*rig.size)
        level.append(rig.show(paint(number / 30, number), 1 / 30).mean() / 255)
    linear = np.array(level) ** 2.2
    turns, extreme, direction = 0, linear[0], 0.0
    for now in linear:
        if np.sign(now - extreme) == direction:
            extreme = now
        elif abs(now - extreme) >= 0.1:
            turns, extreme, direction = turns + 1, now, np.sign(now - extreme)
    assert turns <= STORE + REFILL * 3
    rig.close()


def test_regular_stripes_are_dimmed_and_a_barcode_is_not(rig: GuardRig) -> None:
    """The light stripes fall to a quarter of full luminance; widths from data stay as they are."""
    columns = np.indices((SIZE[1], SIZE[0]))[1]
    meter = StripeMeter()
    for _ in range(60):
        shown = rig.show(
            np.repeat(255 * (columns % 10 < 5)[..., None], 3, 2).astype(np.uint8), 1 / 30
        )
    meter.take(shown, 0.0)
    assert meter.area == 0.0
    assert 0.2 <= (shown.max() / 255) ** 2.2 <= 0.26
    assert shown.min() == 0
    edges = np.cumsum(np.random.default_rng(3).integers(1, 14, 300))
    barcode = np.repeat(255 * (np.searchsorted(edges, columns) % 2)[..., None], 3, 2).astype(
        np.uint8
    )
    for _ in range(75):
        shown = rig.show(barcode, 1 / 30)
    assert (shown == barcode).all()


def test_the_guard_that_is_off_lets_all_through() -> None:
    """But red, which is paled all the same."""
    rig = GuardRig(SIZE, on=False)
    strobe, out, apart = STROBES["square 10 Hz"], None, 0.0
    _, out, apart = metered(rig, strobe(*SIZE), steady(1.5, 30))
    assert out.transitions == 20 and apart == 0.0
    assert rig.guard.held.pictures == 0
    rig.close()


def test_held_tells_how_much_and_how_often(rig: GuardRig) -> None:
    """A quarter that strobes is held as a quarter, and each such picture counts."""
    strobe = STROBES["quarter 10 Hz"](*SIZE)
    shares = []
    for number in range(60):
        rig.show(strobe(number / 30, number), 1 / 30)
        shares.append(rig.guard.held.share)
    assert 0.2 < max(shares) < 0.35
    assert rig.guard.pictures_held == sum(share > 0 for share in shares) > 10
