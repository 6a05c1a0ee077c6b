"""The scars that happen at one blow: quake and amnesia."""

import torch

from instrument.learning.learner import Learner


@torch.no_grad()
def quake(learner: Learner, strength: float, where: str = "both") -> None:
    """theta += strength rms(theta) N, each net (or one layer, ``g1``..``d3``) by its own rms."""
    for net, name in ((learner.g, "generator"), (learner.d, "discriminator")):
        if where in ("both", name):
            shaken = net.theta.data
        elif where[0] == name[0] and where[1:].isdecimal():
            shaken = net.layer_theta[int(where[1:]) - 1]
        else:
            continue
        size = strength * shaken.square().mean().sqrt()
        noise = torch.randn(shaken.shape, device=learner.device, generator=learner.dice)
        shaken.addcmul_(noise, size)


@torch.no_grad()
def forget(learner: Learner, what: str) -> None:
    """Amnesia: ``last_layer`` (of G), ``generator``, ``discriminator``, ``both`` or ``moments``."""
    if what == "moments":
        for net in (learner.g, learner.d, learner.slot):
            net.forget_moments()
    if what == "last_layer":
        learner.g.birth(learner.dice, only_layer=-1)
    if what in ("generator", "both"):
        learner.g.birth(learner.dice)
    if what in ("discriminator", "both"):
        learner.d.birth(learner.dice)
        learner.slot.state[:] = 0.0  # D's second place is closed at birth
        learner.slot.adam_step.zero_()
