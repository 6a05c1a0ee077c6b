"""Where things lie: the shipped shaders, samples, presets and runs, and the performer's own folder."""

import os
import re
from collections.abc import Sequence
from pathlib import Path

from instrument.signals.mistake import Mistake, did_you_mean

PACKAGE = Path(__file__).resolve().parent.parent
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
"""What Windows takes for a device, whatever the ending."""
KINDS = ("shaders", "samples", "presets", "runs")


def home() -> Path:
    """The performer's own folder: ``$TWOS_AND_SEVENS_HOME``, else ``~/twos-and-sevens``. `Mistake`."""
    named = os.environ.get("TWOS_AND_SEVENS_HOME")
    try:
        return spelled_out(Path(named or "~/twos-and-sevens"))
    except Mistake as mistake:
        raise Mistake(f"{mistake} (TWOS_AND_SEVENS_HOME names your own folder)") from None


def home_fault() -> str:
    """Why nothing can lie in the performer's own folder, as a clause; '' where it can. Raises `Mistake`."""
    there = home()
    if not there.exists() or there.is_dir():
        return ""
    return f"{there} is no folder: no show is recorded; let TWOS_AND_SEVENS_HOME be one"


def spelled_out(path: Path) -> Path:
    """A path with ``~`` and ``~name`` written out. `Mistake` where the system knows no such home folder."""
    try:
        return path.expanduser()
    except RuntimeError:
        raise Mistake(
            f"{path}: this system knows no home folder {path.parts[0]}; write the whole path"
        ) from None


def shipped(kind: str) -> Path:
    """Folder of what ships with the instrument, installed from a wheel or run from a checkout."""
    if kind == "runs":
        return PACKAGE / "runs" / "shipped"
    installed = PACKAGE / "share" / kind
    return installed if installed.is_dir() else PACKAGE.parent / kind


def folders(kind: str) -> list[Path]:
    """Where things of a kind are looked for: the performer's own folder first, then the shipped one."""
    return [folder for folder in (home() / kind, shipped(kind)) if _can_be_read(folder)]


def _can_be_read(folder: Path) -> bool:
    try:
        return folder.is_dir() and os.access(folder, os.R_OK | os.X_OK)
    except OSError:
        return False


def safe_name(name: str, what: str) -> str:
    """The name itself; `Mistake` if it is no plain name (a path would leave its folder)."""
    if not NAME.fullmatch(name):
        raise Mistake(
            f"{what} '{name}' is not a name: letters, digits, '_', '.' and '-' are allowed, "
            "64 at most, beginning with a letter or digit, and no folders"
        )
    if DEVICE.fullmatch(name):
        raise Mistake(f"{what} '{name}' would be a device on Windows; take another name")
    return name


def is_inside(path: Path, folder: Path) -> bool:
    """Whether it is a plain file in this folder; no link leads out of it, in circles, or to a device."""
    return path.is_file() and path.resolve().is_relative_to(folder.resolve())


def names(kind: str, endings: Sequence[str]) -> list[str]:
    """Names of all things of a kind, without their ending, the performer's own included."""
    return list(found(kind, endings))


def _files(folder: Path, ending: str) -> list[Path]:
    """What ends so in a folder, in capitals too (cameras and recorders write them), sorted."""
    here = (path for path in folder.glob("*") if path.suffix.lower() == ending)
    return sorted(here, key=lambda path: (path.suffix != ending, path.name))


def found(kind: str, endings: Sequence[str], besides: Sequence[Path] = ()) -> dict[str, Path]:
    """File of every thing of a kind by its name, sorted; `besides` are folders that come first."""
    files: dict[str, Path] = {}
    for folder in (*besides, *folders(kind)):
        for ending in endings:
            for path in _files(folder, ending):
                if NAME.fullmatch(path.stem) and is_inside(path, folder):
                    files.setdefault(path.stem, path)
    return dict(sorted(files.items()))


def find(kind: str, name: str, endings: Sequence[str], what: str) -> Path:
    """File of a name (with or without its ending) inside the folders of its kind; else `Mistake`."""
    try:
        safe_name(name, what)
    except Mistake as mistake:
        cure = f"; put the file into {home() / kind} and say its name" if Path(name).suffix else ""
        raise Mistake(f"{mistake}{cure}") from None
    plain = name
    others: list[Path] = []
    for ending in endings:
        if plain.lower().endswith(ending):
            plain = plain[: -len(ending)]
    for folder in folders(kind):
        for ending in endings:
            for path in _files(folder, ending):
                if path.stem != plain:
                    continue
                if is_inside(path, folder):
                    return path
                others.append(path)
    known = names(kind, endings)
    near = f"; {others[0]} is no plain file in it" if others else did_you_mean(plain, known)
    places = " or ".join(str(folder) for folder in folders(kind)) or str(home() / kind)
    raise Mistake(
        f"no {what} is called '{name}' in {places}{near} (there are: {', '.join(known) or 'none'})"
    )
