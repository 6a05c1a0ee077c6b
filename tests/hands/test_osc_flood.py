"""Floods: who is still read, what the kernel is told to throw away, and that it does."""

import ctypes
import socket
import struct
import sys
import time

import pytest
from packets import built
from stand import Stand

from instrument.hands.crowd import MAX_HOSTS, MAX_SENDERS, MOST_REGULARS, SILENT_S, Turnstile
from instrument.hands.osc import OscHand
from instrument.hands.sieve import SO_ATTACH_FILTER, Rule, Sieve, program
from instrument.hands.thinning import FLOOD, LOOK_S, THINNED_PER_S, Thinning

POLITE = ("127.0.0.1", 5000)
HEAT = built("/learning/heat", 2.0)
PANIC = built("/show/panic")


def settled(turnstile: Turnstile, sender: tuple[str, int], now_s: float) -> float:
    """The sender has been heard for two seconds; returns the time by then."""
    for number in range(21):
        assert turnstile.admits(sender, HEAT, now_s + number / 10)
    return now_s + 2.0


def test_one_who_played_before_keeps_its_place_among_a_thousand_ports() -> None:
    """A flood from many ports of the same machine takes what is left, never the place of a regular."""
    turnstile = Turnstile()
    now_s = settled(turnstile, POLITE, 0.0)
    admitted = 0
    for number in range(20_000):
        now_s += 1 / 50_000
        admitted += turnstile.admits(("127.0.0.1", 10_000 + number % 3000), HEAT, now_s)
        if number % 500 == 0:
            assert turnstile.admits(POLITE, HEAT, now_s)
    assert admitted < 4000, "a burst of 2,000, then 4,000 a second, from all of them together"


def test_a_flood_does_not_lock_out_panic() -> None:
    """A sender beyond its tokens is still heard when it says panic; so is one that is new."""
    turnstile = Turnstile()
    for _ in range(5000):
        turnstile.admits(POLITE, HEAT, 0.0)
    assert not turnstile.admits(POLITE, HEAT, 0.0) and turnstile.admits(POLITE, PANIC, 0.0)
    assert turnstile.admits(("127.0.0.1", 9), PANIC, 0.0)


def test_panics_alone_are_no_way_through() -> None:
    """A flood of panics has few tokens of its own, and so has the machine it comes from."""
    turnstile = Turnstile()
    admitted = sum(turnstile.admits(("127.0.0.1", n % 500), PANIC, 0.0) for n in range(20_000))
    assert admitted <= 2000 + 20


def test_a_regular_that_floods_is_one_no_more() -> None:
    """It may become one again when it has been calm for a while."""
    turnstile = Turnstile()
    now_s = settled(turnstile, POLITE, 0.0)
    assert turnstile.regulars("127.0.0.1") == (POLITE,)
    for _ in range(3000):
        turnstile.admits(POLITE, HEAT, now_s)
    assert turnstile.regulars("127.0.0.1") == ()
    settled(turnstile, POLITE, now_s + 10.0)
    assert turnstile.regulars("127.0.0.1") == (POLITE,)


def test_regulars_are_few_and_the_silent_give_way() -> None:
    """Sixteen of a machine keep their place; one that is silent for a minute gives it to another."""
    turnstile = Turnstile()
    now_s = 0.0
    for number in range(MOST_REGULARS + 1):
        now_s = settled(turnstile, ("10.0.0.5", number), now_s)
    assert len(turnstile.regulars("10.0.0.5")) == MOST_REGULARS
    newcomer = ("10.0.0.5", 999)
    settled(turnstile, newcomer, now_s + SILENT_S)
    assert newcomer in turnstile.regulars("10.0.0.5")
    assert len(turnstile.regulars("10.0.0.5")) == MOST_REGULARS


def test_a_flood_of_ports_does_not_fill_the_memory() -> None:
    """So many senders and machines are remembered, no more; a regular is not forgotten among them."""
    turnstile = Turnstile()
    now_s = settled(turnstile, POLITE, 0.0)
    for number in range(3 * MAX_SENDERS):
        turnstile.admits(("127.0.0.1", 10_000 + number), HEAT, now_s)
        turnstile.admits((f"10.{number >> 8}.{number & 255}.1", 1), HEAT, now_s)
    assert len(turnstile._senders) <= MAX_SENDERS and len(turnstile._hosts) <= MAX_HOSTS
    assert turnstile.admits(POLITE, HEAT, now_s)


def look(thinning: Thinning, now_s: float) -> tuple[Rule, ...]:
    thinning.look(now_s)
    return thinning.rules


def flooded(thinning: Thinning, sender: tuple[str, int], count: int = FLOOD) -> bool:
    return any([thinning.refused(sender) for _ in range(count)])


def test_a_sender_that_floods_is_thinned_to_a_thousand_a_second() -> None:
    """The share let through follows from how much was too much."""
    thinning = Thinning(lambda host: ())
    look(thinning, 0.0)
    assert flooded(thinning, POLITE), "it is time to look at once"
    (rule,) = look(thinning, 0.01)
    assert (rule.host, rule.port, rule.urgent) == ("127.0.0.1", 5000, True)
    assert rule.share == pytest.approx(THINNED_PER_S / (FLOOD / 0.01 + THINNED_PER_S))


def test_the_share_follows_the_flood_and_ends_with_it() -> None:
    """Reckoned from what comes through; when the sender is calm twice, nothing is sieved any more."""
    thinning = Thinning(lambda host: ())
    look(thinning, 0.0)
    flooded(thinning, POLITE)
    (first,) = look(thinning, 0.01)
    for _ in range(2000):
        thinning.came(POLITE)
    (second,) = look(thinning, LOOK_S)
    assert second.share == pytest.approx(first.share * THINNED_PER_S / (2000 / LOOK_S), rel=0.03)
    look(thinning, 2 * LOOK_S)
    assert look(thinning, 3 * LOOK_S) == ()


def test_many_ports_of_one_machine_are_sieved_together_but_for_its_regulars() -> None:
    """No rule for each of a thousand ports: one for the machine, besides those who keep their place."""
    thinning = Thinning(lambda host: (POLITE,))
    look(thinning, 0.0)
    for number in range(FLOOD):
        thinning.refused(("127.0.0.1", 10_000 + number))
    (rule,) = look(thinning, 0.1)
    assert (rule.port, rule.besides) == (None, (5000,))


def test_a_machine_that_may_not_play_is_sieved_with_its_panics() -> None:
    """Nothing of it would be acted on."""
    thinning = Thinning(lambda host: ())
    look(thinning, 0.0)
    for _ in range(FLOOD):
        thinning.refused(("10.6.6.6", 1), stranger=True)
    (rule,) = look(thinning, 0.1)
    assert (rule.host, rule.port, rule.urgent) == ("10.6.6.6", None, False) and rule.share < 0.01


def test_a_flood_of_panics_is_sieved_as_well() -> None:
    """What no share holds back is urgent by its words only."""
    thinning = Thinning(lambda host: ())
    now_s = 0.0
    look(thinning, now_s)
    flooded(thinning, POLITE)
    for _ in range(8):
        now_s += LOOK_S
        rules = look(thinning, now_s)
        if rules and not rules[0].urgent:
            return
        for _ in range(25_000):
            thinning.came(POLITE)
    pytest.fail("panics pass for ever")


def has_filters() -> bool:
    """Whether this system takes a socket filter at all: one that lets everything through."""
    if sys.platform != "linux":
        return False
    everything = ctypes.create_string_buffer(struct.pack("HBBI", 0x06, 0, 0, 1 << 18))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            told = struct.pack("HP", 1, ctypes.addressof(everything))
            probe.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, told)
        except OSError:
            return False
    return True


linux = pytest.mark.skipif(not has_filters(), reason="socket filters are Linux's")


def received(receiver: socket.socket) -> list[tuple[bytes, int]]:
    found = []
    try:
        while True:
            packet, sender = receiver.recvfrom(2048)
            found.append((packet, sender[1]))
    except BlockingIOError:
        return found


@linux
@pytest.mark.parametrize(
    ("family", "host"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")]
)
def test_the_kernel_throws_away_what_the_rule_names(family: int, host: str) -> None:
    """Of the sender that is named nothing passes but panic and blackout; of another everything does."""
    receiver = socket.socket(family, socket.SOCK_DGRAM)
    senders = [socket.socket(family, socket.SOCK_DGRAM) for _ in range(2)]
    try:
        receiver.bind((host, 0))
    except OSError:
        pytest.skip("no IPv6 here")
    receiver.setblocking(False)
    for sender in senders:
        sender.bind((host, 0))
        sender.connect(receiver.getsockname()[:2])
    bad, good = (sender.getsockname()[1] for sender in senders)
    sieve = Sieve(receiver)
    blackout = built("/show/blackout", 1)
    packets = (
        HEAT,
        PANIC,
        blackout,
        b"",
        b"abcd",
        b"/show/panicked\0\0,\0\0\0",
        bytes(500) + PANIC,
    )

    def pass_through(rule: Rule) -> list[tuple[bytes, int]]:
        assert sieve.put([rule])
        for packet in packets:
            for sender in senders:
                sender.send(packet)
        return received(receiver)

    every = [(packet, good) for packet in packets]
    got = pass_through(Rule(host, bad, 0.0))
    assert [p for p in got if p[1] == good] == every
    assert [p for p in got if p[1] == bad] == [(PANIC, bad), (blackout, bad)]
    assert sieve.dropped() == len(packets) - 2
    assert pass_through(Rule(host, bad, 0.0, urgent=False)) == every
    assert pass_through(Rule(host, None, 0.0, besides=(good,), urgent=False)) == every
    assert pass_through(Rule("10.1.2.3", None, 0.0)) == [
        (p, s) for p in packets for s in (bad, good)
    ]
    assert len(pass_through(Rule(host, None, 1.0))) == 2 * len(packets)
    assert sieve.put([]) and sieve.dropped() == 3 * len(packets) - len(packets)
    for opened in (receiver, *senders):
        opened.close()


@linux
def test_the_share_is_drawn_by_chance() -> None:
    """A quarter of a thousand packets is about a quarter, spread over all of them."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        receiver.bind(("127.0.0.1", 0))
        receiver.setblocking(False)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.bind(("127.0.0.1", 0))
            assert Sieve(receiver).put([Rule("127.0.0.1", sender.getsockname()[1], 0.25)])
            got = []
            for number in range(1000):
                sender.sendto(struct.pack(">I", number), receiver.getsockname())
                got += received(receiver)
    assert 150 < len(got) < 350


def test_a_program_fits_into_the_kernel() -> None:
    """Eight rules, all with regulars beside them, are well below the 4,096 steps a filter may have."""
    besides = tuple(range(1, MOST_REGULARS + 1))
    code = program([Rule("fe80::1", None, 0.5, besides)] * 20)
    assert len(code) % 8 == 0 and len(code) // 8 < 1000


@linux
def test_a_flood_is_sieved_and_the_polite_one_loses_nothing(stand: Stand) -> None:
    """Over real sockets: the flood is thrown away by the kernel, and every polite packet is taken."""
    hand = OscHand(stand.bank, stand.post, stand.say, time.monotonic, port=0)
    hand.start()
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as enemy,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as polite,
    ):
        for each in (enemy, polite):
            each.connect(("127.0.0.1", hand.port))
        deadline_s = time.monotonic() + 30.0
        while not hand._sieving:
            for _ in range(200):
                enemy.send(HEAT)
            assert time.monotonic() < deadline_s
            time.sleep(0.001)
        fog = built("/learning/fog", 1.0)
        for _ in range(20):
            for _ in range(500):
                enemy.send(HEAT)
            polite.send(fog)
        while sum(g.path == "learning.fog" for g in stand.posted) < 20:
            assert time.monotonic() < deadline_s
            time.sleep(0.01)
        while hand._sieving:  # it is over: nothing is sieved any more
            assert time.monotonic() < deadline_s
            time.sleep(0.05)
    hand.stop()
    assert hand.lost == 0 and hand.flooded > 1000


def test_a_system_without_filters_plays_on() -> None:
    """Where the kernel refuses, nothing is sieved and nothing raises."""
    closed = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    closed.close()
    sieve = Sieve(closed)
    assert not sieve.put([Rule("127.0.0.1", 1, 0.5)]) and not sieve.works
    assert sieve.dropped() == 0 and not sieve.put([])
