"""How many grains, how long and how loud: the arithmetic of a cloud, without any sound."""

import math

import numpy as np

from instrument.units import ms_to_s, semitones_to_ratio

MOST_OVERLAP = 512.0
"""Grains at once of one cloud; density gives way beyond. Four such clouds are 2,048."""
MOST_DENSITY = 2000.0
"""Grains per second."""
LONGEST_SHARE = 0.6
"""The longest grain, as a share of what there is of the recording."""
LOOSEST = 0.9
"""pyo scales the time to the next grain by a random factor 1 +- this; at 1 it may never come."""
STEADY = 0.005
"""Below this disorder the pulse is meant to be even."""
LOOSE_ENOUGH = 0.15
"""From this disorder on no pulse is heard as a tone."""
TONE_BEGINS = (40.0, 100.0)
"""Between these densities a steady pulse turns from grains into a tone."""
HANN_POWER = 0.375
"""Mean square of the round window, for which the loudness is set."""


def longest_s(seconds: float, highest: float) -> float:
    """How long a grain may be (seconds) for a recording of that length, at the highest pitch
    (semitones) any of its grains is drawn at."""
    return LONGEST_SHARE * seconds / semitones_to_ratio(highest)


def density_of(density: float, overlap: float, size_s: float) -> float:
    """Grains per second: as asked for, or as many as make the overlap; never more than the cloud
    can hold at once."""
    wanted = overlap / size_s if overlap > 0.0 else density
    return min(wanted, MOST_DENSITY, MOST_OVERLAP / size_s)


def overlap_of(density: float, size_ms: float, overlap: float = 0.0) -> float:
    """Grains sounding at once, on average, for these controls of a cloud (recordings shorter than
    a grain make it less)."""
    size_s = ms_to_s(size_ms)
    return density_of(density, overlap, size_s) * size_s


def hurry(looseness: float) -> float:
    """Factor on the density that undoes what the loose timing of pyo costs.

    The gap is scaled by 1 / f, f even over 1 +- looseness; its mean is ln((1+l)/(1-l)) / 2l.
    """
    if looseness < 1e-3:
        return 1.0
    return math.log((1.0 + looseness) / (1.0 - looseness)) / (2.0 * looseness)


def apartness(density: float, disorder: float) -> float:
    """How far one grain may differ from the next in side and brightness, 0..1.

    A steady pulse that is fast enough to be a tone has one side and one brightness; differences
    from grain to grain would be noise over that tone.
    """
    low, high = TONE_BEGINS
    tone = math.log(max(density, low) / low) / math.log(high / low)
    return 1.0 - min(1.0, tone) * max(0.0, 1.0 - disorder / LOOSE_ENOUGH)


def even_density(density: float, sample_rate: int) -> float:
    """The nearest density with whole samples from grain to grain.

    pyo starts grains on samples: between two whole numbers it alternates, heard as a hiss 30 dB
    under the tone; on them it is 60 dB and more. At 1,000 grains/s the pitch moves in 36 cents.
    """
    # A hair more, or rounding would let every other grain come a sample late.
    return (1.0 + 1e-9) * sample_rate / round(sample_rate / density)


def grain_gain(overlap: float, window_power: float = HANN_POWER, resonance: float = 0.0) -> float:
    """Gain that keeps a cloud about equally loud.

    Grains add as noise does, with the square root of the overlap; single ones keep their punch.
    A narrow window is brought up, at most to twice; a resonant filter down.
    """
    narrow = min(2.0, math.sqrt(HANN_POWER / max(1e-6, window_power)))
    return 1.6 * narrow / math.sqrt(overlap + 0.35) / (1.0 + 0.8 * resonance)


def dying_resonance(brightness_hz: float, octaves: float, size_s: float) -> float:
    """The greatest Q at which a grain's filter has died away when the next grain takes it over.

    pyo hands a filter on from grain to grain as it rings. One that goes on at a cutoff `r` times lower
    swings up to `r` times as far; from grain to grain that would grow without end. It dies by
    exp(-pi f t / Q) within a grain of length t (`size_s`): by r * r and a little at the least.
    `octaves` is how far cutoffs stray from `brightness_hz`, both ways.
    """
    lowest_hz = brightness_hz * 2.0**-octaves
    return math.pi * lowest_hz * size_s / (1.0 + 4.0 * math.log(2.0) * octaves)


def sides(spread: float, channels: int, count: int) -> np.ndarray:
    """pyo's `pan` for grains that lie evenly over `spread` (0..1) of the loudspeakers, (count,).

    With two, 0.5 is the middle. With more, pyo splits 0..1 into one stretch for each pair of
    neighbours but shares within the pair as if it were the whole: in stretch `s` a grain stands at
    `s + pan` and nowhere else. Each grain takes the place it can have that is nearest to the one
    it should have; the middle is between outputs `channels / 2 - 1` and `channels / 2`.
    """
    even = (np.arange(count) + 0.5) / count * 2.0 - 1.0
    if channels == 2:
        return 0.5 + 0.5 * spread * even
    wanted = 0.5 * (channels - 1 + channels * spread * even)
    fine = np.linspace(1e-3, 1.0 - 1e-3, 32)
    pans = ((np.arange(channels)[:, None] + fine) / channels).ravel()
    places = np.repeat(np.arange(channels), len(fine)) + pans
    apart = np.abs(wanted[:, None] - places)
    return pans[np.minimum(apart, channels - apart).argmin(axis=1)]
