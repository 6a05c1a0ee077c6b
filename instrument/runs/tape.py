"""Reading a run file from front to back: whole, cut short, or damaged; never trusting a byte of it."""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from mcap.records import Channel, Chunk, Footer, Message, Metadata, Schema
from mcap.stream_reader import StreamReader, breakup_chunk

from instrument.runs.header import RECORD, RunHeader
from instrument.runs.sanity import check
from instrument.runs.wire import FrameReader, reader_of
from instrument.signals import places
from instrument.signals.frames import TOPICS
from instrument.signals.mistake import Mistake

ENDING = ".mcap"
MAGIC = b"\x89MCAP0\r\n"
MAX_RECORD_BYTES = 64 * 1024 * 1024
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
    path = Path(text).expanduser()
    if path.suffix == ENDING and path.is_file():
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
            with open(path, "rb") as file:
                self._check_magic(file)
                self.header = self._read_header(file)
        except OSError as error:
            raise Mistake(f"{path}: cannot be read ({error.strerror})") from error

    def _check_magic(self, file: BinaryIO) -> None:
        beginning = file.read(len(MAGIC))
        if beginning != MAGIC:
            what = "is empty" if not beginning else "is no run (it does not begin as MCAP does)"
            raise Mistake(f"{self.path}: {what}; a run is recorded with perform --record")
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
            f"{self.path}: is MCAP, but no run of this instrument (or cut before its header ended); "
            "a run is recorded with perform --record"
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
        schemas: dict[int, Schema] = {}
        readers: dict[int, tuple[str, FrameReader]] = {}
        with open(self.path, "rb") as file:
            for record in self._inside_chunks(file):
                if isinstance(record, Schema):
                    schemas[record.id] = record
                elif isinstance(record, Channel):
                    self._meet(record, schemas, readers)
                elif isinstance(record, Message) and record.channel_id in readers:
                    topic, reader = readers[record.channel_id]
                    try:
                        frame = reader.frame(record.data)
                        check(frame)
                    except ValueError:
                        self.damaged += 1
                        continue
                    yield Recorded(record.log_time / 1e9, topic, frame)

    def _inside_chunks(self, file: BinaryIO) -> Iterator[Any]:
        for record in self._records(file):
            if not isinstance(record, Chunk):
                yield record
                continue
            try:
                inside = breakup_chunk(record, validate_crc=True)
            except Exception:  # the library raises what its parts raise: zstd, struct, unicode
                self.damaged += 1
                continue
            yield from inside

    def _meet(
        self,
        channel: Channel,
        schemas: dict[int, Schema],
        readers: dict[int, tuple[str, FrameReader]],
    ) -> None:
        topic = {topic.name: topic for topic in TOPICS}.get(channel.topic)
        schema = schemas.get(channel.schema_id)
        if topic is None or schema is None or channel.id in readers:
            return
        try:
            readers[channel.id] = channel.topic, reader_of(schema, topic)
        except ValueError:
            self.damaged += 1

    def _records(self, file: BinaryIO) -> Iterator[Any]:
        """The records of a file until its end or until it cannot be understood any more."""
        reader = StreamReader(file, emit_chunks=True, record_size_limit=MAX_RECORD_BYTES)
        records = iter(reader.records)
        while True:
            try:
                record = next(records)
            except StopIteration:
                return
            except Exception:  # cut short or damaged: what came before it stands
                self.broke_off = True
                return
            yield record
