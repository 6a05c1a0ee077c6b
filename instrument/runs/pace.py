"""At which block of sound a frame of a recorded run counts. Pure, the same on stage and in a rendering."""

import math
from dataclasses import dataclass

LEAD_IN_BLOCKS = 188
"""A run begins to roll at this block of the sound process (a second of 256 samples at 48 kHz)."""
LEAD_BLOCKS = 12
"""What a hand changes counts so many blocks later: more than the sound is ever rendered late."""
NEAR_S = 0.05
"""And at least so much later, where blocks are short."""
LEAD_S = 0.5
"""Frames are said so long before they count. On a full machine (load 7 on two cores) the playback was held
up for .3 s once at the start of a show; what comes late is not heard as it is rendered."""


def near_blocks(period_s: float) -> int:
    """So many blocks later a change counts, where a block lasts `period_s` seconds."""
    return max(LEAD_BLOCKS, math.ceil(NEAR_S / period_s))


def lead_blocks(period_s: float) -> int:
    """So many blocks ahead frames are said, where a block lasts `period_s` seconds."""
    return max(near_blocks(period_s), math.ceil(LEAD_S / period_s))


def first_block(block: float, period_s: float) -> int:
    """The block at which a run begins to roll, where the sound has come to `block`."""
    return max(LEAD_IN_BLOCKS, math.floor(block) + near_blocks(period_s))


@dataclass(frozen=True)
class Pace:
    """A stretch of rolling: second `from_s` of the run counts from block `began` on.

    `speed` is how many seconds of the run pass in a second, `period_s` how long a block lasts.
    """

    began: int
    from_s: float
    speed: float
    period_s: float

    @property
    def _stride_s(self) -> float:
        return self.period_s * self.speed

    def due(self, at_s: float) -> int:
        """The first block at which second `at_s` of the run has been."""
        return self.began + max(0, math.ceil((at_s - self.from_s) / self._stride_s))

    def second(self, block: float) -> float:
        """The second of the run at a block; before it begins, where it begins."""
        return self.from_s + max(0.0, block - self.began) * self._stride_s


@dataclass(frozen=True)
class Date:
    """From when on something counts: block `due` of the sound (0 is at once), at about `time_s`."""

    due: int
    time_s: float
