"""`Route`: how a stream pushes a control, as it is written and checked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from instrument.mapping import words
from instrument.mapping.source import (
    LEAST_SPAN,
    READERS,
    Of,
    Source,
    check_window,
    sources,
    without_defaults,
)
from instrument.signals.controls import Bank
from instrument.signals.mistake import Mistake, did_you_mean
from instrument.signals.spec import Kind
from instrument.signals.streams import StreamSpec

CALM = "show.calm"
PUSHED = ("sound", "picture")


@dataclass(frozen=True)
class Route:
    """Streams pushing one control; what happens to them, in this order.

    1. What `of` the stream counts is 0..1 from `low` to `high`; high below low turns it round (`Source`).
    2. `plus`: others are added by their weight; the sum stays in 0..1. `times`: others are multiplied
       with it (similar *and* digit-like). A name there, `times_low` and `times_high` are a list of one.
    3. `curve` bends it (1 straight, 2 slow start, .5 fast start).
    4. `hold`, in seconds: the highest value stays so long before it falls. With a `threshold` above 0 it
       is a trigger instead: 1 for `hold` (one block at least) when it crosses that upwards, else 0.
    5. `lag_up` and `lag_down` are the time constants of the way up and down, in seconds.
    6. The push goes from `rest` (at 0) to `depth` (at 1), in positions (-1..1). `mute` stops it.
    """

    stream: str
    control: str
    depth: float
    low: float | None = None
    high: float | None = None
    curve: float = 1.0
    lag_up: float = 0.05
    lag_down: float = 0.2
    times: str | tuple[Source, ...] | None = None
    times_low: float | None = None
    times_high: float | None = None
    rest: float = 0.0
    of: Of = Of.LEVEL
    window: float | None = None
    hold: float = 0.0
    threshold: float = 0.0
    plus: tuple[Source, ...] = ()
    mute: bool = False
    name: str | None = None

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> "Route":
        """A route as written in a preset. Raises `Mistake` naming the key that is wrong."""
        values = words.read(record, "a route", ROUTE_READERS, ("stream", "control", "depth"))
        route = cls(**values)
        check_window(route.of, route.window, "a route")
        if isinstance(route.times, tuple):
            for key in ("times_low", "times_high"):
                if getattr(route, key) is not None:
                    raise Mistake(
                        f"'{key}' of a route goes with times = \"NAME\"; "
                        "in a list each has its own low and high"
                    )
        return route

    def to_dict(self) -> dict[str, Any]:
        """The inverse of `from_dict`: JSON and TOML values, defaults left out."""
        return without_defaults(self)

    @cached_property
    def source(self) -> Source:
        """What is read first."""
        return Source(self.stream, self.low, self.high, self.of, self.window)

    @cached_property
    def factors(self) -> tuple[Source, ...]:
        """What the sum is multiplied with."""
        if isinstance(self.times, str):
            return (Source(self.times, self.times_low, self.times_high),)
        return self.times or ()

    @property
    def title(self) -> str:
        """As it is spoken of: ``'hiss' (flatness -> sound.noise.level)``."""
        named = f"'{self.name}' " if self.name else ""
        return f"{named}({self.stream} -> {self.control})"

    def check(self, streams: Sequence[StreamSpec], bank: Bank) -> str | None:
        """What is wrong with this route in this show, as a sentence; None when it can move."""
        known = {stream.name: stream for stream in streams}
        return self._check_sources(known) or self._check_control(bank) or self._check_spans(known)

    def _check_sources(self, known: Mapping[str, StreamSpec]) -> str | None:
        for source in (self.source, *self.plus, *self.factors):
            if source.stream not in known:
                return (
                    f"no stream is called '{source.stream}'{did_you_mean(source.stream, known)}"
                    " (`instrument streams` lists them)"
                )
        return None

    def _check_control(self, bank: Bank) -> str | None:
        if self.control not in bank:
            return (
                f"no control is called '{self.control}'{did_you_mean(self.control, bank.number)}"
                " (`instrument controls` lists them)"
            )
        if bank.spec(self.control).kind is Kind.TRIGGER:
            return f"'{self.control}' is an act, not a state; a route cannot push it"
        if self.control == CALM:
            return f"'{CALM}' scales every route and cannot be pushed by one"
        if self.control.split(".")[0] not in PUSHED:
            return f"'{self.control}' belongs to the hands; routes push sound and picture"
        return None

    def _check_spans(self, known: Mapping[str, StreamSpec]) -> str | None:
        for source in (self.source, *self.plus, *self.factors):
            low, high = source.span(known)
            if abs(high - low) < LEAST_SPAN:
                return f"the route from '{source.stream}' has low = high = {low:g} and could never move"
        own = self.source
        for factor in self.factors:
            same = (factor.stream, factor.of, factor.window_s) == (own.stream, own.of, own.window_s)
            if same and factor.span(known) == own.span(known):
                return f"the route multiplies '{self.stream}' with itself; `curve` = 2 does that"
        return None


def _times(key: str, value: Any, what: str) -> str | tuple[Source, ...] | None:
    return value if isinstance(value, str) else sources(key, value, what) or None


ROUTE_READERS: dict[str, words.Reader] = {
    "stream": words.text,
    "control": words.text,
    "depth": words.number(-1.0, 1.0),
    "rest": words.number(-1.0, 1.0),
    "low": READERS["low"],
    "high": READERS["high"],
    "of": READERS["of"],
    "window": READERS["window"],
    "plus": sources,
    "times": _times,
    "times_low": READERS["low"],
    "times_high": READERS["high"],
    "curve": words.number(0.05, 20.0),
    "hold": words.number(0.0, 60.0),
    "threshold": words.number(0.0, 1.0),
    "lag_up": words.number(0.0, 60.0),
    "lag_down": words.number(0.0, 60.0),
    "mute": words.flag,
    "name": words.own_name,
}
