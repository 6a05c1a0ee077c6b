"""Where the pictures of a rendering go, a piece after the other: into films, or into PNG files."""

import contextlib
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from instrument.picture.film_file import RENDER_THREADS, FilmFile, film_frame
from instrument.picture.screenshot import Shot, enlarged, png
from instrument.render_digest import file_digest
from instrument.render_work import PieceRecord, Work, settle

PNG_THREADS = 4
PIECE = ".mp4"


class Sheets(Protocol):
    """Takes pictures in order. Two threads: one for `prepare`, one for the rest."""

    def prepare(self, pixels: np.ndarray) -> Any:
        """A picture as `add` takes it; uint8 (height, width, 4), from the bottom row up."""

    def add(self, number: int, in_piece: int, prepared: Any) -> None:
        """Picture `number` of all, `in_piece` of its piece. Raises `OSError`, `Mistake`."""

    def finish(self, piece: int) -> tuple[str, str]:
        """The piece is over: its file's name and digest, empty where it has none. Raises `OSError`."""

    def whole(self, piece: int, record: PieceRecord) -> bool:
        """Whether a piece made before is still there. Main thread."""

    def give_up(self) -> None:
        """The piece that was begun is not wanted. Raises nothing."""


class FilmSheets:
    """Films of a few seconds, without sound."""

    def __init__(self, work: Work, size: tuple[int, int], rate: Fraction) -> None:
        self._work, self._size, self._rate = work, size, rate
        self._file: FilmFile | None = None

    def prepare(self, pixels: np.ndarray) -> Any:
        """See `Sheets`."""
        return film_frame(pixels, self._size)

    def add(self, number: int, in_piece: int, prepared: Any) -> None:
        """See `Sheets`."""
        if self._file is None:
            path = self._work.folder / f"piece.part{PIECE}"
            self._file = FilmFile(path, self._size, float(self._rate), False, RENDER_THREADS)
        self._file.put(prepared, in_piece / self._rate)

    def finish(self, piece: int) -> tuple[str, str]:
        """See `Sheets`."""
        assert self._file is not None
        file, self._file = self._file, None
        file.close()
        settle(file.path)
        path = self._work.piece_path(piece, PIECE)
        file.path.replace(path)
        return path.name, file_digest(path)

    def whole(self, piece: int, record: PieceRecord) -> bool:
        """See `Sheets`."""
        try:
            return file_digest(self._work.piece_path(piece, PIECE)) == record.digest
        except OSError:
            return False

    def give_up(self) -> None:
        """See `Sheets`."""
        self._file = None


class FolderSheets:
    """Files ``000000.png`` and on. Packed by threads beside the drawing."""

    def __init__(
        self, folder: Path, size: tuple[int, int], scale: int, rate: Fraction, per_piece: int
    ) -> None:
        """`scale`: by how many whole pixels the drawn picture is enlarged. Raises `OSError`."""
        self._new = not folder.is_dir()
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._size, self._scale, self._rate = folder, size, scale, rate
        self._per_piece = per_piece
        self._packers = ThreadPoolExecutor(PNG_THREADS)
        self._waiting: deque[Future[None]] = deque()
        self._unfinished: list[Path] = []

    def prepare(self, pixels: np.ndarray) -> Any:
        """See `Sheets`."""
        return pixels.shape[1::-1], pixels.tobytes()

    def _path(self, number: int) -> Path:
        return self._folder / f"{number:06d}.png"

    def add(self, number: int, in_piece: int, prepared: Any) -> None:
        """See `Sheets`."""
        size, pixels = prepared
        words = f"{float(number / self._rate):.4f} s"
        self._unfinished.append(self._path(number))
        shot = Shot(self._unfinished[-1], pixels, size, self._scale, self._size, words)
        self._waiting.append(self._packers.submit(_write_png, shot))
        if len(self._waiting) > 2 * PNG_THREADS:
            self._waiting.popleft().result()

    def finish(self, piece: int) -> tuple[str, str]:
        """See `Sheets`."""
        while self._waiting:
            self._waiting.popleft().result()
        self._unfinished.clear()
        return "", ""

    def whole(self, piece: int, record: PieceRecord) -> bool:
        """See `Sheets`."""
        first = piece * self._per_piece
        return all(self._path(first + n).is_file() for n in range(len(record.pictures)))

    def give_up(self) -> None:
        """See `Sheets`."""
        self._packers.shutdown(wait=True, cancel_futures=True)
        with contextlib.suppress(OSError):
            for path in self._unfinished:
                path.unlink(missing_ok=True)
            if self._new:
                self._folder.rmdir()  # unless a finished piece is in it


def _write_png(shot: Shot) -> None:
    shot.path.write_bytes(png(enlarged(shot), shot.words))
