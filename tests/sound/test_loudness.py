"""The loudness meter, against ffmpeg's and against the cases of EBU Tech 3341."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from ebur128 import RATE, measure
from scipy.signal import sosfilt

from instrument.signals.frames import SILENT_LUFS
from instrument.sound.filters import BlockFilter
from instrument.sound.loudness import LoudnessMeter, k_weighting
from instrument.sound.recordings import loudness_lufs

BLOCK = 256
Sound = Callable[[], np.ndarray]


def heard(sound: np.ndarray, rate: int = RATE, block: int = BLOCK) -> LoudnessMeter:
    meter = LoudnessMeter(rate, block, sound.shape[1])
    for first in range(0, len(sound) - block + 1, block):
        meter.hear(sound[first : first + block].astype(np.float32))
    return meter


def sine(dbfs: float, seconds: float, hz: float = 1000.0, rate: int = RATE) -> np.ndarray:
    """Stereo, both sides alike."""
    wave = 10 ** (dbfs / 20) * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate)
    return np.stack([wave, wave], axis=1)


def test_the_weighting_has_the_coefficients_of_the_recommendation() -> None:
    """BS.1770, tables 1 and 2, at 48 kHz."""
    shelf, high_pass = k_weighting(48000)
    expected = (1.53512485958697, -2.69169618940638, 1.19839281085285)
    assert shelf[:3] == pytest.approx(expected, abs=1e-9)
    assert shelf[3:] == pytest.approx((1.0, -1.69065929318241, 0.73248077421585), abs=1e-9)
    assert high_pass == pytest.approx(
        [1.0, -2.0, 1.0, 1.0, -1.99004745483398, 0.99007225036621], abs=1e-9
    )


def test_the_weighting_in_blocks_is_the_filter_run_sample_by_sample() -> None:
    """Against SciPy, over many blocks."""
    sound = np.random.default_rng(2).normal(0, 0.3, (BLOCK * 40, 4))
    ours = BlockFilter(k_weighting(RATE), BLOCK, 4)
    out = np.concatenate([ours.process(block) for block in np.split(sound, 40)])
    assert np.allclose(out, sosfilt(k_weighting(RATE), sound, axis=0), atol=1e-9)


def organ() -> np.ndarray:
    at = np.arange(RATE * 12) / RATE
    swell = 0.05 + 0.2 * np.sin(np.pi * at / 12) ** 2
    left = sum(np.sin(2 * np.pi * 65.4 * n * at) / n for n in range(1, 9)) * swell
    right = sum(np.sin(2 * np.pi * 98.1 * n * at) / n for n in range(1, 9)) * swell
    return np.stack([left, right], axis=1)


def bursts() -> np.ndarray:
    noise = np.random.default_rng(3).normal(0, 0.2, (RATE * 10, 2))
    return noise * (np.arange(RATE * 10) % 60000 < 7000)[:, None]


def with_silence() -> np.ndarray:
    return np.concatenate([sine(-20.0, 5.0), np.zeros((RATE * 5, 2)), sine(-40.0, 5.0, 300.0)])


@pytest.mark.parametrize("sound", [organ, bursts, with_silence], ids=lambda sound: sound.__name__)
def test_it_agrees_with_a_foreign_meter_to_a_tenth(sound: Sound, tmp_path: Path) -> None:
    """Gated integrated loudness of organ, bursts, and sound with silence, by both of our ways."""
    samples = sound()
    foreign = measure(samples, tmp_path)
    # ffmpeg says tenths.
    assert heard(samples).integrated_lufs == pytest.approx(foreign.integrated, abs=0.1)
    assert loudness_lufs(samples, RATE) == pytest.approx(foreign.integrated, abs=0.1)


def test_tech_3341_a_sine_at_its_level_reads_its_level() -> None:
    """Cases 1 and 2: 1 kHz in stereo at -23 and -33 dBFS, 20 s; all three meters, within 0.1 LU."""
    for level in (-23.0, -33.0):
        meter = heard(sine(level, 20.0))
        for loudness in (meter.momentary_lufs, meter.short_term_lufs, meter.integrated_lufs):
            assert loudness == pytest.approx(level, abs=0.1)


@pytest.mark.slow
def test_tech_3341_quiet_parts_are_gated() -> None:
    """Cases 3 and 4: quiet sines before and after do not pull the programme down."""
    around = [sine(-36.0, 10.0), sine(-23.0, 60.0), sine(-36.0, 10.0)]
    assert heard(np.concatenate(around)).integrated_lufs == pytest.approx(-23.0, abs=0.1)
    around = [sine(-72.0, 10.0), *around, sine(-72.0, 10.0)]
    assert heard(np.concatenate(around)).integrated_lufs == pytest.approx(-23.0, abs=0.1)


def test_tech_3341_the_mean_of_what_is_above_the_gate_is_of_power() -> None:
    """Case 5: 20 s at -26, 20.1 s at -20, 20 s at -26 dBFS make -23 LUFS."""
    parts = [sine(-26.0, 20.0), sine(-20.0, 20.1), sine(-26.0, 20.0)]
    assert heard(np.concatenate(parts)).integrated_lufs == pytest.approx(-23.0, abs=0.1)


@pytest.mark.parametrize(("rate", "block"), [(44100, 128), (96000, 512), (48000, 1024)])
def test_any_rate_and_block_read_the_same(rate: int, block: int) -> None:
    """A sine at -23 dBFS is -23 LUFS at every sample rate."""
    meter = heard(sine(-23.0, 4.0, rate=rate), rate, block)
    assert meter.integrated_lufs == pytest.approx(-23.0, abs=0.1)


def test_every_channel_of_a_ring_counts_alike() -> None:
    """Eight loudspeakers: the same sine in one of them reads the same in each."""
    read = []
    for channel in range(8):
        sound = np.zeros((RATE * 6 // 10, 8))
        sound[:, channel] = sine(-20.0, 0.6)[:, 0]
        read.append(heard(sound).integrated_lufs)
    assert read == pytest.approx([-23.0] * 8, abs=0.1)


def test_silence_and_the_first_moments_say_that_there_is_nothing() -> None:
    """No infinity, no NaN."""
    meter = heard(np.zeros((RATE * 4, 2)))
    values = (meter.momentary_lufs, meter.short_term_lufs, meter.integrated_lufs)
    assert values == (SILENT_LUFS,) * 3
    assert heard(sine(-20.0, 0.2)).momentary_lufs == SILENT_LUFS
