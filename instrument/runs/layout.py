"""How a frame lies in its bytes, written into every run file and read back by name.

The description is JSON made from the ctypes structure. Where a later version adds, moves or widens
fields, an old run is still read: each field that both know is copied, the others stay zero.
"""

import ctypes
import json
from typing import Any

import numpy as np

from instrument.signals.frames import Frame


def description(frame: type[Frame]) -> str:
    """The layout of a frame as JSON text: name, size, and per field name, type, count and offset.

    Types are NumPy's (``<f4`` is a little-endian float32); ``S`` is a text padded with zeros.
    """
    fields = []
    for name, kind, *_ in frame._fields_:
        place = getattr(frame, name)
        code, count = _code(kind)
        fields.append({"name": name, "type": code, "count": count, "offset": place.offset})
    record = {
        "title": frame.__name__,
        "description": " ".join((frame.__doc__ or "").split()),
        "size": ctypes.sizeof(frame),
        "fields": fields,
    }
    return json.dumps(record)


def _code(kind: Any) -> tuple[str, int]:
    if issubclass(kind, ctypes.Array):
        if kind._type_ is ctypes.c_char:
            return f"S{kind._length_}", 1
        return np.dtype(kind._type_).newbyteorder("<").str, kind._length_
    return np.dtype(kind).newbyteorder("<").str, 1


class Reader:
    """Turns recorded bytes into today's frames."""

    def __init__(self, text: str, frame: type[Frame]) -> None:
        """`text`: the description in the file. Raises ValueError if it does not describe a layout."""
        self._frame = frame
        self._recorded = _dtype(text)
        self._today = _dtype(description(frame))
        self._same = self._recorded == self._today
        self._shared = [
            name
            for name in self._today.names or ()
            if name in (self._recorded.names or ()) and self._alike(name)
        ]
        if "time_s" not in self._shared:
            raise ValueError("no field time_s")

    def _alike(self, name: str) -> bool:
        """Numbers go to numbers and texts to texts, whatever their widths."""
        recorded, today = self._recorded[name].base, self._today[name].base
        return (recorded.kind == "S") == (today.kind == "S")

    def frame(self, data: bytes) -> Any:
        """The frame in `data`, its used bytes. Raises ValueError if they are too few or too many."""
        size = self._recorded.itemsize
        if not 16 <= len(data) <= size:
            raise ValueError(f"{len(data)} bytes where {size} are the most")
        frame: Any = self._frame()
        if self._same:
            ctypes.memmove(ctypes.byref(frame), data, len(data))
            return frame
        record = np.frombuffer(data.ljust(size, b"\0"), self._recorded, count=1)[0]
        target = np.frombuffer(frame, self._today, count=1)
        for name in self._shared:
            _copy(record[name], target[name][0] if target[name].ndim > 1 else target[name])
        return frame


def _copy(source: Any, target: np.ndarray) -> None:
    values = np.atleast_1d(source)
    count = min(values.size, target.size)
    target[:count] = values[:count].astype(target.dtype, casting="unsafe")


def _dtype(text: str) -> np.dtype:
    """The NumPy structure of a description. Raises ValueError."""
    try:
        record = json.loads(text)
        fields = record["fields"]
        formats = [
            (field["type"], (field["count"],)) if field["count"] != 1 else field["type"]
            for field in fields
        ]
        if any("O" in field["type"] for field in fields):
            raise ValueError("not a number")
        return np.dtype(
            {
                "names": [field["name"] for field in fields],
                "formats": formats,
                "offsets": [field["offset"] for field in fields],
                "itemsize": record["size"],
            }
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"no layout ({error})") from error
