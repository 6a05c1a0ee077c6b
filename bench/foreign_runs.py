"""A run read by programs that others wrote, and compared to what we read.

    python bench/foreign_runs.py RUN.mcap --npm /tmp/npmr --programs /tmp/fm/bin

Readers: Python's mcap with mcap-protobuf-support, and what Foxglove itself reads with, @mcap/core,
@mcap/support and protobufjs, in node (see foreign_runs.cjs), by the index and from front to back. Frames
are counted; in Python metrics, controls and tiles are compared bit for bit, in node the last of every
topic is compared by the names of its fields. The schema of the sheet is held against the one that
Foxglove publishes (pip install mcap-protobuf-support foxglove-schemas-protobuf). Programs, where they are
(in an environment of their own, pip install pymcap-cli rerun-sdk): the doctor of pymcap-cli finds no fault,
and Rerun, whose reader is Rust, converts every message.
"""

import argparse
import base64
import json
import math
import os
import re
import struct
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from google.protobuf.descriptor_pb2 import FileDescriptorSet
from mcap.reader import make_reader
from mcap_protobuf.decoder import DecoderFactory

from instrument.runs.messages import identifiers
from instrument.runs.sheet import NAME, TOPIC, schema
from instrument.runs.tape import Tape


def floats(values: Any) -> bytes:
    return struct.pack(f"<{len(values)}f", *values)


def in_python(run: Path) -> Iterator[tuple[str, bool]]:
    """Every message by the library; metrics and controls held against our own reading, bit for bit."""
    tape = Tape(run)
    ours: dict[tuple[str, int], Any] = {}
    wanted: Counter[str] = Counter()
    for recorded in tape.frames():
        ours[recorded.topic, recorded.frame.sequence] = recorded.frame
        wanted[recorded.topic] += 1
    streams = identifiers(
        [s.name for s in tape.header.streams], ["sequence", "time_s", "step", "due", "count"]
    )
    controls = identifiers(tape.header.controls, ["sequence", "time_s", "due", "count"])
    counted: Counter[str] = Counter()
    other = 0
    with open(run, "rb") as file:
        reader = make_reader(file, decoder_factories=[DecoderFactory()])
        for _, channel, message, decoded in reader.iter_decoded_messages():
            counted[channel.topic] += 1
            frame = ours.get((channel.topic, message.sequence))
            if channel.topic == "metrics":
                values = [getattr(decoded, name) for name in streams]
                other += floats(values) != floats(frame.streams[: len(streams)])
            elif channel.topic == "controls":
                values = [getattr(decoded, name) for name in controls]
                other += floats(values) != floats(frame.positions[: len(controls)])
            elif channel.topic == "tiles":
                other += decoded.tiles != bytes(frame.tiles)[: len(decoded.tiles)]
    seen = Counter({topic: n for topic, n in counted.items() if topic != TOPIC})
    yield f"python: {sum(counted.values())} messages in {len(counted)} topics", seen == wanted
    yield f"python: {other} metrics, controls and tiles that differ from ours", other == 0


def in_node(run: Path, npm: Path) -> Iterator[tuple[str, bool]]:
    script = str(Path(__file__).with_name("foreign_runs.cjs"))
    done = subprocess.run(
        ["node", script, str(run)], capture_output=True, text=True, check=True,
        env={**os.environ, "NODE_PATH": str(npm / "node_modules")},
    )  # fmt: skip
    told = json.loads(done.stdout)
    counted = Counter(recorded.topic for recorded in Tape(run).frames())
    for way in ("byIndex", "fromFront"):
        seen = {topic: found["count"] for topic, found in told[way].items() if topic != TOPIC}
        yield (
            f"node {way}: {sum(seen.values())} frames in {len(seen)} topics",
            seen == dict(counted),
        )
    last = {recorded.topic: recorded.frame for recorded in Tape(run).frames()}
    for topic, found in sorted(told["byIndex"].items()):
        if topic != TOPIC:
            same = alike(found["last"], last[topic])
            yield (
                f"node: the last of {topic} ({found['schema']}), {len(found['last'])} fields",
                same,
            )
    sheet = told["byIndex"].get(TOPIC)
    if sheet is not None:
        data = base64.b64decode(sheet["last"]["data"])
        jpeg = data.startswith(b"\xff\xd8\xff") and data.endswith(b"\xff\xd9")
        yield f"node: {sheet['count']} sheets ({sheet['schema']}), the last {len(data)} bytes", jpeg
    yield f"node: metadata {', '.join(told['metadata'])}", len(told["metadata"]) == 2


def by_programs(run: Path, programs: Path) -> Iterator[tuple[str, bool]]:
    """The whole file, by the doctor of pymcap-cli and by Rerun: nothing wrong, nothing left out."""
    if not (programs / "rerun").exists():
        yield f"no programs in {programs}: pip install pymcap-cli rerun-sdk", False
        return
    with open(run, "rb") as file:
        summary = make_reader(file).get_summary()
    assert summary is not None and summary.statistics is not None
    messages, channels = summary.statistics.message_count, len(summary.channels)
    doctor = subprocess.run(
        [programs / "pymcap-cli", "doctor", run], capture_output=True, text=True, check=False
    )
    said = " ".join(doctor.stdout.split())
    found = re.search(r"OK .* passed MCAP doctor.*? ([\d,]+) messages", said)
    seen = int(found[1].replace(",", "")) if found else 0
    yield (
        f"pymcap-cli doctor: no fault, {seen} messages",
        doctor.returncode == 0 and seen == messages,
    )
    with tempfile.TemporaryDirectory() as folder:
        converted = Path(folder, "run.rrd")
        subprocess.run(
            [programs / "rerun", "mcap", "convert", run, "-o", converted],
            capture_output=True, check=True,
        )  # fmt: skip
        stats = subprocess.run(
            [programs / "rerun", "rrd", "stats", converted],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    rows, still = (
        int(re.sub(r"\D", "", re.search(rf"^{name} = (.*)$", stats, re.M)[1]))  # type: ignore[index]
        for name in ("num_rows", "num_static")
    )
    yield f"rerun: {rows - still} messages of {channels} channels", rows - still == messages


def alike(message: dict[str, Any], frame: Any) -> bool:
    """Every plain number of the message is that of the frame."""
    names = {name for name, *_ in frame._fields_}
    for name, value in message.items():
        known = getattr(frame, name, None)
        if name not in names or not isinstance(known, (int, float)):
            continue
        told = float(value)
        if not (told == float(known) or (math.isnan(told) and math.isnan(known))):
            return False
    return True


def same_schema() -> Iterator[tuple[str, bool]]:
    """Our schema of the sheet has the fields that Foxglove's own has, under the same numbers."""
    try:
        from foxglove_schemas_protobuf.CompressedImage_pb2 import CompressedImage
    except ImportError:
        yield "the schema of the sheet: pip install foxglove-schemas-protobuf", False
        return
    message = FileDescriptorSet.FromString(schema()).file[1].message_type[0]
    ours = {(field.name, field.number, field.type) for field in message.field}
    theirs = {(field.name, field.number, field.type) for field in CompressedImage.DESCRIPTOR.fields}
    yield f"{NAME}: {len(ours)} fields, numbers and types as Foxglove has them", ours == theirs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("--npm", type=Path, default=Path("/tmp/npmr"))
    parser.add_argument("--programs", type=Path, default=Path("/tmp/fm/bin"))
    words = parser.parse_args()
    fine = True
    for found in (
        in_python(words.run),
        in_node(words.run, words.npm),
        same_schema(),
        by_programs(words.run, words.programs),
    ):
        for text, ok in found:
            fine = fine and ok
            print("ok " if ok else "NOT", text)
    raise SystemExit(0 if fine else 1)


if __name__ == "__main__":
    main()
