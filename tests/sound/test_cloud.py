"""The cloud, alone on a real graph."""

from collections.abc import Callable

import numpy as np
import pytest
from alone import hiss, loudness_curve, recording, share_near, sine
from scipy import signal
from solo import RATE, Solo, db

from instrument.sound.recording import Recording
from instrument.sound.voices.cloud import Cloud, CloudControls
from instrument.sound.voices.grains import even_density


@pytest.fixture
def make(one_solo: Callable[..., Solo]) -> Callable[..., Solo]:
    """Builds a cloud that plays a recording."""

    def build(source: Recording, **options: int) -> Solo:
        return one_solo(lambda graph: Cloud(graph, source), CloudControls, **options)

    return build


def rising(seconds: float = 10.0) -> Recording:
    """A sweep whose pitch says where a grain was taken: 200 Hz at the start, then 200 Hz more each
    second."""
    time = np.arange(int(seconds * RATE)) / RATE
    return recording(0.14 * np.sin(2 * np.pi * (200 * time + 100 * time**2)), "rising")


def pitch_of(sound: np.ndarray) -> float:
    """Where the power of one channel is centred, Hz."""
    power = np.abs(np.fft.rfft(sound * np.hanning(len(sound)))) ** 2
    return float((power * np.fft.rfftfreq(len(sound), 1 / RATE)).sum() / power.sum())


def test_the_same_seed_gives_the_same_bytes(make: Callable[..., Solo]) -> None:
    def take(seed: int) -> bytes:
        cloud = make(hiss(2.0), seed=seed)
        cloud.put(pitch_jitter=7, scale="minor", reverse=0.5, filter_jitter=1, disorder=1)
        return cloud.play(0.5).tobytes()

    assert take(1) == take(1)
    assert take(1) != take(2)


def test_it_is_about_equally_loud_whatever_the_grains(make: Callable[..., Solo]) -> None:
    """From four grains a second to two thousand, from 2 ms to a second: within 6 dB."""
    cloud = make(hiss(6.0))
    cloud.put(brightness=18000, filter_jitter=0)
    heard = []
    for density, size_ms in ((8, 180), (60, 40), (500, 4), (2000, 2), (2000, 180), (300, 1000)):
        cloud.put(density=density, size_ms=size_ms)
        cloud.play(1.2)
        heard.append(db(cloud.play(1.0)))
    assert max(heard) - min(heard) < 6.0
    assert -30 < np.mean(heard) < -15


def test_moving_everything_at_once_never_clicks(make: Callable[..., Solo]) -> None:
    """On a sine of 220 Hz whatever is heard above 4 kHz would be a click: 50 dB under it."""
    cloud = make(sine(220, 10))
    cloud.put(overlap=20, size_ms=200, disorder=0.5)
    cloud.play(1.0)
    random = np.random.default_rng(1)
    pieces = []
    for step in range(24):
        cloud.put(
            size_ms=random.uniform(100, 900), overlap=random.uniform(2, 60), scan=step % 5 - 2,
            pitch=random.uniform(-12, 12), pitch_jitter=random.uniform(0, 7),
            position=random.random(), jitter=random.random(), freeze=step % 2,
            reverse=random.random(), shape=random.uniform(0.33, 0.66), spread=random.random(),
            disorder=random.random(), brightness=random.uniform(500, 9000),
        )  # fmt: skip
        pieces.append(cloud.play(0.25))
    sound = np.concatenate(pieces)
    high = signal.sosfilt(signal.butter(6, 4000, "high", fs=RATE, output="sos"), sound, axis=0)[
        RATE // 10 :
    ]
    assert np.abs(high).max() < 3e-3 * np.abs(sound).max()


@pytest.mark.parametrize("density", [100, 187, 440, 1000])
def test_a_steady_pulse_of_grains_rings_as_a_clean_tone(
    make: Callable[..., Solo], density: int
) -> None:
    """Order 0, one place, short grains: only harmonics of the density, all else 45 dB under them."""
    cloud = make(hiss(3.0))
    cloud.put(density=density, size_ms=4, jitter=0, disorder=0, filter_jitter=1, spread=1)
    cloud.play(1.5)
    sound = cloud.play(1.0)
    even = even_density(density, RATE)
    harmonics = [even * number for number in range(1, int(RATE / 2 / even) + 1)]
    assert share_near(sound[:, 0], harmonics) > 1 - 3e-5
    curve = loudness_curve(sound, 0.1)
    assert curve.max() - curve.min() < 0.5
    assert db(sound) > -32


def test_position_chooses_the_place_and_scan_drifts_round_from_there(
    make: Callable[..., Solo],
) -> None:
    cloud = make(rising())
    cloud.put(overlap=10, size_ms=60, jitter=0, position=0.1)
    cloud.play(0.5)
    assert pitch_of(cloud.play(0.3)[:, 0]) == pytest.approx(400, abs=60)
    cloud.put(scan=2)
    cloud.play(2.0)
    assert pitch_of(cloud.play(0.2)[:, 0]) == pytest.approx(1250, abs=120)
    cloud.put(scan=-2)
    cloud.play(3.0)
    assert pitch_of(cloud.play(0.2)[:, 0]) > 1800
    cloud.put(scan=0)
    cloud.play(0.5)
    assert pitch_of(cloud.play(0.2)[:, 0]) == pytest.approx(400, abs=60)


def test_freeze_holds_the_place_against_hand_scan_and_jitter(make: Callable[..., Solo]) -> None:
    cloud = make(rising())
    cloud.put(overlap=10, size_ms=60, jitter=0, position=0.5)
    cloud.play(0.5)
    cloud.put(freeze=1)
    cloud.play(0.1)
    cloud.put(position=0.9, scan=2, jitter=0.6)
    cloud.play(0.5)
    sound = cloud.play(0.5)
    assert pitch_of(sound[:, 0]) == pytest.approx(1210, abs=80)
    assert db(sound) > -32


def test_reverse_plays_the_same_place_backwards(make: Callable[..., Solo]) -> None:
    """A grain of the rising sweep falls when it is played backwards; it stays at its place."""

    def slope(reverse: float) -> tuple[float, float]:
        cloud = make(rising())
        cloud.put(
            density=2, size_ms=400, jitter=0, disorder=0, position=0.5, shape=2 / 3, spread=0,
            reverse=reverse,
        )  # fmt: skip
        cloud.play(4.0)
        sound = cloud.play(0.5)[:, 0]
        loud = np.flatnonzero(np.abs(sound) > 0.05 * np.abs(sound).max())
        grain = sound[loud[0] : loud[-1]] if loud[-1] - loud[0] < 0.45 * RATE else sound
        half = len(grain) // 2
        return pitch_of(grain[:half]), pitch_of(grain[half:])

    forwards, backwards = slope(0.0), slope(1.0)
    assert sorted(forwards) == pytest.approx(sorted(backwards), abs=15)
    assert (forwards[1] - forwards[0]) * (backwards[1] - backwards[0]) < 0


def test_grains_at_either_end_and_at_any_pitch_are_heard(make: Callable[..., Solo]) -> None:
    """None vanishes over the end of the table, forwards or backwards, in a recording of 1 s."""
    cloud = make(hiss(1.0))
    cloud.put(overlap=20, size_ms=1000, jitter=1, reverse=0.5, filter_jitter=0, brightness=18000)
    for position, pitch in ((0, 0), (1, 0), (0, 24), (1, 24), (1, -24)):
        cloud.put(position=position, pitch=pitch, pitch_jitter=5)
        cloud.play(1.5)
        assert loudness_curve(cloud.play(1.0), 0.1).min() > -34


def test_grains_draw_only_notes_of_the_scale(make: Callable[..., Solo]) -> None:
    cloud = make(sine(400, 4))
    cloud.put(overlap=40, size_ms=500, pitch=0.4, pitch_jitter=12, scale="octaves", brightness=9000)
    cloud.play(1.0)
    assert share_near(cloud.play(1.0)[:, 0], [200, 400, 800], 12) > 0.99


def test_another_recording_takes_over_whole_with_long_grains_in_the_air(
    make: Callable[..., Solo],
) -> None:
    """Also a much shorter one, again and again, at any moment: nothing of the old is heard."""
    cloud = make(sine(300, 20))
    cloud.put(overlap=40, size_ms=1000, jitter=1)
    cloud.play(0.5)
    for turn, awake_s in enumerate((0.1, 1.2, 0.02, 1.5, 0.3)):
        cloud.sleep()
        cloud.voice.load(sine(1500, 0.5) if turn % 2 == 0 else sine(300, 20))
        cloud.wake()
        cloud.play(awake_s)
    cloud.play(1.5)
    assert share_near(cloud.play(1.0)[:, 0], [1500], 40) > 0.99


@pytest.mark.parametrize("channels", [2, 4, 8])
def test_spread_fills_the_ring_and_none_of_it_is_the_middle(
    make: Callable[..., Solo], channels: int
) -> None:
    cloud = make(hiss(3.0), channels=channels)
    cloud.put(overlap=60, spread=0)
    cloud.play(0.5)
    narrow = np.mean(np.square(cloud.play(0.5)), axis=0)
    assert narrow[0] == pytest.approx(narrow[1], rel=0.05)
    assert narrow[2:].sum() == 0
    cloud.put(spread=1)
    cloud.play(0.5)
    wide = np.mean(np.square(cloud.play(2.0)), axis=0)
    assert 10 * np.log10(wide.max() / wide.min()) < 3.5


def test_grains_without_filters_sound_like_those_whose_filters_are_open(
    make: Callable[..., Solo],
) -> None:
    """The generator without filters takes over at the top of the brightness, and nobody hears it."""
    cloud = make(sine(220, 10))
    cloud.put(overlap=30, size_ms=150, brightness=17_800, filter_jitter=0)
    cloud.play(1.0)
    filtered = cloud.play(1.0)
    cloud.put(brightness=18_000)
    change = cloud.play(0.5)
    cloud.play(0.5)
    assert db(cloud.play(1.0)) == pytest.approx(db(filtered), abs=1.0)
    steps = [np.abs(np.diff(part, axis=0)).max() for part in (filtered, change)]
    assert steps[1] < 1.3 * steps[0]


def test_filters_that_ring_on_from_grain_to_grain_do_not_grow_without_end(
    make: Callable[..., Solo],
) -> None:
    """The shortest grains, the most resonance, cutoffs four octaves apart, the tone leaping."""
    cloud = make(hiss(3.0))
    cloud.put(size_ms=2, density=2000, resonance=1, filter_jitter=1, pitch=24, disorder=0.4)
    loudest = []
    for brightness in (120, 2000, 120, 18_000, 300, 120) * 3:
        cloud.put(brightness=brightness)
        loudest.append(np.abs(cloud.play(0.3)).max())
    assert max(loudest) < 2.0
