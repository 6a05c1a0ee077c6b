"""What sound processes count, and how it adds up over those of one show."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from instrument.signals.frames import SILENT_LUFS, SoundFrame


@dataclass(frozen=True)
class Tallies:
    """What one child counted; two can be added. `peak`, `rms` and `true_peak` are amplitudes over
    all blocks, `loudness` is gated, in LUFS."""

    blocks: int = 0
    dropouts: int = 0
    nonfinite_blocks: int = 0
    metric_frames_lost: int = 0
    peak: float = 0.0
    rms: float = 0.0
    longest_gap_s: float = 0.0
    true_peak: float = 0.0
    loudness: float = SILENT_LUFS

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
            true_peak=frame.true_peak_ever,
            loudness=frame.integrated,
        )

    @classmethod
    def of_record(cls, record: Mapping[str, Any], dropouts_before: int = 0) -> "Tallies":
        """From the last line of a child."""
        names = ("blocks", "nonfinite_blocks", "metric_frames_lost", "peak", "rms", "true_peak")
        return cls(
            dropouts=max(0, record["dropouts"] - dropouts_before),
            longest_gap_s=record.get("longest_gap_s", 0.0),
            loudness=record["loudness"],
            **{name: record[name] for name in names},
        )

    def plus(self, other: "Tallies") -> "Tallies":
        """Both together; rms and loudness by the share of blocks (each gated by itself)."""
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
            max(self.true_peak, other.true_peak),
            self._loudness_with(other),
        )

    def _loudness_with(self, other: "Tallies") -> float:
        """The mean power of those that were heard at all."""
        heard = [one for one in (self, other) if one.blocks and one.loudness > SILENT_LUFS]
        if not heard:
            return SILENT_LUFS
        power = sum(one.blocks * 10.0 ** (one.loudness / 10.0) for one in heard)
        return 10.0 * math.log10(power / sum(one.blocks for one in heard))
