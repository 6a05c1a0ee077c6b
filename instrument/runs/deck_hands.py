"""The hands on the deck: what the controls and acts of the group `deck` ask of it, heard on the bus."""

import math
from collections.abc import Callable

import numpy as np

from instrument.runs.deck import Deck
from instrument.runs.recorded_hands import ASKED, ROOMS
from instrument.signals.bus import Bus
from instrument.signals.controls import Bank
from instrument.signals.deck import DECK as GROUP
from instrument.signals.frames import CONTROLS, GESTURES, ControlFrame, GestureFrame
from instrument.signals.gesture import FOLLOW_HAND
from instrument.signals.spec import Kind
from instrument.signals.texts import text_of

PLAY = "deck.play"
SPEED_DIGITS = 5
"""A position is a float32: its own speed is to be 1, and not 1.0000001."""
SECOND_DIGITS = 3
"""And a mark at 30 s is to be there, and not at 29.999998."""


class DeckHands:
    """Hears one show. One thread; `open` first.

    `goal_of_step` says where to go for a step of the training; None where there is none.
    """

    def __init__(self, deck: Deck, bank: Bank, goal_of_step: Callable[[int], float | None]) -> None:
        self.heard = False
        """Whether it was heard where the controls stand."""
        self.muted = False
        """Whether the recorded hands are not to be played."""
        self.given_back = False
        """Whether it was asked, since this was last made False, to give all controls back."""
        self.punched: set[int] = set()
        """Numbers of the controls that a hand has taken from the recording."""
        self.play_asked_s = -math.inf
        """When a hand asked to roll or to hold, the last that was heard; what was asked before is done."""
        self._deck, self._bank, self._goal_of_step = deck, bank, goal_of_step
        self._stands = {
            bank.number[spec.path]: spec
            for spec in GROUP.specs
            if spec.path in bank and spec.kind is not Kind.TRIGGER
        }
        self._acts = {
            bank.number[spec.path]: spec
            for spec in GROUP.specs
            if spec.path in bank and spec.kind is Kind.TRIGGER
        }
        self._now: dict[int, float] = {}
        self._control, self._gesture = ControlFrame(), GestureFrame()
        self._positions = np.frombuffer(self._control.positions, np.float32)

    def open(self, bus: Bus) -> None:
        """Begin to listen."""
        self._controls, self._gestures = bus.listener(CONTROLS), bus.listener(GESTURES)

    def close(self) -> None:
        """Leave the bus."""
        self._controls.close()
        self._gestures.close()

    def listen(self) -> bool:
        """Do what was asked since the last time; whether there was something."""
        asked = False
        if self._controls.latest(self._control) is not None:
            self.heard = True
            asked = self._follow()
        while self._gestures.take(self._gesture) is not None:
            asked |= self._take(self._gesture)
        return asked

    def _follow(self) -> bool:
        moved = False
        for number, spec in self._stands.items():
            position = float(self._positions[number])
            if number < self._control.count and self._now.get(number) != position:
                self._now[number] = position
                self._turn(spec.name, spec.map(position), spec.text(spec.map(position)))
                moved = True
        return moved

    def _turn(self, name: str, value: float, word: str) -> None:
        match name:
            case "play":
                self._deck.play(value >= 0.5)
            case "speed":
                self._deck.roll_at(round(value, SPEED_DIGITS))
            case "loop":
                self._deck.loop_on(value >= 0.5)
            case "at_end":
                self._deck.end_so(word)
            case "mute_hands":
                self.muted = value >= 0.5

    def _take(self, frame: GestureFrame) -> bool:
        number = int(frame.control)
        if frame.step != ASKED or number >= len(self._bank):
            return False
        if number in self._acts:
            spec = self._acts[number]
            self._act(spec.name, spec.map(float(frame.position)))
            return True
        spec = self._bank.specs[number]
        if spec.path == PLAY:
            self.play_asked_s = frame.time_s
        by_hand = text_of(frame.who) != FOLLOW_HAND
        if by_hand and spec.path.startswith(ROOMS) and spec.kind is not Kind.TRIGGER:
            self.punched.add(number)
            return True
        return False

    def _act(self, name: str, value: float) -> None:
        deck, value = self._deck, round(value, SECOND_DIGITS)
        match name:
            case "seek":
                deck.seek(value)
            case "seek_step":
                second = self._goal_of_step(int(value))
                if second is not None:
                    deck.seek(second)
            case "skip":
                deck.skip(value)
            case "mark_in":
                deck.mark_in(value if value >= 0.0 else None)
            case "mark_out":
                deck.mark_out(value if value >= 0.0 else None)
            case "no_marks":
                deck.no_marks()
            case "punch_out":
                self.punched.clear()
                self.given_back = True
