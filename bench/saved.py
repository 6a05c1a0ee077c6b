"""What saving moments costs a training: ``python bench/saved.py [net] [seconds]`` (pocket_mlp, 20 s).

Step, parts of a saved moment, step, and so on, without streams and pictures. Saving never rests here; in a
show it does, for 10 to 95 seconds from one moment to the next. Times are the processor's, so that other
programs count little; the longest of each kind is told by the clock, too.

line       | what it says
-----------|---------------------------------------------------------------------------------------
take       | a moment is copied (between two steps)
parts      | one or more parts of it are said (between two steps)
share      | of the trainer's time while it saves without rest, and in a show
steps/s    | with saving without rest over without, in turns of a second: median of the ratios
"""

import statistics
import sys
import time

import torch

from instrument.clock import wall_clock
from instrument.learning.config import LearningConfig
from instrument.learning.digits import load_digits
from instrument.learning.gestures import LEARNING
from instrument.learning.machine import use_one_thread
from instrument.learning.saving import EVERY_S
from instrument.learning.steering import HandsFelt
from instrument.learning.trainer import Trainer
from instrument.learning.voice import Voice
from instrument.signals.bus import Bus, new_show_name
from instrument.signals.controls import Bank
from instrument.signals.frames import SNAPSHOTS

TURN_S = 1.0


class Timed:
    """Times of one kind of work, by the processor and by the clock, in ms."""

    def __init__(self) -> None:
        self.cpu: list[float] = []
        self.wall: list[float] = []

    def do(self, work) -> None:  # type: ignore[no-untyped-def]
        """Do it and note how long it took."""
        cpu, wall = time.thread_time(), time.perf_counter()
        work()
        self.cpu.append((time.thread_time() - cpu) * 1e3)
        self.wall.append((time.perf_counter() - wall) * 1e3)

    def words(self) -> str:
        """For the table."""
        ordered = sorted(self.cpu)
        p99 = ordered[int(0.99 * (len(ordered) - 1))]
        return (
            f"{len(ordered):6} times, median {statistics.median(ordered):.3f} ms, p99 {p99:.3f}, "
            f"longest {ordered[-1]:.3f} (by the clock {max(self.wall):.2f})"
        )


class Bench:
    """A trainer without its thread."""

    def __init__(self, net: str, compact: bool) -> None:
        use_one_thread()
        bus, bank = Bus(new_show_name()), Bank.of([LEARNING])
        self.ear = bus.listener(SNAPSHOTS)
        voice, config = Voice(bus, wall_clock), LearningConfig(net=net, device="cpu", seed=7)
        digits = load_digits("bundled", voice.notice)
        hands = HandsFelt(bus, bank)
        self.trainer = Trainer(config, digits, torch.device("cpu"), voice, hands, wall_clock)
        self.trainer.wake({"net": net, "seed": 7})
        self.trainer.saving.compact = compact
        self.steps, self.takes, self.parts = Timed(), Timed(), Timed()
        self.moments = 0

    def run(self, seconds: float, saving: bool) -> float:
        """Train so long; steps per second of the processor."""
        course, saved = self.trainer.course, self.trainer.saving
        first, cpu, end_s = course.steps, time.thread_time(), wall_clock() + seconds
        while wall_clock() < end_s:
            self.steps.do(lambda: course.step(True))
            if not saving:
                continue
            if not saved.busy:
                self.takes.do(lambda: saved.take(wall_clock()))
                self.moments += 1
            self.parts.do(lambda: saved.turn(wall_clock()))
            for _ in self.ear.drain():
                pass
        return (course.steps - first) / (time.thread_time() - cpu)


def main(net: str = "pocket_mlp", seconds: float = 20.0) -> None:
    """Print what was measured."""
    for compact in (False, True):
        bench = Bench(net, compact)
        bench.run(1.0, saving=False)
        ratios = []
        for number in range(int(seconds / 2 / TURN_S)):
            both = [bench.run(TURN_S, saving=way) for way in (number % 2 == 0, number % 2 == 1)]
            with_it, without = both if number % 2 == 0 else both[::-1]
            ratios.append(with_it / without)
        spent = sum(bench.takes.cpu) + sum(bench.parts.cpu)
        frame = bench.trainer.saving._frame
        apart_s = max(EVERY_S, frame.size / 1e5)
        print(
            f"{net}{', compact' if compact else ''}: {frame.size / 1e6:.2f} MB in {frame.parts} parts"
        )
        print(f"  step    {bench.steps.words()}")
        print(f"  take    {bench.takes.words()}")
        print(f"  parts   {bench.parts.words()}")
        per_moment = spent / max(1, bench.moments - 0.5)
        alone = 200 * spent / (sum(bench.steps.cpu) + 2 * spent)
        print(
            f"  share   {alone:.2f} % without rest, {per_moment / (apart_s * 10):.3f} % in a show "
            f"(a moment every {apart_s:.0f} s)"
        )
        print(f"  steps/s {statistics.median(ratios):.3f} of what they are without")


if __name__ == "__main__":
    main(*(kind(word) for kind, word in zip((str, float), sys.argv[1:], strict=False)))
