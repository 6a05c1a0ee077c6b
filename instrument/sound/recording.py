"""A recording as the voices know it. Needs nothing but numpy; reading files is `recordings`."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from instrument.sound.memory import SharedSamples

ENDINGS = (".flac", ".wav", ".aiff", ".aif", ".ogg", ".mp3", ".opus", ".w64", ".rf64", ".caf")
"""What a file of a recording may end in."""
KINDS = ("left", "right", "mono", "there_and_back")
"""In which ways a voice may want a recording: see `Recording.wave`."""
GAP = 64
"""Frames of silence after forwards and after backwards in ``there_and_back``: whoever reads a little
too far reads nothing."""
PIECE = 1 << 16
"""Frames that are turned at once: small enough that nothing waits for it."""


@dataclass(frozen=True, eq=False)
class Recording:
    """A recording ready for the graph: `samples` float32 (frames, 2).

    `tables` holds the waves that were laid out for the graph before it asked for them.
    """

    name: str
    samples: np.ndarray
    sample_rate: int
    tables: dict[str, SharedSamples] = field(default_factory=dict)

    @property
    def frames(self) -> int:
        return len(self.samples)

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.sample_rate

    def mono(self) -> np.ndarray:
        """Both channels as one, float32 (frames,)."""
        return self.samples.mean(axis=1, dtype=np.float32)

    def length(self, kind: str) -> int:
        """Frames of the wave of that kind (one of `KINDS`)."""
        return 2 * (self.frames + GAP) if kind == "there_and_back" else self.frames

    def write_wave(self, kind: str, out: np.ndarray) -> None:
        """Fill `out` (at least `length(kind)`, any float type) with the wave of a kind.

        | kind           | is                                              |
        |----------------|-------------------------------------------------|
        | left, right    | one side                                        |
        | mono           | the mean of both                                |
        | there_and_back | mono, `GAP` of silence, mono backwards, `GAP`   |
        """
        frames, backwards = self.frames, 2 * self.frames + GAP
        for first in range(0, frames, PIECE):
            piece = self.samples[first : first + PIECE]
            if kind == "left":
                wave = piece[:, 0]
            elif kind == "right":
                wave = piece[:, 1]
            else:
                wave = piece.mean(axis=1, dtype=np.float32)
            last = first + len(wave)
            out[first:last] = wave
            if kind == "there_and_back":
                out[backwards - last : backwards - first] = wave[::-1]
        if kind == "there_and_back":
            out[frames : frames + GAP] = 0.0
            out[backwards : backwards + GAP] = 0.0

    def wave(self, kind: str) -> np.ndarray:
        """The wave of a kind, float32 (length,)."""
        out = np.empty(self.length(kind), np.float32)
        self.write_wave(kind, out)
        return out

    def lay_out(self, kinds: Iterable[str]) -> None:
        """Make the waves of these kinds ready for the graph. Any thread but the render thread."""
        for kind in kinds:
            if kind not in self.tables:
                shared = SharedSamples.make(self.length(kind))
                if shared is None:
                    return
                self.write_wave(kind, shared.samples)
                shared.close_loop()
                self.tables[kind] = shared
