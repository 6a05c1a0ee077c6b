"""Small runs for the tests of salvage, written chunk by chunk as the recorder writes them."""

import io
import json
from collections.abc import Callable, Iterable
from pathlib import Path

from mcap.writer import CompressionType, IndexType, Writer

from instrument.runs.header import FORMAT, RECORD, RunHeader
from instrument.runs.layout import description
from instrument.runs.wire import ENCODING, OLD_ENCODING, MessageWriter
from instrument.signals.frames import (
    CONTROLS,
    GESTURES,
    METRICS,
    SNAPSHOTS,
    TILES,
    ControlFrame,
    Frame,
    GestureFrame,
    MetricFrame,
    SnapshotFrame,
    TileFrame,
    Topic,
)
from instrument.signals.streams import StreamSpec

EPOCH_NS = 10**18
STREAMS = (
    StreamSpec("loss_g", 0.0, 3.0, "loss"),
    StreamSpec("state", 0.0, 1.0, "state", choices=("healthy", "noise")),
)
TOPICS = (METRICS, TILES, CONTROLS, GESTURES, SNAPSHOTS)
Said = tuple[Topic, Frame]


def header(**values: object) -> RunHeader:
    record = {
        "preset": "test", "preset_text": "title = 'Test'", "source": {"net": "pocket_mlp"},
        "streams": STREAMS, "controls": ("learning.heat", "sound.level"), "seed": 7,
        "date": "2026-11-27T04:00:00+00:00",
    }  # fmt: skip
    return RunHeader(**{**record, **values})  # type: ignore[arg-type]


def metric(step: int, at_s: float, state: int = 0) -> Said:
    frame = MetricFrame(sequence=step, time_s=at_s, step=step, count=2)
    frame.streams[0], frame.streams[1] = step * 0.5, state
    return METRICS, frame


def tiles(step: int, at_s: float) -> Said:
    frame = TileFrame(sequence=step, time_s=at_s, step=step, count=4, height=8, width=8, channels=1)
    frame.tiles[:256] = [(step * 7 + number * number) % 251 for number in range(256)]
    return TILES, frame


def controls(number: int, at_s: float) -> Said:
    frame = ControlFrame(sequence=number, time_s=at_s, count=2)
    frame.positions[0] = number / 100
    return CONTROLS, frame


def gesture(number: int, at_s: float) -> Said:
    return GESTURES, GestureFrame(
        sequence=number, time_s=at_s, step=-1, control=0, position=0.5, who=b"key"
    )


def snapshot(number: int, at_s: float) -> Said:
    frame = SnapshotFrame(sequence=number, time_s=at_s, number=number, parts=1, count=64, size=64)
    frame.content[:64] = [number % 256] * 64
    return SNAPSHOTS, frame


def usual(seconds: int = 8, steps_per_s: int = 10) -> list[list[Said]]:
    """What is said in each second: steps, tiles, controls, a gesture, every fourth second a moment."""
    chunks = []
    for second in range(seconds):
        steps = range(second * steps_per_s, (second + 1) * steps_per_s)
        said = [metric(step, step / steps_per_s, state=second % 4 == 3) for step in steps]
        said += [tiles(steps[0], second + 0.01), controls(second, second + 0.02)]
        said += [gesture(second, second + 0.5)]
        said += [snapshot(second // 4, second + 0.6)] if second % 4 == 0 else []
        chunks.append(sorted(said, key=lambda pair: pair[1].time_s))  # type: ignore[attr-defined]
    return chunks


def run_bytes(
    chunks: Iterable[Iterable[Said]] | None = None,
    format: int = FORMAT,
    finished: bool = True,
    notes: Callable[[Writer], object] = lambda writer: None,
    **values: object,
) -> bytes:
    """A run file; each of `chunks` becomes one. `notes` may write more; `values` go into the header."""
    file = io.BytesIO()
    head = header(**values)
    writer = Writer(file, compression=CompressionType.ZSTD, index_types=IndexType.ALL)
    writer.start(profile="", library="twos-and-sevens")
    writer.add_metadata(RECORD, {**head.to_metadata(), "format": json.dumps(format)})
    channels, writers = {}, {}
    for topic in TOPICS:
        writers[topic.name] = MessageWriter(topic, head)
        name, data = writers[topic.name].name, writers[topic.name].schema
        encoding = ENCODING
        if format == 1:
            name, data = f"instrument.{topic.frame.__name__}", description(topic.frame).encode()
            encoding = OLD_ENCODING
        schema = writer.register_schema(name, encoding, data)
        channels[topic.name] = writer.register_channel(topic.name, encoding, schema)
    notes(writer)
    for chunk in usual() if chunks is None else chunks:
        for topic, frame in chunk:
            old = bytes(memoryview(frame).cast("B")[: frame.used_bytes()])
            data = old if format == 1 else writers[topic.name].message(frame)
            at_ns = EPOCH_NS + round(frame.time_s * 1e9)  # type: ignore[attr-defined]
            writer.add_message(
                channels[topic.name],
                at_ns,
                data,
                at_ns,
                frame.sequence & 0xFFFFFFFF,  # type: ignore[attr-defined]
            )
        writer.flush()
    if finished:
        writer.finish()
    return file.getvalue()


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path
