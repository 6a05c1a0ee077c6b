"""How much the instrument costs the training: ``python bench/learning.py [net] [rounds]``.

Three loops over the same nets and digits take turns, two seconds each: the bare loop a user of torch
would write, ours without its streams, ours with all of them (no bus, no tiles). Medians over the rounds.
"""

import statistics
import sys
import time
from collections.abc import Callable

import torch
from bare import BATCH, bare_loop, steps_per_s

from instrument.learning.blas import use_one_blas_thread
from instrument.learning.digits import Digits, load_digits
from instrument.learning.learner import Learner, Steering
from instrument.learning.meter import Meter

SECONDS = 2.0


def our_loops(net: str, digits: Digits) -> tuple[Callable[[], None], Callable[[], None]]:
    """One step of ours without and with all streams."""
    learner = Learner(net, digits, torch.device("cpu"), seed=1, batch=BATCH)
    hand, meter = Steering(), Meter(digits)

    def off() -> None:
        learner.step(hand, measure=False)

    def on() -> None:
        reading = learner.step(hand)
        assert reading is not None
        meter.read(
            time.monotonic(), reading.scalars, reading.logits, reading.logits_g, reading.samples
        )

    return off, on


def main(net: str = "pocket_mlp", rounds: str = "5") -> None:
    """Print the rounds and the medians."""
    torch.set_num_threads(1)
    use_one_blas_thread()
    digits = load_digits("bundled", print)
    loops = dict(zip(("bare", "off", "on"), (bare_loop(net, digits), *our_loops(net, digits)),
                     strict=True))  # fmt: skip
    rates: dict[str, list[float]] = {name: [] for name in loops}
    for number in range(int(rounds)):
        for name, step in loops.items():
            rates[name].append(steps_per_s(step, SECONDS))
        print(f"round {number + 1}: " + ", ".join(f"{n} {r[-1]:.0f}/s" for n, r in rates.items()))
    for name in ("off", "on"):
        ratio = statistics.median(a / b for a, b in zip(rates[name], rates["bare"], strict=True))
        median = statistics.median(rates[name])
        print(f"{net}, streams {name}: {median:.0f} steps/s, {ratio:.2f} of the bare loop")


if __name__ == "__main__":
    main(*sys.argv[1:])
