"""The bare loop: the same nets as a user of torch would train them, nothing measured, nothing shown.

``python bench/bare.py [net] [seconds]`` prints its steps per second, alone on the machine.
"""

import sys
import time
from collections.abc import Callable

import torch
from torch import nn
from torch.nn.functional import softplus

from instrument.learning.blas import use_one_blas_thread
from instrument.learning.config import NETS
from instrument.learning.digits import Digits, load_digits
from instrument.learning.nets import PLANS

BATCH = 64


def bare_nets(net: str) -> tuple[nn.Module, nn.Module]:
    """Generator and discriminator as modules, images flat."""
    leaky = nn.LeakyReLU(0.2)
    if net == "pocket_mlp":
        return (
            nn.Sequential(
                nn.Linear(64, 256), leaky, nn.Linear(256, 512), leaky, nn.Linear(512, 784), nn.Tanh()
            ),
            nn.Sequential(
                nn.Linear(784, 256), leaky, nn.Linear(256, 128), leaky, nn.Linear(128, 1)
            ),
        )  # fmt: skip
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


def bare_loop(net: str, digits: Digits, device: str = "cpu") -> Callable[[], None]:
    """One step of the plain loop, nothing measured."""
    g, d = (module.to(device) for module in bare_nets(net))
    rate, betas = NETS[net].learning_rate, (NETS[net].beta1, PLANS[net].beta2)
    adam_g = torch.optim.Adam(g.parameters(), lr=rate, betas=betas)
    adam_d = torch.optim.Adam(d.parameters(), lr=rate, betas=betas)
    images = torch.from_numpy(digits.images.reshape(len(digits.images), -1)).to(device)
    reals = images.float() / 127.5 - 1

    def step() -> None:
        real = reals[torch.randint(len(reals), (BATCH,), device=device)]
        fake = g(torch.randn(BATCH, 64, device=device))
        loss_d = softplus(-d(real)).mean() + softplus(d(fake.detach())).mean()
        adam_d.zero_grad()
        loss_d.backward()
        adam_d.step()
        loss_g = softplus(-d(fake)).mean()
        adam_g.zero_grad()
        loss_g.backward()
        adam_g.step()

    return step


def steps_per_s(
    step: Callable[[], None], seconds: float, finish: Callable[[], None] | None = None
) -> float:
    """Steps per second over some seconds, after three steps or half a second to warm up.

    `finish` waits for what the device still has to do.
    """
    begin = time.perf_counter()
    for _ in range(3):
        step()
        if time.perf_counter() - begin > 0.5:
            break
    if finish is not None:
        finish()
    count, begin = 0, time.perf_counter()
    while time.perf_counter() - begin < seconds:
        step()
        count += 1
    if finish is not None:
        finish()
    return count / (time.perf_counter() - begin)


def main(net: str = "pocket_mlp", seconds: str = "10") -> None:
    """Print one number."""
    torch.set_num_threads(1)
    use_one_blas_thread()
    print(steps_per_s(bare_loop(net, load_digits("bundled", print)), float(seconds)))


if __name__ == "__main__":
    main(*sys.argv[1:])
