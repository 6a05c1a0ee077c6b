"""`open_outlet`: a way out for pictures by its name: ``ndi:NAME``, ``syphon``, ``spout``, ``camera``."""

import sys
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol

import numpy as np

from instrument.signals.mistake import Mistake, did_you_mean

NAME = "twos and sevens"


class Outlet(Protocol):
    """Gives pictures of one size to other programs. One thread, the one that opened it."""

    form: str
    """What `send` takes: ``rgba`` or ``rgb24``."""
    words: str
    """Where the pictures go, for the performer."""

    def send(self, pixels: np.ndarray) -> None:
        """A picture, uint8 (height, width, 4 or 3), top row first. Raises what its library raises."""

    def close(self) -> None:
        """No more pictures."""


@dataclass(frozen=True)
class Kind:
    """A way out: its file, the library it needs, and where it works (a `sys.platform`, or anywhere)."""

    name: str
    library: str
    platform: str = ""

    @property
    def here(self) -> bool:
        """Whether this system has it."""
        return not self.platform or sys.platform == self.platform


KINDS = (
    Kind("ndi", "cyndilib"),
    Kind("syphon", "syphon", "darwin"),
    Kind("spout", "SpoutGL", "win32"),
    Kind("camera", "pyvirtualcam"),
)
SYSTEMS = {"darwin": "macOS", "win32": "Windows"}


def kind_of(what: str) -> tuple[Kind, str]:
    """The kind and the name in ``kind:name`` ('' where none is said). Raises `Mistake`."""
    word, _, name = what.partition(":")
    kinds = {kind.name: kind for kind in KINDS}
    here = ", ".join(kind.name for kind in KINDS if kind.here)
    if word not in kinds:
        near = did_you_mean(word, tuple(kinds))
        raise Mistake(f"--share {what}: pictures are shared by {here} here{near}")
    kind = kinds[word]
    if not kind.here:
        raise Mistake(
            f"--share {what}: {word} is a thing of {SYSTEMS[kind.platform]}; here: {here}"
        )
    return kind, name.strip()


def open_outlet(what: str, size: tuple[int, int], rate: float) -> Outlet:
    """Open a way out for pictures of `size` (width, height), `rate` per second.

    Raises `Mistake` when it is not known, its library is missing, or it cannot be opened.
    """
    kind, name = kind_of(what)
    module = import_module(f"instrument.picture.sharing.{kind.name}")
    try:
        outlet: Outlet = module.Outlet(name or None, size, rate)
    except ImportError as error:
        raise Mistake(
            f"--share {what}: {kind.library} is not installed or does not load ({error}); "
            f"pip install 'twos-and-sevens[{kind.name}]' brings it"
        ) from error
    except Mistake as mistake:
        raise Mistake(f"--share {what}: {mistake}") from mistake
    return outlet
