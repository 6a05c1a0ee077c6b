"""What the closed loop of `collapse` adds to G's loss: together above zero, apart below.

A pull is a ratio: at 1 it is as strong as what D asks of G's output (`push`). D's say changes fivefold
while a glyph is being held, and Adam hears ratios only.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

ANCHOR = 3.0
"""Force towards the glyph, in units of the force a pull of 1 has on the spread."""


def together(before_tanh: Tensor, anchor: Tensor, pull: Tensor, push: Tensor) -> Tensor:
    """A scalar that draws the batch together, and its centre to the glyph.

    `before_tanh` (B, P) with its graph; `anchor` (1, P) the glyph; `push` (B, P) the gradient of G's own
    loss by `before_tanh`. Compared before the tanh: after it, pixels that are hard black or white feel no
    pull, and what gives way instead is noise.
    """
    centre = before_tanh.mean(dim=0, keepdim=True)
    spread = (before_tanh - centre).square().sum() / 2
    drift = (centre - anchor).square().sum() * len(before_tanh) / 2
    unit = push.norm() / (2 * spread.detach()).sqrt().clamp_min(1e-12)
    return unit * (pull * spread + ANCHOR * drift)


def apart(before_tanh: Tensor, centred: Tensor, pull: Tensor, push: Tensor) -> Tensor:
    """A scalar that drives the samples apart, for a pull below zero; `centred`: (B, P) samples.

    Compared after the tanh: before it there is no end to apart.
    """
    likeness = mean_similarity(centred)
    (slope,) = torch.autograd.grad(likeness, before_tanh, retain_graph=True)
    return likeness * (-pull * push.norm() / slope.norm().clamp_min(1e-12))


def mean_similarity(centred: Tensor) -> Tensor:
    """Mean over i != j of the cosine of rows, (B, P) to a scalar, without the (B, B) table."""
    unit = F.normalize(centred, dim=1)
    batch = len(unit)
    return (unit.sum(dim=0).square().sum() - batch) / (batch * (batch - 1))
