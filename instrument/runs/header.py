"""The header of a run file: what a player must know before the first frame."""

import contextlib
import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import instrument
from instrument.signals.frames import CONTROL_CAPACITY, STREAM_CAPACITY
from instrument.signals.mistake import Mistake
from instrument.signals.streams import StreamSpec

FORMAT = 2
"""Version of the file format. Raised when an older reader could no longer make sense of a new file.

A run of an earlier format is read as long as this instrument lives; what changed is written here:

from 1: messages were the bytes of the frames (schema encoding ``fixed-layout``, see `layout`), now they are
    protobuf (see `wire`). Log times were seconds of the machine since its start, after 2001-09-09; now they
    are the time of day. `sample_rate`, `block` and `automatic` are new; in an old run they are 0, 0 and "".
"""
READS = (1, 2)
"""Formats that are read."""

RECORD = "twos-and-sevens run"
"""Name of the MCAP metadata record."""


@dataclass(frozen=True)
class RunHeader:
    """Where a run comes from, and what its numbers are."""

    preset: str
    preset_text: str
    source: Mapping[str, Any]
    streams: Sequence[StreamSpec]
    controls: Sequence[str]
    seed: int = 0
    date: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    sample_rate: int = 0
    """Of the sound of the show, in Hz; 0 where it is not known."""
    block: int = 0
    """Samples that the sound was rendered at a time; 0 where it is not known."""
    automatic: str = ""
    """The name of the file where nobody asked for one: it may be deleted when it is old, see `keeping`."""
    format: int = FORMAT

    def to_metadata(self) -> dict[str, str]:
        """As stored: each entry JSON."""
        record = {
            "format": self.format,
            "preset": self.preset,
            "preset_text": self.preset_text,
            "source": dict(self.source),
            "streams": [stream.to_dict() for stream in self.streams],
            "controls": list(self.controls),
            "seed": self.seed,
            "date": self.date or datetime.now(UTC).isoformat(timespec="seconds"),
            "versions": dict(self.versions) or versions(),
            "sample_rate": self.sample_rate,
            "block": self.block,
            "automatic": self.automatic,
        }
        return {name: json.dumps(value) for name, value in record.items()}

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, str], path: Path) -> "RunHeader":
        """The inverse of `to_metadata`. Raises `Mistake` for another format or broken entries."""
        try:
            record = {name: json.loads(value) for name, value in metadata.items()}
            if record["format"] not in READS:
                raise Mistake(
                    f"{path}: a run of format {record['format']}, this instrument "
                    f"({instrument.__version__}) reads the formats {' and '.join(map(str, READS))}; "
                    "play it with the version that recorded it, or update"
                )
            header = cls(
                preset=str(record["preset"]),
                preset_text=str(record["preset_text"]),
                source=dict(record["source"]),
                streams=tuple(_stream(stream) for stream in record["streams"]),
                controls=tuple(str(control) for control in record["controls"]),
                seed=int(record["seed"]),
                date=str(record["date"]),
                versions=dict(record["versions"]),
                sample_rate=int(record.get("sample_rate", 0)),
                block=int(record.get("block", 0)),
                automatic=str(record.get("automatic", "")),
                format=int(record["format"]),
            )
        except (
            KeyError,
            TypeError,
            ValueError,
            AttributeError,
            OverflowError,
            RecursionError,
        ) as error:
            raise Mistake(
                f"{path}: the header of this run is damaged ({type(error).__name__}: {error}); "
                "take another copy of the file"
            ) from error
        if len(header.streams) > STREAM_CAPACITY or len(header.controls) > CONTROL_CAPACITY:
            raise Mistake(
                f"{path}: this run has {len(header.streams)} streams and {len(header.controls)} "
                f"controls; {STREAM_CAPACITY} and {CONTROL_CAPACITY} are the most"
            )
        return header


def _stream(record: dict[str, Any]) -> StreamSpec:
    stream = StreamSpec.from_dict(record)
    if not isinstance(stream.name, str) or not float(stream.low) <= float(stream.high):
        raise ValueError(f"stream {stream.name!r}")
    return stream


def versions() -> dict[str, str]:
    """The versions a run was made with, and on what machine."""
    found = {"instrument": instrument.__version__, "python": platform.python_version()}
    for name in ("torch", "numpy", "pyo"):
        with contextlib.suppress(PackageNotFoundError):
            found[name] = version(name)
    return {**found, "platform": platform.platform()}
