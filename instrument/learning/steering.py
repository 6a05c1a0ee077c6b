"""The hands as the training feels them: controls and gestures off the bus, turned into positions and acts.

Undo and heal cannot move a performer's fader. A control that shall stand elsewhere is therefore held
there until the hand moves it again:

    fader moved since undo | what the training feels
    -----------------------|------------------------
    no                     | the held position
    yes                    | the fader
"""

from dataclasses import dataclass, field

import numpy as np

from instrument.learning.breath import breathe
from instrument.learning.gestures import BANK, LEARNING, PLACE, SCARS
from instrument.signals.bus import Bus
from instrument.signals.controls import Bank
from instrument.signals.frames import CONTROLS, GESTURES, ControlFrame, GestureFrame
from instrument.signals.spec import Kind


@dataclass(frozen=True)
class Act:
    """A trigger asked for by a hand, its strength in units, or a control that moved."""

    name: str
    place: int
    position: float
    value: float
    who: bytes


@dataclass
class News:
    """What came since the last look."""

    moved: list[Act] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)

    @property
    def scars(self) -> set[str]:
        """Names of the controls that scar and have moved."""
        return {act.name for act in self.moved if act.name in SCARS}


class HandsFelt:
    """Listens, never waits. Trainer thread."""

    def __init__(self, bus: Bus, bank: Bank) -> None:
        self._count = len(bank)
        self.first = bank.number[LEARNING.specs[0].path]
        """Number of the first learning control in the show's bank."""
        self._specs = LEARNING.specs
        self._own = slice(self.first, self.first + len(self._specs))
        self._scar = np.array([s.name in SCARS for s in self._specs])
        self._control_frames = bus.listener(CONTROLS)
        self._gesture_frames = bus.listener(GESTURES)
        self._frame = ControlFrame()
        self._positions = np.frombuffer(self._frame.positions, np.float32)
        self._gesture = GestureFrame()
        self._who = [b""] * len(self._specs)
        self._hand = BANK.defaults.copy()
        self._held = np.full(len(self._specs), np.nan, np.float32)
        self._heard_any = False

    def close(self) -> None:
        """Leave the bus."""
        self._control_frames.close()
        self._gesture_frames.close()

    def begin_at(self, positions: np.ndarray) -> None:
        """Feel these, float32 (learning controls,), until the first word of where the controls stand."""
        if not self._heard_any:
            self._hand[:] = positions

    @property
    def stands(self) -> np.ndarray:
        """Where the learning controls stand for the training, float32: the hand, or what is held."""
        return np.where(np.isnan(self._held), self._hand, self._held)

    def felt(self, now_s: float) -> np.ndarray:
        """What the training shall feel now, float32 (learning controls,): `stands`, and its breath."""
        return breathe(self.stands, now_s)

    def look(self) -> News:
        """What came since the last look; positions change only when `settle` is called."""
        news = News()
        while self._gesture_frames.take(self._gesture) is not None:
            frame = self._gesture
            place = frame.control - self.first
            if frame.step != -1 or not 0 <= place < len(self._specs):
                continue
            if self._specs[place].kind is Kind.TRIGGER:
                news.acts.append(self._act(place, frame.position, frame.who))
            else:
                self._who[place] = frame.who
        if self._control_frames.latest(self._frame) is not None:
            self._hear_controls(news)
        return news

    def _hear_controls(self, news: News) -> None:
        if self._frame.count != self._count:
            return
        positions = np.clip(np.nan_to_num(self._positions[self._own], nan=0.0), 0.0, 1.0)
        for place in np.flatnonzero(positions != self._hand).tolist():
            if self._specs[place].kind is not Kind.TRIGGER:
                news.moved.append(self._act(place, positions[place], self._who[place]))
        if not self._heard_any:  # how the show begins is no gesture
            self._heard_any = True
            self._hand[:] = positions
            news.moved.clear()

    def _act(self, place: int, position: float, who: bytes) -> Act:
        spec = self._specs[place]
        position = min(1.0, max(0.0, float(position))) if position == position else 0.0
        return Act(spec.name, int(place), position, spec.map(position), who)

    def settle(self, news: News) -> None:
        """Let the moves of `news` take effect."""
        for act in news.moved:
            self._hand[act.place] = act.position
            self._held[act.place] = np.nan

    def hold(self, positions: np.ndarray) -> list[str]:
        """Feel the scar controls as in `positions` until they are moved; names of those held so."""
        differs = self._scar & (positions != self._hand)
        self._held[self._scar] = np.where(differs, positions, np.nan)[self._scar]
        return [spec.name for spec, held in zip(self._specs, differs, strict=True) if held]

    def hold_at(self, name: str, position: float) -> None:
        """Feel one control there until it is moved."""
        self._held[PLACE[name]] = position
