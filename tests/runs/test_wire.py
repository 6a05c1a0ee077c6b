"""The messages of a run: every bit comes back, any protobuf library reads them, no bytes are trusted."""

import ctypes
import io
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from google.protobuf import message_factory
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.unknown_fields import UnknownFieldSet
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from run_helper import RECORDED, STREAMS, header, metric, tiles, weights

from instrument.runs import sheet
from instrument.runs.messages import FILLING, NAMED, Part, identifiers, parts_of, schema_of
from instrument.runs.recorder import used
from instrument.runs.template import Template, tag_of, varint
from instrument.runs.wire import ENCODING, MessageReader, MessageWriter, reader_of
from instrument.signals.frames import (
    DEEDS,
    GESTURES,
    METRICS,
    STREAM_CAPACITY,
    TILES,
    TOPICS,
    WEIGHTS,
    DeedFrame,
    GestureFrame,
    MetricFrame,
    Topic,
)

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Described:
    """A schema as it stands in a file."""

    name: str
    data: bytes
    encoding: str = ENCODING


def described(writer: MessageWriter) -> Described:
    return Described(writer.name, writer.schema)


def by_library(schema: Described, data: bytes) -> Any:
    """The message as google's library reads it."""
    pool = DescriptorPool()
    for file in FileDescriptorSet.FromString(schema.data).file:
        pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(schema.name)).FromString(data)


def names_of(topic: Topic) -> int:
    """How many values of the array of names the header knows."""
    return len(STREAMS) if topic is METRICS else len(RECORDED)


@st.composite
def frames(draw: st.DrawFn, topic: Topic, numbers: bool = False) -> Any:
    """A frame of any bits in every field that travels; texts end at their first zero.

    `numbers`: all floats are numbers, for Python's own float does not keep every bit of a NaN.
    """
    frame = topic.frame()
    dice = np.random.default_rng(draw(st.integers(0, 2**32)))
    for name, kind, *_ in topic.frame._fields_:
        array = issubclass(kind, ctypes.Array)
        if name == FILLING or (array and kind._type_ is ctypes.c_char):
            continue
        offset, size = getattr(topic.frame, name).offset, ctypes.sizeof(kind)
        if name == NAMED.get(topic.frame):
            size = 4 * names_of(topic)
        content = draw(st.sampled_from([dice.bytes(size), bytes(size), b"\xff" * size]))
        if numbers:
            content = bytes(byte & 0x3F for byte in content)
        ctypes.memmove(ctypes.addressof(frame) + offset, content, size)
    for name, kind, *_ in topic.frame._fields_:
        if issubclass(kind, ctypes.Array) and kind._type_ is ctypes.c_char:
            text = draw(st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=40))
            setattr(
                frame, name, text.encode()[: kind._length_ - 1].decode("utf-8", "ignore").encode()
            )
    return frame


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
@settings(max_examples=30)
@given(data=st.data())
def test_every_bit_of_every_frame_comes_back(topic: Topic, data: st.DataObject) -> None:
    """NaNs, signs of zero and the largest numbers included; what is not `used` does not travel."""
    frame = data.draw(frames(topic))
    writer = MessageWriter(topic, header())
    back = reader_of(described(writer), topic).frame(writer.message(frame))
    assert used(back) == used(frame)


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
@settings(max_examples=10)
@given(data=st.data())
def test_the_library_reads_what_we_write(topic: Topic, data: st.DataObject) -> None:
    """Google's library takes every message, and finds the same numbers by the names of the fields."""
    frame = data.draw(frames(topic))
    writer = MessageWriter(topic, header())
    message = by_library(described(writer), writer.message(frame))
    assert len(UnknownFieldSet(message)) == 0
    for name, kind, *_ in topic.frame._fields_:
        if name in (FILLING, NAMED.get(topic.frame)) or issubclass(kind, ctypes.Array):
            continue
        assert np.array_equal(getattr(message, name), getattr(frame, name), equal_nan=True)


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
@settings(max_examples=10)
@given(data=st.data())
def test_what_the_library_writes_we_read(topic: Topic, data: st.DataObject) -> None:
    """A message in the library's own order, zeros left out, is the same frame."""
    frame = data.draw(frames(topic, numbers=True))
    writer = MessageWriter(topic, header())
    schema = described(writer)
    again = by_library(schema, writer.message(frame)).SerializeToString()
    assert used(reader_of(schema, topic).frame(again)) == used(frame)


def test_streams_are_fields_by_their_names() -> None:
    """Whoever plots a run asks for ``metrics.loss_g``."""
    writer = MessageWriter(METRICS, header())
    message = by_library(described(writer), writer.message(metric(3)))
    assert (message.step, message.count, message.loss_g, message.state) == (3, 2, 1.5, 1.0)


def test_help_of_streams_stands_in_the_schema() -> None:
    """As comments, where protobuf's own tools look for them."""
    (file,) = FileDescriptorSet.FromString(MessageWriter(METRICS, header()).schema).file
    comments = {
        tuple(place.path): place.leading_comments for place in file.source_code_info.location
    }
    loss = [field.name for field in file.message_type[0].field].index("loss_g")
    assert comments[4, 0, 2, loss] == " loss\n"
    assert "What happened in one training step" in comments[4, 0]


@pytest.mark.parametrize(
    ("names", "wanted"),
    [
        (["sound.drone.level", "show.calm"], ["sound_drone_level", "show_calm"]),
        (["a.b_c", "a_b.c", "a.b.c"], ["a_b_c", "a_b_c_2", "a_b_c_3"]),
        (["time_s", "Step"], ["time_s_2", "Step_2"]),
        (["2nd", "", "ü-x"], ["_2nd", "_", "__x"]),
    ],
)
def test_names_of_fields_are_different_from_each_other(names: list[str], wanted: list[str]) -> None:
    """In protobuf and in JSON, where underscores and capitals do not count."""
    assert identifiers(names, ["time_s", "step"]) == wanted


@given(st.lists(st.text(max_size=8), max_size=30))
def test_any_names_are_fields_a_library_takes(names: list[str]) -> None:
    """Looks are called as their authors like."""
    parts = parts_of(MetricFrame, names[:STREAM_CAPACITY])
    assert len({part.name for part in parts}) == len(parts)
    schema = Described("twos_and_sevens.MetricFrame", schema_of(METRICS, parts))
    assert by_library(schema, Template(parts).write(metric(1))).step == 1


def test_a_stream_more_moves_no_other() -> None:
    """The place of a stream is in its field: a run of a version with other streams is read as it was."""
    writer = MessageWriter(METRICS, header())
    frame = metric(4)
    today = reader_of(described(writer), METRICS).frame(writer.message(frame))
    assert list(today.streams[:3]) == [2.0, 1.0, 0.0]


def other(parts: list[Part], topic: Topic) -> Described:
    return Described(f"twos_and_sevens.{topic.frame.__name__}", schema_of(topic, parts))


def test_fields_of_another_version_are_found_by_name() -> None:
    """Their numbers and widths may differ; what is gone is passed over, what is new is zero."""
    frame = GestureFrame(time_s=2.5, step=-1, control=7, position=0.25, who=b"key")
    parts = [
        Part("mood", 1, 1, offset=GestureFrame.time_s.offset, code="f8"),
        Part("position", 9, 2, offset=GestureFrame.position.offset, code="f4"),
        Part("time_s", 4, 1, offset=GestureFrame.time_s.offset, code="f8"),
        Part("step", 6, 16, offset=GestureFrame.step.offset, code="i8"),
        Part("who", 7, 9, offset=GestureFrame.who.offset, code="u1", count=48),
    ]
    back = reader_of(other(parts, GESTURES), GESTURES).frame(Template(parts).write(frame))
    assert (back.time_s, back.step, back.position, back.who) == (2.5, -1, 0.25, b"key")
    assert (back.control, back.sequence) == (0, 0)


def test_numbers_of_other_widths_are_turned_into_ours() -> None:
    """A double where today a float is meant; one that does not fit is refused."""
    wide = [
        Part("time_s", 1, 1, offset=GestureFrame.time_s.offset, code="f8"),
        Part("control", 2, 6, offset=GestureFrame.sequence.offset, code="u8"),
    ]
    reader = reader_of(other(wide, GESTURES), GESTURES)
    frame = GestureFrame(time_s=1.0, sequence=12)
    assert reader.frame(Template(wide).write(frame)).control == 12
    frame.sequence = 2**32
    with pytest.raises(ValueError, match="control"):
        reader.frame(Template(wide).write(frame))


@pytest.mark.parametrize("topic", [METRICS, TILES, DEEDS, WEIGHTS], ids=lambda topic: topic.name)
@settings(max_examples=200)
@given(data=st.data())
def test_damaged_messages_are_a_frame_or_a_value_error(topic: Topic, data: st.DataObject) -> None:
    """Any byte may be another, any end may be missing: nothing else is raised, nothing is overrun."""
    made = {METRICS: metric, TILES: tiles, WEIGHTS: weights}.get(
        topic, lambda n: DeedFrame(step=n)
    )(1)
    writer = MessageWriter(topic, header())
    message = bytearray(writer.message(made))
    for place, byte in data.draw(
        st.lists(
            st.tuples(st.integers(0, min(len(message), 700) - 1), st.integers(0, 255)), max_size=4
        )
    ):
        message[place] = byte
    end = data.draw(st.integers(0, len(message)))
    try:
        back = reader_of(described(writer), topic).frame(bytes(message[:end]))
    except ValueError:
        return
    assert isinstance(back, topic.frame)


@given(st.binary(max_size=300))
def test_any_bytes_as_a_schema_are_a_reader_or_a_value_error(data: bytes) -> None:
    """A damaged schema raises ValueError and nothing else."""
    try:
        reader_of(Described("twos_and_sevens.MetricFrame", data), METRICS)
    except ValueError:
        return


@given(st.data())
def test_damaged_schemas_are_a_reader_or_a_value_error(data: st.DataObject) -> None:
    """One byte of a true schema is another; then any message is a frame or a ValueError."""
    writer = MessageWriter(DEEDS, header())
    schema = bytearray(writer.schema)
    schema[data.draw(st.integers(0, len(schema) - 1))] = data.draw(st.integers(0, 255))
    try:
        back = MessageReader(Described(writer.name, bytes(schema)), DeedFrame).frame(
            writer.message(DeedFrame(time_s=1.0, text=b"word"))
        )
    except ValueError:
        return
    assert isinstance(back, DeedFrame)


@pytest.mark.parametrize("encoding", ["json", "", "ros2msg"])
def test_messages_of_other_kinds_are_refused(encoding: str) -> None:
    """Only the two formats of ours are read."""
    with pytest.raises(ValueError, match="messages as"):
        reader_of(Described("x", b"{}", encoding), METRICS)


def test_text_that_is_none_is_made_readable() -> None:
    """A text that is not UTF-8 would make the whole message unreadable for others."""
    writer = MessageWriter(GESTURES, header())
    message = writer.message(GestureFrame(who=b"osc \xff"))
    assert by_library(described(writer), message).who == "osc �"


def test_text_longer_than_it_can_be_is_cut_and_bytes_are_refused() -> None:
    """The end of a text is no loss; pixels that do not fit are no picture."""
    schema = described(MessageWriter(GESTURES, header()))
    who = next(part for part in parts_of(GestureFrame) if part.name == "who")
    long = tag_of(who) + varint(60) + b"x" * 60
    assert reader_of(schema, GESTURES).frame(long).who == b"x" * 48
    pixels = next(part for part in parts_of(TILES.frame) if part.name == "tiles")
    size = pixels.count + 1
    with pytest.raises(ValueError, match="tiles"):
        reader_of(described(MessageWriter(TILES, header())), TILES).frame(
            tag_of(pixels) + varint(size) + bytes(size)
        )


def test_the_sheet_shows_the_samples_eight_in_a_row() -> None:
    """A picture that PIL opens, in a message under the name that Foxglove gives it."""
    frame = tiles(1)
    for byte in range(784):
        frame.tiles[9 * 784 + byte] = 255
    picture = sheet.picture_of(frame)
    assert picture is not None
    told = by_library(
        Described(sheet.NAME, sheet.schema()), sheet.message(picture, 1_700_000_000_500_000_000)
    )
    assert (told.timestamp.seconds, told.timestamp.nanos) == (1_700_000_000, 500_000_000)
    assert (told.format, told.frame_id) == ("jpeg", "samples")
    pixels = np.asarray(Image.open(io.BytesIO(told.data)))
    assert pixels.shape == (224, 224)
    assert pixels[28 + 14, 28 + 14] > 250 and pixels[28 + 14, 3 * 28] < 60


def test_no_samples_make_no_sheet() -> None:
    """An empty frame, or one of two channels, has no picture."""
    frame = tiles(1)
    frame.channels = 2
    assert sheet.picture_of(frame) is None
    assert sheet.picture_of(TILES.frame()) is None
