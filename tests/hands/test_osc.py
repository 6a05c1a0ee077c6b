"""OSC: what a packet does to the show. Through `take` with a hand-turned clock, and over real sockets."""

import socket
import struct
import threading
import time
from collections.abc import Iterator

import pytest
from packets import HOSTILE, built, bundled
from pythonosc.udp_client import SimpleUDPClient
from stand import Stand

from instrument.hands.osc import OscHand
from instrument.hands.osc_port import open_port
from instrument.hands.waiting import AHEAD_S, NTP_TO_UNIX_S
from instrument.signals.gesture import Gesture
from instrument.signals.mistake import Mistake

SENDER = ("127.0.0.1", 5511)


@pytest.fixture
def hand(stand: Stand) -> OscHand:
    return OscHand(
        stand.bank, stand.post, stand.say, stand.clock, position=stand.position, utc=lambda: 1e9
    )


def tag(ahead_s: float) -> int:
    return int((1e9 + NTP_TO_UNIX_S + ahead_s) * 2**32)


@pytest.mark.parametrize(
    ("address", "arguments", "path", "value"),
    [
        ("/learning/heat", [2.0], "learning.heat", 2.0),
        ("/learning/heat", [2], "learning.heat", 2.0),
        ("/learning/heat", [99.0], "learning.heat", 4.0),
        ("/learning/heat", [-1e30], "learning.heat", 0.25),
        ("/learning/heat/position", [0.5], "learning.heat", 1.0),
        ("/learning/heat/position", [7], "learning.heat", 4.0),
        ("/learning/helvetica", [1.0], "learning.helvetica", 1.0),
        ("/learning/helvetica", [False], "learning.helvetica", 0.0),
        ("/learning/helvetica", [], "learning.helvetica", 1.0),
        ("/learning/quake", [], "learning.quake", 0.1),
        ("/learning/quake", [True], "learning.quake", 0.1),
        ("/learning/quake", [0.5], "learning.quake", 0.5),
        ("/learning/amnesia", ["generator"], "learning.amnesia", 1.0),
        ("/learning/amnesia", [2], "learning.amnesia", 2.0),
        ("/picture/look", ["barcode"], "picture.look", 2.0),
        ("/picture/look", [1.0], "picture.look", 1.0),
        ("/picture/bars", [4.4], "picture.bars", 4.0),
        ("/show/blackout", [True], "show.blackout", 1.0),
        ("/show/scene", ["2"], "show.scene", 2.0),
        ("/show/goto", ["007"], "show.goto", 7.0),
    ],
)
def test_value_arrives_in_its_unit(
    hand: OscHand, stand: Stand, address: str, arguments: list[object], path: str, value: float
) -> None:
    """Whatever type a controller sends is coerced by the Spec and clamped to its range."""
    hand.take(built(address, *arguments), SENDER)
    assert stand.posted[-1].path == path
    assert stand.value() == pytest.approx(value)
    assert stand.posted[-1].who == "osc 127.0.0.1:5511"
    assert (hand.accepted, hand.refused) == (1, 0)


@pytest.mark.parametrize(
    ("address", "arguments", "word"),
    [
        ("/learning/heta", [1.0], "did you mean '/learning/heat'"),
        ("/heat", [1.0], "did you mean '/learning/heat'"),
        ("/twos/and/sevens/barz", [1.0], "did you mean '/picture/bars'"),
        ("/learning/heat", [float("nan")], "finite"),
        ("/learning/heat/position", [float("inf")], "finite"),
        ("/learning/heat", ["hot"], "number"),
        ("/learning/heat", [], "nothing came"),
        ("/learning/heat", [1.0, 2.0], "one argument"),
        ("/learning/heat", [b"blob"], "number"),
        ("/picture/look", ["barcod"], "did you mean 'barcode'"),
        ("/learning/heat/position", ["up"], "position"),
        ("/learning/[", [1.0], "']'"),
    ],
)
def test_wrong_message_is_refused_and_said(
    hand: OscHand, stand: Stand, address: str, arguments: list[object], word: str
) -> None:
    """A message that makes no sense moves nothing, is counted, and is told in a sentence."""
    hand.take(built(address, *arguments), SENDER)
    assert stand.posted == []
    assert (hand.accepted, hand.refused) == (0, 1)
    assert word in stand.said[0]


@pytest.mark.parametrize(
    ("address", "word"),
    [("/show/scene", "2nd"), ("/show/scene", "-2"), ("/show/scene", "²"), ("/show/snapshot", "2")],
)
def test_other_texts_and_names_of_snapshots_stay_texts(
    hand: OscHand, stand: Stand, address: str, word: str
) -> None:
    """Only plain digits are a number, and only where an act takes numbers."""
    hand.take(built(address, word), SENDER)
    assert [gesture.word for gesture in stand.posted] == [word]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_packet_moves_nothing(hand: OscHand, stand: Stand, name: str) -> None:
    """Every family of hostile packets is refused and counted; nothing raises."""
    hand.take(HOSTILE[name], SENDER)
    assert stand.posted == [] and hand.refused == 1


def test_button_let_go_does_not_fire_again(hand: OscHand, stand: Stand) -> None:
    """TouchOSC sends 1 when a button goes down and 0 when it comes up: one quake, not two."""
    hand.take(built("/learning/undo", 1.0), SENDER)
    hand.take(built("/learning/undo", 0.0), SENDER)
    assert len(stand.posted) == 1


def test_bang_to_panic_advances(hand: OscHand, stand: Stand) -> None:
    """The first bang fades, the second cuts, the third gives the sound back, however fast they come."""
    values = []
    for _ in range(3):
        hand.take(built("/show/panic"), SENDER)
        values.append(stand.value())
    assert values == [1.0, 2.0, 0.0]


def test_bangs_in_one_bundle_count_before_the_conductor_moved(stand: Stand) -> None:
    """Two bangs at once are two, though the conductor has taken neither yet."""
    posted: list[Gesture] = []
    hand = OscHand(stand.bank, posted.append, stand.say, stand.clock, position=stand.position)
    hand.take(bundled(built("/show/panic"), built("/show/panic")), SENDER)
    assert [gesture.position for gesture in posted] == [0.5, 1.0]


def test_pattern_reaches_every_control_it_names(hand: OscHand, stand: Stand) -> None:
    """A pattern moves all that match and can take the value; that is one accepted message."""
    hand.take(built("/learning/{heat,fog}", 1.0), SENDER)
    assert [gesture.path for gesture in stand.posted] == ["learning.heat", "learning.fog"]
    assert (hand.accepted, hand.refused) == (1, 0)


def test_bundle_waits_for_its_time(hand: OscHand, stand: Stand) -> None:
    """A bundle one second ahead acts one second later, not before."""
    hand.take(bundled(built("/learning/heat", 2.0), tag=tag(1.0)), SENDER)
    hand._take_due()
    assert stand.posted == []
    stand.clock.advance(1.01)
    hand._take_due()
    assert stand.value() == pytest.approx(2.0)


@pytest.mark.parametrize("ahead_s", [AHEAD_S + 1.0, 1e8, -5.0])
def test_bundle_far_ahead_or_past_counts_as_now(
    hand: OscHand, stand: Stand, ahead_s: float
) -> None:
    """A far-future bundle blocks nothing: it acts at once."""
    hand.take(bundled(built("/learning/heat", 2.0), tag=tag(ahead_s)), SENDER)
    assert len(stand.posted) == 1


def test_refusals_are_said_once_a_second_with_their_number(hand: OscHand, stand: Stand) -> None:
    """A thousand wrong messages in a second are one sentence, and their number in the next."""
    for _ in range(1000):
        hand.take(built("/wrong", 1.0), SENDER)
    assert len(stand.said) == 1 and hand.refused == 1000
    stand.clock.advance(1.1)
    hand.take(built("/wrong", 1.0), SENDER)
    assert len(stand.said) == 2 and "999 more" in stand.said[1]


def test_flood_of_one_sender_leaves_another_and_panic_alone(hand: OscHand, stand: Stand) -> None:
    """Beyond its tokens a sender is not read, but its panic is, and so is everybody else."""
    for _ in range(5000):
        hand.take(built("/learning/heat", 2.0), SENDER)
    assert len(stand.posted) == 1000 and hand.flooded == 4000
    hand.take(built("/show/panic"), SENDER)
    assert stand.posted[-1].path == "show.panic"
    hand.take(built("/learning/fog", 1.0), ("127.0.0.1", 9999))
    assert stand.posted[-1].path == "learning.fog"


def test_bundle_of_many_messages_costs_many_tokens(hand: OscHand, stand: Stand) -> None:
    """Packing a flood into bundles does not get it through."""
    packet = bundled(*[built("/learning/heat", 2.0)] * 500)
    for _ in range(10):
        hand.take(packet, SENDER)
    assert len(stand.posted) <= 1500


def test_only_listed_senders_may_play_when_the_port_is_open(stand: Stand) -> None:
    """Beyond this machine only the list is let in."""
    hand = OscHand(
        stand.bank, stand.post, stand.say, stand.clock, host="0.0.0.0", allow=["192.168.1.0/24"]
    )
    for host in ("192.168.1.7", "127.0.0.1", "10.0.0.1", "nonsense"):
        hand.take(built("/learning/heat", 2.0), (host, 1))
    assert [gesture.who for gesture in stand.posted] == ["osc 192.168.1.7:1", "osc 127.0.0.1:1"]
    assert hand.refused == 2


@pytest.mark.parametrize(
    ("host", "port", "allow", "word"),
    [
        ("0.0.0.0", 0, (), "anybody"),
        ("0.0.0.0", 0, ("nobody",), "no address of a sender"),
        ("127.0.0.1", 70000, (), "65535"),
        ("no.such.host.invalid", 0, ("10.0.0.1",), "no address of this machine"),
        ("192.168..1", 0, ("10.0.0.1",), "no address of this machine .no host can be called so"),
        ("127.0.0.1:9000", 0, (), "--osc-listen 127.0.0.1 --osc-port 9000"),
        ("192.168.1.20:8000", 0, ("10.0.0.1",), "the port is --osc-port"),
        ("[::1]:9000", 0, (), "--osc-listen ::1 --osc-port 9000"),
    ],
)
def test_bad_address_to_listen_on_is_a_mistake(
    stand: Stand, host: str, port: int, allow: tuple[str, ...], word: str
) -> None:
    """What cannot be listened on, or would be open to everybody, is one sentence before the show."""
    with pytest.raises(Mistake, match=word):
        OscHand(stand.bank, stand.post, stand.say, stand.clock, host, port, allow).start()


@pytest.fixture
def playing(stand: Stand) -> Iterator[tuple[OscHand, threading.Event]]:
    arrived = threading.Event()

    def post(gesture: Gesture) -> None:
        stand.post(gesture)
        arrived.set()

    hand = OscHand(stand.bank, post, stand.say, time.monotonic, port=0)
    hand.start()
    yield hand, arrived
    hand.stop()


def test_packet_over_the_network_becomes_a_gesture(
    stand: Stand, playing: tuple[OscHand, threading.Event]
) -> None:
    """A real client's packet arrives through a real socket."""
    hand, arrived = playing
    SimpleUDPClient("127.0.0.1", hand.port).send_message("/learning/heat", 2.0)
    assert arrived.wait(5.0)
    assert stand.value() == pytest.approx(2.0)


def test_hostile_packets_over_the_network_do_not_stop_it(
    stand: Stand, playing: tuple[OscHand, threading.Event]
) -> None:
    """After every hostile packet, the largest datagram there is, and an empty one, it still plays."""
    hand, arrived = playing
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as enemy:
        for packet in (*HOSTILE.values(), b"#bundle\0" + struct.pack(">Q", 1) + bytes(65000)):
            enemy.sendto(packet, ("127.0.0.1", hand.port))
        enemy.sendto(built("/learning/heat", 2.0), ("127.0.0.1", hand.port))
    assert arrived.wait(5.0)
    assert hand.refused == len(HOSTILE) + 1


def test_bundle_over_the_network_is_played_at_its_time(
    stand: Stand, playing: tuple[OscHand, threading.Event]
) -> None:
    """The thread wakes for what waits, without another packet."""
    hand, arrived = playing
    due_s = time.time() + 0.1
    when = int((due_s + NTP_TO_UNIX_S) * 2**32)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(bundled(built("/learning/heat", 2.0), tag=when), ("127.0.0.1", hand.port))
    assert arrived.wait(5.0)
    assert time.time() >= due_s - 0.001


def test_port_in_use_is_a_mistake_that_names_port_and_cure(
    stand: Stand, playing: tuple[OscHand, threading.Event]
) -> None:
    """A second show on the same port fails loudly, before it plays."""
    hand, _ = playing
    second = OscHand(stand.bank, stand.post, stand.say, stand.clock, port=hand.port)
    with pytest.raises(Mistake, match=rf"{hand.port}.*in use.*--osc-port"):
        second.start()


def test_port_is_free_again_after_stop(stand: Stand) -> None:
    """A show that ended leaves its port to the next."""
    first = OscHand(stand.bank, stand.post, stand.say, stand.clock, port=0)
    first.start()
    first.stop()
    second = OscHand(stand.bank, stand.post, stand.say, stand.clock, port=first.port)
    second.start()
    second.stop()


def test_an_address_of_another_machine_is_not_listened_at() -> None:
    """The sentence says which of the two options takes whose address."""
    with pytest.raises(Mistake, match=r"no address of this machine .*--osc-allow"):
        open_port("192.0.2.20", 0)
