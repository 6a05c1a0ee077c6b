"""The flat memory the nets live in.

All that a training can forget or get back (parameters and both Adam moments of both nets) is ONE
tensor of three rows, so a snapshot, an undo, a cross-fade, a quake and a checksum are one operation
each. What the nets use as weights are views of it.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

Layer = tuple[Tensor, Tensor]
"""Weight and bias."""


@dataclass(frozen=True)
class LayerPlan:
    """A layer with weights. `fan`: inputs a unit sums; `unit_axis`: the weight's axis of units."""

    weight: tuple[int, ...]
    bias: int
    fan: int
    unit_axis: int = 0

    @property
    def size(self) -> int:
        return math.prod(self.weight) + self.bias


class FlatNet:
    """One net whose parameters, moments and gradients are slices of flat memory.

    `.data` gives each view a version counter of its own: autograd must not take the update of one
    net for a change of the other.
    """

    def __init__(
        self, plans: tuple[LayerPlan, ...], state: Tensor, gradients: Tensor, adam_step: Tensor,
        learning_rate: Tensor, betas: tuple[float, float],
    ) -> None:  # fmt: skip
        """`state`: (3, N) rows parameters, first and second moments; `gradients`: (N,)."""
        self.plans, self.state, self.gradients = plans, state.data, gradients
        self.adam_step = adam_step
        self.theta = nn.Parameter(state[0].data)
        self.theta.grad = gradients
        self.layers = layers_of(plans, self.theta.data, gradients)
        self.frozen: list[Layer] = [(w.detach(), b.detach()) for w, b in self.layers]
        self.parameters = [part for layer in self.layers for part in layer if part.numel()]
        """What autograd writes the gradients of."""
        self.spans = spans_of(plans)
        """Begin and end of each layer in the flat vector."""
        self.layer_theta = [self.theta.data[a:b] for a, b in self.spans]
        self.layer_gradients = [gradients[a:b] for a, b in self.spans]
        # The learning rate is a tensor on the device, so a CUDA graph can hold the whole step.
        kind = state.device.type
        self.adam = torch.optim.Adam(
            [self.theta], lr=learning_rate, betas=betas,
            fused=kind in ("cpu", "cuda"), capturable=kind == "cuda",
        )  # fmt: skip
        self.adam.state[self.theta] = {
            "step": adam_step, "exp_avg": state[1].data, "exp_avg_sq": state[2].data,
        }  # fmt: skip

    def set_beta1(self, beta1: float) -> None:
        """How much of the last direction Adam keeps, 0..1."""
        group = self.adam.param_groups[0]
        if group["betas"][0] != beta1:
            group["betas"] = (beta1, group["betas"][1])

    def birth(self, dice: torch.Generator, only_layer: int | None = None) -> None:
        """New weights, uniform in +-1/sqrt(fan) (the default of torch's layers), moments zeroed."""
        for number, ((a, b), plan) in enumerate(zip(self.spans, self.plans, strict=True)):
            if only_layer is None or number == only_layer % len(self.spans):
                bound = 1.0 / math.sqrt(plan.fan)
                self.theta.data[a:b].uniform_(-bound, bound, generator=dice)
                self.state[1:, a:b] = 0.0
        if only_layer is None:
            self.forget_moments()

    def forget_moments(self) -> None:
        """Adam begins anew on the weights as they are."""
        self.state[1:] = 0.0
        self.adam_step.zero_()


def count_parameters(plans: tuple[LayerPlan, ...]) -> int:
    """How many numbers these layers hold."""
    return sum(plan.size for plan in plans)


def spans_of(plans: tuple[LayerPlan, ...]) -> list[tuple[int, int]]:
    """Where each layer begins and ends in the flat vector."""
    spans, at = [], 0
    for plan in plans:
        spans.append((at, at + plan.size))
        at += plan.size
    return spans


def layers_of(
    plans: tuple[LayerPlan, ...], theta: Tensor, gradients: Tensor | None = None
) -> list[Layer]:
    """Weights and biases as views of a flat vector; with `gradients`, as parameters that fill it."""

    def view(first: int, end: int, shape: tuple[int, ...]) -> Tensor:
        part = theta[first:end].view(shape)
        if gradients is None:
            return part
        part = nn.Parameter(part)
        part.grad = gradients[first:end].view(shape)
        return part

    layers = []
    for plan, (first, end) in zip(plans, spans_of(plans), strict=True):
        middle = end - plan.bias
        layers.append((view(first, middle, plan.weight), view(middle, end, (plan.bias,))))
    return layers
