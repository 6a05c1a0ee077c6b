"""What is there already and would be written over by a rendering: refused unless somebody says so."""

import re
from pathlib import Path

from instrument.signals.mistake import Mistake
from instrument.signals.refused import cannot_write, check_takes, refusal

PICTURE = re.compile(r"\d{6,}\.png")


def check_target(path: Path | None, force: bool) -> None:
    """Raises `Mistake` where a file is there that nobody gave up."""
    if path is not None and path.is_dir():
        raise Mistake(f"{path}: is a folder; say the name of a file in it")
    if path is not None and path.exists() and not force:
        raise Mistake(f"{path}: is there already; take another name, or --force writes over it")


def check_folder(path: Path) -> None:
    """Raises `Mistake` where the folder of a file is not there, or takes none."""
    if not path.absolute().parent.is_dir():
        raise Mistake(f"{path}: there is no folder {path.parent}; make it first")
    check_takes(path)


def check_stems(folder: Path | None, force: bool) -> None:
    """Raises `Mistake` where voices of another rendering lie in the folder, it takes none, or is a file."""
    if folder is None:
        return
    if folder.exists() and not folder.is_dir():
        raise Mistake(f"--stems {folder}: this is a file; name a folder, new or there")
    if not force and folder.is_dir() and any(folder.glob("*.wav")):
        raise Mistake(
            f"--stems {folder}: holds WAV files already; take another folder, or --force writes over them"
        )
    there = folder.absolute()
    while not there.is_dir():  # it is made where it is missing
        there = there.parent
    error = refusal(there / folder.name)
    if error is not None:
        raise Mistake(f"--stems {cannot_write(folder, error)}")


def check_pictures(folder: Path, force: bool) -> None:
    """Raises `Mistake` where pictures of a finished rendering lie in the folder."""
    if force or not folder.is_dir():
        return
    if any(PICTURE.fullmatch(path.name) for path in folder.iterdir()):
        raise Mistake(
            f"{folder}: holds pictures already; take another folder, or --force writes over them"
        )


def check_alone(folder: Path, force: bool) -> None:
    """Raises `Mistake` where the pictures would lie among files of another kind."""
    if force or not folder.is_dir():
        return
    others = sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))
    if others:
        raise Mistake(
            f"{folder}: holds other things ({', '.join(others[:3])}{', ...' if others[3:] else ''}), and "
            "thousands of pictures would lie among them; a name ending in .mp4 or .mkv is a film, a new "
            "folder takes the pictures, --force puts them into this one"
        )
