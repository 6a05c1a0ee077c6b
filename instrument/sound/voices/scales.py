"""Scales: which transpositions are notes, and the notes within reach of one."""

import math

import numpy as np

SEMITONES_PER_OCTAVE = 12.0


def semitones(*ratios: float) -> tuple[float, ...]:
    """Equal-tempered semitones of frequency ratios, `12 log2(ratio)`."""
    return tuple(SEMITONES_PER_OCTAVE * math.log2(ratio) for ratio in ratios)


SCALES: dict[str, tuple[float, ...]] = {
    "free": (),
    "chromatic": tuple(float(step) for step in range(12)),
    "major": (0.0, 2.0, 4.0, 5.0, 7.0, 9.0, 11.0),
    "minor": (0.0, 2.0, 3.0, 5.0, 7.0, 8.0, 10.0),
    "pentatonic": (0.0, 2.0, 4.0, 7.0, 9.0),
    "whole_tone": (0.0, 2.0, 4.0, 6.0, 8.0, 10.0),
    "just": semitones(1, 9 / 8, 5 / 4, 4 / 3, 3 / 2, 5 / 3, 15 / 8),
    "harmonics": semitones(1, 9 / 8, 5 / 4, 11 / 8, 3 / 2, 13 / 8, 7 / 4, 15 / 8),
    "triad": semitones(1, 5 / 4, 3 / 2),
    "fifths": semitones(1, 3 / 2),
    "octaves": (0.0,),
}
"""Degrees within an octave, in semitones over the pitch of the recording; "free" has none."""


def snapped(pitch: float, degrees: tuple[float, ...]) -> float:
    """The note nearest to a pitch (semitones); without degrees the pitch itself."""
    if not degrees:
        return pitch
    octave = SEMITONES_PER_OCTAVE * math.floor(pitch / SEMITONES_PER_OCTAVE)
    around = [octave + shift + degree for shift in (-12.0, 0.0, 12.0) for degree in degrees]
    return min(around, key=lambda note: (abs(note - pitch), note))


def notes(pitch: float, strays: float, degrees: tuple[float, ...], count: int) -> np.ndarray:
    """`count` transpositions (semitones, rising) that grains of a cloud draw from with equal odds.

    The pitch is snapped first; drawn are the notes at most `strays` semitones from there. Without
    degrees they lie evenly over the whole reach.
    """
    base = snapped(pitch, degrees)
    if not degrees:
        return np.linspace(base - strays, base + strays, count)
    reach = strays + 1e-9
    first = math.floor((base - reach) / SEMITONES_PER_OCTAVE)
    last = math.floor((base + reach) / SEMITONES_PER_OCTAVE)
    scale = np.array(
        [
            octave * SEMITONES_PER_OCTAVE + degree
            for octave in range(first, last + 1)
            for degree in degrees
        ]
    )
    allowed = scale[np.abs(scale - base) <= reach]
    return allowed[(np.arange(count) * len(allowed)) // count]
