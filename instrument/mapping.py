"""Routes: how a stream pushes a control. The mapping is the composition; it belongs to the artist.

base (hand) + push (training) = what a control stands at. The two never share a variable. Every
listener computes its own pushes at its own rate from the same frames with the same function.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from instrument.signals.controls import Bank
from instrument.signals.mistake import Mistake, did_you_mean
from instrument.signals.spec import Kind
from instrument.signals.streams import StreamSpec

CALM = "show.calm"


@dataclass(frozen=True)
class Route:
    """One stream pushing one control.

    `low`..`high` is the span of the stream that counts as 0..1 (the stream's own where None; high
    below low turns it round). `times` names a second stream, taken over `times_low`..`times_high` in
    the same way, that the first is multiplied with (similar *and* digit-like). `depth` is how far the
    push moves the control, in positions (-1..1). `curve` bends 0..1 (1 straight, 2 slow start, .5 fast
    start). Lags are the time constants of the way up and down, in seconds.
    """

    stream: str
    control: str
    depth: float
    low: float | None = None
    high: float | None = None
    curve: float = 1.0
    lag_up: float = 0.05
    lag_down: float = 0.2
    times: str | None = None
    times_low: float | None = None
    times_high: float | None = None

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> "Route":
        """A route as written in a preset. Raises `Mistake` naming the key that is wrong."""
        known = {f: field for f, field in cls.__dataclass_fields__.items()}
        for key, value in record.items():
            if key not in known:
                raise Mistake(
                    f"a route has no '{key}'{did_you_mean(key, known)} (it takes {', '.join(known)})"
                )
            if key in ("stream", "control", "times"):
                if not isinstance(value, str):
                    raise Mistake(f"'{key}' of a route takes a name in quotes, not {value!r}")
            elif isinstance(value, bool) or not isinstance(value, (int, float)):
                raise Mistake(f"'{key}' of a route takes a number, not {value!r}")
            elif not math.isfinite(value):
                raise Mistake(f"'{key}' of a route takes a finite number, not {value!r}")
        for key in ("stream", "control", "depth"):
            if key not in record:
                raise Mistake(f"a route needs '{key}'")
        route = cls(**record)
        for key, low, high in (
            ("depth", -1.0, 1.0), ("curve", 0.05, 20.0), ("lag_up", 0.0, 60.0), ("lag_down", 0.0, 60.0)
        ):  # fmt: skip
            if not low <= getattr(route, key) <= high:
                raise Mistake(
                    f"'{key}' of a route takes {low:g}..{high:g}, not {getattr(route, key):g}"
                )
        return route

    def to_dict(self) -> dict[str, Any]:
        """The inverse of `from_dict`: JSON and TOML values, defaults left out."""
        return {
            name: getattr(self, name)
            for name, declared in self.__dataclass_fields__.items()
            if getattr(self, name) != declared.default
        }

    def check(self, streams: Sequence[StreamSpec], bank: Bank) -> str | None:
        """What is wrong with this route in this show, as a sentence; None when it can move."""
        known = {stream.name: stream for stream in streams}
        for name in (self.stream, self.times):
            if name is not None and name not in known:
                return (
                    f"no stream is called '{name}'{did_you_mean(name, known)}"
                    " (`instrument streams` lists them)"
                )
        if self.times == self.stream:
            return f"the route multiplies '{self.stream}' with itself; `curve` = 2 does that"
        if self.control not in bank:
            return (
                f"no control is called '{self.control}'{did_you_mean(self.control, bank.number)}"
                " (`instrument controls` lists them)"
            )
        if bank.spec(self.control).kind is Kind.TRIGGER:
            return f"'{self.control}' is an act, not a state; a route cannot push it"
        if self.control == CALM:
            return f"'{CALM}' scales every route and cannot be pushed by one"
        if self.control.split(".")[0] not in ("sound", "picture"):
            return f"'{self.control}' belongs to the hands; routes push sound and picture"
        for name, (low, high) in self.spans(known).items():
            if low == high:
                return f"the route from '{name}' has low = high = {low:g} and could never move"
        return None

    def spans(self, known: Mapping[str, StreamSpec]) -> dict[str, tuple[float, float]]:
        """Each stream of the route, and the span that counts as its 0..1, in its unit."""

        def span(name: str, low: float | None, high: float | None) -> tuple[float, float]:
            stream = known[name]
            return stream.low if low is None else low, stream.high if high is None else high

        spans = {self.stream: span(self.stream, self.low, self.high)}
        if self.times is not None:
            spans[self.times] = span(self.times, self.times_low, self.times_high)
        return spans


@dataclass
class Smoothing:
    """One-pole lag with its own time up and down, and the one door where non-finite numbers stop.

    `state` float64 (n,), the smoothed values; a NaN or infinity is answered with the last good value
    and counted in `refused`.
    """

    lag_up_s: np.ndarray
    lag_down_s: np.ndarray
    state: np.ndarray = field(init=False)
    refused: int = field(default=0, init=False)
    _started: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self.state = np.zeros(len(self.lag_up_s), np.float64)

    def __call__(self, target: np.ndarray, elapsed_s: float) -> np.ndarray:
        """Move towards `target`, float64 (n,), for `elapsed_s`; returns `state`."""
        finite = np.isfinite(target)
        if not finite.all():
            self.refused += int(len(target) - np.count_nonzero(finite))
            target = np.where(finite, target, self.state)
        if not self._started:
            self._started = True
            self.state[:] = target
            return self.state
        lag_s = np.where(target > self.state, self.lag_up_s, self.lag_down_s)
        share = -np.expm1(-elapsed_s / np.maximum(lag_s, 1e-6))
        self.state += (target - self.state) * share
        return self.state


class _Spans:
    """Some streams, each over the span that counts as its 0..1."""

    def __init__(
        self, spans: Sequence[tuple[str, tuple[float, float]]], place: Mapping[str, int]
    ) -> None:
        self._place = np.array([place[name] for name, _ in spans], np.intp)
        self._low = np.array([low for _, (low, _) in spans], np.float64)
        self._scale = np.array([1.0 / (high - low) for _, (low, high) in spans], np.float64)

    def __call__(self, streams: np.ndarray) -> np.ndarray:
        """0..1 of each, float64; NaN where the training says no finite number."""
        said = streams[self._place]
        shaped = (np.where(np.isfinite(said), said, np.nan) - self._low) * self._scale
        return np.clip(shaped, 0.0, 1.0, out=shaped)


class Modulator:
    """All routes of a show for one listener: base positions and streams in, values in units out."""

    def __init__(self, routes: Sequence[Route], streams: Sequence[StreamSpec], bank: Bank) -> None:
        """Routes that cannot move in this show are left out and told in `idle`."""
        self.bank = bank
        self.idle: list[str] = []
        live: list[Route] = []
        for route in routes:
            fault = route.check(streams, bank)
            if fault is None:
                live.append(route)
            else:
                self.idle.append(fault)
        self.routes = tuple(live)
        known = {stream.name: stream for stream in streams}
        place = {stream.name: number for number, stream in enumerate(streams)}
        spans = [list(route.spans(known).items()) for route in live]
        self._first = _Spans([route_spans[0] for route_spans in spans], place)
        products = [n for n, route_spans in enumerate(spans) if len(route_spans) > 1]
        self._products = np.array(products, np.intp)
        self._second = _Spans([spans[n][1] for n in products], place)
        self._control = np.array([bank.number[route.control] for route in live], np.intp)
        self._curve = np.array([route.curve for route in live], np.float64)
        self._depth = np.array([route.depth for route in live], np.float64)
        self._smooth = Smoothing(
            np.array([route.lag_up for route in live], np.float64),
            np.array([route.lag_down for route in live], np.float64),
        )
        self._calm = bank.number.get(CALM)
        self._moved = np.zeros(len(bank), np.float64)
        self._values = np.zeros(len(bank), np.float64)

    @property
    def refused(self) -> int:
        """Non-finite numbers stopped so far."""
        return self._smooth.refused

    def positions(self, positions: np.ndarray, streams: np.ndarray, elapsed_s: float) -> np.ndarray:
        """Base plus push, clamped to 0..1; float64 (controls,), overwritten by the next call.

        `positions` float32 (controls,), `streams` float32 (streams,) or longer, `elapsed_s` since
        the last call.
        """
        moved = self._moved
        moved[:] = positions[: len(moved)]
        if self.routes:
            shaped = self._first(streams)
            if self._products.size:
                shaped[self._products] *= self._second(streams)
            np.power(shaped, self._curve, out=shaped)
            smooth = self._smooth(shaped, elapsed_s)
            calm = 1.0 if self._calm is None else float(positions[self._calm])
            np.add.at(moved, self._control, smooth * self._depth * calm)
            np.clip(moved, 0.0, 1.0, out=moved)
        return moved

    def values(self, positions: np.ndarray, streams: np.ndarray, elapsed_s: float) -> np.ndarray:
        """What every control stands at, in its unit; float64 (controls,), overwritten by the next call."""
        return self.bank.map(self.positions(positions, streams, elapsed_s), self._values)
