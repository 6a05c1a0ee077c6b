"""Big stretches of memory, made and given back so that nobody who renders waits for it.

Python holds its lock while it zeroes, frees or unmaps memory: 6 ms for half a minute of sound, 90 ms
for ten minutes, which a render thread with 10 ms in hand hears. So big stretches are mapped, filled in
pieces by another thread, and given back by it through calls that do not hold the lock.

What pyo is to read lies in named shared memory, which a pyo ``SharedTable`` opens in well below a
millisecond, whatever its length. Only Linux and macOS have that; elsewhere `SharedSamples.make` says
None and the render thread fills a table by itself.
"""

import contextlib
import importlib
import itertools
import mmap
import os
import queue
import re
import sys
import weakref
from collections.abc import Callable
from pathlib import Path

import numpy as np

SAMPLE = np.dtype(np.float64)
"""What the tables of ``pyo64`` are made of."""
PREFIX = "twos7-"
FOLDER = Path("/dev/shm")
STALE = re.compile(rf"{PREFIX}(\d+)-\d+")

_numbers = itertools.count()
_unwanted: "queue.SimpleQueue[Callable[[], None]]" = queue.SimpleQueue()
"""What is left to do for stretches that nobody holds any more."""


def sweep() -> None:
    """Give back what nobody holds any more. Call it from a thread that may take its time."""
    while True:
        try:
            give_back = _unwanted.get_nowait()
        except queue.Empty:
            return
        give_back()


def clear_stale() -> None:
    """Remove the named memory of processes that were killed before they could."""
    if not sys.platform.startswith("linux") or not FOLDER.is_dir():
        return
    for path in FOLDER.iterdir():
        match = STALE.fullmatch(path.name)
        if match and not Path(f"/proc/{match[1]}").exists():
            with contextlib.suppress(OSError):
                path.unlink()


class _File:
    """A piece of memory that can be emptied without Python's lock: a file without a place."""

    def __init__(self, size: int, name: str) -> None:
        """Raises OSError or ImportError where there is no such thing."""
        self.name = name
        calls = importlib.import_module("_posixshmem")
        self._unlink: Callable[[str], None] = calls.shm_unlink
        self.fd: int = calls.shm_open(f"/{name}", os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
        self.linked = True
        try:
            os.ftruncate(self.fd, size)
            if hasattr(os, "posix_fallocate"):
                # Without it a full file system is only noticed by dying of a write.
                os.posix_fallocate(self.fd, 0, size)
            self.map = mmap.mmap(self.fd, size)
        except OSError:
            self.unlink()
            os.close(self.fd)
            raise

    def unlink(self) -> None:
        """Take the name away; who has it mapped keeps it."""
        if self.linked:
            self.linked = False
            with contextlib.suppress(OSError):
                self._unlink(f"/{self.name}")

    def give_back(self) -> None:
        """Empty it: nobody reads it any more. What is mapped beyond is only addresses."""
        self.unlink()
        with contextlib.suppress(OSError, ValueError):
            os.ftruncate(self.fd, 0)
            os.close(self.fd)
            self.map.close()


def _later(file: _File) -> None:
    _unwanted.put(file.give_back)


def long_array(frames: int, channels: int) -> np.ndarray:
    """Float32 zeros (frames, channels) that are given back by `sweep` once nobody holds them."""
    size = max(1, frames * channels) * 4
    try:
        file = _File(size, f"{PREFIX}{os.getpid()}-{next(_numbers)}")
    except (OSError, ImportError):
        return np.zeros((frames, channels), np.float32)
    file.unlink()
    flat = np.frombuffer(memoryview(file.map), np.float32)
    weakref.finalize(flat, _later, file)
    return flat[: frames * channels].reshape(frames, channels)


class SharedSamples:
    """One channel of samples that pyo can open as a table: float64 `samples` (length + 1,)."""

    def __init__(self, length: int) -> None:
        """Raises OSError or ImportError where there is no shared memory, or not so much."""
        self._length = length
        self._file = _File(
            (length + 1) * SAMPLE.itemsize, f"{PREFIX}{os.getpid()}-{next(_numbers)}"
        )
        self.samples: np.ndarray = np.frombuffer(memoryview(self._file.map), SAMPLE)
        self._table: object | None = None
        weakref.finalize(self.samples, _later, self._file)

    @classmethod
    def make(cls, length: int) -> "SharedSamples | None":
        """Room for so many samples, or None where there is none."""
        try:
            return cls(length)
        except (OSError, ImportError):
            return None

    def close_loop(self) -> None:
        """The sample after the last is the first, for readers that interpolate across the end."""
        self.samples[self._length] = self.samples[0]

    def table(self, open_table: Callable[[str, int], object]) -> object:
        """The pyo table over it, opened once by ``open_table(name, length)``. Render thread."""
        if self._table is None:
            self._table = _keeping(open_table(f"/{self._file.name}", self._length), self.samples)
            self._file.unlink()
        return self._table


def _keeping(table: object, samples: np.ndarray) -> object:
    """The table, which keeps the memory it reads from for as long as it lives itself."""
    table.samples = samples  # type: ignore[attr-defined]
    return table
