"""`Saving`: moments of the training, taken between two steps and said in parts, so that nothing waits.

state     | what ends it
----------|--------------------------------------------------------------------------------------
resting   | `due`: `EVERY_S` after the last one at the soonest, later where it is large
landing   | the copy to the host is there (a GPU's; on the CPU it is at once)
speaking  | the last part is said; `PARTS_PER_S`, where steps are slow some at once
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from instrument.learning.saved import SavedMoment
from instrument.learning.saved_tensors import facts_of, pieces_of, tensors_of
from instrument.signals.frames import SNAPSHOT_PART_BYTES, SnapshotFrame

if TYPE_CHECKING:
    from instrument.learning.course import Moment
    from instrument.learning.trainer import Trainer
    from instrument.learning.voice import Voice

EVERY_S = 10.0
BYTES_PER_S = 100_000.0
"""What saved moments take of a run file in the long run."""
PARTS_PER_S = 100.0
"""A recorder that comes two seconds late still hears every part: see the depth of `SNAPSHOTS`."""
MOST_AT_ONCE = 16
"""Parts between two steps: half a millisecond."""


class Saving:
    """Buffers of its own: `undo` and the guard fill theirs meanwhile. Trainer thread."""

    def __init__(self, trainer: "Trainer", voice: "Voice") -> None:
        self._trainer, self._voice = trainer, voice
        self.compact = False
        """Say the compact form: small files, not bit for bit."""
        self.taken = 0
        """Moments taken, or begun to be said."""
        self._frame = SnapshotFrame()
        self._held: Moment | None = None
        self._host: dict[str, Tensor] = {}
        self._landed: Callable[[], bool] = _at_once
        self._pieces: Callable[[], Sequence[memoryview]] | None = None
        self._parts: Iterator[bytes] | None = None
        self._due_s: float | None = None
        self._said_s = float("-inf")

    def reserve(self) -> None:
        """Make the buffer before the curtain, and have the images digested: each takes 5 ms."""
        course = self._trainer.course
        self._held = course.capture()
        facts_of(course, self._held, self.compact)

    @property
    def busy(self) -> bool:
        """Whether one is on its way."""
        return self._pieces is not None or self._parts is not None

    def due(self, now_s: float) -> bool:
        """Whether a moment should be taken now."""
        if self._due_s is None:
            self._due_s = now_s + EVERY_S
        return now_s >= self._due_s and not self.busy

    def hurry(self) -> None:
        """Take one as soon as the last is out."""
        self._due_s = float("-inf")

    def take(self, now_s: float) -> None:
        """Copy this moment; its parts follow."""
        course = self._trainer.course
        held = self._held
        if held is not None and held.learner.core.device != course.learner.device:
            held, self._host = None, {}
        moment = self._held = course.capture(held)
        tensors = tensors_of(course, moment, self._trainer.stands, self.compact)
        metadata = facts_of(course, moment, self.compact).to_metadata()
        there, self._landed = self._to_host(tensors)
        size = sum(t.numel() * t.element_size() for t in there.values())
        self._due_s = now_s + max(EVERY_S, size / BYTES_PER_S)
        self._begin(moment.mark.steps, lambda: pieces_of(there, metadata))

    def say(self, saved: SavedMoment, now_s: float) -> None:
        """Say the moment that the training begins with, as it is."""
        self._due_s = now_s + max(EVERY_S, len(saved.content) / BYTES_PER_S)
        self._landed = _at_once
        self._begin(saved.facts.steps, lambda: [memoryview(saved.content)])

    def _begin(self, step: int, pieces: Callable[[], Sequence[memoryview]]) -> None:
        self._frame.step, self._frame.number, self._frame.part = step, self.taken, 0
        self._pieces, self._parts = pieces, None
        self.taken += 1

    def turn(self, now_s: float) -> None:
        """Say the next parts, as many as it is time for."""
        if not self.busy or now_s < self._said_s + 1.0 / PARTS_PER_S:
            return
        owed = min(max(1.0, (now_s - self._said_s) * PARTS_PER_S), MOST_AT_ONCE)
        self._said_s = now_s
        if self._pieces is not None:
            if not self._landed():
                return
            make, self._pieces = self._pieces, None  # one that cannot be made is not tried for ever
            pieces = make()
            self._frame.size = sum(map(len, pieces))
            self._frame.parts = -(-self._frame.size // SNAPSHOT_PART_BYTES)
            self._parts = cut(pieces, SNAPSHOT_PART_BYTES)
            owed = 1.0
        assert self._parts is not None
        for part in islice(self._parts, int(owed)):
            self._say_part(part)
        if self._frame.part == self._frame.parts:
            self._parts = None

    def _say_part(self, part: bytes) -> None:
        frame = self._frame
        frame.count = len(part)
        memoryview(frame.content).cast("B")[: len(part)] = part  # type: ignore[call-overload]
        self._voice.say_snapshot(frame)
        frame.part += 1

    def _to_host(self, tensors: dict[str, Tensor]) -> tuple[dict[str, Tensor], Callable[[], bool]]:
        """The tensors where their bytes can be read, and whether they are there. Nothing waits.

        On CUDA into pinned memory that is kept; elsewhere than on the CPU and CUDA the copy waits.
        """
        if all(tensor.device.type == "cpu" for tensor in tensors.values()):
            return tensors, _at_once
        there = {
            name: self._to_kept(name, t) if t.device.type == "cuda" else t.cpu()
            for name, t in tensors.items()
        }
        if self._trainer.course.learner.device.type != "cuda":
            return there, _at_once
        event = torch.cuda.Event()
        event.record()
        return there, event.query

    def _to_kept(self, name: str, tensor: Tensor) -> Tensor:
        kept = self._host.get(name)
        if kept is None or kept.shape != tensor.shape or kept.dtype is not tensor.dtype:
            kept = torch.empty(tensor.shape, dtype=tensor.dtype, pin_memory=True)
            self._host[name] = kept
        return kept.copy_(tensor, non_blocking=True)


def _at_once() -> bool:
    return True


def cut(pieces: Sequence[memoryview], size: int) -> Iterator[bytes]:
    """All pieces, one after the other, in parts of `size` bytes; the last one may be shorter."""
    waiting = bytearray()
    for piece in pieces:
        for first in range(0, len(piece), size):
            waiting += piece[first : first + size]
            if len(waiting) >= size:
                yield bytes(waiting[:size])
                del waiting[:size]
    if waiting:
        yield bytes(waiting)
