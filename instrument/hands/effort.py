"""What takes long in a message: it costs its sender more, and one packet may not ask for much of it.

A message to one control takes some 10 microseconds, a key of a route 60. A pattern takes up to 6
milliseconds (all addresses are looked through, then everything found is asked), a route that is led to a
control that is none up to 3. A packet of 64 kB holds thousands of them, and until it is done nobody else is
heard.
"""

from collections.abc import Iterable, Sequence

from instrument.hands.feedback import SUBSCRIBE
from instrument.hands.packet import Refusal
from instrument.hands.pattern import is_pattern
from instrument.hands.turned import ROUTE

MOST_SLOW = 16
"""Slow messages in one packet."""
MOST_EDITS = 512
"""Keys of routes turned in one packet; the fullest preset has some 40 routes."""
ROUTE_BYTES = ROUTE.encode("ascii")
SLOW_TOKENS = 20.0
"""What a slow message costs, in messages to one control."""
LED = ("/control", "/stream")
"""The keys of a route that name something, which is looked for among all there are."""
ASKED_PER_TOKEN = 20.0
"""So many controls that one pattern finds cost as much as a message to one control."""


def is_slow(message: bytes) -> bool:
    """Whether a message that was checked may take long."""
    address = message[: message.index(0)].decode("ascii")
    if address.startswith(ROUTE):
        return address.endswith(LED)
    return address == SUBSCRIBE or is_pattern(address)


def slow_tokens(messages: Iterable[bytes]) -> float:
    """What the slow ones among some messages cost at the most."""
    return SLOW_TOKENS * sum(map(is_slow, messages))


def check_effort(found: Sequence[tuple[int, bytes]]) -> None:
    """Raises `Refusal` for a packet with more than `MOST_SLOW` slow messages, or `MOST_EDITS` of routes."""
    edits = sum(message.startswith(ROUTE_BYTES) for _, message in found)
    if edits > MOST_EDITS:
        raise Refusal(f"it turns {edits} keys of routes; {MOST_EDITS} may be in one packet")
    slow = sum(is_slow(message) for _, message in found)
    if slow > MOST_SLOW:
        raise Refusal(
            f"it holds {slow} patterns, subscriptions or routes led elsewhere; {MOST_SLOW} may be in one "
            "packet"
        )
