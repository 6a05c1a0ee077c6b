"""Opening a file that somebody named: a plain file, read only, without waiting for anybody."""

import os
import stat
from pathlib import Path
from typing import BinaryIO

from instrument.signals.mistake import Mistake

KINDS = (
    (stat.S_ISDIR, "is a folder"),
    (stat.S_ISFIFO, "is a pipe"),
    (stat.S_ISSOCK, "is a socket"),
    (stat.S_ISCHR, "is a device"),
    (stat.S_ISBLK, "is a device"),
)


def open_plain(path: Path) -> BinaryIO:
    """The file, opened to be read. Raises `Mistake`; a pipe without a writer does not hold it up."""
    flags = os.O_RDONLY
    for name in ("O_NONBLOCK", "O_CLOEXEC", "O_NOCTTY", "O_BINARY"):  # not everywhere are all
        flags |= getattr(os, name, 0)
    try:
        number = os.open(path, flags)
    except (OSError, ValueError) as error:
        raise Mistake(f"{path}: cannot be read ({_reason(error)})") from error
    what = kind_of(os.fstat(number).st_mode)
    if what:
        os.close(number)
        raise Mistake(f"{path}: {what}; a run is a plain file")
    return open(number, "rb")


def kind_of(mode: int) -> str:
    """What a file is that is no plain one, as a clause; '' for a plain one."""
    if stat.S_ISREG(mode):
        return ""
    return next((words for is_kind, words in KINDS if is_kind(mode)), "is no plain file")


def _reason(error: OSError | ValueError) -> str:
    return (error.strerror if isinstance(error, OSError) else str(error)) or "unknown"
