"""Record the shipped run anew: ``python bench/first_light.py [out.mcap]`` (two to ten minutes).

A real training of seed 7 by the preset ``glitch_organ`` learns digits, is collapsed, let go, quaked and
taken back, each at a given step, and the real recorder writes it. The clock is turned by hand, a hundred
and four steps to the second, and every frame is waited for: so the machine may be slow or busy, and
twice the same machine makes the same run. No deeds are kept (the run is no claim about another
processor), no routes (any preset may be tried on it), and of the large frames a few per second.
"""

import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from hand_turned import HandTurned

from instrument.clock import HandClock
from instrument.house import open_house
from instrument.learning.trainer import Trainer
from instrument.runs.recorder import Rates, Recorder
from instrument.signals import places
from instrument.signals.bus import Bus
from instrument.signals.controls import Bank
from instrument.signals.frames import CONTROLS, GESTURES, ControlFrame, GestureFrame
from instrument.signals.spec import Kind

Wait = Callable[[], None]

PRESET, SEED = "glitch_organ", 7
STEPS, STEPS_PER_S = 10_078, 104.0
ACTS = {
    6180: ("learning.collapse", 0.9),
    7619: ("learning.collapse", 0.0),
    8625: ("learning.quake", 0.80103),
    9158: ("learning.undo", 1.0),
}
"""Before which step a hand moves what to which position."""
RATES = Rates(
    tiles=1.2, weights=0.7, walk=2.0, field=0.5, activations=0.5, deeds=0.0, routes=0.0, sound=0.0
)


class Hand:
    """Moves controls of the show, as the conductor publishes it."""

    def __init__(self, bus: Bus, bank: Bank, positions: np.ndarray, clock: HandClock) -> None:
        self._bank, self._clock = bank, clock
        self._positions = positions.copy()
        self._controls, self._acts = bus.publisher(CONTROLS), bus.publisher(GESTURES)
        self._stand()

    def _stand(self) -> None:
        frame = ControlFrame(time_s=self._clock(), count=len(self._bank))
        frame.positions[: len(self._bank)] = self._positions.tolist()
        self._controls.send(frame)

    def do(self, path: str, position: float) -> None:
        """One act or move, asked for now."""
        number = self._bank.number[path]
        if self._bank.specs[number].kind is not Kind.TRIGGER:
            self._positions[number] = position
            self._stand()
        frame = GestureFrame(time_s=self._clock(), step=-1, control=number, position=position)
        frame.who = b"osc 127.0.0.1"
        self._acts.send(frame)


class Score(threading.Event):
    """Asked before every step whether the training shall stop: turns the clock, and does what is due."""

    def __init__(self, trainer: Trainer, hand: Hand, clock: HandClock, wait: Wait) -> None:
        super().__init__()
        self._trainer, self._hand, self._clock, self._wait = trainer, hand, clock, wait
        self._began_s, self._last = clock(), -1

    def is_set(self) -> bool:
        self._wait()
        steps = self._trainer.course.steps
        self._clock.now_s = self._began_s + steps / STEPS_PER_S
        if steps > self._last:
            self._last = steps
            if steps in ACTS:
                self._hand.do(*ACTS[steps])
            if steps % 1000 == 0:
                print(f"step {steps}: {self._trainer.state}", flush=True)
        return steps >= STEPS


def record(out: Path) -> Recorder:
    """Train and write it all into `out`; the recorder, stopped."""
    by_hand = HandTurned(out, open_house(), PRESET, SEED, RATES)
    bank, clock = by_hand.house.bank, by_hand.clock
    trainer = by_hand.trainer()
    hand = Hand(by_hand.bus, bank, by_hand.preset.positions(bank), clock)

    def wait() -> None:
        """Until all that was said is heard: no frame may be lost to a slow machine."""
        patience = time.monotonic() + 30.0
        while by_hand.unheard > 0:
            if time.monotonic() > patience:
                raise SystemExit(f"{by_hand.unheard} frames were never heard")
            time.sleep(0.001)

    wait()
    by_hand.wake(trainer)
    wait()
    trainer.run(Score(trainer, hand, clock, wait))
    wait()
    by_hand.recorder.stop()
    return by_hand.recorder


def main(out: str = "first_light.mcap") -> None:
    """Record it, and tell what it became."""
    recorder = record(Path(out))
    print(
        f"{out}: {recorder.frames} frames, {recorder.lost} lost, "
        f"{recorder.path.stat().st_size / 1e6:.2f} MB; the shipped one lies in {places.shipped('runs')}"
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
