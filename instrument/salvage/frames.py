"""The frames in the chunks of a run, each by the description that the file has of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mcap.opcode import Opcode

from instrument.runs.sanity import check
from instrument.runs.wire import FrameReader, reader_of
from instrument.salvage.parsing import MESSAGE, inside
from instrument.salvage.survey import Survey
from instrument.signals.frames import TOPICS, Topic

BY_NAME = {topic.name: topic for topic in TOPICS}


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


class Frames:
    """Reads messages as frames. `strange` are the channels that no topic of ours belongs to."""

    def __init__(self, survey: Survey) -> None:
        self._readers: dict[int, tuple[Topic, FrameReader]] = {}
        self.unreadable: dict[int, str] = {}
        """Channels of ours whose description cannot be read, and why."""
        self.strange: list[str] = []
        self.unknown: dict[int, int] = {}
        """Messages of channels that are declared nowhere, by the number of the channel."""
        for number, channel in survey.channels.items():
            topic, schema = BY_NAME.get(channel.topic), survey.schemas.get(channel.schema_id)
            if topic is None:
                self.strange.append(channel.topic)
                continue
            try:
                if schema is None:
                    raise ValueError("has no description")
                self._readers[number] = topic, reader_of(schema, topic)
            except ValueError as error:
                self.unreadable[number] = f"{channel.topic}: {error}"
        self._passed_over = {
            number for number, channel in survey.channels.items() if channel.topic not in BY_NAME
        }

    def of(self, content: bytes) -> Iterator[Said]:
        """The messages in an unpacked chunk, in its order, but those that nothing describes."""
        for opcode, begin, end in inside(content):
            if opcode != Opcode.MESSAGE or end - begin < MESSAGE.size:
                continue
            message = MESSAGE.unpack_from(content, begin)
            data, reading = content[begin + MESSAGE.size : end], self._readers.get(message[0])
            if reading is not None:
                yield self._said((*message, data), *reading)
            elif message[0] in self._passed_over:
                yield Said(*message, data)
            else:
                self.unknown[message[0]] = self.unknown.get(message[0], 0) + 1

    @staticmethod
    def _said(message: tuple[int, int, int, int, bytes], topic: Topic, reader: FrameReader) -> Said:
        try:
            frame = reader.frame(message[4])
            check(frame)
        except ValueError as error:
            return Said(*message, topic, None, str(error))
        return Said(*message, topic, frame)
