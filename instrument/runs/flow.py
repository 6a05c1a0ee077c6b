"""Whether frames can be written now, and what the performer is told when that changes."""

from dataclasses import dataclass
from enum import Enum

from instrument.runs.disk import BlockFile

MB = 1_000_000
HICCUP_S = 1.0
"""A disk that refuses for less is not worth a word."""


@dataclass(frozen=True)
class Limits:
    """Bytes: how much may wait in memory while the disk refuses, and when a disk is nearly full."""

    memory: int = 32 * MB
    warn: int = 500 * MB
    """Less is said at the start."""
    pause: int = 200 * MB
    """With less the recording pauses: the rest of the disk is for whoever needs it."""
    resume: int = 250 * MB


class State(Enum):
    """What becomes of a frame."""

    FLOWS = "it is written"
    WAITS = "it waits in memory"
    LACKS = "memory is full, it is dropped and counted"
    PAUSED = "the disk is nearly full, it is dropped and counted"


class Flow:
    """The state of a recording. One thread.

    ==============  ===========================  ======  ==================================
    from            when                         to      what is said
    ==============  ===========================  ======  ==================================
    any             less than `pause` is free    PAUSED  grave: it pauses, there is a gap
    FLOWS           the disk refuses for 1 s     WAITS   grave: it waits in memory
    FLOWS, WAITS    more than `memory` waits     LACKS   grave: there is a gap
    WAITS           the disk takes it again      FLOWS   nothing is missing
    LACKS           so it does, and less than    FLOWS   it goes on, so many s short
                    half of `memory` waits
    PAUSED          more than `resume` is free   FLOWS   it goes on, so many s short
    ==============  ===========================  ======  ==================================
    """

    def __init__(self, file: BlockFile, limits: Limits) -> None:
        self.state = State.FLOWS
        self._file, self._limits = file, limits
        self._lacked_s = 0.0
        self._since_s: float | None = None
        self._told_sync = self._told_deleted = False

    @property
    def open(self) -> bool:
        """Whether frames are taken."""
        return self.state in (State.FLOWS, State.WAITS)

    def lacking_s(self, now_s: float) -> float:
        """Seconds of the show that are missing so far."""
        return self._lacked_s + (now_s - self._since_s if self._since_s is not None else 0.0)

    def look(self, now_s: float) -> tuple[str, bool] | None:
        """Find the state; the sentence where it is another than before, and whether it is grave."""
        state = self._find(now_s)
        if state is self.state:
            return self._deleted() or self._sync_fault()
        self.state = state
        if not self.open:
            if self._since_s is None:
                self._since_s = now_s
            return self._words(), True
        gap_s = self.lacking_s(now_s) - self._lacked_s
        self._lacked_s, self._since_s = self.lacking_s(now_s), None
        if state is State.WAITS:
            return self._words(), True
        return self._goes_on(gap_s), False

    def _deleted(self) -> tuple[str, bool] | None:
        """Said once: on most systems an open file can be deleted and written on."""
        if self._told_deleted or not self._file.deleted:
            return None
        self._told_deleted = True
        name = self._file.path.name
        return f"{name} was deleted while it is recorded: nothing of this show is kept", True

    def _sync_fault(self) -> tuple[str, bool] | None:
        """Said once: some disks take everything and promise nothing."""
        reason = self._file.sync_fault
        if self._told_sync or not reason:
            return None
        self._told_sync = True
        return (
            f"the disk does not confirm what it takes ({reason}): a power cut may cost more",
            False,
        )

    def _find(self, now_s: float) -> State:
        file, limits = self._file, self._limits
        paused, lacking = self.state is State.PAUSED, self.state is State.LACKS
        if file.free_bytes is not None and file.free_bytes < (
            limits.resume if paused else limits.pause
        ):
            return State.PAUSED
        since_s = file.failing_since_s
        refuses = since_s is not None and (
            now_s >= since_s + HICCUP_S or self.state is not State.FLOWS
        )
        if file.waiting > (limits.memory // 2 if lacking else limits.memory):
            return State.LACKS
        if refuses:
            return State.LACKS if lacking else State.WAITS
        return State.FLOWS

    def _words(self) -> str:
        name, free = self._file.path.name, self._file.free_bytes or 0
        if self.state is State.PAUSED:
            return f"{free // MB} MB are free on the disk: the recording pauses, {name} has a gap from here"
        why = self._file.reason if self._file.failing_since_s is not None else "it is too slow"
        if self.state is State.LACKS:
            return (
                f"the disk does not keep up ({why}) and memory is full: {name} has a gap from here"
            )
        return f"the disk takes nothing ({why}): what is heard waits in memory"

    def _goes_on(self, gap_s: float) -> str:
        if gap_s <= 0.0:
            return f"the disk keeps up again: nothing is missing in {self._file.path.name}"
        return f"the recording goes on: {self._file.path.name} lacks {gap_s:.1f} s"
