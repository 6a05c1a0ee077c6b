"""The disk under a recording: whoever writes never waits, and what a full disk refused is not lost."""

import errno
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from instrument.runs.disk import BlockFile, Disk
from instrument.runs.flow import Flow, Limits


class Stubborn(Disk):
    """A true disk that can be told to refuse, to be slow, or to take a few bytes at a time."""

    def __init__(self) -> None:
        self.refuses = 0
        """The errno it answers with; 0: it takes what comes."""
        self.most = 1 << 30
        """Bytes taken by one call."""
        self.holds = threading.Event()
        """Clear: every write hangs until it is set."""
        self.holds.set()
        self.syncs = True
        self.free: int | None = 10**12
        self.told: list[str] = []

    def write(self, file: int, data: memoryview, offset: int) -> int:
        self.holds.wait()
        if self.refuses:
            raise OSError(self.refuses, os.strerror(self.refuses))
        self.told.append("write")
        return super().write(file, data[: self.most], offset)

    def sync(self, file: int) -> None:
        self.told.append("sync")
        if not self.syncs:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        super().sync(file)

    def free_bytes(self, folder: Path) -> int:
        if self.free is None:
            raise OSError(errno.ENOSYS, "not told")
        return self.free


def eventually(true: Callable[[], object]) -> None:
    deadline_s = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline_s, "it does not come"
        time.sleep(0.002)


@pytest.fixture
def disk() -> Iterator[Stubborn]:
    disk = Stubborn()
    yield disk
    disk.holds.set()


def opened(path: Path, disk: Disk) -> BlockFile:
    file = BlockFile(path, disk)
    file.write(b"head")
    file.flush()
    file.begin()
    return file


def test_what_was_written_is_in_the_file(tmp_path: Path, disk: Stubborn) -> None:
    """Whatever is flushed when, and however little the system takes at once."""
    disk.most = 3
    file = opened(tmp_path / "file", disk)
    for number in range(40):
        assert file.tell() == 4 + 5 * number
        file.write(b"%05d" % number)
        if number % 7 == 0:
            file.flush()
    assert file.end()
    wanted = b"head" + b"".join(b"%05d" % number for number in range(40))
    assert (tmp_path / "file").read_bytes() == wanted
    assert (file.waiting, file.written, file.synced) == (0, len(wanted), len(wanted))


def test_the_beginning_is_on_disk_before_anything_else(tmp_path: Path, disk: Stubborn) -> None:
    """`begin` returns when what was flushed cannot be lost any more."""
    file = opened(tmp_path / "file", disk)
    assert disk.told == ["write", "sync"]
    assert (tmp_path / "file").read_bytes() == b"head"
    file.end()


def test_a_disk_that_hangs_holds_nobody_up(tmp_path: Path, disk: Stubborn) -> None:
    """Everything is taken, counted as waiting, and written when the disk comes back."""
    file = opened(tmp_path / "file", disk)
    disk.holds.clear()
    for _ in range(50):
        file.write(bytes(1000))
        file.flush()
    assert file.waiting == 50_000
    disk.holds.set()
    eventually(lambda: file.waiting == 0)
    assert file.end() and os.path.getsize(tmp_path / "file") == 50_004


def test_a_full_disk_that_is_free_again_leaves_a_whole_file(tmp_path: Path, disk: Stubborn) -> None:
    """What was refused is written later, at its place; until then it is told why and since when."""
    file = opened(tmp_path / "file", disk)
    disk.refuses = errno.ENOSPC
    for number in range(10):
        file.write(b"%d" % number)
        file.flush()
    eventually(lambda: file.failing_since_s is not None)
    assert file.reason == "No space left on device"
    assert file.waiting == 10
    disk.refuses = 0
    eventually(lambda: file.waiting == 0)
    assert file.failing_since_s is None
    assert file.end() and (tmp_path / "file").read_bytes() == b"head0123456789"


def test_a_disk_that_takes_nothing_is_asked_again_later(tmp_path: Path, disk: Stubborn) -> None:
    """No error and no byte is a refusal: it is not asked a million times a second, and it is said."""
    file = opened(tmp_path / "file", disk)
    disk.most = 0
    file.write(b"waits")
    file.flush()
    eventually(lambda: file.failing_since_s is not None)
    assert file.reason
    disk.most = 1 << 30
    assert file.end()
    assert (tmp_path / "file").read_bytes() == b"headwaits"


def test_a_file_that_cannot_take_its_beginning_is_not_left_behind(
    tmp_path: Path, disk: Stubborn
) -> None:
    """A full disk is told before the curtain."""
    disk.refuses = errno.ENOSPC
    with pytest.raises(OSError, match="No space"):
        opened(tmp_path / "file", disk)
    assert not (tmp_path / "file").exists()


def test_the_end_of_a_show_does_not_wait_for_a_dead_disk(tmp_path: Path, disk: Stubborn) -> None:
    """`end` gives up after its time and says so."""
    file = opened(tmp_path / "file", disk)
    disk.refuses = errno.EIO
    file.write(b"tail")
    assert not file.end(within_s=0.3)
    assert (tmp_path / "file").read_bytes() == b"head"


def test_everything_is_synced_soon_after_it_was_written(tmp_path: Path, disk: Stubborn) -> None:
    """A pulled plug takes what is not synced: nothing stays so when there is nothing more to write."""
    file = opened(tmp_path / "file", disk)
    file.write(b"more")
    file.flush()
    eventually(lambda: file.synced == 8)
    file.end()


def test_a_sync_that_fails_stops_nothing(tmp_path: Path, disk: Stubborn) -> None:
    """It is remembered, and everything is written."""
    file = opened(tmp_path / "file", disk)
    disk.syncs = False
    file.write(b"more")
    file.flush()
    eventually(lambda: file.sync_fault)
    assert file.sync_fault == "Invalid argument" and file.failing_since_s is None
    assert file.end() and (tmp_path / "file").read_bytes() == b"headmore"


def test_a_disk_that_does_not_tell_how_much_is_free_is_no_fault(
    tmp_path: Path, disk: Stubborn
) -> None:
    """Some file systems do not say."""
    disk.free = None
    file = opened(tmp_path / "file", disk)
    assert file.free_bytes is None
    assert Flow(file, Limits()).look(0.0) is None
    file.end()
