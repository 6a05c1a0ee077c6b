"""Packets in a stream of bytes come out as they went in, however the stream is cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instrument.hands.packet import MAX_PACKET, Refusal
from instrument.hands.slip import Sized, Slip, framing_of

packets = st.lists(st.binary(min_size=1, max_size=40), max_size=6)
cuts = st.lists(st.integers(1, 9), max_size=60)


@pytest.mark.parametrize("framing", [Slip, Sized])
@given(packets=packets, cuts=cuts)
def test_every_packet_comes_out_whole(
    framing: type[Slip] | type[Sized], packets: list[bytes], cuts: list[int]
) -> None:
    """Wherever the network cuts the stream, the same packets arrive in the same order."""
    sender, receiver = framing(), framing()
    stream = b"".join(sender.framed(packet) for packet in packets)
    arrived = []
    for size in [*cuts, len(stream) + 1]:
        arrived += receiver.take(stream[:size])
        stream = stream[size:]
    assert arrived == packets and receiver.waiting == 0


def test_slip_is_that_of_the_rfc() -> None:
    """192 is the END on both sides; 192 and 219 inside are two bytes each, as RFC 1055 has them."""
    assert Slip().framed(b"a\xc0b\xdbc") == b"\xc0a\xdb\xdcb\xdb\xddc\xc0"
    assert Slip().take(b"\xc0\xdb\xdd\xdc\xc0") == [b"\xdb\xdc"]


@pytest.mark.parametrize(
    ("framing", "stream"),
    [
        (Slip, b"\xc0a\xdbb\xc0"),
        (Slip, b"\xc0a\xdb\xc0"),
        (Slip, b"a" * (2 * MAX_PACKET + 1)),
        (Sized, b"\xff\xff\xff\xff"),
        (Sized, b"\x7f\xff\xff\xff"),
    ],
)
def test_what_cannot_be_is_refused(framing: type[Slip] | type[Sized], stream: bytes) -> None:
    """Broken escapes, negative sizes and packets without an end end in a refusal, not in memory."""
    with pytest.raises(Refusal):
        framing().take(stream)


@given(st.lists(st.binary(max_size=50), max_size=20))
def test_random_streams_are_taken_or_refused(stream: list[bytes]) -> None:
    """Any bytes at all end in packets or in a refusal."""
    for framing in (Slip(), Sized()):
        try:
            for data in stream:
                assert all(isinstance(packet, bytes) for packet in framing.take(data))
        except Refusal:
            pass


@pytest.mark.parametrize(
    ("first", "kind"), [(0xC0, Slip), (ord("/"), Slip), (ord("#"), Slip), (0, Sized)]
)
def test_first_byte_says_which_framing_it_is(first: int, kind: type) -> None:
    """A client need not say what it speaks."""
    assert type(framing_of(first)) is kind


def test_a_browser_at_the_port_is_refused() -> None:
    """What speaks HTTP, or anything else, is told apart from OSC at its first byte."""
    with pytest.raises(Refusal, match="SLIP"):
        framing_of(ord("G"))
