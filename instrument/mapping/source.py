"""`Source`: what of a stream counts, and over which span."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from instrument.mapping import words
from instrument.signals.mistake import Mistake
from instrument.signals.streams import StreamSpec


class Of(StrEnum):
    """What of a stream counts."""

    LEVEL = "level"
    """Where it stands, in its unit."""
    SLOPE = "slope"
    """How fast it rises, in its unit per second; falling is below zero."""
    OUTLIER = "outlier"
    """How far it is from its recent mean, in its recent standard deviations; never below zero."""


WINDOW_S = {Of.LEVEL: 0.0, Of.SLOPE: 1.0, Of.OUTLIER: 10.0}
"""How long "recent" is, unless a route says otherwise."""
USUAL_DEVIATIONS = (2.0, 6.0)
"""Where an outlier begins to count and is whole, unless a route says otherwise."""
LEAST_SPAN = 1e-12
MOST_SOURCES = 8
"""In a sum, and in a product."""


@dataclass(frozen=True)
class Source:
    """One reading of one stream: 0 at `low`, 1 at `high`, straight between, `weight` in a sum.

    Where they are None: the stream's own span for a level; 0 to its whole span within the window for a
    slope (what stands still is 0); 2 to 6 deviations for an outlier. `window` in seconds.
    """

    stream: str
    low: float | None = None
    high: float | None = None
    of: Of = Of.LEVEL
    window: float | None = None
    weight: float = 1.0

    @classmethod
    def from_dict(cls, record: Any, what: str, weighted: bool) -> "Source":
        """As written in `plus` (weighted) or `times`. Raises `Mistake` naming the key that is wrong."""
        takes = {key: reader for key, reader in READERS.items() if weighted or key != "weight"}
        values = words.read(record, what, takes, ("stream",))
        source = cls(**values)
        check_window(source.of, source.window, what)
        return source

    def to_dict(self) -> dict[str, Any]:
        """The inverse of `from_dict`: JSON and TOML values, defaults left out."""
        return without_defaults(self)

    @property
    def window_s(self) -> float:
        """How long "recent" is."""
        return WINDOW_S[self.of] if self.window is None else self.window

    def span(self, known: Mapping[str, StreamSpec]) -> tuple[float, float]:
        """What counts as 0 and as 1, in the unit of what is read."""
        stream = known[self.stream]
        low, high = stream.low, stream.high
        if self.of == Of.SLOPE:
            low, high = 0.0, (stream.high - stream.low) / self.window_s
        elif self.of == Of.OUTLIER:
            low, high = USUAL_DEVIATIONS
        return low if self.low is None else self.low, high if self.high is None else self.high


def check_window(of: Of, window: float | None, what: str) -> None:
    """Raises `Mistake` for a window that nothing would look through."""
    if window is not None and of == Of.LEVEL:
        raise Mistake(
            f'\'window\' of {what} goes with of = "slope" or "outlier"; a level has no past'
        )


def sources(key: str, value: Any, what: str) -> tuple[Source, ...]:
    """The list of a sum or a product as written. Raises `Mistake`."""
    example = '[{stream = "reject", low = 0, high = 1}]'
    if not isinstance(value, (list, tuple)):
        raise Mistake(f"'{key}' of {what} takes a list, {example}, not {value!r}")
    if len(value) > MOST_SOURCES:
        raise Mistake(f"'{key}' of {what} takes {MOST_SOURCES} at most, not {len(value)}")
    return tuple(
        Source.from_dict(record, f"{key} {number} of {what}", weighted=key == "plus")
        for number, record in enumerate(value, 1)
    )


def without_defaults(declared: Any) -> dict[str, Any]:
    """The fields of a dataclass that are not at their default; sources as tables."""
    record = {}
    for name, field in declared.__dataclass_fields__.items():
        value = getattr(declared, name)
        if value != field.default:
            record[name] = _plain(value)
    return record


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [source.to_dict() for source in value]
    return value.value if isinstance(value, Of) else value


def _of(key: str, value: Any, what: str) -> Of:
    return Of(words.one_of([str(of) for of in Of])(key, value, what))


READERS: dict[str, words.Reader] = {
    "stream": words.text,
    "low": words.in_its_unit,
    "high": words.in_its_unit,
    "of": _of,
    "window": words.number(0.05, 600.0),
    "weight": words.number(-10.0, 10.0),
}
