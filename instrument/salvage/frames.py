"""The frames in the chunks of a run, each by the description that the file has of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from mcap.opcode import Opcode
from mcap.records import Channel, Schema

from instrument.runs import sheet
from instrument.runs.readers import BY_NAME
from instrument.runs.records import MESSAGE
from instrument.runs.sanity import check
from instrument.runs.wire import FrameReader, reader_of
from instrument.salvage.parsing import inside
from instrument.signals.frames import Topic


@dataclass(frozen=True)
class Said:
    """One message of a chunk. `topic` is None where it is none of ours; nothing is known of it then.

    `frame` is None where it cannot be used, and `why` says why.
    """

    channel: int
    sequence: int
    log_ns: int
    publish_ns: int
    data: bytes
    topic: Topic | None = None
    frame: Any = None
    why: str = ""


class Described(Protocol):
    """What says which channels a file has."""

    schemas: dict[int, Schema]
    channels: dict[int, Channel]


class Frames:
    """Reads messages as frames."""

    def __init__(self, described: Described) -> None:
        self._described = described
        self._readers: dict[int, tuple[Topic, FrameReader]] = {}
        self._others: set[int] = set()
        self.unreadable: dict[int, str] = {}
        """Channels of ours that are spoken on and whose description cannot be read, and why."""
        self.unknown: dict[int, int] = {}
        """Messages that nothing describes, by the number of their channel."""

    @property
    def strange(self) -> list[str]:
        """Topics that are none of this version's, and are spoken on."""
        topics = (self._described.channels[number].topic for number in sorted(self._others))
        return [topic for topic in topics if topic != sheet.TOPIC]

    def of(self, content: bytes) -> Iterator[Said]:
        """The messages in an unpacked chunk, in its order, but those that nothing describes."""
        for opcode, begin, end in inside(content):
            if opcode != Opcode.MESSAGE or end - begin < MESSAGE.size:
                continue
            channel, sequence, log_ns, publish_ns = MESSAGE.unpack_from(content, begin)
            data = content[begin + MESSAGE.size : end]
            reading = self._readers.get(channel) or self._met(channel)
            if reading is not None:
                topic, reader = reading
                frame, why = _frame(reader, data)
                yield Said(channel, sequence, log_ns, publish_ns, data, topic, frame, why)
            elif channel in self._others:
                yield Said(channel, sequence, log_ns, publish_ns, data)
            else:
                self.unknown[channel] = self.unknown.get(channel, 0) + 1

    def _met(self, number: int) -> tuple[Topic, FrameReader] | None:
        """The reader of a channel that is spoken on for the first time, if there is one."""
        channel = self._described.channels.get(number)
        if channel is None or number in self.unreadable or number in self._others:
            return None
        topic = BY_NAME.get(channel.topic)
        schema = self._described.schemas.get(channel.schema_id)
        if topic is None:
            self._others.add(number)
            return None
        try:
            if schema is None:
                raise ValueError("has no description")
            self._readers[number] = topic, reader_of(schema, topic)
        except ValueError as error:
            self.unreadable[number] = f"{channel.topic}: {error}"
        return self._readers.get(number)


def _frame(reader: FrameReader, data: bytes) -> tuple[Any, str]:
    """The frame, or None and why there is none."""
    try:
        frame = reader.frame(data)
        check(frame)
    except ValueError as error:
        return None, str(error)
    return frame, ""
