"""Which channel of a run file carries which topic, and how its messages are read."""

from mcap.records import Channel, Schema

from instrument.runs.wire import FrameReader, reader_of
from instrument.signals.frames import TOPICS

BY_NAME = {topic.name: topic for topic in TOPICS}
MOST_CHANNELS = 256
"""A file that has more was made to harm."""

Reading = tuple[str, FrameReader]


class Readers:
    """Meets the schemas and channels of a file, in any order after each other. One thread.

    A reader is made when the first message of its channel comes.
    """

    def __init__(self) -> None:
        self.illegible = 0
        """Channels of ours whose schema cannot be read."""
        self._schemas: dict[int, Schema] = {}
        self._channels: dict[int, tuple[str, Schema] | None] = {}
        self._readers: dict[int, Reading | None] = {}

    def meet(self, declared: Schema | Channel) -> None:
        """Take a declaration; the first of a number counts."""
        if isinstance(declared, Schema):
            if len(self._schemas) < MOST_CHANNELS:
                self._schemas.setdefault(declared.id, declared)
            return
        if declared.id in self._channels or len(self._channels) >= MOST_CHANNELS:
            return
        schema = self._schemas.get(declared.schema_id)
        if declared.topic not in BY_NAME:
            self._channels[declared.id] = None
        elif schema is not None:
            self._channels[declared.id] = declared.topic, schema

    def knows(self, channel: int) -> bool:
        """Whether a channel of this number was met."""
        return channel in self._channels

    def topic(self, channel: int) -> str | None:
        """The topic of a channel, None where it carries none of ours."""
        known = self._channels.get(channel)
        return None if known is None else known[0]

    def reader(self, channel: int) -> Reading | None:
        """Topic and reader of a channel; None where its messages cannot be read."""
        if channel not in self._readers and channel in self._channels:
            self._readers[channel] = self._made(channel)
        return self._readers.get(channel)

    def _made(self, channel: int) -> Reading | None:
        known = self._channels[channel]
        if known is None:
            return None
        topic, schema = known
        try:
            return topic, reader_of(schema, BY_NAME[topic])
        except ValueError:
            self.illegible += 1
            return None
