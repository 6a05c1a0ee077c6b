"""What the frames are called as protobuf messages, so that any tool that reads MCAP can plot a run.

One message per topic, ``twos_and_sevens.MetricFrame``; its fields are those of the frame. The numbers
of the streams and of the controls are fields of their own, by name (``loss_g``, ``sound_drone_level``):
the place of such a number in the frame is the number of its field less 1001. All numbers have fixed
widths, so a message looks the same every time but for its values; what varies in length (text, pixels)
stands at the end.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
)

from instrument.signals.frames import CONTROLS, METRICS, Frame, Topic
from instrument.signals.streams import StreamSpec

PACKAGE = "twos_and_sevens"
NAMED_FROM = 1001
NAMED = {METRICS.frame: "streams", CONTROLS.frame: "positions"}
"""Arrays of which every value is a field of its own."""
FILLING = "reserved"
BYTES, STRING = FieldDescriptorProto.TYPE_BYTES, FieldDescriptorProto.TYPE_STRING
KINDS = {
    "u2": FieldDescriptorProto.TYPE_FIXED32,
    "u4": FieldDescriptorProto.TYPE_FIXED32,
    "u8": FieldDescriptorProto.TYPE_FIXED64,
    "i4": FieldDescriptorProto.TYPE_SFIXED32,
    "i8": FieldDescriptorProto.TYPE_SFIXED64,
    "f4": FieldDescriptorProto.TYPE_FLOAT,
    "f8": FieldDescriptorProto.TYPE_DOUBLE,
}
WIDTHS = {
    FieldDescriptorProto.TYPE_FIXED32: 4,
    FieldDescriptorProto.TYPE_SFIXED32: 4,
    FieldDescriptorProto.TYPE_FLOAT: 4,
    FieldDescriptorProto.TYPE_FIXED64: 8,
    FieldDescriptorProto.TYPE_SFIXED64: 8,
    FieldDescriptorProto.TYPE_DOUBLE: 8,
}
"""Bytes of a number in a message."""
NUMBERS = frozenset(WIDTHS) | {
    FieldDescriptorProto.TYPE_INT32,
    FieldDescriptorProto.TYPE_INT64,
    FieldDescriptorProto.TYPE_UINT32,
    FieldDescriptorProto.TYPE_UINT64,
    FieldDescriptorProto.TYPE_SINT32,
    FieldDescriptorProto.TYPE_SINT64,
    FieldDescriptorProto.TYPE_BOOL,
}


@dataclass(frozen=True)
class Part:
    """One field of a message, and where its `count` values lie in the frame.

    `kind` is that of protobuf, `code` that of NumPy for the values in the frame. `offset` is -1 where
    today's frame has no such field.
    """

    name: str
    number: int
    kind: int
    offset: int = -1
    code: str = ""
    count: int = 1
    repeated: bool = False
    help: str = ""

    @property
    def width(self) -> int:
        """Bytes of one value in the frame."""
        return np.dtype(self.code).itemsize

    @property
    def varies(self) -> bool:
        """Whether its length is another from message to message."""
        return self.kind in (BYTES, STRING)


def parts_of(
    frame: type[Frame], names: Sequence[str] = (), helps: Sequence[str] = ()
) -> list[Part]:
    """The fields of the message of a frame. `names`: of the values that are fields of their own."""
    parts = [
        _part(frame, name, number)
        for number, (name, *_) in enumerate(frame._fields_, start=1)
        if name not in (FILLING, NAMED.get(frame))
    ]
    if frame in NAMED:
        offset, taken = getattr(frame, NAMED[frame]).offset, [part.name for part in parts]
        helps = [*helps, *[""] * (len(names) - len(helps))]
        for place, name in enumerate(identifiers(names, taken)):
            parts.append(named_part(name, NAMED_FROM + place, offset, helps[place]))
    return [part for part in parts if not part.varies] + [part for part in parts if part.varies]


def named_part(name: str, number: int, offset: int, help: str = "") -> Part:
    """A stream or control: a float of its own, in the array of the frame that begins at `offset`."""
    at = offset + 4 * (number - NAMED_FROM)
    return Part(name, number, FieldDescriptorProto.TYPE_FLOAT, at, "f4", help=help)


def _part(frame: type[Frame], name: str, number: int) -> Part:
    kind: Any = dict((entry[0], entry[1]) for entry in frame._fields_)[name]
    offset = getattr(frame, name).offset
    array = hasattr(kind, "_length_")
    code = np.dtype(kind._type_ if array else kind).str[1:]
    count = kind._length_ if array else 1
    if array and code == "S1":
        return Part(name, number, STRING, offset, "u1", count)
    if array and code == "u1":
        return Part(name, number, BYTES, offset, "u1", count)
    return Part(name, number, KINDS[code], offset, code, count, repeated=array)


def identifiers(names: Iterable[str], taken: Iterable[str] = ()) -> list[str]:
    """Names as protobuf allows them, each different: dots become underscores.

    Two that differ only by dots, underscores or capitals would be one in JSON: the later gets a number.
    """
    used = {_folded(name) for name in taken}
    found = []
    for name in names:
        plain = re.sub(r"[^A-Za-z0-9_]", "_", name) or "_"
        plain = f"_{plain}" if plain[0].isdigit() else plain
        word, number = plain, 2
        while _folded(word) in used:
            word, number = f"{plain}_{number}", number + 1
        used.add(_folded(word))
        found.append(word)
    return found


def _folded(name: str) -> str:
    return name.replace("_", "").lower()


def helps_of(streams: Sequence[StreamSpec]) -> list[str]:
    """What stands in the schema beside each stream: help and unit."""
    return [f"{spec.help} [{spec.unit}]" if spec.unit else spec.help for spec in streams]


def message_name(frame: type[Frame]) -> str:
    """``twos_and_sevens.MetricFrame``."""
    return f"{PACKAGE}.{frame.__name__}"


def schema_of(topic: Topic, parts: Sequence[Part]) -> bytes:
    """The message of a topic as a serialised FileDescriptorSet, its help as comments."""
    frame = topic.frame
    file = FileDescriptorProto(
        name=f"{PACKAGE}/{topic.name}.proto", package=PACKAGE, syntax="proto3"
    )
    message: DescriptorProto = file.message_type.add(name=frame.__name__)
    _comment(file, [4, 0], " ".join((frame.__doc__ or "").split()))
    for place, part in enumerate(sorted(parts, key=lambda part: part.number)):
        message.field.add(
            name=part.name,
            number=part.number,
            type=part.kind,  # type: ignore[arg-type]
            label=FieldDescriptorProto.LABEL_REPEATED
            if part.repeated
            else FieldDescriptorProto.LABEL_OPTIONAL,
        )
        if part.help:
            _comment(file, [4, 0, 2, place], part.help)
    return FileDescriptorSet(file=[file]).SerializeToString()


def _comment(file: FileDescriptorProto, path: Sequence[int], text: str) -> None:
    file.source_code_info.location.add(path=path, span=[0, 0, 0], leading_comments=f" {text}\n")
