"""`heal`: 500 steps in which the net is nursed. Numbers only, so that a snapshot can keep it."""

from dataclasses import dataclass

from instrument.learning.dials import Steering

STEPS = 500
FOG = 0.3
BETA1 = 0.5
CLAMP = 0.1


@dataclass
class Healing:
    """The ramp: pairs, R1, an even hand, and fog that clears from .3 to nothing."""

    left: int = 0

    def begin(self) -> None:
        self.left = STEPS

    def nurse(self, hand: Steering, own_clamp: float) -> None:
        """Change what the step is told; the hands' own fog stays where it is the thicker one."""
        if self.left > 0:
            hand.choir, hand.beta1 = True, BETA1
            hand.clamp = max(hand.clamp or 0.0, CLAMP, own_clamp)
            hand.fog = max(hand.fog, FOG * self.left / STEPS)

    def stepped(self) -> None:
        self.left = max(0, self.left - 1)
