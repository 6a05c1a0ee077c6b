"""Capture files."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from instrument.signals.mistake import Mistake
from instrument.sound.capture import Capture, mend, next_part, open_file
from instrument.sound.sinks import FileSink

BLOCKS = 20


def blocks() -> list[np.ndarray]:
    random = np.random.default_rng(6)
    return [random.uniform(-0.9, 0.9, (256, 2)).astype(np.float32) for _ in range(BLOCKS)]


@pytest.mark.parametrize("name", ["show.wav", "show.flac"])
def test_every_block_is_in_the_file_in_order(name: str, tmp_path: Path) -> None:
    """What was heard is what is on disk, to 24 bits."""
    path = tmp_path / name
    capture = Capture(path, 48000)
    for block in blocks():
        capture.write(block)
    capture.close()
    sound, rate = soundfile.read(path)
    assert rate == 48000
    assert capture.lost_blocks == 0
    assert np.allclose(sound, np.concatenate(blocks()), atol=2**-22)


def test_a_short_wav_is_a_plain_wav(tmp_path: Path) -> None:
    """Below 4 GiB every player reads it."""
    capture = Capture(tmp_path / "show.wav", 48000)
    capture.write(blocks()[0])
    capture.close()
    assert (tmp_path / "show.wav").read_bytes()[:4] == b"RIFF"


def test_a_file_cut_off_by_a_crash_is_mended_from_its_length(tmp_path: Path) -> None:
    """What reached the disk can be played."""
    path = tmp_path / "show.wav"
    file = open_file(path, 48000)
    for block in blocks():
        file.write(block)
    file.flush()
    cut = tmp_path / "cut.wav"
    cut.write_bytes(path.read_bytes()[:-100])
    file.close()
    assert mend(cut)
    sound, _ = soundfile.read(cut)
    assert len(sound) >= 256 * BLOCKS - 30
    assert np.allclose(sound, np.concatenate(blocks())[: len(sound)], atol=2**-22)


def test_mending_leaves_other_files_alone(tmp_path: Path) -> None:
    """A plain WAV and a text are not touched."""
    for name in ("plain.wav", "text.wav"):
        path = tmp_path / name
        if name == "plain.wav":
            soundfile.write(path, np.zeros((10, 2)), 48000)
        else:
            path.write_text("RF64 is not what I am")
        before = path.read_bytes()
        assert not mend(path)
        assert path.read_bytes() == before
    assert not mend(tmp_path / "missing.wav")


@pytest.mark.parametrize("name", ["show.txt", "show", "no/folder/show.wav"])
def test_a_file_that_cannot_be_written_is_a_mistake(name: str, tmp_path: Path) -> None:
    """Said before the curtain."""
    with pytest.raises(Mistake):
        Capture(tmp_path / name, 48000)


@pytest.mark.parametrize("channels", [2, 4, 8])
def test_every_channel_is_in_the_file(channels: int, tmp_path: Path) -> None:
    """As many as there are loudspeakers, each with its own sound, also in the file sink."""
    block = np.arange(channels, dtype=np.float32)[None, :].repeat(256, axis=0) / 16
    capture = Capture(tmp_path / "show.wav", 48000, channels)
    sink = FileSink(tmp_path / "out.flac", 48000, channels)
    for taker in (capture, sink):
        taker.write(block)
        taker.close()
    for name in ("show.wav", "out.flac"):
        sound, _ = soundfile.read(tmp_path / name)
        assert np.allclose(sound, block, atol=2**-22)


def test_a_continuation_takes_a_name_that_is_free(tmp_path: Path) -> None:
    """show.wav, show.2.wav, show.3.wav."""
    path = tmp_path / "show.wav"
    path.touch()
    assert next_part(path).name == "show.2.wav"
    next_part(path).touch()
    assert next_part(path).name == "show.3.wav"


def test_the_file_sink_writes_as_fast_as_blocks_come(tmp_path: Path) -> None:
    """Offline: no pace, every block."""
    sink = FileSink(tmp_path / "out.flac", 48000)
    for block in blocks():
        sink.write(block)
    sink.close()
    assert sink.blocks == BLOCKS
    assert soundfile.info(tmp_path / "out.flac").frames == 256 * BLOCKS


NO_ROOM = """
import resource, sys
from pathlib import Path
import numpy as np
from instrument.sound.capture import Capture
from instrument.sound.sinks import FileSink
sink, capture = FileSink(Path("sink.wav"), 48000), Capture(Path("capture.wav"), 48000)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    for _ in range(100):
        capture.write(np.ones((256, 2), np.float32))
        sink.write(np.ones((256, 2), np.float32))
except OSError as error:
    print(error.strerror)
capture.close()
print(capture.failed)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a file's size cannot be limited there")
def test_a_disk_without_room_is_told_in_the_words_of_the_system(tmp_path: Path) -> None:
    """libsndfile itself says no more than that there was an error of the system."""
    done = subprocess.run(
        [sys.executable, "-c", NO_ROOM],
        capture_output=True, text=True, timeout=120, check=False, cwd=tmp_path,
    )  # fmt: skip
    sink, capture = done.stdout.splitlines()
    assert sink == "File too large"
    assert capture.startswith("'capture.wav' ") and capture.endswith("(File too large)")
