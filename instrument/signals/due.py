"""`Due`: a listener that lets frames of the future wait."""

import ctypes
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from instrument.signals.bus import Listener
from instrument.signals.frames import Frame

AnyFrame = TypeVar("AnyFrame", bound=Frame)


class Due(Generic[AnyFrame]):
    """Wraps a `Listener`: a frame is handed on when it is time, in the order in which it came.

    `when` says of a frame from when on it counts; `far` is how much of the future may wait at all: what is
    dated beyond that has another clock, and counts at once.
    """

    def __init__(
        self, listener: Listener[AnyFrame], frame: type[AnyFrame], when: Callable[[Any], float],
        far: float,
    ) -> None:  # fmt: skip
        self.listener = listener
        self._when, self._far = when, far
        self._kept = frame()
        self._waits = False

    def take(self, now: float, into: AnyFrame) -> AnyFrame | None:
        """The oldest frame whose time has come, copied into `into`; None where there is none."""
        if not self._waits and self.listener.take(self._kept) is None:
            return None
        self._waits = now < self._when(self._kept) <= now + self._far
        if self._waits:
            return None
        _copy(self._kept, into)
        return into

    def latest(self, now: float, into: AnyFrame) -> AnyFrame | None:
        """The newest frame whose time has come, copied into `into`; older ones are passed over."""
        found = None
        while self.take(now, into) is not None:
            found = into
        return found

    @property
    def lost(self) -> int:
        """Frames that gave way."""
        return self.listener.lost


def _copy(source: Frame, target: Frame) -> None:
    ctypes.memmove(ctypes.byref(target), ctypes.byref(source), source.used_bytes())
