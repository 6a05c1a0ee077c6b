"""Recordings to try a player with, and what tests of players measure."""

import numpy as np
from solo import RATE, db

from instrument.sound.recording import Recording


def recording(wave: np.ndarray, name: str = "test") -> Recording:
    """A recording of one wave (frames,) on both sides."""
    return Recording(name, np.repeat(wave.astype(np.float32)[:, None], 2, axis=1), RATE)


def sine(hz: float, seconds: float, name: str = "sine") -> Recording:
    """A sine at the loudness every recording is brought to."""
    time = np.arange(int(seconds * RATE)) / RATE
    return recording(0.1 * np.sqrt(2) * np.sin(2 * np.pi * hz * time), f"{name} {hz:g}")


def hiss(seconds: float, name: str = "hiss") -> Recording:
    """White noise at that loudness."""
    return recording(np.random.default_rng(3).normal(0, 0.1, int(seconds * RATE)), name)


def loudness_curve(sound: np.ndarray, seconds: float) -> np.ndarray:
    """Loudness in dB of piece after piece of so many seconds."""
    length = round(seconds * RATE)
    return np.array([db(sound[at : at + length]) for at in range(0, len(sound) - length, length)])


def share_near(sound: np.ndarray, frequencies: list[float], width_hz: float = 4.0) -> float:
    """Share of the power of a sound (one channel) that lies near these frequencies, 0..1."""
    power = np.abs(np.fft.rfft(sound * np.blackman(len(sound)))) ** 2
    at = np.fft.rfftfreq(len(sound), 1 / RATE)
    near = np.zeros(len(at), bool)
    for frequency in frequencies:
        near |= np.abs(at - frequency) <= width_hz
    return float(power[near].sum() / power.sum())
