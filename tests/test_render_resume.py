"""Renderings that are ended before their end, and go on: the film is the one that nothing ever ended."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from render_stand import SMALL, finished, job, process

from instrument.house import House, open_house
from instrument.render import render
from instrument.render_digest import DECIDES, file_digest
from instrument.render_work import Work
from instrument.signals import places
from instrument.signals.mistake import Mistake

pytestmark = pytest.mark.slow

WORDS = ("noise_to_digits", *SMALL, "--fps", "10", "--to", "21")


@pytest.fixture(scope="module")
def house() -> House:
    return open_house()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film that was rendered in one go, and `whole.json` with its digests."""
    film = tmp_path_factory.mktemp("whole") / "whole.mp4"
    rendering = process(*WORDS, "-o", str(film), "--hashes", str(film.with_suffix(".json")))
    _, faults = rendering.communicate(timeout=300)
    assert rendering.returncode == 0, faults
    return film


def until_a_piece_is_finished(rendering: subprocess.Popen[str], film: Path) -> None:
    deadline_s = time.monotonic() + 200.0
    while not list(finished(film)):
        assert rendering.poll() is None and time.monotonic() < deadline_s
        time.sleep(0.02)


def gone_on(film: Path) -> str:
    """Render on to the end; what was said. The digests lie beside it."""
    rendering = process(*WORDS, "-o", str(film), "--hashes", str(film.with_suffix(".json")))
    said, faults = rendering.communicate(timeout=300)
    assert rendering.returncode == 0, faults
    return said


def same_as(whole: Path, film: Path) -> bool:
    """Film, sound and every picture."""
    told = [json.loads(path.with_suffix(".json").read_text()) for path in (whole, film)]
    return told[0] == told[1] and file_digest(whole) == file_digest(film)


def test_a_killed_rendering_goes_on_to_the_same_film(whole: Path, tmp_path: Path) -> None:
    """kill -9 after the first piece, twice: film, sound and every picture as if nothing had been."""
    film = tmp_path / "film.mp4"
    for _ in range(2):
        rendering = process(*WORDS, "-o", str(film))
        until_a_piece_is_finished(rendering, film)
        rendering.kill()
        rendering.communicate(timeout=60)
    assert not film.exists()
    assert "s of it are finished" in gone_on(film)
    assert same_as(whole, film)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["film.json", "film.mp4"]


@pytest.mark.parametrize(
    ("number", "code", "sentence"),
    [(signal.SIGTERM, 2, "ended from outside"), (signal.SIGINT, 130, "is not finished")],
)
def test_an_ended_rendering_says_that_it_goes_on(
    number: int, code: int, sentence: str, whole: Path, tmp_path: Path
) -> None:
    """SIGTERM and Ctrl-C: one sentence, an exit code, and what is finished stays for the same command."""
    film = tmp_path / "film.mp4"
    rendering = process(*WORDS, "-o", str(film))
    until_a_piece_is_finished(rendering, film)
    rendering.send_signal(number)
    _, said = rendering.communicate(timeout=60)
    assert rendering.returncode == code and sentence in said and "the same command goes on" in said
    assert "Traceback" not in said
    assert "s of it are finished" in gone_on(film)
    assert same_as(whole, film)


def test_a_rendering_ended_before_anything_is_finished_leaves_nothing(tmp_path: Path) -> None:
    """Among its first pictures: one sentence, exit code 2, no file and no folder."""
    # so many pictures that the first piece takes seconds, however late the signal is sent
    words = (*WORDS, "--fps", "60", "--no-sound")
    rendering = process(*words, "-o", str(tmp_path / "film.mp4"))
    while not list(tmp_path.glob("film.mp4.rendering/piece.part.mp4")):
        assert rendering.poll() is None
        time.sleep(0.02)
    rendering.send_signal(signal.SIGTERM)
    _, said = rendering.communicate(timeout=60)
    assert (rendering.returncode, said) == (
        2,
        "the rendering was ended from outside; nothing of it was finished: the same command begins anew\n",
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_pictures_ended_before_a_piece_is_finished_leave_the_folder_free(
    tmp_path: Path, number: int
) -> None:
    """The same command may be given again, as the sentence says: it finds nothing that it must spare."""
    words = (*WORDS, "--fps", "60", "--no-sound")
    rendering = process(*words, "-o", str(tmp_path / "shots"))
    while not list(tmp_path.glob("shots/*.png")):
        assert rendering.poll() is None
        time.sleep(0.02)
    rendering.send_signal(number)
    told, said = rendering.communicate(timeout=60)
    assert f"{tmp_path / 'shots'}: PNG pictures into this folder" in told
    assert rendering.returncode != 0 and "Traceback" not in said
    assert "nothing of it was finished: the same command begins anew" in said
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_a_sentence_and_the_rendering_goes_on(whole: Path, tmp_path: Path) -> None:
    """A file may not grow to what the sound needs; with room again the same film comes of it."""
    film = tmp_path / "film.mp4"
    limited = process(*WORDS, "-o", str(film), file_limit_bytes=250_000)
    _, said = limited.communicate(timeout=300)
    assert limited.returncode == 2 and "cannot be written" in said and "Traceback" not in said
    assert not film.exists()
    gone_on(film)
    assert same_as(whole, film)


def test_a_disk_that_takes_no_more_pictures_is_a_sentence(tmp_path: Path) -> None:
    """The second piece finds no room: the first one is kept, and the sentence says so."""
    film = tmp_path / "film.mp4"
    begun(film)
    limited = process(*WORDS, "--no-sound", "-o", str(film), file_limit_bytes=60_000)
    _, said = limited.communicate(timeout=300)
    assert limited.returncode == 2 and "cannot be written (File too large)" in said
    assert "the same command goes on" in said and "Traceback" not in said
    assert len(list(finished(film))) == 1


def begun(film: Path) -> None:
    """A rendering whose first piece is finished."""
    rendering = process(*WORDS, "--no-sound", "--force", "-o", str(film))
    until_a_piece_is_finished(rendering, film)
    rendering.kill()
    rendering.communicate(timeout=60)


def test_another_wish_begins_anew_and_says_why(house: House, tmp_path: Path) -> None:
    """What is finished of another size is of no use; `fresh` says it without a reason."""
    film = tmp_path / "film.mp4"
    begun(film)
    said: list[str] = []
    made = render(job(film, size=(640, 360), end_s=1.0), house, say=said.append)
    assert made.kept == 0 and len(said) == 1
    assert said[0].startswith("film.mp4.rendering/ was begun with another state of --size, ")
    begun(film)
    said.clear()
    assert render(job(film, rate=10.0, end_s=21.0, fresh=True), house, say=said.append).kept == 0
    assert said == []


def test_every_file_that_a_rendering_loads_is_one_that_decides() -> None:
    """Or only declares controls here, or refuses: what is finished is no good once another one changes."""
    code = (
        "import json, sys\n"
        "import instrument.render, instrument.render_sound_process\n"
        "print(json.dumps([m.__file__ for n, m in sys.modules.items() if n.startswith('instrument.')]))"
    )
    made = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True
    )
    root = places.PACKAGE
    loaded = {Path(file).relative_to(root).as_posix() for file in json.loads(made.stdout)}
    decide = {path.relative_to(root).as_posix() for part in DECIDES for path in root.glob(part)}
    assert "offline_picture.py" in loaded
    silent = ("hands/", "learning/", "written_over.py")
    assert {name for name in loaded - decide if not name.startswith(silent)} == set()


def test_a_damaged_piece_is_made_again(house: House, tmp_path: Path) -> None:
    """One byte of it is another: it is not believed, and the film is right."""
    film, other = tmp_path / "film.mp4", tmp_path / "other.mp4"
    begun(film)
    piece = film.with_name("film.mp4.rendering") / "00000.mp4"
    content = bytearray(piece.read_bytes())
    content[len(content) // 2] ^= 1
    piece.write_bytes(content)
    assert render(job(film, rate=10.0, end_s=21.0), house).kept == 0
    render(job(other, rate=10.0, end_s=21.0), house)
    assert film.read_bytes() == other.read_bytes()


def test_pieces_that_nothing_can_follow_are_a_mistake(house: House, tmp_path: Path) -> None:
    """Where the last finished picture comes out otherwise there would be a seam: it is said, and kept."""
    film = tmp_path / "film.mp4"
    begun(film)
    record = film.with_name("film.mp4.rendering") / "00000.json"
    told = json.loads(record.read_text())
    told["pictures"][-1] = "0" * 64
    record.write_text(json.dumps(told))
    with pytest.raises(Mistake, match="--fresh makes all anew"):
        render(job(film, rate=10.0, end_s=21.0), house)
    assert record.exists() and not film.exists()


def test_what_is_drawn_to_its_end_is_only_joined(house: House, tmp_path: Path) -> None:
    """The film could not be joined: the next try draws nothing, and the film is the same."""
    film, other = tmp_path / "film.mp4", tmp_path / "other.mp4"
    begun(film)
    in_the_way = film.with_name("film.mp4.rendering") / "film.joining.mp4"
    in_the_way.mkdir()
    with pytest.raises(Mistake, match="the same command goes on"):
        render(job(film, rate=10.0, end_s=21.0), house)
    in_the_way.rmdir()
    drawn: list[str] = []
    made = render(
        job(film, rate=10.0, end_s=21.0), house, lambda what, at_s, whole_s: drawn.append(what)
    )
    assert (made.pictures, made.kept, drawn) == (210, 210, [])
    render(job(other, rate=10.0, end_s=21.0), house)
    assert film.read_bytes() == other.read_bytes()


def test_two_renderings_never_share_a_folder(house: House, tmp_path: Path) -> None:
    """The second is refused in a sentence, and the first one's work stays."""
    work = Work(tmp_path / "film.mp4")
    with pytest.raises(Mistake, match="being rendered by another program"):
        render(job(tmp_path / "film.mp4"), house)
    assert work.folder.is_dir()
    work.close()
    assert render(job(tmp_path / "film.mp4", end_s=0.5), house).pictures == 10
