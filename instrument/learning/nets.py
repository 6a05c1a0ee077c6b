"""The two pairs of nets, as plain functions over (weight, bias) pairs, and the flat memory they live in.

All that a training can forget or get back (parameters and both Adam moments of both nets) is ONE
tensor of three rows, so a snapshot, an undo, a quake and a checksum are one operation each. What the
functions use as weights are views of it.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

LATENT = 64
SIDE = 28
PIXELS = SIDE * SIDE

Layer = tuple[Tensor, Tensor]
Forward = Callable[[list[Layer], Tensor], tuple[Tensor, list[Tensor]]]
"""Layers and input to output and the hidden activations; LeakyReLU keeps the sign of what went in.

A generator's last hidden entry is what goes into its tanh, (B, 784).
"""


def _leaky(x: Tensor) -> Tensor:
    return F.leaky_relu(x, 0.2, inplace=True)


def mlp_generate(layers: list[Layer], z: Tensor) -> tuple[Tensor, list[Tensor]]:
    """z (B, 64) to samples (B, 784) in -1..1."""
    h1 = _leaky(F.linear(z, *layers[0]))  # (B, 256)
    h2 = _leaky(F.linear(h1, *layers[1]))  # (B, 512)
    a = F.linear(h2, *layers[2])  # (B, 784)
    return torch.tanh(a), [h1, h2, a]


def mlp_discriminate(layers: list[Layer], x: Tensor) -> tuple[Tensor, list[Tensor]]:
    """Images (B, 784) to logits (B,)."""
    h1 = _leaky(F.linear(x, *layers[0]))  # (B, 256)
    h2 = _leaky(F.linear(h1, *layers[1]))  # (B, 128)
    return F.linear(h2, *layers[2]).view(-1), [h1, h2]


def dcgan_generate(layers: list[Layer], z: Tensor) -> tuple[Tensor, list[Tensor]]:
    """z (B, 64) to samples (B, 784) in -1..1."""
    h1 = _leaky(F.linear(z, *layers[0])).view(-1, 64, 7, 7)
    h2 = _leaky(F.conv_transpose2d(h1, *layers[1], stride=2, padding=1))  # (B, 32, 14, 14)
    a = F.conv_transpose2d(h2, *layers[2], stride=2, padding=1).view(-1, PIXELS)
    return torch.tanh(a), [h1, h2, a]


def dcgan_discriminate(layers: list[Layer], x: Tensor) -> tuple[Tensor, list[Tensor]]:
    """Images (B, 784) to logits (B,)."""
    h1 = _leaky(F.conv2d(x.view(-1, 1, SIDE, SIDE), *layers[0], stride=2, padding=1))
    h2 = _leaky(F.conv2d(h1, *layers[1], stride=2, padding=1))  # (B, 64, 7, 7)
    return F.linear(h2.flatten(1), *layers[2]).view(-1), [h1, h2]


@dataclass(frozen=True)
class Plan:
    """A pair of nets. Shapes are (weight, bias) per layer; `fans` how many inputs a unit sums."""

    generate: Forward
    discriminate: Forward
    generator_shapes: tuple[tuple[tuple[int, ...], int], ...]
    discriminator_shapes: tuple[tuple[tuple[int, ...], int], ...]
    generator_fans: tuple[int, ...]
    discriminator_fans: tuple[int, ...]
    learning_rate: float
    betas: tuple[float, float]


PLANS = {
    "pocket_mlp": Plan(
        mlp_generate,
        mlp_discriminate,
        (((256, 64), 256), ((512, 256), 512), ((784, 512), 784)),
        (((256, 784), 256), ((128, 256), 128), ((1, 128), 1)),
        (64, 256, 512),
        (784, 256, 128),
        5e-4,
        (0.5, 0.99),
    ),
    "pocket_dcgan": Plan(
        dcgan_generate,
        dcgan_discriminate,
        (((3136, 64), 3136), ((64, 32, 4, 4), 32), ((32, 1, 4, 4), 1)),
        (((32, 1, 4, 4), 32), ((64, 32, 4, 4), 64), ((1, 3136), 1)),
        (64, 32 * 16, 1 * 16),  # torch counts a transposed convolution's fan by its outputs
        (16, 32 * 16, 3136),
        2e-4,
        (0.5, 0.999),
    ),
}


def count_parameters(shapes: tuple[tuple[tuple[int, ...], int], ...]) -> int:
    """How many numbers the layers of these shapes hold."""
    return sum(math.prod(weight) + bias for weight, bias in shapes)


class FlatNet:
    """One net whose parameters, moments and gradients are slices of flat memory.

    `.data` gives each view a version counter of its own: autograd must not take the update of one
    net for a change of the other.
    """

    def __init__(
        self,
        shapes: tuple[tuple[tuple[int, ...], int], ...],
        fans: tuple[int, ...],
        state: Tensor,
        gradients: Tensor,
        adam_step: Tensor,
        learning_rate: Tensor,
        betas: tuple[float, float],
    ) -> None:
        """`state`: (3, N) rows parameters, first and second moments; `gradients`: (N,)."""
        self.state, self.gradients, self.adam_step = state.data, gradients, adam_step
        self.theta = nn.Parameter(state[0].data)
        self.theta.grad = gradients
        self.fans = fans
        self.layers: list[Layer] = []
        self.frozen: list[Layer] = []
        self.spans: list[tuple[int, int]] = []
        """Begin and end of each layer in the flat vector."""
        at = 0
        for weight_shape, bias_count in shapes:
            first, middle = at, at + math.prod(weight_shape)
            at = middle + bias_count
            weight = self._view(first, middle, weight_shape)
            bias = self._view(middle, at, (bias_count,))
            self.layers.append((weight, bias))
            self.frozen.append((weight.detach(), bias.detach()))
            self.spans.append((first, at))
        self.layer_gradients = [gradients[a:b] for a, b in self.spans]
        # The learning rate is a tensor on the device, so a CUDA graph can hold the whole step.
        fused = state.device.type in ("cpu", "cuda")
        self.adam = torch.optim.Adam([self.theta], lr=learning_rate, betas=betas, fused=fused)
        self.adam.state[self.theta] = {
            "step": adam_step, "exp_avg": state[1].data, "exp_avg_sq": state[2].data,
        }  # fmt: skip

    def _view(self, first: int, end: int, shape: tuple[int, ...]) -> Tensor:
        view = nn.Parameter(self.theta.data[first:end].view(shape))
        view.grad = self.gradients[first:end].view(shape)
        return view

    def birth(self, dice: torch.Generator, only_layer: int | None = None) -> None:
        """New weights, uniform in +-1/sqrt(fan) (the default of torch's layers), moments zeroed."""
        for number, ((a, b), fan) in enumerate(zip(self.spans, self.fans, strict=True)):
            if only_layer is None or number == only_layer % len(self.spans):
                bound = 1.0 / math.sqrt(fan)
                self.theta.data[a:b].uniform_(-bound, bound, generator=dice)
                self.state[1:, a:b] = 0.0
        if only_layer is None:
            self.forget_moments()

    def forget_moments(self) -> None:
        """Adam begins anew on the weights as they are."""
        self.state[1:] = 0.0
        self.adam_step.zero_()
