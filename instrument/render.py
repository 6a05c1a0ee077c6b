"""Film of a recorded run, picture by picture and as fast as it goes; or its pictures as PNG files.

The sound is rendered first, for the picture hears it. The same run, preset and size give the same
pixels and the same samples, whatever the machine is doing meanwhile.
"""

import math
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

import moderngl
import numpy as np

from instrument.house import House
from instrument.offline import render_sound
from instrument.offline_picture import OfflinePicture, inner_size
from instrument.picture.film_file import FilmFile, film_format
from instrument.picture.film_sound import Anchor, Piece, join
from instrument.picture.screenshot import Shot, enlarged, png
from instrument.signals.frames import SoundFrame
from instrument.signals.mistake import Mistake

Progress = Callable[[str, float], None]
"""What is being rendered (``sound`` or ``picture``), and the share of it that is done."""
PNG_THREADS = 4


@dataclass(frozen=True)
class Job:
    """What is wanted of a run. Times in seconds from its beginning; `end_s` may be infinite.

    `lines`: height of the inner picture, enlarged by whole pixels. `look`: this one all the time.
    """

    run: Path
    preset: str
    out: Path
    size: tuple[int, int] = (1920, 1080)
    lines: int = 360
    rate: float = 60.0
    sound: bool = True
    start_s: float = 0.0
    end_s: float = math.inf
    look: str | None = None

    @property
    def into_folder(self) -> bool:
        """Whether PNG files are wanted, not a film."""
        return not self.out.suffix or self.out.is_dir()

    def check(self) -> None:
        """Raises `Mistake` for what can be known before."""
        if not (0.0 <= self.start_s < self.end_s):
            raise Mistake(
                f"--from {self.start_s:g} --to {self.end_s:g}: the beginning must come before the "
                "end, and not before 0"
            )
        if not self.into_folder:
            film_format(self.out)


class Sheet(Protocol):
    """Where pictures go."""

    def add(self, shown: moderngl.Framebuffer, time_s: float) -> None:
        """One more picture, `time_s` from the first."""

    def close(self) -> None:
        """All pictures are there. Raises `Mistake`."""


class FilmSheet:
    """Pictures into a film."""

    def __init__(self, path: Path, job: Job) -> None:
        self._file = FilmFile(path, job.size, job.rate, live=False)

    def add(self, shown: moderngl.Framebuffer, time_s: float) -> None:
        """See `Sheet`."""
        pixels = np.empty((shown.height, shown.width, 4), np.uint8)
        shown.read_into(pixels, components=4, alignment=1)
        self._file.add(pixels, time_s)

    def close(self) -> None:
        """See `Sheet`."""
        self._file.close()


class FolderSheet:
    """Pictures into files ``000000.png`` and on. Packed by threads beside the drawing."""

    def __init__(self, job: Job, scale: int) -> None:
        job.out.mkdir(parents=True, exist_ok=True)
        self._job, self._scale, self._number = job, scale, 0
        self._packers = ThreadPoolExecutor(PNG_THREADS)
        self._waiting: deque[Future[None]] = deque()

    def add(self, shown: moderngl.Framebuffer, time_s: float) -> None:
        """See `Sheet`."""
        path = self._job.out / f"{self._number:06d}.png"
        pixels = shown.read(components=4, alignment=1)
        shot = Shot(path, pixels, shown.size, self._scale, self._job.size, f"{time_s:.4f} s")
        self._number += 1
        self._waiting.append(self._packers.submit(_write_png, shot))
        if len(self._waiting) > 2 * PNG_THREADS:
            self._waiting.popleft().result()

    def close(self) -> None:
        """See `Sheet`."""
        with self._packers:
            while self._waiting:
                self._waiting.popleft().result()


def _write_png(shot: Shot) -> None:
    shot.path.write_bytes(png(enlarged(shot), shot.words))


def render(
    job: Job,
    house: House,
    progress: Progress = lambda what, share: None,
    say: Callable[[str], None] = lambda text: None,
) -> int:
    """Render; returns the number of pictures. Raises `Mistake`; what was there before stays then.

    `say` takes what is to be said of the run, as that it is cut short.
    """
    job.check()
    try:
        with TemporaryDirectory(prefix=".rendering-", dir=job.out.absolute().parent) as folder:
            return _render(job, house, progress, say, Path(folder))
    except OSError as error:
        raise Mistake(f"{job.out}: cannot be written ({error.strerror or error})") from error


def _render(
    job: Job, house: House, progress: Progress, say: Callable[[str], None], folder: Path
) -> int:
    wave = folder / "sound.wav"
    frames: list[SoundFrame] | None = None
    if job.sound:
        frames = []
        render_sound(
            job.run, job.preset, wave, house,
            progress=lambda share: progress("sound", share), told=frames.append,
            end_s=job.end_s,
        )  # fmt: skip
    film = folder / job.out.name
    pictures = _draw(job, house, progress, say, film, frames)
    if job.into_folder:
        if job.sound:
            wave.replace(job.out / wave.name)
    elif job.sound:
        join(film, [Piece(wave, [Anchor(0, -job.start_s, True)])], job.out)
    else:
        film.replace(job.out)
    return pictures


def _draw(
    job: Job,
    house: House,
    progress: Progress,
    say: Callable[[str], None],
    film: Path,
    frames: list[SoundFrame] | None,
) -> int:
    inner, scale = inner_size(job.size, job.lines)
    number = 0
    with OfflinePicture(job.run, job.preset, inner, job.rate, job.look, frames, house) as offline:
        sheet: Sheet = FolderSheet(job, scale) if job.into_folder else FilmSheet(film, job)
        end_s = min(job.end_s, offline.seconds)
        try:
            for now_s, shown in offline.draw():
                if now_s >= job.end_s:
                    break
                if now_s >= job.start_s:
                    sheet.add(shown, number / job.rate)
                    number += 1
                progress("picture", min(1.0, now_s / end_s))
        finally:
            sheet.close()
        for text in offline.said:
            say(text)
    if not number:
        raise Mistake(f"--from {job.start_s:g}: the run is over by then")
    return number
