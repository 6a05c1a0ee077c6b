"""Ordinary features of a piece of sound: what any text book on audio would measure, in numpy and scipy.

Every feature is finite for every finite sound, silence too. Those in `LEVEL` follow how loud the piece is;
all others are the same when it is played louder (but for silence).
"""

from itertools import pairwise

import numpy as np
from scipy.fft import dct
from scipy.signal import find_peaks, stft

WINDOW, HOP = 2048, 1024
"""Samples of an analysis frame (43 ms at 48 kHz), and from frame to frame."""
BANDS, CEPSTRA = 26, 13
LOW_HZ, HIGH_HZ = 30.0, 16_000.0
OCTAVES_HZ = (60.0, 150.0, 400.0, 1_000.0, 2_500.0, 6_000.0, 16_000.0)
TINY = 1e-12
LEVEL = ("rms_mean", "rms_sd", "peak", "cepstrum_0_mean")
"""Features in dB that a fader moves; `cepstrum_0` is the mean level of all bands."""


def features(sound: np.ndarray, rate: int) -> dict[str, float]:
    """Features of a sound, float (frames, channels) or (frames,), by name. At least a tenth of a second."""
    stereo = sound[:, None] if sound.ndim == 1 else sound
    mono = stereo.mean(axis=1).astype(np.float64)
    frequencies, _, spectrum = stft(mono, rate, nperseg=WINDOW, noverlap=WINDOW - HOP)
    power = np.abs(spectrum.T) ** 2 + TINY  # (frames, bins)
    found: dict[str, float] = {}
    for part in (_levels(mono), _cepstra(power, frequencies), _shapes(power, frequencies),
                 _contrasts(power, frequencies), _times(mono, power, rate), _width(stereo)):  # fmt: skip
        found |= part
    return found


def _mean_sd(name: str, values: np.ndarray) -> dict[str, float]:
    return {f"{name}_mean": float(values.mean()), f"{name}_sd": float(values.std())}


def _decibel(power: np.ndarray) -> np.ndarray:
    return 10.0 * np.log10(power + TINY)


def _framed(mono: np.ndarray, length: int = WINDOW) -> np.ndarray:
    """(frames, length), the rest left off."""
    whole = len(mono) // length
    return mono[: whole * length].reshape(whole, length)


def _levels(mono: np.ndarray) -> dict[str, float]:
    """RMS by frames in dB, the peak, and how far the peak stands out."""
    frames = _framed(mono)
    powers = (frames**2).mean(axis=1)
    peaks = np.abs(frames).max(axis=1)
    whole = float(_decibel(np.array((mono**2).mean())))
    peak = float(_decibel(np.array(np.abs(mono).max() ** 2)))
    return {
        "rms_mean": whole, "peak": peak, "crest": peak - whole,
        "rms_sd": float(np.sqrt(powers).std()),
        **_mean_sd("frame_crest", _decibel(peaks**2) - _decibel(powers)),
        "loudness_range": float(np.subtract(*np.percentile(_decibel(powers), (95, 10)))),
    }  # fmt: skip


def mel_bank(frequencies: np.ndarray) -> np.ndarray:
    """Triangles evenly spaced in mel, (BANDS, bins); mel = 2595 log10(1 + f / 700)."""
    mels = np.linspace(*(2595 * np.log10(1 + f / 700) for f in (LOW_HZ, HIGH_HZ)), BANDS + 2)
    edges = 700 * (10 ** (mels / 2595) - 1)
    rising = (frequencies - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - frequencies) / (edges[2:] - edges[1:-1])[:, None]
    bank: np.ndarray = np.clip(np.minimum(rising, falling), 0.0, None)
    return bank


def _cepstra(power: np.ndarray, frequencies: np.ndarray) -> dict[str, float]:
    """Means and deviations of 13 mel cepstra, and how much they change from frame to frame."""
    mel = _decibel(power @ mel_bank(frequencies).T)
    cepstra = dct(mel, type=2, norm="ortho", axis=1)[:, :CEPSTRA]
    found: dict[str, float] = {}
    for number, values in enumerate(cepstra.T):
        found |= _mean_sd(f"cepstrum_{number}", values)
    steps = np.abs(np.diff(cepstra[:, 1:], axis=0)).mean() if len(cepstra) > 1 else 0.0
    return found | {"cepstrum_change": float(steps)}


def _shapes(power: np.ndarray, frequencies: np.ndarray) -> dict[str, float]:
    """Centroid, spread, rolloff in octaves above 20 Hz, flatness in dB, slope in dB per octave."""
    band = (frequencies > LOW_HZ) & (frequencies < HIGH_HZ)
    p, f = power[:, band], frequencies[band]
    share = p / p.sum(axis=1, keepdims=True)
    octaves = np.log2(f / 20.0)
    centroid = share @ octaves
    spread = np.sqrt(np.maximum(share @ octaves**2 - centroid**2, 0.0))
    rolloff = octaves[(np.cumsum(share, axis=1) >= 0.85).argmax(axis=1)]
    flatness = _decibel(p).mean(axis=1) - _decibel(p.mean(axis=1))
    slope = np.polyfit(octaves, _decibel(p).T, 1)[0]
    return (
        _mean_sd("centroid", centroid) | _mean_sd("spread", spread) | _mean_sd("rolloff", rolloff)
        | _mean_sd("flatness", flatness) | _mean_sd("slope", slope)
    )  # fmt: skip


def _contrasts(power: np.ndarray, frequencies: np.ndarray) -> dict[str, float]:
    """By octaves and a half: how far the peaks stand above the valleys, in dB (spectral contrast)."""
    found: dict[str, float] = {}
    for low, high in pairwise(OCTAVES_HZ):
        band = _decibel(power[:, (frequencies >= low) & (frequencies < high)])
        top, bottom = np.percentile(band, (90, 10), axis=1)
        found |= {f"contrast_{low:.0f}": float((top - bottom).mean())}
    return found


def _times(mono: np.ndarray, power: np.ndarray, rate: int) -> dict[str, float]:
    """Zero crossings, flux, onsets per second, and how much the envelope moves in three bands of Hz."""
    crossings = (np.diff(np.signbit(_framed(mono)), axis=1) != 0).mean(axis=1)
    magnitude = np.sqrt(power)
    shape = magnitude / magnitude.sum(axis=1, keepdims=True)
    flux = np.maximum(np.diff(shape, axis=0), 0.0).sum(axis=1)
    rise = np.maximum(np.diff(_decibel(power), axis=0), 0.0).mean(axis=1)
    onsets = find_peaks(rise, height=np.median(rise) + 1.5, distance=3)[0]
    found = _mean_sd("crossings", crossings) | _mean_sd("flux", flux) | _mean_sd("rise", rise)
    found["onsets"] = len(onsets) * rate / max(1, len(mono))
    envelope = np.sqrt((_framed(mono, 256) ** 2).mean(axis=1) + TINY)
    moving = envelope / envelope.mean() - 1.0
    spectrum = np.abs(np.fft.rfft(moving * np.hanning(len(moving)))) / len(moving)
    hertz = np.fft.rfftfreq(len(moving), 256 / rate)
    for low, high in ((0.4, 3.0), (3.0, 12.0), (12.0, 60.0)):
        part = spectrum[(hertz >= low) & (hertz < high)]
        found[f"tremor_{low:g}"] = float(_decibel((part**2).sum()))
    return found


def _width(stereo: np.ndarray) -> dict[str, float]:
    """Share of the sides in the whole, and how alike left and right are; a mono sound has no width."""
    left, right = stereo[:, 0].astype(np.float64), stereo[:, -1].astype(np.float64)
    middle, side = ((left + right) ** 2).mean(), ((left - right) ** 2).mean()
    norms = np.sqrt((left**2).mean() * (right**2).mean())
    alike = (left * right).mean() / norms if norms > TINY else 1.0
    return {"width": float(side / (middle + side + TINY)), "channels_alike": float(alike)}
