"""`PositionsDue`: where all controls stand, by frames of which some count later than others."""

from collections import deque
from dataclasses import dataclass

import numpy as np

from instrument.signals.bus import Listener
from instrument.signals.due import When
from instrument.signals.frames import ControlFrame


@dataclass
class _Turn:
    """Controls that go to new positions at a time."""

    when: float
    numbers: np.ndarray
    positions: np.ndarray

    def without(self, numbers: np.ndarray) -> None:
        """Leave these controls where they are."""
        stays = ~np.isin(self.numbers, numbers)
        self.numbers, self.positions = self.numbers[stays], self.positions[stays]


class PositionsDue:
    """Follows the one who says where controls stand (the conductor). One thread.

    A frame says where all of them stand once everything is done that was taken so far, also what a recorded
    hand does a little later. So only what is new in it counts, from when it is dated:

    | what came                                     | what happens                                        |
    |-----------------------------------------------|-----------------------------------------------------|
    | a live hand's frame (at once)                 | its control moves now; what waits for others waits  |
    | a recorded hand's frame (dated)               | its control moves then                              |
    | the heartbeat (at once, nothing new)          | nothing: it brings nothing forward                  |
    | a live hand after a recorded one, one control | the recorded move that waits gives way              |
    | a recorded hand, and again, one control       | each at its time                                    |
    | a date before one that waits, one control     | the one that waits gives way                        |
    | a date beyond `far`, or in the past           | at once                                             |
    | a frame after frames that were lost           | all that is new since the last that was heard       |
    """

    def __init__(
        self, listener: Listener[ControlFrame], positions: np.ndarray, when: When, far: float
    ) -> None:
        """`positions` float32 (controls,) stand until the first frame comes, and are kept here."""
        self.positions = positions
        self.late = 0
        """Frames that came when their time was over already."""
        self._listener, self._when, self._far = listener, when, far
        self._frame = ControlFrame()
        self._said = np.frombuffer(self._frame.positions, np.float32)
        self._told = positions.copy()
        self._waiting: deque[_Turn] = deque()

    def listen(self, now: float) -> None:
        """Move what is to move by now. Never waits."""
        while self._listener.take(self._frame) is not None:
            self._hear(now)
        while self._waiting and self._waiting[0].when <= now:
            turn = self._waiting.popleft()
            self.positions[turn.numbers] = turn.positions

    def _hear(self, now: float) -> None:
        count = min(self._frame.count, len(self._told))
        said, told = self._said[:count], self._told[:count]
        numbers = np.flatnonzero(np.isfinite(said) & (said != told))
        when = self._when(self._frame)
        self.late += 0.0 < when < now
        if not len(numbers):
            return
        told[numbers] = said[numbers]
        at_once = not now < when <= now + self._far
        for turn in self._waiting:
            if at_once or turn.when >= when:
                turn.without(numbers)
        if at_once:
            self.positions[numbers] = said[numbers]
        else:
            self._put(_Turn(when, numbers, said[numbers].copy()))

    def _put(self, turn: _Turn) -> None:
        """Among what waits, by its time; what came later goes after what came before."""
        place = len(self._waiting)
        while place and self._waiting[place - 1].when > turn.when:
            place -= 1
        self._waiting.insert(place, turn)

    def close(self) -> None:
        """Leave the bus."""
        self._listener.close()
