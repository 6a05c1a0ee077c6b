"""Reading a run file from front to back: whole, cut short, or damaged; never trusting a byte of it."""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from mcap.records import Channel, Chunk, Footer, Message, Metadata, Schema

from instrument.runs.chunks import Ration, unpack
from instrument.runs.header import RECORD, RunHeader
from instrument.runs.no_run import RECORDED, look
from instrument.runs.opening import open_plain
from instrument.runs.readers import Readers
from instrument.runs.records import MAGIC, parsed, places_in, records_of
from instrument.runs.sanity import check
from instrument.signals import places
from instrument.signals.mistake import Mistake

ENDING = ".mcap"
REORDER = 256
"""Frames of different topics lie a little out of order in the file; so many are held to sort them."""


@dataclass(frozen=True)
class Recorded:
    """One frame of a run, `at_s` seconds on the clock of the recording."""

    at_s: float
    topic: str
    frame: Any


def find_run(text: str) -> Path:
    """The file of a run named on the command line: a path that ends in .mcap, or a name. `Mistake`."""
    path = places.spelled_out(Path(text))
    if path.suffix.lower() == ENDING and path.is_file():
        return path
    if path.name != text:
        raise Mistake(
            f"there is no run at {text}: give a file that ends in {ENDING}, or the name of a run "
            f"({', '.join(places.names('runs', (ENDING,))) or 'there are none yet'})"
        )
    return places.find("runs", text, (ENDING,), "run")


class Tape:
    """A run file. Its header is read and checked at once, its frames when they are asked for."""

    def __init__(self, path: Path) -> None:
        """Raises `Mistake` for a file that is no run, or of another format."""
        self.path = path
        self.cut_short = False
        """Whether the end is missing; known from the beginning."""
        self.broke_off = False
        """Whether reading came to a place after which nothing can be understood."""
        self.damaged = 0
        """Chunks and frames passed over so far because they cannot be read."""
        try:
            with open_plain(path) as file:
                self._check_magic(file)
                self.header = self._read_header(file)
        except OSError as error:
            raise Mistake(f"{path}: cannot be read ({error.strerror})") from error

    @property
    def automatic(self) -> bool:
        """Whether nobody named it: it lies under the very name it was given by itself."""
        return self.header.automatic == self.path.name

    def _check_magic(self, file: BinaryIO) -> None:
        if file.read(len(MAGIC)) != MAGIC:
            raise Mistake(f"{self.path}: {look(self.path)}")
        size = file.seek(0, 2)
        file.seek(max(0, size - len(MAGIC)))
        self.cut_short = size < 2 * len(MAGIC) or file.read(len(MAGIC)) != MAGIC
        file.seek(0)

    def _read_header(self, file: BinaryIO) -> RunHeader:
        for record in self._records(file):
            if isinstance(record, Metadata) and record.name == RECORD:
                return RunHeader.from_metadata(record.metadata, self.path)
            if isinstance(record, (Chunk, Footer)):
                break
        raise Mistake(
            f"{self.path}: is MCAP, but no run of this instrument "
            f"(or cut before its header ended); {RECORDED}"
        )

    def frames(self) -> Iterator[Recorded]:
        """Every frame that can be read, in the order of time. One thread."""
        held: list[tuple[float, int, Recorded]] = []
        for number, recorded in enumerate(self._frames_as_written()):
            heapq.heappush(held, (recorded.at_s, number, recorded))
            if len(held) > REORDER:
                yield heapq.heappop(held)[2]
        while held:
            yield heapq.heappop(held)[2]

    def _frames_as_written(self) -> Iterator[Recorded]:
        readers = Readers()
        with open_plain(self.path) as file:
            for record in self._inside_chunks(file):
                if isinstance(record, (Schema, Channel)):
                    readers.meet(record)
                elif isinstance(record, Message):
                    yield from self._frame_of(record, readers)
        self.damaged += readers.illegible

    def _frame_of(self, message: Message, readers: Readers) -> Iterator[Recorded]:
        known = readers.reader(message.channel_id)
        if known is None:
            return
        try:
            frame = known[1].frame(message.data)
            check(frame)
        except ValueError:
            self.damaged += 1
            return
        yield Recorded(message.log_time / 1e9, known[0], frame)

    def _inside_chunks(self, file: BinaryIO) -> Iterator[Any]:
        ration = Ration(self.path.stat().st_size)
        for record in self._records(file):
            if not isinstance(record, Chunk):
                yield record
                continue
            try:
                content = unpack(record, ration)
                inside = [
                    parsed(opcode, content[begin:end]) for opcode, begin, end in places_in(content)
                ]
            except ValueError:
                self.damaged += 1
                continue
            yield from inside

    def _records(self, file: BinaryIO) -> Iterator[Any]:
        """The records of a file until its end or until it cannot be understood any more."""
        try:
            yield from records_of(file)
        except ValueError:  # cut short or damaged: what came before it stands
            self.broke_off = True
