"""What sound processes count, and how it adds up over those of one show."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from instrument.signals.frames import SoundFrame


@dataclass(frozen=True)
class Tallies:
    """What one child counted; two can be added. `peak` and `rms` are amplitudes over all blocks."""

    blocks: int = 0
    dropouts: int = 0
    nonfinite_blocks: int = 0
    metric_frames_lost: int = 0
    peak: float = 0.0
    rms: float = 0.0
    longest_gap_s: float = 0.0

    @classmethod
    def of_frame(cls, frame: SoundFrame, dropouts_before: int = 0) -> "Tallies":
        """`dropouts_before` are those of the show that the child had been told of."""
        return cls(
            frame.blocks,
            max(0, frame.dropouts - dropouts_before),
            frame.nonfinite_blocks,
            frame.metric_frames_lost,
            frame.peak_ever,
            frame.rms_ever,
        )

    @classmethod
    def of_record(cls, record: Mapping[str, Any], dropouts_before: int = 0) -> "Tallies":
        """From the last line of a child."""
        names = ("blocks", "nonfinite_blocks", "metric_frames_lost", "peak", "rms")
        return cls(
            dropouts=max(0, record["dropouts"] - dropouts_before),
            longest_gap_s=record.get("longest_gap_s", 0.0),
            **{name: record[name] for name in names},
        )

    def plus(self, other: "Tallies") -> "Tallies":
        """Both together; rms by the share of blocks."""
        blocks = self.blocks + other.blocks
        square = self.rms**2 * self.blocks + other.rms**2 * other.blocks
        return Tallies(
            blocks,
            self.dropouts + other.dropouts,
            self.nonfinite_blocks + other.nonfinite_blocks,
            self.metric_frames_lost + other.metric_frames_lost,
            max(self.peak, other.peak),
            math.sqrt(square / max(1, blocks)),
            max(self.longest_gap_s, other.longest_gap_s),
        )
