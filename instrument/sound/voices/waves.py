"""Waves out of numbers: how weights and gradients become tables that are read as sound.

Pure NumPy. Every wave has no DC, a loudness (RMS) that does not depend on the network, and is 0
throughout when there is nothing to hear.
"""

import numpy as np

READINGS = ("values", "exponent", "mantissa")
WAVE_LENGTH = 4096
SCAN_LENGTH = 16384
MOST_HARMONICS = 96
SEAM_SHARE = 0.12
"""So much of the end of a slice is crossfaded into what lies before its beginning."""
LOUDNESS = 0.25
"""RMS of every wave, amplitude."""
EXPONENT_SHIFT, EXPONENT_MASK = 23, 0xFF
MANTISSA_MASK = 0x7FFFFF


def read(values: np.ndarray, reading: str) -> np.ndarray:
    """What is heard of float32 values (count,): themselves, or a part of their bits. float64.

    A float32 is sign * 1.mantissa * 2 ** exponent: the exponents hardly move from step to step
    (a drone), the mantissas are new every time (snow).
    """
    if reading == "values":
        return values.astype(np.float64)
    words = np.ascontiguousarray(values, np.float32).view(np.uint32)
    if reading == "exponent":
        return ((words >> EXPONENT_SHIFT) & EXPONENT_MASK).astype(np.float64)
    return (words & MANTISSA_MASK).astype(np.float64)


def centred(numbers: np.ndarray) -> np.ndarray:
    """Without DC and at one loudness, float64; what does not vary is silence."""
    numbers = numbers - numbers.mean()
    loud = float(np.sqrt(np.mean(numbers * numbers)))
    return numbers * (LOUDNESS / loud) if loud > 1e-12 else np.zeros_like(numbers)


def scan(numbers: np.ndarray) -> np.ndarray:
    """Each number held until the next (zero-order hold), float64 (16384,)."""
    places = np.arange(SCAN_LENGTH) * len(numbers) // SCAN_LENGTH
    return centred(numbers[places])


def wave(numbers: np.ndarray, harmonics: int) -> np.ndarray:
    """One smooth period without a seam, float64 (4096,): the lowest harmonics of the slice.

    They fall by 3 dB an octave, so that white numbers make a bed and not a hiss.
    """
    count = len(numbers)
    seam = max(1, int(SEAM_SHARE * count))
    kept = count - seam
    period = centred(numbers)[:kept].copy() if kept > seam else centred(numbers)
    if kept > seam:
        # The end of the slice fades into its beginning; equal power, as the two are strangers.
        turn = 0.5 * np.pi * (np.arange(seam) + 0.5) / seam
        period[:seam] = period[:seam] * np.sin(turn) + centred(numbers)[kept:] * np.cos(turn)
    spectrum = np.fft.rfft(period)
    most = max(1, min(harmonics, MOST_HARMONICS, len(spectrum) - 1))
    smooth = np.zeros(WAVE_LENGTH // 2 + 1, complex)
    number = np.arange(1, most + 1)
    smooth[1 : most + 1] = spectrum[1 : most + 1] / np.sqrt(number)
    return centred(np.fft.irfft(smooth, WAVE_LENGTH))
