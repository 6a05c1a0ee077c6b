"""What is written in a run file, chunk by chunk, unpacked when it is asked for; the last few are kept."""

import struct
from collections import OrderedDict
from dataclasses import dataclass
from io import BytesIO
from typing import Any, BinaryIO

from mcap.data_stream import ReadDataStream
from mcap.opcode import Opcode
from mcap.records import Channel, Chunk, Schema

from instrument.runs.chunks import unpack
from instrument.runs.index import HEAD, ChunkPlace, Index, declaration
from instrument.runs.readers import Readers
from instrument.runs.sanity import check
from instrument.runs.wire import FrameReader

MESSAGE = struct.Struct("<HIQQ")
KEPT_CHUNKS = 48
KEPT_BYTES = 24 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Written:
    """One message as it lies in the file. `at_ns` is its time there; `reader` knows its layout."""

    at_ns: int
    topic: str
    data: bytes
    reader: FrameReader

    def frame(self) -> Any:
        """The frame, a new one each time. Raises ValueError where the bytes are none."""
        frame = self.reader.frame(self.data)
        check(frame)
        return frame


class Unpacked:
    """The messages of every chunk, oldest first. One thread.

    A chunk that cannot be read holds nothing; it is counted in `damaged` once.
    """

    def __init__(self, file: BinaryIO, index: Index) -> None:
        """`file` stays open as long as this is used; `index` says where the chunks are."""
        self.damaged = 0
        self._file, self._places = file, index.places
        self._readers = Readers()
        self._bad: set[int] = set()
        self._kept: OrderedDict[int, tuple[list[Written], int]] = OrderedDict()
        self._bytes = 0
        if self._places:  # what the data says of itself counts before what the summary says of it
            self.messages(0)
            self._kept.clear()
            self._bytes = 0
        for declared in index.declared:
            self._readers.meet(declared)

    def topics(self, place: ChunkPlace) -> tuple[str, ...] | None:
        """The topics in a chunk by its index; None where that cannot be told."""
        if place.channels is None or not all(map(self._readers.knows, place.channels)):
            return None
        return tuple(
            topic for number in place.channels if (topic := self._readers.topic(number)) is not None
        )

    def meet_all(self) -> None:
        """Read what channels there are, where only the chunks themselves say it."""
        for number, place in enumerate(self._places):
            if number == 0 or place.channels is None or self.topics(place) is None:
                self.messages(number)

    def messages(self, number: int) -> list[Written]:
        """The messages of chunk `number`, in the order of their times."""
        kept = self._kept.get(number)
        if kept is not None:
            self._kept.move_to_end(number)
            return kept[0]
        try:
            content = self._content(self._places[number])
            messages = self._parse(content)
        except (ValueError, struct.error):
            messages, content = [], b""
            self._count_bad(number)
        self._keep(number, messages, len(content))
        return messages

    def frame(self, written: Written) -> Any | None:
        """The frame of a message; None, counted, where it cannot be read."""
        try:
            return written.frame()
        except ValueError:
            self.damaged += 1
            return None

    def _count_bad(self, number: int) -> None:
        self.damaged += number not in self._bad
        self._bad.add(number)

    def _keep(self, number: int, messages: list[Written], size: int) -> None:
        self._kept[number] = messages, size
        self._bytes += size
        while len(self._kept) > KEPT_CHUNKS or (self._bytes > KEPT_BYTES and len(self._kept) > 1):
            _, (_, dropped) = self._kept.popitem(last=False)
            self._bytes -= dropped

    def _content(self, place: ChunkPlace) -> bytes:
        """The unpacked records of a chunk. Raises ValueError."""
        self._file.seek(place.offset)
        record = self._file.read(place.length)
        if len(record) < place.length or record[0] != Opcode.CHUNK:
            raise ValueError("is not where it should be")
        try:
            chunk = Chunk.read(ReadDataStream(BytesIO(record[HEAD.size :])))
        except Exception as error:  # the library raises what its parts raise
            raise ValueError("cannot be read") from error
        return unpack(chunk)

    def _parse(self, content: bytes) -> list[Written]:
        messages, at = [], 0
        while at + HEAD.size <= len(content):
            opcode, length = HEAD.unpack_from(content, at)
            at += HEAD.size
            end = at + length
            if end > len(content):
                raise ValueError("a record that goes on beyond its chunk")
            if opcode == Opcode.MESSAGE and length >= MESSAGE.size:
                channel, _, at_ns, _ = MESSAGE.unpack_from(content, at)
                known = self._readers.reader(channel)
                if known is not None:
                    messages.append(
                        Written(at_ns, known[0], content[at + MESSAGE.size : end], known[1])
                    )
            elif opcode in (Opcode.SCHEMA, Opcode.CHANNEL):
                self._meet(declaration(opcode, content[at:end]))
            at = end
        messages.sort(key=lambda written: written.at_ns)
        return messages

    def _meet(self, declared: Schema | Channel) -> None:
        if not self._readers.meet(declared):
            self.damaged += 1
