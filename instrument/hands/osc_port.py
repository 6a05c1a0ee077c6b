"""The UDP port of the OSC server: opened so that a second show fails loudly, read without a second wait."""

import contextlib
import errno
import ipaddress
import math
import re
import socket
import struct
from typing import Any

from instrument.signals.mistake import Mistake

RECEIVE_BYTES = 4 << 20
AT_ONCE = getattr(socket, "MSG_DONTWAIT", 0)


def numeric(host: str) -> str:
    """The address behind a name, or the name itself if there is none."""
    with contextlib.suppress(OSError):
        return str(look_up(host, None, socket.SOCK_DGRAM)[1][0])
    return host


def look_up(host: str, port: int | None, kind: socket.SocketKind) -> tuple[int, Any]:
    """Family and address by which a host is reached. Raises `OSError`.

    Also for what no host can be called, as ``192.168..1``: Python calls that a fault of a codec.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=kind)[0]
    except UnicodeError:
        raise socket.gaierror(socket.EAI_NONAME, "no host can be called so") from None
    return family, address


def address_of(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """An address in numbers, without the interface that may stand behind it (``%eth0``).

    Raises `ValueError` for what is none.
    """
    return ipaddress.ip_address(host.partition("%")[0])


def check_host(host: str) -> None:
    """Raises `Mistake` for an address to listen on that has a port behind it."""
    if re.fullmatch(r"([^:]+|\[.*\]):\d*", host):
        address, _, port = host.rpartition(":")
        raise Mistake(
            f"--osc-listen {host}: an address without a port is wanted; the port is --osc-port: "
            f"--osc-listen {address.strip('[]')} --osc-port {port or '9000'}"
        )


def is_here(host: str) -> bool:
    """Whether an address, in numbers, is one of this machine."""
    try:
        with socket.socket(
            socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM
        ) as tried:
            tried.bind((host, 0))
    except OSError:
        return False
    return True


def open_port(host: str, port: int) -> socket.socket:
    """A bound UDP socket; never with SO_REUSEADDR, which would let two shows share one port.

    Raises `Mistake`.
    """
    try:
        family, _ = look_up(host, port, socket.SOCK_DGRAM)
        opened = socket.socket(family, socket.SOCK_DGRAM)
    except OSError as error:
        raise Mistake(f"OSC: '{host}' is no address of this machine ({error.strerror})") from error
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BYTES)
        opened.bind((host, port))
    except (OSError, OverflowError) as error:
        opened.close()
        raise Mistake(why_not_open("OSC port", "--osc-port", host, port, error)) from error
    return opened


def why_not_open(what: str, option: str, host: str, port: int, error: Exception) -> str:
    """The sentence about a port that cannot be had; `option` is what changes it."""
    if isinstance(error, OverflowError):
        return f"{what} {port}: a port is a number from 0 to 65535"
    if isinstance(error, PermissionError):
        return f"{what} {port} is kept for the system; take one above 1023 with {option}"
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return (
            f"{what} {port} on {host} is in use (another show, or another OSC program?); "
            f"end that one, or take another port with {option}"
        )
    if isinstance(error, OSError) and error.errno == errno.EADDRNOTAVAIL:
        return (
            f"{what} {port}: {host} is no address of this machine (--osc-listen takes one of this "
            "machine's own; those who may play are named with --osc-allow)"
        )
    return f"{what} {port} on {host} cannot be opened ({error}); try another with {option}"


def set_receive_timeout(receiver: socket.socket, timeout_s: float) -> None:
    """Let the receive call itself wait: a Python timeout would poll first, and wait for the lock twice."""
    if hasattr(socket, "SO_RCVTIMEO") and struct.calcsize("ll") == 16:
        seconds = math.floor(timeout_s)
        microseconds = max(1, int((timeout_s - seconds) * 1e6))
        interval = struct.pack("ll", seconds, microseconds)
        receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, interval)
    else:
        receiver.settimeout(timeout_s)
