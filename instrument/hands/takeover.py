"""Soft takeover: how a knob or fader gets hold of a control that stands elsewhere than it does.

Everything here is in shares 0..1 of the travel of the hardware. Four states:

    UNKNOWN   nobody knows where the hardware stands: it has not moved yet
    WAITING   it is known, and the control stands elsewhere: moving it does nothing yet
    SCALING   the control goes along, slower or faster, until both meet
    HOLDING   the control is where the hardware is

| state            | the hardware comes to `h`, the control stands at `c`     | then     | control |
|------------------|----------------------------------------------------------|----------|---------|
| any, mode jump   | always                                                   | HOLDING  | h       |
| UNKNOWN          | `c` is where `h` is                                      | HOLDING  | h       |
| UNKNOWN          | `c` lies between an end that is near `h` and `h`         | HOLDING  | h       |
| UNKNOWN          | else                                                     | WAITING  | stays   |
| HOLDING          | `c` is where this hand left it                           | HOLDING  | h       |
| HOLDING          | else: somebody moved it (a scene, OSC, a morph)          | as WAITING         |
| WAITING, SCALING | `c` lies between the last place of the hardware and `h`  | HOLDING  | h       |
| WAITING, pickup  | else                                                     | WAITING  | stays   |
| WAITING, scale   | else                                                     | SCALING  | goes along |
| SCALING          | else                                                     | SCALING  | goes along |

What is compared is the crossing between two values that follow each other, not a window around the
control: a fast hand jumps over any window, and the fader hangs. "Where" means within half a step of seven
bits. A fader says nothing before it is moved; most lie at an end when the show begins, as most controls
do, and what they say first is a few steps from that end already. To go along: what is left of the
control's way to the end is to what is left of the hardware's way as their moves are, so both reach the
end together at the latest.
"""

from enum import Enum

SAME = 0.5 / 127
FIRST = 8.0 / 127 + SAME
"""So far from an end a fader may be with its first message, when it is pushed quickly."""


class Mode(Enum):
    """How a control is taken over."""

    PICKUP = "pickup"
    SCALE = "scale"
    JUMP = "jump"


class State(Enum):
    """See the table above."""

    UNKNOWN = "unknown"
    WAITING = "waiting"
    SCALING = "scaling"
    HOLDING = "holding"


class Takeover:
    """One element of a controller and the control it is to move. One thread at a time."""

    __slots__ = ("_hardware", "_left", "mode", "state")

    def __init__(self, mode: Mode) -> None:
        self.mode = mode
        self.state = State.UNKNOWN
        self._hardware = 0.0
        self._left = 0.0

    def move(self, hardware: float, standing: float) -> float | None:
        """The hardware came to `hardware` while the control stands at `standing`.

        Gives where the control goes, None where it stays.
        """
        before, self._hardware = self._hardware, hardware
        if self.mode is Mode.JUMP:
            return self._hold(hardware)
        if self.state is State.UNKNOWN:
            before = _rested(hardware)
        self.look(standing)
        if self.state is State.HOLDING or _crosses(before, hardware, standing):
            return self._hold(hardware)
        if self.mode is Mode.PICKUP or self.state is State.UNKNOWN:
            self.state = State.WAITING
            return None
        self.state = State.SCALING
        self._left = _along(before, hardware, standing)
        return self._left

    def look(self, standing: float) -> State:
        """The control stands at `standing`, the hardware has not moved: the state as it is now."""
        led = self.state in (State.HOLDING, State.SCALING)
        if led and self.mode is not Mode.JUMP and abs(standing - self._left) > SAME:
            self.state = State.WAITING
        return self.state

    def place(self, hardware: float) -> None:
        """The hardware was put there by us (a motor, a ring of lights): the control stands there."""
        self._hardware = hardware
        self._hold(hardware)

    @property
    def hardware(self) -> float:
        """Where the hardware is, as far as is known."""
        return self._hardware

    @property
    def waits(self) -> bool:
        """Whether moving the hardware does not move the control, as far as is known."""
        return self.state is State.WAITING

    def _hold(self, hardware: float) -> float:
        self.state, self._left = State.HOLDING, hardware
        return hardware


def _rested(first: float) -> float:
    """Where the hardware was before the first that is heard of it, as far as can be guessed."""
    if first <= FIRST:
        return 0.0
    return 1.0 if first >= 1.0 - FIRST else first


def _crosses(before: float, now: float, standing: float) -> bool:
    return min(before, now) - SAME <= standing <= max(before, now) + SAME


def _along(before: float, now: float, standing: float) -> float:
    """Where the control goes when the hardware moves from `before` to `now` and does not cross it."""
    if now > before:
        return standing + (now - before) * (1.0 - standing) / (1.0 - before)
    return standing - (before - now) * standing / before if now < before else standing
