"""The records of MCAP (https://mcap.dev/spec) as bytes: heads, contents, and no trust in either."""

import io
import struct
import zlib
from collections.abc import Iterator
from typing import Any

from mcap import records
from mcap.data_stream import ReadDataStream
from mcap.opcode import Opcode

from instrument.runs.records import HEAD

CHUNK = struct.Struct("<QQQII")
"""Begin and end of its messages, size and checksum unpacked, length of the name of the packing."""
LENGTH = struct.Struct("<Q")

KINDS: dict[int, Any] = {
    Opcode.HEADER: records.Header,
    Opcode.FOOTER: records.Footer,
    Opcode.SCHEMA: records.Schema,
    Opcode.CHANNEL: records.Channel,
    Opcode.MESSAGE_INDEX: records.MessageIndex,
    Opcode.CHUNK_INDEX: records.ChunkIndex,
    Opcode.ATTACHMENT: records.Attachment,
    Opcode.ATTACHMENT_INDEX: records.AttachmentIndex,
    Opcode.STATISTICS: records.Statistics,
    Opcode.METADATA: records.Metadata,
    Opcode.METADATA_INDEX: records.MetadataIndex,
    Opcode.SUMMARY_OFFSET: records.SummaryOffset,
    Opcode.DATA_END: records.DataEnd,
}


def parsed(opcode: int, content: bytes) -> Any:
    """A record, no chunk, by its content. Raises ValueError where that is not exactly one of its kind."""
    stream = ReadDataStream(io.BytesIO(content))
    try:
        record = KINDS[opcode].read(stream)
    except Exception as error:  # the library raises what its parts raise
        raise ValueError("cannot be read") from error
    if stream.count != len(content):
        raise ValueError("has another length than it says")
    if opcode == Opcode.ATTACHMENT:
        crc = int.from_bytes(content[-4:], "little")
        if crc and zlib.crc32(content[:-4]) != crc:
            raise ValueError("does not match its checksum")
    return record


def chunk(content: bytes) -> tuple[records.Chunk, int]:
    """A chunk by the content of its record, and how many bytes it says are packed in it. ValueError."""
    try:
        begin, end, size, crc, name_length = CHUNK.unpack_from(content)
        name_end = CHUNK.size + name_length
        (packed,) = LENGTH.unpack_from(content, name_end)
        name = content[CHUNK.size : name_end].decode("utf-8")
    except (struct.error, UnicodeDecodeError) as error:
        raise ValueError("cannot be read") from error
    record = records.Chunk(
        compression=name, data=content[name_end + LENGTH.size :], message_end_time=end,
        message_start_time=begin, uncompressed_crc=crc, uncompressed_size=size,
    )  # fmt: skip
    return record, packed


def inside(content: bytes) -> Iterator[tuple[int, int, int]]:
    """Opcode, begin and end of each record in an unpacked chunk. Raises ValueError where one is cut."""
    at, size = 0, len(content)
    while at < size:
        if at + HEAD.size > size:
            raise ValueError("ends inside a record")
        opcode, length = HEAD.unpack_from(content, at)
        at += HEAD.size
        if not opcode or length > size - at:
            raise ValueError("holds a record that is longer than itself")
        yield opcode, at, at + length
        at += length
