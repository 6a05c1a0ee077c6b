"""OSC over TCP: real connections, both framings, and clients that are slow, silent, broken or too many."""

import socket
import struct
import threading
import time
from collections.abc import Iterator

import pytest
from packets import HOSTILE, built, bundled
from stand import Stand, until

from instrument.clock import HandClock
from instrument.hands import osc_tcp
from instrument.hands.feedback import Feedback
from instrument.hands.osc import OscHand
from instrument.hands.osc_tcp import MOST_CLIENTS, SILENT_S, UNFINISHED_S, TcpDoor
from instrument.hands.readouts import ControlReadout
from instrument.hands.slip import Sized, Slip
from instrument.signals.frames import CONTROLS
from instrument.signals.gesture import Gesture
from instrument.signals.local_bus import LocalBus
from instrument.signals.mistake import Mistake

HEAT = built("/learning/heat", 2.0)
SOON_S = 10.0


class Door:
    """A server with its TCP door open, whose clock a test turns."""

    def __init__(self, stand: Stand, token: str = "") -> None:
        self.stand = stand
        self.clock = HandClock(100.0)
        self.arrived = threading.Semaphore(0)
        bus = LocalBus()
        controls = bus.publisher(CONTROLS)
        controls.send(stand.control_frame())
        feedback = Feedback(
            stand.bank, [ControlReadout(bus, stand.bank)], time.monotonic, stand.say
        )
        self.hand = OscHand(
            stand.bank, self._post, stand.say, stand.clock, port=0, token=token, feedback=feedback
        )
        self.tcp = TcpDoor(self.hand, self.clock, port=0)
        self.hand.start()
        self.tcp.start()

    def _post(self, gesture: Gesture) -> None:
        self.stand.post(gesture)
        self.arrived.release()

    def connect(self) -> socket.socket:
        client = socket.create_connection(("127.0.0.1", self.tcp.port))
        client.settimeout(SOON_S)
        return client

    def is_let_go(self, client: socket.socket) -> bool:
        try:
            return client.recv(1) == b""
        except ConnectionError:
            return True

    def wait_for_clients(self, count: int) -> None:
        until(lambda: self.tcp.clients == count)

    def keep_turning(self) -> None:
        """Let the clock run as the real one does, from now on."""
        here_s = self.clock() - time.monotonic()
        self.tcp._clock = lambda: here_s + time.monotonic()


@pytest.fixture
def door(stand: Stand) -> Iterator[Door]:
    door = Door(stand)
    yield door
    door.tcp.stop()
    door.hand.stop()


@pytest.mark.parametrize("framing", [Slip, Sized])
def test_a_message_over_tcp_becomes_a_gesture(
    door: Door, framing: type[Slip] | type[Sized]
) -> None:
    """Both ways of framing are understood, whole or byte by byte."""
    with door.connect() as client:
        client.sendall(framing().framed(HEAT))
        assert door.arrived.acquire(timeout=SOON_S)
        for byte in framing().framed(HEAT):
            client.sendall(bytes((byte,)))
        assert door.arrived.acquire(timeout=SOON_S)
        port = client.getsockname()[1]
    assert [gesture.who for gesture in door.stand.posted] == [f"osc 127.0.0.1:{port}"] * 2
    assert door.stand.value() == pytest.approx(2.0)


def test_the_answer_comes_on_the_same_connection(door: Door) -> None:
    """Feedback goes back framed as the client frames."""
    with door.connect() as client:
        slip = Slip()
        client.sendall(slip.framed(built("/subscribe", "/learning/heat")))
        packets: list[bytes] = []
        while not packets:
            packets = slip.take(client.recv(4096))
    assert packets == [built("/learning/heat", 1.0)]


def test_hostile_packets_over_tcp_move_nothing(door: Door) -> None:
    """Every family of bad packets is refused; the connection goes on."""
    with door.connect() as client:
        for packet in HOSTILE.values():
            client.sendall(Sized().framed(packet))
        client.sendall(Sized().framed(HEAT))
        assert door.arrived.acquire(timeout=SOON_S)
    assert len(door.stand.posted) == 1
    assert door.hand.refused == len(HOSTILE) - 1, "an empty one is passed over"


@pytest.mark.parametrize(
    "stream",
    [b"GET / HTTP/1.1\r\n\r\n", b"\xc0\xdb\x00\xc0", struct.pack(">i", 1 << 23)],
    ids=["a browser", "a broken escape", "a size of 8 MB"],
)
def test_a_client_that_speaks_nonsense_is_let_go(door: Door, stream: bytes) -> None:
    """Its connection is closed, with a sentence; nobody else notices."""
    with door.connect() as other, door.connect() as client:
        client.sendall(stream)
        assert door.is_let_go(client)
        other.sendall(Slip().framed(HEAT))
        assert door.arrived.acquire(timeout=SOON_S)
    assert any("is let go" in sentence for sentence in door.stand.said)


def test_a_packet_that_never_ends_is_given_up(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that sends half a packet cannot keep its place for ever."""
    monkeypatch.setattr(osc_tcp, "LOOK_S", 0.05)
    with door.connect() as client:
        client.sendall(Sized().framed(HEAT)[:-4])
        door.wait_for_clients(1)
        until(lambda: next(iter(door.tcp._clients.values())).began_s is not None)
        door.clock.advance(UNFINISHED_S + 1.0)
        assert door.is_let_go(client)
    door.wait_for_clients(0)


def test_the_most_silent_gives_way_when_there_are_too_many(door: Door) -> None:
    """Connections that only lie there shut nobody out; those that play stay."""
    clients = [door.connect() for _ in range(MOST_CLIENTS)]
    door.wait_for_clients(MOST_CLIENTS)
    with door.connect() as early:
        assert door.is_let_go(early), "all of them came a moment ago"
    door.clock.advance(SILENT_S + 1.0)
    for client in clients[1:]:
        client.sendall(Slip().framed(HEAT))
        assert door.arrived.acquire(timeout=SOON_S)
    with door.connect() as late:
        late.sendall(Slip().framed(HEAT))
        assert door.arrived.acquire(timeout=SOON_S)
        assert door.is_let_go(clients[0])
    for client in clients:
        client.close()


def test_a_client_that_does_not_read_holds_up_nobody(door: Door) -> None:
    """What it does not take is dropped beyond a bound; others play on."""
    with door.connect() as deaf, door.connect() as other:
        deaf.sendall(Slip().framed(built("/subscribe", "/learning/heat")))
        door.wait_for_clients(2)
        client = next(c for c in door.tcp._clients.values() if c.sender[1] == deaf.getsockname()[1])
        until(lambda: client.reply(bytes(1000)), "its framing is known once it spoke")
        taken = sum(client.reply(bytes(60000)) for _ in range(2000))
        assert taken < 2000
        other.sendall(Slip().framed(HEAT))
        assert door.arrived.acquire(timeout=SOON_S)


def test_a_flood_over_tcp_does_not_lock_out_another(door: Door) -> None:
    """The turnstile counts over TCP, too; who sends too much is read no more for a moment."""
    door.keep_turning()
    with door.connect() as flood, door.connect() as polite:
        flood.sendall(Slip().framed(bundled(*[HEAT] * 50)) * 200)
        polite.sendall(Slip().framed(built("/learning/fog", 1.0)))
        deadline_s = time.monotonic() + SOON_S
        while not any(g.path == "learning.fog" for g in door.stand.posted):
            assert time.monotonic() < deadline_s
            door.arrived.acquire(timeout=0.1)
    assert sum(g.path == "learning.heat" for g in door.stand.posted) <= 2000


def test_a_client_that_sends_too_much_has_to_wait(door: Door) -> None:
    """It is not read, and its own connection is full; when it is read again, it plays on."""
    with door.connect() as flood:
        flood.setblocking(False)
        packet, sent = Slip().framed(HEAT), 0
        deadline_s = time.monotonic() + SOON_S
        with pytest.raises(BlockingIOError):
            while time.monotonic() < deadline_s:
                sent += flood.send(packet * 1000)
        read = door.hand.accepted + door.hand.flooded
        assert read < sent // len(packet), "the clock stands, so the pause does not end"
        door.keep_turning()
        while door.hand.accepted + door.hand.flooded <= read + 1000:
            assert time.monotonic() < deadline_s
            time.sleep(0.01)


def test_a_connection_says_the_token_once(stand: Stand) -> None:
    """Another connection has to say it again, even from the same machine."""
    door = Door(stand, token="correct horse")
    try:
        with door.connect() as client, door.connect() as other:
            client.sendall(Slip().framed(built("/token", "correct horse")) + Slip().framed(HEAT))
            assert door.arrived.acquire(timeout=SOON_S)
            other.sendall(Slip().framed(HEAT))
            client.sendall(Slip().framed(built("/learning/fog", 1.0)))
            assert door.arrived.acquire(timeout=SOON_S)
        assert [g.path for g in stand.posted] == ["learning.heat", "learning.fog"]
    finally:
        door.tcp.stop()
        door.hand.stop()


def test_a_tcp_port_in_use_is_a_mistake(door: Door) -> None:
    """In a sentence that names the port and the cure."""
    second = TcpDoor(door.hand, door.clock, port=door.tcp.port)
    with pytest.raises(Mistake, match=rf"{door.tcp.port}.*in use.*--osc-tcp-port"):
        second.start()
    second.stop()
