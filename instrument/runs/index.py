"""Where the chunks of a run file are: from its summary, or by walking over the heads of its records.

A summary is believed where its checksum agrees, its chunks lie one after the other, and what it says of a
few of them is true; what lies between them is walked over. Else the whole file is walked over, without
unpacking anything: that is also how a file without an end is read.
"""

import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from mcap.opcode import Opcode
from mcap.records import Channel, Schema

from instrument.runs.records import HEAD, MAGIC_BYTES, MAX_RECORD_BYTES, parsed

CHUNK_HEAD = struct.Struct("<QQ")
FOOTER = struct.Struct("<QQI")
CHUNK_INDEX = struct.Struct("<QQQQI")
STATISTICS = struct.Struct("<QHIIIIQQI")
"""Both end with the bytes of a map that follows, from channels to a number each."""
PAIR = struct.Struct("<HQ")
WINDOW_BYTES = 8192
SAMPLED = 64
"""Of so many chunks it is looked whether they are where the summary says."""


@dataclass(frozen=True, slots=True)
class ChunkPlace:
    """One chunk: where its record begins, its bytes, the time from `first_ns` to `last_ns` it claims.

    `channels` are those it holds messages of; None where the file does not say.
    """

    offset: int
    length: int
    first_ns: int
    last_ns: int
    channels: frozenset[int] | None = None


@dataclass
class Index:
    """All chunks in the order of the file, and the channels and schemas told outside of them."""

    places: list[ChunkPlace] = field(default_factory=list)
    declared: list[Schema | Channel] = field(default_factory=list)
    walked: bool = False
    """Whether there was no summary to believe."""
    broke_off: bool = False
    """Whether walking came to a place after which nothing can be understood, and no summary helps."""
    counts: dict[int, int] | None = None
    """Messages of each channel by the summary; None where it does not say."""


def read_index(file: BinaryIO) -> Index:
    """The index of a run file. Never raises for what is in it; OSError where it cannot be read."""
    size = file.seek(0, 2)
    summary = _summary(file)
    if summary is not None and _is_true(file, summary.places):
        return summary
    walked = Index(walked=True)
    walked.broke_off = not _walk_chunks(file, MAGIC_BYTES, size, walked) and summary is None
    if summary is not None:  # what lies behind a broken place
        known = {place.offset for place in walked.places}
        walked.places += [p for p in summary.places if p.offset not in known and _agrees(file, p)]
        walked.places.sort(key=lambda place: place.offset)
        walked.declared += summary.declared
    return walked


# -- the summary --------------------------------------------------------------------------------------


def _summary(file: BinaryIO) -> Index | None:
    """What the summary says, or None where there is none to believe."""
    found = told(file, MAX_RECORD_BYTES)
    return found[0] if found is not None and _fill_gaps(file, found[1], found[0]) else None


def told(file: BinaryIO, most_bytes: int) -> tuple[Index, int] | None:
    """What a summary of `most_bytes` at the most says, not compared with the file, and where it begins.

    None where there is none, or its checksum does not agree. Raises OSError where the disk does.
    """
    size = file.seek(0, 2)
    footer_at = size - MAGIC_BYTES - HEAD.size - FOOTER.size
    if footer_at < MAGIC_BYTES:
        return None
    tail = _read(file, footer_at, HEAD.size + FOOTER.size)
    if len(tail) < HEAD.size + FOOTER.size or tail[0] != Opcode.FOOTER:
        return None
    start, _, checksum = FOOTER.unpack_from(tail, HEAD.size)
    if not MAGIC_BYTES <= start < footer_at or footer_at - start > most_bytes:
        return None
    content = _read(file, start, footer_at - start)
    if not checksum or zlib.crc32(tail[:-4], zlib.crc32(content)) != checksum:
        return None
    index = Index()
    try:
        _parse_summary(content, index)
    except (struct.error, ValueError, IndexError, UnicodeDecodeError):
        return None
    return index, start


def _parse_summary(content: bytes, index: Index) -> None:
    at, sets = 0, dict[tuple[int, ...], frozenset[int]]()
    while at + HEAD.size <= len(content):
        opcode, length = HEAD.unpack_from(content, at)
        at += HEAD.size
        if length > len(content) - at:
            raise ValueError("a record that goes on beyond the summary")
        if opcode == Opcode.CHUNK_INDEX:
            index.places.append(_chunk_index(content, at, length, sets))
        elif opcode in (Opcode.SCHEMA, Opcode.CHANNEL):
            index.declared.append(parsed(opcode, content[at : at + length]))
        elif opcode == Opcode.STATISTICS:
            *_, map_bytes = STATISTICS.unpack_from(content, at)
            index.counts = dict(_pairs(content, at + STATISTICS.size, at + length, map_bytes))
        at += length


def _pairs(content: bytes, begin: int, end: int, map_bytes: int) -> Iterator[tuple[int, int]]:
    """A map from channels to numbers in a record that goes up to `end`. Raises ValueError."""
    if map_bytes > end - begin or map_bytes % PAIR.size:
        raise ValueError("a map of channels that does not fit")
    return PAIR.iter_unpack(content[begin : begin + map_bytes])


def _chunk_index(
    content: bytes, at: int, length: int, sets: dict[tuple[int, ...], frozenset[int]]
) -> ChunkPlace:
    first_ns, last_ns, offset, size, map_bytes = CHUNK_INDEX.unpack_from(content, at)
    pairs = _pairs(content, at + CHUNK_INDEX.size, at + length, map_bytes)
    channels = tuple(channel for channel, _ in pairs)
    held = sets.setdefault(channels, frozenset(channels)) if channels else None
    return ChunkPlace(offset, size, first_ns, last_ns, held)


def _fill_gaps(file: BinaryIO, end: int, index: Index) -> bool:
    """Walk over what the summary passes over; False where its chunks cannot lie as it says."""
    told, at = sorted(index.places, key=lambda place: place.offset), MAGIC_BYTES
    declared, index.places, index.declared = index.declared, [], []
    for place in told:
        if place.offset < at or place.length < HEAD.size + CHUNK_HEAD.size:
            return False
        if place.length > MAX_RECORD_BYTES or place.first_ns > place.last_ns:
            return False
        _walk_chunks(file, at, place.offset, index)
        index.places.append(place)
        at = place.offset + place.length
    if at > end:
        return False
    _walk_chunks(file, at, end, index)
    index.declared += (
        declared  # what the data says of itself counts before what the summary says of it
    )
    return True


def _is_true(file: BinaryIO, places: Sequence[ChunkPlace]) -> bool:
    step = max(1, len(places) // SAMPLED)
    return all(_agrees(file, place) for place in (*places[::step], *places[-1:]))


def _agrees(file: BinaryIO, place: ChunkPlace) -> bool:
    """Whether a chunk begins at its place, of its length and with its times."""
    head = _read(file, place.offset, HEAD.size + CHUNK_HEAD.size)
    if len(head) < HEAD.size + CHUNK_HEAD.size:
        return False
    opcode, length = HEAD.unpack_from(head)
    times = CHUNK_HEAD.unpack_from(head, HEAD.size)
    return (
        opcode == Opcode.CHUNK
        and length + HEAD.size == place.length
        and times == (place.first_ns, place.last_ns)
    )


# -- walking ------------------------------------------------------------------------------------------


def _walk_chunks(file: BinaryIO, start: int, end: int, index: Index) -> bool:
    """Add the chunks and declarations whose records lie in `start` to `end`; whether the end was found."""
    channels: set[int] = set()
    sets = dict[frozenset[int], frozenset[int]]()
    chunk: ChunkPlace | None = None

    def keep() -> None:
        if chunk is not None:
            held = sets.setdefault(frozenset(channels), frozenset(channels)) if channels else None
            index.places.append(
                ChunkPlace(chunk.offset, chunk.length, chunk.first_ns, chunk.last_ns, held)
            )

    for opcode, offset, length, window in _records(file, start, end):
        if opcode == Opcode.CHUNK and len(window) >= HEAD.size + CHUNK_HEAD.size:
            keep()
            channels.clear()
            chunk = ChunkPlace(offset, length, *CHUNK_HEAD.unpack_from(window, HEAD.size))
        elif opcode == Opcode.MESSAGE_INDEX and len(window) >= HEAD.size + 2:
            channels.add(int.from_bytes(window[HEAD.size : HEAD.size + 2], "little"))
        elif opcode in (Opcode.SCHEMA, Opcode.CHANNEL):
            body = _read(file, offset + HEAD.size, length - HEAD.size)
            try:
                index.declared.append(parsed(opcode, body))
            except ValueError:
                continue
        elif opcode == Opcode.DATA_END:
            keep()
            return True
    keep()
    return False


def _records(file: BinaryIO, start: int, end: int) -> Iterator[tuple[int, int, int, bytes]]:
    """Opcode, place, whole length and first bytes of every record that lies in `start` to `end`."""
    at, window_at, window = start, start, b""
    while at + HEAD.size <= end:
        first = at - window_at
        if not 0 <= first <= len(window) - 64:
            window_at, first, window = at, 0, _read(file, at, min(WINDOW_BYTES, end - at))
        if len(window) - first < HEAD.size:
            return
        opcode, length = HEAD.unpack_from(window, first)
        if length > MAX_RECORD_BYTES or at + HEAD.size + length > end or opcode == 0:
            return
        yield opcode, at, HEAD.size + length, window[first : first + 64]
        at += HEAD.size + length


def _read(file: BinaryIO, offset: int, count: int) -> bytes:
    file.seek(offset)
    return file.read(count)
