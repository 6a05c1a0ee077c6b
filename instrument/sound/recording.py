"""A recording as the voices know it. Needs nothing but numpy; reading files is `recordings`."""

from dataclasses import dataclass

import numpy as np

ENDINGS = (".flac", ".wav", ".aiff", ".aif", ".ogg", ".mp3", ".opus", ".w64", ".rf64", ".caf")
"""What a file of a recording may end in."""


@dataclass(frozen=True)
class Recording:
    """A recording ready for the graph: `samples` float32 (frames, 2)."""

    name: str
    samples: np.ndarray
    sample_rate: int

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.sample_rate

    def mono(self) -> np.ndarray:
        """Both channels as one, float32 (frames,)."""
        return self.samples.mean(axis=1, dtype=np.float32)
