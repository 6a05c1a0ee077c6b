"""A port open to the network goes on hearing this machine; 127.0.0.2 is the network's address here."""

import http.client
import json
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from packets import built, bundled
from query_stand import QueryStand, listener
from stand import Stand

from instrument.hands.crowd import Guests
from instrument.hands.feedback import Feedback
from instrument.hands.osc import OscHand
from instrument.hands.osc_here import HERE
from instrument.hands.osc_port import open_port
from instrument.hands.osc_tcp import TcpDoor
from instrument.hands.readouts import ControlReadout
from instrument.hands.waiting import NTP_TO_UNIX_S
from instrument.signals.frames import CONTROLS
from instrument.signals.gesture import Gesture
from instrument.signals.local_bus import LocalBus
from instrument.signals.mistake import Mistake

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="other systems have no 127.0.0.2 without being told"
)

NETWORK = "127.0.0.2"
ALLOW = ["192.168.1.30"]
SOON_S = 10.0


class Open:
    """A server whose port is open to the network."""

    def __init__(self, stand: Stand) -> None:
        self.stand = stand
        self.arrived = threading.Semaphore(0)
        bus = LocalBus()
        self.controls = bus.publisher(CONTROLS)
        self.controls.send(stand.control_frame())
        readouts = [ControlReadout(bus, stand.bank)]
        self.hand = OscHand(
            stand.bank, self._post, stand.say, time.monotonic, NETWORK, 0, ALLOW,
            feedback=Feedback(stand.bank, readouts, time.monotonic, stand.say),
        )  # fmt: skip
        self.hand.start()

    def _post(self, gesture: Gesture) -> None:
        self.stand.post(gesture)
        self.arrived.release()


@pytest.fixture
def opened(stand: Stand) -> Iterator[Open]:
    made = Open(stand)
    yield made
    made.hand.stop()


@pytest.mark.parametrize("host", [HERE, NETWORK])
def test_programs_here_play_at_both_addresses(opened: Open, host: str) -> None:
    """A port that is open to the network is played at 127.0.0.1 as before, and at the network's address."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(built("/learning/heat", 2.0), (host, opened.hand.port))
        assert opened.arrived.acquire(timeout=SOON_S)
    assert opened.stand.posted[-1].path == "learning.heat"


def test_a_subscriber_at_loopback_hears_from_where_it_asked(opened: Open) -> None:
    """Feedback for a program at 127.0.0.1 comes from 127.0.0.1: a connected one hears no other."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(SOON_S)
        client.connect((HERE, opened.hand.port))
        client.send(built("/subscribe", "/learning/heat"))
        assert b"/learning/heat" in client.recv(65_536)


def test_a_bundle_at_loopback_is_played_at_its_time(opened: Open) -> None:
    """What waits for its time is woken for, by whichever port it came."""
    tag = int((time.time() + 0.1 + NTP_TO_UNIX_S) * (1 << 32))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        packet = bundled(built("/learning/heat", 2.0), tag=tag)
        sender.sendto(packet, (HERE, opened.hand.port))
        assert opened.arrived.acquire(timeout=SOON_S)


def test_both_ports_are_free_after_stop(stand: Stand) -> None:
    """Nothing is left open: the next show takes the same port at both addresses."""
    made = Open(stand)
    made.hand.stop()
    for host in (NETWORK, HERE):
        open_port(host, made.hand.port).close()


def test_a_port_taken_at_loopback_is_a_mistake(stand: Stand) -> None:
    """Another program at 127.0.0.1 would get what is meant for us: a sentence, and nothing stays open."""
    with open_port(HERE, 0) as other:
        port = other.getsockname()[1]
        hand = OscHand(stand.bank, stand.post, stand.say, stand.clock, NETWORK, port, ALLOW)
        with pytest.raises(Mistake, match=rf"OSC port {port} on 127.0.0.1 is in use"):
            hand.start()
        open_port(NETWORK, port).close()


@pytest.mark.parametrize("host", [HERE, NETWORK])
def test_tcp_is_answered_at_both_addresses(opened: Open, host: str) -> None:
    """OSC over TCP, too."""
    door = TcpDoor(opened.hand, time.monotonic, NETWORK, 0)
    door.start()
    try:
        with socket.create_connection((host, door.port), timeout=SOON_S) as client:
            packet = built("/learning/heat", 2.0)
            client.sendall(len(packet).to_bytes(4, "big") + packet)
            assert opened.arrived.acquire(timeout=SOON_S)
    finally:
        door.stop()


@pytest.fixture
def show() -> Iterator[QueryStand]:
    made = QueryStand()
    yield made
    made.close()


@pytest.mark.parametrize("host", [HERE, NETWORK])
def test_oscquery_answers_at_both_addresses(show: QueryStand, host: str) -> None:
    """curl on this machine asks as before; each is told the address at which it asked."""
    server = show.serve(host=NETWORK, allow=ALLOW)
    asked = http.client.HTTPConnection(host, server.port, timeout=SOON_S)
    asked.request("GET", "/?HOST_INFO")
    info = json.loads(asked.getresponse().read())
    asked.close()
    assert info["OSC_IP"] == host
    with listener(server, "/learning/heat") as client:
        assert isinstance(client.recv(timeout=SOON_S), bytes)


def own_address() -> str:
    """An address of this machine that is not loopback; nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        try:
            asked.connect(("192.0.2.1", 9))
        except OSError:
            pytest.skip("no network here")
        return str(asked.getsockname()[0])


def test_this_machine_is_a_guest_by_its_own_address() -> None:
    """Who sends to the network's address from this machine comes from there, and is let in."""
    assert Guests(ALLOW).admits(own_address())


@pytest.mark.parametrize("host", ["192.168.1.31", "0.0.0.0", "224.0.0.1", "::", "nobody", ""])
def test_others_are_no_guests_for_it(host: str) -> None:
    """An address that is not this machine's, or none of one machine, is not let in."""
    assert not Guests(ALLOW).admits(host)


@pytest.mark.parametrize("make", [OscHand, QueryStand.serve], ids=["osc", "query"])
def test_an_open_port_still_asks_who_may_play(
    stand: Stand, show: QueryStand, make: Callable[..., object]
) -> None:
    """That this machine is a guest does not open its network's address to all: --osc-allow is asked for."""
    with pytest.raises(Mistake, match="--osc-allow"):
        if make is OscHand:
            OscHand(stand.bank, stand.post, stand.say, stand.clock, own_address(), 0)
        else:
            show.serve(host=own_address())
