"""Files that the system does not take: told before anything long begins, with the reason and a cure."""

import errno
import subprocess
import sys
from pathlib import Path

import pytest

from instrument.signals.mistake import Mistake
from instrument.signals.refused import cannot_write, check_takes, refusal

PATIENCE_S = 120
TINY = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)); "
"""As a full disk is: files may not grow to what anything needs."""


def test_a_folder_that_takes_files_is_asked_without_a_trace(tmp_path: Path) -> None:
    """Nothing is said, nothing lies there after, and what has the name already stays."""
    (tmp_path / "a.wav").write_bytes(b"mine")
    assert refusal(tmp_path / "a.wav") is None
    check_takes(tmp_path / "b.wav")
    assert [path.name for path in tmp_path.iterdir()] == ["a.wav"]
    assert (tmp_path / "a.wav").read_bytes() == b"mine"


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs a folder that takes no file")
def test_a_folder_that_takes_no_file_is_told_with_the_target() -> None:
    """The file that was meant is named, not the one that was tried."""
    with pytest.raises(
        Mistake, match=r"^/proc/self/a\.wav: cannot be written \(.+\); take a folder"
    ):
        check_takes(Path("/proc/self/a.wav"))


def test_the_cure_for_a_full_disk_is_room_and_not_another_right() -> None:
    """A disk that is full, a share of it that is used up; and a folder of somebody else."""
    full, foreign = OSError(errno.ENOSPC, "?"), PermissionError(errno.EACCES, "?")
    assert str(cannot_write(Path("a.wav"), full)) == (
        "a.wav: cannot be written (No space left on device); make room on that disk, or take another"
    )
    assert str(cannot_write(Path("a.wav"), foreign)) == (
        "a.wav: cannot be written (Permission denied); take a folder that you may write"
    )


@pytest.mark.skipif(sys.platform == "win32", reason="a file's size cannot be limited there")
@pytest.mark.parametrize(
    "words",
    [
        "instrument render-sound noise_to_digits -o a.wav",
        "instrument render noise_to_digits -o a.mp4",
        "instrument render noise_to_digits -o a.mp4 --stems voices",
        "instrument render noise_to_digits -o a",
        "instrument score noise_to_digits -o a.pdf",
        "instrument export noise_to_digits --csv a.csv",
        "instrument export noise_to_digits --midi a.mid",
        "instrument runs repair noise_to_digits -o ./a.mcap",
        "perform --headless --sound null --record a.mcap",
        "perform --headless --sound null --no-record --capture a.wav",
        "perform --headless --sound null --no-record --report a.json",
    ],
)
def test_a_disk_without_room_is_told_before_anything_is_opened(tmp_path: Path, words: str) -> None:
    """One sentence and nothing else: the target, why, and that room helps; nothing lies there after."""
    command, *rest = words.split()
    ended = subprocess.run(
        [sys.executable, "-c", f"{TINY}from instrument.cli import {command}; {command}()", *rest],
        capture_output=True, text=True, timeout=PATIENCE_S, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert ended.returncode == 2 and ended.stdout.strip() == ""
    (said,) = ended.stderr.splitlines()
    assert rest[-1].removeprefix("./") in said
    assert "cannot be written" in said and "(File too large); make room" in said
    assert list(tmp_path.iterdir()) == []
