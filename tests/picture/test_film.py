"""Films: what was shown is in them, where it was shown, with the sound where it was heard."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
from picture_rig import HEALTHY, Rig

from instrument.picture.film import WAITING, Film
from instrument.picture.film_file import FilmFile, film_format
from instrument.picture.film_sound import Anchor, Piece, folded, join
from instrument.picture.readback import Readback, Shown
from instrument.signals.mistake import Mistake

pytestmark = pytest.mark.slow

Make = Callable[..., Rig]
RATE = 48_000


class Album:
    """Keeps what it is handed."""

    def __init__(self) -> None:
        self.shown: list[Shown] = []

    def take(self, shown: Shown) -> None:
        self.shown.append(shown)


def pictures_of(path: Path) -> list[tuple[float, np.ndarray]]:
    """(seconds, uint8 (height, width, 3)) of a film."""
    with av.open(str(path)) as film:
        return [(frame.time, frame.to_ndarray(format="rgb24")) for frame in film.decode(video=0)]


def sound_of(path: Path) -> np.ndarray:
    """Float (n, 2) of a film's sound, from its beginning on."""
    with av.open(str(path)) as film:
        blocks = []
        for frame in film.decode(audio=0):
            raw = frame.to_ndarray()
            block = raw.T if frame.format.is_planar else raw.reshape(-1, 2)
            blocks.append(block / (1.0 if raw.dtype.kind == "f" else 2.0**31))
    return np.concatenate(blocks)


def flashing(path: Path, seconds: int) -> None:
    """White for a sixtieth of a second half way through every second, else black."""
    file = FilmFile(path, (64, 36), 60.0, live=True)
    for number in range(seconds * 60):
        file.add(np.full((36, 64, 4), 255 * (number % 60 == 30), np.uint8), number / 60.0)
    file.close()


def clicks(path: Path, at: Sequence[int], length: int, rate: int = RATE) -> None:
    """A millisecond of half the full amplitude from each of these samples on."""
    samples = np.zeros((length, 2))
    for first in at:
        samples[first : first + rate // 1000] = 0.5
    soundfile.write(path, samples, rate, subtype="PCM_24")


def onsets_s(sound: np.ndarray) -> list[float]:
    """Where it becomes loud after silence, seconds."""
    loud = np.flatnonzero(np.abs(sound[:, 0]) > 0.2)
    return (loud[np.diff(loud, prepend=-RATE) > RATE // 20] / RATE).tolist()


def test_both_ways_of_fetching_give_the_pixels_that_were_shown(make_rig: Make) -> None:
    """At once, and through a buffer two pictures later: the same, none missing, with the same times."""
    rig = make_rig(size=(320, 180), lines=90)
    now, later = Album(), Album()
    ctx = rig.picture._window.ctx
    for direct, album in ((True, now), (False, later)):
        readback = Readback(ctx, direct)
        readback.takers.append(album)
        rig.picture.taps.append(readback)
    began_s = rig.clock()
    rig.play(HEALTHY, 1.0)
    last = rig.rgb()
    assert len(now.shown) == 30 and len(later.shown) == 28
    for tap in rig.picture.taps:
        tap.finish()
    assert len(later.shown) == 30
    for one, other in zip(now.shown, later.shown, strict=True):
        assert np.array_equal(one.pixels, other.pixels) and one.drawn_s == other.drawn_s
    assert np.array_equal(now.shown[-1].pixels[::-1, :, :3], last)
    assert now.shown[0].drawn_s == pytest.approx(began_s)
    assert np.diff([shown.drawn_s for shown in now.shown]) == pytest.approx(1.0 / 30.0, abs=0.035)


def test_pixels_stay_good_while_they_are_held_and_are_used_again_after(make_rig: Make) -> None:
    """Three pictures held are three arrays; let go, they hold the next ones."""
    rig = make_rig(size=(320, 180), lines=90)
    album = Album()
    rig.picture.hand_pixels_to(album)
    rig.play(HEALTHY, 0.1)
    places = {shown.pixels.ctypes.data for shown in album.shown}
    assert len(places) == 3
    album.shown.clear()
    rig.play(HEALTHY, 0.1)
    assert {shown.pixels.ctypes.data for shown in album.shown} == places
    rig.picture.hand_the_rest_over()
    rig.play(HEALTHY, 0.1)
    assert len(album.shown) == 3


@pytest.mark.parametrize("name", ["film.mp4", "film.mkv"])
def test_a_film_of_the_show_has_its_pictures_at_their_times(
    make_rig: Make, tmp_path: Path, name: str
) -> None:
    """As many as the queue holds: as large as the window, each pixel hard, as it was shown."""
    rig = make_rig(size=(320, 180), lines=90)
    album, said = Album(), []
    film = Film(tmp_path / name, (320, 180), 30.0, said.append)
    rig.picture.hand_pixels_to(album)
    rig.play(HEALTHY, 1.0 + WAITING / 30.0)
    del album.shown[:-WAITING]
    for shown in album.shown:
        film.take(shown)
    film.close()
    told = pictures_of(tmp_path / name)
    assert (film.pictures, film.dropped, film.failed, said) == (WAITING, 0, "", [])
    assert film.began_s == album.shown[1].drawn_s
    assert film.last_s == album.shown[-1].drawn_s + 1.0 / 30.0
    assert len(told) == WAITING and told[0][0] == 0.0
    # A picture came on the screen when the drawing of the next began.
    times_s = [shown.drawn_s - film.began_s for shown in album.shown[1:]]
    times_s.append(film.last_s - film.began_s)
    assert [time_s for time_s, _ in told] == pytest.approx(times_s, abs=0.001)
    drawn = album.shown[-1].pixels[::-1, :, :3].repeat(2, axis=0).repeat(2, axis=1)
    assert drawn.std() > 10
    assert np.abs(told[-1][1].astype(int) - drawn).mean() < 2.0


def test_a_show_that_grows_coarser_keeps_its_film_at_one_size(tmp_path: Path) -> None:
    """Pictures of other sizes are stretched to that of the film."""
    film = Film(tmp_path / "film.mp4", (320, 180), 60.0, lambda text: None)
    for number, size in enumerate(((180, 320), (90, 160), (60, 107))):
        film.take(Shown(np.full((*size, 4), 80 * (number + 1), np.uint8), number / 60.0))
    film.close()
    told = pictures_of(tmp_path / "film.mp4")
    assert [picture.shape for _, picture in told] == [(180, 320, 3)] * 3
    assert [picture.mean() for _, picture in told] == pytest.approx([80, 160, 240], abs=2)


def test_pictures_that_the_film_cannot_follow_are_dropped_and_counted(tmp_path: Path) -> None:
    """A hundred large ones at once: `take` never waits, the queue holds eight, all are accounted for."""
    film = Film(tmp_path / "film.mp4", (1280, 720), 60.0, lambda text: None)
    noise = np.random.default_rng(1).integers(0, 255, (720, 1280, 4), np.uint8)
    for number in range(100):
        film.take(Shown(noise, number / 60.0))
    film.close()
    assert film.pictures + film.dropped == 100
    assert WAITING <= film.pictures < 100
    assert len(pictures_of(tmp_path / "film.mp4")) == film.pictures


def test_a_disk_that_fails_ends_the_film_not_the_show(tmp_path: Path) -> None:
    """Nothing more can be written: said once, everything after is counted as dropped."""
    path, said = Path("/dev/full"), []
    link = tmp_path / "film.mkv"
    link.symlink_to(path)
    try:
        film = Film(link, (320, 180), 60.0, said.append)
    except Mistake as mistake:
        assert "cannot be written" in str(mistake)
        return
    noise = np.random.default_rng(1).integers(0, 255, (180, 320, 4), np.uint8)
    for number in range(200):
        film.take(Shown(noise, number / 60.0))
    film.close()
    assert len(said) == 1 and "the show goes on" in said[0]
    assert film.pictures + film.dropped == 200


FULL = """
import sys
from pathlib import Path
import numpy as np
from instrument.picture.film_file import FilmFile
file = FilmFile(Path(sys.argv[1]), (320, 180), 60.0, live=True, threads=1)
noise = np.random.default_rng(1).integers(0, 255, (180, 320, 4), np.uint8)
for number in range(200):
    try:
        file.add(noise, number / 60)
    except OSError as error:
        print(error.strerror or error)
try:
    file.close()
except OSError as error:
    print(error.strerror or error)
"""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is full")
@pytest.mark.parametrize("name", ["film.mp4", "film.mkv"])
def test_a_disk_that_takes_not_even_the_head_of_a_film_is_survived(
    tmp_path: Path, name: str
) -> None:
    """Whoever goes on after that gets the same refusal, and closes in order; no process dies of it."""
    (tmp_path / name).symlink_to("/dev/full")
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path / name)],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("No space left on device\nnothing more goes in after a fault\n")


KILLED = """
import sys
from pathlib import Path
import numpy as np
from instrument.picture.film_file import FilmFile
file = FilmFile(Path(sys.argv[1]), (320, 180), 60.0, live=True)
noise = np.random.default_rng(1).integers(0, 255, (180, 320, 4), np.uint8)
for number in range(240):
    file.add(np.roll(noise, number, axis=0), number / 60)
print("four seconds", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("name", ["film.mp4", "film.mkv"])
def test_a_killed_show_leaves_a_film_that_plays(tmp_path: Path, name: str) -> None:
    """SIGKILL after four seconds of pictures: at least the first two and a half can be played."""
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path / name)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "four seconds\n"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    told = pictures_of(tmp_path / name)
    assert len(told) >= 150
    assert [time_s for time_s, _ in told[:150]] == pytest.approx(
        [number / 60.0 for number in range(150)], abs=0.001
    )


@pytest.mark.parametrize("name", ["film.mp4", "film.mkv"])
def test_what_was_heard_with_a_flash_is_heard_with_it_in_the_film(
    tmp_path: Path, name: str
) -> None:
    """Clicks that were captured at the moments of the flashes: less than a millisecond apart."""
    film, wave = tmp_path / name, tmp_path / "show.wav"
    flashing(film, 5)
    # The capture began a quarter of a second before the film.
    clicks(wave, [round((0.75 + k) * RATE) for k in range(5)], 6 * RATE)
    join(film, [Piece(wave, [Anchor(0, -0.25, True)])], film)
    flashes_s = [time_s for time_s, picture in pictures_of(film) if picture.mean() > 128]
    assert flashes_s == pytest.approx([0.5, 1.5, 2.5, 3.5, 4.5], abs=0.001)
    assert onsets_s(sound_of(film)) == pytest.approx(flashes_s, abs=0.001)
    assert len(sound_of(film)) / RATE == pytest.approx(5.0, abs=0.03)


def test_holes_and_a_second_capture_keep_their_place(tmp_path: Path) -> None:
    """A dropout of 0.2 s, then a sound process that died and came back 0.5 s later."""
    film = tmp_path / "film.mkv"
    flashing(film, 5)
    clicks(tmp_path / "a.wav", [RATE // 2, 13 * RATE // 10], 2 * RATE)
    clicks(tmp_path / "b.wav", [RATE], 2 * RATE)
    pieces = [
        Piece(tmp_path / "a.wav", [Anchor(0, 0.0, True), Anchor(RATE, 1.2, True)]),
        Piece(tmp_path / "b.wav", [Anchor(0, 2.5, True)]),
    ]
    join(film, pieces, film)
    assert onsets_s(sound_of(film)) == pytest.approx([0.5, 1.5, 3.5], abs=0.001)


def test_a_device_whose_clock_runs_away_is_followed(tmp_path: Path) -> None:
    """At 48,048 samples a second for twenty: clicks of its seconds come a thousandth early each."""
    film, wave = tmp_path / "film.mkv", tmp_path / "show.wav"
    flashing(film, 20)
    clicks(wave, [second * RATE for second in range(1, 20)], 20 * RATE)
    away = [Anchor(0, 0.0, True), Anchor(19 * RATE, 19 / 1.001, False)]
    join(film, [Piece(wave, away)], film)
    expected_s = [second / 1.001 for second in range(1, 20)]
    assert onsets_s(sound_of(film)) == pytest.approx(expected_s, abs=0.0015)


def test_a_ring_of_loudspeakers_is_folded_into_two() -> None:
    """Left stays left, right right, what is behind is in both as loud; one alone is not clipped."""
    four = folded(np.eye(4, dtype=np.float32))
    assert four.shape == (4, 2)
    assert four[0, 0] > 3 * four[0, 1] and four[1, 1] > 3 * four[1, 0]
    assert np.allclose(four[0], four[3]) and np.allclose(four[1], four[2])
    eight = folded(np.ones((1, 8), np.float32))
    assert np.allclose(eight[0, 0], eight[0, 1]) and np.abs(eight).max() <= 1.0
    two = np.array([[0.25, -0.5]], np.float32)
    assert np.array_equal(folded(two), two)


@pytest.mark.parametrize(
    ("name", "size", "sentence"),
    [
        ("film.avi", (320, 180), "mp4 or .mkv"),
        ("no/film.mp4", (320, 180), "no folder"),
        ("film.mp4", (321, 180), "even"),
    ],
)
def test_what_cannot_be_a_film_is_a_mistake(
    tmp_path: Path, name: str, size: tuple[int, int], sentence: str
) -> None:
    """Before the curtain, in one sentence, out of the thread that opens it."""
    with pytest.raises(Mistake, match=sentence):
        Film(tmp_path / name, size, 60.0, lambda text: None)


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs a folder that takes no file")
def test_a_folder_that_takes_no_file_is_a_mistake() -> None:
    """Before the curtain: the encoder would open the file only with the first picture."""
    with pytest.raises(Mistake, match="nothing may be written into '/proc/self'"):
        film_format(Path("/proc/self/film.mp4"))


def test_a_sound_that_is_no_sound_leaves_the_film_as_it_was(tmp_path: Path) -> None:
    """One sentence; nothing else lies there after."""
    film, wave = tmp_path / "film.mp4", tmp_path / "show.wav"
    flashing(film, 1)
    before = film.read_bytes()
    wave.write_bytes(b"RIFF")
    with pytest.raises(Mistake, match="given its sound"):
        join(film, [Piece(wave, [Anchor(0, 0.0, True)])], film)
    assert film.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["film.mp4", "show.wav"]
