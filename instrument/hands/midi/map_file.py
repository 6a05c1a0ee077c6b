"""The performer's own MIDI map: one file for all shows, written at once and whole on every change.

What is wrong in it is told with its line, and what is in order is used. A file with faults is never
written over: it is set aside first. Controls that the show does not have sleep in it and stay.
"""

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import tomli_w

from instrument.hands.midi.entry import EVERY_BANK, Entry, entry_of, record_of
from instrument.signals.mistake import Mistake
from instrument.signals.own_files import NoToml, read_own, toml_of, written_beside
from instrument.signals.spoken import counted
from instrument.signals.watching import Stamp, stamp

HEAD = (
    "# The MIDI map of twos-and-sevens. Yours to change; learning adds to it. See docs/midi.md.\n"
)
MOST_BYTES = 1 << 20
MOST_ASIDE = 100
_ITEM = re.compile(r"^\s*\[\[\s*map\s*\]\]")


@dataclass(frozen=True)
class Reading:
    """What a text says: its entries, and a sentence for each fault."""

    entries: tuple[Entry, ...]
    faults: tuple[str, ...]


def read_map(text: str, where: str) -> Reading:
    """Read a map, item by item, so that a fault in one leaves the others. `where` names the file."""
    entries: list[Entry] = []
    faults: list[str] = []
    for line, part in _items(text):
        try:
            entries += _entries(part)
        except NoToml as error:
            what = re.sub(r" \(at .*\)$", "", str(error))
            faults.append(f"{where}, line {_line_of(error, line)}: {what}")
        except Mistake as mistake:
            faults.append(f"{where}, line {line}: {mistake}")
    return Reading(tuple(entries), tuple(faults))


def _items(text: str) -> list[tuple[int, str]]:
    """The text cut before every ``[[map]]``, with the number of each part's first line."""
    parts: list[tuple[int, list[str]]] = [(1, [])]
    for number, line in enumerate(text.splitlines(), 1):
        if _ITEM.match(line):
            parts.append((number, []))
        parts[-1][1].append(line)
    return [(number, "\n".join(lines)) for number, lines in parts]


def _entries(part: str) -> list[Entry]:
    record = toml_of(part)
    for key in record:
        if key != "map":
            raise Mistake(f"a map is made of [[map]] items; '{key}' stands in none")
    items = record.get("map", [])
    if not isinstance(items, list):
        raise Mistake("a map is made of [[map]] items, with two brackets")
    if not all(isinstance(item, dict) for item in items):
        raise Mistake('a [[map]] item is made of lines like: control = "learning.heat"')
    return [entry_of(item) for item in items]


def _line_of(error: NoToml, first: int) -> int:
    found = re.search(r"line (\d+)", str(error))
    return first + int(found[1]) - 1 if found else first


class MapFile:
    """The file and what is in it. One thread at a time; nothing raises after `read`."""

    def __init__(self, path: Path, say: Callable[[str, bool], None]) -> None:
        self.path = path
        self.entries: tuple[Entry, ...] = ()
        self._say = say
        self._stamp: Stamp = None
        self._faulty = False

    def read(self) -> None:
        """Read it; where there is none, the map is empty; where it cannot be read, as it was."""
        self._stamp = stamp(self.path)
        self._faulty = False
        if self._stamp is None:
            self.entries = ()
            return
        try:
            text = read_own(self.path, MOST_BYTES)
        except (OSError, ValueError) as error:
            self._faulty = True
            stays = "the map stays as it was" if self.entries else "the map is empty"
            self._say(f"{self.path}: cannot be read ({error}); {stays}", True)
            return
        reading = read_map(text, str(self.path))
        self.entries, self._faulty = reading.entries, bool(reading.faults)
        for fault in reading.faults[:4]:
            self._say(f"{fault} (this item is left out)", True)
        more = len(reading.faults) - 4
        if more > 0:
            self._say(f"{self.path}: and {counted(more, 'more fault')}", True)

    def changed(self) -> bool:
        """Whether somebody else has written it since it was read or written here."""
        return stamp(self.path) != self._stamp

    def put(self, entry: Entry) -> None:
        """Add an entry in place of those of the same element in the same bank, and save."""
        self._write([*(each for each in self.entries if not _same_place(each, entry)), entry])

    def drop(self, keep: Callable[[Entry], bool]) -> int:
        """Leave out the entries that are not to be kept, and save; gives how many went."""
        kept = [entry for entry in self.entries if keep(entry)]
        gone = len(self.entries) - len(kept)
        if gone:
            self._write(kept)
        return gone

    def _write(self, entries: Sequence[Entry]) -> None:
        self.entries = tuple(entries)
        items = [f"\n[[map]]\n{tomli_w.dumps(record_of(entry))}" for entry in entries]
        text = "".join((HEAD, *items))
        try:
            with written_beside(self.path, text) as beside:
                if self._faulty or self.changed():
                    self._set_aside()
                os.replace(beside, self.path)
        except (OSError, ValueError) as error:
            self._say(
                f"{self.path}: cannot be written ({error}); the map holds until the end", True
            )
            return
        self._stamp, self._faulty = stamp(self.path), False

    def _set_aside(self) -> None:
        """Keep the file as it is under a name that is free; `OSError` if there is none."""
        if stamp(self.path) is None:
            return
        for number in range(1, MOST_ASIDE + 1):
            aside = self.path.with_suffix(f".set-aside-{number}.toml")
            if not aside.exists():
                os.rename(self.path, aside)
                self._say(f"{self.path.name} as it was is kept as {aside.name}", False)
                return
        raise OSError(f"there are {MOST_ASIDE} set aside already")


def _same_place(one: Entry, other: Entry) -> bool:
    same = one.device == other.device and one.source == other.source
    return same and (one.bank == other.bank or other.bank == EVERY_BANK)
