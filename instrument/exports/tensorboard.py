"""A run as an event file of TensorBoard: scalars by step, sheets as images, hands as text."""

import contextlib
import io
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from instrument.exports.draft import Drafts
from instrument.exports.event_library import Event, RecordWriter, Summary, summary
from instrument.exports.sink import Run, value_text, values_of
from instrument.signals.frames import GESTURES, METRICS, TILES, GestureFrame, MetricFrame, TileFrame
from instrument.signals.refused import writing
from instrument.signals.spoken import printable
from instrument.signals.texts import text_of

POINTS = 10_000
"""Of each stream, unless a rate is said; TensorBoard itself draws a thousand."""
SHEETS_APART_S, SHEETS = 2.0, 200
SHEET_COLUMNS = 8
SHEET_ZOOM = 2
EVENTS = "events.out.tfevents."
"""How the names of such files begin; TensorBoard finds them by that."""
_NO_NAME = re.compile(r"[^A-Za-z0-9_.-]")


def event_path(folder: Path, run: Run) -> Path:
    """The event file of a run; the same run, the same name."""
    return folder / f"{EVENTS}{int(began_s(run))}.{_NO_NAME.sub('_', run.name)}"


def began_s(run: Run) -> float:
    """When the run was recorded, seconds since 1970; 0 where it does not say."""
    try:
        return datetime.fromisoformat(run.header.date).timestamp()
    except ValueError:
        return 0.0


class TensorBoardSink:
    """A `Sink`. `wall_time` of an event is that of the recording."""

    topics = frozenset(topic.name for topic in (METRICS, TILES, GESTURES))

    def __init__(
        self, run: Run, folder: Path, drafts: Drafts, length_s: float, rate: float | None
    ) -> None:
        """Of the streams at most `rate` steps a second, all of them in one event; None: `POINTS` in all."""
        self._run, self._began_s = run, began_s(run)
        self._places = run.places
        self._tags = [f"{group_of(stream.name)}/{stream.name}" for stream in run.streams]
        self._apart_s = length_s / POINTS if rate is None else 1.0 / rate
        self._sheets_apart_s = max(SHEETS_APART_S, length_s / SHEETS)
        self._last_s = self._sheet_s = float("-inf")
        self._step = 0
        self._path = event_path(folder, run)
        with writing(self._path):
            self._file = RecordWriter(str(drafts.file(event_path(folder.absolute(), run))))
        self._write(Event(wall_time=self._began_s, file_version="brain.Event:2"))
        rows = "\n".join(f"| {key} | {value} |" for key, value in run.facts.items())
        self._say(0.0, "run", f"| run | |\n|---|---|\n{rows}")

    def hear(self, at_s: float, topic: str, frame: Any) -> None:
        """See `Sink`."""
        if topic == METRICS.name:
            self._step = max(self._step, frame.step)
            if at_s - self._last_s >= self._apart_s - 1e-9:
                self._last_s = at_s
                self._scalars(at_s, frame)
        elif (
            topic == TILES.name
            and at_s - self._sheet_s >= self._sheets_apart_s - 1e-9
            and frame.count
        ):
            self._sheet_s = at_s
            self._sheet(at_s, frame)
        elif topic == GESTURES.name:
            self._gesture(at_s, frame)

    def _scalars(self, at_s: float, frame: MetricFrame) -> None:
        values = values_of(frame, self._places)
        said = Summary(
            value=[
                Summary.Value(tag=tag, simple_value=float(value))
                for tag, value in zip(self._tags, values, strict=True)
                if np.isfinite(value)
            ]
        )
        self._write(self._event(at_s, frame.step, said))

    def _sheet(self, at_s: float, frame: TileFrame) -> None:
        sheet = sheet_of(frame)
        packed = io.BytesIO()
        Image.fromarray(sheet).save(packed, "PNG")
        height, width = sheet.shape[:2]
        colours = 1 if sheet.ndim == 2 else 3
        image = Summary.Image(
            height=height, width=width, colorspace=colours, encoded_image_string=packed.getvalue()
        )
        said = Summary(value=[Summary.Value(tag="samples", image=image)])
        self._write(self._event(at_s, frame.step, said))

    def _gesture(self, at_s: float, frame: GestureFrame) -> None:
        path = self._run.path(frame.control)
        _, text = value_text(self._run.spec(frame.control), frame.position)
        who = printable(text_of(frame.who)) or "morph"
        said = f"{path} {text or f'{frame.position:g}'}, {'felt' if frame.step >= 0 else 'asked'}, {who}"
        step = frame.step if frame.step >= 0 else self._step
        self._say(at_s, "hands", said, step)

    def _say(self, at_s: float, tag: str, words: str, step: int = 0) -> None:
        self._write(self._event(at_s, step, summary.text(tag, words)))

    def _event(self, at_s: float, step: int, said: Any) -> Any:
        return Event(wall_time=self._began_s + at_s, step=step, summary=said)

    def _write(self, event: Any) -> None:
        with writing(self._path):
            self._file.write(event.SerializeToString())

    def close(self) -> None:
        """See `Sink`."""
        with writing(self._path):
            self._file.close()

    def drop(self) -> None:
        """See `Sink`."""
        with contextlib.suppress(OSError):
            self._file.close()


def group_of(name: str) -> str:
    """The folder of TensorBoard in which a stream lies: the first word of its name."""
    return name.partition("_")[0]


def sheet_of(frame: TileFrame) -> np.ndarray:
    """All samples as one picture, eight in a row: uint8 (height, width), or (height, width, 3)."""
    count, high, wide, channels = frame.count, frame.height, frame.width, frame.channels
    tiles = np.ctypeslib.as_array(frame.tiles)[: count * high * wide * channels]
    rows = -(-count // SHEET_COLUMNS)
    sheet = np.zeros((rows * SHEET_COLUMNS, high, wide, channels), np.uint8)
    sheet[:count] = tiles.reshape(count, high, wide, channels)
    sheet = sheet.reshape(rows, SHEET_COLUMNS, high, wide, channels).swapaxes(1, 2)
    flat = sheet.reshape(rows * high, SHEET_COLUMNS * wide, channels)
    flat = flat.repeat(SHEET_ZOOM, axis=0).repeat(SHEET_ZOOM, axis=1)
    shown: np.ndarray = flat[:, :, 0] if channels == 1 else flat[:, :, :3]
    return np.ascontiguousarray(shown)
