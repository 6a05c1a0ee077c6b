"""A run in outline: where its chunks are and how many frames it has, without reading what is in them.

The summary says so where it is whole. Else the heads of the records are walked over (`runs.index`), and
how many frames there are is not known.
"""

import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from mcap.opcode import Opcode
from mcap.records import Channel, Schema

from instrument.runs.index import read_index
from instrument.salvage.frames import Frames, Said
from instrument.salvage.parsing import HEAD, MAGIC, inside, parsed
from instrument.salvage.walk import Walk

FOOTER = struct.Struct("<QQI")
ENTRY = struct.Struct("<QQQQI")
"""Of a chunk's index: begin and end of its messages, its place, its bytes, bytes of the map of channels."""
PAIR_BYTES = 10
MOST_SUMMARY_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Chunk:
    """Where a chunk is, its length in bytes, and what it claims.

    `channels` are the numbers of those it holds messages of, two bytes each, ten bytes apart.
    """

    begin_ns: int
    end_ns: int
    at_byte: int
    length: int
    channels: bytes

    def holds(self, channel: int) -> bool:
        """Whether it holds messages of a channel."""
        number = channel.to_bytes(2, "little")
        return any(
            self.channels[at : at + 2] == number for at in range(0, len(self.channels), PAIR_BYTES)
        )


@dataclass
class Outline:
    """`walked`: whether there is no summary to believe. `counts` are frames by topic; None: not known."""

    chunks: list[Chunk] = field(default_factory=list)
    schemas: dict[int, Schema] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    counts: dict[str, int] | None = None
    walked: bool = False

    def number_of(self, topic: str) -> int | None:
        """The channel of a topic."""
        numbers = (n for n, channel in self.channels.items() if channel.topic == topic)
        return next(numbers, None)

    def holding(self, topic: str) -> Iterator[int]:
        """The numbers of the chunks with frames of a topic, the last one first."""
        channel = self.number_of(topic)
        if channel is None:
            return iter(())
        numbers = range(len(self.chunks) - 1, -1, -1)
        return (number for number in numbers if self.chunks[number].holds(channel))


def outline(file: BinaryIO) -> Outline:
    """The outline of a run file. Raises OSError where the disk does, and nothing for what is in it."""
    return _told(file) or _walked(file)


def _told(file: BinaryIO) -> Outline | None:
    """What the summary says; None where there is none to believe."""
    size = file.seek(0, 2)
    foot_at = size - len(MAGIC) - HEAD.size - FOOTER.size
    if foot_at < len(MAGIC):
        return None
    file.seek(foot_at)
    foot = file.read(HEAD.size + FOOTER.size)
    begin, _, crc = FOOTER.unpack_from(foot, HEAD.size)
    if foot[0] != Opcode.FOOTER or not len(MAGIC) <= begin < foot_at or not crc:
        return None
    if foot_at - begin > MOST_SUMMARY_BYTES:
        return None
    file.seek(begin)
    content = file.read(foot_at - begin)
    if zlib.crc32(foot[:-4], zlib.crc32(content)) != crc:
        return None
    found = Outline()
    try:
        for opcode, at, end in inside(content):
            _take(found, opcode, content, at, end)
    except (ValueError, struct.error):
        return None
    found.chunks.sort(key=lambda chunk: chunk.at_byte)
    return found


def _take(found: Outline, opcode: int, content: bytes, at: int, end: int) -> None:
    """One record of the summary. Raises ValueError or struct.error."""
    if opcode == Opcode.CHUNK_INDEX:
        begin_ns, end_ns, at_byte, size, map_bytes = ENTRY.unpack_from(content, at)
        first = at + ENTRY.size
        if map_bytes > end - first:
            raise ValueError("a map that is longer than its record")
        found.chunks.append(
            Chunk(begin_ns, end_ns, at_byte, size, content[first : first + map_bytes])
        )
    elif opcode == Opcode.SCHEMA:
        schema = parsed(opcode, content[at:end])
        found.schemas[schema.id] = schema
    elif opcode == Opcode.CHANNEL:
        channel = parsed(opcode, content[at:end])
        found.channels[channel.id] = channel
    elif opcode == Opcode.STATISTICS:
        counts = parsed(opcode, content[at:end]).channel_message_counts
        topics = found.channels
        found.counts = {topics[k].topic: n for k, n in counts.items() if k in topics}


def _walked(file: BinaryIO) -> Outline:
    index = read_index(file)
    found = Outline(walked=True)
    for declared in index.declared:
        known = found.schemas if isinstance(declared, Schema) else found.channels
        known.setdefault(declared.id, declared)  # type: ignore[arg-type]
    for place in index.places:
        numbers = b"".join(
            number.to_bytes(2, "little").ljust(PAIR_BYTES, b"\0") for number in place.channels or ()
        )
        found.chunks.append(
            Chunk(place.first_ns, place.last_ns, place.offset, place.length, numbers)
        )
    return found


class Looking:
    """Reads single chunks of an outline. `damaged` counts those that cannot be read."""

    def __init__(self, file: BinaryIO, found: Outline) -> None:
        self.damaged = 0
        self._walk = Walk(file)
        self._outline = found
        self._frames = Frames(found)

    def frames(self, numbers: Iterable[int]) -> Iterator[list[Said]]:
        """The messages of some chunks, chunk by chunk. Raises OSError where the disk does."""
        for number in numbers:
            chunk = self._outline.chunks[number]
            try:
                if not HEAD.size < chunk.length <= self._walk.size - chunk.at_byte:
                    raise ValueError("is not in the file")
                content = self._walk.again(chunk.at_byte, chunk.at_byte + chunk.length)
                self._describe(content)
                yield list(self._frames.of(content))
            except ValueError:
                self.damaged += 1

    def _describe(self, content: bytes) -> None:
        """Take what is described inside a chunk, and was not known yet."""
        if not self._outline.walked:
            return
        for opcode, begin, end in inside(content):
            if opcode == Opcode.SCHEMA:
                schema = parsed(opcode, content[begin:end])
                self._outline.schemas.setdefault(schema.id, schema)
            elif opcode == Opcode.CHANNEL:
                channel = parsed(opcode, content[begin:end])
                self._outline.channels.setdefault(channel.id, channel)
