"""OSC over TCP: connections that hand their packets to the OSC server; the same rules hold for them.

One thread, one `selectors` loop; nothing in it waits for a client. How a client frames its packets is
seen from its first byte (`slip.py`). Answers (feedback) go back on the same connection.
"""

import contextlib
import selectors
import socket
import threading
from collections import deque
from collections.abc import Callable
from functools import partial

from instrument.clock import Clock
from instrument.hands.osc import OscHand
from instrument.hands.osc_here import open_both
from instrument.hands.osc_port import look_up, why_not_open
from instrument.hands.packet import Refusal
from instrument.hands.slip import Framing, framing_of
from instrument.signals.mistake import Mistake
from instrument.signals.niceness import answer_hands
from instrument.signals.worker import Worker

MOST_CLIENTS = 16
READ_BYTES = 4096
"""Of one client before the next has its turn."""
MOST_UNSENT = 256 * 1024
UNFINISHED_S = 10.0
"""So long a packet may take from its first byte to its last."""
SILENT_S = 10.0
"""Silent for so long, a client gives way to a new one when there are too many."""
LOOK_S = 1.0
PAUSE_S = 0.05
"""A client that sends too much is not read for so long: it has to wait, and costs nothing."""


class Client:
    """One connection. TCP thread, but for `reply`."""

    def __init__(
        self, connection: socket.socket, sender: tuple[str, int, str], now_s: float,
        wants_to_write: Callable[[], None],
    ) -> None:  # fmt: skip
        self.connection = connection
        self.sender = sender
        self.heard_s = now_s
        self.began_s: float | None = None
        """When the packet that is not whole yet began."""
        self.open = True
        self.paused_until_s = float("-inf")
        self.events = selectors.EVENT_READ
        """What the selector looks for in it."""
        self._framing: Framing | None = None
        self._unsent: deque[bytes] = deque()
        self._unsent_bytes = 0
        self._lock = threading.Lock()
        self._wants_to_write = wants_to_write

    def reply(self, packet: bytes) -> bool:
        """Send a packet without waiting; False where the client is gone or does not read. Any thread."""
        framing = self._framing
        if framing is None or not self.open:
            return False
        data = framing.framed(packet)
        with self._lock:
            if self._unsent_bytes + len(data) > MOST_UNSENT:
                return False
            self._unsent.append(data)
            self._unsent_bytes += len(data)
        self._wants_to_write()
        return True

    @property
    def has_unsent(self) -> bool:
        """Whether something waits to be written."""
        return bool(self._unsent)

    def read(self, now_s: float) -> list[bytes] | None:
        """Packets that are whole now; None when the client has ended. Raises `Refusal`, `OSError`."""
        data = self.connection.recv(READ_BYTES)
        if not data:
            return None
        self.heard_s = now_s
        if self._framing is None:
            self._framing = framing_of(data[0])
        packets = self._framing.take(data)
        if not self._framing.waiting:
            self.began_s = None
        elif packets or self.began_s is None:
            self.began_s = now_s
        return packets

    def write(self) -> None:
        """Write what the connection takes now. Raises `OSError`."""
        with self._lock:
            while self._unsent:
                data = self._unsent[0]
                written = self.connection.send(data)
                self._unsent_bytes -= written
                if written < len(data):
                    self._unsent[0] = data[written:]
                    return
                self._unsent.popleft()


class TcpDoor:
    """Lets clients in, reads them by turns, and lets go those that hold a place for nothing."""

    def __init__(
        self, hand: OscHand, clock: Clock, host: str = "127.0.0.1", port: int = 9000
    ) -> None:
        """`hand`: whose allow list, token and turnstile count, and who gets the packets."""
        self.host, self.port = host, port
        self._hand = hand
        self._clock = clock
        self._clients: dict[int, Client] = {}
        self._selector = selectors.DefaultSelector()
        self._listeners: list[socket.socket] = []
        """That of `host`, and a second at 127.0.0.1 where the first is not reached there."""
        self._inside, self._outside = socket.socketpair()
        self._worker = Worker("osc-tcp", self._run)

    @property
    def clients(self) -> int:
        """How many are connected."""
        return len(self._clients)

    def start(self) -> None:
        """Open the port and begin. Raises `Mistake` if the port is in use or cannot be had."""
        self._listeners = open_both(_listening, self.host, self.port)
        self.port = self._listeners[0].getsockname()[1]
        for waker in (self._inside, self._outside):
            waker.setblocking(False)
        for listener in self._listeners:
            self._selector.register(listener, selectors.EVENT_READ)
        self._selector.register(self._inside, selectors.EVENT_READ)
        self._worker.start()

    def stop(self) -> None:
        """Close all connections; returns when the thread has ended."""
        self._worker.ending.set()
        self._wake()
        self._worker.stop()
        for client in list(self._clients.values()):
            self._close(client)
        for opened in (*self._listeners, self._inside, self._outside):
            opened.close()
        self._selector.close()

    def _wake(self) -> None:
        with contextlib.suppress(OSError):
            self._outside.send(b"\0")

    def _run(self) -> None:
        answer_hands()
        while not self._worker.ending.is_set():
            try:
                for key, mask in self._selector.select(self._wait_s()):
                    self._serve(key.fileobj, mask)
                self._let_go()
                self._look_for()
            except Exception as error:
                name = type(error).__name__
                self._hand.complain(partial("OSC over TCP: the port fails ({})".format, name))
                self._worker.ending.wait(LOOK_S / 5)

    def _serve(self, found: object, mask: int) -> None:
        if isinstance(found, socket.socket) and found in self._listeners:
            self._welcome(found)
        elif found is self._inside:
            with contextlib.suppress(OSError):
                self._inside.recv(READ_BYTES)
        elif isinstance(found, socket.socket) and found.fileno() in self._clients:
            client = self._clients[found.fileno()]
            try:
                if mask & selectors.EVENT_WRITE:
                    client.write()
                if mask & selectors.EVENT_READ:
                    self._read(client)
            except BlockingIOError:
                return
            except OSError:
                self._close(client)

    def _welcome(self, listener: socket.socket) -> None:
        try:
            connection, address = listener.accept()
        except OSError:
            return
        host, port = address[:2]
        if not self._hand.guests.admits(host):
            self._hand.complain(
                lambda: f"OSC over TCP: {host} may not play (it is not on the list)"
            )
            connection.close()
            return
        if len(self._clients) >= MOST_CLIENTS and not self._make_room():
            self._hand.complain(
                lambda: f"OSC over TCP: {host} is refused, {MOST_CLIENTS} clients are connected"
            )
            connection.close()
            return
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        client = Client(connection, (host, port, "tcp"), self._clock(), self._wake)
        self._clients[connection.fileno()] = client
        self._selector.register(connection, selectors.EVENT_READ)

    def _make_room(self) -> bool:
        """Close the client that has been silent for longest, if that is long enough."""
        quietest = min(self._clients.values(), key=lambda client: client.heard_s)
        if self._clock() - quietest.heard_s < SILENT_S:
            return False
        self._close(quietest)
        return True

    def _read(self, client: Client) -> None:
        try:
            packets = client.read(self._clock())
        except Refusal as refusal:
            host, reason = client.sender[0], str(refusal)
            self._hand.complain(lambda: f"OSC over TCP: {host} is let go: {reason}")
            self._close(client)
            return
        if packets is None:
            self._close(client)
            return
        for packet in packets:
            if not self._hand.hand_in(packet, client.sender, client.reply):
                client.paused_until_s = self._clock() + PAUSE_S

    def _let_go(self) -> None:
        now_s = self._clock()
        for client in list(self._clients.values()):
            if client.began_s is not None and now_s - client.began_s > UNFINISHED_S:
                host = client.sender[0]
                self._hand.complain(
                    partial("OSC over TCP: {} is let go: it never ends its packet".format, host)
                )
                self._close(client)

    def _wait_s(self) -> float:
        now_s = self._clock()
        paused = any(client.paused_until_s > now_s for client in self._clients.values())
        return PAUSE_S if paused else LOOK_S

    def _look_for(self) -> None:
        """Read those who keep within bounds, and write to those for whom something waits."""
        now_s = self._clock()
        for client in self._clients.values():
            events = 0 if client.paused_until_s > now_s else selectors.EVENT_READ
            events |= selectors.EVENT_WRITE if client.has_unsent else 0
            if events == client.events:
                continue
            if client.events:
                self._selector.unregister(client.connection)
            if events:
                self._selector.register(client.connection, events)
            client.events = events

    def _close(self, client: Client) -> None:
        if not client.open:
            return
        client.open = False
        self._clients.pop(client.connection.fileno(), None)
        with contextlib.suppress(KeyError, ValueError, OSError):
            self._selector.unregister(client.connection)
        client.connection.close()
        self._hand.gone(client.sender)


def _listening(host: str, port: int) -> socket.socket:
    try:
        family, _ = look_up(host, port, socket.SOCK_STREAM)
        opened = socket.socket(family, socket.SOCK_STREAM)
    except OSError as error:
        raise Mistake(
            f"OSC over TCP: '{host}' is no address of this machine ({error.strerror})"
        ) from error
    try:
        if hasattr(socket, "SO_REUSEPORT"):  # not on Windows, where it would let two share the port
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind((host, port))
        opened.listen(MOST_CLIENTS)
    except (OSError, OverflowError) as error:
        opened.close()
        raise Mistake(why_not_open("OSC TCP port", "--osc-tcp-port", host, port, error)) from error
    opened.setblocking(False)
    return opened
