"""The memory of a training: snapshots before scars, bounded in MB, and a sound state for the guard."""

from collections import deque
from typing import Generic, Protocol, TypeVar


class Sized(Protocol):
    """A snapshot says how much it holds."""

    @property
    def bytes(self) -> int: ...


Kept = TypeVar("Kept", bound=Sized)


class Memory(Generic[Kept]):
    """A stack of snapshots for `undo`; the oldest make room. Trainer thread."""

    def __init__(self, limit_mb: float) -> None:
        self._limit = limit_mb * 1e6
        self._kept: deque[Kept] = deque()

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def bytes(self) -> int:
        """What all snapshots hold together."""
        return sum(snapshot.bytes for snapshot in self._kept)

    def push(self, snapshot: Kept) -> None:
        """Keep one; there is always room for the newest."""
        self._kept.append(snapshot)
        while len(self._kept) > 1 and self.bytes > self._limit:
            self._kept.popleft()

    def pop(self) -> Kept | None:
        """The newest, taken off the stack; None when there is none."""
        return self._kept.pop() if self._kept else None
