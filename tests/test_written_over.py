"""Renderings: what is there stays, and what is broken off leaves nothing half."""

import os
import signal
import time
from pathlib import Path

import pytest
from render_stand import SMALL, process

from instrument.signals.mistake import Mistake
from instrument.written_over import check_alone, check_pictures, check_stems, check_target

PATIENCE_S = 300.0
WORDS = ("noise_to_digits", "-o")


@pytest.mark.parametrize("tool", ["render", "render-sound"])
def test_a_film_or_sound_that_is_there_stays(tool: str, tmp_path: Path) -> None:
    """A sentence and exit code 2 before anything is made; the file is as it was."""
    there = tmp_path / ("film.mp4" if tool == "render" else "sound.wav")
    there.write_text("last night")
    made = process(*WORDS, str(there), *(SMALL if tool == "render" else ()), tool=tool)
    _, said = made.communicate(timeout=PATIENCE_S)
    assert made.returncode == 2 and "is there already" in said and "--force" in said
    assert there.read_text() == "last night" and list(tmp_path.iterdir()) == [there]


def test_only_who_says_so_writes_over(tmp_path: Path) -> None:
    """Files, voices and pictures of another rendering; other files in the folder are in nobody's way."""
    (tmp_path / "notes.txt").write_text("mine")
    check_stems(tmp_path, False)
    check_pictures(tmp_path, False)
    check_stems(tmp_path / "new", False)
    (tmp_path / "drone.wav").write_text("a voice")
    (tmp_path / "000000.png").write_text("a picture")
    for check, path in (
        (check_target, tmp_path / "notes.txt"),
        (check_stems, tmp_path),
        (check_pictures, tmp_path),
    ):
        with pytest.raises(Mistake, match=r"already; take another .*--force"):
            check(path, False)
        check(path, True)


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs a folder that takes no file")
def test_a_place_that_takes_no_voices_is_told_before_an_hour_is_rendered() -> None:
    """The folder itself, and one that would be made in it; the sentence names what was asked for."""
    for folder in (Path("/proc/self"), Path("/proc/self/new/voices")):
        with pytest.raises(Mistake, match=rf"^--stems {folder}: cannot be written"):
            check_stems(folder, True)


def test_pictures_are_not_strewn_among_other_files(tmp_path: Path) -> None:
    """A name without an ending may be a slip, and of a folder like docs; who means it says so."""
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(Mistake, match=r"holds other things \(notes.txt\).*\.mp4 .*--force"):
        check_alone(tmp_path, False)
    check_alone(tmp_path, True)
    (tmp_path / "notes.txt").rename(tmp_path / ".hidden")
    check_alone(tmp_path, False)
    check_alone(tmp_path / "new", False)


@pytest.mark.slow
def test_ctrl_c_leaves_no_half_sound(tmp_path: Path) -> None:
    """Neither a file that looks whole nor what lay beside it; the exit code is no success."""
    rendering = process(*WORDS, str(tmp_path / "sound.wav"), "--stems", str(tmp_path / "voices"),
                        tool="render-sound")  # fmt: skip
    until_s = time.monotonic() + PATIENCE_S
    while not list(tmp_path.glob(".sound.wav.*/stems/drone.wav")):
        assert rendering.poll() is None and time.monotonic() < until_s
        time.sleep(0.05)
    os.kill(rendering.pid, signal.SIGINT)
    _, said = rendering.communicate(timeout=PATIENCE_S)
    assert rendering.returncode == 130 and "sound.wav is not made" in said
    assert "Traceback" not in said and list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("stems", [False, True])
def test_a_full_disk_is_a_sentence_and_leaves_no_half_sound(tmp_path: Path, stems: bool) -> None:
    """A file may not grow to what the sound or a voice needs; the exit code is 2."""
    words = ("--stems", str(tmp_path / "voices")) if stems else ()
    rendering = process(*WORDS, str(tmp_path / "sound.wav"), *words,
                        tool="render-sound", file_limit_bytes=300_000)  # fmt: skip
    _, said = rendering.communicate(timeout=PATIENCE_S)
    assert rendering.returncode == 2 and "sound.wav: cannot be written" in said
    assert "Traceback" not in said and list(tmp_path.iterdir()) == []
