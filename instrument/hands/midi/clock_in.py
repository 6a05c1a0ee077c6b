"""`ClockIn`: MIDI clock of another machine, 24 ticks a beat, as `BeatHeard` ten times a second.

What the real-time bytes do (a position is counted in ticks; it takes effect with the next tick, as the
MIDI specification says):

| byte              | running | position of the next tick            | said                       |
|-------------------|---------|--------------------------------------|----------------------------|
| F8 tick           | stays   |                                      | at most every 100 ms       |
| FA start          | yes     | 0                                    | with the next tick         |
| FB continue       | yes     | where it stood                       | with the next tick         |
| FC stop           | no      | stands, though ticks may go on       | at once                    |
| F2 song position  | stays   | six times the sixteenths in the data | with the next tick         |

A clock that never says start is taken as running, its first tick as beat 0.
"""

import math
from collections.abc import Callable, Sequence

from instrument.hands.midi.tick_line import TickLine
from instrument.signals.beat import BeatHeard

TICK, START, CONTINUE, STOP, SONG_POSITION = 0xF8, 0xFA, 0xFB, 0xFC, 0xF2
TICKS_PER_BEAT = 24
TICKS_PER_SIXTEENTH = 6
SAY_EVERY_S = 0.1
NO_TIME_S = 1e9
"""No machine runs for thirty years; what is beyond is no time, and would spoil the sums."""
LOWEST_BPM, HIGHEST_BPM = 30.0, 300.0
SLACK = 1.03
"""A tempo at the edge may be heard a little beyond it."""


class ClockIn:
    """Follows one MIDI clock. All of it in the thread that hears the port; nothing raises."""

    def __init__(self, heard: Callable[[BeatHeard], None]) -> None:
        """`heard` is called in the thread that calls `take`."""
        self._heard = heard
        self._line = TickLine()
        self._running = True
        self._shift = 0
        """Position less the number of a tick on the line."""
        self._stood = 0
        self._next: int | None = 0
        self._said_s = -math.inf

    def take(self, status: int, time_s: float, data: Sequence[int] = ()) -> None:
        """One message: its first byte, when it came (the show's clock), and its data bytes.

        What is no clock message is passed over. Never raises. MIDI thread.
        """
        if not abs(time_s) < NO_TIME_S:
            return
        if status == TICK:
            self._tick(time_s)
        elif status == START:
            self._running, self._next = True, 0
        elif status == CONTINUE:
            if not self._running:
                self._running = True
                self._next = self._stood if self._next is None else self._next
        elif status == STOP:
            self._stop(time_s)
        elif status == SONG_POSITION and len(data) >= 2:
            sixteenths = (data[0] & 0x7F) | (data[1] & 0x7F) << 7
            self._next = sixteenths * TICKS_PER_SIXTEENTH

    def _tick(self, time_s: float) -> None:
        self._line.add(time_s)
        placed = self._running and self._next is not None
        if self._running and self._next is not None:
            self._shift = self._next - self._line.number
            self._next = None
        if placed or not 0.0 <= time_s - self._said_s < SAY_EVERY_S:
            self._say(time_s)

    def _stop(self, time_s: float) -> None:
        if not self._running:
            return
        if self._next is None:
            self._stood = max(0, self._line.number + self._shift + 1)
        self._running = False
        self._say(time_s)

    def _say(self, time_s: float) -> None:
        line = self._line
        if not line.ready or line.period_s <= 0.0:
            return
        bpm = 60.0 / (TICKS_PER_BEAT * line.period_s)
        if not LOWEST_BPM / SLACK <= bpm <= HIGHEST_BPM * SLACK:
            return
        ticks = line.at(time_s) + self._shift if self._running else self._standing()
        self._said_s = time_s
        self._heard(BeatHeard("midi", max(0.0, ticks / TICKS_PER_BEAT), bpm, time_s, self._running))

    def _standing(self) -> float:
        return self._stood if self._next is None else self._next
