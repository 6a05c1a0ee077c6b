"""Parsers for what stands behind a word on the command line; each says what is allowed."""

import argparse
from collections.abc import Callable
from typing import TypeVar


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
            raise argparse.ArgumentTypeError(f"{what} {text}: {low:g} to {high:g} is allowed")
        return value

    return parse
