"""The tree of a show: every control, every stream, and what stands. Pure; values are handed in."""

from collections.abc import Sequence
from typing import Any

from instrument.hands.query.described import (
    Names,
    control_attributes,
    position_attributes,
    read_only,
    stream_attributes,
)
from instrument.hands.query.nodes import Node
from instrument.hands.query.standing import told
from instrument.hands.readouts import POSITION, STATE, STEP, STREAM
from instrument.signals.controls import Bank
from instrument.signals.streams import StreamSpec

ROOT = "twos-and-sevens: a neural network learns, and its training is played"


class Tree:
    """All nodes by their paths. Immutable once built.

    ``/learning/heat/position`` is a node like any other when it is asked for, but does not stand among
    the contents of ``/learning/heat``: Chataigne takes a node with contents for a folder and drops its
    value, and python-oscquery refuses it.
    """

    def __init__(self, bank: Bank, streams: Sequence[StreamSpec], names: Names) -> None:
        """`names`: what the words of acts may be now."""
        self.root = Node("/", {"DESCRIPTION": ROOT})
        self._nodes = {"/": self.root}
        for spec in bank:
            self._add(spec.address, control_attributes(spec, names))
            at = spec.address + POSITION
            self._nodes[at] = Node(at, position_attributes(spec))
        for stream in streams:
            self._add(STREAM + stream.name, stream_attributes(stream))
            if "/" + stream.name == STATE and stream.choices:
                self._add(STATE, read_only("s", stream.help, "stream", stream.choices))
        if streams:
            self._add(STEP, read_only("i", "steps the training has made", "stream"))
        for address, kind, help in told():
            self._add(address, read_only(kind, help, address.split("/")[1]))

    def __len__(self) -> int:
        """How many nodes there are, those of positions included."""
        return len(self._nodes)

    def find(self, path: str) -> Node | None:
        """The node of a path (``/`` or without a slash at its end), or None."""
        return self._nodes.get(path)

    def _add(self, path: str, attributes: dict[str, Any]) -> None:
        holder = self.root
        *above, name = path.split("/")[1:]
        for word in above:
            holder = self._held(holder, word)
        if path in self._nodes:
            raise ValueError(f"two nodes at {path}")
        holder.contents[name] = self._nodes[path] = Node(path, attributes)

    def _held(self, holder: Node, word: str) -> Node:
        path = f"{holder.path.rstrip('/')}/{word}"
        if path not in self._nodes:
            holder.contents[word] = self._nodes[path] = Node(path, {})
        return self._nodes[path]
