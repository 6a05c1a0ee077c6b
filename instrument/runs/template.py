"""How the numbers of a frame become the bytes of a protobuf message, and back, by one copy.

Every number has a fixed width in its message, so its place is known beforehand: writing a message is a
copy of bytes between tags that never change, and reading one is the same copy the other way, after a look
whether the tags are where they should be. No byte is ever taken for a number, so every bit comes back.
The library of protobuf reads what is written here (tests/runs/test_wire.py).
"""

import ctypes
from collections.abc import Sequence
from typing import Any

import numpy as np

from instrument.runs.messages import STRING, WIDTHS, Part
from instrument.signals.frames import Frame

LONG = 256
"""So many bytes in a row are copied as a slice, fewer by an index."""
LENGTH, WIDE, NARROW = 2, 1, 5
"""Wire types of protobuf: a length and its bytes, eight bytes, four."""


def varint(number: int) -> bytes:
    """A number above zero as protobuf writes it, seven bits a byte."""
    written = bytearray()
    while number > 0x7F:
        written.append(number & 0x7F | 0x80)
        number >>= 7
    written.append(number)
    return bytes(written)


def tag_of(part: Part) -> bytes:
    """The number of a field and how its bytes are to be taken."""
    if part.varies or part.repeated:
        return varint(part.number << 3 | LENGTH)
    return varint(part.number << 3 | (WIDE if WIDTHS[part.kind] == 8 else NARROW))


class Template:
    """The bytes of one kind of message. One thread."""

    def __init__(self, parts: Sequence[Part]) -> None:
        """`parts` in the order in which they are written; those that vary come last."""
        self._varying = [(part, tag_of(part)) for part in parts if part.varies]
        written = bytearray()
        to: list[np.ndarray] = []
        origin: list[np.ndarray] = []
        self._runs: list[tuple[slice, slice]] = []
        free: list[int] = []
        for part in parts:
            if part.varies:
                continue
            width = WIDTHS[part.kind]
            written += tag_of(part)
            if part.repeated:
                written += varint(part.count * width)
            begin = len(written)
            written += bytes(part.count * width)
            if part.offset < 0:
                free += range(begin, len(written))
            elif part.width == width and part.count * width >= LONG:
                end = part.offset + part.count * width
                self._runs.append((slice(begin, len(written)), slice(part.offset, end)))
            else:
                to.append(_places(begin, part, width))
                origin.append(_places(part.offset, part, part.width))
        self._to = np.concatenate(to) if to else np.empty(0, np.intp)
        self._origin = np.concatenate(origin) if origin else np.empty(0, np.intp)
        self._bytes = np.frombuffer(written, np.uint8).copy()
        self._constant = self._places_of_constants(free)
        self._constants = self._bytes[self._constant]

    def _places_of_constants(self, free: list[int]) -> np.ndarray:
        constant = np.ones(len(self._bytes), bool)
        constant[self._to] = False
        constant[free] = False
        for run, _ in self._runs:
            constant[run] = False
        return np.flatnonzero(constant)

    def write(self, frame: Frame) -> bytes:
        """The message of a frame."""
        source = np.frombuffer(frame, np.uint8)  # type: ignore[call-overload]
        self._bytes[self._to] = source[self._origin]
        for run, origin in self._runs:
            self._bytes[run] = source[origin]
        if not self._varying:
            return self._bytes.tobytes()
        used = frame.used_bytes()
        pieces = [self._bytes.tobytes()]
        for part, tag in self._varying:
            size = max(0, min(part.count, used - part.offset))
            content = source[part.offset : part.offset + size].tobytes()
            if part.kind == STRING:
                content = _text(content)
            pieces += (tag, varint(len(content)), content)
        return b"".join(pieces)

    def read(self, data: bytes, frame: type[Frame]) -> Any | None:
        """The frame of a message that was written by a template like this one, else None."""
        fixed = len(self._bytes)
        if len(data) < fixed:
            return None
        raw = np.frombuffer(data, np.uint8)
        if not np.array_equal(raw[self._constant], self._constants):
            return None
        made = frame()
        target = np.frombuffer(made, np.uint8)  # type: ignore[call-overload]
        target[self._origin] = raw[self._to]
        for run, origin in self._runs:
            target[origin] = raw[run]
        at: int | None = fixed
        for part, tag in self._varying:
            at = _read_varying(data, at, part, tag, made) if at is not None else None
        return made if at == len(data) else None


def _places(begin: int, part: Part, width: int) -> np.ndarray:
    """Places of the bytes that a number has in the frame, of all its values; `width` apart."""
    values = begin + np.arange(part.count, dtype=np.intp)[:, None] * width
    return (values + np.arange(part.width, dtype=np.intp)).ravel()


def _text(content: bytes) -> bytes:
    """What stands before the first zero, readable as UTF-8 whatever it was."""
    text = content.partition(b"\0")[0]
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return text.decode("utf-8", "replace").encode()
    return text


def _read_varying(data: bytes, at: int, part: Part, tag: bytes, frame: Frame) -> int | None:
    """Where the next field begins; None where this is not the field that was expected."""
    if data[at : at + len(tag)] != tag:
        return None
    at, size, shift = at + len(tag), 0, 0
    while True:
        if at >= len(data) or shift > 28:
            return None
        byte = data[at]
        size |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            break
    if at + size > len(data):
        return None
    if part.offset >= 0:
        put(frame, part, data[at : at + size])
    return at + size


def put(frame: Frame, part: Part, content: bytes) -> None:
    """Text or bytes into a frame. Raises ValueError where they are more than it holds."""
    if part.kind == STRING:
        content = content[: part.count]
    if len(content) > part.count:
        raise ValueError(f"{len(content)} bytes of {part.name} where {part.count} are the most")
    ctypes.memmove(ctypes.addressof(frame) + part.offset, content, len(content))
