"""All runs, own and shipped: what each is, a line or two for each, and nothing hides the others."""

import os
import stat
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from instrument.runs.opening import kind_of, open_plain
from instrument.runs.tape import ENDING, Tape
from instrument.salvage.exact import exact
from instrument.salvage.facts import Facts, facts_of
from instrument.salvage.strangers import stranger
from instrument.salvage.walk import HEADER_NAME
from instrument.signals import places
from instrument.signals.mistake import Mistake


@dataclass(frozen=True)
class Entry:
    """One file that ends in .mcap. `facts` is None where it is no run; `what` says then what it is."""

    path: Path
    shipped: bool
    size: int
    modified_s: float
    facts: Facts | None
    what: str = ""

    @property
    def when(self) -> float:
        """What entries are sorted by, as seconds of the day of recording or of the last change."""
        began = local_date(self.facts.date) if self.facts else None
        return began.timestamp() if began else self.modified_s


def entries(folders: Iterable[Path] | None = None, every_byte: bool = False) -> list[Entry]:
    """The runs in some folders (the performer's own and the shipped one), the newest first.

    With `every_byte`, each is read to its end: damage is found wherever it is, and the shares are exact.
    """
    found = []
    for folder in places.folders("runs") if folders is None else folders:
        shipped = folder == places.shipped("runs")
        found += [_entry(path, shipped, every_byte) for path in _files(folder)]
    return sorted(found, key=lambda entry: (-entry.when, entry.path.name))


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.suffix.lower() == ENDING)
    except OSError:
        return []


def _entry(path: Path, shipped: bool, every_byte: bool) -> Entry:
    size, modified_s = 0, 0.0
    try:
        state = path.lstat()
        size, modified_s = state.st_size, state.st_mtime
        what = _no_file(path, state.st_mode)
        if what:
            return Entry(path, shipped, 0, modified_s, None, what)
        return Entry(path, shipped, size, modified_s, *_looked_into(path, every_byte))
    except Mistake as mistake:
        what = str(mistake).removeprefix(f"{path}: ")
    except Exception as error:  # one file must not hide the others
        what = f"cannot be read ({type(error).__name__}: {error})"
    return Entry(path, shipped, size, modified_s, None, what)


def _no_file(path: Path, mode: int) -> str:
    """What is no plain file, as a clause; '' for one that is."""
    if stat.S_ISLNK(mode):
        return f"is a link to {os.readlink(path)}; it is not followed"
    kind = kind_of(mode)
    return f"{kind}, no run" if kind else ""


def _looked_into(path: Path, every_byte: bool) -> tuple[Facts | None, str]:
    """The facts of a run, or what the file is instead. Raises `Mistake`."""
    try:
        tape = Tape(path)
    except Mistake:
        if HEADER_NAME in _beginning(path):  # a run, of another format or with a damaged header
            raise
        return None, stranger(path)
    quick = facts_of(tape)
    return (exact(quick, path, tape.header) if every_byte else quick), ""


def _beginning(path: Path) -> bytes:
    with open_plain(path) as file:
        return file.read(4096)


def to_dict(entry: Entry) -> dict[str, Any]:
    """An entry as JSON values."""
    record: dict[str, Any] = {
        "name": entry.path.stem, "file": str(entry.path), "shipped": entry.shipped,
        "bytes": entry.size, "run": entry.facts is not None, "what": entry.what,
    }  # fmt: skip
    if entry.facts is not None:
        record |= asdict(entry.facts)
        record["states"] = dict(entry.facts.states)
    return record


def local_date(text: str) -> datetime | None:
    """A date of a header in the time of this place."""
    try:
        return datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError, OSError):
        return None
