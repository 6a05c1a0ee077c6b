"""The one exception that a performer's mistake becomes, and the sentence helpers around it."""

import difflib
from collections.abc import Iterable


class Mistake(Exception):
    """A performer's mistake, told in whole sentences: what, where, what is allowed, the likely cure.

    The command line prints the text and leaves with exit code 2; nothing else is ever shown.
    """


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """``"; did you mean 'x'?"`` for the nearest known word, else ``""``."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; did you mean '{near[0]}'?" if near else ""
