"""`Sleeper`: the pyo objects of a deck, stopped and played together, object by object.

`PyoObject.play` sorts out lists of times and delays for every object: 4 to 15 ms for the voices that a
scene wakes in one block. What is under it is played here at once: a twelfth of that.
"""

from collections.abc import Sequence
from typing import Any

PLAYED = ("_base_players", "_time_objs", "_base_objs")
STOPPED = ("_base_players", "_base_objs")
"""As `PyoObject.play` and `PyoObject.stop` go through them."""


class Sleeper:
    """Everything that was made for one deck. Render thread."""

    def __init__(self, parts: Sequence[Any]) -> None:
        """`parts`: pyo objects, those that others made for themselves among them (`Graph.gather`)."""
        self.parts = tuple(parts)
        self._played = _under(parts, PLAYED)
        self._stopped = _under(parts, STOPPED)

    def play(self) -> None:
        """All of them, from the next block on."""
        for base in self._played:
            base.play(0, 0)

    def stop(self) -> None:
        """All of them are silent from the next block on."""
        for base in self._stopped:
            base.stop(0)


def _under(parts: Sequence[Any], names: Sequence[str]) -> list[Any]:
    return [base for part in parts for name in names for base in getattr(part, name, None) or ()]
