"""`ClockOut`: our beat as MIDI clock, 24 ticks a beat, for machines that play along.

| show.clock_out | what happens                                                                        |
|----------------|-------------------------------------------------------------------------------------|
| goes on        | ticks at once, so that the others know the tempo; song position 0 and start with    |
|                | the next bar: their song begins on a bar of ours                                     |
| stays on       | ticks; where our beat jumps (another clock counts now): stop, and start as above    |
| goes off       | stop, and no more ticks                                                             |

Song position and start go out right after the tick before the bar: the tick that follows is position 0.
"""

import contextlib
import math
from collections.abc import Callable, Iterator

from instrument.clock import Clock
from instrument.hands.midi.clock_in import SONG_POSITION, START, STOP, TICK, TICKS_PER_BEAT
from instrument.signals.beat import PULLED_BEATS, Beat
from instrument.signals.bus import Bus
from instrument.signals.controls import Bank
from instrument.signals.frames import CONTROLS, STANDING, ControlFrame, StandingFrame
from instrument.signals.niceness import answer_hands
from instrument.signals.worker import Worker

Message = list[int]

LATE_TICKS = 12
"""So many missed ticks are sent at once after a stall; after more the others begin again."""
LOOK_EVERY_S = 0.02
"""How soon a changed control or tempo is noticed."""


class Ticks:
    """Which messages are due when, for a beat that is heard of now and then. Knows no thread, no port."""

    def __init__(self) -> None:
        self._beat: Beat | None = None
        self._on = False
        self._started = False
        self._next = 0
        """The number of the tick that comes next: its beat times 24."""

    def hear(self, beat: float, bpm: float, time_s: float, now_s: float) -> list[Message]:
        """Where the beat stood at `time_s`; returns what a jump of it calls for."""
        if not (bpm > 0.0 and math.isfinite(beat) and math.isfinite(bpm) and math.isfinite(time_s)):
            return []
        if self._beat is None:
            self._beat = Beat(bpm, now_s=time_s - beat * 60.0 / bpm)
        before = self._beat.at(now_s)
        self._beat.follow(beat, bpm, time_s, now_s)
        jumped = abs(self._beat.at(now_s) - before) > PULLED_BEATS
        return self._begin(now_s) if jumped and self._on else []

    def turn(self, on: bool, now_s: float) -> list[Message]:
        """Send or do not send; returns the messages this calls for at once."""
        if on == self._on or self._beat is None:
            return []
        if on:
            self._on = True
            return self._begin(now_s)
        self._on = False
        return self._end()

    def _begin(self, now_s: float) -> list[Message]:
        assert self._beat is not None
        self._next = math.floor(self._beat.at(now_s) * TICKS_PER_BEAT) + 1
        return self._end()

    def _end(self) -> list[Message]:
        started, self._started = self._started, False
        return [[STOP]] if started else []

    def due(self, now_s: float, beats_per_bar: int) -> Iterator[Message]:
        """The messages whose time has come, in order."""
        if not self._on or self._beat is None:
            return
        reached = math.floor(self._beat.at(now_s) * TICKS_PER_BEAT + 1e-6)
        if reached - self._next >= LATE_TICKS:
            yield from self._begin(now_s)
        while self._next <= reached:
            yield [TICK]
            self._next += 1
            if not self._started and self._next % (TICKS_PER_BEAT * beats_per_bar) == 0:
                self._started = True
                yield [SONG_POSITION, 0, 0]
                yield [START]

    def next_s(self, now_s: float) -> float:
        """When the next tick is due; infinity where none is."""
        if not self._on or self._beat is None:
            return math.inf
        return self._beat.time_of(self._next / TICKS_PER_BEAT)


class ClockOut:
    """A thread that hears tempo and controls on the bus, and sends. `sent` and `failed` count messages."""

    def __init__(self, bank: Bank, bus: Bus, send: Callable[[Message], None], clock: Clock) -> None:
        """`send` takes the bytes of one message; called in the thread of the clock, it may raise."""
        self.sent = 0
        self.failed = 0
        self._send = send
        self._clock = clock
        self._switch = bank.number["show.clock_out"]
        self._bar = bank.number["show.beats_per_bar"]
        self._bar_spec = bank.spec("show.beats_per_bar")
        self._beats_per_bar = int(self._bar_spec.default)
        self._ticks = Ticks()
        self._standing = bus.listener(STANDING)
        self._controls = bus.listener(CONTROLS)
        self._standing_frame, self._control_frame = StandingFrame(), ControlFrame()
        self._on = False
        self._worker = Worker("clock-out", self._run)

    def start(self) -> None:
        """Begin."""
        self._worker.start()

    def stop(self) -> None:
        """Stop the others where they run, and end; returns when the thread has ended."""
        self._worker.stop()
        self._standing.close()
        self._controls.close()

    def _run(self) -> None:
        answer_hands()
        wait_s = 0.0
        while not self._worker.ending.wait(wait_s):
            with contextlib.suppress(Exception):
                self._hear()
                self._send_all(self._ticks.due(self._clock(), self._beats_per_bar))
            now_s = self._clock()
            wait_s = min(LOOK_EVERY_S, max(0.0, self._ticks.next_s(now_s) - now_s))
        self._send_all(self._ticks.turn(False, self._clock()))

    def _hear(self) -> None:
        now_s = self._clock()
        standing = self._standing.latest(self._standing_frame)
        if standing is not None:
            self._send_all(self._ticks.hear(standing.beat, standing.bpm, standing.time_s, now_s))
        controls = self._controls.latest(self._control_frame)
        if controls is not None and controls.count > max(self._switch, self._bar):
            self._on = controls.positions[self._switch] >= 0.5
            self._beats_per_bar = int(self._bar_spec.map(controls.positions[self._bar]))
        self._send_all(self._ticks.turn(self._on, now_s))

    def _send_all(self, messages: Iterator[Message] | list[Message]) -> None:
        for message in messages:
            try:
                self._send(message)
                self.sent += 1
            except Exception:
                self.failed += 1
