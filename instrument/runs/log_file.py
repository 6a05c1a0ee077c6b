"""An MCAP file as it grows. The records are those of the library, see https://mcap.dev/spec.

In place of the library's own writer for two reasons: that keeps Python objects for every chunk until the
end, where this keeps the bytes that the index will have, so a show may last for days. And here schemas and
channels stand in the open, before and outside of the chunks: a damaged chunk costs its frames alone.
"""

import zlib
from collections.abc import Mapping

import zstandard
from mcap.data_stream import RecordBuilder
from mcap.opcode import Opcode
from mcap.records import (
    Channel,
    Chunk,
    ChunkIndex,
    DataEnd,
    Footer,
    Header,
    McapRecord,
    Message,
    MessageIndex,
    Metadata,
    MetadataIndex,
    Schema,
    Statistics,
    SummaryOffset,
)
from mcap.writer import MCAP0_MAGIC

from instrument.runs.disk import BlockFile

LIBRARY = "twos-and-sevens"
CHUNK_BYTES = 256 * 1024
"""A chunk is closed when it holds so much, at the latest."""
EARLY = 1 << 63


def record(made: McapRecord) -> bytes:
    """A record as it stands in the file."""
    builder = RecordBuilder()
    made.write(builder)
    return bytes(builder.end())


class LogFile:
    """Writes messages into chunks. One thread."""

    def __init__(self, file: BlockFile) -> None:
        self._file = file
        self._packer = zstandard.ZstdCompressor()
        self._groups: dict[Opcode, bytearray] = {
            opcode: bytearray()
            for opcode in (
                Opcode.SCHEMA, Opcode.CHANNEL, Opcode.STATISTICS, Opcode.CHUNK_INDEX, Opcode.METADATA_INDEX,
            )
        }  # fmt: skip
        """The summary, group by group, as it will be written at the end."""
        self._told = Statistics(
            attachment_count=0, channel_count=0, channel_message_counts={}, chunk_count=0, message_count=0,
            message_end_time=0, message_start_time=0, metadata_count=0, schema_count=0,
        )  # fmt: skip
        self._chunk = RecordBuilder()
        self._indexes: dict[int, MessageIndex] = {}
        self._first_ns, self._last_ns = EARLY, 0

    def start(self) -> None:
        """The first bytes."""
        self._file.write(MCAP0_MAGIC)
        self._file.write(record(Header(profile="", library=LIBRARY)))

    def add_metadata(self, name: str, values: Mapping[str, str]) -> None:
        """Words about the whole file."""
        self.close_chunk()
        offset, data = self._file.tell(), record(Metadata(name=name, metadata=dict(values)))
        self._file.write(data)
        index = MetadataIndex(offset=offset, length=len(data), name=name)
        self._groups[Opcode.METADATA_INDEX] += record(index)
        self._told.metadata_count += 1

    def add_channel(self, topic: str, encoding: str, schema_name: str, schema: bytes) -> int:
        """A topic and the schema of its messages; returns the number of the channel."""
        number = self._told.channel_count = self._told.schema_count = self._told.channel_count + 1
        described = record(Schema(id=number, name=schema_name, encoding=encoding, data=schema))
        channel = record(
            Channel(
                id=number, schema_id=number, topic=topic, message_encoding=encoding, metadata={}
            )
        )
        self._file.write(described + channel)
        self._groups[Opcode.SCHEMA] += described
        self._groups[Opcode.CHANNEL] += channel
        return number

    def add_message(self, channel: int, time_ns: int, data: bytes, sequence: int) -> None:
        """A message of the time of day `time_ns`."""
        index = self._indexes.setdefault(channel, MessageIndex(channel_id=channel, records=[]))
        index.records.append((time_ns, self._chunk.count))
        Message(
            channel_id=channel, sequence=sequence & 0xFFFFFFFF, log_time=time_ns, publish_time=time_ns,
            data=data,
        ).write(self._chunk)  # fmt: skip
        self._first_ns, self._last_ns = min(self._first_ns, time_ns), max(self._last_ns, time_ns)
        counts = self._told.channel_message_counts
        counts[channel] = counts.get(channel, 0) + 1
        if self._chunk.count > CHUNK_BYTES:
            self.close_chunk()

    def close_chunk(self) -> None:
        """Pack what is there and write it, with its index. An empty chunk is none."""
        if not self._indexes:
            return
        content = self._chunk.end()
        packed = self._packer.compress(content)
        chunk = record(
            Chunk(
                message_start_time=self._first_ns, message_end_time=self._last_ns,
                uncompressed_size=len(content), uncompressed_crc=zlib.crc32(content), compression="zstd",
                data=packed,
            )
        )  # fmt: skip
        begin = self._file.tell()
        places, indexes = {}, b""
        for channel, index in self._indexes.items():
            places[channel] = begin + len(chunk) + len(indexes)
            indexes += record(index)
        self._file.write(chunk + indexes)
        self._groups[Opcode.CHUNK_INDEX] += record(
            ChunkIndex(
                message_start_time=self._first_ns, message_end_time=self._last_ns,
                chunk_start_offset=begin, chunk_length=len(chunk), message_index_offsets=places,
                message_index_length=len(indexes), compression="zstd", compressed_size=len(packed),
                uncompressed_size=len(content),
            )
        )  # fmt: skip
        self._count_chunk()

    def _count_chunk(self) -> None:
        told = self._told
        told.chunk_count += 1
        told.message_count = sum(told.channel_message_counts.values())
        begun = told.message_start_time if told.chunk_count > 1 else EARLY
        told.message_start_time = min(begun, self._first_ns)
        told.message_end_time = max(told.message_end_time, self._last_ns)
        self._indexes = {}
        self._first_ns, self._last_ns = EARLY, 0

    def flush(self) -> None:
        """Hand all of it on to the disk."""
        self.close_chunk()
        self._file.flush()

    def finish(self) -> None:
        """The end of the file: what is in it, and where."""
        self.close_chunk()
        self._file.write(record(DataEnd(data_section_crc=0)))
        begin = self._file.tell()
        self._groups[Opcode.STATISTICS] += record(self._told)
        summary, offsets = bytearray(), b""
        for opcode, group in self._groups.items():
            if group:
                start = begin + len(summary)
                offsets += record(SummaryOffset(opcode, group_start=start, group_length=len(group)))
                summary += group
        footer = Footer(
            summary_start=begin, summary_offset_start=begin + len(summary), summary_crc=0
        )
        whole = bytes(summary) + offsets
        footer.summary_crc = zlib.crc32(whole + record(footer)[:-4])
        self._file.write(whole + record(footer) + MCAP0_MAGIC)
        self._file.flush()
