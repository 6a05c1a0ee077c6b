"""OSC over UDP: one socket, one thread, every packet checked, every act posted as a `Gesture`.

Addresses follow from the bank: ``/learning/heat 2.0`` in the control's unit, ``/learning/heat/position
0.5``. Bundles up to two seconds ahead are kept until their time; those further ahead count as now.
"""

import contextlib
import errno
import heapq
import math
import socket
import struct
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial

from pythonosc.osc_message import OscMessage

from instrument.clock import Clock
from instrument.hands.asked import Asked
from instrument.hands.complaints import Complaints
from instrument.hands.crowd import Guests, Sender, Turnstile
from instrument.hands.meaning import plain_position, position_of
from instrument.hands.packet import IMMEDIATELY, MAX_PACKET, Refusal, messages
from instrument.hands.pattern import AddressBook
from instrument.hands.turned import ROUTE, edit_of
from instrument.signals.controls import Bank
from instrument.signals.gesture import Gesture
from instrument.signals.mistake import Mistake, did_you_mean
from instrument.signals.niceness import answer_hands
from instrument.signals.routes import RouteEdit

AHEAD_S = 2.0
MAX_WAITING = 4096
IDLE_S = 0.2
RECEIVE_BYTES = 1 << 20
NTP_TO_UNIX_S = 2208988800
POSITION = "/position"


class _Unknown(Exception):
    """No control has this address. Its sentence is made only if it is said: it takes long."""


class OscHand:
    """The OSC server. `accepted` counts messages acted on (or kept for their time), `refused` the rest."""

    def __init__(
        self,
        bank: Bank,
        post: Callable[[Gesture], None],
        say: Callable[[str, bool], None],
        clock: Clock,
        host: str = "127.0.0.1",
        port: int = 9000,
        allow: Sequence[str] = (),
        *,
        position: Callable[[str], float] | None = None,
        edit_route: Callable[[RouteEdit], None] | None = None,
        utc: Clock = time.time,
    ) -> None:
        """`position`: the conductor's position of a path, for what advances (a bang to panic).

        `edit_route` turns a key of a route, or raises `Mistake`: ``/route/2/depth 0.4``.
        `allow`: senders let in beside this machine; needed when `host` is not loopback. `utc`: seconds
        since 1970, which the time tags of bundles are in. Raises `Mistake`.
        """
        self.bank = bank
        self.host, self.port = host, port
        self.accepted = 0
        self.flooded = 0
        self._post = post
        self._edit_route = edit_route
        self._say = say
        self._clock, self._utc = clock, utc
        self._asked = Asked(position or self._default_position, clock)
        self._guests = Guests(allow)
        if not allow and not self._guests.admits(_numeric(host)):
            raise Mistake(
                f"OSC: listening on {host} would let anybody in the network play; say who may, "
                "such as 192.168.1.20, or listen on 127.0.0.1"
            )
        self._turnstile = Turnstile()
        self._complaints = Complaints(say, clock)
        self._controls = {spec.address: (spec, False) for spec in bank}
        self._controls |= {spec.address + POSITION: (spec, True) for spec in bank}
        self._book = AddressBook(self._controls)
        self._waiting: list[tuple[float, int, bytes, str]] = []
        self._kept = 0
        self._socket: socket.socket | None = None
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="osc", daemon=True)

    @property
    def refused(self) -> int:
        """Packets and messages not taken, those of a flood included."""
        return self._complaints.count

    def start(self) -> None:
        """Open the port and begin. Raises `Mistake` if the port is in use or cannot be had."""
        self._socket = _open(self.host, self.port)
        self.port = self._socket.getsockname()[1]
        self._thread.start()

    def stop(self) -> None:
        """Close the port; returns when the thread has ended."""
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join(timeout=2.0)
        if self._socket is not None:
            self._socket.close()

    def _default_position(self, path: str) -> float:
        return float(self.bank.defaults[self.bank.number[path]])

    def _run(self) -> None:
        """One receive call, and so one wait for the interpreter lock, per packet."""
        assert self._socket is not None
        answer_hands()
        timeout_s = 0.0
        while not self._ending.is_set():
            wanted_s = self._wait_s()
            if wanted_s != timeout_s:
                timeout_s = wanted_s
                _set_receive_timeout(self._socket, timeout_s)
            try:
                packet, sender = self._socket.recvfrom(MAX_PACKET + 1)
            except (BlockingIOError, TimeoutError, InterruptedError):
                self._complaints.flush()
            except OSError as error:
                if self._ending.wait(IDLE_S):
                    return
                self._complaints.add(partial("OSC: the port fails: {}".format, error))
            else:
                self.take(packet, sender[:2])
            self._take_due()

    def _wait_s(self) -> float:
        if not self._waiting:
            return IDLE_S
        return min(IDLE_S, max(0.0005, self._waiting[0][0] - self._clock()))

    def take(self, packet: bytes, sender: Sender) -> None:
        """Act on one datagram; never raises. OSC thread."""
        now_s = self._clock()
        host = sender[0]
        if not self._guests.admits(host):
            self._complaints.add(lambda: f"OSC: {host} may not play (it is not on the list)")
            return
        if not self._turnstile.admits(sender, packet, now_s):
            self.flooded += 1
            self._complaints.add(lambda: f"OSC: {host}:{sender[1]} sends too much")
            return
        who = f"osc {host}:{sender[1]}"
        try:
            found = list(messages(packet))
            if len(found) > 1:
                self._turnstile.charge(sender, len(found) - 1)
        except Refusal as refusal:
            reason = str(refusal)
            self._complaints.add(lambda: f"OSC from {host}: a packet was refused: {reason}")
            return
        for time_tag, message in found:
            ahead_s = self._ahead_s(time_tag)
            if 0.0 < ahead_s <= AHEAD_S:
                self._keep(now_s + ahead_s, message, who)
            else:
                self._act(message, who)

    def _ahead_s(self, time_tag: int) -> float:
        if time_tag <= IMMEDIATELY:
            return 0.0
        return time_tag / 2**32 - NTP_TO_UNIX_S - self._utc()

    def _keep(self, due_s: float, message: bytes, who: str) -> None:
        if len(self._waiting) >= MAX_WAITING:
            self._complaints.add(
                lambda: f"OSC: more than {MAX_WAITING} messages wait for their time"
            )
            return
        self._kept += 1
        heapq.heappush(self._waiting, (due_s, self._kept, message, who))

    def _take_due(self) -> None:
        while self._waiting and self._waiting[0][0] <= self._clock():
            _, _, message, who = heapq.heappop(self._waiting)
            self._act(message, who)

    def _act(self, message: bytes, who: str) -> None:
        """One checked message. Whatever goes wrong in it ends here."""
        address = ""
        try:
            parsed = OscMessage(message)
            address = parsed.address
            self._post_all(address, parsed.params, who)
        except _Unknown:
            self._complaints.add(lambda: self._unknown(address))
        except Refusal as refusal:
            reason = str(refusal)
            self._complaints.add(lambda: f"OSC: {address} {reason}")
        except Exception as error:
            name = type(error).__name__
            self._complaints.add(lambda: f"OSC: a message could not be read ({name}) {address}")
        else:
            self.accepted += 1

    def _post_all(self, address: str, arguments: list[object], who: str) -> None:
        if address.startswith(ROUTE) and self._edit_route is not None:
            try:
                self._edit_route(edit_of(address, arguments, who))
            except Mistake as mistake:
                raise Refusal(f"is refused: {mistake}") from None
            return
        found = self._book.find(address)
        if not found:
            raise _Unknown
        refusal: Refusal | None = None
        taken = False
        for each in found:
            try:
                self._post_one(each, arguments, who)
                taken = True
            except Refusal as error:
                refusal = error
        if refusal is not None and not taken:
            raise refusal

    def _post_one(self, address: str, arguments: list[object], who: str) -> None:
        spec, is_position = self._controls[address]
        if is_position:
            position: float | None = plain_position(arguments)
        else:
            position = position_of(spec, arguments, lambda: self._asked.position(spec.path))
        if position is None:
            return
        self._asked.remember(spec.path, position)
        self._post(Gesture(spec.path, position, who, self._clock()))

    def _unknown(self, address: str) -> str:
        near = did_you_mean(address[:80], self._controls)
        return f"OSC: no control is called '{address[:80]}'{near}"


def _numeric(host: str) -> str:
    with contextlib.suppress(OSError):
        return str(socket.getaddrinfo(host, None, type=socket.SOCK_DGRAM)[0][4][0])
    return host


def _open(host: str, port: int) -> socket.socket:
    """A bound UDP socket; never with SO_REUSEADDR, which would let two shows share one port."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0][0]
        opened = socket.socket(family, socket.SOCK_DGRAM)
    except OSError as error:
        raise Mistake(f"OSC: '{host}' is no address of this machine ({error.strerror})") from error
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BYTES)
        opened.bind((host, port))
    except (OSError, OverflowError) as error:
        opened.close()
        raise Mistake(_why_not_open(host, port, error)) from error
    return opened


def _why_not_open(host: str, port: int, error: Exception) -> str:
    if isinstance(error, OverflowError):
        return f"OSC port {port}: a port is a number from 0 to 65535"
    if isinstance(error, PermissionError):
        return f"OSC port {port} is kept for the system; take one above 1023 with --osc-port"
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return (
            f"OSC port {port} on {host} is in use (another show, or another OSC program?); "
            "end that one, or take another port with --osc-port"
        )
    return f"OSC port {port} on {host} cannot be opened ({error}); try another with --osc-port"


def _set_receive_timeout(receiver: socket.socket, timeout_s: float) -> None:
    """Let the receive call itself wait: a Python timeout would poll first, and wait for the lock twice."""
    if hasattr(socket, "SO_RCVTIMEO") and struct.calcsize("ll") == 16:
        seconds = math.floor(timeout_s)
        microseconds = max(1, int((timeout_s - seconds) * 1e6))
        interval = struct.pack("ll", seconds, microseconds)
        receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, interval)
    else:
        receiver.settimeout(timeout_s)
