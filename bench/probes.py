"""What the probes cost the training: ``python bench/probes.py [net] [rounds]``; 12 rounds by default.

Two real trainings (`learning.Whole`: thread, bus, streams, tiles, weights) take turns of two seconds, one
with its probes and one whose probes are never due; forwards in one round, backwards in the next. Told
are the steps per second of both, their ratio round by round (median, quartiles), the share of the
trainer's time and of its processor time that was spent in the probes (the second can be told on a busy
machine too), and how often each frame was said.
"""

import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from learning import Whole, ratios, spread, take_turns

from instrument.learning.blas import use_one_blas_thread
from instrument.learning.probes import Probes
from instrument.learning.voice import InnerFrame
from instrument.signals.frames import Topic

SECONDS = 2.0
HELD_S = 0.3
"""What a turn of `Whole` rests at its end, held."""
NOTHING_S = 5e-5
"""A call that is over sooner did nothing but look at the clock."""
NETS = ("pocket_mlp", "pocket_dcgan")


def probes_of(whole: Whole) -> Probes:
    """Those of a training that has woken."""
    patience = time.perf_counter() + 60.0
    while time.perf_counter() < patience:
        trainer = whole.training._trainer
        if trainer is not None and trainer.meter is not None and hasattr(trainer, "screen"):
            return trainer.screen.probes
        time.sleep(0.01)
    raise SystemExit("the training does not wake: " + " ".join(whole.close()))


class Watched:
    """Times every call into the probes of a training, and counts what they say; not while it is held."""

    def __init__(self, whole: Whole) -> None:
        self._whole, self._on, self.seconds = whole, False, 0.0
        self.times_s: dict[str, list[float]] = {"turn": [], "overhear": []}
        self.processor_s, self.probes_processor_s = 0.0, 0.0
        self._last_s = -1.0
        self.said: Counter[str] = Counter()
        self._probes = probes_of(whole)
        for name in self.times_s:
            setattr(self._probes, name, self._timed(name, getattr(self._probes, name)))
        voice = self._probes._voice
        say = voice.say_inner

        def counted(topic: Topic, step: int, frame: InnerFrame) -> None:
            self.said[topic.name] += self._on
            say(topic, step, frame)

        voice.say_inner = counted  # type: ignore[method-assign]

    def _timed(self, name: str, call: Callable[..., None]) -> Callable[..., None]:
        def timed(*words: Any) -> None:
            begin, processor_s = time.perf_counter(), time.thread_time()
            if self._on and self._last_s >= 0.0:
                self.processor_s += processor_s - self._last_s
            self._last_s = processor_s if self._on else -1.0
            call(*words)
            if self._on:
                self.times_s[name].append(time.perf_counter() - begin)
                self.probes_processor_s += time.thread_time() - processor_s

        return timed

    def steps_per_s(self) -> float:
        """One turn."""
        begin, self._on = time.perf_counter(), True
        rate = self._whole.steps_per_s(SECONDS)
        self._on = False
        self.seconds += time.perf_counter() - begin - HELD_S
        return rate

    def tell(self) -> None:
        """Shares of the time, the longest calls, and how often each frame was said."""
        for name, times in self.times_s.items():
            taken = np.array([time_s for time_s in times if time_s > NOTHING_S] or [0.0])
            print(
                f"  {name}: {100 * sum(times) / self.seconds:.2f} % of the time; "
                f"where something was done: median {1e3 * np.median(taken):.2f} ms, "
                f"p99 {1e3 * np.quantile(taken, 0.99):.2f} ms"
            )
        share = self.probes_processor_s / self.processor_s
        print(f"  together {100 * share:.2f} % of the trainer's processor time")
        rates = ", ".join(f"{n} {c / self.seconds:.2f}/s" for n, c in self.said.items())
        print(f"  said: {rates}")


def measure(net: str, rounds: int) -> None:
    """Two trainings of one net side by side."""
    with_probes, without = Whole(net), Whole(net)
    watched = Watched(with_probes)
    probes_of(without)._due.clear()  # never due
    turns = {"with": watched.steps_per_s, "without": lambda: without.steps_per_s(SECONDS)}
    rates = take_turns(turns, rounds)
    print(f"{net}: with {spread(rates['with'], 1)}, without {spread(rates['without'], 1)} steps/s")
    print(f"  with to without: {ratios(rates, 'with', 'without')}")
    watched.tell()
    for sentence in with_probes.close() + without.close():
        print(f"grave: {sentence}")


def main(net: str = "", rounds: str = "12") -> None:
    """Print it for one net or for both."""
    torch.set_num_threads(1)
    use_one_blas_thread()
    for name in [net] if net else NETS:
        measure(name, int(rounds))


if __name__ == "__main__":
    main(*sys.argv[1:])
