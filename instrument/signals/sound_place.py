"""Where the sound is, in blocks: what dates frames needs to know which block is rendered when.

In a rehearsal the sound renders its first block when the deck has said that it is there (`DeckFrame`), and
says 0 blocks until then; so a playback says that first, and dates by this place.
"""

from typing import Protocol

from instrument.signals.bus import Bus
from instrument.signals.frames import SOUND, SoundFrame

LONGEST_GUESS_S = 0.1
"""So far beyond what the sound last said (it says so every 50 ms) it is taken to have gone on."""
GONE_S = 1.0
"""A sound process that has said nothing for so long is gone, or hangs."""


class Place(Protocol):
    """Where some sound is: that of a show (`SoundPlace`), or one that is rendered (`ExactPlace`)."""

    part: int
    """Which sound process of the show it is, from 0; -1 while none has been heard. Another one counts
    its blocks anew."""
    period_s: float
    """How long a block lasts, seconds; the same float everywhere, or blocks would be counted apart."""

    def block(self, now_s: float) -> float | None:
        """So many blocks were rendered by `now_s`, with a fraction; None where there is no sound."""


class SoundPlace:
    """The place by the sound's own frames. One thread.

    | what is heard                       | `block`                                                     |
    |-------------------------------------|-------------------------------------------------------------|
    | nothing yet                         | None                                                        |
    | a frame                             | its blocks and the time since, `LONGEST_GUESS_S` at the most|
    | a frame that says less than guessed | stays, until the sound is there: it never goes back         |
    | a frame of a later part             | its own count, from the beginning                           |
    | a frame of an earlier part          | passed over: that process fades out                         |
    | nothing for `GONE_S`                | None                                                        |
    """

    def __init__(self, bus: Bus) -> None:
        self.part = -1
        self.period_s = 0.0
        self._listener, self._frame = bus.listener(SOUND), SoundFrame()
        self._blocks, self._said_s, self._furthest = 0, 0.0, 0.0

    def block(self, now_s: float) -> float | None:
        """See `Place`. Never waits."""
        while self._listener.take(self._frame) is not None:
            self._hear(self._frame)
        since_s = now_s - self._said_s
        if self.part < 0 or since_s > GONE_S:
            return None
        guess = self._blocks + min(max(0.0, since_s), LONGEST_GUESS_S) / self.period_s
        self._furthest = max(self._furthest, guess)
        return self._furthest

    def _hear(self, frame: SoundFrame) -> None:
        part = int(frame.part)
        if part < self.part or not 0.0 < frame.period_s < 1.0:
            return
        if part > self.part:
            self.part, self._furthest = part, 0.0
        self.period_s = frame.period_s
        self._blocks, self._said_s = int(frame.blocks), frame.time_s

    def close(self) -> None:
        """Leave the bus."""
        self._listener.close()


class ExactPlace:
    """The place of a sound that is rendered block after block: whoever renders sets `at`."""

    def __init__(self, period_s: float) -> None:
        self.part = 0
        self.period_s = period_s
        self.at = 0
        """Blocks rendered so far: the number of the next one."""

    def block(self, now_s: float) -> float | None:
        """See `Place`; the time does not matter."""
        return float(self.at)
