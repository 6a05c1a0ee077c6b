"""The beginning of a run file: the schemas and channels, before and outside everything that is packed.

MCAP's writer puts them into the first chunk. Where that is damaged nothing after it could be read; so they
stand in the open first, and in the chunk again.
"""

from collections.abc import Mapping

from mcap.data_stream import RecordBuilder
from mcap.records import Channel, Schema
from mcap.writer import Writer

from instrument.runs.disk import BlockFile
from instrument.runs.wire import ENCODING


def write_prologue(
    writer: Writer, file: BlockFile, schemas: Mapping[str, tuple[str, bytes]]
) -> dict[str, int]:
    """Write them; returns the number of the channel of each topic.

    `schemas`: name and text of the schema of each topic. `file` is what `writer` writes to.
    """
    channels = {}
    records = RecordBuilder()
    for topic, (name, data) in schemas.items():
        schema_id = writer.register_schema(name, ENCODING, data)
        channels[topic] = writer.register_channel(topic, ENCODING, schema_id)
        Schema(id=schema_id, name=name, encoding=ENCODING, data=data).write(records)
        Channel(
            id=channels[topic],
            schema_id=schema_id,
            topic=topic,
            message_encoding=ENCODING,
            metadata={},
        ).write(records)
    file.write(records.end())
    return channels
