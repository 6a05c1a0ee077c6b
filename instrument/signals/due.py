"""`Due`: a listener that lets frames of the future wait."""

import ctypes
import math
from collections import deque
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from instrument.signals.bus import Bus, Listener
from instrument.signals.frames import Frame, Topic

FAR_S = 2.0
"""What is dated farther ahead than this was dated by another clock, or by the blocks of another sound
process; it counts at once."""

AnyFrame = TypeVar("AnyFrame", bound=Frame)
When = Callable[[Any], float]
"""Says of a frame from when on it counts."""


def due_block(frame: Any) -> float:
    """`When` for who counts blocks of sound."""
    return float(frame.due)


def due_second(frame: Any) -> float:
    """`When` for who goes by the show's clock, as the picture does."""
    return float(frame.time_s)


class Due(Generic[AnyFrame]):
    """Wraps a `Listener`: a frame is handed on when it is time, in the order in which it came.

    `when` says of a frame from when on it counts; `far` is how much of the future may wait at all.

    | the frame that came counts from    | then                                                    |
    |------------------------------------|---------------------------------------------------------|
    | now, or before                     | it is handed on                                         |
    | later, within `far`                | it waits                                                |
    | later than that                    | it was dated by another clock: it is handed on          |
    | before some that came earlier      | those give way: they are of a way that was not gone     |

    What waits is kept here and not on the bus, where it would push out what came before it.
    """

    def __init__(
        self, listener: Listener[AnyFrame], frame: type[AnyFrame], when: When, far: float
    ) -> None:
        self.listener = listener
        self.late = 0
        """Frames that came when their time was over already."""
        self._when, self._far = when, far
        self._came = frame()
        self._waiting: deque[tuple[float, bytes]] = deque()

    def take(self, now: float, into: AnyFrame) -> AnyFrame | None:
        """The oldest frame whose time has come, copied into `into`; None where there is none."""
        while self.listener.take(self._came) is not None:
            when = self._date(now)
            while self._waiting and self._waiting[-1][0] > when:
                self._waiting.pop()
            size = self._came.used_bytes()
            if not self._waiting and when <= now:
                ctypes.memmove(ctypes.byref(into), ctypes.byref(self._came), size)
                return into
            self._waiting.append((when, ctypes.string_at(ctypes.addressof(self._came), size)))
        if not self._waiting or self._waiting[0][0] > now:
            return None
        _, copy = self._waiting.popleft()
        ctypes.memmove(ctypes.byref(into), copy, len(copy))
        return into

    def latest(self, now: float, into: AnyFrame) -> AnyFrame | None:
        """The newest frame whose time has come, copied into `into`; older ones are passed over."""
        found = None
        while self.take(now, into) is not None:
            found = into
        return found

    def _date(self, now: float) -> float:
        """From when the frame that came counts; -inf is at once."""
        when = self._when(self._came)
        self.late += 0.0 < when < now
        return when if now < when <= now + self._far else -math.inf

    @property
    def lost(self) -> int:
        """Frames that gave way on the bus."""
        return self.listener.lost

    def close(self) -> None:
        """Leave the bus."""
        self.listener.close()


def dated(bus: Bus, topic: Topic) -> Due[Any]:
    """A listener to a topic for who goes by the show's clock."""
    return Due(bus.listener(topic), topic.frame, due_second, FAR_S)
