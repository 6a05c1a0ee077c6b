"""What a step is given besides the nets: images, latents, dials and dice, in buffers made once.

Everything here happens outside a captured graph; the graph only reads the buffers.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from instrument.learning.architectures import LATENT
from instrument.learning.config import NetFacts
from instrument.learning.dials import Branches, Steering
from instrument.learning.digits import Digits
from instrument.learning.feed import Feed


class Inputs:
    """Filled anew before every step. Trainer thread."""

    def __init__(
        self, digits: Digits, device: torch.device, batch: int, parameters: int,
        hidden_d: Sequence[tuple[int, ...]],
    ) -> None:  # fmt: skip
        """`parameters`: how many gradients `gravel` falls on; `hidden_d`: shapes of D's masks."""
        self.device, self._parameters = device, parameters
        self.feed = Feed(digits, device)
        self.z = torch.empty(batch, LATENT, device=device)
        self.real = torch.empty(batch, digits.pixels, device=device)
        self.honest = torch.ones(2 * batch, device=device)
        """-1 for each real, +1 for each fake, (2 B,)."""
        self.honest[:batch] = -1.0
        self.sign = self.honest.clone()
        self.fog_noise = torch.zeros(3 * batch, digits.pixels, device=device)
        """For the reals and the fakes D learns from, and for the fakes G learns from."""
        self.gravel_noise = torch.zeros(0, device=device)
        self.between = torch.empty(batch, 1, device=device)
        """Where between a real and a fake the gradient penalty is taken, 0..1."""
        self.rates = torch.zeros(2, device=device)
        self._rates_are = (0.0, 0.0)
        self._dials = torch.zeros(4, device=device)
        self._dials_are = (0.0, 0.0, 0.0, 0.0)
        self.fog, self.gravel, self.pull, self.clamp = self._dials.unbind()
        order = torch.Generator().manual_seed(0)
        self._blink_order = [
            torch.randperm(shape[1], generator=order).view(shape).to(device) for shape in hidden_d
        ]
        self.masks = [torch.ones(shape, device=device) for shape in hidden_d]
        self._blinkers_are = 0.0

    def turn_dials(self, hand: Steering, rates: tuple[float, float], own: NetFacts) -> None:
        """Bring to the device what has changed since the last step."""
        if rates != self._rates_are:
            self.rates.copy_(torch.tensor(rates))
            self._rates_are = rates
        clamp = own.clamp if hand.clamp is None else hand.clamp
        if (dials := (hand.fog, hand.gravel, hand.pull, clamp)) != self._dials_are:
            self._dials.copy_(torch.tensor(dials))
            self._dials_are = dials
        if hand.blinkers != self._blinkers_are:
            self._blinkers_are = hand.blinkers
            for mask, order in zip(self.masks, self._blink_order, strict=True):
                mask.copy_(order >= hand.blinkers * order.numel())

    def throw_dice(
        self, hand: Steering, branches: Branches, bank: Tensor, path: bool, dice: torch.Generator
    ) -> None:
        """Everything random. `bank`: anchors of the funnel; `path`: whether `between` is used."""
        self.feed.throw(self.real, dice)
        torch.randn(self.z.shape, generator=dice, out=self.z)
        if hand.funnel < 1.0:
            self.z.copy_(funnel(self.z, bank, hand.funnel, hand.anchors))
        if hand.liar > 0:
            flips = torch.rand(self.sign.shape, device=self.device, generator=dice) < hand.liar
            torch.where(flips, -self.honest, self.honest, out=self.sign)
        else:
            self.sign.copy_(self.honest)
        if branches.fog:
            self.fog_noise.normal_(generator=dice)
        if branches.gravel:
            if not len(self.gravel_noise):
                self.gravel_noise = torch.zeros(self._parameters, device=self.device)
            self.gravel_noise.normal_(generator=dice)
        if path:
            self.between.uniform_(generator=dice)


def funnel(z: Tensor, bank: Tensor, share: float, anchors: int) -> Tensor:
    """z <- a + s (z - a), the i-th latent (B, 64) drawn to anchor i mod K of the bank."""
    drawn_to = bank[torch.arange(len(z), device=z.device) % max(1, min(anchors, len(bank)))]
    return torch.lerp(drawn_to, z, share)
