"""A sieve in the kernel (Linux): what a flood sends is thrown away before it costs us anything.

A socket filter (classic BPF, ``SO_ATTACH_FILTER``) names senders and the share of their packets that is
let through, drawn by chance; of a short packet to panic or blackout everything is. All others are not
touched. Where the system has no such filters, nothing is sieved and the turnstile does all the work.
"""

import ctypes
import socket
import struct
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from instrument.hands.crowd import URGENT_LENGTH
from instrument.hands.osc_port import address_of

SO_ATTACH_FILTER, SO_DETACH_FILTER, SO_MEMINFO = 26, 27, 55
MEMINFO_BYTES, DROPS = 36, 8
UDP_HEADER = 8
MOST_RULES = 8
WHOLE = 1 << 18
FULL = (1 << 32) - 1

# linux/filter.h: a load from the packet (which begins with its UDP header), from its network header, ...
BYTE, HALF, WORD, LENGTH = 0x30, 0x28, 0x20, 0x80
NETWORK, RANDOM = -0x100000, -0x1000 + 56
SHIFT_RIGHT, EQUAL, ABOVE, RETURN = 0x74, 0x15, 0x25, 0x06
IPV4_SENDER, IPV6_SENDER = 12, 8

_PANIC = (b"/sho", b"w/pa", b"nic\0")
_BLACKOUT = (b"/sho", b"w/bl", b"acko", b"ut\0\0")

Step = tuple[int, int | str, int | str, int]
"""Code, where to go if it is true, where if not (a number of steps or a name), and its number."""


@dataclass(frozen=True)
class Rule:
    """Of the packets from `host`, the `share` (0..1) is let through.

    From its port `port`, or from every port but those of `besides`. `urgent`: panic always is.
    """

    host: str
    port: int | None
    share: float
    besides: tuple[int, ...] = ()
    urgent: bool = True


def program(rules: Sequence[Rule]) -> bytes:
    """The filter as the kernel takes it. At most `MOST_RULES` rules count, the first that fits decides."""
    steps = b"".join(_resolved(_block(rule)) for rule in rules[:MOST_RULES])
    return steps + _instruction(RETURN, 0, 0, WHOLE)


def _block(rule: Rule) -> list[Step | str]:
    """One rule; a lone word names the place where it stands, ``next`` is behind the block."""
    address = address_of(rule.host)
    start = NETWORK + (IPV4_SENDER if address.version == 4 else IPV6_SENDER)
    steps: list[Step | str] = [
        (BYTE, 0, 0, NETWORK), (SHIFT_RIGHT, 0, 0, 4), (EQUAL, 0, "next", address.version),
    ]  # fmt: skip
    for number, (word,) in enumerate(struct.iter_unpack(">I", address.packed)):
        steps += [(WORD, 0, 0, start + 4 * number), (EQUAL, 0, "next", word)]
    steps.append((HALF, 0, 0, 0))
    if rule.port is not None:
        steps.append((EQUAL, 0, "next", rule.port))
    steps += [(EQUAL, "next", 0, port) for port in rule.besides]
    steps += [(WORD, 0, 0, RANDOM), (ABOVE, 0, "take", int(rule.share * FULL))]
    if rule.urgent:
        steps += [(LENGTH, 0, 0, 0), (ABOVE, "drop", 0, UDP_HEADER + URGENT_LENGTH)]
        steps += [*_begins(_PANIC, "blackout"), "blackout", *_begins(_BLACKOUT, "drop")]
    return [*steps, "drop", (RETURN, 0, 0, 0), "take", (RETURN, 0, 0, WHOLE)]


def _begins(words: Sequence[bytes], otherwise: str) -> list[Step | str]:
    """``take`` if the message begins with these words of 4 bytes. A packet that ends before is dropped."""
    steps: list[Step | str] = []
    for number, word in enumerate(words):
        last = number == len(words) - 1
        steps.append((WORD, 0, 0, UDP_HEADER + 4 * number))
        steps.append((EQUAL, "take" if last else 0, otherwise, int.from_bytes(word, "big")))
    return steps


def _resolved(block: Sequence[Step | str]) -> bytes:
    places, count = {}, 0
    for step in block:
        if isinstance(step, str):
            places[step] = count
        else:
            count += 1
    places["next"] = count
    out, at = [], 0
    for step in block:
        if not isinstance(step, str):
            at += 1
            code, true, false, number = step
            ways = [places[way] - at if isinstance(way, str) else way for way in (true, false)]
            out.append(_instruction(code, ways[0], ways[1], number))
    return b"".join(out)


def _instruction(code: int, true: int, false: int, number: int) -> bytes:
    return struct.pack("HBBI", code, true, false, number & FULL)


class Sieve:
    """The filter of one socket. One thread at a time."""

    def __init__(self, receiver: socket.socket) -> None:
        self._socket = receiver
        self.works = sys.platform == "linux"
        """Whether the system has such filters; it is known after the first try."""
        self._drops = 0

    def put(self, rules: Sequence[Rule]) -> bool:
        """Sieve by these rules from now on, by none if there are none. Whether it is done."""
        if not self.works:
            return False
        try:
            if not rules:
                self._socket.setsockopt(socket.SOL_SOCKET, SO_DETACH_FILTER, 0)
                return True
            code = ctypes.create_string_buffer(program(rules))
            size = (len(code) - 1) // 8
            told = struct.pack("HP", size, ctypes.addressof(code))
            self._socket.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, told)
        except (OSError, ValueError, struct.error):
            self.works = False
        return self.works

    def dropped(self) -> int:
        """Packets that the kernel threw away since the last call: sieved, or no room for them."""
        if sys.platform != "linux":
            return 0
        try:
            found = self._socket.getsockopt(socket.SOL_SOCKET, SO_MEMINFO, MEMINFO_BYTES)
            drops = struct.unpack(f"{MEMINFO_BYTES // 4}I", found)[DROPS]
        except (OSError, struct.error):
            return 0
        fresh, self._drops = (drops - self._drops) % (1 << 32), drops
        return fresh
