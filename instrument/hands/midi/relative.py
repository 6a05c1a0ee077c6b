"""Endless encoders: what their values mean as steps, and which of three languages one speaks.

| language | one step right | one step left | nothing |
|----------|----------------|---------------|---------|
| twos     | 1              | 127           | 0       |
| offset   | 65             | 63            | 64      |
| sign     | 1              | 65            | 0, 64   |
"""

from collections.abc import Sequence
from enum import Enum
from itertools import pairwise


class Encoding(Enum):
    """The languages of endless encoders."""

    TWOS = "twos"
    """Two's complement of seven bits."""
    OFFSET = "offset"
    """So many above or below 64."""
    SIGN = "sign"
    """Bit 6 is the sign, the others the size."""


SLOW = 7
"""Steps that one message of an encoder says at most when a hand turns it to be learned."""
RUN = 3
"""So many equal values in a row are no fader's."""
ENOUGH = 4


def steps_of(encoding: Encoding, raw: int) -> int:
    """Steps of one message, 0..127: above 0 to the right, below 0 to the left."""
    if encoding is Encoding.TWOS:
        return raw if raw < 64 else raw - 128
    if encoding is Encoding.OFFSET:
        return raw - 64
    return raw if raw < 64 else -(raw - 64)


def is_turning(values: Sequence[int]) -> bool:
    """Whether values, oldest first, come from an encoder and not from a fader.

    They all lie beside 0, 64 or 128, and three in a row are equal, or both ways were turned in few sizes.
    """
    if len(values) < ENOUGH or not may_turn(values):
        return False
    longest = run = 1
    for before, value in pairwise(values):
        run = run + 1 if value == before else 1
        longest = max(longest, run)
    both_ways = len(_near(values) or ()) == 2
    return longest >= RUN or (both_ways and 2 * len(set(values)) <= len(values))


def may_turn(values: Sequence[int]) -> bool:
    """Whether no value contradicts an encoder."""
    near = _near(values)
    return near is not None and frozenset(near) in _MEANINGS


def encoding_of(values: Sequence[int]) -> Encoding | None:
    """The language that values speak, None while they may be of more than one: turn it back."""
    near = _near(values)
    return None if near is None else _MEANINGS.get(frozenset(near))


_MEANINGS: dict[frozenset[str], Encoding | None] = {
    frozenset({"above 0"}): None,
    frozenset({"above 64"}): None,
    frozenset({"below 128"}): Encoding.TWOS,
    frozenset({"above 0", "below 128"}): Encoding.TWOS,
    frozenset({"below 64"}): Encoding.OFFSET,
    frozenset({"below 64", "above 64"}): Encoding.OFFSET,
    frozenset({"above 0", "above 64"}): Encoding.SIGN,
}


def _near(values: Sequence[int]) -> set[str] | None:
    """Beside which of 0, 64 and 128 values lie; None if one lies beside none."""
    found = set()
    for value in values:
        if 1 <= value <= SLOW:
            found.add("above 0")
        elif 64 - SLOW <= value < 64:
            found.add("below 64")
        elif 64 < value <= 64 + SLOW:
            found.add("above 64")
        elif 128 - SLOW <= value <= 127:
            found.add("below 128")
        else:
            return None
    return found
