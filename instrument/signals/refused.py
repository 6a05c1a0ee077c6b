"""Why the system takes no file: asked before anything long begins, and told with its cure."""

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from instrument.signals.mistake import Mistake

TRIAL_BYTES = 16_384
"""Where not even these have room, nothing that the instrument writes has."""
NO_ROOM = (errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC))


def refusal(path: Path) -> OSError | None:
    """What the system says to a new file in the folder of `path`; None where it takes one.

    It tries one that has no name where that is possible, and that is gone at once everywhere.
    """
    try:
        with tempfile.TemporaryFile(dir=path.absolute().parent) as trial:
            trial.write(bytes(TRIAL_BYTES))
            trial.flush()
    except OSError as error:
        return error
    return None


def reason(error: Exception) -> str:
    """Why, in the words of the system, or of whoever refuses in its place."""
    number = error.errno if isinstance(error, OSError) else None
    return os.strerror(number) if number else str(error).rstrip(".")


def cure(error: OSError) -> str:
    """What helps against it."""
    if error.errno in NO_ROOM:
        return "make room on that disk, or take another"
    return "take a folder that you may write"


def cannot_write(path: Path, error: OSError) -> Mistake:
    """``FILE: cannot be written (No space left on device); make room on that disk, or take another``."""
    return Mistake(f"{path}: cannot be written ({reason(error)}); {cure(error)}")


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """What the system refuses meanwhile is a `Mistake` that names `path`, whatever is written first."""
    try:
        yield
    except OSError as error:
        raise cannot_write(path, error) from error


def check_takes(path: Path) -> None:
    """Raises `Mistake` where no file can be begun in the folder of `path`. The folder is there."""
    error = refusal(path)
    if error is not None:
        raise cannot_write(path, error)
