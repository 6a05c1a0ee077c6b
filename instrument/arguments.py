"""Parsers for what stands behind a word on the command line; each says what is allowed."""

import argparse
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from instrument.units import seconds_to_text


def size(text: str) -> tuple[int, int]:
    """A parser for a size like 1280x720."""
    width, _, height = text.lower().partition("x")
    if not (width.isdecimal() and height.isdecimal()) or not (
        16 <= int(width) <= 16384 and 16 <= int(height) <= 16384
    ):
        raise argparse.ArgumentTypeError(
            f"'{text}' is no size; write it like 1280x720, 16 to 16384 a side"
        )
    return int(width), int(height)


@dataclass(frozen=True)
class At:
    """A place in a recorded run: a second of it, or a step of its training."""

    second: float = 0.0
    step: int | None = None
    """Where it is given, it is meant, and not the second."""

    @property
    def words(self) -> str:
        """``1:33``, ``step 5,000``."""
        return seconds_to_text(self.second) if self.step is None else f"step {self.step:,}"


def at(text: str) -> At:
    """A parser for a place in a run: 93, 1:33, 1:02:03.5 or step:5000."""
    if found := re.fullmatch(r"step:(\d{1,15})", text):
        return At(step=int(found[1]))
    found = re.fullmatch(r"(?:(?:(\d{1,3}):)?(\d{1,4}):)?(\d{1,6}(?:\.\d{1,9})?)", text)
    if found is None:
        raise argparse.ArgumentTypeError(
            f"'{text}' is no place in a run; write a time like 1:33 or 93.5, or a step like step:5000"
        )
    hours, minutes, seconds = (float(part or 0.0) for part in found.groups())
    if (found[2] and seconds >= 60.0) or (found[1] and minutes >= 60.0):
        raise argparse.ArgumentTypeError(
            f"'{text}' is no place in a run; behind a colon 0 to 59 is allowed (or seconds alone, like 159)"
        )
    return At(hours * 3600.0 + minutes * 60.0 + seconds)


def _plain(bound: float) -> str:
    """A bound as a performer writes it: 0.1, 1,000,000."""
    return f"{bound:,.0f}" if abs(bound) >= 1e6 else f"{bound:g}"


Value = TypeVar("Value", int, float)


def between(read: type[Value], low: Value, high: Value, what: str) -> Callable[[str], Value]:
    """A parser for a number of the type `read` from `low` to `high`."""
    kind = "whole number" if read is int else "number"

    def parse(text: str) -> Value:
        try:
            value = read(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"'{text}' is not a {kind} ({what})") from None
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(
                f"{what} {text}: {_plain(low)} to {_plain(high)} is allowed"
            )
        return value

    return parse
