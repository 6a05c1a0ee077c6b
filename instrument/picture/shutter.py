"""`Shutter`: which screenshots are due, and where they go. No GL; main thread."""

import math
from pathlib import Path

from instrument.signals.mistake import Mistake

SHORTEST_S = 0.1


def check_interval(every_s: float | None, folder: Path | None) -> None:
    """Raises `Mistake` for screenshots by themselves that cannot be."""
    if every_s is None:
        return
    if not (math.isfinite(every_s) and every_s >= SHORTEST_S):
        raise Mistake(
            f"a screenshot every {every_s:g} s is not possible; {SHORTEST_S:g} s and above are allowed"
        )
    if folder is None:
        raise Mistake("screenshots at intervals need a folder to go to")


class Shutter:
    """Asked by hand (`ask`) and at intervals."""

    def __init__(self, every_s: float | None, folder: Path | None) -> None:
        """`folder`: where those without a path go; None: the present one."""
        self._every_s, self._folder = every_s, folder
        self._asked: list[Path] = []
        self._next_s = 0.0

    def begin(self, now_s: float) -> None:
        """The interval counts from here."""
        self._next_s = now_s

    def ask(self, path: Path | None, name: str) -> Path:
        """One of the next picture, to `path` or under `name`; returns where it goes."""
        self._asked = [Path(path) if path is not None else (self._folder or Path()) / name]
        return self._asked[0]

    def due(self, now_s: float, name: str) -> list[Path]:
        """Where the picture of this moment is to go; `name` of it if it has no other."""
        paths = []
        if self._every_s is not None and self._folder is not None and now_s >= self._next_s:
            while self._next_s <= now_s:
                self._next_s += self._every_s
            paths.append(self._folder / name)
        paths += self._asked
        self._asked = []
        return paths
