"""Where blocks go: a sound device (`device_sink`), nowhere (paced), or a file. One engine, three sinks.

A sink's `wait` returns when there is room for a block, so it paces the render thread; a block is
rendered only then, out of the newest that is known. A sink counts what it sent (`blocks`), how
often there was nothing to send in time (`dropouts`), and the longest silence that came of it.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import numpy as np

from instrument.clock import Clock, wall_clock
from instrument.sound.capture import open_file, refused

MOST_AHEAD = 64
"""Blocks that fit into a ring, whatever is asked of `lean`."""
LEAN_S = 1.0
"""A sink that was not filled up for so long after `lean` goes back to its normal depth."""


class Sink(Protocol):
    """Where blocks go. Render thread only."""

    description: str
    blocks: int
    dropouts: int
    longest_gap_s: float
    """The longest time for which it had nothing to send, seconds; about right to one block."""

    @property
    def ahead(self) -> int:
        """Blocks written that have not sounded yet."""

    @property
    def latency_s(self) -> float:
        """How long from now until the end of what was written is heard, seconds."""

    def wait(self) -> None:
        """Return when there is room for a block. Raises `DeviceLost`."""

    def write(self, block: np.ndarray) -> None:
        """Take a block, float32 (frames, channels). Never waits after `wait`."""

    def lean(self, blocks: int) -> None:
        """Let the writer run ahead once, by up to `blocks` (`MOST_AHEAD` at the most).

        For what holds up everything for a moment: write until `ahead` is there, do it, go on. Once
        filled (or after `LEAN_S`) the depth is the normal one again, and `wait` lets the rest sound.
        """

    def close(self) -> None:
        """Let what was written sound to its end, then give the sink back."""


class DeviceLost(Exception):
    """The device stopped taking sound: unplugged, or its server is gone."""


class Leaning:
    """How deep the ring may be filled: the normal depth, or more until it was filled once.

    Blocks. Render thread.
    """

    def __init__(self, normal: float, clock: Clock) -> None:
        self.normal = normal
        self.depth = normal
        self._clock = clock
        self._until_s = 0.0

    def begin(self, blocks: int) -> None:
        """Up to `blocks` from now on."""
        self.depth = max(self.normal, min(blocks, MOST_AHEAD))
        self._until_s = self._clock() + LEAN_S

    def room(self, ahead: float) -> bool:
        """Whether one more block may be written while `ahead` wait."""
        if self.depth > self.normal and (
            ahead + 1 > self.depth + 1e-6 or self._clock() > self._until_s
        ):
            self.depth = self.normal
        return ahead + 1 <= self.depth + 1e-6


class NullSink:
    """No sound device: blocks are taken at the pace a device would take them.

    Paced by an absolute schedule; a block that comes after it was due is a dropout.
    """

    def __init__(
        self,
        sample_rate: int,
        block: int,
        ring_blocks: float = 2,
        clock: Clock = wall_clock,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`block` in frames, `ring_blocks` how many may wait. Any number of channels."""
        self.description = f"null, paced and silent, {sample_rate} Hz, {block} frames"
        self.blocks = 0
        self.dropouts = 0
        self.longest_gap_s = 0.0
        self._period_s = block / sample_rate
        self._ring = ring_blocks
        self._leaning = Leaning(ring_blocks, clock)
        self._clock = clock
        self._sleep = sleep
        self._start_s: float | None = None
        self._scheduled = 0

    def _waiting(self) -> float:
        """Blocks that a device with this ring would still have, with fractions."""
        if self._start_s is None:
            return 0.0
        sounded = (self._clock() - self._start_s) / self._period_s
        return max(0.0, self._ring - 1 + self._scheduled - sounded)

    @property
    def ahead(self) -> int:
        """Blocks written that would not have sounded yet."""
        return round(self._waiting())

    @property
    def latency_s(self) -> float:
        """How long a device with this ring would still play, seconds."""
        return self._waiting() * self._period_s

    def wait(self) -> None:
        """Sleep until a device with a ring of this depth would have room."""
        waiting = self._waiting()
        if self._start_s is None or self._leaning.room(waiting):
            return
        self._sleep((waiting + 1 - self._leaning.depth) * self._period_s)

    def write(self, block: np.ndarray) -> None:
        """Take a block, and notice when it came too late."""
        now_s = self._clock()
        if self._start_s is None:
            self._start_s = now_s
        # The ring's depth is the slack: a block is late once all blocks before it have sounded.
        late_s = now_s - self._start_s - (self._scheduled + self._ring) * self._period_s
        if late_s > 0.0:
            self.dropouts += 1
            self.longest_gap_s = max(self.longest_gap_s, late_s)
            self._start_s, self._scheduled = now_s, 0
        self._scheduled += 1
        self.blocks += 1

    def lean(self, blocks: int) -> None:
        """See `Sink.lean`."""
        self._leaning.begin(blocks)

    def close(self) -> None:
        """Nothing to give back."""


class FileSink:
    """A sound file, as fast as the blocks come. 24 bit WAV or FLAC by the name's ending."""

    def __init__(self, path: Path, sample_rate: int, channels: int = 2) -> None:
        """Opens the file at once; raises `Mistake` when it cannot be written."""
        self.description = f"file {path}"
        self.blocks = 0
        self.dropouts = 0
        self.longest_gap_s = 0.0
        self.ahead = MOST_AHEAD
        """Nothing is ever late for a file."""
        self.latency_s = 0.0
        self._path = path
        self._file = open_file(path, sample_rate, channels)

    def wait(self) -> None:
        """A file has always room."""

    def write(self, block: np.ndarray) -> None:
        """Append a block, float32 (frames, channels). Raises `OSError`, or what libsndfile says."""
        try:
            self._file.write(block)
        except RuntimeError as error:
            raise refused(self._path, error) from error
        self.blocks += 1

    def lean(self, blocks: int) -> None:
        """A file is always far enough ahead."""

    def close(self) -> None:
        """Finish the file."""
        self._file.close()
