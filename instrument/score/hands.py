"""What was done to a run, control by control: acts as moments, moves as the way of a control over time."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from instrument.signals.frames import ControlFrame, GestureFrame
from instrument.signals.texts import text_of

ASKED = -1
JUMP_S = 0.25
"""A control that was silent for longer jumps to where it is next; within this time it glides."""


@dataclass(frozen=True)
class Act:
    """A trigger that happened, with its strength as a position 0..1."""

    at_s: float
    position: float


@dataclass
class Part:
    """One control of a run: who played it, its acts, and where it stood from when on."""

    path: str
    hands: dict[str, int] = field(default_factory=dict)
    acts: list[Act] = field(default_factory=list)
    times_s: list[float] = field(default_factory=list)
    positions: list[float] = field(default_factory=list)
    asked: int = 0
    felt: int = 0

    def say(self, asked: bool, act: Act) -> None:
        """An act is said twice, as asked for and as felt, in either order: it is one."""
        self.asked += asked
        self.felt += not asked
        if max(self.asked, self.felt) > len(self.acts):
            self.acts.append(act)

    def stand(self, at_s: float, position: float) -> None:
        """It stands here from now on."""
        if not self.positions or position != self.positions[-1]:
            self.times_s.append(at_s)
            self.positions.append(position)

    @property
    def way(self) -> float:
        """How far it moved in all, in times its whole way."""
        pairs = zip(self.positions[:-1], self.positions[1:], strict=True)
        return sum(abs(b - a) for a, b in pairs)

    @property
    def hand(self) -> str:
        """The first word of who played it most: ``osc``, ``midi``, ``key``, ``cue``."""
        who = max(self.hands, key=lambda name: self.hands[name], default="")
        return who.partition(" ")[0]


class Hands:
    """Listens to gestures and positions. `controls` are the paths of the run, `triggers` which are acts."""

    def __init__(self, controls: Sequence[str], triggers: frozenset[str]) -> None:
        self._controls, self._triggers = controls, triggers
        self._parts: dict[int, Part] = {}
        self._ways: dict[int, Part] = {}
        self._standing: np.ndarray | None = None

    def hear_gesture(self, at_s: float, frame: GestureFrame) -> None:
        """One act or move. What names no control of the run, or no place on its way, is passed over."""
        if frame.control >= len(self._controls) or not 0.0 <= frame.position <= 1.0:
            return
        path = self._controls[frame.control]
        part = self._parts.setdefault(frame.control, Part(path))
        who = text_of(frame.who)
        if who:
            part.hands[who] = part.hands.get(who, 0) + 1
        if path in self._triggers:
            part.say(frame.step == ASKED, Act(at_s, frame.position))
        else:
            part.stand(at_s, frame.position)

    def hear_controls(self, at_s: float, frame: ControlFrame) -> None:
        """Where all controls stand; only what moved is kept."""
        count = min(frame.count, len(self._controls))
        now = np.clip(np.nan_to_num(np.ctypeslib.as_array(frame.positions)[:count]), 0.0, 1.0)
        before = now if self._standing is None else self._standing
        for number in np.flatnonzero(now[: len(before)] != before[:count]):
            self._move(int(number), at_s, float(before[number]), float(now[number]))
        self._standing = now

    def _move(self, number: int, at_s: float, before: float, now: float) -> None:
        way = self._ways.setdefault(number, Part(self._controls[number]))
        if not way.positions:
            way.stand(0.0, before)
        if way.times_s[-1] < at_s - JUMP_S:
            way.times_s.append(at_s)
            way.positions.append(before)
        way.stand(at_s, now)

    def parts(self) -> list[Part]:
        """All that somebody played or that moved the training, in the order of their first moment."""
        for number, part in self._parts.items():
            way = self._ways.get(number)
            if way is not None and part.path not in self._triggers:
                part.times_s, part.positions = way.times_s, way.positions
        return [part for part in self._parts.values() if part.acts or part.positions]
