"""Fuzzing: whatever comes, nothing raises, no gesture is posted that cannot be, good packets are played."""

import contextlib
import faulthandler
import socket
from collections.abc import Iterator

import pytest
from fuzz_packets import Maker
from fuzz_target import WITHOUT_LIMIT, WORD, Target
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from liblo_stand import playing
from packets import built
from stand import until

from instrument.hands import crowd
from instrument.hands.slip import Sized, Slip

HANG_S = 60.0


@pytest.fixture(scope="module", params=[0.001, 1.1], ids=["quick", "every refusal said"])
def target(request: pytest.FixtureRequest) -> Iterator[Target]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in WITHOUT_LIMIT.items():
            patch.setattr(crowd, name, value)
        made = Target(request.param)
        faulthandler.dump_traceback_later(HANG_S, exit=True)
        yield made
        faulthandler.cancel_dump_traceback_later()
        made.close()


def maker(target: Target, seed: object) -> Maker:
    return Maker(seed, [spec.address for spec in target.bank], target.utc)


def play(target: Target, make: Maker, count: int) -> None:
    """Packets by every way in; a good one after each hundred."""
    framings = (Slip, Sized)
    for number in range(count):
        way = make.random.randrange(12)
        if way == 0:
            target.take_stream(make.stream(framings[number % 2]().framed))
        elif way == 1:
            target.take_web(make.packet())
        elif way == 2:
            target.take_command(make.command())
        elif way == 3:
            target.take_unasked(make.packet() if number % 4 else make.word(WORD))
        else:
            target.take(make.packet())
        if number % 100 == 99:
            target.probe((number // 100 % 97) / 97)


@given(some.integers(0, 2**32))
@settings(max_examples=7, deadline=None, suppress_health_check=list(HealthCheck))
def test_mutated_packets_never_harm(target: Target, seed: int) -> None:
    """By UDP, TCP, WebSocket and before the token: no exception, no wrong gesture, good ones are played."""
    play(target, maker(target, seed), 200)


@given(some.lists(some.binary(max_size=400), max_size=20), some.floats(0, 1, width=32))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_bytes_never_harm(target: Target, packets: list[bytes], position: float) -> None:
    """Bytes of no shape at all, as packets and as pieces of a stream."""
    for packet in packets:
        target.take(packet)
        target.take_web(packet)
        target.take_unasked(packet)
    target.take_stream([packet for packet in packets if packet])
    target.probe(position)


def test_the_word_opens_the_door_to_the_fuzzed_hand(target: Target) -> None:
    """The promise about strangers means something: who says the word does play."""
    before = target.gestures
    target.take_unasked(built("/learning/heat", 2.0))
    assert target.gestures == before
    target.asking.doors.say(
        ("127.0.0.1", 40003), [WORD], target.clock.advance(2.0) or target.clock()
    )
    target.asking.take(built("/learning/heat", 2.0), ("127.0.0.1", 40003))
    assert target.gestures == before + 1
    target.asking.doors.forget(("127.0.0.1", 40003))


def test_hostile_streams_over_real_sockets_leave_the_doors_open() -> None:
    """A hundred broken TCP connections and datagrams later, a good one is played by either way."""
    with playing() as side:
        assert side.osc.tcp is not None
        addresses = [spec.address for spec in side.stand.bank]
        make = Maker("sockets", addresses, lambda: 0.0)
        tcp, udp = ("127.0.0.1", side.osc.tcp.port), ("127.0.0.1", side.osc.port)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
            for number in range(100):
                with socket.create_connection(tcp) as stream, contextlib.suppress(ConnectionError):
                    for piece in make.stream((Slip, Sized)[number % 2]().framed):
                        stream.sendall(piece)
                with contextlib.suppress(OSError):  # longer than a datagram can be
                    datagrams.sendto(make.packet(), udp)
        for value, way in ((0.5, "tcp"), (2.0, "udp")):
            good = built("/learning/heat", value)

            def played(good: bytes = good, value: float = value, way: str = way) -> bool:
                if way == "tcp":
                    with socket.create_connection(tcp) as stream:
                        stream.sendall(Slip().framed(good))
                else:
                    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as fresh:
                        fresh.sendto(good, udp)
                return ("learning.heat", value) in side.moved()[-3:]

            until(played, f"a good one by {way}")
        until(
            lambda: side.osc.tcp is not None and side.osc.tcp.clients == 0, "every place free again"
        )


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_many_mutated_packets_never_harm(target: Target, seed: int) -> None:
    """As above, 10,000 packets; `bench/fuzz_osc.py` plays a million."""
    play(target, maker(target, f"slow {seed}"), 10_000)
