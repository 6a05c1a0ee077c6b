"""The limiter, to the sample."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import resample_poly

from instrument.sound.limiter import CEILING_DBTP, MARGIN_DB, Limiter

RATE = 48000
TOP = 10 ** (CEILING_DBTP / 20)


def through(sound: np.ndarray, block: int = 256) -> np.ndarray:
    limiter = Limiter(RATE)
    return np.concatenate(
        [limiter.process(sound[i : i + block]) for i in range(0, len(sound) - block + 1, block)]
    )


def true_peak(sound: np.ndarray) -> float:
    """Amplitude of the waveform between the samples, by another filter than the limiter's own."""
    between = resample_poly(sound, 8, 1, axis=0, window=("kaiser", 6.0))
    return float(np.abs(between[800:-800]).max())  # not where the sound was cut off


def test_quiet_sound_passes_bit_for_bit_later_by_the_delay() -> None:
    """Below the ceiling the limiter is a delay and nothing else."""
    sound = np.random.default_rng(1).uniform(-0.3, 0.3, (2048, 2))
    delay = Limiter(RATE).delay
    assert np.array_equal(through(sound)[delay:], sound[:-delay])


def test_a_single_loud_sample_is_brought_to_the_ceiling_and_both_sides_alike() -> None:
    """The gain is ready when the peak comes, and the sides keep their balance."""
    sound = np.zeros((2048, 2))
    sound[1000] = (8.0, 2.0)
    out = through(sound)
    peak = out[1000 + Limiter(RATE).delay]
    assert peak[0] == pytest.approx(10 ** ((CEILING_DBTP - MARGIN_DB) / 20), rel=1e-6)
    assert peak[1] == pytest.approx(peak[0] / 4, rel=1e-9)


def test_a_peak_between_samples_is_seen() -> None:
    """A sine at a quarter of the rate whose samples all miss its peaks by 3 dB is limited."""
    at = np.arange(48000)
    sine = np.sin(np.pi / 2 * at + np.pi / 4)[:, None] * np.array([1.2, 1.2])
    assert np.abs(sine).max() < TOP
    assert true_peak(through(sine)) <= TOP


def test_block_size_does_not_change_the_sound() -> None:
    """What leaves depends on the samples alone, not on how they were cut into blocks."""
    sound = np.random.default_rng(2).normal(0, 1.5, (4096, 2))
    assert np.allclose(through(sound, 64), through(sound, 512), atol=1e-9)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**31),
    loudness=st.floats(0.1, 60.0),
    kind=st.sampled_from(["noise", "clicks", "sine", "steps"]),
)
def test_no_true_peak_above_the_ceiling(seed: int, loudness: float, kind: str) -> None:
    """Whatever comes in, what leaves stays at or below -1 dBTP."""
    random = np.random.default_rng(seed)
    frames = 8192
    if kind == "noise":
        sound = random.normal(0, 1, (frames, 2))
    elif kind == "clicks":
        sound = random.normal(0, 1, (frames, 2)) * (random.random((frames, 1)) < 0.01)
    elif kind == "sine":
        at = np.arange(frames)[:, None] * random.uniform(0.001, 0.45, (1, 2))
        sound = np.sin(2 * np.pi * at) * np.linspace(0, 1, frames)[:, None]
    else:
        sound = np.repeat(random.choice([-1.0, 1.0], (frames // 32, 2)), 32, axis=0)
    out = through(sound * loudness)
    assert np.abs(out).max() <= TOP
    assert true_peak(out) <= TOP * 1.01
