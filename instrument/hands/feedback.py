"""Feedback: tells subscribers over OSC where the controls, the training and the show stand.

``/subscribe``, ``/subscribe "/stream/*"``, ``/subscribe 9001``: values go to the machine that asks, to the
port it sends from or to the one it names, never to another machine. It ends ten seconds after the last
``/subscribe``. ``/unsubscribe`` ends it now; ``/resync`` asks for everything again.
"""

import contextlib
import queue
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from instrument.clock import Clock
from instrument.hands.caller import Caller, Send
from instrument.hands.coalesce import Arguments
from instrument.hands.complaints import Complaints
from instrument.hands.crowd import Sender
from instrument.hands.osc_out import Receiver
from instrument.hands.osc_port import is_here
from instrument.hands.packet import Refusal
from instrument.hands.pattern import AddressBook
from instrument.hands.readouts import POSITION, Readout
from instrument.hands.subscribers import MOST_SUBSCRIBERS, RENEWED_S, Subscriber
from instrument.signals.controls import Bank
from instrument.signals.mistake import Mistake, did_you_mean
from instrument.signals.worker import Worker

SUBSCRIBE, UNSUBSCRIBE, RESYNC = "/subscribe", "/unsubscribe", "/resync"
TICK_S = 1.0 / 60.0
AT_REST_S = 0.25
MOST_ASKED = 4096

SendTo = Callable[[str, int, bytes], bool]


def asks_for_feedback(address: str) -> bool:
    """Whether a message is for `Feedback.ask`."""
    return address in (SUBSCRIBE, UNSUBSCRIBE, RESYNC)


@dataclass(frozen=True)
class _Subscribe:
    sender: Sender
    send: Send
    port: int | None
    """That it names, if it names one: then that is where everything goes from now on."""
    pattern: str
    addresses: frozenset[str]


@dataclass(frozen=True)
class _Leave:
    sender: Sender
    pattern: str = ""


@dataclass(frozen=True)
class _Resync:
    sender: Sender


@dataclass(frozen=True)
class _Moved:
    sender: Sender
    addresses: tuple[str, ...]


@dataclass
class _Asked:
    """What waits for the thread that tells; `keys` are those who are subscribed, as others see them."""

    items: queue.SimpleQueue[_Subscribe | _Leave | _Resync | _Moved] = field(
        default_factory=queue.SimpleQueue
    )
    keys: frozenset[Sender] = frozenset()


class Feedback:
    """Tells; in a thread of its own, which sleeps while nobody listens.

    `ask`, `moved` and `gone` are for the thread that reads packets; they post and never wait.
    """

    def __init__(
        self,
        bank: Bank,
        readouts: Sequence[Readout],
        clock: Clock,
        say: Callable[[str, bool], None],
        receivers: Sequence[Receiver] = (),
    ) -> None:
        """`receivers`: those the performer named, told as long as the show lasts. Raises `Mistake`."""
        self._clock = clock
        self._complaints = Complaints(say, clock)
        self._readouts = tuple(readouts)
        self._of_path = {s.path: (s.address, s.address + POSITION) for s in bank}
        addresses = [address for readout in readouts for address in readout.addresses]
        self._book = AddressBook(addresses)
        self._plain = frozenset(spec.address for spec in bank) & frozenset(addresses)
        self._send_to: SendTo = lambda host, port, packet: False
        self._own_port = 0
        self._asked = _Asked()
        self._subscribers: dict[Sender, Subscriber] = {}
        self._named = tuple((r, self._named_addresses(r)) for r in receivers)
        self._due_s = [float("-inf")] * len(self._readouts)
        self._gone_dropped = 0
        self._wake = threading.Event()
        self._worker = Worker("feedback", self._run)

    def start(self, send_to: SendTo, own_port: int = 0) -> None:
        """Begin. `send_to` sends a packet to an address by UDP without waiting; whether it was taken.

        `own_port`: where this show hears OSC. It is not told to itself: that would be a hand everywhere.
        """
        self._send_to, self._own_port = send_to, own_port
        now_s = self._clock()
        for receiver, addresses in self._named:
            host, port = receiver.host, receiver.port
            subscriber = Subscriber(partial(send_to, host, port), now_s, float("inf"))
            subscriber.want(receiver.pattern, addresses)
            self._subscribers[(host, port)] = subscriber
        self._asked.keys = frozenset(self._subscribers)
        self._worker.start()

    def stop(self) -> None:
        """End; returns when the thread has ended."""
        self._worker.ending.set()
        self._wake.set()
        self._worker.stop()

    @property
    def searched(self) -> int:
        """How often all addresses were looked through for a pattern."""
        return self._book.searched

    @property
    def subscribers(self) -> int:
        """How many are told at present, the named receivers included."""
        return len(self._asked.keys)

    @property
    def dropped(self) -> int:
        """Messages that could not be sent, of all subscribers so far."""
        return self._gone_dropped + sum(s.dropped for s in list(self._subscribers.values()))

    def ask(self, address: str, arguments: Sequence[object], caller: Caller) -> None:
        """A message to ``/subscribe`` and its kin. Raises `Refusal`."""
        pattern, port = _words(arguments)
        if address == UNSUBSCRIBE:
            self._post(_Leave(caller.sender, pattern))
        elif address == RESYNC:
            self._post(_Resync(caller.sender))
        else:
            self._subscribe(pattern, port, caller)

    def _subscribe(self, pattern: str, port: int | None, caller: Caller) -> None:
        keys = self._asked.keys
        if caller.sender not in keys and len(keys) >= MOST_SUBSCRIBERS + len(self._named):
            raise Refusal(f"is refused: {MOST_SUBSCRIBERS} receivers are told already")
        send = caller.reply
        if send is not None and port is not None:
            raise Refusal("takes no port on a connection: the answer comes on the same one")
        if send is None:
            to = port or caller.sender[1]
            if to == self._own_port and is_here(caller.host):
                raise Refusal(f"takes the port that you hear at; {to} is the one of this show")
            send = partial(self._send_to, caller.host, to)
        addresses = self._addresses(pattern)
        self._post(_Subscribe(caller.sender, send, port, pattern, addresses))
        self._asked.keys = keys | {caller.sender}

    def moved(self, sender: Sender, path: str) -> None:
        """A hand moves a control: it does not hear its own echo."""
        if sender in self._asked.keys and path in self._of_path:
            self._post(_Moved(sender, self._of_path[path]))

    def gone(self, sender: Sender) -> None:
        """A connection has ended."""
        if sender in self._asked.keys:
            self._post(_Leave(sender))

    def _post(self, item: _Subscribe | _Leave | _Resync | _Moved) -> None:
        if self._asked.items.qsize() < MOST_ASKED:
            self._asked.items.put(item)
            self._wake.set()

    def _addresses(self, pattern: str) -> frozenset[str]:
        if not pattern:
            return self._plain
        found = frozenset(self._book.find(pattern))
        if not found:
            raise Refusal(f"finds nothing to tell at '{pattern[:80]}'")
        return found

    def _named_addresses(self, receiver: Receiver) -> frozenset[str]:
        try:
            return self._addresses(receiver.pattern)
        except Refusal as refusal:
            known = [address for readout in self._readouts for address in readout.addresses]
            near = did_you_mean(receiver.pattern, known)
            raise Mistake(f"--osc-out {receiver.text}: the pattern {refusal}{near}") from None

    def _run(self) -> None:
        while not self._worker.ending.is_set():
            self._wake.wait(0.0 if self._subscribers else AT_REST_S)
            self._wake.clear()
            try:
                self.tick()
            except Exception as error:
                name = type(error).__name__
                self._complaints.add(
                    partial("OSC: feedback fails ({}), and tries again".format, name)
                )
            if self._subscribers:
                self._worker.ending.wait(TICK_S)

    def tick(self) -> None:
        """Listen, and tell those who want it. Feedback thread."""
        now_s = self._clock()
        fresh = self._take_asked(now_s)
        for sender in [s for s, each in self._subscribers.items() if each.expires_s <= now_s]:
            self._forget(sender)
        self._asked.keys = frozenset(self._subscribers)
        wanted = frozenset().union(*(each.wanted for each in self._subscribers.values()))
        standing: dict[str, Arguments] = {}
        for number, readout in enumerate(self._readouts):
            if wanted.isdisjoint(readout.addresses):
                if not readout.stands:
                    deque(readout.listen(), maxlen=0)
                continue
            if fresh or now_s >= self._due_s[number]:
                self._due_s[number] = now_s + readout.period_s
                for address, arguments in readout.listen():
                    for each in self._subscribers.values():
                        each.tell(address, arguments, now_s)
            standing |= readout.standing()
        for sender, addresses in fresh.items():
            if sender in self._subscribers:
                self._subscribers[sender].tell_all(addresses, standing, now_s)
        for each in self._subscribers.values():
            each.send_due(standing, now_s)

    def _take_asked(self, now_s: float) -> dict[Sender, frozenset[str]]:
        """Do what was asked; returns who is to be told how everything stands, and where."""
        fresh: dict[Sender, frozenset[str]] = {}
        for _ in range(min(MOST_ASKED, self._asked.items.qsize())):
            item = self._asked.items.get_nowait()
            if isinstance(item, _Subscribe):
                more = self._take_subscription(item, now_s)
                fresh[item.sender] = fresh.get(item.sender, frozenset()) | more
            elif isinstance(item, _Moved):
                if item.sender in self._subscribers:
                    self._subscribers[item.sender].hush(item.addresses, now_s)
            elif isinstance(item, _Resync):
                if item.sender in self._subscribers:
                    fresh[item.sender] = self._subscribers[item.sender].wanted
            elif self._has_left(item):
                self._forget(item.sender)
        return fresh

    def _take_subscription(self, item: _Subscribe, now_s: float) -> frozenset[str]:
        """What it is to be told now: nothing where it only asks to go on."""
        subscriber = self._subscribers.get(item.sender)
        if subscriber is None:
            if len(self._subscribers) >= MOST_SUBSCRIBERS + len(self._named):
                return frozenset()
            subscriber = Subscriber(item.send, now_s, now_s + RENEWED_S)
            self._subscribers[item.sender] = subscriber
        moves = item.port is not None and item.port != subscriber.port
        if moves:
            subscriber.send, subscriber.port = item.send, item.port
        subscriber.expires_s = max(subscriber.expires_s, now_s + RENEWED_S)
        before = subscriber.wanted
        with contextlib.suppress(Refusal):
            subscriber.want(item.pattern, item.addresses)
        return subscriber.wanted if moves else subscriber.wanted - before

    def _has_left(self, item: _Leave) -> bool:
        subscriber = self._subscribers.get(item.sender)
        return subscriber is not None and (not item.pattern or subscriber.leave(item.pattern))

    def _forget(self, sender: Sender) -> None:
        self._gone_dropped += self._subscribers.pop(sender).dropped


def _words(arguments: Sequence[object]) -> tuple[str, int | None]:
    """Pattern and port, both of which may be left out."""
    pattern, port = "", None
    for argument in arguments:
        if isinstance(argument, str) and not pattern:
            pattern = argument
        elif isinstance(argument, (int, float)) and not isinstance(argument, bool) and port is None:
            port = int(argument) if 0 < argument < 65536 else -1
        else:
            raise Refusal("takes a pattern (a text), a port (a number), or both")
    if port == -1:
        raise Refusal("takes a port from 1 to 65535")
    if pattern and not pattern.startswith("/"):
        raise Refusal(f"takes a pattern that begins with '/', not '{pattern[:80]}'")
    if len(pattern) > 255:
        raise Refusal("takes a pattern of up to 255 characters")
    return pattern, port
