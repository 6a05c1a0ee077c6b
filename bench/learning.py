"""How fast the training is: ``python bench/learning.py [net] [rounds]``; both nets, 5 rounds by default.

These loops take turns, two seconds each, forwards in one round and backwards in the next, on one thread:

loop         | what it is
-------------|-------------------------------------------------------------------------------------
bare         | the same nets as a user of torch would train them, nothing measured (`bare.py`)
ours, off    | our learner without its streams
ours, on     | with all streams of every step; no bus, no tiles
ours, whole  | the real `Training`: its thread, streams (at most 200 times a second), bus, tiles, weights,
             | the guard's snapshots; to listeners that nobody drains. Held by tempo 0 between its turns
the recipes  | what is well known and does the same, as its users run it (`recipes.py`)

Ratios are taken round by round: median (first quartile .. third quartile). Then what a snapshot costs,
how exactly tempo is kept, and on CUDA what the graphs bring.
"""

import statistics
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from bare import BATCH, bare_loop, steps_per_s
from recipes import RECIPES, recipe_loops

from instrument.clock import wall_clock
from instrument.learning.blas import use_one_blas_thread
from instrument.learning.config import LearningConfig
from instrument.learning.dials import Steering
from instrument.learning.digits import Digits, load_digits
from instrument.learning.gestures import LEARNING
from instrument.learning.learner import Learner
from instrument.learning.meter import Meter
from instrument.learning.training import Training
from instrument.learning.voice import INNER
from instrument.signals.bus import Bus, new_show_name
from instrument.signals.controls import Bank
from instrument.signals.frames import CONTROLS, METRICS, NOTICES, TILES, WEIGHTS, ControlFrame

SECONDS = 2.0
CAPTURES = 100
TEMPOS, TEMPO_SECONDS = (10.0, 50.0, 100.0), 3.0

Rates = dict[str, list[float]]


class Whole:
    """The real training on a bus of its own, and a hand on its tempo."""

    def __init__(self, net: str) -> None:
        bus, self._bank = Bus(new_show_name()), Bank.of([LEARNING])
        config = LearningConfig(net=net, device="cpu", batch=BATCH)
        self.training = Training(config, bus, self._bank, wall_clock)
        self._undrained = [bus.listener(topic) for topic in (METRICS, TILES, WEIGHTS, *INNER)]
        self._notices = bus.listener(NOTICES)
        self._controls = bus.publisher(CONTROLS)
        self._ask(0.0)
        self.training.start()

    def steps_per_s(self, seconds: float, tempo: float | None = None) -> float:
        """Steps per second at this tempo (None: no limit), begin of step to begin of step; then held."""
        self._ask(tempo)
        for _ in range(3):
            first, begin = self._next_step()
        time.sleep(seconds)
        last, end = self._next_step()
        self._ask(0.0)
        time.sleep(0.3)
        return (last - first) / (end - begin)

    def close(self) -> list[str]:
        """End it; what went wrong in it, as sentences."""
        self.training.stop()
        return [frame.text.decode() for frame in self._notices.drain() if frame.grave]

    def _ask(self, tempo: float | None) -> None:
        number = self._bank.number["learning.tempo"]
        frame = ControlFrame(time_s=wall_clock(), count=len(self._bank))
        positions = np.frombuffer(frame.positions, np.float32)[: len(self._bank)]
        positions[:] = self._bank.defaults
        positions[number] = 1.0 if tempo is None else self._bank.specs[number].unmap(tempo)
        self._controls.send(frame)

    def _next_step(self) -> tuple[int, float]:
        """Wait for the next step to begin; its number and the time."""
        before, patience = self.training.steps, time.perf_counter() + 60.0
        while (now := self.training.steps) == before:
            if self.training.ended or time.perf_counter() > patience:
                raise SystemExit("the training stands: " + " ".join(self.close()))
            time.sleep(0.0005)
        return now, time.perf_counter()


def our_loops(learner: Learner, digits: Digits) -> tuple[Callable[[], None], Callable[[], None]]:
    """One step of ours without and with all streams."""
    hand, meter = Steering(), Meter(digits)

    def off() -> None:
        learner.step(hand, measure=False)

    def on() -> None:
        reading = learner.step(hand)
        if reading is not None:
            meter.read(time.monotonic(), reading)

    return off, on


def take_turns(turns: dict[str, Callable[[], float]], rounds: int) -> Rates:
    """Each loop's steps per second in each round, printed as they come."""
    rates: Rates = {name: [] for name in turns}
    for number in range(rounds):
        for name in list(turns)[:: -1 if number % 2 else 1]:
            rates[name].append(turns[name]())
        print(
            f"round {number + 1}: " + ", ".join(f"{n} {r[-1]:.1f}/s" for n, r in rates.items()),
            flush=True,
        )
    return rates


def spread(values: list[float], digits: int = 2) -> str:
    """Median and quartiles."""
    low, middle, high = np.quantile(values, (0.25, 0.5, 0.75))
    return f"{middle:.{digits}f} ({low:.{digits}f} .. {high:.{digits}f})"


def ratios(rates: Rates, over: str, under: str) -> str:
    """Round by round, then median and quartiles."""
    return spread([a / b for a, b in zip(rates[over], rates[under], strict=True)])


def print_table(net: str, rates: Rates, columns: dict[str, str]) -> None:
    """A line for each loop: its rate, then ratios to others: heading to the loop that is divided by."""
    print(f"\n{net:<18}{'steps/s':>26}" + "".join(f"{heading:>24}" for heading in columns))
    for name, values in rates.items():
        cells = [ratios(rates, name, under) for under in columns.values()]
        print(f"{name:<18}{spread(values, 1):>26}" + "".join(f"{cell:>24}" for cell in cells))


def print_snapshots(learner: Learner, finish: Callable[[], None] = lambda: None) -> None:
    """What the memory costs a training, between steps: `capture` anew, kept, and into a kept slot."""
    slot, memory = learner.capture(), deque(maxlen=16)
    captures = {
        "anew": lambda: memory.append(learner.capture()),
        "into a kept slot": lambda: learner.capture(into=slot),
    }
    for what, capture in captures.items():
        times = []
        for _ in range(CAPTURES):
            learner.step(Steering(), measure=False)
            finish()
            begin = time.perf_counter()
            capture()
            finish()
            times.append((time.perf_counter() - begin) * 1e3)
        middle, high = np.quantile(times, (0.5, 0.95))
        size = slot.bytes / 1e6
        print(f"snapshot {what}, {size:.1f} MB: median {middle:.3f} ms, p95 {high:.3f} ms")


def print_tempo(whole: Whole, free: float) -> None:
    """How exactly tempo is kept by the real training."""
    for asked in TEMPOS:
        got = whole.steps_per_s(TEMPO_SECONDS, asked)
        beyond = f", but this machine makes {free:.0f}" if asked > 0.95 * free else ""
        print(f"tempo {asked:.0f} steps/s: {got:.2f}, {got / asked:.4f} of what was asked{beyond}")


def on_cpu(net: str, rounds: int, digits: Digits) -> None:
    """The comparison of one net."""
    learner, whole = Learner(net, digits, torch.device("cpu"), seed=1, batch=BATCH), Whole(net)
    with tempfile.TemporaryDirectory() as folder:
        off, on = our_loops(learner, digits)
        loops = {"bare": bare_loop(net, digits), "ours, off": off, "ours, on": on}
        turns = {name: lambda step=step: steps_per_s(step, SECONDS) for name, step in loops.items()}
        turns["ours, whole"] = lambda: whole.steps_per_s(SECONDS)
        for name, step in recipe_loops(net, digits, Path(folder)).items():
            turns[name] = lambda step=step: steps_per_s(step, SECONDS)
        rates = take_turns(turns, rounds)
    columns = {"to bare": "bare", **{f"to {name}": name for name in RECIPES[net]}}
    print_table(net, rates, columns)
    print_snapshots(learner)
    print_tempo(whole, statistics.median(rates["ours, whole"]))
    for sentence in whole.close():
        print(f"grave: {sentence}")


def on_cuda(net: str, rounds: int, digits: Digits) -> None:
    """What the graphs bring, where there is a GPU."""
    if not torch.cuda.is_available():
        print(f"{net}: no CUDA here: unmeasured")
        return
    device = torch.device("cuda")
    loops = {"bare": bare_loop(net, digits, "cuda")}
    for word, graphs in (("eager", False), ("graphs", True)):
        learner = Learner(net, digits, device, seed=1, batch=BATCH, graphs=graphs)
        loops[f"{word}, off"], loops[f"{word}, on"] = our_loops(learner, digits)
    rates = take_turns(
        {
            name: lambda step=step: steps_per_s(step, SECONDS, torch.cuda.synchronize)
            for name, step in loops.items()
        },
        rounds,
    )
    columns = {"to bare": "bare", "to eager, off": "eager, off", "to eager, on": "eager, on"}
    print_table(f"{net}, CUDA", rates, columns)
    print_snapshots(learner, torch.cuda.synchronize)


def main(net: str = "", rounds: str = "5") -> None:
    """Print everything for one net or for both."""
    if net and net not in RECIPES:
        raise SystemExit(f"no recipe is known for '{net}' (there are: {', '.join(RECIPES)})")
    torch.set_num_threads(1)
    use_one_blas_thread()
    digits = load_digits("bundled", print)
    for name in [net] if net else list(RECIPES):
        on_cpu(name, int(rounds), digits)
        on_cuda(name, int(rounds), digits)
        print()


if __name__ == "__main__":
    main(*sys.argv[1:])
