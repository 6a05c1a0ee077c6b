"""A run as arrays for NumPy: one .npz, no pickle in it, written in portions."""

import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from instrument.exports.draft import Drafts
from instrument.exports.sink import Run, values_of
from instrument.exports.spool import Spool, write_words
from instrument.signals.frames import (
    CONTROLS,
    GESTURES,
    METRICS,
    SOUND,
    TILES,
    WEIGHTS,
    WeightFrame,
)
from instrument.signals.refused import writing
from instrument.signals.texts import text_of

EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The date of every member: the same run gives the same bytes."""


class NpzSink:
    """A `Sink`. Arrays grow on the disk beside the file, and are packed into it at the end."""

    topics = frozenset(topic.name for topic in (METRICS, TILES, WEIGHTS, CONTROLS, GESTURES, SOUND))

    def __init__(self, run: Run, path: Path, drafts: Drafts) -> None:
        self._run, self._path, self._drafts = run, path, drafts
        self._spools: dict[str, Spool] = {}
        self._places = run.places
        self.left_out = 0
        """Sheets and slices of another shape than the first, which one array cannot hold."""

    def hear(self, at_s: float, topic: str, frame: Any) -> None:
        """See `Sink`."""
        if topic == METRICS.name:
            self._put("time_s", at_s, np.float64)
            self._put("step", frame.step, np.uint64)
            self._put("streams", values_of(frame, self._places), np.float32)
        elif topic == TILES.name:
            self._tiles(at_s, frame)
        elif topic == WEIGHTS.name:
            self._weights(at_s, frame)
        elif topic == CONTROLS.name:
            count = len(self._run.header.controls)
            self._put("controls_time_s", at_s, np.float64)
            self._put("controls", np.ctypeslib.as_array(frame.positions)[:count], np.float32)
        elif topic == GESTURES.name:
            self._put("gestures_time_s", at_s, np.float64)
            self._put("gestures_step", frame.step, np.int64)
            self._put("gestures_control", frame.control, np.uint32)
            self._put("gestures_position", frame.position, np.float32)
            self._put("gestures_hand", text_of(frame.who)[:48], np.dtype("<U48"))
        elif topic == SOUND.name:
            self._put("sound_time_s", at_s, np.float64)
            self._put("sound_momentary_lufs", frame.momentary, np.float32)

    def _tiles(self, at_s: float, frame: Any) -> None:
        shape = (frame.count, frame.height, frame.width, frame.channels)
        tiles = np.ctypeslib.as_array(frame.tiles)[: int(np.prod(shape))].reshape(shape)
        if not self._fits("tiles", tiles):
            return
        self._put("tiles_time_s", at_s, np.float64)
        self._put("tiles_step", frame.step, np.uint64)
        self._put("tiles", tiles, np.uint8)
        self._put("tiles_score", np.ctypeslib.as_array(frame.scores)[: frame.count], np.float32)

    def _weights(self, at_s: float, frame: WeightFrame) -> None:
        weights = np.ctypeslib.as_array(frame.weights)[: frame.count]
        if not self._fits("weights", weights):
            return
        self._put("weights_time_s", at_s, np.float64)
        self._put("weights_step", frame.step, np.uint64)
        self._put("weights", weights, np.float32)
        self._put("gradients", np.ctypeslib.as_array(frame.gradients)[: frame.count], np.float32)

    def _fits(self, name: str, row: np.ndarray) -> bool:
        fits = name not in self._spools or self._spools[name].shape == row.shape
        self.left_out += not fits
        return fits

    def _put(self, name: str, row: Any, kind: Any) -> None:
        value = np.asarray(row, kind)
        with writing(self._path):
            if name not in self._spools:
                beside = self._drafts.scratch(self._path, name)
                self._spools[name] = Spool(beside, value.shape, value.dtype)
            self._spools[name].put(value)

    def close(self) -> None:
        """See `Sink`."""
        header = self._run.header
        states = next((s.choices for s in header.streams if s.name == "state"), ())
        names = {
            "streams_name": [s.name for s in self._run.streams],
            "streams_unit": [s.unit for s in self._run.streams],
            "streams_help": [s.help for s in self._run.streams],
            "states": list(states),
            "controls_name": list(header.controls),
            "facts": [f"{key}={value}" for key, value in self._run.facts.items()],
        }
        draft = self._drafts.file(self._path)
        with (
            writing(self._path),
            zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as file,
        ):
            for name, words in names.items():
                with file.open(_member(name), "w") as into:
                    write_words(into, words)
            for name, spool in self._spools.items():
                with file.open(_member(name), "w", force_zip64=True) as into:
                    spool.copy_to(into)
        self.drop()

    def drop(self) -> None:
        """See `Sink`."""
        for spool in self._spools.values():
            spool.remove()


def _member(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(f"{name}.npy", EARLIEST)
    info.compress_type = zipfile.ZIP_DEFLATED
    return info
