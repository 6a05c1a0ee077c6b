"""Pure conversions between units. No state, no clock, no libraries but numpy."""

import math
from typing import TypeVar

import numpy as np

Number = TypeVar("Number", float, np.ndarray)

SILENCE_DB = -120.0


def db_to_gain(level_db: float) -> float:
    """Amplitude factor of a level in dB; at or below -120 dB it is exactly 0."""
    return 0.0 if level_db <= SILENCE_DB else 10.0 ** (level_db / 20.0)


def gain_to_db(gain: float) -> float:
    """Level in dB of an amplitude factor; -120 dB is the floor."""
    return SILENCE_DB if gain <= 1e-6 else 20.0 * math.log10(gain)


def semitones_to_ratio(semitones: float) -> float:
    """Frequency ratio of an interval in equal-tempered semitones."""
    return 2.0 ** (semitones / 12.0)


def ms_to_s(time_ms: float) -> float:
    """Seconds of a time in milliseconds."""
    return time_ms / 1000.0


def share_to_glide(share: Number) -> Number:
    """0..1 as a way that is level at both ends, 3 w^2 - 2 w^3: nothing is jerked. A number or an array."""
    return share * share * (3.0 - 2.0 * share)


def seconds_to_text(time_s: float) -> str:
    """``m:ss`` of a time in seconds, as a performer reads it."""
    minutes, seconds = divmod(max(0, int(time_s)), 60)
    return f"{minutes}:{seconds:02d}"
