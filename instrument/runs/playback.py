"""A recorded run as a source: the same frames on the same bus at the same pace, without torch."""

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from instrument.clock import Clock
from instrument.runs.tape import Recorded, Tape
from instrument.signals.bus import Bus
from instrument.signals.controls import Bank
from instrument.signals.frames import (
    ACTIVATIONS,
    CONTROLS,
    FIELD,
    GESTURES,
    METRICS,
    NOTICES,
    REALS,
    TILES,
    WALK,
    WEIGHTS,
    ControlFrame,
    GestureFrame,
    MetricFrame,
)
from instrument.signals.gesture import FOLLOW_HAND, Gesture, Moves
from instrument.signals.mistake import Mistake
from instrument.signals.notices import Notice, notice_frame
from instrument.signals.spec import Kind
from instrument.signals.streams import StreamSpec, stream_numbers
from instrument.units import seconds_to_text

WHO = FOLLOW_HAND
ROOMS = ("learning.", "sound.", "picture.")
"""Hands that are played again; those of the show (panic, blackout) belong to tonight."""
SHOWN = (TILES, WEIGHTS, WALK, FIELD, ACTIVATIONS, REALS)
"""What is passed on as it was recorded."""
SHOWN_NAMES = frozenset(topic.name for topic in SHOWN)
MISSED_S = 5.0
"""What was not heard by then is not in the run: those of before have no walk, for one."""
POLL_S = 0.005
ASKED = -1
MANY = 8
"""More than so many controls moved by one frame are a morph: they are posted as one."""


class Playback:
    """`Source` of kind ``rehearsal``.

    Frames keep their steps; their time becomes the time they are played. A control that the recorded
    hand moved is posted as a gesture of the ``recording``; where the controls stood at the beginning is
    not, for that is the preset's to say.
    """

    kind = "rehearsal"

    def __init__(
        self,
        path: Path,
        bus: Bus,
        bank: Bank,
        post: Callable[[Gesture | Moves], None],
        clock: Clock,
    ) -> None:
        """`path`: a run file, see `find_run`. Raises `Mistake` if nothing in it can be played."""
        self._tape = Tape(path)
        self.header = self._tape.header
        self.path = path
        self.published = 0
        self.played_s = 0.0
        """Seconds of the recording played so far."""
        self._bus = bus
        self._bank = bank
        self._post = post
        self._clock = clock
        self._frames = self._tape.frames()
        self._next: Recorded | None = next(self._frames, None)
        if self._next is None:
            raise Mistake(f"{path}: this run holds no frames that can be read; take another copy")
        self._first_s = self._next.at_s
        self._began_s: float | None = None
        self._last: MetricFrame | None = None
        self._first_step = 0
        self._standing: list[float] = []
        self._numbers = [bank.number.get(control) for control in self.header.controls]
        self._streams = stream_numbers(self.header.streams)
        self._publishers: dict[str, Any] = {}
        self._unheard = [topic.name for topic in SHOWN]
        self._ended = False
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="playback", daemon=True)

    @property
    def streams(self) -> Sequence[StreamSpec]:
        """What the numbers of its metric frames are."""
        return self.header.streams

    @property
    def description(self) -> dict[str, Any]:
        """What a run file made of this rehearsal says of its source."""
        return {**self.header.source, "rehearsed": self.path.name, "recorded": self.header.date}

    @property
    def ended(self) -> bool:
        """Whether the run is over. Any thread."""
        return self._ended

    def start(self) -> None:
        """Begin in a thread of its own."""
        self.open()
        self._thread.start()

    def stop(self) -> None:
        """End; returns when the thread has ended."""
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join(timeout=2.0)

    def open(self) -> None:
        """Join the bus and take the clock's present second as the run's first."""
        topics = (METRICS, *SHOWN, GESTURES, NOTICES)
        self._publishers = {topic.name: self._bus.publisher(topic) for topic in topics}
        self._began_s = self._clock()
        if self._tape.cut_short:
            self._say(f"{self.path.name} is cut short: what is there is played")

    def _run(self) -> None:
        try:
            while not self.advance():
                if self._ending.wait(POLL_S):
                    break
        except Exception as error:  # a run that breaks ends; the show goes on
            self._say(f"{self.path.name} cannot be played on ({type(error).__name__})", grave=True)
        self._ended = True
        for publisher in self._publishers.values():
            publisher.close()

    def advance(self) -> bool:
        """Play all that is due by the clock; True at the end of the run. Playback thread."""
        assert self._began_s is not None, "open first"
        now_s = self._clock()
        while self._next is not None and self._next.at_s - self._first_s <= now_s - self._began_s:
            self._play(self._next, now_s)
            self.played_s = self._next.at_s - self._first_s
            self._next = next(self._frames, None)
        if self._unheard and now_s - self._began_s > MISSED_S:
            self._say(
                f"{self.path.name} holds no {', '.join(self._unheard)}; a look made of them shows nothing"
            )
            self._unheard = []
        if self._next is None and not self._ended:
            self._ended = True
            self._say_damage()
        return self._ended

    def _play(self, recorded: Recorded, now_s: float) -> None:
        frame = recorded.frame
        frame.time_s = now_s
        if recorded.topic == METRICS.name:
            self._play_metrics(frame)
        elif recorded.topic in SHOWN_NAMES:
            if recorded.topic in self._unheard:
                self._unheard.remove(recorded.topic)
            self._publishers[recorded.topic].send(frame)
        elif recorded.topic == CONTROLS.name:
            self._play_controls(frame, now_s)
        elif recorded.topic == GESTURES.name:
            self._play_gesture(frame)

    def _play_metrics(self, frame: MetricFrame) -> None:
        frame.count = min(frame.count, len(self.header.streams))
        if self._last is None:
            self._first_step = frame.step
        self._last = frame
        self._publishers[METRICS.name].send(frame)
        self.published += 1

    def _play_controls(self, frame: ControlFrame, now_s: float) -> None:
        positions = list(frame.positions[: min(frame.count, len(self._numbers))])
        moved: list[tuple[int, float]] = []
        for number, position, before in zip(self._numbers, positions, self._standing, strict=False):
            if number is None or position == before:
                continue
            if self._bank.specs[number].path.startswith(ROOMS) and 0.0 <= position <= 1.0:
                moved.append((number, position))
        self._standing = positions
        if len(moved) > MANY:
            numbers, where = zip(*moved, strict=True)
            self._post(Moves(numbers, where, now_s))
            return
        for number, position in moved:
            self._post(Gesture(self._bank.specs[number].path, position, WHO, now_s))

    def _play_gesture(self, frame: GestureFrame) -> None:
        """Acts, and what took effect, are passed on; moves come from the controls themselves."""
        number = self._numbers[frame.control] if frame.control < len(self._numbers) else None
        if number is None:
            return
        spec = self._bank.specs[number]
        if not spec.path.startswith(ROOMS):
            return
        if frame.step == ASKED and spec.kind is not Kind.TRIGGER:
            return
        frame.control = number
        self._publishers[GESTURES.name].send(frame)

    def _say_damage(self) -> None:
        if self._tape.damaged:
            self._say(f"{self.path.name}: {self._tape.damaged} damaged parts were passed over")
        if self._tape.broke_off and not self._tape.cut_short:
            at = seconds_to_text(self.played_s)
            self._say(f"{self.path.name} is damaged at {at}: what follows cannot be played")

    def _say(self, text: str, grave: bool = False) -> None:
        notice = Notice("rehearsal", text, grave)
        self._publishers[NOTICES.name].send(notice_frame(notice, self._clock()))

    def report(self) -> dict[str, Any]:
        """What was played. Any thread."""
        last = self._last
        steps = int(last.step) if last is not None else 0
        rate = (steps - self._first_step) / self.played_s if self.played_s > 0 else 0.0
        return {
            "device": "recorded",
            "net": self.header.source.get("net", "unknown"),
            "steps": steps,
            "steps_per_s": round(rate, 2),
            "state": self._state(last),
        }

    def _state(self, last: MetricFrame | None) -> str:
        number = self._streams.get("state")
        if last is None or number is None or number >= last.count:
            return "unknown"
        choices = self.header.streams[number].choices
        value = last.streams[number]
        return choices[int(value)] if 0 <= value < len(choices) else "unknown"
