"""The largest singular value of each layer, by one turn of a power iteration per step that never ends.

A layer's matrix is its weight with the first axis as rows and all others as columns.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from instrument.learning.flat import Layer


class Spin:
    """The vectors of the iteration for one net. They are remembered with the weights (`memory`)."""

    def __init__(self, layers: Sequence[Layer], dice: torch.Generator) -> None:
        self._matrices = [weight.detach().flatten(1) for weight, _ in layers]
        sizes = [rows + columns for rows, columns in (m.shape for m in self._matrices)]
        device = self._matrices[0].device
        self.memory = torch.randn(sum(sizes), device=device, generator=dice)
        self.left: list[Tensor] = []
        self.right: list[Tensor] = []
        for matrix, part in zip(self._matrices, self.memory.split(sizes), strict=True):
            left, right = part.split(list(matrix.shape))
            left /= torch.linalg.vector_norm(left)
            self.left.append(left)
            self.right.append(right)
        self.sigmas = torch.zeros(len(sizes), device=device)

    @torch.no_grad()
    def turn(self) -> Tensor:
        """One iteration for each layer; the estimates, (layers,)."""
        for number, matrix in enumerate(self._matrices):
            left, right = self.left[number], self.right[number]
            torch.mv(matrix.t(), left, out=right)
            right.div_(torch.linalg.vector_norm(right).clamp_min_(1e-12))
            torch.mv(matrix, right, out=left)
            sigma = torch.linalg.vector_norm(left).clamp_min_(1e-12)
            left.div_(sigma)
            self.sigmas[number] = sigma
        return self.sigmas

    def normed(self, layers: Sequence[Layer]) -> list[Layer]:
        """The layers with each weight divided by its singular value; gradients flow through both."""
        divided = []
        for (weight, bias), left, right in zip(layers, self.left, self.right, strict=True):
            # copies: backward needs the vectors as they were
            sigma = torch.dot(left.clone(), weight.flatten(1) @ right.clone())
            divided.append((weight / sigma, bias))
        return divided
