"""The veils: what is shown of a generator may be bent, mixed and funnelled; what learns is not touched."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from instrument.learning.flat import Layer, LayerPlan, layers_of
from instrument.learning.gestures import ALL_BITS
from instrument.learning.inputs import funnel
from instrument.learning.learner import Learner


@dataclass(frozen=True)
class Veil:
    """What lies over the picture of the net. The defaults hide nothing."""

    gain: float = 1.0
    mute: float = 0.0
    permute: float = 0.0
    bits: int = ALL_BITS
    layer: int | None = None
    """Number of the layer of G that is bent; None bends all."""
    birth: float = 0.0
    """Share of the weights at birth."""
    noise: float = 0.0
    """Share of white noise in the picture."""
    funnel: float = 1.0
    anchors: int = 1

    @property
    def bends(self) -> bool:
        return (self.gain, self.mute, self.permute, self.bits) != (1.0, 0.0, 0.0, ALL_BITS)

    @property
    def hides(self) -> bool:
        """Whether what is shown differs from what learns."""
        return self.bends or self.birth > 0 or self.noise > 0 or self.funnel < 1


CLEAR = Veil()


class Shown:
    """A copy of G's weights that may be treated badly. Trainer thread."""

    def __init__(self, learner: Learner) -> None:
        self._learner = learner
        plans = learner.pair.generator
        self._theta = torch.zeros_like(learner.birth_theta)
        self._layers = layers_of(plans, self._theta)
        self._plans = plans
        order = torch.Generator().manual_seed(1)
        self._orders = [
            torch.randperm(plan.weight[plan.unit_axis], generator=order).to(learner.device)
            for plan in plans
        ]
        self._white = torch.Generator(learner.device).manual_seed(2)

    @torch.no_grad()
    def samples(self, veil: Veil, z: Tensor, theta: Tensor | None = None) -> Tensor:
        """G(z) as it is shown, (n, P) in -1..1; `theta` (N,) in place of G's present weights."""
        return self.drawn(veil, z, theta)[0]

    @torch.no_grad()
    def drawn(
        self, veil: Veil, z: Tensor, theta: Tensor | None = None
    ) -> tuple[Tensor, list[Tensor]]:
        """The same, and G's hidden layers while it was drawn (see `architectures.Generate`)."""
        if veil.funnel < 1.0:
            z = funnel(z, self._learner.z0, veil.funnel, veil.anchors)
        layers = self._veiled(veil, theta)
        x, hidden = self._learner.pair.generate(layers, z)
        if veil.noise > 0.0:
            white = torch.rand(x.shape, device=x.device, generator=self._white).mul_(2.0).sub_(1.0)
            x = torch.lerp(x, white, veil.noise)
        return x, hidden

    def _veiled(self, veil: Veil, theta: Tensor | None) -> Sequence[Layer]:
        if theta is None and not veil.bends and veil.birth <= 0:
            return self._learner.g.frozen
        self._theta.copy_(self._learner.g.theta.detach() if theta is None else theta)
        if veil.birth > 0.0:
            self._theta.lerp_(self._learner.birth_theta, veil.birth)
        if veil.bends:
            for number, (layer, plan) in enumerate(zip(self._layers, self._plans, strict=True)):
                if veil.layer is None or veil.layer == number:
                    bend(layer, plan, self._orders[number], veil)
        return self._layers


def bend(layer: Layer, plan: LayerPlan, order: Tensor, veil: Veil) -> None:
    """Gain, permutation, muting and quantisation of one layer, in place. `order`: (units,)."""
    weight, bias = layer
    axis = plan.unit_axis
    weight.mul_(veil.gain)
    if veil.permute > 0.0 and (count := round(veil.permute * len(order))) > 1:
        some = order[:count]
        weight.index_copy_(axis, some, weight.index_select(axis, some.roll(1)))
        bias.index_copy_(0, some, bias.index_select(0, some.roll(1)))
    if veil.mute > 0.0:
        mute = order[: round(veil.mute * len(order))]
        weight.index_fill_(axis, mute, 0.0)
        bias.index_fill_(0, mute, 0.0)
    if veil.bits < ALL_BITS:
        weight.copy_(quantised(weight, veil.bits))


def quantised(weight: Tensor, bits: int) -> Tensor:
    """Rounded to `bits` bits of its greatest magnitude; one bit leaves signs, at the mean magnitude."""
    if bits == 1:
        return weight.sign() * weight.abs().mean()
    steps = 2.0 ** (bits - 1) - 1.0
    greatest = weight.abs().max().clamp_min(1e-12)
    return (weight / greatest * steps).round() / steps * greatest
