"""Sound and pictures of a film lie beside each other, and do so two hours later."""

import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "bench"))

from render_sync import home, jumping_run, measured, render

from instrument.picture.film_file import FilmFile, exact_rate
from instrument.picture.film_sound import Anchor, Piece, join
from instrument.picture.footage import Footage
from instrument.signals.mistake import Mistake
from instrument.sound.capture import open_file

HOUR_2_S = 7200


@pytest.mark.slow
def test_what_happens_is_seen_and_heard_within_one_picture(tmp_path: Path) -> None:
    """At the beginning and at the end of half a minute: a picture shows it with the next one, the sound
    begins within a picture of that, and neither drifts."""
    events_s = [3.003, 4.017, 5.021, 6.049, 27.003, 28.017, 29.021, 30.049]
    jumping_run(tmp_path / "jump.mcap", events_s, 32.0)
    film = tmp_path / "film.mp4"
    render(tmp_path / "jump.mcap", film, "30", home(tmp_path / "home"))
    late_s = measured(film, events_s)
    assert (late_s[:, 0] >= 0.0).all() and (late_s[:, 0] <= 1 / 30 + 1e-6).all()
    assert (np.abs(late_s[:, 1] - late_s[:, 0]) < 1 / 30).all()
    assert abs(late_s[:4, 1].mean() - late_s[4:, 1].mean()) < 256 / 48_000


def pieces(folder: Path, rate: Fraction, at: list[int]) -> Iterator[Footage]:
    """Ten pictures from each of these on, a piece of film each, counted by their brightness."""
    for piece, first in enumerate(at):
        path = folder / f"{piece}.mp4"
        file = FilmFile(path, (32, 32), float(rate), live=False, threads=2)
        for number in range(10):
            pixels = np.full((32, 32, 4), 40 + 8 * (10 * piece + number), np.uint8)
            file.add(pixels, number / rate)  # type: ignore[arg-type]
        file.close()
        yield Footage(path, first / rate)


def shown(path: Path) -> list[tuple[Fraction, int]]:
    with av.open(str(path)) as film:
        return [
            (frame.pts * frame.time_base, round(frame.to_ndarray(format="gray").mean()))
            for frame in film.decode(video=0)
        ]


@pytest.mark.parametrize("rate", [Fraction(60), Fraction(30000, 1001), Fraction(25), Fraction(144)])
def test_pieces_become_one_film_without_a_seam(rate: Fraction, tmp_path: Path) -> None:
    """Every picture once, in order, at its exact time."""
    footage = list(pieces(tmp_path, rate, [0, 10]))
    join(footage, None, tmp_path / "film.mp4")
    pictures = shown(tmp_path / "film.mp4")
    assert [at_s for at_s, _ in pictures] == [n / rate for n in range(20)]
    levels = np.array([level for _, level in pictures])
    assert (np.diff(levels) > 3).all()


@pytest.mark.slow
@pytest.mark.parametrize("rate", [Fraction(60), Fraction(30000, 1001)])
def test_two_hours_on_times_are_still_exact(rate: Fraction, tmp_path: Path) -> None:
    """The last pictures of a film of two hours: exact, and the sound is as long to the sample."""
    count = round(HOUR_2_S * rate)
    footage = list(pieces(tmp_path, rate, [0, count - 10]))
    wave = open_file(tmp_path / "sound.wav", 48_000)
    wave.write(np.full((480, 2), 0.1, np.float32))
    wave.close()
    sound = [Piece(tmp_path / "sound.wav", [Anchor(0, 0.0, True)])]
    join(footage, sound, tmp_path / "film.mp4", float(count / rate))
    pictures = shown(tmp_path / "film.mp4")
    assert pictures[-1][0] == (count - 1) / rate and pictures[10][0] == (count - 10) / rate
    with av.open(str(tmp_path / "film.mp4")) as film:
        stream = film.streams.audio[0]
        assert stream.duration * stream.time_base == Fraction(round(count / rate * 48_000), 48_000)


def test_the_same_pieces_give_the_same_bytes(tmp_path: Path) -> None:
    """In both containers: no date and no random number is written."""
    footage = list(pieces(tmp_path, Fraction(60), [0, 10]))
    for ending in (".mp4", ".mkv"):
        for name in ("one", "two"):
            join(footage, None, tmp_path / f"{name}{ending}")
        assert (tmp_path / f"one{ending}").read_bytes() == (tmp_path / f"two{ending}").read_bytes()


def test_pieces_of_another_size_are_refused(tmp_path: Path) -> None:
    """A film that changes in the middle would not play."""
    other = FilmFile(tmp_path / "other.mp4", (64, 32), 60.0, live=False, threads=2)
    other.add(np.zeros((32, 64, 4), np.uint8), 0.0)
    other.close()
    footage = [*pieces(tmp_path, Fraction(60), [0]), Footage(other.path, Fraction(10, 60))]
    with pytest.raises(Mistake, match="packed in another way"):
        join(footage, None, tmp_path / "film.mp4")
    assert not (tmp_path / "film.mp4").exists()


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (60.0, Fraction(60)),
        (59.94, Fraction(60000, 1001)),
        (29.97, Fraction(30000, 1001)),
        (23.976, Fraction(24000, 1001)),
        (30000 / 1001, Fraction(30000, 1001)),
        (12.5, Fraction(25, 2)),
        (0.1, Fraction(1, 10)),
    ],
)
def test_rates_are_taken_as_they_are_meant(said: float, meant: Fraction) -> None:
    """The television rates are fractions of 1001, all others are what they say."""
    assert exact_rate(said) == meant
