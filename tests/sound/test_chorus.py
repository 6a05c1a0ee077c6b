"""The chorus of digits: ten pipes for ten digits, one when the network has collapsed."""

import numpy as np
import pytest
from solo import RATE, Solo, db, peaks_hz

from instrument.sound.inner import CLASSES
from instrument.sound.voices.digits import ROOT_HZ, TUNINGS, Digits, DigitsControls


def chorus(**values: float | str) -> Solo:
    return ring(2, **values)


def ring(channels: int, **values: float | str) -> Solo:
    still = Solo(Digits, DigitsControls, channels).put(detune=0.0, tremulant=0.0, colour=0.0)
    return still.put(**values)


def all_pipes(level: float) -> dict[str, float | str]:
    return {f"tone_{digit}": level for digit in range(CLASSES)}


@pytest.mark.parametrize("digit", [0, 3, 7, 9])
def test_each_digit_is_its_own_pipe(digit: int) -> None:
    """One level up: one frequency, that of its place in the tuning."""
    with chorus(**{f"tone_{digit}": 1.0}) as solo:
        solo.play(1.0)
        heard = peaks_hz(solo.play(1.1)[:RATE, 0], 12.0)
    assert heard == [pytest.approx(ROOT_HZ * TUNINGS["pentatonic"][digit], abs=1.0)]


def test_ten_live_classes_are_ten_tones_and_a_collapse_is_one() -> None:
    """Even shares sound all ten pipes; one share sounds one, quieter than the ten together."""
    with chorus(**all_pipes(1.0)) as solo:
        solo.play(1.0)
        ten = solo.play(2.1)[: 2 * RATE]
        solo.put(**all_pipes(0.0)).put(tone_7=1.0).play(3.0)
        one = solo.play(2.1)[: 2 * RATE]
    assert len(peaks_hz(ten.sum(axis=1), 16.0)) >= CLASSES
    assert len(peaks_hz(one[:, 0], 16.0)) == 1
    assert db(one) < db(ten) - 6.0


def test_no_level_is_silence() -> None:
    """All ten at zero: nothing at all."""
    with chorus(**all_pipes(0.0)) as solo:
        assert np.abs(solo.play(0.5)).max() < 1e-9


@pytest.mark.parametrize("tuning", TUNINGS)
def test_no_tuning_aliases_at_the_top(tuning: str) -> None:
    """Two octaves up, full principal: nothing stands below the lowest pipe."""
    with chorus(**all_pipes(1.0), tuning=tuning, pitch=24.0, colour=1.0) as solo:
        solo.play(2.0)
        sound = solo.play(1.1)[:RATE, 0]
    assert min(peaks_hz(sound, 46.0)) > 0.97 * 4 * ROOT_HZ
    assert np.isfinite(sound).all()


def test_detune_beats() -> None:
    """60 cents apart a pipe swells and sinks; in tune it stands."""
    depths = []
    for detune in (0.0, 60.0):
        with chorus(tone_0=1.0, detune=detune) as solo:
            solo.play(1.0)
            windows = solo.play(2.0).sum(axis=1)[: 90 * 1024].reshape(-1, 1024)
        swell = np.sqrt((windows**2).mean(axis=1))
        depths.append(swell.min() / swell.max())
    assert depths[0] > 0.85
    assert depths[1] < 0.35


def test_levels_and_tunings_move_without_a_click() -> None:
    """All pipes at once on, to another chord, and off: no step between samples."""
    with chorus(**all_pipes(1.0), colour=0.3) as solo:
        pieces = [solo.play(1.0), solo.put(tuning="cluster").play(0.5)]
        pieces.append(solo.put(**all_pipes(0.0)).play(0.5))
    sound = np.concatenate(pieces)
    assert np.abs(np.diff(sound, axis=0)).max() < 0.2
    assert np.abs(np.diff(sound, 2, axis=0)).max() < 0.05


@pytest.mark.parametrize("channels", [4, 8])
def test_the_pipes_stand_round_the_audience(channels: int) -> None:
    """Every loudspeaker has some of them."""
    with ring(channels, **all_pipes(1.0)) as solo:
        solo.play(1.0)
        sound = solo.play(1.0)
    assert all(db(sound[:, channel]) > -40.0 for channel in range(channels))
