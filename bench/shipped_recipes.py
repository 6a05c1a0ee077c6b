"""How the shipped runs are made: for each its net, its seed, and what the hand does at which second."""

from dataclasses import dataclass, replace

from instrument.runs.recorder import Rates

FEW = Rates(
    tiles=1.2, weights=0.7, walk=1.5, field=0.4, activations=0.5, routes=0.0, sound=0.0, health=0.0
)


@dataclass(frozen=True)
class Move:
    """At second `at_s` the hand moves a control to `value`, in its unit or its word, over `over_s`."""

    at_s: float
    path: str
    value: float | str | bool
    over_s: float = 0.0


@dataclass(frozen=True)
class Recipe:
    """One run: what is trained, how long, how fast the clock goes by, and what the hand does."""

    name: str
    net: str
    seed: int
    seconds: float
    steps_per_s: float
    moves: tuple[Move, ...]
    saved_s: tuple[float, ...] = ()
    """When a moment of the training is saved, to go on from."""
    preset: str = "glitch_organ"
    rates: Rates = FEW


NOISE_TO_DIGITS = Recipe(
    "noise_to_digits", "pocket_mlp", 3, 75.0, 90.0,
    (
        Move(1.0, "learning.heat", 2.0, 1.5),
        Move(17.0, "learning.heat", 1.0, 3.0),
        Move(38.0, "learning.clamp", 0.3, 4.0),
        Move(54.0, "learning.heat", 0.5, 4.0),
    ),
    rates=replace(FEW, metrics=45.0),
    saved_s=(56.0,),
)  # fmt: skip

COLLAPSE_AND_RETURN = Recipe(
    "collapse_and_return", "pocket_mlp", 3, 80.0, 80.0,
    (
        Move(1.0, "learning.heat", 2.0, 1.5),
        Move(20.0, "learning.heat", 1.0, 2.0),
        Move(31.0, "learning.collapse", 0.9, 3.0),
        Move(47.0, "learning.collapse", 0.0, 1.5),
        Move(55.0, "learning.heal", 1.0),
        Move(69.0, "learning.quake", 0.9),
        Move(72.5, "learning.undo", 1.0),
    ),
    rates=replace(FEW, metrics=40.0),
    saved_s=(29.0,),
)  # fmt: skip

OUTRIGHT_FAILURE = Recipe(
    "outright_failure", "pocket_mlp", 7, 74.0, 60.0,
    (
        Move(1.0, "learning.heat", 2.0, 1.0),
        Move(24.0, "learning.gravel", 6.0, 4.0),
        Move(30.0, "learning.flywheel", 0.97, 2.0),
        Move(33.0, "learning.heat", 50.0, 3.0),
        Move(37.0, "learning.rate_d", 0.1, 1.0),
        Move(37.5, "learning.rate_g", 0.1, 1.0),
        Move(43.0, "learning.heat", 49.0, 0.2),
        Move(47.0, "learning.heat", 50.0, 0.2),
        Move(51.0, "learning.heat", 49.0, 0.2),
        Move(55.0, "learning.amnesia", "both"),
        Move(55.5, "learning.heat", 50.0, 0.2),
        Move(60.0, "learning.heal", 1.0),
        Move(64.0, "learning.tempo", 3.0, 5.0),
        Move(71.0, "learning.tempo", 0.0, 1.0),
    ),
    rates=replace(FEW, tiles=0.8, weights=0.5, walk=1.0, activations=0.3),
    saved_s=(23.0,),
)  # fmt: skip

RECIPES = (NOISE_TO_DIGITS, COLLAPSE_AND_RETURN, OUTRIGHT_FAILURE)
