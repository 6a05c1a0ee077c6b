"""What the hands say to one training step, and which branches of the step that means."""

from dataclasses import dataclass
from typing import Self

from instrument.learning.config import NetFacts


@dataclass
class Steering:
    """One step's worth of gestures, in units. The defaults leave the net to itself.

    Rates, beta1 and clamp of None are the net's own (`config.NETS`).
    """

    rate_g: float | None = None
    rate_d: float | None = None
    heat: float = 1.0
    tilt: float = 1.0
    beta1: float | None = None
    greed: int = 1
    helvetica: bool = False
    tyrant: bool = False
    pull: float = 0.0
    """of `collapse`: above 0 G's samples are pulled together, below 0 driven apart."""
    funnel: float = 1.0
    """s in z <- a + s (z - a), for what G learns from."""
    anchors: int = 1
    blinkers: float = 0.0
    clamp: float | None = None
    fog: float = 0.0
    liar: float = 0.0
    gravel: float = 0.0
    choir: bool = False
    anti: bool = False


@dataclass(frozen=True)
class Branches:
    """What a step does, as far as it decides which operations run: the key of a captured graph."""

    d_learns: bool
    g_learns: bool
    beta1: float
    fog: bool = False
    gravel: bool = False
    pull: int = 0
    clamp: bool = False
    blinkers: bool = False
    choir: bool = False
    anti: bool = False
    measure: bool = True

    @classmethod
    def of(cls, hand: Steering, age: int, own: NetFacts, measure: bool) -> Self:
        """D learns in every `greed`-th step only, so that there are so many steps of G to one of D."""
        return cls(
            d_learns=not hand.helvetica and age % max(1, hand.greed) == 0,
            g_learns=not hand.tyrant,
            beta1=round(own.beta1 if hand.beta1 is None else hand.beta1, 2),
            fog=hand.fog > 0, gravel=hand.gravel > 0, pull=(hand.pull > 0) - (hand.pull < 0),
            clamp=(own.clamp if hand.clamp is None else hand.clamp) > 0,
            blinkers=hand.blinkers > 0, choir=hand.choir, anti=hand.anti,
            measure=measure,
        )  # fmt: skip
