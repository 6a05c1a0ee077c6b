"""The well-known recipes the training is compared with, as their users run them.

``python bench/recipes.py [recipe] [seconds]`` prints steps per second, alone on the machine.

recipe       | after
-------------|--------------------------------------------------------------------------------------
gan.py       | implementations/gan/gan.py of github.com/eriklindernoren/PyTorch-GAN (MIT), c5d6be17
dcgan        | dcgan/main.py of github.com/pytorch/examples (BSD 3-Clause), 13caa078, --dataset mnist
.. our nets  | the same loop around the nets of `bare.py`: what the loop costs, apart from its nets

Written anew from what they do: nets, losses, Adam, batches of 64, a transform for each image, an
`.item()` for each number, a printed line for each batch, sheets and checkpoints at their intervals.
Three things differ. Printing goes to the null device. The digits are the bundled ones, repeated until
an epoch is as long as MNIST's. The data are loaded by the loop's own thread, which is gan.py's default;
main.py's default is two workers, here 0, for want of cores.
"""

import itertools
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TextIO

import numpy as np
import torch
from bare import bare_nets, steps_per_s
from PIL import Image
from torch import Tensor, nn
from torch.autograd import Variable
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms
from torchvision.utils import save_image

from instrument.learning.blas import use_one_blas_thread
from instrument.learning.digits import Digits, load_digits

BATCH = 64
MNIST_LENGTH = 60_000
EPOCHS_GAN, EPOCHS_DCGAN = 200, 25
"""Only printed: the loops here go on for ever."""


class LikeMnist(Dataset[tuple[Tensor, int]]):
    """The digits as `torchvision.datasets.MNIST` hands them out: a PIL image each time, transformed."""

    def __init__(self, digits: Digits, side: int) -> None:
        self.data = torch.from_numpy(digits.images.reshape(-1, 28, 28))
        self.targets = torch.from_numpy(digits.labels).long()
        self.transform = transforms.Compose(
            [transforms.Resize(side), transforms.ToTensor(), transforms.Normalize((0.5,), (0.5,))]
        )

    def __len__(self) -> int:
        return MNIST_LENGTH

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        place = index % len(self.data)
        return self.transform(Image.fromarray(self.data[place].numpy())), int(self.targets[place])


def gan_nets() -> tuple[nn.Module, nn.Module]:
    """gan.py's own, images flat: 1.51 and .53 million weights."""
    widths = (100, 128, 256, 512, 1024)
    layers: list[nn.Module] = []
    for number, (fan, units) in enumerate(itertools.pairwise(widths)):
        layers.append(nn.Linear(fan, units))
        if number > 0:
            layers.append(nn.BatchNorm1d(units, 0.8))
        layers.append(nn.LeakyReLU(0.2, inplace=True))
    g = nn.Sequential(*layers, nn.Linear(1024, 784), nn.Tanh())
    d = nn.Sequential(
        nn.Linear(784, 512), nn.LeakyReLU(0.2, inplace=True),
        nn.Linear(512, 256), nn.LeakyReLU(0.2, inplace=True),
        nn.Linear(256, 1), nn.Sigmoid(),
    )  # fmt: skip
    return g, d


def gan_loop(
    g: nn.Module, d: nn.Module, latent: int, digits: Digits, folder: Path, out: TextIO
) -> Iterator[None]:
    """gan.py: G's step, then D's on the same fakes. One batch for each `next`."""
    loader = DataLoader(LikeMnist(digits, 28), batch_size=BATCH, shuffle=True)
    bce = nn.BCELoss()
    adam_g = torch.optim.Adam(g.parameters(), lr=2e-4, betas=(0.5, 0.999))
    adam_d = torch.optim.Adam(d.parameters(), lr=2e-4, betas=(0.5, 0.999))
    for epoch in itertools.count():
        for number, (images, _) in enumerate(loader):
            count = images.size(0)
            ones = Variable(torch.FloatTensor(count, 1).fill_(1.0), requires_grad=False)
            zeros = Variable(torch.FloatTensor(count, 1).fill_(0.0), requires_grad=False)
            real = Variable(images.type(torch.FloatTensor))

            adam_g.zero_grad()
            z = Variable(torch.FloatTensor(np.random.normal(0, 1, (count, latent))))
            made = g(z).view(count, 1, 28, 28)
            loss_g = bce(d(made.view(count, -1)), ones)
            loss_g.backward()
            adam_g.step()

            adam_d.zero_grad()
            loss_real = bce(d(real.view(count, -1)), ones)
            loss_fake = bce(d(made.detach().view(count, -1)), zeros)
            loss_d = (loss_real + loss_fake) / 2
            loss_d.backward()
            adam_d.step()

            print(
                f"[Epoch {epoch}/{EPOCHS_GAN}] [Batch {number}/{len(loader)}]"
                f" [D loss: {loss_d.item():f}] [G loss: {loss_g.item():f}]",
                file=out,
            )
            done = epoch * len(loader) + number
            if done % 400 == 0:
                save_image(made.data[:25], folder / f"{done}.png", nrow=5, normalize=True)
            yield


def dcgan_nets() -> tuple[nn.Module, nn.Module]:
    """main.py's own for 64x64 grey images, nz 100, ngf = ndf = 64: 3.57 and 2.76 million weights."""
    up, down = partial(nn.ConvTranspose2d, bias=False), partial(nn.Conv2d, bias=False)
    g: list[nn.Module] = [up(100, 512, 4, 1, 0), nn.BatchNorm2d(512), nn.ReLU(True)]
    for many, few in ((512, 256), (256, 128), (128, 64)):
        g += [up(many, few, 4, 2, 1), nn.BatchNorm2d(few), nn.ReLU(True)]
    g += [up(64, 1, 4, 2, 1), nn.Tanh()]
    d: list[nn.Module] = [down(1, 64, 4, 2, 1), nn.LeakyReLU(0.2, inplace=True)]
    for few, many in ((64, 128), (128, 256), (256, 512)):
        d += [down(few, many, 4, 2, 1), nn.BatchNorm2d(many), nn.LeakyReLU(0.2, inplace=True)]
    d += [down(512, 1, 4, 1, 0), nn.Sigmoid()]
    return nn.Sequential(*g), nn.Sequential(*d)


def birth_as_dcgan(module: nn.Module) -> None:
    """main.py's first weights."""
    kind = type(module).__name__
    if "Conv" in kind:
        nn.init.normal_(module.weight, 0.0, 0.02)
    elif "BatchNorm" in kind:
        nn.init.normal_(module.weight, 1.0, 0.02)
        nn.init.zeros_(module.bias)


def dcgan_loop(
    g: nn.Module, d: nn.Module, latent: tuple[int, ...], side: int, digits: Digits, folder: Path,
    out: TextIO,
) -> Iterator[None]:  # fmt: skip
    """main.py: D on the reals, D on the fakes, then G. One batch for each `next`."""
    loader = DataLoader(LikeMnist(digits, side), batch_size=BATCH, shuffle=True, num_workers=0)
    g.apply(birth_as_dcgan)
    d.apply(birth_as_dcgan)
    bce = nn.BCELoss()
    z_shown = torch.randn(BATCH, *latent)
    adam_d = torch.optim.Adam(d.parameters(), lr=2e-4, betas=(0.5, 0.999))
    adam_g = torch.optim.Adam(g.parameters(), lr=2e-4, betas=(0.5, 0.999))
    for epoch in itertools.count():
        for number, (images, _) in enumerate(loader):
            d.zero_grad()
            count = images.size(0)
            label = torch.full((count,), 1, dtype=images.dtype)
            output = d(images).view(-1, 1).squeeze(1)
            loss_real = bce(output, label)
            loss_real.backward()
            score_real = output.mean().item()

            fake = g(torch.randn(count, *latent))
            label.fill_(0)
            output = d(fake.detach()).view(-1, 1).squeeze(1)
            loss_fake = bce(output, label)
            loss_fake.backward()
            score_fake = output.mean().item()
            loss_d = loss_real + loss_fake
            adam_d.step()

            g.zero_grad()
            label.fill_(1)
            output = d(fake).view(-1, 1).squeeze(1)
            loss_g = bce(output, label)
            loss_g.backward()
            score_after = output.mean().item()
            adam_g.step()

            print(
                f"[{epoch}/{EPOCHS_DCGAN}][{number}/{len(loader)}] Loss_D: {loss_d.item():.4f}"
                f" Loss_G: {loss_g.item():.4f} D(x): {score_real:.4f}"
                f" D(G(z)): {score_fake:.4f} / {score_after:.4f}",
                file=out,
            )
            if number % 100 == 0:
                save_image(images, folder / "real_samples.png", normalize=True)
                name = f"fake_samples_epoch_{epoch:03d}.png"
                save_image(g(z_shown).detach(), folder / name, normalize=True)
            yield
        torch.save(g.state_dict(), folder / f"netG_epoch_{epoch}.pth")
        torch.save(d.state_dict(), folder / f"netD_epoch_{epoch}.pth")


def gan_around_ours(digits: Digits, folder: Path, out: TextIO) -> Iterator[None]:
    """gan.py's loop, our pocket MLP; a sigmoid on D, for its loss wants one."""
    g, d = bare_nets("pocket_mlp")
    return gan_loop(g, nn.Sequential(d, nn.Sigmoid()), 64, digits, folder, out)


def dcgan_around_ours(digits: Digits, folder: Path, out: TextIO) -> Iterator[None]:
    """main.py's loop at 28x28, our pocket DCGAN; a sigmoid on D."""
    g, d = bare_nets("pocket_dcgan")
    g, d = nn.Sequential(g, nn.Unflatten(1, (1, 28, 28))), nn.Sequential(nn.Flatten(), d)
    d.append(nn.Sigmoid())
    return dcgan_loop(g, d, (64,), 28, digits, folder, out)


def gan_itself(digits: Digits, folder: Path, out: TextIO) -> Iterator[None]:
    """gan.py whole."""
    return gan_loop(*gan_nets(), 100, digits, folder, out)


def dcgan_itself(digits: Digits, folder: Path, out: TextIO) -> Iterator[None]:
    """main.py whole, 64x64."""
    return dcgan_loop(*dcgan_nets(), (100, 1, 1), 64, digits, folder, out)


RECIPES: dict[str, dict[str, Callable[[Digits, Path, TextIO], Iterator[None]]]] = {
    "pocket_mlp": {"gan.py": gan_itself, "gan.py, our nets": gan_around_ours},
    "pocket_dcgan": {"dcgan 64x64": dcgan_itself, "dcgan, our nets": dcgan_around_ours},
}
"""By the net of ours that each is compared with."""


def recipe_loops(net: str, digits: Digits, folder: Path) -> dict[str, Callable[[], None]]:
    """One step of each recipe for this net; sheets go into folders below `folder`."""
    out = open(os.devnull, "w")  # noqa: SIM115 - as long as the loops
    loops: dict[str, Callable[[], None]] = {}
    for number, (name, recipe) in enumerate(RECIPES[net].items()):
        own = folder / str(number)
        own.mkdir()
        loops[name] = partial(next, recipe(digits, own, out))
    return loops


def main(only: str = "", seconds: str = "10") -> None:
    """Print a number for each recipe, or for those whose name begins like this."""
    torch.set_num_threads(1)
    use_one_blas_thread()
    digits = load_digits("bundled", print)
    for net in RECIPES:
        with tempfile.TemporaryDirectory() as folder:
            for name, step in recipe_loops(net, digits, Path(folder)).items():
                if name.startswith(only):
                    print(f"{name}: {steps_per_s(step, float(seconds)):.2f} steps/s")


if __name__ == "__main__":
    main(*sys.argv[1:])
