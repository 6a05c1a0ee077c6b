"""What is told again and again is told at a bearable rate, and the latest wins."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from instrument.hands.coalesce import REMEMBERED, Coalesced


def test_the_latest_of_many_values_is_what_is_sent() -> None:
    """However fast a fader moves, one message goes out, with where it is now."""
    waiting = Coalesced(rate_per_s=10.0)
    for value in range(5):
        waiting.put("/a", (value,), 1.0)
    assert waiting.take(1.0) == [("/a", (4,))]
    assert waiting.take(9.0) == []


def test_an_address_waits_out_its_interval() -> None:
    """At 10 per second, the second message of an address goes .1 s after the first."""
    waiting = Coalesced(rate_per_s=10.0)
    waiting.put("/a", (1,), 0.0)
    waiting.take(0.0)
    waiting.put("/a", (2,), 0.01)
    assert waiting.take(0.09) == [] and waiting.wait_s(0.06) is not None
    assert waiting.take(0.11) == [("/a", (2,))]
    assert waiting.wait_s(0.11) is None


def test_a_busy_address_keeps_no_other_back() -> None:
    """With room for one message at a time, two faders that never rest take turns."""
    waiting = Coalesced(rate_per_s=1000.0)
    sent = []
    for tick in range(10):
        waiting.put("/a", (tick,), tick * 1.0)
        waiting.put("/b", (tick,), tick * 1.0)
        sent += [address for address, _ in waiting.take(tick * 1.0, most=1)]
    assert sent == ["/a", "/b"] * 5


def test_what_is_forgotten_is_not_sent() -> None:
    """Nobody is told what nobody wants any more, and the others keep their places."""
    waiting = Coalesced()
    for address in ("/a", "/b", "/c"):
        waiting.put(address, (1,), 0.0)
    waiting.forget("/b")
    waiting.forget("/never")
    assert [address for address, _ in waiting.take(1.0)] == ["/a", "/c"]
    waiting.put("/a", (1,), 9.0)
    waiting.clear()
    assert len(waiting) == 0 and waiting.wait_s(9.0) is None


def test_many_addresses_do_not_fill_the_memory() -> None:
    """What was sent long ago is not remembered for ever."""
    waiting = Coalesced()
    for number in range(3 * REMEMBERED):
        waiting.put(f"/{number}", (), number * 1.0)
        waiting.take(number * 1.0)
    assert len(waiting._sent_s) <= REMEMBERED + 1


steps = st.lists(st.tuples(st.sampled_from("abc"), st.floats(0.0, 0.2)), max_size=60)


@given(steps)
def test_no_address_is_sent_more_often_than_its_rate(puts: list[tuple[str, float]]) -> None:
    """Whatever comes when, two messages of one address are an interval apart, and the last one arrives."""
    waiting, now_s = Coalesced(rate_per_s=10.0), 0.0
    sent: dict[str, list[tuple[float, object]]] = {}
    last: dict[str, int] = {}
    for number, (name, passed_s) in enumerate([*puts, ("a", 1.0), ("b", 1.0), ("c", 1.0)]):
        now_s += passed_s
        waiting.put(f"/{name}", (number,), now_s)
        last[f"/{name}"] = number
        for address, arguments in waiting.take(now_s):
            sent.setdefault(address, []).append((now_s, arguments))
    for address, told in sent.items():
        times = [time_s for time_s, _ in told]
        assert all(b - a >= 0.1 - 1e-9 for a, b in itertools.pairwise(times))
        assert told[-1][1] == (last[address],)
