"""Files of the performer's own: read to their end, TOML that cannot hurt, written whole or not at all."""

import contextlib
import os
import stat
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from instrument.signals.mistake import Mistake


class NoToml(Mistake):
    """A text that is not TOML, in TOML's own words with the line."""


def read_own(path: Path, most_bytes: int) -> str:
    """The text of a plain file. `OSError` or `ValueError` for what is none, is larger, or is no UTF-8.

    A pipe or a device would be read for ever.
    """
    with open(path, "rb", opener=_at_once) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise ValueError("it is not a plain file")
        data = file.read(most_bytes + 1)
    if len(data) > most_bytes:
        raise ValueError(f"it is larger than {most_bytes // 1024} kB")
    return data.decode("utf-8").replace("\r\n", "\n")


@contextlib.contextmanager
def written_beside(path: Path, text: str) -> Iterator[Path]:
    """A text on the disk beside its place; who asked gives it its name, and what is left over goes.

    So a file is whole or as it was. `OSError` where it cannot be written, `ValueError` for what is no text.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with beside.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        yield beside
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)


def _at_once(name: str, flags: int) -> int:
    """Open without waiting for whoever should be at the other end of a pipe."""
    return os.open(name, flags | getattr(os, "O_NONBLOCK", 0))


def toml_of(text: str) -> dict[str, Any]:
    """What a TOML text says. Raises `NoToml`, whatever the text is.

    tomllib itself gives up in other words where brackets are a thousand deep or a number has 5,000 digits.
    """
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise NoToml("too many brackets within brackets") from None
    except ValueError as error:
        raise NoToml(str(error).partition(";")[0]) from None
