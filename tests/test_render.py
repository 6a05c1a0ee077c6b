"""Films and PNG files of a recorded run, read back with another reader."""

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import told_runs as told
from PIL import Image
from render_stand import RUN, SMALL, decoded, job, picture_times, process, sound_of

from instrument.house import House, open_house
from instrument.offline import render_sound
from instrument.offline_picture import pictures
from instrument.render import render
from instrument.render_digest import file_digest, pictures_digest
from instrument.render_hearing import as_in_the_show
from instrument.show_house import house_of_show
from instrument.signals.mistake import Mistake
from instrument.sound.pcm import pcm_digest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def house() -> House:
    return open_house()


def test_a_run_gives_the_same_film_twice(house: House, tmp_path: Path) -> None:
    """Every byte of both films and every digest of a picture; the pictures are not all the same."""
    films = [render(job(tmp_path / name), house) for name in ("one.mp4", "two.mp4")]
    assert films[0] == films[1] and films[0].pictures == 100
    assert (tmp_path / "one.mp4").read_bytes() == (tmp_path / "two.mp4").read_bytes()
    assert len(set(films[0].each)) > 10
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.mp4", "two.mp4"]
    shown = decoded(tmp_path / "one.mp4")
    assert len(shown) == 100 and shown[0].shape == (180, 320, 3)


def test_two_processes_give_the_same_digests(tmp_path: Path) -> None:
    """Of sound, of every picture, and of the film; what is printed is what stands in the file."""
    told = []
    for name in ("one", "two"):
        film, digests = tmp_path / f"{name}.mkv", tmp_path / f"{name}.json"
        rendering = process(
            "noise_to_digits", "-o", str(film), *SMALL, "--to", "3", "--hashes", str(digests)
        )
        words, faults = rendering.communicate(timeout=300)
        assert rendering.returncode == 0, faults
        told.append((json.loads(digests.read_text()), file_digest(film)))
        assert told[-1][0]["pictures"] in words and told[-1][0]["sound"] in words
    assert told[0] == told[1]
    found = told[0][0]
    assert len(found["each"]) == 60 and pictures_digest(found["each"]) == found["pictures"]


def test_png_files_hold_exactly_what_was_drawn(house: House, tmp_path: Path) -> None:
    """A folder of pictures from the fourth second on, the same as those of the whole run there."""
    render(job(tmp_path / "shots", start_s=4.0, end_s=4.5), house)
    files = sorted((tmp_path / "shots").iterdir())
    assert [file.name for file in files] == [f"{n:06d}.png" for n in range(10)]
    drawn = dict(pictures(RUN, size=(320, 180), lines=90, rate=20.0, seconds=4.5))
    for number, file in enumerate(files):
        rgb = np.asarray(Image.open(file).convert("RGB"))
        assert np.array_equal(rgb, drawn[4.0 + number / 20.0])


def test_a_film_shows_what_was_drawn(house: House, tmp_path: Path) -> None:
    """As near as H.264 comes with half the colours: 38 dB at the least."""
    render(job(tmp_path / "film.mp4", end_s=4.0), house)
    drawn = [rgb for _, rgb in pictures(RUN, size=(320, 180), lines=90, rate=20.0, seconds=4.0)]
    shown = decoded(tmp_path / "film.mp4")
    assert len(shown) == len(drawn) == 80
    luma = np.array([0.2126, 0.7152, 0.0722])
    for one, other in zip(shown, drawn, strict=True):
        error = np.mean(((one.astype(float) - other) @ luma) ** 2)
        assert 10 * np.log10(255.0**2 / max(error, 1e-9)) > 38.0


def test_a_film_has_the_sound_of_the_run_where_its_pictures_are(
    house: House, tmp_path: Path
) -> None:
    """Two seconds from the third on: as long as the pictures to the sample, and not silent."""
    path = tmp_path / "film.mkv"
    made = render(job(path, sound=True, start_s=3.0, rate=25.0), house)
    assert made.pictures == 50 and made.seconds == 2.0
    with av.open(str(path)) as film:
        assert film.streams.video[0].average_rate == Fraction(25)
    samples = sound_of(path)
    assert len(samples) == 96_000
    assert np.sqrt(np.mean(samples**2)) > 10 ** (-50 / 20)


def test_a_folder_gets_its_sound_and_the_stems_theirs(house: House, tmp_path: Path) -> None:
    """The wave is the one whose digest is told; the mix among the stems sounds as it does."""
    words = {"sound": True, "end_s": 2.0, "stems": tmp_path / "stems"}
    made = render(job(tmp_path / "shots", **words), house)
    assert pcm_digest(tmp_path / "shots" / "sound.wav") == made.sound["pcm"]
    assert {"mix.wav", "space.wav"} < {path.name for path in (tmp_path / "stems").iterdir()}
    plain = render(job(tmp_path / "plain", **{**words, "stems": None}), house)
    assert plain.sound["pcm"] == made.sound["pcm"]


def test_what_another_rendering_left_in_a_folder_is_said(house: House, tmp_path: Path) -> None:
    """Pictures behind the last and voices that are not heard any more stay, and are told."""
    shots, voices = tmp_path / "shots", tmp_path / "voices"
    shots.mkdir()
    voices.mkdir()
    for path in (
        shots / "000001.png",
        shots / "000002.png",
        shots / "000007.png",
        voices / "me.wav",
    ):
        path.write_text("before")
    said: list[str] = []
    wanted = job(shots, sound=True, end_s=1.0, rate=2.0, stems=voices)
    render(wanted, house, say=said.append)
    assert f"{shots}: 2 pictures behind the last are of another rendering" in said
    assert f"{voices}: me.wav is no voice of this rendering" in said
    assert (shots / "000007.png").read_text() == (voices / "me.wav").read_text() == "before"
    assert (shots / "000001.png").read_bytes()[1:4] == b"PNG"


@pytest.mark.parametrize(
    ("said", "meant"),
    [((96_000, 64), (96_000, 64)), ((0, 0), (48_000, 256)), ((7, -1), (48_000, 256))],
)
def test_what_no_show_can_have_had_is_taken_as_not_known(
    said: tuple[int, int], meant: tuple[int, int]
) -> None:
    """A header may hold any numbers; those of old runs are 0."""
    assert as_in_the_show(told.header(sample_rate=said[0], block=said[1])) == meant


@pytest.mark.parametrize(("said", "meant"), [((44_100, 512),) * 2, ((0, 0), (48_000, 256))])
def test_the_sound_is_rendered_as_the_show_had_it(
    said: tuple[int, int], meant: tuple[int, int], house: House, tmp_path: Path
) -> None:
    """Sample rate and block of the header, sample for sample as `render-sound` makes it with them; where
    it says none, 48000 Hz and 256."""
    header = told.header(sample_rate=said[0], block=said[1])
    run = told.record(tmp_path / "run.mcap", told.training(2.0), header)
    wanted = job(tmp_path / "shots", sound=True, end_s=1.0, rate=2.0, stems=tmp_path / "stems")
    made = render(replace(wanted, run=run), house)
    sample_rate, block = meant
    wave = tmp_path / "sound.wav"
    render_sound(run, "glitch_organ", wave, house_of_show("glitch_organ"),
                 sample_rate=sample_rate, block=block, end_s=1.0)  # fmt: skip
    assert pcm_digest(wave) == made.sound["pcm"]
    for path in (tmp_path / "shots" / "sound.wav", tmp_path / "stems" / "mix.wav"):
        with av.open(str(path)) as file:
            assert file.streams.audio[0].rate == sample_rate


def test_a_film_has_its_sound_in_time_whatever_the_rate_of_the_show(
    house: House, tmp_path: Path
) -> None:
    """A show of 44.1 kHz becomes a film of 48, as long as its pictures to the sample, and not silent."""
    header = told.header(sample_rate=44_100, block=512)
    run = told.record(tmp_path / "run.mcap", told.training(2.0), header)
    path = tmp_path / "film.mkv"
    made = render(replace(job(path, sound=True, rate=10.0, end_s=2.0), run=run), house)
    samples = sound_of(path)
    assert made.seconds == 2.0 and len(samples) == 96_000
    assert np.sqrt(np.mean(samples**2)) > 10 ** (-60 / 20)


def test_odd_rates_are_exact(house: House, tmp_path: Path) -> None:
    """29.97 is 30000/1001: picture n is shown at n x 1001/30000 s, to the last digit."""
    made = render(job(tmp_path / "film.mp4", rate=29.97, end_s=1.5), house)
    assert picture_times(tmp_path / "film.mp4") == [Fraction(1001 * n, 30000) for n in range(45)]
    assert made.pictures == 45


def test_a_film_of_3840x2160_is_made(house: House, tmp_path: Path) -> None:
    """One second of it, each drawn pixel six wide and high."""
    made = render(job(tmp_path / "large.mp4", size=(3840, 2160), lines=360, end_s=1.0), house)
    shown = decoded(tmp_path / "large.mp4")
    assert made.pictures == len(shown) == 20 and shown[0].shape == (2160, 3840, 3)
    blocks = shown[-1].reshape(360, 6, 640, 6, 3).astype(float)
    assert blocks.std(axis=(1, 3)).mean() < 1.5 < blocks.mean(axis=(1, 3)).std()


def test_what_cannot_be_rendered_is_a_mistake_and_leaves_nothing(
    house: House, tmp_path: Path
) -> None:
    """Each in one sentence; what was there before stays as it was."""
    (tmp_path / "old.mp4").write_text("before")
    for words, sentence in (
        ({"start_s": 3.0, "end_s": 3.0}, "before the end"),
        ({"size": (321, 180)}, "even"),
        ({"look": "barcod"}, "barcode"),
        ({"start_s": 1e5, "end_s": 2e5, "rate": 1.0}, "over by then; it is 66.7 s long"),
        ({"start_s": 68.0, "end_s": 80.0, "rate": 1.0}, "over by then"),
        ({"stems": tmp_path / "stems"}, "no sound to take apart"),
        ({"stems": tmp_path / "old.mp4", "sound": True}, "name a folder"),
        ({"hashes": tmp_path / "no" / "film.json"}, "no folder"),
    ):
        with pytest.raises(Mistake, match=sentence):
            render(job(tmp_path / "old.mp4", **words), house)
    for name, sentence in (
        ("film.avi", "mp4 or .mkv"),
        ("no/folder/film.mp4", "no folder"),
        ("no/folder/shots", "no folder .*make it first"),
    ):
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
    assert 0 < render(cut, house, say=said.append).pictures < 100
    assert said[0] == "cut.mcap is cut short: what is there is played"
    said.clear()
    render(job(tmp_path / "whole.mp4", end_s=0.5), house, say=said.append)
    assert said == []


def test_a_look_too_slow_for_the_stage_is_rendered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On stage it would be left out; here no other program's load may decide what is seen."""
    (tmp_path / "shaders").mkdir()
    (tmp_path / "shaders" / "slow.frag").write_text(
        "/*{}*/ void main() { float x = gl_FragCoord.x; for (int i = 0; i < 300; i++) "
        "for (int j = 0; j < 100; j++) x = sin(x + 0.1); gl_FragColor = vec4(abs(x)); }"
    )
    monkeypatch.setenv("TWOS_AND_SEVENS_HOME", str(tmp_path))
    small = job(tmp_path / "film.mp4", look="slow", size=(32, 18), lines=18, end_s=0.2)
    assert render(small, open_house()).pictures == 4
