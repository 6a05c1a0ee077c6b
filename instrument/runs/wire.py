"""Frames as the messages of a run file, and messages as frames: by the names in the schema of the file."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol

import numpy as np
from google.protobuf import message_factory
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    FieldDescriptorProto,
    FileDescriptorSet,
)
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import DecodeError

from instrument.runs.header import RunHeader
from instrument.runs.layout import Reader
from instrument.runs.messages import (
    KINDS,
    NAMED,
    NAMED_FROM,
    NUMBERS,
    WIDTHS,
    Part,
    helps_of,
    message_name,
    named_part,
    parts_of,
    schema_of,
)
from instrument.runs.template import Template, put
from instrument.signals.frames import CONTROLS, METRICS, Frame, Topic

ENCODING = "protobuf"
OLD_ENCODING = "fixed-layout"
"""Format 1: the bytes of the frame itself, see `layout`."""
MOST_FIELDS = 4096
MOST_SCHEMA_BYTES = 4 * 1024 * 1024


class Schema(Protocol):
    """What is needed of the record of MCAP with this name."""

    name: str
    encoding: str
    data: bytes


class FrameReader(Protocol):
    """Turns recorded bytes into today's frames."""

    def frame(self, data: bytes) -> Any:
        """The frame in `data`. Raises ValueError, and nothing else, where there is none."""


def reader_of(schema: Schema, topic: Topic) -> FrameReader:
    """A reader of the messages of a topic, of format 1 or 2. Raises ValueError for any other schema."""
    if schema.encoding == OLD_ENCODING:
        return Reader(schema.data.decode("utf-8"), topic.frame)
    if schema.encoding == ENCODING:
        return MessageReader(schema, topic.frame)
    raise ValueError(f"messages as {schema.encoding!r}")


class MessageWriter:
    """Writes the messages of one topic of a run. `name` and `schema` are those of MCAP. One thread."""

    def __init__(self, topic: Topic, header: RunHeader) -> None:
        """`header` names the streams and the controls."""
        names: Sequence[str] = ()
        helps: Sequence[str] = ()
        if topic is METRICS:
            names, helps = [stream.name for stream in header.streams], helps_of(header.streams)
        elif topic is CONTROLS:
            names = helps = header.controls
        parts = parts_of(topic.frame, names, helps)
        self.name = message_name(topic.frame)
        self.schema = schema_of(topic, parts)
        self._template = Template(parts)

    def message(self, frame: Frame) -> bytes:
        """A frame as protobuf. Of streams and controls those that the header names."""
        return self._template.write(frame)


class MessageReader:
    """Reads the messages of one topic by the schema that the file has for them."""

    def __init__(self, schema: Schema, frame: type[Frame]) -> None:
        """Raises ValueError if the schema does not describe a message of ours."""
        self._frame = frame
        files, message = _message(schema)
        self._files, self._name = files, schema.name
        self._parts = _parts(message, frame)
        if not any(part.name == "time_s" and part.offset >= 0 for part in self._parts):
            raise ValueError("no field time_s")
        self._template = _template(self._parts)
        self._class: Any = None

    def frame(self, data: bytes) -> Any:
        """The frame in `data`. Raises ValueError where the bytes are no such message."""
        made = None if self._template is None else self._template.read(data, self._frame)
        return self._by_library(data) if made is None else made

    def _by_library(self, data: bytes) -> Any:
        """A message that was not written as ours are, or that is damaged."""
        if self._class is None:
            self._class = _class(self._files, self._name)
        try:
            message = self._class.FromString(data)
        except DecodeError as error:
            raise ValueError("no message") from error
        frame = self._frame()
        for part in self._parts:
            if part.offset >= 0:
                _take(frame, part, getattr(message, part.name))
        return frame


def _message(schema: Schema) -> tuple[FileDescriptorSet, DescriptorProto]:
    """The message that a schema describes. Raises ValueError."""
    if len(schema.data) > MOST_SCHEMA_BYTES:
        raise ValueError(f"a schema of {len(schema.data)} bytes")
    try:
        files = FileDescriptorSet.FromString(schema.data)
    except DecodeError as error:
        raise ValueError("no schema") from error
    for file in files.file:
        for message in file.message_type:
            if f"{file.package}.{message.name}" == schema.name:
                if len(message.field) > MOST_FIELDS:
                    raise ValueError(f"a message of {len(message.field)} fields")
                return files, message
    raise ValueError(f"no message {schema.name!r}")


def _parts(message: DescriptorProto, frame: type[Frame]) -> list[Part]:
    """The fields of a recorded message, each with its place in today's frame, if it has one."""
    today = {part.name: part for part in parts_of(frame)}
    return [_part(field, today.get(field.name), frame) for field in message.field]


def _part(field: FieldDescriptorProto, known: Part | None, frame: type[Frame]) -> Part:
    repeated = field.label == FieldDescriptorProto.LABEL_REPEATED
    if frame in NAMED and field.number >= NAMED_FROM:
        array = getattr(frame, NAMED[frame])
        known = named_part(field.name, field.number, array.offset)
        if known.offset + known.width > array.offset + array.size:
            known = None
    if (
        known is None
        or known.repeated != repeated
        or _class_of(field.type) != _class_of(known.kind)
    ):
        return Part(field.name, field.number, field.type, repeated=repeated)
    return replace(known, number=field.number, kind=field.type)


def _class_of(kind: int) -> int:
    """Numbers go to numbers, whatever their widths; text goes to text and bytes to bytes."""
    return 0 if kind in NUMBERS else kind


def _template(parts: Sequence[Part]) -> Template | None:
    """A template for messages written as ours are; None where only the library can tell."""
    for part in parts:
        if part.offset < 0:
            if part.repeated or part.kind not in WIDTHS:
                return None
        elif not part.varies and part.kind != KINDS[part.code]:
            return None
    return Template(sorted(parts, key=lambda part: (part.varies, part.number)))


def _class(files: FileDescriptorSet, name: str) -> Any:
    """The message as a class of the library. Raises ValueError for a schema it does not take."""
    pool = DescriptorPool()
    try:
        for file in files.file:
            pool.Add(file)
        return message_factory.GetMessageClass(pool.FindMessageTypeByName(name))
    except (TypeError, KeyError, ValueError) as error:
        raise ValueError(f"a schema that cannot be used ({error})") from error


def _take(frame: Frame, part: Part, value: Any) -> None:
    """A value of the library into the frame. Raises ValueError where it does not fit."""
    if part.varies:
        put(frame, part, value.encode() if isinstance(value, str) else value)
        return
    values = np.atleast_1d(np.array(value))[: part.count]
    target = np.frombuffer(frame, part.code, part.count, part.offset)  # type: ignore[call-overload]
    if target.dtype.kind in "iu":
        bounds = np.iinfo(target.dtype)
        if not all(bounds.min <= number <= bounds.max for number in values.tolist()):
            raise ValueError(f"{part.name} does not fit its frame")
    with np.errstate(over="ignore"):
        target[: len(values)] = values.astype(target.dtype)
