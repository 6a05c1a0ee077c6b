"""Announcing the show on the network by zeroconf, so that other programs find it without an address.

On loopback only while the OSC server is, so nothing leaves the machine; on the interfaces where it may be
reached once it is opened. Registering takes seconds and is done in a thread: no show waits for it.
"""

import contextlib
import ipaddress
import threading
from collections.abc import Callable
from typing import Any

QUERY = "_oscjson._tcp.local."
OSC = "_osc._udp.local."
LOOPBACK = "127.0.0.1"
JOIN_S = 2.0


class Announcement:
    """Says that the show is here until it is stopped. Whatever fails is told in a sentence."""

    def __init__(
        self, name: str, host: str, say: Callable[[str, bool], None], port: int, osc_port: int
    ) -> None:
        """`host`: the numeric address that is listened on. A name that is taken gets a number."""
        self.name = name
        self._host, self._say = host, say
        self._ports = ((QUERY, port), (OSC, osc_port))
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="announce", daemon=True)
        self.names: list[str] = []
        """The names as registered, once they are."""

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """Say that the show is gone; waits two seconds for that at most."""
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join(timeout=JOIN_S)

    def _run(self) -> None:
        try:
            from zeroconf import Zeroconf

            zeroconf = Zeroconf(interfaces=addresses(self._host))
        except Exception as error:
            self._complain(error)
            return
        try:
            for kind, port in self._ports:
                if not self._ending.is_set():
                    self._register(zeroconf, kind, port)
            self._ending.wait()
        except Exception as error:
            self._complain(error)
        finally:
            with contextlib.suppress(Exception):
                zeroconf.close()

    def _register(self, zeroconf: Any, kind: str, port: int) -> None:
        from zeroconf import ServiceInfo

        info = ServiceInfo(
            kind,
            f"{self.name}.{kind}",
            port=port,
            properties={"txtvers": "1"},
            server=f"{self.name}-{self._ports[0][1]}.local.",
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


def addresses(host: str) -> list[str]:
    """Addresses by which others reach what listens on `host`: itself, or all there are of this machine."""
    address = ipaddress.ip_address(host.partition("%")[0])
    if address.is_loopback:
        return [LOOPBACK]
    return _outward() if address.is_unspecified else [host]


def _outward() -> list[str]:
    """IPv4 addresses of all adapters but loopback."""
    import ifaddr

    found = [str(ip.ip) for adapter in ifaddr.get_adapters() for ip in adapter.ips if ip.is_IPv4]
    return [ip for ip in found if not ipaddress.ip_address(ip).is_loopback] or [LOOPBACK]
