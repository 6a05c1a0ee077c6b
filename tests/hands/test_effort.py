"""What takes long is bounded: one small packet cannot keep everybody else from being heard."""

import pytest
from packets import built, bundled
from stand import Stand

from instrument.hands.effort import MOST_EDITS, MOST_SLOW, is_slow
from instrument.hands.osc import OscHand
from instrument.signals.routes import RouteEdit

HERE = ("127.0.0.1", 5000)


@pytest.fixture
def hand(stand: Stand) -> OscHand:
    return OscHand(stand.bank, stand.post, stand.say, stand.clock, port=0)


def slow(count: int) -> bytes:
    return bundled(*[built(f"/learning/{'*' * (number + 1)}", 1.0) for number in range(count)])


@pytest.mark.parametrize(
    ("address", "is_it"),
    [
        ("/learning/*", True), ("//level", True), ("/subscribe", True), ("/route/1/control", True),
        ("/route/x/stream", True),
        ("/learning/heat", False), ("/route/1/depth", False), ("/token", False), ("/show/scene", False),
    ],
)  # fmt: skip
def test_patterns_subscriptions_and_led_routes_are_slow(address: str, is_it: bool) -> None:
    """Everything that looks through all controls, and nothing else."""
    assert is_slow(built(address, 1.0)) is is_it


def test_a_packet_may_hold_sixteen_patterns_and_no_more(stand: Stand, hand: OscHand) -> None:
    """A packet of 40 kB took eight seconds, while nobody else was heard; it is refused."""
    hand.take(slow(MOST_SLOW), HERE)
    assert stand.posted and not hand.refused
    stand.posted.clear()
    hand.take(slow(MOST_SLOW + 1), HERE)
    assert not stand.posted
    assert hand.refused == 1
    stand.clock.advance(1.0)
    hand.take(slow(MOST_SLOW + 1), HERE)
    assert any("17 patterns" in sentence for sentence in stand.said)


def test_a_packet_may_turn_five_hundred_keys_of_routes_and_no_more(stand: Stand) -> None:
    """Every key of every route in one bundle is taken; 64 kB of them held up all others for .15 s."""
    edits: list[RouteEdit] = []
    hand = OscHand(stand.bank, stand.post, stand.say, stand.clock, port=0, edit_route=edits.append)
    turn = [built("/route/1/depth", number / 1000) for number in range(MOST_EDITS + 1)]
    hand.take(bundled(*turn[:MOST_EDITS]), HERE)
    assert len(edits) == MOST_EDITS and not hand.refused
    stand.clock.advance(10.0)
    hand.take(bundled(*turn), HERE)
    assert len(edits) == MOST_EDITS
    assert f"it turns {MOST_EDITS + 1} keys of routes" in stand.said[-1]


def test_many_plain_messages_are_no_fault(stand: Stand, hand: OscHand) -> None:
    """A whole page of faders in one bundle is played."""
    hand.take(
        bundled(*[built("/learning/heat", 1.0 + number / 900) for number in range(900)]), HERE
    )
    assert len(stand.posted) == 900


def test_a_pattern_costs_as_much_as_it_moves(stand: Stand, hand: OscHand) -> None:
    """Who moves everything a thousand times a second is stopped, and then let in again."""
    found = 0
    for _ in range(1000):
        before = len(stand.posted)
        hand.take(built("//*", 1.0), HERE)
        if len(stand.posted) == before:
            break
        found += 1
    assert 20 < found < 900 and hand.flooded == 1
    stand.clock.advance(1.0)
    stand.posted.clear()
    hand.take(built("/learning/heat", 2.0), HERE)
    assert len(stand.posted) == 1


def test_patterns_that_wait_for_their_time_are_paid_for_when_they_come(
    stand: Stand, hand: OscHand
) -> None:
    """A second of bundles cannot be saved up to be due at one moment."""
    now = int((stand.clock() + 2208988800 + 1.0) * 2**32)
    hand._waiting._utc = stand.clock
    for number in range(200):
        patterns = [built(f"/x{number}/{'?' * each}", 1.0) for each in range(MOST_SLOW)]
        hand.take(bundled(*patterns, tag=now), HERE)
    assert 0 < hand._waiting._messages < 10 * MOST_SLOW
    assert hand.flooded > 150


def test_a_thousand_ports_with_one_packet_each_are_one_flood(stand: Stand, hand: OscHand) -> None:
    """What a packet holds counts for its machine; one who has played calmly before goes on playing."""
    regular = ("127.0.0.1", 7000)
    for _ in range(5):
        hand.take(built("/learning/heat", 2.0), regular)
        stand.clock.advance(0.4)
    for port in range(20000, 21000):
        hand.take(bundled(*[built("/learning/fog", 1.0)] * 500), ("127.0.0.1", port))
    assert hand.flooded > 900
    stand.posted.clear()
    hand.take(built("/learning/heat", 2.0), regular)
    assert len(stand.posted) == 1
