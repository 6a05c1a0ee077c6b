"""What the two nets want, and the penalties on D. Each loss is a pair of functions in a table.

D's loss sees all logits (2 B,), reals first, and a `sign` for each, -1 where D shall say *real*, +1
where it shall say *fake* (`liar` turns some round). G's sees what it learns from: D's logits of its
samples, or for the relativistic loss their lead over the reals'. (B,)
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor


@dataclass(frozen=True)
class Loss:
    """`relative`: G is judged against the reals of its batch."""

    discriminator: Callable[[Tensor, Tensor], Tensor]
    generator: Callable[[Tensor], Tensor]
    relative: bool = False


def _per_image(total: Tensor, logits: Tensor) -> Tensor:
    return total / (len(logits) // 2)


def _non_saturating(logits: Tensor, sign: Tensor) -> Tensor:
    return _per_image(F.softplus(logits * sign).sum(), logits)


def _hinge(logits: Tensor, sign: Tensor) -> Tensor:
    return _per_image(F.relu(1.0 + logits * sign).sum(), logits)


def _wasserstein(logits: Tensor, sign: Tensor) -> Tensor:
    return _per_image((logits * sign).sum(), logits)


def _relativistic(logits: Tensor, sign: Tensor) -> Tensor:
    batch = len(logits) // 2
    return F.softplus((logits[:batch] - logits[batch:]) * sign[:batch]).mean()


def _want_to_pass(logits: Tensor) -> Tensor:
    return F.softplus(-logits).mean()


def _want_to_score(logits: Tensor) -> Tensor:
    return -logits.mean()


LOSSES = {
    "non_saturating": Loss(_non_saturating, _want_to_pass),  # Goodfellow 2014
    "hinge": Loss(_hinge, _want_to_score),  # Miyato 2018
    "relativistic": Loss(_relativistic, _want_to_pass, relative=True),  # Jolicoeur-Martineau 2018
    "wasserstein": Loss(_wasserstein, _want_to_score),  # Arjovsky 2017
}


def zero_centred_penalty(logits: Tensor, images: Tensor) -> Tensor:
    """R1 (on reals) and R2 (on fakes): norm(dD/dx)^2 of each image, (n,). Mescheder 2018."""
    (slope,) = torch.autograd.grad(logits.sum(), images, create_graph=True)
    return slope.square().sum(dim=1)


def one_centred_penalty(logits: Tensor, images: Tensor) -> Tensor:
    """The gradient penalty of WGAN-GP: mean (norm(dD/dx) - 1)^2. Gulrajani 2017."""
    (slope,) = torch.autograd.grad(logits.sum(), images, create_graph=True)
    return (slope.square().sum(dim=1).add(1e-12).sqrt() - 1.0).square().mean()
