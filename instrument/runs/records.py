"""The records of a run file (MCAP), one by one, within bounds: no length in a file is trusted."""

import struct
from collections.abc import Iterator
from io import BytesIO
from typing import Any, BinaryIO

from mcap.data_stream import ReadDataStream
from mcap.opcode import Opcode
from mcap.records import Channel, Chunk, Footer, Message, Metadata, Schema

MAX_RECORD_BYTES = 64 * 1024 * 1024
MAGIC = b"\x89MCAP0\r\n"
"""The first bytes of a file, and its last."""
MAGIC_BYTES = len(MAGIC)
HEAD = struct.Struct("<BQ")
"""Opcode and length of every record."""
MESSAGE = struct.Struct("<HIQQ")
"""Channel, sequence, log time and publish time of a message; its data follows."""
KINDS: dict[int, Any] = {
    Opcode.SCHEMA: Schema,
    Opcode.CHANNEL: Channel,
    Opcode.CHUNK: Chunk,
    Opcode.METADATA: Metadata,
    Opcode.FOOTER: Footer,
}


def parsed(opcode: int, body: bytes) -> Any:
    """The record in a body; None for a kind that nobody here reads. Raises ValueError."""
    stream = ReadDataStream(BytesIO(body))
    try:
        if opcode == Opcode.MESSAGE:
            return Message.read(stream, len(body))
        kind = KINDS.get(opcode)
        return None if kind is None else kind.read(stream)
    except Exception as error:  # the library raises what its parts raise
        raise ValueError(f"no record ({type(error).__name__})") from error


def records_of(file: BinaryIO) -> Iterator[Any]:
    """The records of a file that are read here, from its beginning to its footer.

    Raises ValueError where it cannot be understood any more, or ends before its footer.
    """
    left = file.seek(0, 2) - MAGIC_BYTES
    file.seek(MAGIC_BYTES)
    while True:
        head = file.read(HEAD.size)
        if len(head) < HEAD.size:
            raise ValueError("ends too early")
        opcode, length = HEAD.unpack(head)
        left -= HEAD.size
        if opcode == 0 or length > min(left, MAX_RECORD_BYTES):
            raise ValueError("a record that cannot be")
        left -= length
        if opcode not in KINDS and opcode != Opcode.MESSAGE:
            file.seek(length, 1)
            continue
        record = parsed(opcode, file.read(length))
        yield record
        if opcode == Opcode.FOOTER:
            return


def places_in(content: bytes) -> Iterator[tuple[int, int, int]]:
    """Opcode, begin and end of the body of every record in an unpacked chunk. Raises ValueError."""
    at = 0
    while at + HEAD.size <= len(content):
        opcode, length = HEAD.unpack_from(content, at)
        at += HEAD.size
        if opcode == 0 or length > len(content) - at:
            raise ValueError("a record that cannot be")
        yield opcode, at, at + length
        at += length
