"""The memory of a training: moments of the last two minutes, bounded in MB.

Kept are two kinds: regular ones, evenly in time (for `scratch` and for the guard), and those before a
scar (for `undo`). When the memory is full the oldest regular one makes room, and its buffers are filled
anew: a snapshot is then one copy and no allocation.
"""

import bisect
from collections.abc import Callable
from typing import TYPE_CHECKING

from instrument.learning.gestures import SCRATCH_S

if TYPE_CHECKING:
    from instrument.learning.course import Moment

MOST_SCARS = 16
SHORTEST_S = 0.5
MOST_RESERVED = 48

Capture = Callable[["Moment | None"], "Moment"]


class Memory:
    """Moments in the order of the show's time. Trainer thread; time is handed in, in seconds."""

    def __init__(self, limit_mb: float) -> None:
        self._limit = limit_mb * 1e6
        self._moments: list[Moment] = []
        self._scars: list[Moment] = []
        self._spares: list[Moment] = []
        self._due_s = 0.0
        self.healthy: Moment | None = None
        """The newest that was taken while the state was `healthy`; kept however old it is."""

    def __len__(self) -> int:
        return len(self._moments)

    @property
    def bytes(self) -> int:
        """What all moments hold together."""
        held = {id(m): m.bytes for m in (*self._moments, self.healthy) if m is not None}
        return sum(held.values())

    @property
    def scars(self) -> int:
        """How often `undo` would find something."""
        return len(self._scars)

    def reserve(self, capture: Capture) -> None:
        """Make the buffers before the curtain: fresh memory costs 3 ms a snapshot, used memory .5 ms."""
        first = capture(None)
        count = min(MOST_RESERVED, int(self._limit / max(1, first.bytes)))
        self._spares = [first, *(capture(None) for _ in range(count - 1))]

    def due(self, now_s: float) -> bool:
        """Whether a regular moment should be kept now."""
        return now_s >= self._due_s

    def keep(
        self, capture: Capture, now_s: float, scar: bool = False, healthy: bool = False
    ) -> "Moment":
        """Take a moment; there is always room for the newest."""
        one = self._moments[-1].bytes if self._moments else 0
        full = len(self._moments) > 2 and self.bytes + one > self._limit
        if full:
            self._spares.clear()  # moments have grown (choir): the rest would exceed the bound
        spare = self._spares.pop() if self._spares and not full else None
        moment = capture(self._let_go(self._oldest()) if full else spare)
        moment.time_s = now_s
        self._moments.append(moment)
        if healthy:
            self.healthy = moment
        if scar:
            self._scars = [*self._scars, moment][-MOST_SCARS:]
        while len(self._moments) > 2 and self.bytes > self._limit:
            self._let_go(self._oldest())
        if not scar:
            room = max(2.0, self._limit / moment.bytes - MOST_SCARS / 2)
            self._due_s = now_s + max(SHORTEST_S, SCRATCH_S / room)
        return moment

    def _oldest(self) -> "Moment":
        """The oldest regular one, or the oldest of all when only scars are left."""
        regular = (m for m in self._moments[:-1] if not any(m is scar for scar in self._scars))
        return next(regular, self._moments[0])

    def _let_go(self, moment: "Moment") -> "Moment | None":
        """Forget it; the moment if nobody needs its buffers any more."""
        self._moments = [m for m in self._moments if m is not moment]
        self._scars = [m for m in self._scars if m is not moment]
        return None if moment is self.healthy else moment

    def undo(self) -> "Moment | None":
        """The moment before the last scar, taken off the stack; None when there is none."""
        return self._scars.pop() if self._scars else None

    def newest(self) -> "Moment | None":
        """The last one kept."""
        return self._moments[-1] if self._moments else None

    def forget_newest(self) -> None:
        """It led to a burst: the one before it is the newest now, unless there is no other."""
        if len(self._moments) > 1:
            self._let_go(self._moments[-1])

    def around(self, time_s: float) -> "tuple[Moment, Moment, float]":
        """The two moments around a time of the show, and how far (0..1) it lies between them.

        There must be one. Beyond the ends the first or last is meant.
        """
        times = [m.time_s for m in self._moments]
        after = bisect.bisect_right(times, time_s)
        if after == 0:
            return self._moments[0], self._moments[0], 0.0
        if after == len(times):
            return self._moments[-1], self._moments[-1], 0.0
        first, second = self._moments[after - 1], self._moments[after]
        return first, second, (time_s - first.time_s) / max(1e-9, second.time_s - first.time_s)
