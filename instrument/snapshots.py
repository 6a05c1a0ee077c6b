"""Snapshots: what stands in a show, written as a preset into the performer's folder and the set list.

Runs beside the show (`SceneShelf`). A file is whole or not there: it is written beside its place first.
"""

import itertools
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from instrument import set_list
from instrument.preset_text import HEADING, preset_text, values_of
from instrument.set_list import SetList
from instrument.signals import places
from instrument.signals.controls import Bank
from instrument.signals.mistake import Mistake
from instrument.signals.own_files import written_beside
from instrument.signals.scenes import Keep

LONGEST_STEM = 56
MOST_TRIES = 8
"""So often another show may have taken the name in the meantime."""


@dataclass(frozen=True)
class Kept:
    """What came of it: the preset, its place, and what is said."""

    name: str
    path: Path
    number: int
    said: str


def keep(wanted: Keep, bank: Bank, choices: Mapping[str, Any], title: str, now: datetime) -> Kept:
    """Write what stands and put it on the set list. Raises `Mistake`; then no preset was harmed.

    | asked                         | what is written                                               |
    |-------------------------------|---------------------------------------------------------------|
    | the next free place, no name  | SCENE-1 (-2, ...), the first name that no preset has          |
    | a name                        | that name; refused where a preset has it                      |
    | a free place                  | SCENE-1 ..., in this place                                    |
    | the place of a snapshot       | the snapshot of the same name; the one before is kept as .bak |
    | the place of any other preset | SCENE-1 ..., in this place; the preset stays, off the list    |
    | a place whose preset is gone  | a preset of this name                                         |

    Where the list is faulty, full or cannot be written, the snapshot is kept off the list, by its name.
    `choices` are those of the running training, `title` that of the scene it began from.
    """
    listed, number, unlisted = _place_for(wanted)
    values, routes = values_of(bank, wanted.positions), json.loads(wanted.routes)
    about = f"Snapshot of {title or wanted.scene}, {now:%Y-%m-%d %H:%M}."
    for _ in range(MOST_TRIES):
        name, backs_up = _name_for(wanted, listed.at(number) if wanted.place else "")
        path = places.home() / "presets" / f"{name}.toml"
        text = preset_text(
            bank, values, routes, title=name, about=about, choices=choices, heading=HEADING
        )
        if backs_up:
            write_whole(path.with_name(f"{path.name}.bak"), path.read_text(encoding="utf-8"))
        if write_whole(path, text, fresh=not backs_up):
            break
    else:
        raise Mistake(f"{path} is written by another show, again and again; ask once more")
    before = listed.at(number)
    try:
        if number:
            _list(listed, number, name)
    except Mistake as mistake:
        number, unlisted = 0, str(mistake)
    said = f"{f'scene {number}: ' if number else ''}{name}, saved in {path}"
    if backs_up:
        said += f" (the one before is {path.name}.bak)"
    elif number and before and before != name:
        said += f" ({before} was in this place; it is still there by its name)"
    if unlisted:
        said += f", but not put on the set list: {unlisted}"
    return Kept(name, path, number, said)


def _place_for(wanted: Keep) -> tuple[SetList, int, str]:
    """The set list, the place on it (0: none), and why there is none: a snapshot is kept all the same."""
    listed = SetList(())
    try:
        listed = set_list.read()
        return listed, wanted.place or listed.next_free(), ""
    except Mistake as mistake:
        return listed, 0, str(mistake)


def _name_for(wanted: Keep, there: str) -> tuple[str, bool]:
    """The name of the preset, and whether it takes the place of a snapshot that is to be kept as .bak."""
    if wanted.name:
        name = places.safe_name(wanted.name, "scene").removesuffix(".toml")
        if _exists(name):
            raise Mistake(
                f"there is a preset called '{name}' already; give the snapshot another name"
            )
        return name, False
    if there and not _exists(there):
        return there, False
    if there and _is_snapshot(there):
        return there, True
    stem = re.sub(r"-\d+$", "", wanted.scene or "scene")[:LONGEST_STEM]
    taken = {path.stem for folder in _folders() if folder.is_dir() for path in folder.iterdir()}
    number = next(number for number in itertools.count(1) if f"{stem}-{number}" not in taken)
    return f"{stem}-{number}", False


def _folders() -> tuple[Path, ...]:
    return places.home() / "presets", places.shipped("presets")


def _exists(name: str) -> bool:
    return any(os.path.lexists(folder / f"{name}.toml") for folder in _folders())


def _is_snapshot(name: str) -> bool:
    """Whether it is a file of the performer's own folder that a snapshot made."""
    path = places.home() / "presets" / f"{name}.toml"
    try:
        with path.open(encoding="utf-8") as text:
            return text.readline().rstrip("\n") == HEADING
    except (OSError, UnicodeDecodeError):
        return False


def _list(listed: SetList, number: int, name: str) -> None:
    """Put a name on the set list. Raises `Mistake`."""
    path = set_list.file()
    if listed.at(number) == name and path.exists():
        return
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        text = set_list.text_of(listed)
    except (OSError, UnicodeDecodeError) as error:
        raise Mistake(f"{path} cannot be read ({error})") from error
    write_whole(path, set_list.text_with(text, listed, number, name))


def write_whole(path: Path, text: str, fresh: bool = False) -> bool:
    """Write a file so that it is whole or as it was. Raises `Mistake`.

    `fresh`: only where there is none; False where another show was quicker.
    """
    try:
        with written_beside(path, text) as beside:
            if fresh and _is_first(beside, path):
                return True
            if fresh and os.path.lexists(path):
                return False
            beside.replace(path)
    except OSError as error:
        cause = "is the disk full, or the folder not yours?"
        if isinstance(error, (FileExistsError, NotADirectoryError)):
            cause = f"{path.parent} is no folder; move away what is there"
        raise Mistake(f"{path} cannot be written ({error.strerror}); {cause}") from error
    return True


def _is_first(beside: Path, path: Path) -> bool:
    """Give a file its name, unless there is one of this name, or the disk cannot do it like this."""
    try:
        os.link(beside, path)
    except OSError:
        return False
    return True
