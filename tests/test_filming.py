"""`perform --film`, as a performer calls it: a whole show in one file, or what a killed one leaves."""

import json
import subprocess
from pathlib import Path

import av
import pytest
from free_port import free_port
from perform_stand import PATIENCE_S, PERFORM, until

SHOW = ["--rehearse", "noise_to_digits", "--headless", "--sound", "null", "--size", "320x180"]


def performed(*words: object) -> subprocess.CompletedProcess[str]:
    command = [*PERFORM, *SHOW, "--osc-port", str(free_port()), *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S)


def lengths_s(film: Path) -> dict[str, float]:
    """Of each kind of stream, decoded to its end."""
    found = {}
    for kind in ("video", "audio"):
        with av.open(str(film)) as file:
            if any(stream.type == kind for stream in file.streams):
                found[kind] = max(frame.time for frame in file.decode(**{kind: 0}))
    return found


def played_s(film: Path) -> float:
    """When the last picture of a film begins whose writer was killed.

    The picture that was being written may be broken, as a player finds it; none before it is.
    """
    last_s, broken = 0.0, False
    with av.open(str(film)) as file:
        for packet in file.demux(video=0):
            assert not (broken and packet.size), "something follows what is broken"
            try:
                last_s = max([last_s, *(frame.time for frame in packet.decode())])
            except av.error.InvalidDataError:
                broken = True
    return last_s


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

    def is_under_way() -> bool:
        assert process.poll() is None, "the show ended by itself"
        return wave.exists() and film.exists() and film.stat().st_size > 100_000

    until(is_under_way, "a film of some seconds, with its sound")
    process.kill()
    process.wait()
    assert played_s(film) > 0.5
    # the sound process fades out by itself and ends its file
    until(lambda: wave.read_bytes()[:4] == b"RIFF", "a finished sound file")
    again = performed("--seconds", 1, "--film", film)
    assert again.returncode == 2
    assert again.stderr.strip().endswith("is there already, and a film is never written over")


def test_a_film_that_cannot_be_is_a_sentence_before_the_curtain(tmp_path: Path) -> None:
    """Exit code 2 and one line."""
    ended = performed("--film", tmp_path / "film.avi")
    assert ended.returncode == 2
    assert len(ended.stderr.strip().splitlines()) == 1
    assert "a name ending in .mp4 or .mkv does" in ended.stderr
