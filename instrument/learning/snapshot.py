"""`Snapshot`: all that a learner can forget or get back, on the device it lives on."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass
class Snapshot:
    """Its buffers are filled anew (`Learner.capture(into=...)`): fresh memory costs more than copying."""

    core: Tensor
    """(3, N): parameters and both moments of G and D."""
    slot: Tensor | None
    """(3, M): the same of the second place in D, once `choir` has opened it."""
    adam_steps: Tensor
    spins: Tensor
    dice: Tensor
    age: int
    anchor: Tensor | None

    @property
    def bytes(self) -> int:
        parts = (self.core, self.slot, self.spins, self.dice, self.anchor)
        return sum(part.numel() * part.element_size() for part in parts if part is not None)

    def between(self, other: "Snapshot", mix: float) -> "Snapshot":
        """A new one, `mix` of the way (0..1) to `other`; its dice are this one's."""
        slot = other.slot if self.slot is None else self.slot
        if slot is not None:  # a place that was not yet open is all zeros
            mine = torch.zeros_like(slot) if self.slot is None else self.slot
            its = torch.zeros_like(slot) if other.slot is None else other.slot
            slot = torch.lerp(mine, its, mix)
        return Snapshot(
            torch.lerp(self.core, other.core, mix), slot,
            torch.lerp(self.adam_steps, other.adam_steps, mix).round_(), self.spins.clone(),
            self.dice, round(self.age + mix * (other.age - self.age)), None,
        )  # fmt: skip
