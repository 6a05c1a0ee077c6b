"""Announcing the show on the network by zeroconf, so that other programs find it without an address.

On loopback only while the OSC server is, so nothing leaves the machine; on the interfaces where it may be
reached once it is opened. Registering takes seconds and is done in a thread: no show waits for it.
"""

import contextlib
import ipaddress
import re
import socket
from collections.abc import Callable
from typing import Any

from instrument.hands.osc_port import address_of
from instrument.signals.worker import Worker

QUERY = "_oscjson._tcp.local."
OSC = "_osc._udp.local."
LOOPBACK = "127.0.0.1"
JOIN_S = 0.5
ASK_MS = 1500
MOST_NUMBERS = 20


class Announcement:
    """Says that the show is here until it is stopped. Whatever fails is told in a sentence."""

    def __init__(
        self, name: str, host: str, say: Callable[[str, bool], None], port: int, osc_port: int
    ) -> None:
        """`host`: the numeric address that is listened on. A name that is taken gets a number."""
        self.name = name
        self._host, self._say = host, say
        self._ports = ((QUERY, port), (OSC, osc_port))
        self._worker = Worker("announce", self._run)
        self.names: list[str] = []
        """The names as registered, once they are."""

    def start(self) -> None:
        """Begin; returns at once."""
        self._worker.start()

    def stop(self) -> None:
        """Say that the show is gone; waits for half a second at most, what is left goes on by itself."""
        self._worker.stop(JOIN_S)

    def _run(self) -> None:
        try:
            from zeroconf import Zeroconf

            _check(places := addresses(self._host))
            zeroconf = Zeroconf(interfaces=places)
            if places == [LOOPBACK]:
                keep_here(zeroconf)
        except Exception as error:
            self._complain(error)
            return
        try:
            name = self._free_name(zeroconf)
            for kind, port in self._ports:
                if not self._worker.ending.is_set():
                    self._register(zeroconf, name, kind, port)
            self._worker.ending.wait()
        except Exception as error:
            self._complain(error)
        finally:
            with contextlib.suppress(Exception):
                zeroconf.close()

    def _free_name(self, zeroconf: Any) -> str:
        """Ours, or with a number where another show has it.

        zeroconf looks, too, but asks to be answered at its port: of several programs on one machine that
        share the port only one gets the answer.
        """
        for number in range(2, MOST_NUMBERS):
            name = self.name if number == 2 else f"{self.name}-{number - 1}"
            taken = zeroconf.get_service_info(QUERY, f"{name}.{QUERY}", timeout=ASK_MS)
            if taken is None or self._worker.ending.is_set():
                return name
        return f"{self.name}-{self._ports[0][1]}"

    def _register(self, zeroconf: Any, name: str, kind: str, port: int) -> None:
        from zeroconf import ServiceInfo

        info = ServiceInfo(
            kind,
            f"{name}.{kind}",
            port=port,
            properties={"txtvers": "1"},
            server=server_name(self.name, self._ports[0][1]) + ".",
            parsed_addresses=addresses(self._host),
        )
        zeroconf.register_service(info, allow_name_change=True)
        self.names.append(info.name)

    def _complain(self, error: Exception) -> None:
        self._say(
            f"OSCQuery: the show is not announced on the network ({type(error).__name__}: {error}); "
            "other programs find it by address and port",
            False,
        )


def keep_here(zeroconf: Any) -> bool:
    """Let nothing in that comes from another machine; whether that could be had (Linux).

    zeroconf listens at port 5353 of every interface, whichever it is told to speak on.
    """
    if not hasattr(socket, "SO_BINDTODEVICE"):
        return False
    readers = tuple(zeroconf.engine.readers)
    try:
        for reader in readers:
            reader.sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"lo\0")
    except OSError:  # before Linux 5.7 only root may
        return False
    return bool(readers)


def server_name(name: str, port: int) -> str:
    """What the machine is called in the announcement, ``twos-and-sevens-stage-9002.local``: one name for
    each port of each machine, so that nobody answers for another."""
    machine = re.sub(r"[^a-z0-9]+", "-", socket.gethostname().partition(".")[0].lower())
    return f"{name}-{machine.strip('-') or 'host'}-{port}.local"


def addresses(host: str) -> list[str]:
    """Addresses by which others reach what listens on `host`: itself, or all there are of this machine."""
    address = address_of(host)
    if address.is_loopback:
        return [LOOPBACK]
    return _outward() if address.is_unspecified else [host]


def _check(places: list[str]) -> None:
    """OSError where an address is not ours; zeroconf would find out halfway and leave sockets open."""
    for place in places:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as tried:
            tried.bind((place, 0))


def _outward() -> list[str]:
    """IPv4 addresses of all adapters but loopback."""
    import ifaddr

    found = [str(ip.ip) for adapter in ifaddr.get_adapters() for ip in adapter.ips if ip.is_IPv4]
    return [ip for ip in found if not ipaddress.ip_address(ip).is_loopback] or [LOOPBACK]
