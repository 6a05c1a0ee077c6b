"""`Node`: one address of the tree, and the JSON that OSCQuery wants of it.

What does not change is written once, so a whole tree is joined out of ready pieces: the interpreter
lock is never held for long, and picture and training go on meanwhile.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from instrument.hands.coalesce import Arguments

Values = Callable[[str], Arguments | None]
"""Arguments that stand at a path now; None where there is no value, or none yet."""

ACCESS_NONE, ACCESS_READ, ACCESS_WRITE, ACCESS_BOTH = 0, 1, 2, 3

ATTRIBUTES = (
    "FULL_PATH", "CONTENTS", "TYPE", "ACCESS", "VALUE", "RANGE", "DESCRIPTION", "TAGS", "UNIT",
    "CRITICAL", "CLIPMODE", "EXTENDED_TYPE",
)  # fmt: skip
"""What may be asked for by itself, as in ``GET /learning/heat?RANGE``."""


NO_VALUE = (None,)


class Node:
    """One address: a control, a stream, or what holds some of them. Query thread."""

    def __init__(self, path: str, attributes: Mapping[str, Any]) -> None:
        """`attributes`: everything but FULL_PATH, CONTENTS and VALUE."""
        self.path = path
        self.attributes = {"FULL_PATH": path, "ACCESS": ACCESS_NONE, **attributes}
        self.contents: dict[str, Node] = {}
        self._head = dumped(self.attributes)[:-1]

    @property
    def has_value(self) -> bool:
        """Whether a value can be asked for."""
        return bool(self.attributes["ACCESS"] & ACCESS_READ)

    def text(self, values: Values) -> str:
        """JSON of this node and all below it, with the present values; null where there is none."""
        pieces: list[str] = []
        self._write(values, pieces)
        return "".join(pieces)

    def attribute(self, name: str, values: Values) -> str | None:
        """JSON of one attribute, ``{"VALUE":[1.0]}``; None where the node has none of that name."""
        if name == "VALUE":
            arguments = values(self.path) if self.has_value else None
            return None if arguments is None else f'{{"VALUE":{dumped(arguments)}}}'
        if name == "CONTENTS" and self.contents:
            pieces = ['{"CONTENTS":']
            self._write_contents(values, pieces)
            return "".join(pieces) + "}"
        if name not in self.attributes:
            return None
        return dumped({name: self.attributes[name]})

    def _write(self, values: Values, pieces: list[str]) -> None:
        pieces.append(self._head)
        if self.attributes["ACCESS"]:
            # Acts, too: python-oscquery refuses a whole tree for one node that can be set and has no VALUE.
            arguments = values(self.path) if self.has_value else None
            pieces.append(f',"VALUE":{dumped(arguments or NO_VALUE)}')
        if self.contents:
            pieces.append(',"CONTENTS":')
            self._write_contents(values, pieces)
        pieces.append("}")

    def _write_contents(self, values: Values, pieces: list[str]) -> None:
        opening = "{"
        for name, node in self.contents.items():
            pieces.append(f"{opening}{dumped(name)}:")
            node._write(values, pieces)
            opening = ","
        pieces.append("}")


def dumped(what: object) -> str:
    """JSON without spaces; ValueError for what is no number."""
    return json.dumps(what, separators=(",", ":"), allow_nan=False, ensure_ascii=False)
