"""A run file from front to back, piece by piece, and on behind every damaged place.

what is at the next byte                                  | what is done
----------------------------------------------------------|----------------------------------------------
a record whose content is in order                        | it is a piece
a chunk whose checksum agrees, but not its lengths        | it is a piece with a fault
a record that is not, and a head follows where it ends    | a `Gap` as long as the record, or up to
                                                          | a chunk that can be read in it
anything else                                             | a `Gap` up to the next chunk that can be read

Only chunks and the header of a run are searched for: these alone can be told from chance. A record is
believed when it can be read to its last byte; a chunk, when its checksum agrees.
"""

import contextlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

from mcap.opcode import Opcode

from instrument.runs.chunks import Ration
from instrument.runs.header import RECORD
from instrument.runs.records import HEAD, MAGIC, MAX_RECORD_BYTES
from instrument.salvage.packed import LONGEST_HEAD, inner_length, unpacked
from instrument.salvage.parsing import CHUNK, chunk, parsed

FIRST_PRIVATE = 0x80
BLOCK = 1024 * 1024
OPCODES = frozenset(map(int, Opcode))
PACKINGS = tuple(len(name).to_bytes(4, "little") + name for name in (b"zstd", b"lz4"))
HEADER_NAME = len(RECORD).to_bytes(4, "little") + RECORD.encode()
MARKS = (
    *((mark, HEAD.size + CHUNK.size - 4, Opcode.CHUNK) for mark in PACKINGS),
    (HEADER_NAME, HEAD.size, Opcode.METADATA),
)
"""What a search looks for, how far behind the first byte of its record that stands, and its kind."""
LENGTHS = "says another length than it has"


@dataclass(frozen=True)
class Piece:
    """A record that can be read. `content` is what lies in it: of a chunk, unpacked."""

    at_byte: int
    end_byte: int
    opcode: int
    record: Any
    content: bytes
    fault: str = ""
    """What is wrong with it although it can be read, as a clause."""


@dataclass(frozen=True)
class Gap:
    """Bytes that cannot be read. `what` is a clause (``the chunk does not match its checksum``)."""

    at_byte: int
    end_byte: int
    what: str
    opcode: int = 0
    """That of the record, where there is one; 0 for bytes that are none."""


class Walk:
    """The pieces of one file. Its size is taken once: a run that grows meanwhile is read up to there."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.size = file.seek(0, 2)
        self._ration = Ration(self.size)
        self._tries_left = 8 * self.size + 8 * MAX_RECORD_BYTES
        """Bytes that may be read in vain: a file full of false beginnings must not take for ever."""
        self.begins_well = self.size >= len(MAGIC) and self._read(0, len(MAGIC)) == MAGIC
        self.ends_well = self.size >= 2 * len(MAGIC) and self._read(self.size - 8, 8) == MAGIC
        self._end = self.size - len(MAGIC) if self.ends_well else self.size

    def pieces(self) -> Iterator[Piece | Gap]:
        """All of them in the order of the file. OSErrors of the disk pass through."""
        at = len(MAGIC) if self.begins_well else 0
        while at < self._end:
            step = self._at(at)
            if isinstance(step, Gap):
                end = step.end_byte if step.end_byte > at else self._end
                step = Gap(at, self._next_mark(at + 1, end), step.what, step.opcode)
            elif not self._goes_on(step):
                step = self._shortened(step)
            yield step
            at = step.end_byte

    def _goes_on(self, piece: Piece) -> bool:
        """Whether another record follows. A chunk's checksum says where it ends, others may lie."""
        return piece.opcode == Opcode.CHUNK or self._is_believed(piece.end_byte)

    def _is_believed(self, end: int) -> bool:
        """Whether a record may end at a byte: at the end of the file, or before the head of a usual one."""
        head = self._head(end)
        return end == self._end or (head is not None and head[0] < FIRST_PRIVATE)

    def _shortened(self, piece: Piece) -> Piece | Gap:
        """A record behind which nothing is: does it run into a chunk that is in order?"""
        mark = self._next_mark(piece.at_byte + 1, piece.end_byte)
        if mark == piece.end_byte:
            return piece
        return Gap(piece.at_byte, mark, f"{name_of(piece.opcode)} runs into a chunk", piece.opcode)

    def again(self, at_byte: int, end_byte: int) -> bytes:
        """The records in a chunk that was a piece before, or the one that lies outside any chunk.

        Raises ValueError where that has changed meanwhile.
        """
        content = self._read(at_byte, end_byte - at_byte)
        if content[0] == Opcode.MESSAGE:
            return content
        return unpacked(chunk(content[HEAD.size :])[0])[0]

    def crc(self, begin: int, end: int) -> int:
        """CRC-32 of the bytes from `begin` to `end`; -1 where a file has this asked too often."""
        crc = 0
        self._tries_left -= end - begin
        if self._tries_left < 0:
            return -1
        for at in range(begin, end, BLOCK):
            crc = zlib.crc32(self._read(at, min(BLOCK, end - at)), crc)
        return crc

    def _at(self, at: int) -> Piece | Gap:
        """What is at a byte; a gap without a length where no end of it can be believed."""
        head = self._head(at)
        if head is None:
            return self._chunk_inside(at) or Gap(at, at, self._why_none(at))
        opcode, length = head
        after = at + HEAD.size + length
        if opcode >= FIRST_PRIVATE:
            return Piece(at, after, opcode, None, b"")
        try:
            return self._piece(at, after, opcode)
        except ValueError as error:
            what = f"{name_of(opcode)} {error}"
        inner = self._chunk_inside(at) if opcode == Opcode.CHUNK else None
        return inner or Gap(at, after if self._is_believed(after) else at, what, opcode)

    def _piece(self, at: int, after: int, opcode: int) -> Piece:
        """Raises ValueError with a clause."""
        content = self._read(at + HEAD.size, after - at - HEAD.size)
        if opcode == Opcode.MESSAGE:
            return Piece(at, after, opcode, None, content)
        if opcode != Opcode.CHUNK:
            return Piece(at, after, opcode, parsed(opcode, content), content)
        return self._chunk(at, after, content)

    def _chunk(self, at: int, after: int, content: bytes) -> Piece:
        """A chunk; where its lengths disagree it ends where the shorter one says. Raises ValueError."""
        record, packed_bytes = chunk(content)
        beyond = len(record.data) - packed_bytes
        if beyond > 0:
            with contextlib.suppress(ValueError):
                short = replace(record, data=record.data[:packed_bytes])
                inner, _ = unpacked(short, self._ration)
                return Piece(
                    at, after - beyond, Opcode.CHUNK, replace(record, data=b""), inner, LENGTHS
                )
        inner, fault = unpacked(record, self._ration)
        record.data = b""
        return Piece(at, after, Opcode.CHUNK, record, inner, LENGTHS if beyond else fault)

    def _chunk_inside(self, at: int) -> Piece | None:
        """The chunk at a byte by what it says itself, whatever its head says."""
        length = inner_length(self._read(at, min(LONGEST_HEAD, self._end - at)))
        after = at + HEAD.size + length
        if not length or after > self._end or length > MAX_RECORD_BYTES:
            return None
        try:
            piece = self._piece(at, after, Opcode.CHUNK)
        except ValueError:
            return None
        head = HEAD.pack(Opcode.CHUNK, length)
        right = self._read(at, HEAD.size) == head
        return Piece(at, after, piece.opcode, piece.record, piece.content,
                     piece.fault if right else LENGTHS)  # fmt: skip

    def _head(self, at: int) -> tuple[int, int] | None:
        """Opcode and length of a record that may be there."""
        if self._end - at < HEAD.size:
            return None
        opcode, length = HEAD.unpack(self._read(at, HEAD.size))
        fits = length <= min(MAX_RECORD_BYTES, self._end - at - HEAD.size)
        return (opcode, length) if fits and _is_known(opcode) else None

    def _why_none(self, at: int) -> str:
        cut = self._end - at < HEAD.size or _is_known(self._read(at, 1)[0])
        return "a record is longer than what follows" if cut else "no record begins there"

    def _next_mark(self, at: int, end: int) -> int:
        """The next byte at which a chunk or the header of a run begins that can be read, else `end`."""
        while at < end:
            block = self._read(at, min(BLOCK + LONGEST_HEAD, self._end - at))
            for begin, opcode in candidates(block):
                if begin < min(BLOCK, end - at) and self._is_good(at + begin, opcode):
                    return at + begin
            at += BLOCK
        return end

    def _is_good(self, at: int, opcode: int) -> bool:
        head = self._head(at)
        inner = inner_length(self._read(at, min(LONGEST_HEAD, self._end - at)))
        tried = (head[1] if head else 0, inner if inner <= self._end - at else 0)
        self._tries_left -= sum(tried)
        if self._tries_left < 0:
            return False
        step = self._at(at)
        return isinstance(step, Piece) and step.opcode == opcode

    def _read(self, at: int, count: int) -> bytes:
        self._file.seek(at)
        content = self._file.read(count)
        if len(content) != count:
            raise OSError("the file became shorter while it was read")
        return content


def candidates(block: bytes) -> list[tuple[int, int]]:
    """Where in some bytes a chunk or the header of a run may begin, and which, in order."""
    found = []
    for mark, behind, opcode in MARKS:
        place = block.find(mark, behind)
        while place >= 0:
            found.append((place - behind, int(opcode)))
            place = block.find(mark, place + 1)
    return sorted(found)


def _is_known(opcode: int) -> bool:
    return opcode in OPCODES or opcode >= FIRST_PRIVATE


def name_of(opcode: int) -> str:
    """A record in words, ``the chunk``."""
    return (
        "the " + Opcode(opcode).name.lower().replace("_", " ") if opcode in OPCODES else "a record"
    )
