"""The door beside the open port: while OSC is heard at an address of the network, 127.0.0.1 hears on.

So Max, Open Stage Control or `oscsend` on the show's own machine need not know the network's address. A
thread of its own waits at the second socket: the wait of the first stays the one receive call it is.
"""

import socket
from collections.abc import Callable
from functools import partial

from instrument.hands.osc_port import AT_ONCE, address_of, open_port, set_receive_timeout
from instrument.hands.packet import MAX_PACKET
from instrument.hands.sieve import Sieve
from instrument.signals.mistake import Mistake
from instrument.signals.niceness import answer_hands
from instrument.signals.worker import Worker

HERE = "127.0.0.1"
IDLE_S = 0.2


def needs_here(host: str) -> bool:
    """Whether what listens at `host`, in numbers, is not reached at 127.0.0.1 (or ``::1``)."""
    try:
        address = address_of(host)
    except ValueError:
        return False
    return not address.is_unspecified and str(address) not in (HERE, "::1")


def is_loopback(host: str) -> bool:
    """Whether an address, in numbers, is one that no other machine reaches."""
    try:
        return address_of(host).is_loopback
    except ValueError:
        return False


def open_both(
    open_at: Callable[[str, int], socket.socket], host: str, port: int
) -> list[socket.socket]:
    """What `open_at` opens at `host`, and with its port at 127.0.0.1 where `host` is not reached there.

    Raises `Mistake` as `open_at` does; then nothing stays open.
    """
    first = open_at(host, port)
    address, found = first.getsockname()[:2]
    if not needs_here(address):
        return [first]
    try:
        return [first, open_at(HERE, found)]
    except Mistake:
        first.close()
        raise


class HereDoor:
    """UDP at 127.0.0.1, beside the socket of the network. `take` and `complain` must not raise."""

    def __init__(
        self,
        port: int,
        take: Callable[[bytes, tuple[str, int]], object],
        complain: Callable[[Callable[[], str]], None],
    ) -> None:
        """Opens the port. `take` gets each packet and its sender. Raises `Mistake` if it is in use."""
        self._take, self._complain = take, complain
        self._socket = open_port(HERE, port)
        self.sieve = Sieve(self._socket)
        self._worker = Worker("osc-here", self._run)

    def start(self) -> None:
        """Begin to hear."""
        self._worker.start()

    def stop(self) -> None:
        """Close the port; returns when the thread has ended, `IDLE_S` later at the most."""
        self._worker.stop()
        self._socket.close()

    def send(self, host: str, port: int, packet: bytes) -> None:
        """Send a packet from here, without waiting. Any thread. Raises `OSError`, `OverflowError`."""
        self._socket.sendto(packet, AT_ONCE, (host, port))

    def _run(self) -> None:
        answer_hands()
        set_receive_timeout(self._socket, IDLE_S)
        while not self._worker.ending.is_set():
            try:
                packet, sender = self._socket.recvfrom(MAX_PACKET + 1)
            except (BlockingIOError, TimeoutError, InterruptedError, ConnectionError):
                continue
            except OSError as error:
                if self._worker.ending.wait(IDLE_S):
                    return
                self._complain(partial("OSC: the port at {} fails: {}".format, HERE, error))
            else:
                self._take(packet, sender[:2])
