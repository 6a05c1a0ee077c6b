"""The two shapes of nets, as plain functions over (weight, bias) pairs; any side that 4 divides.

Images travel as rows: (B, P) with P = channels * side * side, channel after channel.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

from instrument.learning.flat import Layer, LayerPlan

LATENT = 64

Generate = Callable[[Sequence[Layer], Tensor], tuple[Tensor, list[Tensor]]]
"""Layers and z (B, 64) to samples (B, P) in -1..1 and the hidden activations.

The last hidden entry is what goes into the tanh, (B, P). LeakyReLU keeps the sign of what went in.
"""


class Discriminate(Protocol):
    """Layers and images (B, P) to logits (B,) and the hidden activations.

    `masks`: what of each hidden layer may speak (`blinkers`), each (1, units[, 1, 1]). `partner`: the
    second image of each pair and `slot` the weights it enters by (`choir`).
    """

    def __call__(
        self, layers: Sequence[Layer], x: Tensor, masks: Sequence[Tensor] | None = None,
        partner: Tensor | None = None, slot: Tensor | None = None,
    ) -> tuple[Tensor, list[Tensor]]: ...  # fmt: skip


@dataclass(frozen=True)
class Pair:
    """A generator and a discriminator for one size of image. `slot`: weights of choir's second place."""

    generate: Generate
    discriminate: Discriminate
    generator: tuple[LayerPlan, ...]
    discriminator: tuple[LayerPlan, ...]
    slot: tuple[LayerPlan, ...]
    hidden_d: tuple[tuple[int, ...], ...]
    """Shape of a mask for each hidden layer of D."""


def _leaky(x: Tensor) -> Tensor:
    return F.leaky_relu(x, 0.2, inplace=True)


def mlp(side: int, channels: int) -> Pair:
    """64-256-512-P and P-256-128-1, all linear."""
    pixels = channels * side * side

    def generate(layers: Sequence[Layer], z: Tensor) -> tuple[Tensor, list[Tensor]]:
        h1 = _leaky(F.linear(z, *layers[0]))  # (B, 256)
        h2 = _leaky(F.linear(h1, *layers[1]))  # (B, 512)
        a = F.linear(h2, *layers[2])  # (B, P)
        return torch.tanh(a), [h1, h2, a]

    def discriminate(
        layers: Sequence[Layer], x: Tensor, masks: Sequence[Tensor] | None = None,
        partner: Tensor | None = None, slot: Tensor | None = None,
    ) -> tuple[Tensor, list[Tensor]]:  # fmt: skip
        a = F.linear(x, *layers[0])
        if partner is not None and slot is not None:
            a = a + F.linear(partner, slot)
        h1 = _leaky(a)  # (B, 256)
        h1 = h1 if masks is None else h1 * masks[0]
        h2 = _leaky(F.linear(h1, *layers[1]))  # (B, 128)
        h2 = h2 if masks is None else h2 * masks[1]
        return F.linear(h2, *layers[2]).view(-1), [h1, h2]

    return Pair(
        generate, discriminate,
        (LayerPlan((256, LATENT), 256, LATENT), LayerPlan((512, 256), 512, 256),
         LayerPlan((pixels, 512), pixels, 512)),
        (LayerPlan((256, pixels), 256, pixels), LayerPlan((128, 256), 128, 256),
         LayerPlan((1, 128), 1, 128)),
        (LayerPlan((256, pixels), 0, pixels),),
        ((1, 256), (1, 128)),
    )  # fmt: skip


def dcgan(side: int, channels: int) -> Pair:
    """64 -> 64 x s/4 x s/4 -> 32 x s/2 x s/2 -> image, and its mirror; 4x4 kernels, stride 2."""
    base, pixels = side // 4, channels * side * side
    flat = 64 * base * base

    def generate(layers: Sequence[Layer], z: Tensor) -> tuple[Tensor, list[Tensor]]:
        h1 = _leaky(F.linear(z, *layers[0])).view(-1, 64, base, base)
        h2 = _leaky(F.conv_transpose2d(h1, *layers[1], stride=2, padding=1))  # (B, 32, s/2, s/2)
        a = F.conv_transpose2d(h2, *layers[2], stride=2, padding=1).view(-1, pixels)
        return torch.tanh(a), [h1, h2, a]

    def discriminate(
        layers: Sequence[Layer], x: Tensor, masks: Sequence[Tensor] | None = None,
        partner: Tensor | None = None, slot: Tensor | None = None,
    ) -> tuple[Tensor, list[Tensor]]:  # fmt: skip
        a = F.conv2d(x.view(-1, channels, side, side), *layers[0], stride=2, padding=1)
        if partner is not None and slot is not None:
            second = partner.view(-1, channels, side, side)
            a = a + F.conv2d(second, slot, stride=2, padding=1)
        h1 = _leaky(a)  # (B, 32, s/2, s/2)
        h1 = h1 if masks is None else h1 * masks[0]
        h2 = _leaky(F.conv2d(h1, *layers[1], stride=2, padding=1))  # (B, 64, s/4, s/4)
        h2 = h2 if masks is None else h2 * masks[1]
        return F.linear(h2.flatten(1), *layers[2]).view(-1), [h1, h2]

    return Pair(
        generate, discriminate,
        # torch counts a transposed convolution's fan by its outputs
        (LayerPlan((flat, LATENT), flat, LATENT), LayerPlan((64, 32, 4, 4), 32, 32 * 16, 1),
         LayerPlan((32, channels, 4, 4), channels, channels * 16, 1)),
        (LayerPlan((32, channels, 4, 4), 32, channels * 16), LayerPlan((64, 32, 4, 4), 64, 32 * 16),
         LayerPlan((1, flat), 1, flat)),
        (LayerPlan((32, channels, 4, 4), 0, channels * 16),),
        ((1, 32, 1, 1), (1, 64, 1, 1)),
    )  # fmt: skip
