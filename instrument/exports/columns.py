"""The tables of a run and their columns, with units and help, as Arrow schemas."""

from collections.abc import Mapping

import pyarrow as pa

from instrument.exports.sink import Run
from instrument.signals.streams import StreamSpec

TIME = pa.field(
    "time_s", pa.float64(), False, {"unit": "s", "help": "from the first frame of the run"}
)
STEP = pa.field("step", pa.uint64(), False, {"unit": "steps", "help": "steps of the training made"})


def _word(name: str, help: str) -> pa.Field:
    return pa.field(name, pa.string(), metadata={"help": help})


def _number(name: str, help: str, unit: str = "", kind: pa.DataType | None = None) -> pa.Field:
    return pa.field(name, kind or pa.float64(), metadata={"unit": unit, "help": help})


_CONTROL = (
    _word("control", "path of the control"),
    _number("position", "0..1 of its way", kind=pa.float32()),
    _number("value", "in its unit, as this version of the instrument reads the position"),
    _word("text", "the value as a performer reads it, with its unit"),
)

TABLES: Mapping[str, tuple[pa.Field, ...]] = {
    "gestures": (
        TIME,
        _number("step", "at which it took effect; empty where it was only asked for", "steps", pa.int64()),
        _word("said", "asked (by a hand) or felt (by the training)"),
        *_CONTROL,
        _word("hand", "who did it; empty for a morph"),
    ),
    "controls": (TIME, *_CONTROL),
    "cues": (
        TIME,
        _number("cue", "number on the cue list; 0 before the first", kind=pa.int64()),
        _word("name", "of the cue"),
        _word("scene", "where the show stands or goes"),
    ),
    "sound": (
        TIME,
        _number("momentary", "loudness of the last 400 ms", "LUFS", pa.float32()),
        _number("short_term", "loudness of the last 3 s", "LUFS", pa.float32()),
        _number("integrated", "loudness of the show so far, gated", "LUFS", pa.float32()),
        _number("peak", "highest amplitude of the last block", "", pa.float32()),
        _number("dropouts", "from the start of the show", "", pa.uint64()),
    ),
    "notices": (
        TIME,
        _word("where", "who says it"),
        pa.field("grave", pa.bool_(), metadata={"help": "a fault, not news"}),
        _word("text", "what is said"),
    ),
}  # fmt: skip
"""Tables besides the streams. `controls` has a row for each control at first, then for each move."""


def schemas(run: Run) -> dict[str, pa.Schema]:
    """Schema of every table by its name, the streams first."""
    facts = {key: value for key, value in run.facts.items() if value}
    streams = (TIME, STEP, *(_stream(stream) for stream in run.streams if stream.name != STEP.name))
    tables = {"streams": streams, **TABLES}
    return {name: pa.schema(fields, {**facts, "table": name}) for name, fields in tables.items()}


def _stream(stream: StreamSpec) -> pa.Field:
    said = {
        "unit": stream.unit, "help": stream.help, "formula": stream.formula,
        "low": f"{stream.low:g}", "high": f"{stream.high:g}", "choices": ", ".join(stream.choices),
    }  # fmt: skip
    kind = pa.string() if stream.choices else pa.float32()
    return pa.field(stream.name, kind, metadata={k: v for k, v in said.items() if v})
