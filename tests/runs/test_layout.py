"""Layouts: an old run is read by the names of its fields, and what is no layout is refused."""

import ctypes
import json
from collections.abc import Callable

import pytest
from run_helper import activations, field, reals, walk

from instrument.runs.layout import Reader, description
from instrument.runs.recorder import used
from instrument.runs.sanity import check
from instrument.signals.frames import TOPICS, Frame, GestureFrame, MetricFrame


class OldMetric(Frame):
    """A metric frame of an imagined earlier version: fewer streams, another order, a lost field."""

    _fields_ = [
        ("sequence", ctypes.c_uint64),
        ("time_s", ctypes.c_double),
        ("mood", ctypes.c_float * 2),
        ("count", ctypes.c_uint16),
        ("streams", ctypes.c_double * 3),
        ("step", ctypes.c_uint32),
    ]


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_description_names_every_field_with_its_place(topic: object) -> None:
    """Each field of today's frames is in the text with its true offset."""
    frame = topic.frame  # type: ignore[attr-defined]
    record = json.loads(description(frame))
    assert record["size"] == ctypes.sizeof(frame)
    assert [(f["name"], f["offset"]) for f in record["fields"]] == [
        (name, getattr(frame, name).offset) for name, *_ in frame._fields_
    ]


def test_same_layout_comes_back_byte_for_byte() -> None:
    """Today's bytes are today's frame."""
    frame = GestureFrame(time_s=1.5, step=-1, control=3, position=0.5, who=b"osc 127.0.0.1:5511")
    back = Reader(description(GestureFrame), GestureFrame).frame(used(frame))
    assert used(back) == used(frame)


def test_fields_of_an_older_layout_are_found_by_name() -> None:
    """Widths and places may differ; what is gone is left out, what is new is zero."""
    old = OldMetric(time_s=2.5, count=3, step=77)
    old.streams[:] = [1.0, 2.0, 3.0]
    frame = Reader(description(OldMetric), MetricFrame).frame(used(old))
    assert (frame.time_s, frame.step, frame.count) == (2.5, 77, 3)
    assert list(frame.streams[:4]) == [1.0, 2.0, 3.0, 0.0]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        json.dumps(
            {"size": 8, "fields": [{"name": "time_s", "type": "O", "count": 1, "offset": 0}]}
        ),
        json.dumps(
            {"size": 4, "fields": [{"name": "time_s", "type": "<f8", "count": 1, "offset": 0}]}
        ),
        json.dumps({"size": 1e30, "fields": []}),
    ],
)
def test_what_is_no_layout_is_refused(text: str) -> None:
    """Damaged descriptions raise ValueError and nothing else."""
    with pytest.raises(ValueError):
        Reader(text, MetricFrame)


@pytest.mark.parametrize("size", [0, 15, 10_000])
def test_bytes_that_do_not_fit_are_refused(size: int) -> None:
    """Too few or too many bytes never touch a frame."""
    with pytest.raises(ValueError):
        Reader(description(MetricFrame), MetricFrame).frame(bytes(size))


@pytest.mark.parametrize(
    ("make", "name", "place", "value"),
    [
        (walk, "count", None, 17), (walk, "height", None, 0), (walk, "width", None, 500),
        (walk, "first", None, 128), (field, "side", None, 33), (field, "side", None, 0),
        (field, "channels", None, 60), (activations, "samples", None, 65),
        (activations, "layer_count", None, 9), (activations, "generator_layers", None, 3),
        (activations, "shown", 0, 129), (activations, "shown", 1, 65),
        (activations, "begins", 1, 127), (activations, "dead", 1, 65),
        (reals, "width", None, 65_535), (reals, "channels", None, 0),
        (walk, "channels", None, 2), (field, "channels", None, 4),
    ],
)  # fmt: skip
def test_frames_whose_counts_do_not_fit_are_refused(
    make: Callable[[int], Frame], name: str, place: int | None, value: int
) -> None:
    """A damaged file leads nobody out of bounds: whole they pass, with one number wrong they do not."""
    frame = make(1)
    check(frame)
    if place is None:
        setattr(frame, name, value)
    else:
        getattr(frame, name)[place] = value
    with pytest.raises(ValueError, match="counts"):
        check(frame)
