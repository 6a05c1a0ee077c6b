"""The closed loop behind `collapse`: a target similarity in, a pull on the generator out.

target  | pull
--------|------------------------------------------------------------------
above 0 | PI on aim - similarity_centred; the aim climbs to the target and leaps the last bit
let go  | below 0 while the samples are more alike than they were before; fades in any case
0       | nothing

The pull is a ratio: at 1 it is as strong as what D asks of G's output. D's say changes fivefold
while a glyph is being held, and Adam hears ratios only.
"""

from dataclasses import dataclass

PROPORTION, INTEGRAL = 30.0, 0.5
PULL_LOW, PULL_HIGH = -2.0, 4.0
PULL_USUAL = 0.5
"""Where the integral begins: about what .9 needs."""
CLIMB, LEAP = 1 / 120, 0.1
REPEL, REPEL_STEPS = 10.0, 1000


@dataclass
class CollapseLoop:
    """Numbers only, so that a snapshot can keep it. Trainer thread."""

    pull: float = 0.0
    _aim: float = 0.0
    _sum: float = 0.0
    _home: float = 0.0
    _held: bool = False
    _repel_left: int = 0

    @property
    def active(self) -> bool:
        """Whether it needs to see every step."""
        return self._held or self._repel_left > 0

    def update(self, target: float, similarity: float) -> float:
        """The pull for the next step, after a step whose `similarity_centred` was `similarity`."""
        if target > 0.0:
            if not self._held:
                if not self.active:
                    self._home = similarity
                self._held, self._aim, self._sum = True, similarity, PULL_USUAL
            self.pull = self._hold(target, similarity)
        elif self.active:
            if self._held:
                self._held, self._repel_left = False, REPEL_STEPS
            self._repel_left -= 1
            excess = max(0.0, similarity - self._home)
            fade = self._repel_left / REPEL_STEPS
            self.pull = max(PULL_LOW, -REPEL * excess) * fade
        return self.pull

    def _hold(self, target: float, similarity: float) -> float:
        self._aim += min(CLIMB, max(-CLIMB, target - self._aim))
        if abs(target - self._aim) < LEAP:
            self._aim = target
        error = self._aim - similarity
        wanted = self._sum + PROPORTION * error
        if PULL_LOW < wanted < PULL_HIGH:  # else it winds nothing up
            self._sum += INTEGRAL * error
        return min(PULL_HIGH, max(PULL_LOW, wanted))
