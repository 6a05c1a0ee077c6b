"""`LocalBus`: the bus inside one thread, for rendering. No shared memory, nobody is slow, nothing is lost.

The same publishers and listeners as those of `bus.Bus`, so what plays on stage renders unchanged. A
listener keeps everything until it is read: take none that nobody reads.
"""

import ctypes
from collections import deque
from typing import Any, TypeVar, cast

from instrument.signals.bus import Bus, Listener, Publisher
from instrument.signals.frames import Frame, Topic

AnyFrame = TypeVar("AnyFrame", bound=Frame)


class _Line:
    """What one topic holds: the frames a late listener still gets, and who listens."""

    def __init__(self, topic: Topic) -> None:
        self.history: deque[bytes] = deque(maxlen=topic.history)
        self.listeners: list[deque[bytes]] = []


class LocalPublisher(Publisher[AnyFrame]):
    """One writer of one topic."""

    def __init__(self, line: _Line) -> None:
        self._line = line
        self.published = 0
        self.failed = 0

    def send(self, frame: AnyFrame) -> None:
        """Hand a copy of `frame` to every listener; its `sequence` is set here."""
        cast(Any, frame).sequence = self.published
        self.published += 1
        copy = ctypes.string_at(ctypes.addressof(frame), frame.used_bytes())
        self._line.history.append(copy)
        for listener in self._line.listeners:
            listener.append(copy)

    def meet(self) -> None:
        """Everybody is here already."""

    def close(self) -> None:
        """Nothing to give back."""


class LocalListener(Listener[AnyFrame]):
    """One reader of one topic."""

    def __init__(self, line: _Line, topic: Topic) -> None:
        self._line = line
        self._type = topic.frame
        self._waiting = deque(line.history)
        self.received = 0
        self.lost = 0
        line.listeners.append(self._waiting)

    def take(self, into: AnyFrame | None = None) -> AnyFrame | None:
        """The oldest frame that waits, copied into `into` when it is given; or None."""
        if not self._waiting:
            return None
        frame: Any = self._type() if into is None else into
        copy = self._waiting.popleft()
        ctypes.memmove(ctypes.byref(frame), copy, len(copy))
        self.received += 1
        return cast(AnyFrame, frame)

    def latest(self, into: AnyFrame | None = None) -> AnyFrame | None:
        """The newest frame that waits, or None; older ones are passed over."""
        while len(self._waiting) > 1:
            self._waiting.popleft()
            self.received += 1
        return self.take(into)

    def close(self) -> None:
        """Hear no more."""
        self._line.listeners = [mine for mine in self._line.listeners if mine is not self._waiting]


class LocalBus(Bus):
    """All topics of one rendering. One thread."""

    def __init__(self) -> None:
        self.show = "local"
        self._lines: dict[str, _Line] = {}

    def _line(self, topic: Topic) -> _Line:
        return self._lines.setdefault(topic.name, _Line(topic))

    def publisher(self, topic: Topic) -> LocalPublisher[Any]:
        """A writer of `topic`."""
        return LocalPublisher(self._line(topic))

    def listener(self, topic: Topic) -> LocalListener[Any]:
        """A reader of `topic`; gets the topic's history first."""
        return LocalListener(self._line(topic), topic)

    def close(self) -> None:
        """Forget everything."""
        self._lines.clear()
