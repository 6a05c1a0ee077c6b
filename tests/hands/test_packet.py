"""Packets: what friendly clients build is read; what enemies build is refused, at once, with a reason."""

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packets import HOSTILE, built, bundled
from pythonosc.osc_bundle_builder import OscBundleBuilder
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder

from instrument.hands.packet import Refusal, messages


def parsed(packet: bytes) -> list[tuple[str, list[object]]]:
    found = [OscMessage(message) for _, message in messages(packet)]
    return [(message.address, message.params) for message in found]


def refusal(packet: bytes) -> str:
    with pytest.raises(Refusal) as caught:
        list(messages(packet))
    return str(caught.value)


arguments = st.lists(
    st.one_of(
        st.integers(-(2**31), 2**31 - 1),
        st.floats(width=32, allow_nan=False),
        st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20),
        st.booleans(),
        st.binary(min_size=1, max_size=20),
    ),
    max_size=6,
)


@given(arguments)
def test_what_a_client_builds_is_read_unchanged(values: list[object]) -> None:
    """Every packet of an independent OSC client comes through with the same values."""
    assert parsed(built("/learning/heat", *values)) == [("/learning/heat", values)]


def test_message_without_type_tags_has_no_arguments() -> None:
    """Old clients send the address alone; that is a bang."""
    assert parsed(b"/show/panic\0") == [("/show/panic", [])]


def test_infinitum_symbol_and_character_are_read_with_their_bytes() -> None:
    """Tags which the library passes over are read as their nearest kin, and what follows stays in place."""
    packet = b"/a\0\0,IScf\0\0\0" + b"word\0\0\0\0" + struct.pack(">i", 65) + struct.pack(">f", 2.0)
    assert parsed(packet) == [("/a", [None, "word", 65, 2.0])]


def test_bundle_gives_its_messages_with_its_time_tag() -> None:
    """Nested bundles carry their own time tags."""
    inner = bundled(built("/b", 2), tag=77)
    tags = [tag for tag, _ in messages(bundled(built("/a", 1), inner, tag=55))]
    assert tags == [55, 77]


def test_bundle_builder_of_the_library_is_read() -> None:
    """A bundle built by python-osc comes through."""
    builder = OscBundleBuilder(0)  # type: ignore[arg-type]
    message = OscMessageBuilder("/a")
    message.add_arg(3)
    builder.add_content(message.build())
    assert parsed(bytes(builder.build().dgram)) == [("/a", [3])]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_packet_is_refused_with_a_reason(name: str) -> None:
    """Each known kind of bad packet is refused in a few words."""
    assert 0 < len(refusal(HOSTILE[name])) < 80


SEEDS = (
    built("/learning/heat", 2.0),
    built("/picture/look", "barcode"),
    built("/a", 1, 2.0, "three", True, b"four"),
    bundled(built("/a", 1), bundled(built("/b", 2.5))),
    b"/a\0\0,[ii]\0\0\0" + bytes(8),
)


@settings(max_examples=3000, deadline=None)
@given(st.sampled_from(SEEDS), st.data())
def test_mutated_packets_never_reach_the_library_broken(seed: bytes, data: st.DataObject) -> None:
    """Whatever a mutation leaves is refused by us, or read by the library without an exception."""
    packet = bytearray(seed)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(packet) - 1))
        packet[at] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):
        del packet[data.draw(st.integers(1, len(packet))) :]
    try:
        found = list(messages(bytes(packet)))
    except Refusal:
        return
    for _, message in found:
        assert OscMessage(message).address


@settings(max_examples=1000, deadline=None)
@given(st.binary(max_size=200))
def test_random_bytes_are_refused_or_read(packet: bytes) -> None:
    """Any bytes at all end in a refusal or in messages the library reads."""
    try:
        found = list(messages(packet))
    except Refusal:
        return
    for _, message in found:
        OscMessage(message)
