"""How the shipped runs are made: for each its net, its seed, and what the hand does at which second."""

from dataclasses import dataclass, replace

from instrument.runs.recorder import Rates

FEW = Rates(
    tiles=1.0, weights=0.25, walk=0.4, field=0.2, activations=0.2, routes=0.0, sound=0.0, health=0.0
)
"""A saved moment takes 3 MB of a run's 7; the wall of tiles half of the rest."""


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


def strokes(path: str, value: float, *at_s: float) -> tuple[Move, ...]:
    """The same act again and again."""
    return tuple(Move(at, path, value) for at in at_s)


NOISE_TO_DIGITS = Recipe(
    "noise_to_digits", "pocket_mlp", 3, 66.0, 112.0,
    (
        # step by step at first, then faster and faster
        Move(0.0, "learning.tempo", 14.0),
        Move(4.0, "learning.tempo", 90.0, 5.0),
        Move(9.5, "learning.tempo", 1000.0),
        Move(9.5, "learning.heat", 2.0, 1.5),
        Move(21.0, "learning.heat", 1.0, 3.0),
        # two of the ten pipes
        Move(27.0, "learning.twos_and_sevens", True),
        Move(35.0, "learning.twos_and_sevens", False),
        # a steadier hand
        Move(38.0, "learning.clamp", 0.3, 3.0),
        Move(46.0, "learning.heat", 0.5, 4.0),
        Move(54.0, "picture.look", "long_exposure"),
        Move(60.0, "picture.look", "tile_wall"),
    ),
    rates=replace(FEW, metrics=28.0),
    saved_s=(52.0,),
)  # fmt: skip

COLLAPSE_AND_RETURN = Recipe(
    "collapse_and_return", "pocket_mlp", 3, 66.0, 96.0,
    (
        Move(1.0, "learning.heat", 2.0, 1.5),
        Move(16.0, "learning.heat", 1.0, 2.0),
        Move(26.0, "learning.collapse", 0.9, 3.0),
        # let go, driven apart, nursed
        Move(39.0, "learning.collapse", 0.0, 1.5),
        Move(46.0, "learning.heal", 1.0),
        # a jolt, and back to before it
        Move(57.0, "learning.quake", 0.9),
        Move(60.0, "learning.undo", 1.0),
    ),
    rates=replace(FEW, metrics=24.0),
    saved_s=(23.0,),
)  # fmt: skip

OUTRIGHT_FAILURE = Recipe(
    "outright_failure", "pocket_mlp", 7, 66.0, 60.0,
    (
        Move(1.0, "learning.heat", 2.0, 1.0),
        # grit, a flywheel, and all the heat there is
        Move(21.0, "learning.gravel", 6.0, 4.0),
        Move(26.0, "learning.flywheel", 0.9, 2.0),
        Move(29.0, "learning.heat", 50.0, 3.0),
        Move(32.5, "learning.rate_d", 0.1, 1.0),
        Move(33.0, "learning.rate_g", 0.1, 1.0),
        # struck until it bursts; the guard goes back a moment each time, and the heat comes on again
        *strokes("learning.quake", 1.0, 37.0, 37.3, 37.6, 37.9, 38.2),
        Move(40.0, "learning.heat", 49.0, 0.2),
        *strokes("learning.quake", 1.0, 41.0, 41.25, 41.5, 41.75, 42.0, 42.25),
        Move(43.0, "learning.heat", 50.0, 0.2),
        *strokes("learning.quake", 1.0, 45.0, 45.2, 45.4, 45.6, 45.8, 46.0, 46.2, 46.4),
        # nothing is left to go back to
        Move(48.0, "learning.amnesia", "both"),
        Move(48.2, "learning.heat", 49.0, 0.2),
        Move(53.0, "learning.heal", 1.0),
        Move(56.0, "learning.tempo", 3.0, 5.0),
        Move(63.0, "learning.tempo", 0.0, 1.0),
    ),
    rates=replace(FEW, tiles=0.7),
    saved_s=(20.0,),
)  # fmt: skip

RECIPES = (NOISE_TO_DIGITS, COLLAPSE_AND_RETURN, OUTRIGHT_FAILURE)
