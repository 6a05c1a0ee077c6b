"""Routes that are in order and still will not move anything: told at the start, never refused."""

from collections.abc import Mapping, Sequence

import numpy as np

from instrument.mapping.route import Route
from instrument.mapping.source import Of, Source
from instrument.signals.controls import Bank
from instrument.signals.streams import StreamSpec

AT_END = 1e-6


def standing_still(
    routes: Sequence[Route], positions: np.ndarray, bank: Bank, streams: Sequence[StreamSpec]
) -> list[str]:
    """A sentence for each route that cannot move where everything stands now.

    `positions` float32 (controls,), where the preset puts every control. Muted routes are passed over.
    """
    known = {stream.name: stream for stream in streams}
    live = [
        (f"route {number} {route.title}", route)
        for number, route in enumerate(routes, 1)
        if not route.mute and route.check(streams, bank) is None
    ]
    told = []
    for words, route in live:
        at = float(positions[bank.number[route.control]])
        others = [other for _, other in live if other.control == route.control]
        fault = _no_way(route) or _at_its_end(route, at, others) or _no_trigger(route, known)
        if fault:
            told.append(f"{words}: {fault}")
    return told + _unheard([route for _, route in live], positions, bank)


def _no_way(route: Route) -> str:
    if route.depth != route.rest:
        return ""
    if route.depth == 0.0:
        return "depth and rest are both 0, so it pushes nothing"
    return f"depth and rest are both {route.depth:g}, so the push is always the same"


def _at_its_end(route: Route, at: float, others: Sequence[Route]) -> str:
    """`others`: all routes to its control."""
    if at >= 1.0 - AT_END and not any(min(r.depth, r.rest) < 0.0 for r in others):
        return f"'{route.control}' stands at its top already, and no route pushes it down"
    if at <= AT_END and not any(max(r.depth, r.rest) > 0.0 for r in others):
        return f"'{route.control}' stands at its bottom already, and no route pushes it up"
    return ""


def _no_trigger(route: Route, known: Mapping[str, StreamSpec]) -> str:
    if route.threshold == 0.0:
        return ""
    reach = _reach(route, known)
    if reach < route.threshold:
        return (
            f"its threshold is {route.threshold:g}, and over the usual span of its streams it comes to "
            f"{reach:.2g} at the most"
        )
    if route.hold < route.lag_up:
        return (
            f"its trigger lasts {route.hold:g} s, too short for lag_up = {route.lag_up:g}; "
            "take a longer hold or a shorter lag_up"
        )
    return ""


def _reach(route: Route, known: Mapping[str, StreamSpec]) -> float:
    """How high a route comes, 0..1, while its streams keep to their usual spans."""
    total = _ends(route.source, known)[1]
    for source in route.plus:
        low, high = _ends(source, known)
        total += max(source.weight * low, source.weight * high)
    total = min(1.0, max(0.0, total))
    for source in route.factors:
        total *= _ends(source, known)[1]
    return float(total**route.curve)


def _ends(source: Source, known: Mapping[str, StreamSpec]) -> tuple[float, float]:
    """Lowest and highest of 0..1 that a source says over the usual span of its stream."""
    if source.of != Of.LEVEL:
        return 0.0, 1.0
    stream, (low, high) = known[source.stream], source.span(known)
    ends = sorted((end - low) / (high - low) for end in (stream.low, stream.high))
    return min(1.0, max(0.0, ends[0])), min(1.0, max(0.0, ends[1]))


def _unheard(routes: Sequence[Route], positions: np.ndarray, bank: Bank) -> list[str]:
    """Voices whose level is at its bottom while routes play on them, and none raises it."""
    told = []
    for path in dict.fromkeys(route.control.rpartition(".")[0] for route in routes):
        level = f"{path}.level"
        if not path.startswith("sound.") or level not in bank:
            continue
        if positions[bank.number[level]] > AT_END:
            continue
        if any(r.control == level and max(r.depth, r.rest) > 0.0 for r in routes):
            continue
        count = sum(r.control.startswith(f"{path}.") and r.control != level for r in routes)
        if count:
            spec = bank.spec(level)
            told.append(
                f"{count} route{'s' if count > 1 else ''} to {path}: it is off ({level} is at "
                f"{spec.text(spec.low)}, and no route raises it)"
            )
    return told
