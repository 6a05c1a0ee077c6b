"""What bytes of MIDI mean: every row of the table of `incoming`, and that no bytes break it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instrument.hands.midi.incoming import ALONE_AFTER_S, Incoming
from instrument.hands.midi.source import Event, Source, SourceKind

NOTE, CC, CC14, NRPN = SourceKind.NOTE, SourceKind.CC, SourceKind.CC14, SourceKind.NRPN
PLAIN = [
    ([0x90, 60, 100], Event(Source(NOTE, 1, 60), 100)),
    ([0x9F, 60, 0], Event(Source(NOTE, 16, 60), 0)),
    ([0x80, 60, 64], Event(Source(NOTE, 1, 60), 0)),
    ([0xB2, 7, 127], Event(Source(CC, 3, 7), 127)),
    ([0xA0, 60, 5], Event(Source(SourceKind.TOUCH, 1, 60), 5)),
    ([0xD0, 90], Event(Source(SourceKind.PRESSURE, 1), 90)),
    ([0xC4, 3], Event(Source(SourceKind.PROGRAM, 5), 3)),
    ([0xE0, 0, 64], Event(Source(SourceKind.BEND, 1), 8192)),
    ([0xE0, 127, 127], Event(Source(SourceKind.BEND, 1), 16383)),
]


def say(incoming: Incoming, *changes: tuple[int, int], at_s: float = 0.0) -> list[Event]:
    """Some CCs on channel 1 at one time; what comes of the last."""
    events: list[Event] = []
    for number, value in changes:
        events = incoming.take([0xB0, number, value], at_s)
    return events


@pytest.mark.parametrize("message, event", PLAIN)
def test_a_message_is_one_event(message: list[int], event: Event) -> None:
    """Note, CC, pressure, touch, program and bend, on the channel it names."""
    assert Incoming().take(message, 0.0) == [event]


@pytest.mark.parametrize(
    "message",
    [[], [0xF0, 1, 2, 0xF7], [0x90], [0x90, 60], [0xB0, 1], [60, 60, 60], [0x90, 200, 1], [999, 1]],
)
def test_what_is_no_whole_message_is_passed_over(message: list[int]) -> None:
    """System messages, cut ones, and bytes out of range."""
    assert Incoming().take(message, 0.0) == []


def test_fourteen_bits_count_on_the_low_byte() -> None:
    """CC 5 then CC 37 is one value."""
    incoming = Incoming()
    incoming.expect_pairs([(1, 5)])
    assert say(incoming, (5, 100)) == []
    assert say(incoming, (37, 3)) == [Event(Source(CC14, 1, 5), 100 << 7 | 3)]
    assert not incoming.waits


def test_a_high_byte_alone_counts_after_three_milliseconds() -> None:
    """And stands for the whole: 127 is the top."""
    incoming = Incoming()
    incoming.expect_pairs([(1, 5)])
    say(incoming, (5, 127), at_s=1.0)
    assert incoming.waits
    assert incoming.due(1.0 + ALONE_AFTER_S / 2) == []
    assert incoming.due(1.0 + ALONE_AFTER_S * 1.1) == [Event(Source(CC14, 1, 5), 16383)]
    assert incoming.due(2.0) == [] and not incoming.waits


def test_a_high_byte_that_is_followed_by_another_is_not_lost() -> None:
    """The one before counts alone when the next comes."""
    incoming = Incoming()
    incoming.expect_pairs([(1, 5)])
    assert say(incoming, (5, 0), (5, 64)) == [Event(Source(CC14, 1, 5), 0)]


def test_a_low_byte_alone_refines_the_high_one_that_was_heard() -> None:
    """Some devices send the high byte only when it changes. Before any, nothing is known."""
    incoming = Incoming()
    incoming.expect_pairs([(1, 5)])
    assert say(incoming, (37, 9)) == []
    assert say(incoming, (5, 1), (37, 9), (37, 10)) == [Event(Source(CC14, 1, 5), 128 + 10)]


def test_a_cc_of_no_pair_is_plain_though_its_number_is_low() -> None:
    """CC 5 on another channel, and CC 38 without an NRPN."""
    incoming = Incoming()
    incoming.expect_pairs([(2, 5)])
    assert say(incoming, (5, 7)) == [Event(Source(CC, 1, 5), 7)]
    assert say(incoming, (38, 7)) == [Event(Source(CC, 1, 38), 7)]


def test_an_nrpn_is_its_number_and_both_halves() -> None:
    """99, 98, 6, 38."""
    incoming = Incoming()
    events = say(incoming, (99, 1), (98, 2), (6, 64), (38, 5))
    assert events == [Event(Source(NRPN, 1, 130), 64 << 7 | 5)]


def test_an_nrpn_without_a_low_half_counts_after_three_milliseconds() -> None:
    """99, 98, 6 and then nothing."""
    incoming = Incoming()
    assert say(incoming, (99, 0), (98, 2), (6, 127)) == []
    assert incoming.due(ALONE_AFTER_S) == [Event(Source(NRPN, 1, 2), 16383)]


def test_an_rpn_ends_the_nrpn() -> None:
    """After 101 and 100 a CC 6 is a CC 6."""
    incoming = Incoming()
    events = say(incoming, (99, 0), (98, 2), (101, 127), (100, 127), (6, 3))
    assert events == [Event(Source(CC, 1, 6), 3)]


@given(st.lists(st.lists(st.integers(-300, 300), max_size=5), max_size=60))
def test_no_bytes_raise(messages: list[list[int]]) -> None:
    """Whatever comes, what is made of it lies in its range."""
    incoming = Incoming()
    incoming.expect_pairs([(1, number) for number in range(32)])
    for number, message in enumerate(messages):
        for event in incoming.take(message, number * 0.001) + incoming.due(number * 0.001):
            assert 0 <= event.raw <= event.source.top
            assert 1 <= event.source.channel <= 16


NUMBERS = st.sampled_from([5, 37, 6, 38, 98, 99, 100, 101])


@given(st.lists(st.tuples(NUMBERS, st.integers(0, 127)), max_size=80))
def test_no_value_is_said_twice_or_made_up(changes: list[tuple[int, int]]) -> None:
    """Halves in any order: never more events than messages, and nothing waits in the end."""
    incoming = Incoming()
    incoming.expect_pairs([(1, 5)])
    count = sum(len(say(incoming, change)) for change in changes)
    count += len(incoming.due(1.0))
    assert count <= len(changes)
    assert not incoming.waits
