"""The numbers station: what it says can be written down again."""

import itertools

import numpy as np
import pytest
from solo import BLOCK, RATE, Solo, db, peaks_hz

from instrument.sound.voices.numbers import Numbers, NumbersControls
from instrument.sound.voices.speech import MORSE, two_tones

PITCH_HZ = 440.0


def station(**values: float | str) -> Solo:
    return Solo(Numbers, NumbersControls).put(rate=1, tone=0, **values)


def marks(sound: np.ndarray) -> list[tuple[int, int]]:
    """Begin and end of each tone, in samples; a gap is 20 ms of silence."""
    loud = np.flatnonzero(np.abs(sound).max(axis=1) > 0.02)
    cuts = np.flatnonzero(np.diff(loud) > 0.02 * RATE)
    begins = [int(loud[0]), *(int(loud[cut + 1]) for cut in cuts)]
    ends = [*(int(loud[cut]) for cut in cuts), int(loud[-1])]
    return list(zip(begins, ends, strict=True))


def digit_of_tones(sound: np.ndarray) -> str:
    """The sign whose two tones these are."""
    heard = sorted(peaks_hz(sound[:, 0], below_db=8.0))
    by_ratios = {letter: two_tones(letter) for letter in "0123456789."}
    low, high = heard[0] / PITCH_HZ, heard[-1] / PITCH_HZ
    return min(
        by_ratios, key=lambda one: abs(by_ratios[one][0] - low) + abs(by_ratios[one][1] - high)
    )


@pytest.mark.parametrize("said", ["0.69", "13.07", "58.42", "99.99"])
def test_two_tones_are_read_back_to_the_number(said: str) -> None:
    """Every digit is heard as its own pair of tones, in order, and the point too."""
    with station(number=float(said), speed=6) as solo:
        sound = solo.play(2.5)
    assert "".join(digit_of_tones(sound[a:b]) for a, b in marks(sound)) == said


def test_pips_are_counted() -> None:
    """3.10 is three pips, one long low tone, one pip, and ten for nought."""
    with station(number=3.1, speak="pips", speed=4) as solo:
        sound = solo.play(4.0)
    heard = marks(sound)
    long_ones = [place for place, (a, b) in enumerate(heard) if b - a > 0.15 * RATE]
    assert long_ones == [3]
    assert peaks_hz(sound[heard[3][0] : heard[3][1], 0], 6.0)[0] == pytest.approx(220, abs=6)
    gaps = [b[0] - a[1] for a, b in itertools.pairwise(heard[4:])]
    assert len(heard) == 3 + 1 + 1 + 10
    assert max(gaps) == gaps[0]


def test_morse_is_morse() -> None:
    """7.05 in dots and dashes, as any operator would take it down."""
    with station(number=7.05, speak="morse", speed=3) as solo:
        sound = solo.play(4.0)
    dots = "".join("-" if b - a > 0.08 * RATE else "." for a, b in marks(sound))
    assert dots == "".join(MORSE[letter] for letter in "7.05")


def test_a_reading_says_the_number_that_stood_when_it_began() -> None:
    """A loss that moves while it is read does not change what is said."""
    with station(number=12.34, speed=6) as solo:
        first = solo.play(0.4)
        sound = np.concatenate([first, solo.put(number=98.76).play(1.6)])
    assert "".join(digit_of_tones(sound[a:b]) for a, b in marks(sound)) == "12.34"


def test_readings_come_at_their_rate_and_pause_between() -> None:
    """Twenty a minute: one begins every three seconds, and most of the time is silent."""
    with Solo(Numbers, NumbersControls).put(rate=20, number=1.11, speed=10) as solo:
        sound = solo.play(9.0)
    loud = np.flatnonzero(np.abs(sound).max(axis=1) > 0.02)
    begins = loud[np.diff(loud, prepend=-RATE) > RATE]
    assert np.diff(begins) == pytest.approx(3 * RATE, abs=2 * BLOCK)
    assert np.mean(np.abs(sound).max(axis=1) < 1e-6) > 0.7


def test_a_slow_reading_is_finished_before_the_next() -> None:
    """Sixty a minute do not fit at one digit a second: none is cut off."""
    with Solo(Numbers, NumbersControls).put(rate=60, number=0.5, speed=2, tone=0) as solo:
        sound = solo.play(3.4)
    assert "".join(digit_of_tones(sound[a:b]) for a, b in marks(sound)[:4]) == "0.50"


def test_the_reed_is_as_loud_as_the_sines_and_no_tone_clicks() -> None:
    """Its colour does not change its level by more than 6 dB; it begins and ends softly."""
    levels = []
    for tone in (0.0, 1.0):
        with station(number=8.88, speed=4).put(tone=tone) as solo:
            sound = solo.play(1.5)
        levels.append(db(sound))
        assert np.abs(np.diff(sound, axis=0)).max() < 0.3
    assert abs(levels[0] - levels[1]) < 6.0


def test_turned_up_again_it_begins_at_once() -> None:
    """Off in a pause of a minute and on again: the number is said from its beginning."""
    with station(number=4.2, speed=8, level=0.0) as solo:
        solo.play(3.0)
        solo.put(level=-60.0, number=2.5).play(0.2)
        sound = solo.put(level=0.0).play(1.5)
    assert "".join(digit_of_tones(sound[a:b]) for a, b in marks(sound)) == "2.50"
