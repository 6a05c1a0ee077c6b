"""OSC over UDP: one socket, one thread, every packet checked, every act posted as a `Gesture`.

Where that socket hears the network, a second one beside it hears this machine (`osc_here`).

Addresses follow from the bank: ``/learning/heat 2.0`` in the control's unit, ``/learning/heat/position
0.5``. Bundles up to two seconds ahead are kept until their time; those further ahead count as now.
Packets that come another way (TCP, WebSocket) enter by `hand_in`, and the same rules hold for them.
"""

import socket
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial

from pythonosc.osc_message import OscMessage

from instrument.clock import Clock
from instrument.hands.acting import Acting, Unknown
from instrument.hands.caller import Caller, Send
from instrument.hands.complaints import Complaints
from instrument.hands.crowd import Guests, Sender, Turnstile
from instrument.hands.effort import check_effort, slow_tokens
from instrument.hands.feedback import Feedback
from instrument.hands.osc_here import HereDoor, is_loopback, needs_here
from instrument.hands.osc_port import AT_ONCE, check_host, numeric, open_port, set_receive_timeout
from instrument.hands.packet import MAX_PACKET, Refusal, messages
from instrument.hands.sieve import Sieve
from instrument.hands.thinning import Thinning
from instrument.hands.token import TOKEN, Doors
from instrument.hands.waiting import MAX_WAITING, Unit, Waiting, units
from instrument.signals.controls import Bank
from instrument.signals.gesture import Gesture
from instrument.signals.mistake import Mistake
from instrument.signals.niceness import answer_hands
from instrument.signals.routes import RouteEdit
from instrument.signals.worker import Worker

IDLE_S = 0.2


class OscHand:
    """The OSC server. `accepted` counts messages acted on (or kept for their time), `refused` the rest.

    One lock makes packets follow one another, whoever hands them in; nothing waits while it is held.
    """

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
        post_together: Callable[[Sequence[Gesture]], None] | None = None,
        feedback: Feedback | None = None,
        token: str = "",
        sieved: bool = True,
        utc: Clock = time.time,
    ) -> None:
        """`position`: the conductor's position of a path, for what advances (a bang to panic).

        `edit_route` turns a key of a route, or raises `Mistake`: ``/route/2/depth 0.4``.
        `post_together` takes the gestures of a bundle, which belong together. `feedback` is started and
        ended with the server. `token`: the word without which nobody plays. `sieved`: let the kernel
        throw away what a flood sends.
        `allow`: senders let in beside this machine; needed when `host` is not loopback. `utc`: seconds
        since 1970, which the time tags of bundles are in. Raises `Mistake`.
        """
        self.bank = bank
        self.host, self.port = host, port
        self.accepted = 0
        self.flooded = 0
        """Packets of floods that were not read, those that the kernel threw away included."""
        self.lost = 0
        """Packets for which the kernel had no room."""
        self._post, self._post_together = post, post_together
        self._clock = clock
        self.guests = Guests(allow)
        check_host(host)
        if not allow and not is_loopback(numeric(host)):
            raise Mistake(
                f"OSC: listening on {host} would let anybody in the network play; say who may, "
                "such as --osc-allow 192.168.1.30, or listen on 127.0.0.1"
            )
        self.doors = Doors(token)
        self.feedback = feedback
        self._acting = Acting(bank, clock, position or self._default_position, edit_route, feedback)
        self._turnstile = Turnstile()
        self._thinning = Thinning(self._turnstile.regulars)
        self._sieved = sieved
        self._sieves: tuple[Sieve, ...] = ()
        self._sieving = False
        self._complaints = Complaints(say, clock)
        self._waiting = Waiting(utc)
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._here: HereDoor | None = None
        self._waker: socket.socket | None = None
        self._worker = Worker("osc", self._run)

    @property
    def refused(self) -> int:
        """Packets and messages not taken, those of a flood included."""
        return self._complaints.count

    def start(self) -> None:
        """Open the port and begin. Raises `Mistake` if the port is in use or cannot be had."""
        self._socket = open_port(self.host, self.port)
        self.port = self._socket.getsockname()[1]
        self._waker = socket.socket(self._socket.family, socket.SOCK_DGRAM)
        self._sieves = (Sieve(self._socket),)
        if needs_here(self._socket.getsockname()[0]):
            self._open_here()
        self._worker.start()
        if self.feedback is not None:
            self.feedback.start(self.send, self.port)

    def _open_here(self) -> None:
        assert self._socket is not None and self._waker is not None
        try:
            self._here = HereDoor(self.port, self._take_here, self.complain)
        except Mistake:
            self._socket.close()
            self._waker.close()
            raise
        self._sieves += (self._here.sieve,)
        self._here.start()

    def stop(self) -> None:
        """Close the port; returns when the threads have ended."""
        if self.feedback is not None:
            self.feedback.stop()
        self._worker.ending.set()
        self._wake()
        self._worker.stop()
        if self._here is not None:
            self._here.stop()
        for opened in (self._socket, self._waker):
            if opened is not None:
                opened.close()

    def send(self, host: str, port: int, packet: bytes) -> bool:
        """Send a packet from this port, without waiting; whether it was taken. Any thread."""
        if self._socket is None:
            return False
        try:
            if self._here is not None and is_loopback(host) and ":" not in host:
                self._here.send(host, port, packet)
            else:
                self._socket.sendto(packet, AT_ONCE, (host, port))
        except (OSError, OverflowError):
            return False
        return True

    def hand_in(self, packet: bytes, sender: tuple[str, int, str], reply: Send) -> bool:
        """Act on a packet that came another way than by UDP; never raises. Any thread.

        False where the sender sends too much: it is time to read less of it.

        `sender`: host in numbers, port, and the way, such as ``tcp``; the same for a whole connection.
        `reply` sends a packet back on it without waiting and says whether it was taken.
        """
        return self._hand_in(packet, Caller(sender, reply))

    def _take_here(self, packet: bytes, sender: Sender) -> None:
        """A datagram at 127.0.0.1, heard by `HereDoor`."""
        self._hand_in(packet, Caller(sender))

    def _hand_in(self, packet: bytes, caller: Caller) -> bool:
        with self._lock:
            sooner_s = self._waiting.next_s
            bearable = self._take(packet, caller)
            wake = self._waiting.next_s != sooner_s
        if wake:
            self._wake()
        return bearable

    def gone(self, sender: tuple[str, int, str]) -> None:
        """A connection has ended: who it was is forgotten. Any thread."""
        with self._lock:
            self.doors.forget(sender)
            if self.feedback is not None:
                self.feedback.gone(sender)

    def complain(self, sentence: Callable[[], str]) -> None:
        """Something was refused on the way here; counted, and said at most once a second. Any thread."""
        with self._lock:
            self._complaints.add(sentence)

    def _default_position(self, path: str) -> float:
        return float(self.bank.defaults[self.bank.number[path]])

    def _wake(self) -> None:
        """Let the thread look at what waits: an empty packet, which it passes over."""
        if self._socket is None or self._waker is None:
            return
        here = {"0.0.0.0": "127.0.0.1", "::": "::1"}
        host, port = self._socket.getsockname()[:2]
        try:
            self._waker.sendto(b"", AT_ONCE, (here.get(host, host), port))
        except OSError:
            return

    def _run(self) -> None:
        """One receive call, and so one wait for the interpreter lock, per packet."""
        assert self._socket is not None and self._waker is not None
        answer_hands()
        timeout_s = 0.0
        while not self._worker.ending.is_set():
            wanted_s = self._wait_s()
            if wanted_s != timeout_s:
                timeout_s = wanted_s
                set_receive_timeout(self._socket, timeout_s)
            try:
                packet, sender = self._socket.recvfrom(MAX_PACKET + 1)
            except (BlockingIOError, TimeoutError, InterruptedError):
                with self._lock:
                    self._complaints.flush()
            except ConnectionError:
                continue  # Windows: a receiver of feedback has closed its port
            except OSError as error:
                if self._worker.ending.wait(IDLE_S):
                    return
                self.complain(partial("OSC: the port fails: {}".format, error))
            else:
                if packet or not self._is_waker(sender[1]):
                    self.take(packet, sender[:2])
            with self._lock:
                self._take_due()
                if self._thinning.due(self._clock()):
                    self._look()

    def _is_waker(self, port: int) -> bool:
        return self._waker is not None and port == self._waker.getsockname()[1]

    def _wait_s(self) -> float:
        due_s = self._waiting.next_s
        return IDLE_S if due_s is None else min(IDLE_S, max(0.0005, due_s - self._clock()))

    def take(self, packet: bytes, sender: Sender) -> None:
        """Act on one datagram; never raises. OSC thread."""
        with self._lock:
            self._take(packet, Caller(sender))

    def _take(self, packet: bytes, caller: Caller) -> bool:
        """Whether the sender keeps within what one may send."""
        now_s = self._clock()
        sender, host = caller.sender, caller.host
        if self._sieving:
            self._thinning.came(sender)
        if not self.guests.admits(host):
            self._complaints.add(
                lambda: (
                    f"OSC: {host} may not play (it is not on the list; --osc-allow {host} lets it in)"
                )
            )
            self._note_refused(caller, stranger=True)
            return False
        if not self._turnstile.admits(sender, packet, now_s):
            self.flooded += 1
            self._complaints.add(lambda: f"OSC: {host}:{sender[1]} sends too much")
            self._note_refused(caller)
            return False
        try:
            found = list(messages(packet))
            if len(found) > 1:
                self._turnstile.charge(sender, len(found) - 1)
                check_effort(found)
        except Refusal as refusal:
            reason = str(refusal)
            self._complaints.add(lambda: f"OSC from {host}: a packet was refused: {reason}")
            return True
        for unit in units(found):
            due_in_s = self._waiting.due_in_s(unit.time_tag)
            if due_in_s and self.doors.admits(sender, now_s):
                self._turnstile.charge(sender, slow_tokens(unit.messages))
                self._keep(now_s + due_in_s, unit, caller)
            else:
                effort = self._acting.effort
                self._act(unit, caller)
                if (more := self._acting.effort - effort) > 0:
                    self._turnstile.charge(sender, more)
        return True

    def _keep(self, due_s: float, unit: Unit, caller: Caller) -> None:
        if not self._waiting.keep(due_s, unit, caller):
            self._complaints.add(
                lambda: f"OSC: more than {MAX_WAITING} messages wait for their time"
            )

    def _take_due(self) -> None:
        for unit, caller in self._waiting.due(self._clock()):
            self._act(unit, caller)

    def _act(self, unit: Unit, caller: Caller) -> None:
        """Do what the messages of one unit say, and post their gestures in one go."""
        gestures: list[Gesture] = []
        for message in unit.messages:
            gestures += self._read(message, caller)
        if self._post_together is not None and len(gestures) > 1:
            self._post_together(gestures)
        else:
            for gesture in gestures:
                self._post(gesture)

    def _read(self, message: bytes, caller: Caller) -> list[Gesture]:
        """One checked message. Whatever goes wrong in it ends here."""
        address = ""
        gestures: list[Gesture] = []
        try:
            parsed = OscMessage(message)
            address = parsed.address
            if address == TOKEN:
                self.doors.say(caller.sender, parsed.params, self._clock())
            elif not self.doors.admits(caller.sender, self._clock()):
                raise Refusal(f'is refused: {caller.host} has to say /token "..." first')
            else:
                gestures = self._acting.asked(parsed, caller)
        except Unknown:
            self._complaints.add(lambda: self._acting.unknown(address))
        except Refusal as refusal:
            reason = str(refusal)
            self._complaints.add(lambda: f"OSC: {address} {reason}")
        except Exception as error:
            name = type(error).__name__
            self._complaints.add(lambda: f"OSC: a message could not be read ({name}) {address}")
        else:
            self.accepted += 1
        return gestures

    def _note_refused(self, caller: Caller, stranger: bool = False) -> None:
        if caller.reply is None and self._thinning.refused(caller.sender, stranger):
            self._look()

    def _look(self) -> None:
        """See who floods, and what the kernel threw away."""
        changed = self._thinning.look(self._clock())
        if (dropped := sum(sieve.dropped() for sieve in self._sieves)) > 0:
            if self._sieving:
                self.flooded += dropped
                hosts = ", ".join(sorted({rule.host for rule in self._thinning.rules}))
                self._complaints.add(
                    lambda: f"OSC: a flood from {hosts} is sieved ({dropped} packets)", dropped
                )
            else:
                self.lost += dropped
                self._complaints.add(
                    lambda: f"OSC: {dropped} packets were lost, more came than could be read",
                    dropped,
                )
        if changed and self._sieved:
            rules = self._thinning.rules
            self._sieving = all([sieve.put(rules) for sieve in self._sieves]) and bool(rules)
