"""The folder in which a film is made, ``film.mp4.rendering/``: what is finished in it outlives the program.

| file | what |
|---|---|
| `work.json` | everything that decides the result; another result begins anew |
| `sound.wav`, `sound.frames`, `sound.json` | the sound, how it stood, and that it is whole |
| `00000.mp4`, `00000.json` | a piece of the film, and that it is whole, with a digest of every picture |
| `drawn.json` | how many pictures there are, once the last is drawn |

A thing counts once its JSON file is there, which is written last and put in its place whole.
"""

import contextlib
import json
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from instrument.signals.mistake import Mistake

ENDING = ".rendering"


def work_folder(target: Path) -> Path:
    """Where what is finished of a rendering lies until all of it is."""
    return target.absolute().with_name(target.name + ENDING)


@dataclass(frozen=True)
class PieceRecord:
    """One finished piece: how many pictures, the SHA-256 of each, and of the file they are in.

    `file` is empty where the pictures are files of their own. `drawn_by`: the graphics that drew it.
    """

    pictures: tuple[str, ...]
    drawn_by: str
    file: str = ""
    digest: str = ""


def write_whole(path: Path, record: Any) -> None:
    """A JSON file that is there whole or not at all, whatever happens. Raises `OSError`."""
    waiting = path.with_name(path.name + ".part")
    with open(waiting, "w", encoding="utf-8") as file:
        json.dump(record, file)
        file.flush()
        os.fsync(file.fileno())
    waiting.replace(path)
    settle(path.parent)


def settle(path: Path) -> None:
    """Bring a file or folder onto the disk. Raises `OSError`."""
    if path.is_dir() and os.name == "nt":
        return
    number = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def read(path: Path) -> Any:
    """What a JSON file says; None where there is none, or it cannot be understood."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def move_stems(made: Path, wanted: Path) -> list[str]:
    """The files of the voices into the folder that was named. Raises `OSError`.

    Sentences about what else lies there, for whoever mixes takes all of a folder.
    """
    wanted.mkdir(parents=True, exist_ok=True)
    voices = sorted(made.iterdir())
    for path in voices:
        shutil.move(path, wanted / path.name)
    others = {path.name for path in wanted.glob("*.wav")} - {path.name for path in voices}
    return [f"{wanted}: {name} is no voice of this rendering" for name in sorted(others)]


class Work:
    """One rendering's folder, held by one process. Main thread, except where said."""

    def __init__(self, target: Path) -> None:
        """Makes it where it is missing. Raises `Mistake` while another process renders there, `OSError`."""
        self.folder = work_folder(target)
        self.folder.mkdir(exist_ok=True)
        self._lock = _locked(self.folder, target)

    def begin(self, decides: Mapping[str, Any], anew: bool = False) -> list[str]:
        """Take over what is finished. What changed since, by the names of `decides`; then nothing is kept.

        `anew`: keep nothing. Raises `OSError`.
        """
        before = read(self.folder / "work.json")
        wanted = json.loads(json.dumps(decides))
        known = isinstance(before, dict)
        changed = [name for name in wanted if known and before.get(name) != wanted[name]]
        if anew or not known or changed:
            self._clear()
            write_whole(self.folder / "work.json", wanted)
        for rest in self.folder.glob("*.part*"):
            rest.unlink()
        return changed

    def _clear(self) -> None:
        for path in self.folder.iterdir():
            if path.name == "lock":
                continue
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()

    def pieces(self, drawn_by: str, whole: Callable[[int, PieceRecord], bool]) -> list[PieceRecord]:
        """The finished pieces from the first on, as long as they are `whole` and of the same graphics."""
        found: list[PieceRecord] = []
        while (piece := self._piece(len(found))) is not None and piece.drawn_by == drawn_by:
            if not whole(len(found), piece):
                break
            found.append(piece)
        return found

    def _piece(self, number: int) -> PieceRecord | None:
        told = read(self.piece_path(number, ".json"))
        try:
            return PieceRecord(**{**told, "pictures": tuple(told["pictures"])})
        except (KeyError, TypeError):
            return None

    def piece_path(self, number: int, ending: str) -> Path:
        """Where a file of this piece lies."""
        return self.folder / f"{number:05d}{ending}"

    def keep(self, number: int, record: PieceRecord) -> None:
        """This piece is finished. Raises `OSError`. Any thread."""
        write_whole(self.piece_path(number, ".json"), asdict(record))

    @property
    def drawn(self) -> int | None:
        """How many pictures there are, once the last of them was drawn."""
        told = read(self.folder / "drawn.json")
        return told if isinstance(told, int) else None

    def keep_drawn(self, pictures: int) -> None:
        """All pictures are drawn. Raises `OSError`."""
        write_whole(self.folder / "drawn.json", pictures)

    @property
    def anything_kept(self) -> bool:
        """Whether going on is better than beginning."""
        return any((self.folder / name).exists() for name in ("sound.json", "00000.json"))

    def throw_away(self) -> None:
        """The film is made, or nothing is worth keeping."""
        self.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def close(self) -> None:
        """Let others render here."""
        self._lock.close()


def _locked(folder: Path, target: Path) -> IO[bytes]:
    """The file by which a folder is held; the system lets go of it when the process ends."""
    file = open(folder / "lock", "ab")  # noqa: SIM115 (held open)
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        with contextlib.suppress(OSError):
            file.close()
        raise Mistake(
            f"{target} is being rendered by another program at this moment (it holds {folder.name}/); "
            "wait for it, or take another name"
        ) from error
    return file
