"""Files of the performer's own: texts that can be read to their end, and TOML that cannot hurt."""

import os
import stat
import tomllib
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
