"""Record the shipped runs anew: ``python bench/shipped_runs.py [--only NAME] [--out FOLDER]``.

Three real trainings, each steered by a hand whose moves are written down here, each by the real recorder.
The clock is turned by hand, so many steps to the second, and every frame is waited for: the machine may be
slow or busy, and twice the same machine makes the same run. All deeds are kept, so `instrument verify`
does each of them again; of the large frames a few per second, so that a run stays small.
"""

import argparse
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from hand_turned import HandTurned
from shipped_recipes import RECIPES, Move, Recipe

from instrument.clock import HandClock
from instrument.house import open_house
from instrument.learning.saving import Saving
from instrument.learning.trainer import Trainer
from instrument.learning.voice import Voice
from instrument.runs import recorder
from instrument.runs.recorder import Recorder
from instrument.signals.bus import Bus
from instrument.signals.controls import Bank
from instrument.signals.frames import CONTROLS, GESTURES, ControlFrame, GestureFrame
from instrument.signals.spec import Kind

TICK_S = 0.02
HAND_S = 0.05
"""How often a fader on its way is heard."""
WHO = b"osc 127.0.0.1"
PATIENCE_S = 60.0

Wait = Callable[[], None]


@dataclass
class Ride:
    """A fader on its way, in positions."""

    path: str
    began_s: float
    over_s: float
    low: float
    high: float

    def at(self, now_s: float) -> float:
        """Where it is."""
        share = min(1.0, (now_s - self.began_s) / self.over_s)
        return self.low + (self.high - self.low) * share


class Hand:
    """Moves controls of the show, as the conductor publishes it."""

    def __init__(self, bus: Bus, bank: Bank, positions: np.ndarray, clock: HandClock) -> None:
        self._bank, self._clock = bank, clock
        self._positions = positions.copy()
        self._controls, self._acts = bus.publisher(CONTROLS), bus.publisher(GESTURES)
        self._rides: dict[str, Ride] = {}
        self._ridden_s = -1.0
        self._stand()

    def _stand(self) -> None:
        frame = ControlFrame(time_s=self._clock(), count=len(self._bank))
        frame.positions[: len(self._bank)] = self._positions.tolist()
        self._controls.send(frame)

    def begin(self, move: Move) -> None:
        """A move of the recipe is due."""
        spec = self._bank.spec(move.path)
        position = spec.unmap(spec.parse_within(move.value))
        self._rides.pop(move.path, None)
        if move.over_s > 0.0:
            stands = float(self._positions[self._bank.number[move.path]])
            self._rides[move.path] = Ride(move.path, self._clock(), move.over_s, stands, position)
        else:
            self._do({move.path: position})

    def ride(self) -> None:
        """Faders on their way go on."""
        now_s = self._clock()
        if not self._rides or now_s - self._ridden_s < HAND_S:
            return
        self._ridden_s = now_s
        self._do({path: ride.at(now_s) for path, ride in self._rides.items()})
        done = [path for path, ride in self._rides.items() if now_s >= ride.began_s + ride.over_s]
        for path in done:
            del self._rides[path]

    def _do(self, moves: dict[str, float]) -> None:
        for path, position in moves.items():
            number = self._bank.number[path]
            if self._bank.specs[number].kind is not Kind.TRIGGER:
                self._positions[number] = position
            frame = GestureFrame(time_s=self._clock(), step=-1, control=number, position=position)
            frame.who = WHO
            self._acts.send(frame)
        self._stand()


class SavedAt(Saving):
    """Moments are saved at given seconds, in the compact form."""

    def __init__(
        self, trainer: Trainer, voice: Voice, clock: HandClock, seconds: Sequence[float]
    ) -> None:
        super().__init__(trainer, voice)
        self.compact = True
        self._at_s = sorted(clock() + second for second in seconds)

    def due(self, now_s: float) -> bool:
        """Whether a moment should be taken now."""
        if self.busy or not self._at_s or now_s < self._at_s[0]:
            return False
        self._at_s.pop(0)
        return True


class Score(threading.Event):
    """Asked before every step whether the training shall stop: turns the clock, and does what is due."""

    def __init__(
        self, recipe: Recipe, trainer: Trainer, hand: Hand, clock: HandClock, wait: Wait
    ) -> None:
        super().__init__()
        self._recipe, self._trainer, self._hand = recipe, trainer, hand
        self._clock, self._wait = clock, wait
        self._moves = sorted(recipe.moves, key=lambda move: move.at_s)
        self._began_s, self._last = clock(), 0
        self._told_s = -10.0

    def wait(self, timeout: float | None = None) -> bool:
        """A rest of the trainer: that much time goes by."""
        self._pass(timeout or 0.0)
        return False

    def is_set(self) -> bool:
        steps = self._trainer.course.steps
        self._pass(max(0, steps - self._last) / self._recipe.steps_per_s)
        self._last = steps
        return self._clock() - self._began_s >= self._recipe.seconds

    def _pass(self, seconds: float) -> None:
        """Let time go by; what is said is heard before it goes on."""
        while seconds > 0.0:
            self._clock.now_s += min(seconds, TICK_S)
            seconds -= TICK_S
            at_s = self._clock() - self._began_s
            while self._moves and self._moves[0].at_s <= at_s:
                self._hand.begin(self._moves.pop(0))
            self._hand.ride()
            self._tell(at_s)
        self._wait()

    def _tell(self, at_s: float) -> None:
        if at_s - self._told_s >= 10.0:
            self._told_s = at_s
            state = self._trainer.state
            print(f"{self._recipe.name} {at_s:4.0f} s, step {self._last}: {state}", flush=True)


def record(recipe: Recipe, out: Path) -> Recorder:
    """Train and write it all into `out`; the recorder, stopped."""
    recorder.POLL_S = 0.001  # it is waited for at every step
    by_hand = HandTurned(out, open_house(), recipe.preset, recipe.seed, recipe.rates, recipe.net)
    bank, clock = by_hand.house.bank, by_hand.clock
    trainer = by_hand.trainer()
    trainer.saving = SavedAt(trainer, trainer._voice, clock, recipe.saved_s)
    hand = Hand(by_hand.bus, bank, by_hand.preset.positions(bank), clock)

    def wait() -> None:
        """Until all that was said is heard: no frame may be lost to a slow machine."""
        patience = time.monotonic() + PATIENCE_S
        while by_hand.unheard > 0:
            if time.monotonic() > patience:
                raise SystemExit(f"{by_hand.unheard} frames were never heard")
            time.sleep(0.0005)

    wait()
    by_hand.wake(trainer)
    wait()
    trainer.run(Score(recipe, trainer, hand, clock, wait))
    wait()
    by_hand.recorder.stop()
    return by_hand.recorder


def main() -> None:
    """Record them, and tell what they became."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=[recipe.name for recipe in RECIPES])
    parser.add_argument("--out", type=Path, default=Path())
    words = parser.parse_args()
    words.out.mkdir(parents=True, exist_ok=True)
    for recipe in RECIPES:
        if words.only in (None, recipe.name):
            run = words.out / f"{recipe.name}.mcap"
            done = record(recipe, run)
            size = run.stat().st_size / 1e6
            print(f"{run}: {done.frames} frames, {done.lost} lost, {size:.2f} MB")


if __name__ == "__main__":
    main()
