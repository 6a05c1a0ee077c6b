"""A small show for the hands: a bank with one control of every kind, and a place where gestures land."""

import time
from collections.abc import Callable

from instrument.clock import HandClock
from instrument.signals.controls import Bank, Control, Controls, Group
from instrument.signals.frames import ControlFrame
from instrument.signals.gesture import Gesture
from instrument.signals.show import SHOW
from instrument.signals.spec import Curve, choice, number, switch, trigger, whole


class SmallLearning(Controls):
    tempo = Control(number(0.0, 200.0, 100.0, "steps per second", unit="1/s"))
    heat = Control(number(0.25, 4.0, 1.0, "heat", unit="x", curve=Curve.EXPONENTIAL))
    tilt = Control(number(-2.0, 2.0, 0.0, "tilt"))
    fog = Control(number(0.0, 1.5, 0.0, "fog"))
    gravel = Control(number(0.0, 20.0, 0.0, "gravel"))
    helvetica = Control(switch(False, "freeze D"))
    collapse = Control(number(0.0, 1.0, 0.0, "collapse"))
    quake = Control(trigger("quake", low=0.01, high=1.0, default=0.1))
    amnesia = Control(trigger("forget", choices=("last", "generator", "both")))
    undo = Control(trigger("undo"))
    step = Control(trigger("one step"))


class SmallPicture(Controls):
    look = Control(choice(("tile_wall", "test_pattern", "barcode"), "tile_wall", "look"))
    feedback = Control(number(0.0, 1.0, 0.3, "feedback"))
    bars = Control(whole(1, 5, 3, "bars"))


SOON_S = 20.0
GROUPS = (SHOW, Group("learning", SmallLearning), Group("picture", SmallPicture))


class Stand:
    """Keeps what was posted and said, and where controls stand, as the conductor would."""

    def __init__(self) -> None:
        self.bank = Bank.of(GROUPS)
        self.clock = HandClock(100.0)
        self.posted: list[Gesture] = []
        self.said: list[str] = []
        self.positions = {s.path: s.unmap(s.default) for s in self.bank}

    def post(self, gesture: Gesture) -> None:
        self.posted.append(gesture)
        self.positions[gesture.path] = gesture.position

    def say(self, text: str, grave: bool) -> None:
        self.said.append(text)

    def position(self, path: str) -> float:
        return self.positions[path]

    def control_frame(self) -> ControlFrame:
        """Where controls stand, as the conductor publishes it."""
        frame = ControlFrame(count=len(self.bank))
        frame.positions[: len(self.bank)] = [self.positions[spec.path] for spec in self.bank]
        return frame

    def value(self) -> float:
        """Value in its unit of the last gesture."""
        last = self.posted[-1]
        return self.bank.spec(last.path).map(last.position)


def until(true: Callable[[], object], what: str = "") -> None:
    """Wait until something is so; a test that waits too long has failed."""
    deadline_s = time.monotonic() + SOON_S
    while not true():
        assert time.monotonic() < deadline_s, f"never: {what}"
        time.sleep(0.005)
