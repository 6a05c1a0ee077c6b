"""The piece without waiting for it: ``python bench/piece_arc.py FOLDER [--speed 60] [--seed 7]``.

A real training, the real conductor with its cues and scenes, and the real recorder, by a clock that is
turned by hand: a step takes as long as on a machine that makes so many steps per second, whatever this one
is doing. So a cue list is tried as on a slow laptop or a fast card, twice the same machine gives the same,
and no sound drops out. Writes FOLDER/piece.mcap, then renders what was recorded into FOLDER/piece.wav,
scenes and all; `python bench/piece.py FOLDER` tells it.
"""

import argparse
import threading
import time
from collections.abc import Callable
from pathlib import Path

from hand_turned import HandTurned
from piece_render import render

from instrument import presets, set_list
from instrument.clock import HandClock
from instrument.conductor import Conductor, CueDesk
from instrument.house import open_house
from instrument.learning.streams import STREAMS
from instrument.learning.trainer import Trainer
from instrument.mapping import RouteDesk
from instrument.runs.recorder import Rates, Recorder
from instrument.scenes import SceneShelf, choices_of
from instrument.signals.bus import Bus

PIECE = "noise_through_to_twos_and_sevens"
TICK_S = 0.02
UNHEARD = 8
"""So many frames may be on their way to the recorder; a tile that gives way is followed by the next."""
LONGEST_S = 612.0
RATES = Rates(
    tiles=4.0, weights=2.0, walk=0.0, field=0.0, activations=0.0, deeds=0.0, sound=0.0, health=0.0
)

Wait = Callable[[int], None]


class Score(threading.Event):
    """Asked before every step whether the training shall stop: turns the clock and the conductor."""

    def __init__(
        self, trainer: Trainer, conductor: Conductor, clock: HandClock, wait: Wait, speed: float
    ) -> None:
        super().__init__()
        self._trainer, self._conductor, self._clock, self._wait = trainer, conductor, clock, wait
        self._step_s, self._began_s, self._last = 1.0 / speed, clock(), 0
        self._told_s = clock()

    def wait(self, timeout: float | None = None) -> bool:
        self._pass(timeout or 0.0)
        return False

    def is_set(self) -> bool:
        steps = self._trainer.course.steps
        self._pass(max(0, steps - self._last) * self._step_s)
        self._last = steps
        return self._clock() - self._began_s > LONGEST_S

    def _pass(self, seconds: float) -> None:
        """Let time go by; what is said is heard before it goes on."""
        while seconds > 0.0:
            self._clock.now_s += min(seconds, TICK_S)
            seconds -= TICK_S
            self._conductor.turn()
        self._wait(UNHEARD)
        if self._clock() - self._told_s >= 30.0:
            self._told_s = self._clock()
            at_s = self._told_s - self._began_s
            print(f"{at_s:5.0f} s, step {self._last}: {self._trainer.state}", flush=True)


def record(out: Path, name: str, speed: float, seed: int) -> Recorder:
    """Play it all by the hand-turned clock, and write it into `out`; the recorder, stopped."""
    wished = set_list.clouds_asked(set_list.read().names)
    house = open_house(clouds=presets.clouds_asked(name), wished=wished)
    by_hand = HandTurned(out, house, name, seed, RATES)
    preset, clock, bus, recorder = by_hand.preset, by_hand.clock, by_hand.bus, by_hand.recorder
    choices = choices_of(by_hand.description, by_hand.config.memory_mb)
    shelf = SceneShelf(house.vocabulary(STREAMS), print, choices)
    for fault in shelf.load([name, *(cue.scene for cue in preset.cues if cue.scene)]):
        print(fault)
    routes = RouteDesk(preset.routes, STREAMS, house.bank)
    positions = preset.positions(house.bank)
    conductor = Conductor(house.bank, positions, bus, clock, routes, shelf, name)
    desk = CueDesk(conductor, preset.cues, STREAMS, Bus(bus.show))
    conductor.ride(desk)
    trainer = by_hand.trainer()

    def wait(outstanding: int = 0) -> None:
        patience = time.monotonic() + 60.0
        while by_hand.unheard - recorder.lost > outstanding:
            if time.monotonic() > patience:
                raise SystemExit(f"{by_hand.unheard} frames were never heard")
            time.sleep(0.0005)

    conductor._publish()
    conductor._publish_routes()
    by_hand.wake(trainer)
    desk.raise_curtain()
    wait()
    trainer.run(Score(trainer, conductor, clock, wait, speed))
    wait()
    recorder.stop()
    return recorder


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--preset", default=PIECE)
    parser.add_argument("--speed", type=float, default=60.0, help="steps per second of the machine")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--no-sound", action="store_true")
    parser.add_argument("--again", action="store_true", help="render a run that is there")
    words = parser.parse_args()
    words.folder.mkdir(parents=True, exist_ok=True)
    run = words.folder / "piece.mcap"
    if not words.again:
        recorder = record(run, words.preset, words.speed, words.seed)
        print(f"{run}: {recorder.frames} frames, {recorder.lost} lost")
    if not words.no_sound:
        render(run, words.folder / "piece.wav")


if __name__ == "__main__":
    main()
