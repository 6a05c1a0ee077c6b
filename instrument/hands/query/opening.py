"""Opening the TCP port before the curtain: a port in use is a sentence then, and no fault in a thread."""

import errno
import os
import socket

from instrument.hands.osc_here import open_both
from instrument.hands.osc_port import look_up
from instrument.signals.mistake import Mistake

USUAL_PORT = 9002
BACKLOG = 64
SEND_BYTES = 32 * 1024
"""What the system keeps for one client that does not read; more would only be older when it does."""


def open_ports(host: str, port: int | None) -> list[socket.socket]:
    """Listening sockets: at `host`, and with the same port at 127.0.0.1 where `host` is not reached there.

    `port` None: the usual one, or any that is free where another show has it.
    Raises `Mistake` where the port that was asked for cannot be had.
    """
    if port is None:
        try:
            return open_both(_open, host, USUAL_PORT)
        except Mistake:
            return open_both(_open, host, 0)
    return open_both(_open, host, port)


def _open(host: str, port: int) -> socket.socket:
    try:
        family, address = look_up(host, port, socket.SOCK_STREAM)
        opened = socket.socket(family, socket.SOCK_STREAM)
    except OSError as error:
        raise Mistake(
            f"OSCQuery: '{host}' is no address of this machine ({error.strerror})"
        ) from error
    try:
        if os.name == "posix":
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BYTES)
        opened.bind(address)
        opened.listen(BACKLOG)
    except (OSError, OverflowError) as error:
        opened.close()
        raise Mistake(_why_not(host, port, error)) from error
    return opened


def _why_not(host: str, port: int, error: Exception) -> str:
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return (
            f"OSCQuery port {port} on {host} is in use (another show?); take another with "
            "--query-port, or leave OSCQuery out with --no-query"
        )
    return (
        f"OSCQuery port {port} on {host} cannot be opened ({error}); try another with --query-port"
    )
