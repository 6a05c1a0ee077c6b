"""Writing a run anew: the messages of an old file in a whole one, in today's format.

Messages of today's format are copied to the byte; those of an earlier one are said again (`wire`).
"""

import json
from datetime import datetime
from typing import BinaryIO

from mcap.data_stream import RecordBuilder
from mcap.records import Channel, Schema
from mcap.writer import CompressionType, IndexType, Writer

from instrument.runs import sheet
from instrument.runs.header import FORMAT, RECORD, RunHeader
from instrument.runs.readers import BY_NAME
from instrument.runs.wire import ENCODING, MessageWriter
from instrument.salvage.frames import Said
from instrument.salvage.survey import NS, Survey
from instrument.signals.frames import TILES

CHUNK_BYTES = 64 * 1024
LATEST_NS = 2**64 - 1


class Rebuilt:
    """A run file in the making. `written` counts its messages, `ours` those of topics that we know."""

    def __init__(self, file: BinaryIO, survey: Survey, header: RunHeader) -> None:
        """`file` is new and empty. Raises OSError where the disk does."""
        self._file = file
        self._header = header
        self.written = self.ours = 0
        self._shift_ns = _shift_ns(survey, header)
        self._sheet_ns = 0
        self._channels: dict[int, int] = {}
        self._writers: dict[int, MessageWriter] = {}
        self._writer = Writer(
            file, chunk_size=CHUNK_BYTES, compression=CompressionType.ZSTD,
            index_types=IndexType.ALL,
        )  # fmt: skip
        self._writer.start(profile="", library="twos-and-sevens")
        self._writer.add_metadata(RECORD, _today(survey, header))
        for note in survey.notes:
            self._writer.add_metadata(note.name, note.metadata)
        for kept in survey.attachments:
            self._writer.add_attachment(
                kept.create_time, kept.log_time, kept.name, kept.media_type, kept.data
            )
        for number in sorted(survey.spoken & survey.channels.keys()):
            channel = survey.channels[number]
            self._declare(number, channel, survey.schemas.get(channel.schema_id))
        self._sheet: int | None = None
        if header.format != FORMAT:
            schema = Schema(0, sheet.schema(), ENCODING, sheet.NAME)
            self._sheet = self._register(sheet.TOPIC, ENCODING, schema, {})

    def add(self, said: Said) -> None:
        """One more message, its frame in order or its topic none of ours."""
        number = self._channels.get(said.channel)
        if number is None:
            return
        writer = self._writers.get(said.channel)
        data = said.data if writer is None else writer.message(said.frame)
        self._write(number, said, data)
        self.written += 1
        self.ours += said.topic is not None
        if said.topic is TILES and self._sheet is not None:
            self._add_sheet(self._sheet, said)

    def finish(self, name: str, record: dict[str, str]) -> None:
        """Write what is to be said of the file, and its end. Raises OSError."""
        self._writer.add_metadata(name, record)
        self._writer.finish()
        self._file.flush()

    def _write(self, channel: int, said: Said, data: bytes) -> None:
        self._writer.add_message(
            channel_id=channel,
            log_time=min(LATEST_NS, said.log_ns + self._shift_ns),
            publish_time=min(LATEST_NS, said.publish_ns + self._shift_ns),
            data=data,
            sequence=said.sequence,
        )

    def _add_sheet(self, channel: int, said: Said) -> None:
        """The samples as a picture, as a recorder of today would have added it."""
        if said.log_ns < self._sheet_ns:
            return
        picture = sheet.picture_of(said.frame)
        if picture is not None:
            self._write(channel, said, sheet.message(picture, said.log_ns + self._shift_ns))
            self._sheet_ns = said.log_ns + int(sheet.EVERY_S / NS)

    def _declare(self, number: int, channel: Channel, schema: Schema | None) -> None:
        topic = BY_NAME.get(channel.topic)
        encoding = channel.message_encoding
        if topic is not None and schema is not None and self._header.format != FORMAT:
            writer = self._writers[number] = MessageWriter(topic, self._header)
            schema, encoding = Schema(0, writer.schema, ENCODING, writer.name), ENCODING
        self._channels[number] = self._register(channel.topic, encoding, schema, channel.metadata)

    def _register(
        self, topic: str, encoding: str, schema: Schema | None, metadata: dict[str, str]
    ) -> int:
        """Declare a channel to the writer, and in the open as the recorder does (`runs.prologue`)."""
        records, schema_id = RecordBuilder(), 0
        if schema is not None:
            schema_id = self._writer.register_schema(schema.name, schema.encoding, schema.data)
            Schema(schema_id, schema.data, schema.encoding, schema.name).write(records)
        number = self._writer.register_channel(topic, encoding, schema_id, metadata)
        Channel(number, topic, encoding, metadata, schema_id).write(records)
        self._file.write(records.end())
        return number


def _today(survey: Survey, header: RunHeader) -> dict[str, str]:
    """The header as today's recorder writes it; what a later version put there besides stays."""
    if header.format == FORMAT:
        return survey.record
    return {**header.to_metadata(), **survey.record, "format": json.dumps(FORMAT)}


def _shift_ns(survey: Survey, header: RunHeader) -> int:
    """What log times become times of day by: those of format 1 count from when the machine started."""
    if header.format != 1:
        return 0
    try:
        began_s = datetime.fromisoformat(header.date).timestamp()
    except (ValueError, OverflowError, OSError):
        return 0
    return max(-survey.begin_ns, round(began_s / NS) - survey.begin_ns)
