"""The drone, alone on a real graph."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from alone import hiss, loudness_curve, recording, share_near, sine
from solo import RATE, Solo, db

from instrument.house import House
from instrument.sound.recording import Recording
from instrument.sound.recordings import load
from instrument.sound.voices.drone import INTERVALS, Drone, DroneControls
from instrument.sound.voices.places import folded
from instrument.sound.voices.steps import in_step
from instrument.sound.voices.sustain import levelled

pytestmark = pytest.mark.slow


@pytest.fixture
def make(one_solo: Callable[..., Solo]) -> Callable[..., Solo]:
    """Builds a drone that plays a recording, in tune and without breath."""

    def build(source: Recording, **options: int) -> Solo:
        solo = one_solo(lambda graph: Drone(graph, source), DroneControls, **options)
        return solo.put(detune=0, breath=0, blend=0, body=0, brightness=16000)

    return build


@pytest.mark.parametrize("hz, seconds", [(61.7, 20), (220, 20), (997.3, 20), (220.7, 1)])
def test_in_tune_a_sine_is_sustained_without_a_ripple(
    make: Callable[..., Solo], hz: float, seconds: float
) -> None:
    """The heads crossfade in step; every pass begins anew, somewhere else in the recording."""
    drone = make(sine(hz, seconds)).put(scan=0.4)
    drone.play(1.0)
    sound = drone.play(16.0)
    curve = loudness_curve(sound, 0.1)
    assert curve.max() - curve.min() < 0.8
    assert share_near(sound[:, 0], [hz], 3) > 0.999


def test_the_second_player_stands_at_its_just_interval(make: Callable[..., Solo]) -> None:
    for name in ("fifth", "octave_below", "seventh", "minor_second", "twelfth"):
        drone = make(sine(240, 10)).put(blend=0.75, interval=name)
        drone.play(3.0)
        sound = drone.play(2.0)[:, 0]
        assert share_near(sound, [240, 240 * INTERVALS[name]], 2) > 0.999
        assert share_near(sound, [240 * INTERVALS[name]], 2) > 0.3


def test_detune_makes_it_beat_at_the_difference(make: Callable[..., Solo]) -> None:
    """30 cents over 200 Hz are 3.5 Hz: the twin is there, and the loudness swings with it."""
    drone = make(sine(200, 20))
    drone.play(2.0)
    steady = loudness_curve(drone.play(4.0), 0.05)
    drone.put(detune=30)
    drone.play(3.0)
    sound = drone.play(4.0)
    beating = loudness_curve(sound, 0.05)
    assert steady.max() - steady.min() < 1.0
    assert beating.max() - beating.min() > 9.0
    assert share_near(sound[:, 0], [200, 200 * 2 ** (30 / 1200)], 1.5) > 0.99


def test_back_in_tune_it_is_steady_again(make: Callable[..., Solo]) -> None:
    """Wherever the twins had drifted: in tune there is only one, so nothing is left cancelled."""
    drone = make(sine(200, 20)).put(detune=40)
    drone.play(2.3)
    drone.put(detune=0)
    drone.play(4.0)
    curve = loudness_curve(drone.play(4.0), 0.1)
    assert curve.max() - curve.min() < 0.8
    assert curve.mean() == pytest.approx(-21, abs=1.5)


def test_body_adds_the_octave_below(make: Callable[..., Solo]) -> None:
    drone = make(sine(200, 10))
    drone.play(1.0)
    assert share_near(drone.play(1.0)[:, 0], [100], 2) < 1e-4
    drone.put(body=1)
    drone.play(2.0)
    assert share_near(drone.play(2.0)[:, 0], [100], 2) > 0.25


def test_rests_in_the_recording_are_bridged(make: Callable[..., Solo]) -> None:
    """A chord that falls to a fifth of itself every other second: a bed with dips of a few dB."""
    source = sine(220, 20)
    gate = np.where(np.arange(len(source.samples)) // RATE % 2 == 0, 1.0, 0.2)
    gated = recording(source.samples[:, 0] * gate, "gated")
    drone = make(gated)
    drone.play(2.0)
    curve = loudness_curve(drone.play(10.0), 0.5)
    assert curve.std() < 2.5


@pytest.mark.parametrize(
    "name",
    [
        "drone_principal", "drone_pedal", "drone_flutes", "drone_quints", "cluster_reeds",
        "cluster_mixture", "full_organ",
    ],
)  # fmt: skip
def test_every_shipped_recording_is_a_bed(
    make: Callable[..., Solo], house: House, name: str
) -> None:
    """In tune: heard all the time, no second far from the rest, no DC, no step."""
    drone = make(load(Path(house.recordings[name]), RATE)).put(blend=0.35, brightness=2600)
    drone.play(2.0)
    sound = drone.play(20.0)
    assert loudness_curve(sound, 1.0).std() < 2.0
    assert -30 < db(sound) < -14
    assert np.abs(sound.mean(axis=0)).max() < 1e-3
    assert np.abs(np.diff(sound, axis=0)).max() < 0.25 * np.abs(sound).max()


def test_another_recording_sounds_at_once_and_nothing_of_the_old(make: Callable[..., Solo]) -> None:
    drone = make(sine(300, 12))
    drone.play(1.0)
    for hz, seconds in ((700, 0.3), (300, 20), (500, 1.0)):
        drone.sleep()
        drone.voice.load(sine(hz, seconds))
        drone.wake()
        sound = drone.play(1.0)
        assert share_near(sound[RATE // 20 :, 0], [hz], 8) > 0.99
        assert loudness_curve(sound, 0.1).min() > -26


def test_position_and_scan_choose_where_it_reads(make: Callable[..., Solo]) -> None:
    """A recording of two notes: the first half 300 Hz, the second 900 Hz."""
    time = np.arange(40 * RATE) / RATE
    two = recording(0.14 * np.sin(2 * np.pi * np.where(time < 20, 300, 900) * time))
    drone = make(two).put(position=0)
    assert share_near(drone.play(0.5)[:, 0], [300], 10) > 0.9
    drone.put(position=1)
    drone.play(10.0)
    assert share_near(drone.play(0.5)[:, 0], [900], 10) > 0.9
    drone = make(two).put(position=0)
    drone.play(1.0)
    drone.put(scan=1)
    drone.play(38.0)
    assert share_near(drone.play(0.5)[:, 0], [900], 10) > 0.9


def test_it_takes_the_shortest_recording_there_is(make: Callable[..., Solo]) -> None:
    for pitch in (-24, 0, 12):
        drone = make(hiss(0.05)).put(pitch=pitch, interval="twelfth", blend=1, detune=50, body=1)
        assert -60 < db(drone.play(0.5)) < -3


@pytest.mark.parametrize("channels", [4, 8])
def test_both_sides_reach_all_loudspeakers_of_their_half(
    make: Callable[..., Solo], channels: int
) -> None:
    source = hiss(4.0)
    source.samples[:, 1] = 0.0
    drone = make(source, channels=channels)
    drone.play(2.0)
    power = np.mean(np.square(drone.play(0.5)), axis=0)
    heard = power > 0.1 * power.max()
    right = [1 <= channel <= channels // 2 for channel in range(channels)]
    assert heard.tolist() == [not side for side in right]


def test_the_same_seed_gives_the_same_bytes(make: Callable[..., Solo]) -> None:
    def take(seed: int) -> bytes:
        drone = make(hiss(3.0), seed=seed).put(detune=20, blend=0.5, breath=1, scan=1)
        return drone.play(3.0).tobytes()

    assert take(1) == take(1)
    assert take(1) != take(2)


def test_in_step_finds_the_wave_again_to_the_sample() -> None:
    """Noise that comes again 10,100 frames later."""
    noise = np.random.default_rng(0).normal(size=(10_100, 2))
    again = np.concatenate([noise, noise])
    for first, last in ((11_900, 12_300), (12_100, 12_500), (11_000, 12_101)):
        assert in_step(again, 2000, first, last, 8000) == 12_100


def test_in_step_stays_between_its_limits_and_within_the_recording() -> None:
    noise = np.random.default_rng(0).normal(size=(4000, 2))
    for at, first, last in ((0, 1800, 2200), (3999, 100, 100), (-50, 5, 900)):
        assert first <= in_step(noise, at, first, last, 48000) <= last
    assert in_step(noise, 0, 9000, 9900, 48000) == 3500


def test_levelled_lifts_what_is_quiet_and_leaves_what_is_right() -> None:
    steady = np.full((4096, 2), 0.1, np.float32)
    assert levelled(steady, 64, 0.1) == pytest.approx(np.ones(64), rel=1e-3)
    half = steady.copy()
    half[2048:] *= 0.5
    gains = levelled(half, 64, 0.05)
    assert gains[:24] == pytest.approx(np.ones(24), rel=1e-3)
    assert gains[40:] == pytest.approx(np.full(24, 2**0.9), rel=1e-3)
    assert levelled(np.zeros((4096, 2), np.float32), 64, 0.1).max() == 4.0


def test_a_place_folds_at_both_ends() -> None:
    assert [folded(place) for place in (-0.25, 0.0, 0.5, 1.0, 1.25, 2.0, 2.5)] == pytest.approx(
        [0.25, 0.0, 0.5, 1.0, 0.75, 0.0, 0.5]
    )
