"""Chunks whose own numbers may lie: what is packed in them is believed when the checksum agrees."""

import struct
from dataclasses import replace

import zstandard
from mcap.records import Chunk

from instrument.runs.chunks import Ration, unpack
from instrument.runs.records import HEAD
from instrument.salvage.parsing import CHUNK, LENGTH, inside

LONGEST_NAME = 16
LONGEST_HEAD = HEAD.size + CHUNK.size + LONGEST_NAME + LENGTH.size
"""So many bytes, at most, stand before what is packed in a chunk, its record's head included."""


def inner_length(begin: bytes) -> int:
    """Length of the content of a chunk's record by what the chunk says itself; 0 where it is none.

    `begin` are the first `LONGEST_HEAD` bytes of the record or fewer.
    """
    try:
        *_, name_length = CHUNK.unpack_from(begin, HEAD.size)
        if not 0 < name_length <= LONGEST_NAME:
            return 0
        (packed_bytes,) = LENGTH.unpack_from(begin, HEAD.size + CHUNK.size + name_length)
    except struct.error:
        return 0
    return int(CHUNK.size + name_length + LENGTH.size + packed_bytes)


def unpacked(chunk: Chunk, ration: Ration | None = None) -> tuple[bytes, str]:
    """The records in a chunk, and what is wrong with it all the same. Raises ValueError with a clause.

    `ration`: what it unpacks to is taken from this.
    """
    fault = ""
    try:
        content = unpack(chunk, ration)
    except ValueError:
        if not chunk.uncompressed_crc or chunk.compression != "zstd":
            raise
        content = unpack(replace(chunk, uncompressed_size=_claimed(chunk.data)), ration)
        fault = "says another size than it has"
    for _ in inside(content):
        pass
    return content, fault


def _claimed(packed: bytes) -> int:
    try:
        return int(zstandard.get_frame_parameters(packed).content_size)
    except zstandard.ZstdError as error:
        raise ValueError("cannot be unpacked") from error
