"""From the frames of a run to rows, a few thousand at a time, handed to whoever writes tables."""

import contextlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa

from instrument.exports.columns import schemas
from instrument.exports.sink import Run, value_text, values_of
from instrument.exports.table_files import TableFiles
from instrument.signals.frames import (
    CONTROLS,
    GESTURES,
    METRICS,
    NOTICES,
    SOUND,
    STANDING,
    ControlFrame,
    GestureFrame,
    MetricFrame,
    NoticeFrame,
    SoundFrame,
    StandingFrame,
)
from instrument.signals.spoken import printable
from instrument.signals.texts import text_of

ROWS = 8192
"""Rows in memory at most, of every table."""


class Tables:
    """A `Sink` that makes rows; all files get the same batches."""

    def __init__(self, run: Run, files: list[TableFiles]) -> None:
        self._run, self._files = run, files
        self._schemas = schemas(run)
        self._rows: dict[str, list[tuple]] = {name: [] for name in self._schemas}
        self._places = run.places
        self._streams = np.zeros((ROWS, len(self._places)), np.float32)
        self._times, self._steps = np.zeros(ROWS), np.zeros(ROWS, np.uint64)
        self._filled = 0
        self._standing: np.ndarray | None = None
        self._cue: tuple[int, str, str] | None = None

    def hear(self, at_s: float, topic: str, frame: Any) -> None:
        """See `Sink`."""
        self._ears[topic](self, at_s, frame)

    def _metrics(self, at_s: float, frame: MetricFrame) -> None:
        row = self._filled
        self._times[row], self._steps[row] = at_s, frame.step
        self._streams[row] = values_of(frame, self._places)
        self._filled += 1
        if self._filled == ROWS:
            self._flush_streams()

    def _gestures(self, at_s: float, frame: GestureFrame) -> None:
        path = self._run.path(frame.control)
        value, text = value_text(self._run.spec(frame.control), frame.position)
        asked = frame.step < 0
        self._add(
            "gestures", at_s, None if asked else frame.step, "asked" if asked else "felt", path,
            frame.position, value, text, printable(text_of(frame.who)),
        )  # fmt: skip

    def _controls(self, at_s: float, frame: ControlFrame) -> None:
        count = min(frame.count, len(self._run.header.controls))
        now = np.ctypeslib.as_array(frame.positions)[:count].copy()
        before = (
            self._standing if self._standing is not None else np.full(count, np.nan, np.float32)
        )
        for number in np.flatnonzero(now[: len(before)] != before[:count]):
            position = float(now[number])
            value, text = value_text(self._run.spec(int(number)), position)
            self._add("controls", at_s, self._run.path(int(number)), position, value, text)
        self._standing = now

    def _cues(self, at_s: float, frame: StandingFrame) -> None:
        cue = (frame.cue, printable(text_of(frame.cue_name)), printable(text_of(frame.scene)))
        if cue != self._cue:
            self._add("cues", at_s, *cue)
        self._cue = cue

    def _sound(self, at_s: float, frame: SoundFrame) -> None:
        self._add(
            "sound", at_s, frame.momentary, frame.short_term, frame.integrated, frame.peak,
            frame.dropouts,
        )  # fmt: skip

    def _notices(self, at_s: float, frame: NoticeFrame) -> None:
        where, text = printable(text_of(frame.where)), printable(text_of(frame.text))
        self._add("notices", at_s, where, bool(frame.grave), text)

    _ears: dict[str, Callable[..., None]] = {
        METRICS.name: _metrics,
        GESTURES.name: _gestures,
        CONTROLS.name: _controls,
        STANDING.name: _cues,
        SOUND.name: _sound,
        NOTICES.name: _notices,
    }
    topics = frozenset(_ears)

    def _add(self, table: str, *row: Any) -> None:
        rows = self._rows[table]
        rows.append(row)
        if len(rows) >= ROWS:
            self._flush(table)

    def close(self) -> None:
        """See `Sink`. The table of streams is written even where it is empty, the others are not."""
        self._flush_streams()
        for table in self._rows:
            self._flush(table)
        for file in self._files:
            file.close()

    def drop(self) -> None:
        """See `Sink`."""
        for file in self._files:
            with contextlib.suppress(OSError):
                file.close()

    def _flush(self, table: str) -> None:
        rows, schema = self._rows[table], self._schemas[table]
        if not rows:
            return
        columns = [
            pa.array(c, field.type)
            for c, field in zip(zip(*rows, strict=True), schema, strict=True)
        ]
        self._send(table, columns)
        rows.clear()

    def _flush_streams(self) -> None:
        schema, count = self._schemas["streams"], self._filled
        columns = [pa.array(self._times[:count]), pa.array(self._steps[:count])]
        for number, stream in enumerate(self._run.streams):
            if stream.name == "step":
                continue
            values = self._streams[:count, number]
            words = stream.choices
            columns.append(pa.array([_word(words, v) for v in values], pa.string()) if words else
                           pa.array(values))  # fmt: skip
        assert len(columns) == len(schema), "a column for each field"
        self._send("streams", columns)
        self._filled = 0

    def _send(self, table: str, columns: list[pa.Array]) -> None:
        batch = pa.RecordBatch.from_arrays(columns, schema=self._schemas[table])
        for file in self._files:
            file.write(table, batch)


def _word(words: tuple[str, ...], value: float) -> str | None:
    return words[int(value)] if 0 <= value < len(words) else None
