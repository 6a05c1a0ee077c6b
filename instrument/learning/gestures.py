"""The gestures on the learning, declared once. `group` says what each touches.

group  | touches
-------|--------------------------------------------------------------------------------
tempo  | when steps are made, not what they do
scar   | the training itself; before every scar a snapshot is taken, so `undo` leads back
veil   | only what is shown and heard
memory | the way back
manner | how another gesture is meant

How long a gesture takes to be seen and to heal was measured (bench/gestures.py, docs/gestures.md); the
help quotes it from `data/gesture_times.json`.
"""

from instrument.learning.timings import quote
from instrument.signals.controls import Bank, Control, Controls, Group
from instrument.signals.spec import Curve, Kind, choice, number, switch, trigger, whole

TEMPO_MAX = 1000.0
"""At the top of its range tempo sets no limit at all."""

QUAKE_LOW, QUAKE_HIGH = 0.01, 1.0
QUAKE_PLACES = ("both", "generator", "discriminator", "g1", "g2", "g3", "d1", "d2", "d3")
AMNESIA = ("last_layer", "generator", "discriminator", "both", "moments")
STATIC_WITH = ("birth", "noise")
BEND_LAYERS = ("all", "1", "2", "3")
ALL_IMAGES = 10_000.0
"""At the top of its range starve leaves every image there is."""
SCRATCH_S = 120.0
ALL_BITS = 32
BREATHES = (
    "nothing", "tempo", "rate_g", "rate_d", "heat", "tilt", "collapse", "funnel", "blinkers", "clamp",
    "flywheel", "fog", "liar", "gravel", "starve", "static", "bend_gain", "bend_mute",
    "bend_permute",
)  # fmt: skip
"""What `breath` can ride on: every continuous gesture."""


class LearningControls(Controls):
    """What a hand can do to the training, and to what is shown of it."""

    tempo = Control(number(
        0.0, TEMPO_MAX, TEMPO_MAX,
        "training steps per second; 0 holds the training, the top sets no limit; at once, both ways",
        unit="steps/s", curve=Curve.POWER, group="tempo",
    ))  # fmt: skip
    step = Control(trigger(
        "one single training step while tempo is 0", group="tempo"
    ))  # fmt: skip
    rate_g = Control(number(
        1e-6, 1e-1, 5e-4, "learning rate of the generator; a show begins with the net's own"
        + quote("rate_g"), unit="", curve=Curve.EXPONENTIAL, group="scar",
    ))  # fmt: skip
    rate_d = Control(number(
        1e-6, 1e-1, 5e-4, "learning rate of the discriminator; a show begins with the net's own"
        + quote("rate_d"), unit="", curve=Curve.EXPONENTIAL, group="scar",
    ))  # fmt: skip
    heat = Control(number(
        0.02, 50.0, 1.0, "factor on both learning rates; the very bottom is 0: nothing is learned"
        + quote("heat"), unit="x", curve=Curve.EXPONENTIAL, group="scar",
    ))  # fmt: skip
    tilt = Control(number(
        1 / 64, 64.0, 1.0, "learning rate of the generator against the discriminator's"
        + quote("tilt"), unit=":1", curve=Curve.EXPONENTIAL, group="scar",
    ))  # fmt: skip
    greed = Control(whole(
        1, 50, 1, "steps of the generator to one of the discriminator" + quote("greed"),
        group="scar",
    ))  # fmt: skip
    helvetica = Control(switch(
        False, "freezes the discriminator while the generator trains on" + quote("helvetica"),
        group="scar",
    ))  # fmt: skip
    tyrant = Control(switch(
        False, "freezes the generator while the discriminator trains on" + quote("tyrant"),
        group="scar",
    ))  # fmt: skip
    collapse = Control(number(
        0.0, 1.0, 0.0, "how alike all samples shall be: .9 is one glyph, there within about 100 "
        "steps and held; 0 lets go and drives them apart" + quote("collapse"), group="scar",
    ))  # fmt: skip
    funnel = Control(number(
        0.0, 1.0, 1.0, "how far the latents may spread around their anchors; 0 is one drawing each"
        + quote("funnel"), group="veil",
    ))  # fmt: skip
    funnel_anchors = Control(whole(
        1, 16, 1, "how many anchors the funnel has", group="veil"
    ))  # fmt: skip
    funnel_scar = Control(switch(
        False, "whether the generator also learns in the funnel, or is only shown through it"
        + quote("funnel_scar"), group="scar",
    ))  # fmt: skip
    twos_and_sevens = Control(switch(
        False, "shows the discriminator only twos and sevens" + quote("twos_and_sevens"),
        group="scar",
    ))  # fmt: skip
    digit_0 = Control(switch(
        True, "whether the discriminator is shown noughts (class 0 of a folder); with none left, all are",
        group="scar",
    ))  # fmt: skip
    digit_1 = Control(switch(
        True, "whether the discriminator is shown ones (class 1 of a folder); with none left, all are",
        group="scar",
    ))  # fmt: skip
    digit_2 = Control(switch(
        True, "whether the discriminator is shown twos (class 2 of a folder); with none left, all are",
        group="scar",
    ))  # fmt: skip
    digit_3 = Control(switch(
        True, "whether the discriminator is shown threes (class 3 of a folder); with none left, all are",
        group="scar",
    ))  # fmt: skip
    digit_4 = Control(switch(
        True, "whether the discriminator is shown fours (class 4 of a folder); with none left, all are",
        group="scar",
    ))  # fmt: skip
    digit_5 = Control(switch(
        True, "whether the discriminator is shown fives (class 5 of a folder); with none left, all are",
        group="scar",
    ))  # fmt: skip
    digit_6 = Control(switch(
        True, "whether the discriminator is shown sixes (class 6 of a folder); with none left, all are",
        group="scar",
    ))  # fmt: skip
    digit_7 = Control(switch(
        True, "whether the discriminator is shown sevens (class 7 of a folder); with none left, all are",
        group="scar",
    ))  # fmt: skip
    digit_8 = Control(switch(
        True, "whether the discriminator is shown eights (class 8 of a folder); with none left, all are",
        group="scar",
    ))  # fmt: skip
    digit_9 = Control(switch(
        True, "whether the discriminator is shown nines (class 9 of a folder); with none left, all are",
        group="scar",
    ))  # fmt: skip
    starve = Control(number(
        1.0, ALL_IMAGES, ALL_IMAGES, "how many real images are left; the top is all of them, 1 is "
        "one image: a drone" + quote("starve"), unit="images", curve=Curve.EXPONENTIAL, group="scar",
    ))  # fmt: skip
    blinkers = Control(number(
        0.0, 0.9, 0.0, "share of the discriminator's hidden units that are masked"
        + quote("blinkers"), group="scar",
    ))  # fmt: skip
    clamp = Control(number(
        0.0, 100.0, 0.0, "holds the discriminator flat around the reals (R1): steadies at .1, blurs "
        "at 30" + quote("clamp"), unit="gamma", curve=Curve.POWER, group="scar",
    ))  # fmt: skip
    flywheel = Control(number(
        0.0, 0.97, 0.5, "momentum of the optimiser (Adam's beta1): swing" + quote("flywheel"),
        group="scar",
    ))  # fmt: skip
    fog = Control(number(
        0.0, 1.5, 0.0, "noise on what the discriminator sees, real and fake; steadies below .3"
        + quote("fog"), unit="sigma", curve=Curve.POWER, group="scar",
    ))  # fmt: skip
    liar = Control(number(
        0.0, 0.5, 0.0, "share of labels that are turned round for the discriminator; .5 blinds it"
        + quote("liar"), group="scar",
    ))  # fmt: skip
    gravel = Control(number(
        0.0, 20.0, 0.0, "noise on the gradients, in multiples of their rms" + quote("gravel"),
        unit="x", curve=Curve.POWER, group="scar",
    ))  # fmt: skip
    choir = Control(switch(
        False, "lets the discriminator see samples in pairs (packing): the cure for collapse"
        + quote("choir"), group="scar",
    ))  # fmt: skip
    quake = Control(trigger(
        "shakes the weights once, by this share of their rms" + quote("quake"),
        low=QUAKE_LOW, high=QUAKE_HIGH, default=0.5, curve=Curve.EXPONENTIAL, group="scar",
    ))  # fmt: skip
    quake_where = Control(choice(
        QUAKE_PLACES, "both", "which net or layer a quake shakes", group="manner"
    ))  # fmt: skip
    amnesia = Control(trigger(
        "forgets: the generator's last layer, a net, both, or only the optimiser's momentum"
        + quote("amnesia"), default=0.0, choices=AMNESIA, group="scar",
    ))  # fmt: skip
    anti = Control(trigger(
        "the generator unlearns for so many steps: the sign of its gradients is turned"
        + quote("anti"), low=1.0, high=200.0, default=20.0, unit="steps",
        curve=Curve.EXPONENTIAL, group="scar",
    ))  # fmt: skip
    bend_gain = Control(number(
        0.0, 4.0, 1.0, "what is shown: gain on the generator's weights; at once, both ways",
        unit="x", group="veil",
    ))  # fmt: skip
    bend_mute = Control(number(
        0.0, 1.0, 0.0, "what is shown: share of the generator's units that are mute; at once, both ways",
        group="veil",
    ))  # fmt: skip
    bend_permute = Control(number(
        0.0, 1.0, 0.0, "what is shown: share of the generator's units that change places; at once, "
        "both ways", group="veil",
    ))  # fmt: skip
    bend_bits = Control(whole(
        1, ALL_BITS, ALL_BITS, "what is shown: the generator's weights in so many bits; at once, "
        "both ways", unit="bits", group="veil",
    ))  # fmt: skip
    bend_layer = Control(choice(
        BEND_LAYERS, "all", "which layer of the generator is bent", group="veil"
    ))  # fmt: skip
    static = Control(number(
        0.0, 1.0, 0.0, "what is shown: this much of the net at birth, or of white noise; at once, "
        "both ways", group="veil",
    ))  # fmt: skip
    static_with = Control(choice(
        STATIC_WITH, "birth", "what static mixes in: the net at birth, or white noise", group="veil"
    ))  # fmt: skip
    breath_on = Control(choice(
        BREATHES, "nothing", "which gesture breathes: a slow wave moves it to and fro", group="scar"
    ))  # fmt: skip
    breath_rate = Control(number(
        0.05, 4.0, 0.25, "how fast it breathes", unit="Hz", curve=Curve.EXPONENTIAL, group="manner"
    ))  # fmt: skip
    breath_depth = Control(number(
        0.0, 1.0, 0.0, "how deep it breathes, as a share of the fader's way", group="scar"
    ))  # fmt: skip
    scratch = Control(number(
        0.0, SCRATCH_S, 0.0, "the play-head on the memory of the run, seconds back; the training "
        "holds meanwhile; 0 goes on from now, `land` from there", unit="s", group="veil",
    ))  # fmt: skip
    land = Control(trigger(
        "goes on training from where `scratch` stands; the fader has no effect until it is moved",
        group="scar",
    ))  # fmt: skip
    undo = Control(trigger(
        "back to before the last scar, at once; controls that made it stay without effect until "
        "they are moved again", group="memory",
    ))  # fmt: skip
    heal = Control(trigger(
        "500 steps of cure: every scar control without effect, D from the last healthy moment, pairs, "
        "R1, fog that clears" + quote("heal"), group="memory",
    ))  # fmt: skip


LEARNING = Group("learning", LearningControls)

BANK = Bank.of([LEARNING])
"""The learning controls alone, numbered by their place in `LearningControls`."""

PLACE = {spec.name: place for place, spec in enumerate(LEARNING.specs)}

SCARS = frozenset(
    spec.name for spec in LEARNING.specs if spec.group == "scar" and spec.kind is not Kind.TRIGGER
)
"""Controls whose movement touches the training: a snapshot is taken before."""
