"""The closed loop behind `collapse`: a target similarity in, a pull on the generator out.

target  | pull
--------|------------------------------------------------------------------
above 0 | PI on target - similarity_centred: pulls alike, and apart when it overshoots
let go  | REPEL at first, then fading: the samples are driven apart
0       | nothing
"""

from dataclasses import dataclass

PROPORTION = 10.0
INTEGRAL = 0.04
PULL_LOW, PULL_HIGH = -10.0, 30.0
REPEL = -4.0
REPEL_STEPS = 300.0
ENOUGH = 0.05


@dataclass
class CollapseLoop:
    """Numbers only, so that a snapshot can keep it. Trainer thread."""

    pull: float = 0.0
    _sum: float = 0.0
    _held: bool = False

    @property
    def active(self) -> bool:
        """Whether it needs to see every step."""
        return self._held or self.pull != 0.0

    def update(self, target: float, similarity: float) -> float:
        """The pull for the next step, after a step whose `similarity_centred` was `similarity`."""
        if target > 0.0:
            self._held = True
            error = target - similarity
            self._sum = min(PULL_HIGH, max(PULL_LOW, self._sum + INTEGRAL * error))
            self.pull = min(PULL_HIGH, max(PULL_LOW, self._sum + PROPORTION * error))
        elif self._held:
            self._held, self._sum = False, 0.0
            self.pull = REPEL
        else:
            self.pull *= 1.0 - 1.0 / REPEL_STEPS
            if abs(self.pull) < ENOUGH:
                self.pull = 0.0
        return self.pull
