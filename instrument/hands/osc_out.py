"""``--osc-out HOST:PORT[:PATTERN]``: receivers that the performer names, told as long as the show lasts."""

import contextlib
import socket
from dataclasses import dataclass

from instrument.hands.osc_port import address_of, look_up
from instrument.signals.mistake import Mistake

EXAMPLES = "such as 127.0.0.1:9001, 192.168.1.20:8000:/stream/* or [fe80::1]:9001"


@dataclass(frozen=True)
class Receiver:
    """Where to, and what: without a pattern all controls in their units. `text` is as it was said."""

    host: str
    port: int
    pattern: str
    text: str

    @property
    def words(self) -> str:
        """For the performer."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"OSC goes to {host}:{self.port} ({self.pattern or 'all controls'})"


def receiver_of(text: str) -> Receiver:
    """The receiver that a word on the command line names. Raises `Mistake`."""
    host, rest = _host(text)
    number, _, pattern = rest.partition(":")
    if not host or not number.isascii() or not number.isdigit() or not 0 < int(number) < 65536:
        raise Mistake(f"--osc-out {text}: takes HOST:PORT or HOST:PORT:PATTERN, {EXAMPLES}")
    if pattern and not pattern.startswith("/"):
        raise Mistake(f"--osc-out {text}: a pattern begins with '/', {EXAMPLES}")
    return Receiver(_address(host, text), int(number), pattern, text)


def _host(text: str) -> tuple[str, str]:
    """The host, and what comes after its colon. An IPv6 address stands in brackets."""
    if text.startswith("["):
        host, _, rest = text[1:].partition("]")
        return host, rest.removeprefix(":")
    host, _, rest = text.partition(":")
    return host, rest


def _address(host: str, text: str) -> str:
    """The numbers of a host; a name is looked up once, before the show."""
    with contextlib.suppress(ValueError):
        address_of(host)
        return host
    try:
        return str(look_up(host, None, socket.SOCK_DGRAM)[1][0])
    except OSError as error:
        raise Mistake(
            f"--osc-out {text}: '{host}' is not found in the network ({error.strerror}); its address in "
            "numbers works without a name server"
        ) from None
