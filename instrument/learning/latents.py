"""A closed path through latent space, along great arcs between anchors (Shoemake 1985)."""

import math

import torch
from torch import Tensor

PARALLEL = 1e-4
"""Anchors whose angle is within this of 0 or half a turn (rad) span no arc: a straight line instead."""


def slerp(a: Tensor, b: Tensor, t: float) -> Tensor:
    """From latent a (n,) at t = 0 to b at 1 along the arc between their directions, lengths in proportion.

    Shoemake, Animating Rotation with Quaternion Curves (1985): sin((1 - t) w) / sin w of the one and
    sin(t w) / sin w of the other, w the angle between them.
    """
    angle = angle_between(a, b)
    if not PARALLEL < angle < math.pi - PARALLEL:
        return torch.lerp(a, b, t)
    length_a, length_b = torch.linalg.vector_norm(a), torch.linalg.vector_norm(b)
    from_a, from_b = math.sin((1.0 - t) * angle), math.sin(t * angle)
    direction = (a / length_a * from_a + b / length_b * from_b) / math.sin(angle)
    return direction * torch.lerp(length_a, length_b, t)


def angle_between(a: Tensor, b: Tensor) -> float:
    """Radians, 0..pi."""
    cosine = torch.dot(a, b) / (torch.linalg.vector_norm(a) * torch.linalg.vector_norm(b))
    return math.acos(min(1.0, max(-1.0, float(cosine))))


def closed_path(anchors: Tensor, around: int) -> Tensor:
    """`around` latents at equal angles along the path through the anchors (n, Z) and back to the first.

    Place 0 is the first anchor; the others lie where they lie. Float64 inside, (around, Z) as `anchors`.
    """
    corners = anchors.detach().cpu().double()
    ends = corners.roll(-1, dims=0)
    angles = [angle_between(a, b) for a, b in zip(corners, ends, strict=True)]
    total, begin = sum(angles), 0.0
    places: list[Tensor] = []
    for a, b, angle in zip(corners, ends, angles, strict=True):
        while len(places) < around and len(places) * total / around < begin + angle:
            places.append(slerp(a, b, (len(places) * total / around - begin) / angle))
        begin += angle
    return torch.stack(places).to(anchors)
