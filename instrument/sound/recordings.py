"""Recordings of sound: any file soundfile reads, made stereo, 48 kHz and equally loud."""

from pathlib import Path

import numpy as np
import soundfile
import soxr

from instrument.signals.mistake import Mistake
from instrument.sound.recording import ENDINGS, Recording

LOUDNESS_RMS = 0.1
"""Every recording is brought to this RMS (-20 dBFS), so that levels in presets mean the same."""
PEAK_CEILING = 0.98
SHORTEST_S = 0.05
LONGEST_S = 900.0
SILENCE_RMS = 1e-5


def load(path: Path, sample_rate: int) -> Recording:
    """Read a recording. Raises `Mistake` when it cannot be one. Never on the render thread."""
    try:
        with soundfile.SoundFile(str(path)) as file:
            rate = file.samplerate
            if file.frames > LONGEST_S * rate:
                raise Mistake(
                    f"{path} lasts {file.frames / rate / 60:.0f} minutes; "
                    f"a recording may last {LONGEST_S / 60:.0f} (cut a part out of it)"
                )
            samples = file.read(dtype="float32", always_2d=True)
    except (soundfile.SoundFileError, OSError, RuntimeError, ValueError) as error:
        raise Mistake(
            f"{path} cannot be read as a recording ({str(error).strip().rstrip('.')}); "
            f"{', '.join(ending[1:] for ending in ENDINGS)} files are taken"
        ) from error
    if len(samples) < SHORTEST_S * rate:
        raise Mistake(
            f"{path} holds {len(samples) / rate * 1000:.0f} ms of sound; "
            f"a recording needs {SHORTEST_S * 1000:.0f} ms at least"
        )
    if not np.isfinite(samples).all():
        raise Mistake(f"{path} holds samples that are no numbers (NaN or infinite); export it anew")
    if rate != sample_rate:
        samples = soxr.resample(samples, rate, sample_rate, quality="HQ").astype(np.float32)
    return Recording(path.stem, level_matched(as_stereo(samples), path), sample_rate)


def as_stereo(samples: np.ndarray) -> np.ndarray:
    """(frames, any channels) to (frames, 2): mono on both sides, more than two folded in turn."""
    if samples.shape[1] == 1:
        return np.repeat(samples, 2, axis=1)
    if samples.shape[1] == 2:
        return samples
    return np.stack([samples[:, 0::2].mean(axis=1), samples[:, 1::2].mean(axis=1)], axis=1)


def level_matched(samples: np.ndarray, path: Path) -> np.ndarray:
    """Without DC, at `LOUDNESS_RMS` unless a peak would clip. float32 (frames, 2)."""
    samples = samples - samples.mean(axis=0, dtype=np.float64).astype(np.float32)
    rms = float(np.sqrt(np.mean(np.square(samples, dtype=np.float64))))
    if rms < SILENCE_RMS:
        raise Mistake(f"{path} is silent; a recording needs something to be heard")
    gain = min(LOUDNESS_RMS / rms, PEAK_CEILING / float(np.abs(samples).max()))
    return np.ascontiguousarray(samples * np.float32(gain))
