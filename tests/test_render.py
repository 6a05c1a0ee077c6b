"""Films and PNG files of a recorded run, read back with another reader."""

import hashlib
import signal
import subprocess
import sys
import time
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from instrument.house import House, open_house
from instrument.offline_picture import pictures
from instrument.render import Job, render
from instrument.runs.tape import find_run
from instrument.signals.mistake import Mistake

pytestmark = pytest.mark.slow

RUN = find_run("first_light")


@pytest.fixture(scope="module")
def house() -> House:
    return open_house()


def job(out: Path, **words: object) -> Job:
    usual = {"size": (320, 180), "lines": 90, "rate": 20.0, "end_s": 5.0, "sound": False}
    return Job(RUN, "glitch_organ", out, **{**usual, **words})  # type: ignore[arg-type]


def decoded(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as film:
        return [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]


def test_a_run_gives_the_same_film_twice(house: House, tmp_path: Path) -> None:
    """Every pixel of every picture, and they are not all the same."""
    hashes = []
    for name in ("one.mp4", "two.mp4"):
        assert render(job(tmp_path / name), house) == 100
        frames = decoded(tmp_path / name)
        assert len(frames) == 100 and frames[0].shape == (180, 320, 3)
        hashes.append([hashlib.sha256(frame.tobytes()).hexdigest() for frame in frames])
    assert hashes[0] == hashes[1]
    assert len(set(hashes[0])) > 30
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.mp4", "two.mp4"]


def test_png_files_hold_exactly_what_was_drawn(house: House, tmp_path: Path) -> None:
    """A folder of pictures from the fourth second on, the same as those of the whole run there."""
    render(job(tmp_path / "shots", start_s=4.0, end_s=4.5), house)
    files = sorted((tmp_path / "shots").iterdir())
    assert [file.name for file in files] == [f"{n:06d}.png" for n in range(10)]
    drawn = dict(pictures(RUN, size=(320, 180), lines=90, rate=20.0, seconds=4.5))
    for number, file in enumerate(files):
        rgb = np.asarray(Image.open(file).convert("RGB"))
        assert np.array_equal(rgb, drawn[4.0 + number / 20.0])


@pytest.mark.slow
def test_a_film_has_the_sound_of_the_run_where_its_pictures_are(
    house: House, tmp_path: Path
) -> None:
    """Two seconds from the third on: as long as the pictures, and not silent."""
    path = tmp_path / "film.mkv"
    assert render(job(path, sound=True, start_s=3.0, rate=25.0), house) == 50
    with av.open(str(path)) as film:
        assert film.streams.video[0].average_rate == Fraction(25)
        frames = [frame.to_ndarray() for frame in film.decode(audio=0)]
    samples = np.concatenate(frames, axis=1).reshape(-1, 2) / 2.0**31
    assert len(samples) / 48_000 == pytest.approx(2.0, abs=0.03)
    assert np.sqrt(np.mean(samples**2)) > 10 ** (-50 / 20)


def test_what_cannot_be_rendered_is_a_mistake_and_leaves_nothing(
    house: House, tmp_path: Path
) -> None:
    """Each in one sentence; what was there before stays as it was."""
    (tmp_path / "old.mp4").write_text("before")
    for words, sentence in (
        ({"start_s": 3.0, "end_s": 3.0}, "before the end"),
        ({"size": (321, 180)}, "even"),
        ({"look": "barcod"}, "barcode"),
        ({"start_s": 1e5, "end_s": 2e5, "rate": 1.0}, "over by then"),
    ):
        with pytest.raises(Mistake, match=sentence):
            render(job(tmp_path / "old.mp4", **words), house)
    for name, sentence in (("film.avi", "mp4 or .mkv"), ("no/folder/film.mp4", "no folder")):
        with pytest.raises(Mistake, match=sentence):
            render(job(tmp_path / name), house)
    assert [path.name for path in tmp_path.iterdir()] == ["old.mp4"]
    assert (tmp_path / "old.mp4").read_text() == "before"


def test_a_run_that_is_cut_short_is_rendered_as_far_as_it_goes_and_told(
    house: House, tmp_path: Path
) -> None:
    """The beginning is a film, and the sentence says why it is no more; a whole run is nothing to tell."""
    (tmp_path / "cut.mcap").write_bytes(RUN.read_bytes()[:300_000])
    said: list[str] = []
    cut = replace(job(tmp_path / "cut.mp4"), run=tmp_path / "cut.mcap")
    assert 0 < render(cut, house, say=said.append) < 100
    assert said == ["cut.mcap is cut short: what is there is played"]
    said.clear()
    render(job(tmp_path / "whole.mp4", end_s=0.5), house, say=said.append)
    assert said == []


@pytest.mark.slow
def test_sigterm_ends_a_rendering_and_leaves_nothing(tmp_path: Path) -> None:
    """In the middle of the pictures: one sentence, exit code 2, no file and no folder."""
    code = "from instrument.cli import instrument; instrument()"
    words = ["render", "first_light", "-o", str(tmp_path / "film.mp4"), "--no-sound"]
    process = subprocess.Popen(
        [sys.executable, "-c", code, *words, "--size", "320x180"],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    while not list(tmp_path.glob(".rendering-*/film.mp4")):
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (2, "the rendering was ended from outside\n")
    assert list(tmp_path.iterdir()) == []
