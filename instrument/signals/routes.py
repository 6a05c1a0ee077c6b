"""Routes on their way: a hand's or a file's change to the mapping, and the mapping as it stands on the bus.

What a route is, the mapping knows (`mapping.Route`); here it is a table of JSON values.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from instrument.signals.frames import ROUTES_BYTES, RoutesFrame

Record = Mapping[str, Any]
"""One route as JSON values."""


@dataclass(frozen=True)
class RouteEdit:
    """One key of one route turned by a hand. `which` is its name, or its number from 1."""

    which: str
    key: str
    value: object
    who: str


@dataclass(frozen=True)
class NewRoutes:
    """A whole mapping that takes the place of what stands. `who` names the file.

    It comes within `fade_s` seconds, and counts from block `due` of the sound on (0: at once), which will
    be at about `time_s`.
    """

    records: Sequence[Record]
    who: str
    fade_s: float = 0.0
    due: int = 0
    time_s: float = 0.0


@dataclass(frozen=True, eq=False)
class ReadyRoutes:
    """The mapping of a scene, read and checked for this show already: taking it costs nothing.

    `routes` are the mapping's own (`mapping.Route`), `text` their JSON, `ROUTES_BYTES` at the most.
    Over `fade_s` seconds the pushes of what stood go, and these come.
    """

    routes: tuple[Any, ...]
    text: bytes
    who: str
    fade_s: float = 0.0


RouteChange = RouteEdit | NewRoutes | ReadyRoutes


class RouteOwner(Protocol):
    """Who keeps the mapping for the conductor."""

    def take(self, change: RouteChange) -> None:
        """Make the change. Raises `Mistake`, and then what stood still stands. Conductor thread."""

    def text(self) -> tuple[int, bytes]:
        """How many routes there are, and their JSON, `ROUTES_BYTES` at the most. Conductor thread."""


def routes_frame(
    count: int, text: bytes, time_s: float, fade_s: float = 0.0, due: int = 0
) -> RoutesFrame:
    """`count` routes whose JSON is `text`, `ROUTES_BYTES` at the most, coming within `fade_s` seconds.

    They count from block `due` of the sound on, 0 at once.
    """
    frame = RoutesFrame(time_s=time_s, due=due, count=count, size=len(text), fade_s=fade_s)
    frame.text = text
    return frame


def records_of(frame: RoutesFrame) -> list[dict[str, Any]]:
    """The routes in a frame. Raises ValueError for a frame whose parts do not fit each other."""
    if frame.size > ROUTES_BYTES:
        raise ValueError("more text than a frame holds")
    records = json.loads(bytes(frame.text)[: frame.size].decode("utf-8"))
    if not isinstance(records, list) or len(records) != frame.count:
        raise ValueError("not as many routes as the frame says")
    if not all(isinstance(record, dict) for record in records):
        raise ValueError("a route that is no table")
    return records
