"""One file through everything that reads runs, and what has to be true of each, whatever the file is.

promise                                                                  | where
-------------------------------------------------------------------------|---------------------------------
nothing but a `Mistake` comes out                                        | list, check, repair, Tape, Reel
a chunk that lies in the file as it was written is saved, every frame    | repair
a repaired file is whole                                                 | check
a file that is whole loses nothing in repair                             | repair
a repaired file can be played, all of it                                 | Tape, Reel
"""

import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mutations import METADATA, records

from instrument.runs.reel import Reel
from instrument.runs.tape import Tape
from instrument.salvage.check import WHOLE, Report, check
from instrument.salvage.frames import Frames
from instrument.salvage.listing import entries, to_dict
from instrument.salvage.repair import Repaired, repair
from instrument.salvage.survey import Surveyor
from instrument.salvage.table import WIDTH, lines
from instrument.salvage.words import repaired_lines, report_lines, report_to_dict
from instrument.signals.mistake import Mistake

MOST_FRAMES = 200_000
Key = tuple[str, int]
"""Topic and sequence of a frame."""


class Broken(AssertionError):
    """A promise was not kept."""


class Target:
    """Takes files. `slowest` are the longest processor times of each reader, in seconds."""

    def __init__(self, folder: Path) -> None:
        """`folder` is empty, and its own."""
        self._folder = folder / "runs"
        self._folder.mkdir()
        self._file, self._new = self._folder / "run.mcap", folder / "new.mcap"
        self.slowest: dict[str, float] = {}
        self.counts: dict[str, int] = {}

    def take(self, content: bytes, must: Collection[Key] = ()) -> None:
        """One file. `must`: what has to be saved of it. Raises `Broken`."""
        self._file.write_bytes(content)
        self._new.unlink(missing_ok=True)
        with self._timed("list"):
            self._list()
        report = self._try("check", lambda: check(self._file))
        repaired = self._try("repair", lambda: repair(self._file, self._new))
        if repaired is not None:
            self._count("repaired")
            self._look_at(repaired, report, must)
        else:
            self._count("nothing to save")
            if must or (report is not None and report.frames):
                raise Broken("frames can be read, but were not saved")
        self._try("Tape", lambda: played_by_tape(self._file))
        self._try("Reel", lambda: played_by_reel(self._file))

    def _list(self) -> None:
        for every_byte in (False, True):
            (entry,) = entries([self._folder], every_byte)
            to_dict(entry)
            if "cannot be read (" in entry.what and "Error" in entry.what:
                raise Broken(f"list: {entry.what}")
            wide = [line for line in lines([entry], 0.0) if len(line) > WIDTH or "\x1b" in line]
            if wide:
                raise Broken(f"list: {wide[0]}")

    def _look_at(self, repaired: Repaired, report: Report | None, must: Collection[Key]) -> None:
        repaired_lines(repaired)
        with self._timed("check of the new"):
            again = check(self._new)
        if again.code:
            raise Broken(f"the new file is damaged: {report_lines(again)}")
        if report is not None:
            report_lines(report)
            report_to_dict(report)
            if report.code == WHOLE and again.frames != report.frames:
                raise Broken(f"{report.frames} frames of a whole file became {again.frames}")
        if again.frames != played_by_tape(self._new):
            raise Broken("Tape reads other frames of the new file than there are")
        if again.frames != played_by_reel(self._new):
            raise Broken("Reel reads other frames of the new file than there are")
        missing = set(must) - set(keys_in(self._new)) if must else ()
        if missing:
            raise Broken(f"{len(missing)} frames of chunks that are in order are not saved")

    def _try(self, name: str, act: Callable[[], Any]) -> Any:
        with self._timed(name):
            try:
                return act()
            except Mistake as mistake:
                if "\n" in str(mistake):
                    raise Broken(f"{name}: {mistake!r}") from mistake
        return None

    def _count(self, name: str) -> None:
        self.counts[name] = self.counts.get(name, 0) + 1

    @contextmanager
    def _timed(self, name: str) -> Iterator[None]:
        began_s = time.process_time()
        yield
        self.slowest[name] = max(self.slowest.get(name, 0.0), time.process_time() - began_s)


def played_by_tape(path: Path) -> int:
    """Frames that a tape gives."""
    return sum(1 for _, _ in zip(Tape(path).frames(), range(MOST_FRAMES), strict=False))


def played_by_reel(path: Path) -> int:
    """Frames that a reel gives, after everything else was asked of it."""
    reel = Reel(path)
    try:
        for at_s in (0.0, reel.length_s / 2, reel.length_s, 1e9):
            reel.standing(at_s)
            reel.step_at(at_s)
            next(reel.frames(at_s), None)
        reel.second_of_step(15)
        return sum(1 for _, _ in zip(reel.frames(), range(MOST_FRAMES), strict=False))
    finally:
        reel.close()


def keys_in(path: Path) -> Iterator[Key]:
    """What tells the frames of a run of the stand apart."""
    for recorded in Tape(path).frames():
        yield recorded.topic, recorded.frame.sequence


class Original:
    """A whole file, and which frames lie in which of its chunks."""

    def __init__(self, path: Path) -> None:
        self.content = path.read_bytes()
        self._header = next(
            self.content[a:b] for opcode, a, b in records(self.content) if opcode == METADATA
        )
        self.chunks: dict[bytes, set[Key]] = {}
        with open(path, "rb") as file:
            surveyor = Surveyor(path, file)
            survey = surveyor.look()
            frames = Frames(survey)
            for place in survey.places:
                inside = surveyor.walk.again(place.at_byte, place.end_byte)
                keys = {
                    (said.topic.name, said.sequence) for said in frames.of(inside) if said.topic
                }
                self.chunks[self.content[place.at_byte : place.end_byte]] = keys

    def still_in(self, harmed: bytes) -> set[Key]:
        """The frames of all chunks that lie in a harmed file as they were, where it can be read at all."""
        first = next(iter(self.chunks))  # it holds the descriptions
        if self._header not in harmed or first not in harmed:
            return set()
        return {key for raw, keys in self.chunks.items() if raw in harmed for key in keys}
