"""OSC messages and bundles as bytes, quickly: what feedback sends hundreds of times a second."""

import struct
from collections.abc import Iterable, Iterator
from functools import lru_cache

from instrument.hands.packet import BUNDLE, IMMEDIATELY

MOST_BYTES = 1400
"""Of one packet: what every network carries in one piece."""
LONGEST_TEXT = 512
INT32 = 1 << 31

_HEAD = BUNDLE + struct.pack(">Q", IMMEDIATELY)
_int = struct.Struct(">i").pack
_long = struct.Struct(">q").pack
_float = struct.Struct(">f").pack


def written(address: str, arguments: Iterable[object], longest: int = LONGEST_TEXT) -> bytes:
    """One message: ``i`` for whole numbers (``h`` beyond 32 bits), ``f``, ``s``, T or F for booleans.

    `longest`: so many characters of a text.
    """
    tags, bodies = ",", []
    for argument in arguments:
        if isinstance(argument, bool):
            tags += "T" if argument else "F"
        elif isinstance(argument, int):
            small = -INT32 <= argument < INT32
            tags += "i" if small else "h"
            bodies.append(_int(argument) if small else _long(argument))
        elif isinstance(argument, float):
            tags += "f"
            bodies.append(_float(argument))
        else:
            tags += "s"
            bodies.append(_text(str(argument)[:longest]))
    return b"".join((_text(address), _text(tags), *bodies))


@lru_cache(maxsize=4096)
def _text(text: str) -> bytes:
    """Ended by a zero and filled up to a multiple of 4 bytes."""
    data = text.replace("\0", " ").encode("utf-8", "replace")
    return data + bytes(4 - len(data) % 4)


def packets(messages: Iterable[bytes]) -> Iterator[tuple[bytes, int]]:
    """The messages in as few packets as they fit, each with how many it holds.

    A message that is alone goes without a bundle around it.
    """
    row: list[bytes] = []
    size = len(_HEAD)
    for message in messages:
        if row and size + 4 + len(message) > MOST_BYTES:
            yield _packet(row), len(row)
            row, size = [], len(_HEAD)
        row.append(message)
        size += 4 + len(message)
    if row:
        yield _packet(row), len(row)


def _packet(row: list[bytes]) -> bytes:
    if len(row) == 1:
        return row[0]
    return _HEAD + b"".join(_int(len(message)) + message for message in row)
