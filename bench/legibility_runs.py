"""Recorded runs that pass through five states of the network, for bench/legibility_*.py.

`python bench/legibility_runs.py [seed ...]` makes those that are not in the cache yet and prints where
they lie. The real training learns in the real net, a hand posts gestures through the real conductor, the
real recorder writes. Only the clock is not the wall's: it says as many seconds as a show with
`steps_per_s` would need, so that every run has the pace of a show, whatever else the machine does.

The tables `PHASES` and `DETOUR` are the protocol; `legibility_labels` names the seconds of a run.
"""

import argparse
import hashlib
import os
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from instrument.clock import wall_clock
from instrument.conductor import Conductor
from instrument.learning.config import LearningConfig, own_values
from instrument.learning.gestures import AMNESIA, LEARNING
from instrument.learning.streams import STREAMS
from instrument.learning.training import Training
from instrument.runs.header import RunHeader
from instrument.runs.recorder import Recorder
from instrument.signals.bus import Bus, new_show_name
from instrument.signals.controls import Bank
from instrument.signals.gesture import Gesture

NET = "pocket_mlp"
SEEDS = (11, 12, 13, 14, 15, 16)
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "twos-and-sevens"
STALLED_S = 60.0
"""Wall seconds without a step after which a run is given up."""


@dataclass(frozen=True)
class Phase:
    """A stretch of the run: what the hand does at its beginning, then how long and how fast it goes."""

    name: str
    state: str
    """The state that it shall show; empty: on the way to one, nothing is cut out of it."""
    seconds: float
    steps_per_s: float
    turns: dict[str, float] = field(default_factory=dict)
    """Learning controls moved, in their units."""
    forgets: str = ""
    """What `amnesia` takes after that, if anything."""


PHASES = (
    Phase("birth", "noise", 10.0, 10.0),
    Phase("first strokes", "strokes", 20.0, 75.0),
    Phase("learning", "", 48.0, 100.0),
    Phase("learned", "healthy", 16.0, 100.0),
    Phase("collapsed", "collapse", 17.0, 100.0, {"collapse": 0.9}),
    Phase("let go", "", 6.0, 100.0, {"collapse": 0.0}),
    Phase("forgotten", "noise", 8.0, 100.0, {"heat": 0.02}, "both"),
    Phase("blunted", "", 6.0, 100.0, {"clamp": 100.0, "heat": 0.2}),
    Phase("never sharp", "underfit", 16.0, 100.0, {"heat": 0.05}),
)
"""100 steps a second is what a show does on two slow cores. `heat` at its bottom learns nothing."""
DETOUR = (
    Phase("birth", "noise", 8.0, 10.0, {"heat": 0.02}),
    Phase("blunted", "", 6.0, 100.0, {"clamp": 100.0, "heat": 0.2}),
    Phase("never sharp", "underfit", 16.0, 100.0, {"heat": 0.05}),
    Phase("forgotten", "noise", 10.0, 10.0, {"clamp": 0.0, "heat": 1.0}, "both"),
    *PHASES[1:5],
)
"""The same states in another order: what changes with the time of a show alone shall not give them away."""
DETOURS = (15, 16)
"""Seeds whose runs take it."""


def phases_of(seed: int) -> tuple[Phase, ...]:
    """What is done to the net of this seed."""
    return DETOUR if seed in DETOURS else PHASES


class ShowClock:
    """Seconds as a show would count them: steps made by their pace. Any thread may ask."""

    def __init__(self, training_steps: list[int], steps_per_s: float) -> None:
        """`training_steps`: a list of one number that its owner keeps, the steps made."""
        self._steps, self._lock = training_steps, threading.Lock()
        self._from_s, self._from_step, self._pace = wall_clock(), 0, steps_per_s

    def __call__(self) -> float:
        with self._lock:
            return self._from_s + (self._steps[0] - self._from_step) / self._pace

    def go_on(self, steps_per_s: float) -> None:
        """Another pace from this step on."""
        with self._lock:
            self._from_s += (self._steps[0] - self._from_step) / self._pace
            self._from_step, self._pace = self._steps[0], steps_per_s


class _Counted(Training):
    """The real training, whose steps the clock can read before the training itself exists."""

    def count(self, into: list[int]) -> int:
        into[0] = max(into[0], self.steps)
        return into[0]


def record(seed: int, path: Path) -> None:
    """Play its phases with the net of this seed and record it to `path`, about as long as it sounds."""
    bank, bus, steps = Bank.of([LEARNING]), Bus(new_show_name()), [0]
    phases = phases_of(seed)
    clock = ShowClock(steps, phases[0].steps_per_s)
    positions = bank.defaults.copy()
    for name, value in own_values(NET).items():
        number = bank.number[f"learning.{name}"]
        positions[number] = bank.specs[number].unmap(value)
    conductor = Conductor(bank, positions, bus, clock)
    training = _Counted(LearningConfig(net=NET, device="cpu", seed=seed), bus, bank, clock)
    header = RunHeader(
        preset="legibility", preset_text="", source=training.description, streams=STREAMS,
        controls=[spec.path for spec in bank], seed=seed,
    )  # fmt: skip
    recorder = Recorder(path, bus, header, clock=clock)
    conductor.start()
    recorder.start()
    training.start()
    try:
        for phase in phases:
            clock.go_on(phase.steps_per_s)
            _act(phase, conductor, bank, clock())
            _wait(training, steps, steps[0] + round(phase.seconds * phase.steps_per_s))
    finally:
        training.stop()
        time.sleep(0.1)
        recorder.stop()
        conductor.stop()
    if recorder.lost:
        print(f"seed {seed}: {recorder.lost} frames lost", file=sys.stderr)


def _act(phase: Phase, conductor: Conductor, bank: Bank, now_s: float) -> None:
    for name, value in phase.turns.items():
        path = f"learning.{name}"
        conductor.post(Gesture(path, bank.spec(path).unmap(value), "bench", now_s))
    if phase.forgets:
        path = "learning.amnesia"
        position = bank.spec(path).unmap(AMNESIA.index(phase.forgets))
        conductor.post(Gesture(path, position, "bench", now_s))


def _wait(training: _Counted, steps: list[int], until: int) -> None:
    """Until so many steps are made, the clock told of each."""
    before, moved_s = steps[0], time.monotonic()
    while training.count(steps) < until:
        if steps[0] != before:
            before, moved_s = steps[0], time.monotonic()
        if training.ended or time.monotonic() - moved_s > STALLED_S:
            raise SystemExit("the training stands still")
        time.sleep(0.001)


def key(seed: int) -> str:
    """Changes with the protocol, the seed and the room of learning."""
    whole = hashlib.sha256(repr((NET, seed, phases_of(seed))).encode())
    import instrument.learning

    for path in sorted(Path(instrument.learning.__file__).parent.glob("*.py")):
        whole.update(path.read_bytes())
    return whole.hexdigest()[:12]


def run_of(seed: int) -> Path:
    """The recorded run of this seed, out of the cache or made now."""
    folder = CACHE / "legibility"
    path = folder / f"seed{seed}_{key(seed)}.mcap"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        unfinished = folder / f"unfinished_{os.getpid()}_{seed}.mcap"
        unfinished.unlink(missing_ok=True)
        record(seed, unfinished)
        unfinished.replace(path)
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seeds", type=int, nargs="*", default=SEEDS)
    for seed in parser.parse_args().seeds:
        began_s = time.monotonic()
        print(f"{run_of(seed)} ({time.monotonic() - began_s:.0f} s)", flush=True)


if __name__ == "__main__":
    main()
