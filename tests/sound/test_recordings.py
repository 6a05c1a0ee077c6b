"""Recordings of one's own."""

import os
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from instrument.signals.mistake import Mistake
from instrument.sound.capture import open_file
from instrument.sound.library import Library
from instrument.sound.pcm import pcm_digest
from instrument.sound.recordings import LOUDNESS_LUFS, PEAK_CEILING, load, loudness_lufs


def tone(frames: int, channels: int, rate: int, level: float = 0.3) -> np.ndarray:
    at = np.arange(frames)[:, None] / rate
    return level * np.sin(2 * np.pi * 440 * at) * np.ones(channels)


@pytest.mark.parametrize(
    ("rate", "channels", "ending"),
    [
        (44100, 1, ".wav"),
        (96000, 2, ".flac"),
        (22050, 6, ".wav"),
        (48000, 2, ".aiff"),
        (44100, 2, ".ogg"),
        (44100, 2, ".mp3"),
    ],
)
def test_any_rate_and_channels_become_stereo_48k_at_one_loudness(
    tmp_path: Path, rate: int, channels: int, ending: str
) -> None:
    """One second stays one second, 440 Hz stays 440 Hz, and the level is matched."""
    path = tmp_path / f"mine{ending}"
    soundfile.write(path, tone(rate, channels, rate), rate)
    recording = load(path, 48000)
    assert recording.samples.shape[1] == 2
    assert recording.seconds == pytest.approx(1.0, abs=0.01)
    assert loudness_lufs(recording.samples, 48000) == pytest.approx(LOUDNESS_LUFS, abs=0.05)
    spectrum = np.abs(np.fft.rfft(recording.mono()[:48000]))
    assert abs(int(np.argmax(spectrum)) - 440) <= 2


def test_a_loud_start_a_long_silence_and_a_peak_do_not_mislead_the_level(tmp_path: Path) -> None:
    """Silence is gated away; a peak holds the gain back, so that nothing clips."""
    path = tmp_path / "mine.wav"
    sound = np.concatenate([tone(96000, 2, 48000, 0.02), np.zeros((480000, 2))])
    soundfile.write(path, sound, 48000, subtype="FLOAT")
    heard = load(path, 48000).samples[4800:91200]
    assert loudness_lufs(heard, 48000) == pytest.approx(LOUDNESS_LUFS, abs=0.5)
    sound[50000] = 0.9
    soundfile.write(path, sound, 48000, subtype="FLOAT")
    assert np.abs(load(path, 48000).samples).max() == pytest.approx(PEAK_CEILING, abs=1e-3)


def test_the_shipped_recordings_are_about_as_loud_as_before(library: Library) -> None:
    """-20 dBFS RMS on the average, so that presets keep their balance."""
    levels = []
    for name in library.names:
        samples = library.get(name).samples
        levels.append(10 * np.log10(np.mean(np.square(samples, dtype=np.float64))))
    assert np.mean(levels) == pytest.approx(-20, abs=0.7)


def test_dc_is_taken_out(tmp_path: Path) -> None:
    """A recording with an offset does not thump."""
    path = tmp_path / "offset.wav"
    soundfile.write(path, tone(48000, 2, 48000) + 0.4, 48000, subtype="FLOAT")
    assert np.abs(load(path, 48000).samples.mean(axis=0)).max() < 1e-4


def broken(kind: str, path: Path) -> None:
    if kind == "empty":
        path.write_bytes(b"")
    elif kind == "text":
        path.write_text("this is no sound")
    elif kind == "cut":
        whole = path.with_name("whole.flac")
        soundfile.write(whole, tone(48000, 2, 48000), 48000)
        path.write_bytes(whole.read_bytes()[:30])
    elif kind == "no frames":
        soundfile.write(path, np.zeros((0, 2)), 48000, format="WAV")
    elif kind == "silent":
        soundfile.write(path, np.zeros((48000, 2)), 48000, format="WAV")
    elif kind == "nan":
        soundfile.write(path, np.full((48000, 2), np.nan), 48000, format="WAV", subtype="FLOAT")


@pytest.mark.parametrize("kind", ["empty", "text", "cut", "no frames", "silent", "nan", "missing"])
def test_what_is_no_recording_is_said_in_one_sentence_with_its_path(
    kind: str, tmp_path: Path
) -> None:
    """No traceback, and the file is named."""
    path = tmp_path / "mine.wav"
    broken(kind, path)
    with pytest.raises(Mistake) as caught:
        load(path, 48000)
    assert "mine.wav" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_unknown_name_is_a_mistake_that_lists_what_there_is(library: Library) -> None:
    """A name that no file has, and one that is a path."""
    for name in ("drone_principle", "../../etc/passwd"):
        with pytest.raises(Mistake, match="drone_principal"):
            library.get(name)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere every name of a file is text")
def test_a_name_of_an_old_disk_is_read_and_written(tmp_path: Path) -> None:
    """One byte of Latin-1 in it: the recording is heard, and what is heard is captured."""
    path = tmp_path / os.fsdecode(b"ger\xe4usch.wav")
    with open_file(path, 48000) as file:
        file.write(tone(48000, 2, 48000))
    assert len(load(path, 48000).samples) == 48000 and len(pcm_digest(path)) == 64
