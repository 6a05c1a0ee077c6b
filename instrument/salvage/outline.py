"""A run in outline: where its chunks are and how many frames it has, without reading what is in them.

The summary says so where it is whole. Else the heads of the records are walked over (`runs.index`), and
how many frames there are is not known.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from mcap.opcode import Opcode
from mcap.records import Channel, Schema

from instrument.runs.index import ChunkPlace, read_index, told
from instrument.runs.records import HEAD
from instrument.salvage.frames import Frames, Said
from instrument.salvage.parsing import inside, parsed
from instrument.salvage.walk import Walk

MOST_SUMMARY_BYTES = 256 * 1024 * 1024


@dataclass
class Outline:
    """`walked`: whether there is no summary to believe. `counts` are frames by topic; None: not known."""

    chunks: Sequence[ChunkPlace] = ()
    """In the order of the file."""
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
        return (number for number in numbers if channel in (self.chunks[number].channels or ()))


def outline(file: BinaryIO) -> Outline:
    """The outline of a run file. Raises OSError where the disk does, and nothing for what is in it."""
    summary = told(file, MOST_SUMMARY_BYTES)
    index = read_index(file) if summary is None else summary[0]
    chunks = sorted(index.places, key=lambda place: place.offset)
    found = Outline(chunks, walked=summary is None)
    for declared in index.declared:
        known = found.schemas if isinstance(declared, Schema) else found.channels
        known.setdefault(declared.id, declared)  # type: ignore[arg-type]
    if index.counts is not None:
        topics = found.channels
        found.counts = {topics[k].topic: n for k, n in index.counts.items() if k in topics}
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
                if not HEAD.size < chunk.length <= self._walk.size - chunk.offset:
                    raise ValueError("is not in the file")
                content = self._walk.again(chunk.offset, chunk.offset + chunk.length)
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
