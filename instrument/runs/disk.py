"""The disk under a recording: bytes go to memory, and a thread of their own puts them where they belong.

Whoever writes never waits. A block that the disk refuses is kept and tried again at the same place, so a
disk that was full for a while leaves a whole file behind.
"""

import contextlib
import errno
import os
import shutil
import threading
import time
from collections import deque
from pathlib import Path

from instrument.clock import Clock, wall_clock

RETRY_S = 0.25
SYNC_S = 1.0
"""So much at the most of what was written may lie in the system's memory, where a pulled plug takes it."""
LOOK_S = 5.0
"""How often the free space is asked for, and whether the file is there still."""


class Disk:
    """What is asked of the system. A test hands in one that is slow, or full."""

    def make(self, path: Path) -> int:
        """Open a file that is not there yet. Raises OSError."""
        binary = getattr(os, "O_BINARY", 0)
        return os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | binary, 0o644)

    def write(self, file: int, data: memoryview, offset: int) -> int:
        """Write some of `data` at a place; how many it took (0 is a refusal). Raises OSError."""
        if hasattr(os, "pwrite"):
            return os.pwrite(file, data, offset)
        os.lseek(file, offset, os.SEEK_SET)
        return os.write(file, data)

    def sync(self, file: int) -> None:
        """Returns when what was written has left the machine's memory. Raises OSError."""
        getattr(os, "fdatasync", os.fsync)(file)

    def close(self, file: int) -> None:
        """Close it. Raises OSError."""
        os.close(file)

    def is_deleted(self, file: int, path: Path) -> bool:
        """Whether an open file is no file any more, nor will be when it is closed. Raises OSError."""
        held = os.fstat(file)
        if held.st_nlink:
            return False  # some file systems count none for any file
        return not (path.exists() and os.path.samestat(held, path.stat()))

    def free_bytes(self, folder: Path) -> int:
        """What is free where this folder lies. Raises OSError."""
        return shutil.disk_usage(folder).free


class BlockFile:
    """A file that is written from front to back: `write`, `tell` and `flush` as MCAP's writer wants them.

    One thread writes; the properties may be read by any. What is written waits until `flush` hands it on.
    """

    def __init__(self, path: Path, disk: Disk | None = None, clock: Clock = wall_clock) -> None:
        self.path = path
        self.written = 0
        """Bytes that the system has taken, from the beginning of the file."""
        self.synced = 0
        """Bytes that a pulled plug leaves."""
        self.failing_since_s: float | None = None
        """Since when the disk refuses what it is given; None while it does not."""
        self.reason = ""
        """Why it refused last, in the words of the system."""
        self.sync_fault = ""
        """Why the system would not say that what it took is on the disk; "" while it does."""
        self.free_bytes: int | None = None
        """What was free a few seconds ago; None where the system does not say."""
        self.deleted = False
        """Whether somebody deleted it while it was written: what is written is nowhere."""
        self.cpu_s = 0.0
        """Seconds of a processor that the thread of the disk took."""
        self._disk = disk or Disk()
        self._clock = clock
        self._file: int | None = None
        self._pieces: list[bytes] = []
        self._length = 0
        self._blocks: deque[bytes] = deque()
        self._change = threading.Condition()
        self._ending = False
        self._giving_up = threading.Event()
        self._synced_s = self._looked_s = float("-inf")
        self._thread = threading.Thread(target=self._run, name="disk", daemon=True)

    @property
    def waiting(self) -> int:
        """Bytes in memory that the disk has not taken."""
        return self._length - self.written

    def write(self, data: bytes | bytearray | memoryview) -> int:
        """Append. Writer's thread; never waits."""
        if data:
            self._pieces.append(bytes(data))
            self._length += len(data)
        return len(data)

    def tell(self) -> int:
        """Where the next byte goes."""
        return self._length

    def flush(self) -> None:
        """Hand on what was written so far. Writer's thread; never waits."""
        if not self._pieces:
            return
        block = b"".join(self._pieces)
        self._pieces = []
        with self._change:
            self._blocks.append(block)
            self._change.notify()

    def begin(self) -> None:
        """Make the file, write what was flushed, start the thread. Raises OSError, and no file is left."""
        self._file = self._disk.make(self.path)
        try:
            while self._blocks:
                self._put(self._blocks.popleft())
            self._sync()
        except OSError:
            self._disk.close(self._file)
            self._file = None
            self.path.unlink(missing_ok=True)
            raise
        self._look()
        self._thread.start()

    def end(self, within_s: float = 5.0) -> bool:
        """Close the file when all is written; False where the disk did not take it in time."""
        self.flush()
        with self._change:
            self._ending = True
            self._change.notify()
        self._thread.join(timeout=within_s)
        done = not self._thread.is_alive()
        self._giving_up.set()
        return done and self.waiting == 0

    def _run(self) -> None:
        while (block := self._next()) is not None:
            self._insist(block)
            self._keep_up()
            self.cpu_s = time.thread_time()
        self._close()

    def _next(self) -> bytes | None:
        """The block that is due; b"" where there is none for a second, None at the end. Disk thread."""
        with self._change:
            if not self._blocks and not self._ending:
                self._change.wait(timeout=SYNC_S)
            if self._blocks:
                return self._blocks.popleft()
            return None if self._ending else b""

    def _insist(self, block: bytes) -> None:
        """Write a whole block, however long the disk refuses."""
        rest = block
        while rest and not self._giving_up.is_set():
            before = self.written
            try:
                self._put(rest)
            except OSError as error:
                self._refused(error)
                self._giving_up.wait(RETRY_S)
            else:
                self.failing_since_s = None
            rest = rest[self.written - before :]

    def _put(self, block: bytes) -> None:
        """Write at the end of what is written. Raises OSError; `written` says how far it came."""
        assert self._file is not None, "begin first"
        rest = memoryview(block)
        while rest:
            count = self._disk.write(self._file, rest, self.written)
            if not count:
                raise OSError(errno.EIO, "it takes nothing, and does not say why")
            self.written += count
            rest = rest[count:]

    def _refused(self, error: OSError) -> None:
        self.reason = error.strerror or type(error).__name__
        if self.failing_since_s is None:
            self.failing_since_s = self._clock()
        self._look()

    def _keep_up(self) -> None:
        """Sync where it is time, and look how much is free."""
        now_s = self._clock()
        if self.synced < self.written and (not self._blocks or now_s - self._synced_s >= SYNC_S):
            try:
                self._sync()
            except OSError as error:
                self._synced_s = now_s
                self.sync_fault = error.strerror or type(error).__name__
        if now_s - self._looked_s >= LOOK_S:
            self._look()

    def _sync(self) -> None:
        assert self._file is not None, "begin first"
        reached = self.written
        self._disk.sync(self._file)
        self.synced = reached
        self._synced_s = self._clock()

    def _look(self) -> None:
        self._looked_s = self._clock()
        try:
            self.free_bytes = self._disk.free_bytes(self.path.absolute().parent)
        except OSError:
            self.free_bytes = None
        with contextlib.suppress(OSError):
            self.deleted = self._file is not None and self._disk.is_deleted(self._file, self.path)

    def _close(self) -> None:
        assert self._file is not None, "begin first"
        with contextlib.suppress(OSError):  # what the system took it will write, if it can
            self._sync()
        self._look()
        with contextlib.suppress(OSError):
            self._disk.close(self._file)
