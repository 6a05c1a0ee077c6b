"""The learning of the piece by a hand-turned clock: ``python bench/piece_arc.py [PRESET] [SPEED] [SEED]``.

A real training is led by the cue list of a preset as in a show, but a step takes as long as a machine that
makes SPEED steps per second would take (60 if not said), whatever this one is doing; so a cue list can be
tried on a slow laptop and on a fast card, and twice the same machine gives the same. Scenes are not gone
to, only what a cue sets and fires is done. Prints every cue as it goes, and the streams in between.
"""

import sys
import threading
from dataclasses import replace

import numpy as np
import torch

from instrument import presets
from instrument.clock import HandClock
from instrument.conductor.cue_run import CueRun, Turn
from instrument.house import open_house
from instrument.learning.config import LearningConfig, own_values
from instrument.learning.digits import load_digits
from instrument.learning.machine import use_one_thread
from instrument.learning.steering import HandsFelt
from instrument.learning.streams import STATES, STREAMS
from instrument.learning.trainer import Trainer
from instrument.learning.voice import Voice
from instrument.signals.bus import Bus, new_show_name
from instrument.signals.controls import Bank
from instrument.signals.cue import Cue
from instrument.signals.frames import (
    CONTROLS,
    GESTURES,
    METRICS,
    ControlFrame,
    GestureFrame,
    MetricFrame,
)
from instrument.signals.streams import stream_numbers
from instrument.units import seconds_to_text

PIECE = "noise_through_to_twos_and_sevens"
POLL_S = 0.05
TOLD = ("reject", "similarity_centred", "divergence", "modes", "edge", "slope", "accuracy")
TOLD_EVERY_S = 10.0
LONGEST_S = 660.0


class Hand:
    """Does what a cue asks for: values move in a straight line of positions, acts happen."""

    def __init__(self, bus: Bus, bank: Bank, positions: np.ndarray, clock: HandClock) -> None:
        self._bank, self._clock = bank, clock
        self._positions = positions.copy()
        self._moves: dict[int, tuple[float, float, float, float]] = {}
        self._controls, self._acts = bus.publisher(CONTROLS), bus.publisher(GESTURES)
        self.stand()

    def stand(self) -> None:
        """Say where everything is now."""
        now_s = self._clock()
        for number, (begin, end, began_s, over_s) in list(self._moves.items()):
            way = 1.0 if over_s <= 0.0 else min(1.0, (now_s - began_s) / over_s)
            self._positions[number] = begin + way * (end - begin)
            if way >= 1.0:
                del self._moves[number]
        frame = ControlFrame(time_s=now_s, count=len(self._bank))
        frame.positions[: len(self._bank)] = self._positions.tolist()
        self._controls.send(frame)

    def obey(self, cue: Cue) -> None:
        """One cue, now."""
        for path, value in cue.values.items():
            number = self._bank.number[path]
            end = self._bank.spec(path).unmap(value)
            over_s = cue.over_s or 0.0
            self._moves[number] = (float(self._positions[number]), end, self._clock(), over_s)
        for path, value in cue.acts:
            frame = GestureFrame(
                time_s=self._clock(), step=-1, control=self._bank.number[path],
                position=self._bank.spec(path).unmap(value),
            )  # fmt: skip
            frame.who = f"cue {cue.name}".encode()[:47]
            self._acts.send(frame)
        self.stand()


class Score(threading.Event):
    """Asked before every step whether the training shall stop: turns the clock, lets cues go."""

    def __init__(self, trainer: Trainer, hand: Hand, run: CueRun, bus: Bus, clock: HandClock,
                 steps_per_s: float) -> None:  # fmt: skip
        super().__init__()
        self._trainer, self._hand, self._run, self._clock = trainer, hand, run, clock
        self._metrics, self._place = bus.listener(METRICS), stream_numbers(STREAMS)
        self._frame = MetricFrame()
        self._step_s, self._began_s, self._last = 1.0 / steps_per_s, clock(), 0
        self._polled_s = self._told_s = clock()
        self.states: dict[str, int] = {}
        run.begin(clock())

    def value_of(self, name: str) -> float:
        return float(self._frame.streams[self._place[name]])

    def wait(self, timeout: float | None = None) -> bool:
        self._clock.now_s += timeout or 0.0
        return self.is_set()

    def is_set(self) -> bool:
        steps = self._trainer.course.steps
        self._clock.now_s += max(0, steps - self._last) * self._step_s
        self._last = steps
        now_s = self._clock()
        if now_s - self._polled_s >= POLL_S:
            self._polled_s = now_s
            self._metrics.latest(self._frame)
            turn = self._run.advance(now_s, self.value_of)
            if turn.cue is not None:
                self._tell(turn)
                self._hand.obey(turn.cue)
            self._hand.stand()
        if now_s - self._told_s >= TOLD_EVERY_S:
            self._told_s = now_s
            self._tell(None)
        name = STATES[int(self.value_of("state"))]
        self.states[name] = self.states.get(name, 0) + 1
        return now_s - self._began_s > LONGEST_S

    def _tell(self, turn: Turn | None) -> None:
        at = seconds_to_text(self._clock() - self._began_s)
        values = "  ".join(f"{name} {self.value_of(name):.2f}" for name in TOLD)
        state = STATES[int(self.value_of("state"))]
        if turn is not None:
            print(f"{at}  *** {turn.said}")
        print(f"{at}  step {self._last:6d}  {state:9s} {values}", flush=True)


def play(name: str = PIECE, steps_per_s: float = 60.0, seed: int = 7) -> None:
    """Lead one training through the cue list of a preset, to the last cue and on to the end."""
    use_one_thread()
    house, clock = open_house(clouds=presets.clouds_asked(name)), HandClock(1000.0)
    preset = presets.load(name, house.vocabulary(STREAMS))
    config = LearningConfig(net=preset.net or "pocket_mlp", seed=seed, device="cpu")
    own = {f"learning.{key}": value for key, value in own_values(config.net).items()}
    preset = replace(preset, values={**own, **preset.values})
    bus = Bus(new_show_name())
    voice, hands = Voice(bus, clock), HandsFelt(bus, house.bank)
    hand = Hand(bus, house.bank, preset.positions(house.bank), clock)
    digits = load_digits(config.digits, voice.notice)
    trainer = Trainer(config, digits, torch.device("cpu"), voice, hands, clock)
    trainer.wake({"net": config.net, "seed": seed})
    score = Score(trainer, hand, CueRun(preset.cues), bus, clock, steps_per_s)
    trainer.run(score)
    print("loops in each state:", score.states)


if __name__ == "__main__":
    asked = sys.argv[1:]
    play(*asked[:1], *(float(word) for word in asked[1:2]), *(int(word) for word in asked[2:3]))
