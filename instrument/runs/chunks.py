"""What is packed in a chunk of a run file, in bounds: a hostile one must not fill the memory.

The library unpacks whatever a chunk claims: a few bytes become 100 GB. Here a chunk is unpacked up to
`MOST_UNPACKED` bytes, and a whole file up to its `Ration`.
"""

import zlib

import lz4.frame
import zstandard
from mcap.records import Chunk

MOST_UNPACKED = 16 * 1024 * 1024
"""Bytes of one chunk. Ours are 64 kB and one frame at the most, so below 1 MB."""
MOST_TIMES = 200
"""A run unpacks to 2 to 30 times its size; the most is black pictures for a whole night."""
FREE_BYTES = 64 * 1024 * 1024


class Ration:
    """How much a whole file may unpack to; what takes more was made to harm."""

    def __init__(self, file_bytes: int) -> None:
        self.left = MOST_TIMES * file_bytes + FREE_BYTES

    def take(self, unpacked_bytes: int) -> None:
        """Raises ValueError when there is nothing left."""
        self.left -= unpacked_bytes
        if self.left < 0:
            raise ValueError(f"unpacks to more than {MOST_TIMES} times its size")


def unpack(chunk: Chunk, ration: Ration | None = None) -> bytes:
    """The records in a chunk, its checksum compared. Raises ValueError with a clause that says why.

    What it unpacks to is taken from the `ration` before, so that a chunk with a wrong checksum costs, too.
    """
    content = _unpacked(chunk, ration)
    if len(content) != chunk.uncompressed_size:
        raise ValueError(f"holds {len(content)} bytes, not {chunk.uncompressed_size}")
    if chunk.uncompressed_crc and zlib.crc32(content) != chunk.uncompressed_crc:
        raise ValueError("does not match its checksum")
    return content


def _unpacked(chunk: Chunk, ration: Ration | None) -> bytes:
    size = chunk.uncompressed_size
    if size > MOST_UNPACKED:
        raise ValueError(f"claims {size / 1e6:,.0f} MB; {MOST_UNPACKED / 1e6:.0f} MB are the most")
    if not chunk.compression:
        return chunk.data
    if not chunk.data or not size:
        raise ValueError("is empty")
    try:
        if chunk.compression == "zstd":
            return _from_zstd(chunk.data, size, ration)
        if chunk.compression == "lz4":
            if ration is not None:
                ration.take(size)
            return bytes(lz4.frame.LZ4FrameDecompressor().decompress(chunk.data, size + 1))
    except (zstandard.ZstdError, RuntimeError, EOFError) as error:
        raise ValueError("cannot be unpacked") from error
    raise ValueError(f"is packed as {chunk.compression[:16]!r}; zstd and lz4 are known")


def _from_zstd(packed: bytes, size: int, ration: Ration | None) -> bytes:
    claimed = zstandard.get_frame_parameters(packed).content_size
    known = claimed not in (zstandard.CONTENTSIZE_UNKNOWN, zstandard.CONTENTSIZE_ERROR)
    if known and claimed != size:  # the library makes room for what the frame says
        raise ValueError("does not match its length")
    if ration is not None:
        ration.take(size)
    return zstandard.ZstdDecompressor(max_window_size=MOST_UNPACKED).decompress(packed, size)
