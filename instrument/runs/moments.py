"""Saved moments of a training in a run file: put together from their parts, the nearest to a second found.

A moment that lacks a part (the show ended, a chunk is damaged) is passed over. Where a run begins with the
birth of its training, that birth is a moment, too: it needs no more than the seed.
"""

import math
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Protocol

from instrument.runs.header import RunHeader
from instrument.runs.tape import Recorded
from instrument.signals.frames import SNAPSHOT_PART_BYTES, SNAPSHOTS, SnapshotFrame

MOST_BYTES = 256 * 1024 * 1024
"""More than the largest net takes."""
WINDOWS_S = (120.0, 600.0, 3600.0, math.inf)
"""So far before a second its moment is looked for, a window after the other."""


class Frames(Protocol):
    """A run file under random access (`Reel`)."""

    @property
    def header(self) -> RunHeader: ...

    def frames(
        self, from_s: float = 0.0, topics: Collection[str] | None = None
    ) -> Iterator[Recorded]: ...


@dataclass(frozen=True)
class Kept:
    """A whole one. `content` is the text of a safetensors file; of a birth it is empty."""

    at_s: float
    """When it was taken, in seconds from the beginning of the run."""
    step: int
    number: int
    """Its place among those of its training, from 0; -1 is the birth."""
    content: bytes = b""

    @property
    def is_birth(self) -> bool:
        """Whether the training has no past here: its seed says all."""
        return self.number < 0


BIRTH = Kept(0.0, 0, -1)

Accept = Callable[[Kept], bool]


class Gathering:
    """Takes parts in order and gives whole moments."""

    def __init__(self) -> None:
        self._first: SnapshotFrame | None = None
        self._at_s = 0.0
        self._parts: list[bytes] = []

    def take(self, at_s: float, frame: SnapshotFrame) -> Kept | None:
        """One more part; the moment that is whole by it, or None."""
        if frame.part == 0 and fits(frame):
            self._first, self._at_s, self._parts = frame, at_s, []
        elif self._first is None or not self._follows(frame):
            self._first = None
            return None
        self._parts.append(bytes(memoryview(frame.content).cast("B")[: frame.count]))  # type: ignore[call-overload]
        if len(self._parts) < frame.parts:
            return None
        first, self._first = self._first, None
        content = b"".join(self._parts)
        if first is None or len(content) != first.size:
            return None
        return Kept(self._at_s, int(first.step), int(first.number), content)

    def _follows(self, frame: SnapshotFrame) -> bool:
        first = self._first
        assert first is not None
        same = (frame.step, frame.number, frame.parts, frame.size) == (
            first.step, first.number, first.parts, first.size,
        )  # fmt: skip
        return same and frame.part == len(self._parts)


def fits(frame: SnapshotFrame) -> bool:
    """Whether its size is one that a moment can have, and its parts are so many."""
    size = int(frame.size)
    return 0 < size <= MOST_BYTES and frame.parts == -(-size // SNAPSHOT_PART_BYTES)


def moments_from(run: Frames, from_s: float = 0.0) -> Iterator[Kept]:
    """Every whole moment whose first part was said at or after a second, in order."""
    gathering = Gathering()
    for recorded in run.frames(from_s, (SNAPSHOTS.name,)):
        kept = gathering.take(recorded.at_s, recorded.frame)
        if kept is not None:
            yield kept


def has_birth(header: RunHeader) -> bool:
    """Whether the training of this run was born in it."""
    return not {"rehearsed", "branched"} & header.source.keys()


def saved_moments(run: Frames) -> list[Kept]:
    """All moments of a run, without their contents; the birth first where it is one. Reads all of them."""
    birth = [BIRTH] if has_birth(run.header) else []
    return birth + [Kept(kept.at_s, kept.step, kept.number, b"") for kept in moments_from(run)]


def moment_near(run: Frames, at_s: float, accept: Accept = lambda kept: True) -> Kept | None:
    """The moment nearest to a second (the earlier of two alike), with its content; None without any.

    `accept` may refuse one that cannot be read; the next nearest is taken then. Of a long run only what
    lies around the second is read.
    """
    before, after = None, None
    for window_s in WINDOWS_S:
        from_s = max(0.0, at_s - window_s)
        before, after = _around(run, from_s, at_s, accept)
        if before is not None or from_s == 0.0:
            break
    if before is None and has_birth(run.header):
        before = BIRTH
    if before is None or after is None:
        return before or after
    return after if after.at_s - at_s < at_s - before.at_s else before


def _around(
    run: Frames, from_s: float, at_s: float, accept: Accept
) -> tuple[Kept | None, Kept | None]:
    """The last moment at or before a second, of those from `from_s` on, and the first after it."""
    before = None
    for kept in moments_from(run, from_s):
        if not accept(kept):
            continue
        if kept.at_s > at_s:
            return before, kept
        before = kept
    return before, None
