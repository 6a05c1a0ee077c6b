"""Messages that we write are read by an OSC library nobody here wrote."""

from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_message import OscMessage
from pythonosc.osc_packet import OscPacket

from instrument.hands.packet import messages
from instrument.hands.written import MOST_BYTES, packets, written

arguments = st.lists(
    st.one_of(
        st.integers(-(2**63), 2**63 - 1),
        st.floats(width=32, allow_nan=False),
        st.booleans(),
        st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=60),
    ),
    max_size=5,
)
addresses = st.text("abc/_0", min_size=1, max_size=30).map(lambda text: "/" + text)


@given(addresses, arguments)
def test_what_is_written_is_read_unchanged(address: str, values: list[object]) -> None:
    """Whole numbers of any size, numbers, texts and booleans arrive as they are."""
    message = OscMessage(written(address, values))
    assert (message.address, message.params) == (address, values)


@given(st.lists(st.tuples(addresses, arguments), max_size=80))
def test_packets_hold_every_message_once_and_in_order(
    told: list[tuple[str, list[object]]],
) -> None:
    """Whatever is packed comes out again; no bundle is longer than a network carries in one piece."""
    row = [written(address, values) for address, values in told]
    made = list(packets(row))
    read = [message for packet, _ in made for _, message in messages(packet)]
    assert [OscMessage(message).address for message in read] == [address for address, _ in told]
    assert sum(count for _, count in made) == len(row)
    assert all(len(packet) <= MOST_BYTES or count == 1 for packet, count in made)
    assert sum(len(list(OscPacket(packet).messages)) for packet, _ in made) == len(row)


def test_a_message_alone_goes_without_a_bundle() -> None:
    """Small programs that read no bundles hear single changes all the same."""
    (packet,) = packets([written("/a", (1,))])
    assert packet == (b"/a\0\0,i\0\0\0\0\0\1", 1)


def test_an_endless_text_is_cut() -> None:
    """A text of a whole book is its first 512 characters."""
    assert len(OscMessage(written("/notice", ("x" * 10_000,))).params[0]) == 512
