"""The ceiling of the limiter on hostile sounds, by a meter that is not ours (ffmpeg's ebur128)."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from ebur128 import RATE, measure

from instrument.sound.limiter import CEILING_DBTP, Limiter
from instrument.sound.meter import Meter
from instrument.sound.true_peak import MOST_BETWEEN, interpolation_filters

pytestmark = pytest.mark.slow

FRAMES = 256 * 375
BLOCK = 256
Hostile = Callable[[], np.ndarray]


def quarter_rate() -> np.ndarray:
    """A sine at a quarter of the rate whose samples all miss its peaks by 3 dB."""
    return np.sin(np.pi / 2 * np.arange(FRAMES) + np.pi / 4)


def quarter_rate_in_gusts() -> np.ndarray:
    return quarter_rate() * (np.arange(FRAMES) % 4000 < 1300)


def square() -> np.ndarray:
    return np.sign(np.sin(2 * np.pi * 997.0 * np.arange(FRAMES) / RATE) + 1e-9)


def high_square() -> np.ndarray:
    return np.sign(np.sin(2 * np.pi * 7919.0 * np.arange(FRAMES) / RATE) + 1e-9)


def noise_bursts() -> np.ndarray:
    noise = np.random.default_rng(4).normal(0, 1, FRAMES)
    return noise * (np.arange(FRAMES) % 9000 < 700)


def steps() -> np.ndarray:
    return np.repeat(np.random.default_rng(5).choice([-1.0, 0.0, 1.0], FRAMES // 40), 40)


def sign_noise() -> np.ndarray:
    return np.random.default_rng(6).choice([-1.0, 1.0], FRAMES)


HOSTILE = [
    quarter_rate, quarter_rate_in_gusts, square, high_square, noise_bursts, steps, sign_noise,
]  # fmt: skip


def through(sound: np.ndarray) -> np.ndarray:
    limiter = Limiter(RATE, channels=sound.shape[1])
    whole = len(sound) // BLOCK * BLOCK
    return np.concatenate(
        [limiter.process(sound[at : at + BLOCK]) for at in range(0, whole, BLOCK)]
    )


@pytest.mark.parametrize("over_db", [12.0, 40.0])
@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda hostile: hostile.__name__)
def test_a_foreign_meter_finds_no_true_peak_above_the_ceiling(
    hostile: Hostile, over_db: float, tmp_path: Path
) -> None:
    """At 12 and at 40 dB over full scale what leaves is at or below -1 dBTP."""
    wave = hostile() * 10 ** (over_db / 20)
    out = through(np.stack([wave, 0.5 * np.roll(wave, 100)], axis=1))
    assert measure(out, tmp_path).true_peak <= CEILING_DBTP
    assert 20 * np.log10(np.abs(out).max()) > CEILING_DBTP - 6.0


@pytest.mark.parametrize("channels", [4, 8])
def test_many_channels_are_held_and_keep_their_balance(channels: int, tmp_path: Path) -> None:
    """Only one channel is too loud: all are turned down alike, and none is above the ceiling."""
    sound = np.full((FRAMES, channels), 0.1)
    sound[:, 1] = 40.0 * high_square()
    out = through(sound)
    assert measure(out, tmp_path).true_peak <= CEILING_DBTP
    quiet = out[BLOCK:, np.arange(channels) != 1]
    assert np.array_equal(quiet, quiet[:, :1].repeat(channels - 1, axis=1))
    assert quiet.max() < 0.01


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda hostile: hostile.__name__)
def test_the_meter_reads_the_true_peak_as_the_foreign_one(hostile: Hostile, tmp_path: Path) -> None:
    """What the report of a show says; where a wave begins out of nothing two interpolations differ."""
    sound = np.stack([0.5 * hostile()] * 2, axis=1).astype(np.float32)
    meter = Meter(RATE, BLOCK)
    for at in range(0, FRAMES, BLOCK):
        if len(sound) - at >= BLOCK:
            meter.hear(sound[at : at + BLOCK])
    read = 20 * np.log10(meter.true_peak_ever)
    assert read == pytest.approx(measure(sound, tmp_path).true_peak, abs=0.6)


def test_the_meter_reads_a_steady_wave_as_exactly_as_the_norm_asks(tmp_path: Path) -> None:
    """Tech 3341 case 19's tolerance, +0.2 and -0.4 dB, on a sine at a quarter of the rate."""
    rise = np.minimum(1.0, np.arange(FRAMES) / 9600.0)
    sound = np.stack([0.5 * rise * quarter_rate()] * 2, axis=1).astype(np.float32)
    meter = Meter(RATE, BLOCK)
    for at in range(0, FRAMES, BLOCK):
        meter.hear(sound[at : at + BLOCK])
    assert -6.02 - 0.4 <= 20 * np.log10(meter.true_peak_ever) <= -6.02 + 0.2


def test_a_block_that_is_passed_over_is_surely_below() -> None:
    """No signs of samples make a higher peak between them than is reckoned with."""
    assert np.abs(interpolation_filters()).sum(axis=0).max() < MOST_BETWEEN
