"""Runs that nobody asked for: what they are called, and which of them go when there are too many.

Only a file goes that lies in the folder of automatic runs, is called as one, and says in its header that it
was recorded under this very name: whoever renames a run keeps it.
"""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from instrument.runs.budget import BYTES_PER_HOUR
from instrument.runs.tape import ENDING, Tape
from instrument.signals.mistake import Mistake

PATTERN = re.compile(r"\d{4}-\d{2}-\d{2}_\d{4}_[A-Za-z0-9_.-]{1,64}\.mcap")
GB = 1_000_000_000
ALWAYS = 3
"""So many of the last automatic runs stay, however large they are."""
MOST_OF_A_MINUTE = 1000


@dataclass(frozen=True)
class Automatic:
    """One automatic run."""

    path: Path
    bytes: int


def new_place(folder: Path, preset: str, now: datetime) -> Path:
    """Where a show of this preset is recorded that begins now: a file that is not there yet.

    Makes the folder. Raises `Mistake` where that cannot be done.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Mistake(
            f"{folder}: cannot be made ({error.strerror}); let TWOS_AND_SEVENS_HOME be a folder that you "
            "may write, or name a file with --record"
        ) from error
    plain = re.sub(r"[^A-Za-z0-9_-]", "_", preset)[:40] or "show"
    stem = f"{now:%Y-%m-%d_%H%M}_{plain}"
    names = (stem if number == 1 else f"{stem}-{number}" for number in range(1, MOST_OF_A_MINUTE))
    for name in names:
        path = folder / f"{name}{ENDING}"
        if not os.path.lexists(path):
            return path
    raise Mistake(f"{folder}: holds {MOST_OF_A_MINUTE - 1} runs of this minute; move some away")


def automatic_runs(folder: Path) -> list[Automatic]:
    """The automatic runs in a folder, the oldest first. What cannot be read is none."""
    try:
        names = sorted(path.name for path in folder.iterdir() if PATTERN.fullmatch(path.name))
    except OSError:
        return []
    found = [(folder / name, _bytes(folder / name)) for name in names]
    runs = [Automatic(path, size) for path, size in found if size is not None and _says_so(path)]
    return sorted(runs, key=lambda run: (run.path.name[:15], _modified_s(run.path), run.path.name))


def _bytes(path: Path) -> int | None:
    """Size of a plain file; None for anything else."""
    try:
        return path.stat().st_size if path.is_file() and not path.is_symlink() else None
    except OSError:
        return None


def _modified_s(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _says_so(path: Path) -> bool:
    try:
        return Tape(path).automatic
    except Mistake:
        return False


def too_many(runs: Sequence[Automatic], keep_bytes: float) -> list[Automatic]:
    """Those that go so that all stay below the bound, an hour of tonight's included. Never the last few."""
    total = sum(run.bytes for run in runs) + min(BYTES_PER_HOUR, keep_bytes / 2)
    going = []
    for run in runs[: max(0, len(runs) - ALWAYS)]:
        if total <= keep_bytes:
            break
        going.append(run)
        total -= run.bytes
    return going


def make_room(folder: Path, keep_bytes: float) -> list[str]:
    """Delete what is too much; returns a sentence per file, also for those that cannot be deleted."""
    said = []
    for run in too_many(automatic_runs(folder), keep_bytes):
        size = f"{run.bytes / 1e6:.0f} MB"
        try:
            run.path.unlink()
        except OSError as error:
            said.append(f"{run.path.name} is old, but cannot be deleted ({error.strerror})")
        else:
            said.append(
                f"{run.path.name} ({size}) is deleted: automatic runs take {keep_bytes / GB:g} GB"
            )
    return said


def announcement(path: Path, free_bytes: int | None, keep_gb: float) -> str:
    """What is said when an automatic recording begins."""
    free = "" if free_bytes is None else f", {free_bytes / GB:.1f} GB are free"
    return (
        f"recorded into {path}: at most {BYTES_PER_HOUR / GB:g} GB an hour{free}; the oldest automatic "
        f"runs go beyond {keep_gb:g} GB (--no-record records nothing)"
    )
