"""The meter of flashes, on sequences that can be counted by eye."""

from collections.abc import Callable

import numpy as np
import pytest

from instrument.picture.flashes import FlashMeter, FlashReport, Turns, chromaticity

RATE = 60
SIZE = (72, 128)


def level_of(luminance: float) -> int:
    """sRGB level of a luminance 0..1."""
    encoded = (
        12.92 * luminance if luminance <= 0.0031308 else 1.055 * luminance ** (1 / 2.4) - 0.055
    )
    return round(encoded * 255)


def measured(
    paint: Callable[[np.ndarray, float], None],
    seconds: float = 3.0,
    size: tuple[int, int] = SIZE,
) -> FlashReport:
    meter = FlashMeter()
    for number in range(round(seconds * RATE)):
        picture = np.zeros((*size, 3), np.uint8)
        paint(picture, number / RATE + 1e-7)
        meter.take(picture, number / RATE)
    return meter.report


def square(hertz: float, low: int = 0, high: int = 255, share: float = 1.0) -> Callable:
    """The left `share` of the picture, switched on and off."""

    def paint(picture: np.ndarray, time_s: float) -> None:
        columns = round(share * SIZE[1])
        picture[:, :columns] = high if int(time_s * hertz * 2) % 2 else low

    return paint


@pytest.mark.parametrize(("hertz", "transitions"), [(1, 2), (2, 4), (3, 6), (4, 8), (10, 20)])
def test_a_full_strobe_has_two_transitions_a_flash(hertz: int, transitions: int) -> None:
    """In the worst second, to the transition."""
    report = measured(square(hertz))
    assert report.transitions == report.near_transitions == transitions
    assert report.flashes == hertz
    assert report.area == (1.0 if transitions > 6 else 0.0)


def test_three_a_second_pass_and_four_do_not() -> None:
    """The standard's limit, when it does not last."""
    assert measured(square(3), 3.0).passes
    assert not measured(square(4), 3.0).passes


def test_three_a_second_for_long_do_not_pass() -> None:
    """EA IRIS: four to six transitions in a second, during four of five seconds."""
    report = measured(square(3), 6.0)
    assert report.transitions == 6 and report.sustained and not report.passes
    assert not measured(square(1), 6.0).sustained


@pytest.mark.parametrize(("share", "transitions"), [(0.2, 0), (0.3, 20)])
def test_a_quarter_of_the_screen_decides(share: float, transitions: int) -> None:
    """A fifth of the screen may flash, three tenths may not; near to it a fifth is seen all the same."""
    report = measured(square(10, share=share))
    assert report.transitions == transitions
    assert report.near_transitions == 20
    assert abs(report.area - share) < 0.02


def test_a_tenth_is_a_flash_and_less_is_none() -> None:
    """Nine percent of full luminance are no flash, eleven are; above four fifths nothing is."""
    middle = level_of(0.3)
    assert measured(square(10, middle, level_of(0.39))).transitions == 0
    assert measured(square(10, middle, level_of(0.41))).transitions == 20
    assert measured(square(10, level_of(0.82), 255)).transitions == 0


def test_a_slow_ramp_is_one_transition() -> None:
    """Up during a second and down during the next: one of each, and none between."""

    def ramp(picture: np.ndarray, time_s: float) -> None:
        picture[:] = level_of(1.0 - abs(1.0 - min(2.0, time_s)))

    assert measured(ramp).transitions <= 2


def test_the_worst_second_is_named() -> None:
    """Four flashes between second 2 and 2.4: the second that ends with the last of them."""

    def burst(picture: np.ndarray, time_s: float) -> None:
        picture[:] = 255 * (2.0 <= time_s < 2.4 and int((time_s - 2.0) * 20) % 2 == 0)

    report = measured(burst, 4.0)
    assert report.transitions == 8
    assert 2.3 < report.worst_s < 2.4


def test_red_against_black_and_blue_flashes_but_not_against_itself() -> None:
    """Saturated red, in and out; a red that keeps its colour and changes its light is none."""
    red, dark_red, blue = (255, 0, 0), (180, 0, 0), (0, 0, 255)

    def between(one: tuple, other: tuple, hertz: float = 10) -> FlashReport:
        def paint(picture: np.ndarray, time_s: float) -> None:
            picture[:] = one if int(time_s * hertz * 2) % 2 else other

        return measured(paint)

    assert between(red, (0, 0, 0)).red_transitions == 20
    assert between(red, blue).red_transitions == 20
    assert between(red, dark_red).red_transitions == 0
    assert between((255, 120, 120), (0, 0, 0)).red_transitions == 0
    assert between((0, 255, 0), blue).red_transitions == 0


def test_colours_lie_where_the_standard_has_them() -> None:
    """u'v' of the primaries of sRGB and of white, to three digits."""
    found = chromaticity(np.eye(3, dtype=np.float32)[None])[0]
    wanted = [(0.4507, 0.5229), (0.125, 0.5625), (0.1754, 0.1579)]
    assert np.abs(found - wanted).max() < 0.002
    white = chromaticity(np.ones((1, 1, 3), np.float32))[0, 0]
    assert np.abs(white - (0.1978, 0.4683)).max() < 0.001


def test_white_noise_is_exempt_and_a_noisy_strobe_is_not() -> None:
    """Fine balanced patterns do not flash; the same noise switched on and off does."""
    dice, fine = np.random.default_rng(2), (180, 320)

    def snow(picture: np.ndarray, time_s: float) -> None:
        picture[:] = 255 * dice.integers(0, 2, (*fine, 1))

    def strobe(picture: np.ndarray, time_s: float) -> None:
        snow(picture, time_s)
        picture *= int(time_s * 20) % 2

    assert measured(snow, 2.0, fine).transitions <= 3
    assert measured(strobe, 2.0, fine).transitions >= 18


def test_squares_that_trade_places_flash() -> None:
    """The mean of the screen stands still, every place does not."""

    def trade(picture: np.ndarray, time_s: float) -> None:
        rows, columns = np.indices(SIZE)
        picture[:] = 255 * ((rows // 12 + columns // 12 + int(time_s * 20)) % 2)[..., None]

    assert measured(trade).transitions == 20


def test_turns_follow_their_table() -> None:
    """One place, step by step."""
    turns, none = Turns(), np.zeros(1)
    table = [(0.0, 0), (0.05, 0), (0.1, 1), (0.5, 0), (0.41, 0), (0.4, 1), (0.3, 0), (0.95, 1),
             (0.85, 0), (0.96, 0), (0.7, 1)]  # fmt: skip
    assert [int(turns.take(np.array([x]), none)[0]) for x, _ in table] == [n for _, n in table]
