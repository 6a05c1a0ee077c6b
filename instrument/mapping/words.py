"""How the keys of a route are read: each answers with the value, or with a sentence that names it."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from instrument.signals import places
from instrument.signals.mistake import Mistake, did_you_mean

Reader = Callable[[str, Any, str], Any]
"""Key, what came, and what it belongs to ("a route"); the value, or `Mistake`."""

WIDEST = 1e12
"""No low or high lies beyond it: what is worked out of it stays finite."""


def read(
    record: Any, what: str, readers: Mapping[str, Reader], needed: Sequence[str]
) -> dict[str, Any]:
    """The values of a table, key by key. Raises `Mistake` naming the key that is wrong."""
    if not isinstance(record, Mapping):
        raise Mistake(f"{what} is a table of {', '.join(needed)} and more, not {record!r}")
    for key in record:
        if key not in readers:
            near = did_you_mean(str(key), readers)
            raise Mistake(f"{what} has no '{key}'{near} (it takes {', '.join(readers)})")
    values = {key: readers[key](key, value, what) for key, value in record.items()}
    for key in needed:
        if key not in record:
            raise Mistake(f"{what} needs '{key}'")
    return values


def text(key: str, value: Any, what: str) -> str:
    """A name in quotes."""
    if not isinstance(value, str):
        raise Mistake(f"'{key}' of {what} takes a name in quotes, not {value!r}")
    return value


def own_name(key: str, value: Any, what: str) -> str:
    """A plain name that is no number, for a number means the n-th route."""
    name = places.safe_name(text(key, value, what), f"'{key}' of {what}:")
    if name.isdecimal():
        raise Mistake(f"'{key}' of {what} takes a name, not the number {name}")
    return name


def flag(key: str, value: Any, what: str) -> bool:
    """true or false; 1 and 0 as well."""
    if not isinstance(value, (bool, int, float)) or value not in (0, 1):
        raise Mistake(f"'{key}' of {what} takes true or false, not {value!r}")
    return bool(value)


def number(low: float, high: float) -> Reader:
    """A finite number from low to high."""

    def reader(key: str, value: Any, what: str) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise Mistake(f"'{key}' of {what} takes a number, not {value!r}")
        try:
            finite = float(value)
        except OverflowError:
            finite = math.inf
        if not math.isfinite(finite):
            raise Mistake(f"'{key}' of {what} takes a finite number, not {finite!r}")
        if not low <= finite <= high:
            raise Mistake(f"'{key}' of {what} takes {low:g}..{high:g}, not {finite:g}")
        return finite

    return reader


def one_of(choices: Sequence[str]) -> Reader:
    """One of a few words."""

    def reader(key: str, value: Any, what: str) -> str:
        if value not in choices or not isinstance(value, str):
            near = did_you_mean(str(value), choices)
            raise Mistake(
                f"'{key}' of {what} takes one of {', '.join(choices)}, not {value!r}{near}"
            )
        return value

    return reader


in_its_unit = number(-WIDEST, WIDEST)
