"""Harm done to run files: to their bytes, to their lengths, and by somebody who knows the format.

`Mutator.next()` gives a harmed file; the same seed gives the same ones.
"""

import random
import struct
import zlib
from collections.abc import Callable, Sequence

import zstandard

HEAD = struct.Struct("<BQ")
CHUNK, METADATA, CHANNEL, SCHEMA = 6, 12, 4, 3
BIG = (2**63, 2**64 - 1, 100 * 10**9, 2**32, 2**31 - 1, 64 * 1024 * 1024, 0)
CHUNK_HEAD = struct.Struct("<QQQII")


def record(opcode: int, content: bytes) -> bytes:
    return HEAD.pack(opcode, len(content)) + content


def text(value: bytes) -> bytes:
    return struct.pack("<I", len(value)) + value


def chunk(content: bytes, packed: bytes | None = None, size: int | None = None) -> bytes:
    """A chunk with the right checksum, packed as `packed` or with zstd."""
    packed = zstandard.compress(content) if packed is None else packed
    size = len(content) if size is None else size
    head = CHUNK_HEAD.pack(10**18, 10**18 + 10**9, size, zlib.crc32(content), 4) + b"zstd"
    return record(CHUNK, head + struct.pack("<Q", len(packed)) + packed)


def records(content: bytes) -> list[tuple[int, int, int]]:
    """Opcode, begin and end of each record of a whole file."""
    found, at = [], 8
    while at + 9 <= len(content) - 8:
        opcode, length = HEAD.unpack_from(content, at)
        found.append((opcode, at, at + 9 + length))
        at += 9 + length
    return found


UNSURE = ("bomb", "join", "deep", "channels", "inside")
"""What harms also what it leaves in the file as it was: nothing need be saved then."""


class Mutator:
    """Harms one of some files after the other."""

    def __init__(self, seed: str, files: Sequence[bytes]) -> None:
        self._dice = random.Random(seed)
        self._files = [(content, records(content)) for content in files]
        self._ways: list[Callable[[bytearray], bytearray]] = [
            self._flip, self._flip, self._flip_many, self._cut, self._swap, self._insert, self._double,
            self._zero, self._drop, self._length, self._inner_length, self._bomb, self._deep, self._inside,
            self._inside, self._head, self._channels, self._join, self._shuffle, self._garbage_front,
            self._small_records,
        ]  # fmt: skip
        self._records: list[tuple[int, int, int]] = []
        self.way = ""
        """What was done last."""
        self.number = 0
        """Which of the files it was done to."""

    @property
    def is_sure(self) -> bool:
        """Whether the chunks that still lie in the file have to be saved."""
        return not any(word in self.way for word in UNSURE)

    def next(self) -> bytes:
        """A harmed file."""
        self.number = self._dice.randrange(len(self._files))
        content, self._records = self._files[self.number]
        file, done = bytearray(content), []
        for _ in range(self._dice.choice((1, 1, 1, 2, 3))):
            way = self._dice.choice(self._ways)
            done.append(way.__name__.strip("_"))
            file = way(file)
            self._records = records(bytes(file))[:10_000]
        self.way = "+".join(done)
        return bytes(file)

    def _span(self, file: bytearray, most: int = 5000) -> tuple[int, int]:
        begin = self._dice.randrange(len(file) + 1)
        return begin, min(len(file), begin + self._dice.randint(1, most))

    def _one(self, *opcodes: int) -> tuple[int, int, int] | None:
        found = [each for each in self._records if not opcodes or each[0] in opcodes]
        return self._dice.choice(found) if found else None

    def _flip(self, file: bytearray) -> bytearray:
        if file:
            file[self._dice.randrange(len(file))] ^= 1 << self._dice.randrange(8)
        return file

    def _flip_many(self, file: bytearray) -> bytearray:
        for _ in range(self._dice.randint(2, 60)):
            file = self._flip(file)
        return file

    def _cut(self, file: bytearray) -> bytearray:
        return file[: self._dice.randrange(len(file) + 1)]

    def _swap(self, file: bytearray) -> bytearray:
        (a, b), (c, d) = sorted((self._span(file), self._span(file)))
        if b > c:
            return file
        return file[:a] + file[c:d] + file[b:c] + file[a:b] + file[d:]

    def _insert(self, file: bytearray) -> bytearray:
        at = self._dice.randrange(len(file) + 1)
        return file[:at] + self._dice.randbytes(self._dice.randint(1, 3000)) + file[at:]

    def _double(self, file: bytearray) -> bytearray:
        begin, end = self._span(file, 20_000)
        return file[:end] + file[begin:end] + file[end:]

    def _zero(self, file: bytearray) -> bytearray:
        begin, end = self._span(file)
        file[begin:end] = bytes(end - begin)
        return file

    def _drop(self, file: bytearray) -> bytearray:
        begin, end = self._span(file)
        return file[:begin] + file[end:]

    def _length(self, file: bytearray) -> bytearray:
        """The length of a record says something else."""
        each = self._one()
        if each is not None:
            length = self._dice.choice((*BIG, self._dice.randrange(len(file) + 1)))
            struct.pack_into("<Q", file, each[1] + 1, length)
        return file

    def _inner_length(self, file: bytearray) -> bytearray:
        """A number inside a record says something large: sizes, maps, texts, places in the file."""
        each = self._one()
        if each is not None and each[2] - each[1] >= 17:
            at = self._dice.randrange(each[1] + 9, min(each[2] - 7, each[1] + 90))
            form = self._dice.choice(["<I", "<Q"])
            value = self._dice.choice(BIG) & (2**32 - 1 if form == "<I" else 2**64 - 1)
            struct.pack_into(form, file, at, value)
        return file

    def _put(self, file: bytearray, new: bytes) -> bytearray:
        """In place of a record, or before it."""
        each = self._one(CHUNK) or self._one()
        if each is None:
            return file + new
        return file[: each[1]] + new + file[each[self._dice.choice((1, 2))] :]

    def _bomb(self, file: bytearray) -> bytearray:
        """Chunks that unpack to far more than they are."""
        size = self._dice.choice((15 * 1024 * 1024, 64 * 1024 * 1024))
        zeros = zstandard.compress(bytes(size))
        claimed = self._dice.choice((size, 1000, 100 * 10**9))
        lying = bytearray(zeros)
        if self._dice.random() < 0.5:  # the frame claims 100 GB
            lying = bytearray(b"\x28\xb5\x2f\xfd\xe0" + struct.pack("<Q", 100 * 10**9) + zeros[9:])
        bomb = chunk(b"", bytes(lying), claimed)
        return self._put(file, bomb * self._dice.choice((1, 1, 3, 20)))

    def _deep(self, file: bytearray) -> bytearray:
        """A header that is deeply nested, or full of strange numbers."""
        value = self._dice.choice(
            ("[" * 100_000, "Infinity", "NaN", "1e999", "-1", '"x"', "{}", "[]", "null", "9" * 5000)
        )
        each = self._one(METADATA)
        if each is None:
            return file
        content = bytes(file[each[1] + 9 : each[2]])
        try:
            name_end = 4 + struct.unpack_from("<I", content)[0]
            at, pairs = name_end + 4, []
            while at < len(content):
                parts = []
                for _ in range(2):
                    (length,) = struct.unpack_from("<I", content, at)
                    parts.append(content[at + 4 : at + 4 + length])
                    at += 4 + length
                pairs.append(parts)
        except struct.error:
            return file
        if pairs:
            self._dice.choice(pairs)[1] = value.encode()
        body = b"".join(text(part) for pair in pairs for part in pair)
        new = record(METADATA, content[:name_end] + text(body))
        return file[: each[1]] + new + file[each[2] :]

    def _inside(self, file: bytearray) -> bytearray:
        """Harm inside a chunk, its checksum made right again."""
        each = self._one(CHUNK)
        if each is None:
            return file
        body = bytes(file[each[1] + 9 : each[2]])
        try:
            begin, end, size, _, _ = CHUNK_HEAD.unpack_from(body)
            inner = bytearray(zstandard.decompress(body[44:], min(size, 10**7)))
        except (struct.error, zstandard.ZstdError, MemoryError):
            return file
        way = self._dice.choice((self._flip, self._flip_many, self._zero, self._drop, self._counts))
        inner = way(inner)
        packed = zstandard.compress(bytes(inner))
        head = CHUNK_HEAD.pack(begin, end, len(inner), zlib.crc32(bytes(inner)), 4) + b"zstd"
        new = record(CHUNK, head + struct.pack("<Q", len(packed)) + packed)
        return file[: each[1]] + new + file[each[2] :]

    def _counts(self, inner: bytearray) -> bytearray:
        """Large numbers somewhere in the frames, among them times and channels."""
        for _ in range(self._dice.randint(1, 5)):
            if len(inner) > 8:
                at = self._dice.randrange(len(inner) - 8)
                struct.pack_into("<Q", inner, at, self._dice.choice(BIG))
        return inner

    def _head(self, file: bytearray) -> bytearray:
        """The first bytes, where everything begins."""
        for _ in range(self._dice.randint(1, 4)):
            if file:
                file[self._dice.randrange(min(len(file), 300))] = self._dice.randrange(256)
        return file

    def _channels(self, file: bytearray) -> bytearray:
        """Very many channels, each with a schema."""
        schemas = [bytes(file[a:b]) for opcode, a, b in self._records if opcode == SCHEMA]
        body = (schemas[0][15:] if schemas else text(b"x") * 3)[:3000]
        made = bytearray()
        for number in range(self._dice.choice((10, 10, 10, 10, 2000))):
            made += record(SCHEMA, struct.pack("<H", number % 65536) + body)
            name = self._dice.choice((b"metrics", b"tiles", b"other"))
            made += record(
                CHANNEL,
                struct.pack("<HH", number, number) + text(name) + text(b"protobuf") + text(b""),
            )
        return self._put(file, bytes(made))

    def _join(self, file: bytearray) -> bytearray:
        """Another run behind this one."""
        return file + self._dice.choice(self._files)[0]

    def _shuffle(self, file: bytearray) -> bytearray:
        """The records in another order."""
        parts = [bytes(file[a:b]) for _, a, b in self._records]
        self._dice.shuffle(parts)
        return bytearray(file[:8] + b"".join(parts) + file[-8:])

    def _garbage_front(self, file: bytearray) -> bytearray:
        return bytearray(self._dice.randbytes(self._dice.randint(1, 40))) + file

    def _small_records(self, file: bytearray) -> bytearray:
        """Thousands of tiny records: ends, indexes, notes, and beginnings of chunks that are none."""
        made = {
            "ends": record(15, struct.pack("<I", 1)),
            "footers": record(2, struct.pack("<QQI", 8, 0, 7)),
            "notes": record(METADATA, text(b"n") + text(text(b"k") + text(b"v"))),
            "indexes": record(7, struct.pack("<HI", 1, 0)),
            "false": record(CHUNK, CHUNK_HEAD.pack(0, 0, 10**6, 7, 4) + b"zstd" + bytes(8))[:60],
            "empty": record(200, b""),
        }
        return self._put(
            file, made[self._dice.choice(sorted(made))] * self._dice.choice((5, 5, 5, 5, 3000))
        )
