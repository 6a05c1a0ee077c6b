"""The gestures on the learning, as controls. `group` says whether one scars the training or veils it.

Every scar is preceded by a snapshot of its own, so `undo` leads back from each of them.
"""

from instrument.signals.controls import Control, Controls, Group
from instrument.signals.spec import Curve, number, switch, trigger

TEMPO_MAX = 1000.0
"""At the top of its range tempo sets no limit at all."""

QUAKE_LOW, QUAKE_HIGH = 0.01, 1.0

AMNESIA = ("last_layer", "generator", "discriminator", "both", "moments")


class LearningControls(Controls):
    """What a hand can do to the training."""

    tempo = Control(number(
        0.0, TEMPO_MAX, TEMPO_MAX,
        "training steps per second; 0 holds the training, the top sets no limit; at once, both ways",
        unit="steps/s", curve=Curve.POWER, group="tempo",
    ))  # fmt: skip
    heat = Control(number(
        0.02, 50.0, 1.0,
        "factor on both learning rates; below 4 seen in a few hundred steps and heals by itself, "
        "above 10 it tears within 50 steps: undo",
        unit="x", curve=Curve.EXPONENTIAL, group="scar",
    ))  # fmt: skip
    tilt = Control(number(
        1 / 64, 64.0, 1.0,
        "learning rate of the generator against the discriminator's; seen in 100 to 500 steps, "
        "back in 300 to 2,000 after centring it, at once by undo",
        unit=":1", curve=Curve.EXPONENTIAL, group="scar",
    ))  # fmt: skip
    fog = Control(number(
        0.0, 1.5, 0.0,
        "noise on what the discriminator sees, real and fake; seen in 100 to 400 steps, steadies "
        "the training below .3; back as long after closing it, or undo",
        unit="sigma", curve=Curve.POWER, group="scar",
    ))  # fmt: skip
    gravel = Control(number(
        0.0, 20.0, 0.0,
        "noise on the gradients, in multiples of their rms; seen in 50 to 300 steps, back as long "
        "after closing it, or undo",
        unit="x", curve=Curve.POWER, group="scar",
    ))  # fmt: skip
    helvetica = Control(switch(
        False,
        "freezes the discriminator while the generator trains on: collapse within 200 steps; "
        "release it, or undo",
        group="scar",
    ))  # fmt: skip
    collapse = Control(number(
        0.0, 1.0, 0.0,
        "how alike all samples shall be: pulled to one glyph, .9 within about 140 steps, and held; "
        "0 lets go and repels: back within about 100 steps, at once by undo",
        group="scar",
    ))  # fmt: skip
    quake = Control(trigger(
        "shakes all weights once, by this share of their rms; seen at once, heals below .1 by "
        "itself in some hundred steps, else undo",
        low=QUAKE_LOW, high=QUAKE_HIGH, default=0.1, curve=Curve.EXPONENTIAL, group="scar",
    ))  # fmt: skip
    amnesia = Control(trigger(
        "forgets: the generator's last layer, a net, both, or only the optimiser's momentum; seen "
        "at once, learned anew from there, or undo",
        default=0.0, choices=AMNESIA, group="scar",
    ))  # fmt: skip
    undo = Control(trigger(
        "back to before the last scar, at once; controls that made it stay without effect until "
        "they are moved again",
        group="memory",
    ))  # fmt: skip
    step = Control(trigger(
        "one single training step while tempo is 0", group="tempo"
    ))  # fmt: skip


LEARNING = Group("learning", LearningControls)
