"""How much the instrument costs the training: ``python bench/learning.py [net] [rounds]``.

Three loops over the same nets and digits take turns, two seconds each: the bare loop a user of torch
would write, ours without its streams, ours with all of them (no bus, no tiles). Medians over the rounds.
"""

import statistics
import sys
import time
from collections.abc import Callable

import torch
from torch import nn
from torch.nn.functional import softplus

from instrument.learning.digits import Digits, load_digits
from instrument.learning.learner import Learner, Steering
from instrument.learning.meter import Meter
from instrument.learning.nets import PLANS

BATCH, SECONDS = 64, 2.0


def bare_nets(net: str) -> tuple[nn.Module, nn.Module]:
    """Generator and discriminator as modules, images flat."""
    leaky = nn.LeakyReLU(0.2)
    if net == "pocket_mlp":
        return (
            nn.Sequential(
                nn.Linear(64, 256),
                leaky,
                nn.Linear(256, 512),
                leaky,
                nn.Linear(512, 784),
                nn.Tanh(),
            ),
            nn.Sequential(
                nn.Linear(784, 256), leaky, nn.Linear(256, 128), leaky, nn.Linear(128, 1)
            ),
        )
    return (
        nn.Sequential(
            nn.Linear(64, 3136), leaky, nn.Unflatten(1, (64, 7, 7)),
            nn.ConvTranspose2d(64, 32, 4, 2, 1), leaky, nn.ConvTranspose2d(32, 1, 4, 2, 1),
            nn.Tanh(), nn.Flatten(),
        ),
        nn.Sequential(
            nn.Unflatten(1, (1, 28, 28)), nn.Conv2d(1, 32, 4, 2, 1), leaky,
            nn.Conv2d(32, 64, 4, 2, 1), leaky, nn.Flatten(), nn.Linear(3136, 1),
        ),
    )  # fmt: skip


def bare_loop(net: str, digits: Digits) -> Callable[[], None]:
    """One step of the plain loop, nothing measured."""
    g, d = bare_nets(net)
    plan = PLANS[net]
    adam_g = torch.optim.Adam(g.parameters(), lr=plan.learning_rate, betas=plan.betas)
    adam_d = torch.optim.Adam(d.parameters(), lr=plan.learning_rate, betas=plan.betas)
    reals = torch.from_numpy(digits.images.reshape(-1, 784)).float() / 127.5 - 1

    def step() -> None:
        real = reals[torch.randint(len(reals), (BATCH,))]
        fake = g(torch.randn(BATCH, 64))
        loss_d = softplus(-d(real)).mean() + softplus(d(fake.detach())).mean()
        adam_d.zero_grad()
        loss_d.backward()
        adam_d.step()
        loss_g = softplus(-d(fake)).mean()
        adam_g.zero_grad()
        loss_g.backward()
        adam_g.step()

    return step


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


def steps_per_s(step: Callable[[], None]) -> float:
    """Steps per second over two seconds, after three to warm up."""
    for _ in range(3):
        step()
    count, begin = 0, time.perf_counter()
    while (now := time.perf_counter()) - begin < SECONDS:
        step()
        count += 1
    return count / (now - begin)


def main(net: str = "pocket_mlp", rounds: str = "5") -> None:
    """Print the rounds and the medians."""
    torch.set_num_threads(1)
    digits = load_digits("bundled", print)
    loops = dict(zip(("bare", "off", "on"), (bare_loop(net, digits), *our_loops(net, digits)),
                     strict=True))  # fmt: skip
    rates: dict[str, list[float]] = {name: [] for name in loops}
    for number in range(int(rounds)):
        for name, step in loops.items():
            rates[name].append(steps_per_s(step))
        print(f"round {number + 1}: " + ", ".join(f"{n} {r[-1]:.0f}/s" for n, r in rates.items()))
    for name in ("off", "on"):
        ratio = statistics.median(a / b for a, b in zip(rates[name], rates["bare"], strict=True))
        median = statistics.median(rates[name])
        print(f"{net}, streams {name}: {median:.0f} steps/s, {ratio:.2f} of the bare loop")


if __name__ == "__main__":
    main(*sys.argv[1:])
