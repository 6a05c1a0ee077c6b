"""The hands as the training feels them: controls and gestures off the bus, turned into values and acts.

Undo cannot move a performer's fader. A scar control that stood elsewhere in the snapshot is therefore
held at the snapshot's position until the hand moves it again:

    fader moved since undo | what the training feels
    -----------------------|------------------------
    no                     | the snapshot's position
    yes                    | the fader
"""

from dataclasses import dataclass, field

import numpy as np

from instrument.learning.controls import LEARNING, LearningControls
from instrument.signals.bus import Bus
from instrument.signals.controls import Bank
from instrument.signals.frames import CONTROLS, GESTURES, ControlFrame, GestureFrame
from instrument.signals.spec import Kind


@dataclass(frozen=True)
class Act:
    """A trigger asked for by a hand, its strength in units, or a continuous control that moved."""

    name: str
    control: int
    position: float
    value: float
    who: bytes


@dataclass
class News:
    """What came since the last look."""

    moved: list[Act] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)

    @property
    def scars(self) -> bool:
        """Whether a continuous control that scars has moved."""
        return any(act.name in SCARS for act in self.moved)


SCARS = frozenset(
    spec.name for spec in LEARNING.specs if spec.group == "scar" and spec.kind is not Kind.TRIGGER
)


class HandsFelt:
    """Listens, never waits. Trainer thread."""

    def __init__(self, bus: Bus, bank: Bank) -> None:
        self._bank = bank
        self._first = bank.number[LEARNING.specs[0].path]
        self._specs = LEARNING.specs
        self._own = slice(self._first, self._first + len(self._specs))
        self._scar = np.array([s.name in SCARS for s in self._specs])
        self._control_frames = bus.listener(CONTROLS)
        self._gesture_frames = bus.listener(GESTURES)
        self._frame = ControlFrame()
        self._positions = np.frombuffer(self._frame.positions, np.float32)
        self._gesture = GestureFrame()
        self._who = [b""] * len(self._specs)
        self._hand = bank.defaults[self._own].copy()
        self._held = np.full(len(self._specs), np.nan, np.float32)
        self._heard_any = False
        self._values = np.zeros(len(bank), np.float64)
        self.heat_factor = 1.0
        """What the guard left of the heat; the hand that moves heat again takes it back."""
        self.values: LearningControls = bank.bind(LEARNING, self._values)
        self._apply()

    @property
    def positions(self) -> np.ndarray:
        """What the training feels, float32 (learning controls,): the hand, or what undo holds."""
        return np.where(np.isnan(self._held), self._hand, self._held)

    @property
    def heat(self) -> float:
        return self.values.heat * self.heat_factor

    def look(self) -> News:
        """What came since the last look; the values change only when `settle` is called."""
        news = News()
        while self._gesture_frames.take(self._gesture) is not None:
            frame = self._gesture
            number = frame.control - self._first
            if frame.step != -1 or not 0 <= number < len(self._specs):
                continue
            if self._specs[number].kind is Kind.TRIGGER:
                news.acts.append(self._act(number, frame.position, frame.who))
            else:
                self._who[number] = frame.who
        if self._control_frames.latest(self._frame) is not None:
            self._hear_controls(news)
        return news

    def _hear_controls(self, news: News) -> None:
        if self._frame.count != len(self._bank):
            return
        positions = np.clip(np.nan_to_num(self._positions[self._own], nan=0.0), 0.0, 1.0)
        for number in np.flatnonzero(positions != self._hand).tolist():
            if self._specs[number].kind is not Kind.TRIGGER:
                news.moved.append(self._act(number, positions[number], self._who[number]))
        if not self._heard_any:  # how the show begins is no gesture
            self._heard_any = True
            self._hand[:] = positions
            self._apply()
            news.moved.clear()

    def _act(self, number: int, position: float, who: bytes) -> Act:
        spec = self._specs[number]
        position = min(1.0, max(0.0, float(position))) if position == position else 0.0
        return Act(spec.name, self._first + int(number), position, spec.map(position), who)

    def settle(self, news: News) -> None:
        """Let the moves of `news` take effect."""
        for act in news.moved:
            number = act.control - self._first
            self._hand[number] = act.position
            self._held[number] = np.nan
            if act.name == "heat":
                self.heat_factor = 1.0
        if news.moved:
            self._apply()

    def hold(self, positions: np.ndarray) -> list[str]:
        """Feel the scar controls as in `positions` until they are moved; names of those held so."""
        differs = self._scar & (positions != self._hand)
        self._held[:] = np.where(differs, positions, np.nan)
        self.heat_factor = 1.0
        self._apply()
        return [spec.name for spec, held in zip(self._specs, differs, strict=True) if held]

    def _apply(self) -> None:
        everything = self._bank.defaults.copy()
        everything[self._own] = self.positions
        self._bank.map(everything, self._values)
