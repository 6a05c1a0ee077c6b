"""The mapping as it stands in a show, and what hands and files may change of it while it plays."""

import json
from collections.abc import Sequence
from functools import lru_cache

from instrument.mapping.route import Route
from instrument.signals.controls import Bank
from instrument.signals.frames import ROUTES_BYTES
from instrument.signals.mistake import Mistake, did_you_mean
from instrument.signals.routes import NewRoutes, ReadyRoutes, RouteChange, RouteEdit
from instrument.signals.streams import StreamSpec

TURNED = (
    "depth", "rest", "low", "high", "times_low", "times_high", "curve", "lag_up", "lag_down", "hold",
    "threshold", "window", "mute", "stream", "control",
)  # fmt: skip
"""The keys of a route that a hand may turn while it plays."""


class RouteDesk:
    """The routes of a show. The conductor owns it; `routes` and `check` are for any thread."""

    def __init__(self, routes: Sequence[Route], streams: Sequence[StreamSpec], bank: Bank) -> None:
        """`routes` are in order (they come from a checked preset)."""
        self.routes = tuple(routes)
        """As they stand. Never changed, only replaced."""
        self._ready = routes_text(self.routes)
        self._streams, self._bank = tuple(streams), bank

    def check(self, edit: RouteEdit) -> None:
        """Raises `Mistake` for an edit that cannot be. Any thread."""
        self._edited(self.routes, edit)

    def take(self, change: RouteChange) -> None:
        """Make the change. Raises `Mistake`, and then what stood still stands. Conductor thread."""
        if isinstance(change, ReadyRoutes):
            self.routes, self._ready = change.routes, change.text
            return
        if isinstance(change, NewRoutes):
            routes = tuple(Route.from_dict(record) for record in change.records)
            for route in routes:
                self._refuse_faulty(route)
        else:
            routes = self._edited(self.routes, change)
        self._ready = routes_text(routes)
        self.routes = routes

    def text(self) -> tuple[int, bytes]:
        """How many routes there are, and their JSON."""
        return len(self.routes), self._ready

    def _edited(self, routes: tuple[Route, ...], edit: RouteEdit) -> tuple[Route, ...]:
        if edit.key not in TURNED:
            near = did_you_mean(edit.key, TURNED)
            raise Mistake(
                f"'{edit.key}' cannot be turned on a route{near} ({', '.join(TURNED)} can)"
            )
        number = _number(routes, edit.which)
        value = edit.value
        if edit.key == "mute" and isinstance(value, float) and 0.0 <= value <= 1.0:
            value = value >= 0.5
        route = Route.from_dict({**routes[number].to_dict(), edit.key: value})
        self._refuse_faulty(route)
        return (*routes[:number], route, *routes[number + 1 :])

    def _refuse_faulty(self, route: Route) -> None:
        fault = route.check(self._streams, self._bank)
        if fault is not None:
            raise Mistake(fault)


def _number(routes: Sequence[Route], which: str) -> int:
    """Place of the route of a name, or of a number from 1. Raises `Mistake`."""
    for number, route in enumerate(routes):
        if route.name == which:
            return number
    if which.isdecimal() and len(which) < 6 and 1 <= int(which) <= len(routes):
        return int(which) - 1
    names = [route.name for route in routes if route.name]
    if not routes:
        raise Mistake("there are no routes")
    raise Mistake(
        f"no route is called '{which}'{did_you_mean(which, names)} (there are 1 to {len(routes)}"
        f"{', '.join(['', *names])})"
    )


def routes_text(routes: Sequence[Route]) -> bytes:
    """JSON of some routes. Raises `Mistake` for more than travels."""
    text = b"[" + b",".join(map(_text, routes)) + b"]"
    if len(text) > ROUTES_BYTES:
        raise Mistake(
            f"these {len(routes)} routes take {len(text)} bytes as text, and {ROUTES_BYTES} at the most "
            "travel to sound and picture; leave some out"
        )
    return text


@lru_cache(maxsize=1024)
def _text(route: Route) -> bytes:
    return json.dumps(route.to_dict(), separators=(",", ":")).encode("utf-8")


def name_faults(routes: Sequence[Route | None]) -> dict[int, str]:
    """Sentences by place for routes whose name another one before them has."""
    first: dict[str, int] = {}
    faults = {}
    for number, route in enumerate(routes):
        if route is None or route.name is None:
            continue
        if route.name in first:
            faults[number] = f"route {first[route.name] + 1} is called '{route.name}' already"
        first.setdefault(route.name, number)
    return faults
