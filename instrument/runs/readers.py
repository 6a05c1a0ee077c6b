"""Which channel of a run file carries which topic, and how its messages are read."""

from mcap.records import Channel, Schema

from instrument.runs.wire import FrameReader, reader_of
from instrument.signals.frames import TOPICS

KNOWN = {topic.name: topic for topic in TOPICS}


class Readers:
    """Meets the schemas and channels of a file, in any order after each other. One thread."""

    def __init__(self) -> None:
        self._schemas: dict[int, Schema] = {}
        self._channels: dict[int, tuple[str, FrameReader] | None] = {}

    def meet(self, declared: Schema | Channel) -> bool:
        """Take a declaration; the first of a number counts. False where a topic of ours is illegible."""
        if isinstance(declared, Schema):
            self._schemas.setdefault(declared.id, declared)
            return True
        if declared.id in self._channels:
            return True
        topic, schema = KNOWN.get(declared.topic), self._schemas.get(declared.schema_id)
        if topic is None:
            self._channels[declared.id] = None
        if topic is None or schema is None:
            return True
        try:
            self._channels[declared.id] = topic.name, reader_of(schema, topic)
        except ValueError:
            self._channels[declared.id] = None
            return False
        return True

    def knows(self, channel: int) -> bool:
        """Whether a channel of this number was met."""
        return channel in self._channels

    def topic(self, channel: int) -> str | None:
        """The topic of a channel, None where it carries none of ours."""
        known = self._channels.get(channel)
        return None if known is None else known[0]

    def reader(self, channel: int) -> tuple[str, FrameReader] | None:
        """Topic and reader of a channel; None where its messages cannot be read."""
        return self._channels.get(channel)
