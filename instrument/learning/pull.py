"""What the closed loop of `collapse` adds to G's loss: together above zero, apart below."""

import torch.nn.functional as F
from torch import Tensor


def likeness(before_tanh: Tensor, anchor: Tensor) -> Tensor:
    """What a positive `pull` pulls up: 0 when all samples are twins of the anchor.

    The anchor is what tile 0 was when the pull began, (1, P): a drawing of G's own, so a collapse is
    to a glyph and not to a smear. Compared before the tanh: after it, pixels that are hard black or
    white feel no pull, and what gives way instead is noise.
    """
    distance = (before_tanh - anchor).square().sum(dim=1).mean()
    return -distance / anchor.norm()


def mean_similarity(centred: Tensor) -> Tensor:
    """Mean over i != j of the cosine of rows, (B, P) to a scalar, without the (B, B) table."""
    unit = F.normalize(centred, dim=1)
    batch = len(unit)
    return (unit.sum(dim=0).square().sum() - batch) / (batch * (batch - 1))
