"""What is written in a run file, chunk by chunk, unpacked when it is asked for; the last few are kept."""

import struct
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, BinaryIO

from mcap.opcode import Opcode
from mcap.records import Chunk

from instrument.runs.chunks import Ration, unpack
from instrument.runs.index import ChunkPlace, Index
from instrument.runs.readers import Readers
from instrument.runs.records import HEAD, MESSAGE, parsed, places_in
from instrument.runs.sanity import check
from instrument.runs.wire import FrameReader

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
        self._file, self._places = file, index.places
        self._readers = Readers()
        self._ration = Ration(file.seek(0, 2))
        self._illegible = 0
        """Frames that cannot be read."""
        self._paid: set[int] = set()
        """Chunks that were taken from the ration: one that is read again costs no more."""
        self._bad: set[int] = set()
        self._kept: OrderedDict[int, tuple[list[Written], int]] = OrderedDict()
        self._bytes = 0
        if self._places:  # what the data says of itself counts before what the summary says of it
            self.messages(0)
            self._kept.clear()
            self._bytes = 0
        for declared in index.declared:
            self._readers.meet(declared)

    @property
    def damaged(self) -> int:
        """Chunks, channels and frames passed over so far because they cannot be read."""
        return len(self._bad) + self._illegible + self._readers.illegible

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
        if number in self._bad:
            return []
        try:
            content = self._content(number)
            messages = self._parse(content)
        except (ValueError, struct.error):
            self._bad.add(number)
            return []
        self._keep(number, messages, len(content))
        return messages

    def frame(self, written: Written) -> Any | None:
        """The frame of a message; None, counted, where it cannot be read."""
        try:
            return written.frame()
        except ValueError:
            self._illegible += 1
            return None

    def _keep(self, number: int, messages: list[Written], size: int) -> None:
        self._kept[number] = messages, size
        self._bytes += size
        while len(self._kept) > KEPT_CHUNKS or (self._bytes > KEPT_BYTES and len(self._kept) > 1):
            _, (_, dropped) = self._kept.popitem(last=False)
            self._bytes -= dropped

    def _content(self, number: int) -> bytes:
        """The unpacked records of a chunk. Raises ValueError."""
        place = self._places[number]
        self._file.seek(place.offset)
        record = self._file.read(place.length)
        if len(record) < place.length or record[0] != Opcode.CHUNK:
            raise ValueError("is not where it should be")
        chunk = parsed(Opcode.CHUNK, record[HEAD.size :])
        assert isinstance(chunk, Chunk)
        content = unpack(chunk, None if number in self._paid else self._ration)
        self._paid.add(number)
        return content

    def _parse(self, content: bytes) -> list[Written]:
        messages = []
        for opcode, begin, end in places_in(content):
            if opcode == Opcode.MESSAGE and end - begin >= MESSAGE.size:
                channel, _, at_ns, _ = MESSAGE.unpack_from(content, begin)
                known = self._readers.reader(channel)
                if known is not None:
                    data = content[begin + MESSAGE.size : end]
                    messages.append(Written(at_ns, known[0], data, known[1]))
            elif opcode in (Opcode.SCHEMA, Opcode.CHANNEL):
                self._readers.meet(parsed(opcode, content[begin:end]))
        messages.sort(key=lambda written: written.at_ns)
        return messages
