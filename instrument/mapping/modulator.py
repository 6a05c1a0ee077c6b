"""All routes of a show for one listener. Called once per audio block and once per picture."""

from collections.abc import Callable, Sequence

import numpy as np

from instrument.mapping.reads import Reads, key_of
from instrument.mapping.route import CALM, Route
from instrument.mapping.shapes import Holding, Smoothing
from instrument.mapping.source import Source
from instrument.signals.controls import Bank
from instrument.signals.streams import StreamSpec


class _Pass:
    """One more term of every sum, or one more factor of every product, of the routes that have it."""

    def __init__(self, routes: list[int], sources: list[int], weights: list[float]) -> None:
        """Numbers of routes (each at most once), numbers of their sources, and weights in a sum."""
        self.routes, self.sources = np.array(routes, np.intp), np.array(sources, np.intp)
        self.weights = np.array(weights, np.float64)


class Modulator:
    """Base positions and streams in, values in units out."""

    def __init__(self, routes: Sequence[Route], streams: Sequence[StreamSpec], bank: Bank) -> None:
        """Routes that cannot move in this show are left out and told in `idle`."""
        self.bank = bank
        self.streams = tuple(streams)
        self._known = {stream.name: stream for stream in streams}
        self.routes: tuple[Route, ...] = ()
        self.idle: list[str] = []
        self._calm = bank.number.get(CALM)
        self._moved = np.zeros(len(bank), np.float64)
        self._values = np.zeros(len(bank), np.float64)
        self._began = False
        self._calm_now = 0.0
        self._take(routes)

    def replace(self, routes: Sequence[Route]) -> None:
        """Other routes from now on; those that stay, or only turned, go on from where they are.

        A new route begins at 0 and rises with its lag. The thread that asks for values.
        """
        before, reads, smooth, holding = self.routes, self._reads, self._smooth, self._holding
        self._take(routes)
        self._go_on(before, reads, smooth, holding)

    def succeeded(self, routes: Sequence[Route]) -> "Modulator":
        """A modulator with other routes that goes on from where this one is, which is left as it is.

        The thread that asks for values.
        """
        new = Modulator((), self.streams, self.bank)
        new.routes, new._began = self.routes, self._began
        new._take(routes)
        new._go_on(self.routes, self._reads, self._smooth, self._holding)
        return new

    def _go_on(
        self, before: Sequence[Route], reads: Reads, smooth: Smoothing, holding: Holding
    ) -> None:
        """Take over from routes that stood, and from what they had read, smoothed and held."""
        self._reads.keep(reads)
        if not self._began:
            return
        state = np.zeros(len(self.routes))
        for mine, theirs in enumerate(successors(before, self.routes)):
            if theirs is not None:
                state[mine] = smooth.state[theirs]
                self._holding.state[:, mine] = holding.state[:, theirs]
        self._smooth.begin_at(state)

    def _take(self, routes: Sequence[Route]) -> None:
        self.idle = []
        live: list[Route] = []
        checked = {id(route) for route in self.routes}
        for route in routes:
            fault = None if id(route) in checked else route.check(self.streams, self.bank)
            if fault is None:
                live.append(route)
            else:
                self.idle.append(fault)
        self.routes = tuple(live)
        self._lay_sources(live)
        self._control = np.array([self.bank.number[route.control] for route in live], np.intp)
        numbers = np.array(
            [
                (r.curve, r.rest, r.depth, not r.mute, r.lag_up, r.lag_down, r.hold, r.threshold)
                for r in live
            ],
            np.float64,
        ).reshape(len(live), 8)
        self._curve, rest, depth, loud, lag_up, lag_down, hold, threshold = numbers.T.copy()
        self._rest, self._way = rest * loud, (depth - rest) * loud
        self._smooth = Smoothing(lag_up, lag_down)
        self._holding = Holding(hold, threshold)

    def _lay_sources(self, live: Sequence[Route]) -> None:
        """Number every source: the first of each route, then the terms, then the factors."""
        sources = [route.source for route in live]
        self._sums = _passes([route.plus for route in live], sources)
        self._products = _passes([route.factors for route in live], sources)
        keys = list(dict.fromkeys(key_of(source) for source in sources))
        self._reads = Reads(keys, self.streams)
        number = {key: n for n, key in enumerate(keys)}
        spans = np.array([source.span(self._known) for source in sources], np.float64).reshape(
            -1, 2
        )
        self._read = np.array([number[key_of(source)] for source in sources], np.intp)
        self._low = spans[:, 0].copy()
        self._scale = 1.0 / (spans[:, 1] - spans[:, 0])

    @property
    def refused(self) -> int:
        """Non-finite numbers stopped so far."""
        return self._reads.refused

    def positions(self, positions: np.ndarray, streams: np.ndarray, elapsed_s: float) -> np.ndarray:
        """Base plus push, clamped to 0..1; float64 (controls,), overwritten by the next call.

        `positions` float32 (controls,), `streams` float32 (streams,) or longer, `elapsed_s` since
        the last call.
        """
        moved = self._moved
        moved[:] = positions[: len(moved)]
        if self.routes:
            smooth = self._smooth(self._shape(streams, elapsed_s), elapsed_s)
            self._began = True
            calm = 1.0 if self._calm is None else float(positions[self._calm])
            self._calm_now = calm
            push = (smooth * self._way + self._rest) * calm
            moved += np.bincount(self._control, push, len(moved))
            np.maximum(moved, 0.0, out=moved)
            np.minimum(moved, 1.0, out=moved)
        return moved

    def moves(self) -> tuple[np.ndarray, np.ndarray]:
        """Where the first stream of each route stands, 0..1 of the route's span, and each one's push.

        Both float64 (routes,), in the order of `routes`, of the last call of `positions`; nothing is
        worked out unless somebody asks. A push is in positions, -1..1, `calm` included.
        """
        count = len(self.routes)
        if not self._began or not count:
            return np.zeros(count), np.zeros(count)
        said, low = self._reads.now[self._read[:count]], self._low[:count]
        at = (np.where(np.isnan(said), low, said) - low) * self._scale[:count]
        push = (self._smooth.state * self._way + self._rest) * self._calm_now
        return np.clip(at, 0.0, 1.0), push

    def _shape(self, streams: np.ndarray, elapsed_s: float) -> np.ndarray:
        """What each route says before its lag, 0..1, float64 (routes,)."""
        said = self._reads(streams, elapsed_s)[self._read]
        if not self._reads.whole:
            said = np.where(np.isnan(said), self._low, said)
        said -= self._low
        said *= self._scale
        np.maximum(said, 0.0, out=said)
        np.minimum(said, 1.0, out=said)
        shaped = said[: len(self.routes)]
        for terms in self._sums:
            shaped[terms.routes] += said[terms.sources] * terms.weights
        if self._sums:
            np.clip(shaped, 0.0, 1.0, out=shaped)
        for factors in self._products:
            shaped[factors.routes] *= said[factors.sources]
        np.power(shaped, self._curve, out=shaped)
        self._holding(shaped, elapsed_s)
        return shaped

    def values(self, positions: np.ndarray, streams: np.ndarray, elapsed_s: float) -> np.ndarray:
        """What every control stands at, in its unit; float64 (controls,), overwritten by the next call."""
        return self.bank.map(self.positions(positions, streams, elapsed_s), self._values)


def _passes(lists: Sequence[Sequence[Source]], sources: list[Source]) -> list[_Pass]:
    """The sources of all routes as passes in which no route comes twice; appends them to `sources`."""
    passes = []
    for turn in range(max(map(len, lists), default=0)):
        routes = [number for number, each in enumerate(lists) if len(each) > turn]
        first = len(sources)
        sources.extend(lists[number][turn] for number in routes)
        weights = [lists[number][turn].weight for number in routes]
        passes.append(_Pass(routes, list(range(first, len(sources))), weights))
    return passes


LIKENESSES: tuple[Callable[[Route], object], ...] = (
    lambda route: route,
    lambda route: route.name or route,
    lambda route: (route.stream, route.of, route.control),
    lambda route: route.control,
)


def successors(before: Sequence[Route], now: Sequence[Route]) -> list[int | None]:
    """For each route of now, the number of the one it was before.

    Asked in this order, each taken once: the same in everything, of the same name, from the same stream to
    the same control, to the same control.
    """
    found: list[int | None] = [
        number if number < len(before) and before[number] is route else None
        for number, route in enumerate(now)
    ]
    taken = set(found)
    free = [number for number in range(len(before)) if number not in taken]
    for likeness in LIKENESSES:
        waiting: dict[object, list[int]] = {}
        for number in free:
            waiting.setdefault(likeness(before[number]), []).append(number)
        for mine, route in enumerate(now):
            same = waiting.get(likeness(route)) if found[mine] is None else None
            if same:
                theirs = found[mine] = same.pop(0)
                free.remove(theirs)
    return found
