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
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from counted_bus import Counted

from instrument import presets
from instrument.clock import HandClock
from instrument.house import open_house
from instrument.learning.config import LearningConfig, own_values
from instrument.learning.digits import load_digits
from instrument.learning.machine import use_one_thread
from instrument.learning.steering import HandsFelt
from instrument.learning.streams import STREAMS
from instrument.learning.trainer import Trainer
from instrument.learning.training import Training
from instrument.learning.voice import Voice
from instrument.runs.header import RunHeader
from instrument.runs.recorder import Rates, Recorder
from instrument.signals import places
from instrument.signals.bus import Bus, new_show_name
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
    use_one_thread()
    house, clock = open_house(), HandClock(1000.0)
    preset = presets.load(PRESET, house.vocabulary(STREAMS))
    config = LearningConfig(net=preset.net or "pocket_mlp", seed=SEED, device="cpu")
    own = {f"learning.{name}": value for name, value in own_values(config.net).items()}
    preset = replace(preset, values={**own, **preset.values})
    show = new_show_name()
    stage, hearing = Counted(show, RATES), Counted(show, RATES)
    header = RunHeader(
        preset=preset.name, preset_text=preset.text, streams=STREAMS, seed=SEED,
        source=Training(config, Bus(new_show_name()), house.bank, clock).description,
        controls=[spec.path for spec in house.bank],
    )  # fmt: skip
    recorder = Recorder(out, hearing, header, RATES, clock)
    recorder.start()
    voice, hands = Voice(stage, clock), HandsFelt(Bus(show), house.bank)
    hand = Hand(stage, house.bank, preset.positions(house.bank), clock)
    digits = load_digits(config.digits, voice.notice)
    trainer = Trainer(config, digits, torch.device("cpu"), voice, hands, clock)

    def wait() -> None:
        """Until all that was said is heard: no frame may be lost to a slow machine."""
        patience = time.monotonic() + 30.0
        while hearing.received < stage.published:
            if time.monotonic() > patience:
                raise SystemExit(f"{stage.published - hearing.received} frames were never heard")
            time.sleep(0.001)

    wait()
    trainer.wake({"net": config.net, "seed": SEED})
    wait()
    trainer.run(Score(trainer, hand, clock, wait))
    wait()
    recorder.stop()
    return recorder


def main(out: str = "first_light.mcap") -> None:
    """Record it, and tell what it became."""
    recorder = record(Path(out))
    print(
        f"{out}: {recorder.frames} frames, {recorder.lost} lost, "
        f"{recorder.path.stat().st_size / 1e6:.2f} MB; the shipped one lies in {places.shipped('runs')}"
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
