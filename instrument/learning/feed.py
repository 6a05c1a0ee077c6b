"""Which real images D is shown: all of them, some classes (`twos_and_sevens`), or a few (`starve`)."""

import numpy as np
import torch
from torch import Tensor

from instrument.learning.digits import Digits


class Feed:
    """The reals on the device, and the numbers of those that are in the pool."""

    def __init__(self, digits: Digits, device: torch.device) -> None:
        self._labels = digits.labels
        self.reals = torch.from_numpy(digits.images.reshape(len(digits.images), -1)).to(device)
        self._everything = torch.arange(len(self.reals), device=device)
        self.pool = self._everything
        self._asked: tuple[int, int] = (0, 0)

    def choose(self, classes: frozenset[int], most: int) -> None:
        """Only these classes (all of them when none is left), at most so many, spread evenly."""
        bits = sum(1 << kind for kind in classes)
        if (bits, most) == self._asked:
            return
        self._asked = bits, most
        chosen = np.flatnonzero(np.isin(self._labels, sorted(classes)))
        if not len(chosen):
            chosen = np.arange(len(self.reals))
        if most < len(chosen):
            chosen = chosen[np.linspace(0, len(chosen) - 1, max(1, most)).astype(int)]
        whole = len(chosen) == len(self.reals)
        self.pool = self._everything if whole else torch.from_numpy(chosen).to(self.reals.device)

    def classes_in(self, pool: Tensor) -> int:
        """Which classes these images (numbers of them) are of: bit k for class k."""
        kinds = np.unique(self._labels[pool.cpu().numpy()])
        return sum(1 << kind for kind in kinds.tolist())

    def throw(self, out: Tensor, dice: torch.Generator) -> None:
        """Fill `out`, (B, P) in -1..1, with images drawn from the pool."""
        thrown = torch.randint(len(self.pool), (len(out),), device=out.device, generator=dice)
        chosen = thrown if self.pool is self._everything else self.pool[thrown]
        out.copy_(self.reals.index_select(0, chosen))
        out.mul_(2 / 255).sub_(1.0)
