"""Recordings of sound: any file soundfile reads, made stereo, 48 kHz and equally loud.

Read, resampled, measured and levelled a second at a time, with no long temporary array: this runs
beside the render thread while the show plays, and Python holds its lock while it frees memory.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile
import soxr

from instrument.signals.frames import SILENT_LUFS
from instrument.signals.mistake import Mistake
from instrument.sound.file_names import sound_file_name
from instrument.sound.loudness import STEP_S, integrated, k_weighting
from instrument.sound.memory import long_array
from instrument.sound.recording import ENDINGS, Recording
from instrument.units import db_to_gain

LOUDNESS_LUFS = -17.5
"""Every recording is brought to this gated loudness, so that levels in presets mean the same: the
shipped ones are at about -20 dBFS RMS then."""
PEAK_CEILING = 0.98
SHORTEST_S = 0.05
LONGEST_S = 900.0
SILENCE_RMS = 1e-5
PIECE_S = 1.0
FORGOTTEN_S = 0.5
"""After so long nothing is left of what went through the weighting filters (below 1e-50)."""


def load(path: Path, sample_rate: int) -> Recording:
    """Read a recording. Raises `Mistake` when it cannot be one. Never on the render thread."""
    try:
        with soundfile.SoundFile(sound_file_name(path)) as file:
            samples = _read(file, path, sample_rate)
    except (soundfile.SoundFileError, OSError, RuntimeError, ValueError) as error:
        reason = "no such file" if not path.exists() else str(error).strip().rstrip(".")
        raise Mistake(
            f"{path} cannot be read as a recording ({reason}); "
            f"{', '.join(ending[1:] for ending in ENDINGS)} files are taken"
        ) from error
    level_match(samples, sample_rate, path)
    return Recording(path.stem, samples, sample_rate)


def _read(file: soundfile.SoundFile, path: Path, sample_rate: int) -> np.ndarray:
    """All of a file at the rate of the show, float32 (frames, 2)."""
    rate = file.samplerate
    if file.frames > LONGEST_S * rate:
        raise Mistake(
            f"{path} lasts {file.frames / rate / 60:.0f} minutes; "
            f"a recording may last {LONGEST_S / 60:.0f} (cut a part out of it)"
        )
    room = int(np.ceil(file.frames * sample_rate / rate)) + sample_rate
    samples = long_array(room, 2)
    resampler = None
    if rate != sample_rate:
        resampler = soxr.ResampleStream(rate, sample_rate, 2, dtype="float32", quality="HQ")
    heard = filled = 0
    for piece in _pieces(file):
        heard += len(piece)
        if not np.isfinite(piece).all():
            raise Mistake(
                f"{path} holds samples that are no numbers (NaN or infinite); export it anew"
            )
        piece = as_stereo(piece)
        if resampler is not None:
            piece = resampler.resample_chunk(piece)
        filled += _put(piece, samples[filled:])
    if heard < SHORTEST_S * rate:
        raise Mistake(
            f"{path} holds {heard / rate * 1000:.0f} ms of sound; "
            f"a recording needs {SHORTEST_S * 1000:.0f} ms at least"
        )
    if resampler is not None:
        rest = resampler.resample_chunk(np.zeros((0, 2), np.float32), last=True)
        filled += _put(rest, samples[filled:])
    return samples[:filled]


def _pieces(file: soundfile.SoundFile) -> Iterator[np.ndarray]:
    """A second at a time, float32 (frames, channels), to where the file really ends."""
    frames = max(1, round(PIECE_S * file.samplerate))
    while len(piece := file.read(frames, dtype="float32", always_2d=True)):
        yield piece


def _put(piece: np.ndarray, room: np.ndarray) -> int:
    """Copy what fits; returns how many frames it was."""
    count = min(len(piece), len(room))
    room[:count] = piece[:count]
    return count


def as_stereo(samples: np.ndarray) -> np.ndarray:
    """(frames, any channels) to (frames, 2): mono on both sides, more than two folded in turn."""
    if samples.shape[1] == 1:
        return np.ascontiguousarray(np.broadcast_to(samples, (len(samples), 2)))
    if samples.shape[1] == 2:
        return samples
    return np.stack([samples[:, 0::2].mean(axis=1), samples[:, 1::2].mean(axis=1)], axis=1)


def level_match(samples: np.ndarray, sample_rate: int, path: Path) -> None:
    """Without DC, at `LOUDNESS_LUFS` unless a peak would clip. Changes float32 (frames, 2)."""
    piece = round(PIECE_S * sample_rate)
    spans = [slice(first, first + piece) for first in range(0, len(samples), piece)]
    offset = sum(samples[span].sum(axis=0, dtype=np.float64) for span in spans) / len(samples)
    peak, square = 0.0, 0.0
    for span in spans:
        samples[span] -= offset.astype(np.float32)
        peak = max(peak, float(np.abs(samples[span]).max()))
        square += float(np.square(samples[span], dtype=np.float64).sum())
    if (square / samples.size) ** 0.5 < SILENCE_RMS:
        raise Mistake(f"{path} is silent; a recording needs something to be heard")
    loudness = loudness_lufs(samples, sample_rate)
    wanted = db_to_gain(LOUDNESS_LUFS - loudness) if loudness > SILENT_LUFS else np.inf
    gain = np.float32(min(wanted, PEAK_CEILING / peak))
    for span in spans:
        samples[span] *= gain


def loudness_lufs(samples: np.ndarray, sample_rate: int) -> float:
    """Gated loudness by BS.1770 of float32 (frames, channels)."""
    step = round(STEP_S * sample_rate)
    piece, before = 10 * step, round(FORGOTTEN_S * sample_rate)
    answer = _weighting(sample_rate, piece + before)
    powers = []
    for first in range(0, len(samples), piece):
        start = max(0, first - before)
        taken = np.zeros((before + piece, samples.shape[1]), np.float32)
        part = samples[start : first + piece]
        taken[before - (first - start) : before - (first - start) + len(part)] = part
        spectrum = np.fft.rfft(taken, axis=0) * answer[:, None]
        weighted = np.fft.irfft(spectrum, before + piece, axis=0)[before:]
        square = np.square(weighted).sum(axis=1)
        frames = min(piece, len(samples) - first)
        whole = frames // step
        powers += square[: whole * step].reshape(whole, step).mean(axis=1).tolist()
        if len(samples) < step:
            powers.append(float(square[:frames].mean()))
    return integrated(np.array(powers))


def _weighting(sample_rate: int, frames: int) -> np.ndarray:
    """What the weighting does to each frequency of so many frames, complex (frames // 2 + 1,)."""
    at = np.exp(-2j * np.pi * np.arange(frames // 2 + 1) / frames)
    powers = np.stack([np.ones_like(at), at, at * at])
    answer = np.ones_like(at)
    for section in k_weighting(sample_rate):
        answer *= (section[:3] @ powers) / (section[3:] @ powers)
    return answer
