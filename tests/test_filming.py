"""`perform --film`, as a performer calls it: a whole show in one file, or what a killed one leaves."""

import json
import subprocess
import time
from pathlib import Path

import av
import pytest
from perform_stand import PERFORM, free_port

SHOW = ["--rehearse", "first_light", "--headless", "--sound", "null", "--size", "320x180"]


def performed(*words: object) -> subprocess.CompletedProcess[str]:
    command = [*PERFORM, *SHOW, "--osc-port", str(free_port()), *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=90)


def lengths_s(film: Path) -> dict[str, float]:
    """Of each kind of stream, decoded to its end."""
    found = {}
    for kind in ("video", "audio"):
        with av.open(str(film)) as file:
            if any(stream.type == kind for stream in file.streams):
                found[kind] = max(frame.time for frame in file.decode(**{kind: 0}))
    return found


@pytest.mark.slow
@pytest.mark.parametrize("name", ["film.mp4", "film.mkv"])
def test_a_show_is_filmed_with_its_sound_into_one_file(tmp_path: Path, name: str) -> None:
    """The sound is as long as the show, every picture is in it or counted; nothing else is left."""
    ended = performed("--seconds", 8, "--film", tmp_path / name, "--report", tmp_path / "r.json")
    assert ended.returncode == 0, ended.stderr
    report = json.loads((tmp_path / "r.json").read_text())
    film = report["film"]
    assert film["sound"] and not film["failed"]
    assert film["pictures"] + film["dropped"] == report["picture"]["frames"]
    length_s = lengths_s(tmp_path / name)
    assert report["picture"]["frames"] / 60.0 - 0.2 < length_s["audio"] <= report["seconds"]
    assert 0.0 < length_s["video"] <= length_s["audio"] + 0.1
    assert sorted(path.name for path in tmp_path.iterdir()) == [name, "r.json"]


@pytest.mark.slow
def test_a_killed_show_leaves_its_film_and_its_sound(tmp_path: Path) -> None:
    """SIGKILL in the middle: the film plays without sound, the sound lies beside it."""
    film, wave = tmp_path / "film.mp4", tmp_path / "film.wav"
    command = [*PERFORM, *SHOW, "--osc-port", str(free_port()), "--film", str(film)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    deadline_s = time.monotonic() + 60.0
    while not (film.exists() and film.stat().st_size > 100_000):
        assert process.poll() is None and time.monotonic() < deadline_s
        time.sleep(0.05)
    process.kill()
    process.wait()
    assert lengths_s(film)["video"] > 0.5
    deadline_s = time.monotonic() + 20.0
    while (
        wave.read_bytes()[:4] != b"RIFF"
    ):  # the sound process fades out by itself and ends its file
        assert time.monotonic() < deadline_s
        time.sleep(0.05)
    again = performed("--seconds", 1, "--film", film)
    assert again.returncode == 2
    assert again.stderr.strip().endswith("is there already, and a film is never written over")


def test_a_film_that_cannot_be_is_a_sentence_before_the_curtain(tmp_path: Path) -> None:
    """Exit code 2 and one line."""
    ended = performed("--film", tmp_path / "film.avi")
    assert ended.returncode == 2
    assert len(ended.stderr.strip().splitlines()) == 1
    assert "a name ending in .mp4 or .mkv does" in ended.stderr
