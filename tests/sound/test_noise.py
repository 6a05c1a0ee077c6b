"""The noise floor: one loudness in every colour, no jump when it is turned."""

import numpy as np
import pytest
from solo import RATE, Solo, db, peaks_hz

from instrument.sound.voices.noise import Noise, NoiseControls


def centroid_hz(sound: np.ndarray) -> float:
    power = np.abs(np.fft.rfft(sound[:, 0])) ** 2
    at = np.arange(len(power)) * RATE / len(sound)
    return float((power * at).sum() / power.sum())


def test_every_colour_is_equally_loud_and_brighter_than_the_one_below() -> None:
    """From rumble to white within 2 dB."""
    with Solo(Noise, NoiseControls) as solo:
        heard = []
        for colour in (0.0, 0.25, 0.5, 0.75, 1.0):
            solo.put(colour=colour).play(0.5)
            heard.append(solo.play(1.0))
    levels = [db(sound) for sound in heard]
    brightness = [centroid_hz(sound) for sound in heard]
    assert max(levels) - min(levels) < 2.0
    assert brightness == sorted(brightness)
    assert brightness[0] < 400 and brightness[-1] > 6000


def test_a_leap_of_the_colour_is_never_louder_than_its_ends() -> None:
    """Darkest to brightest and back within a block: no burst in between."""
    with Solo(Noise, NoiseControls) as solo:
        still = [np.abs(solo.put(colour=colour).play(1.0)).max() for colour in (1.0, 0.0)]
        leaps = [np.abs(solo.put(colour=colour).play(0.5)).max() for colour in (1.0, 0.0, 1.0)]
    assert max(leaps) < 1.3 * max(still)


def test_the_loudspeakers_hiss_independently() -> None:
    """Eight channels, no two alike."""
    with Solo(Noise, NoiseControls, channels=8) as solo:
        sound = solo.put(colour=0.7, dust=100.0).play(2.0)
    assert np.abs(np.corrcoef(sound.T) - np.eye(8)).max() < 0.05


@pytest.mark.parametrize(("mains", "hz"), [("50_hz", 50.0), ("60_hz", 60.0)])
def test_the_hum_is_that_of_the_mains(mains: str, hz: float) -> None:
    """Fundamental and harmonics of 50 or 60 Hz, nothing else, once the hiss is off."""
    with Solo(Noise, NoiseControls) as solo:
        solo.put(hum=1.0, hiss=0.0, mains=mains, buzz=0.5).play(3.0)
        sound = solo.play(2.1)[: 2 * RATE, 0]
    heard = peaks_hz(sound, 40.0)
    assert min(heard) == pytest.approx(hz, abs=1.0)
    assert all(abs(one / hz - round(one / hz)) < 0.03 for one in heard)


def test_dust_is_counted_and_does_not_come_round_again() -> None:
    """Twenty a second on one side, of every strength; two loops of the noise do not repeat."""
    with Solo(Noise, NoiseControls) as solo:
        solo.put(hiss=0.0, dust=20.0).play(1.0)
        sound = np.abs(solo.play(12.0)[:, 0])
    window = RATE // 400
    loud = sound[: len(sound) // window * window].reshape(-1, window).max(axis=1)
    hits = np.flatnonzero((loud[1:-1] > 0.01) & (loud[1:-1] > loud[:-2]) & (loud[1:-1] >= loud[2:]))
    assert 12 * 10 < len(hits) < 12 * 24
    assert loud[hits + 1].std() > 0.3 * loud[hits + 1].mean()
    alike = np.fft.irfft(np.abs(np.fft.rfft(loud - loud.mean(), 2 * len(loud))) ** 2)
    assert alike[200 : len(loud) // 2].max() < 0.4 * alike[0]
