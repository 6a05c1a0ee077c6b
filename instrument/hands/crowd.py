"""Who may send, and how much: an allow-list of senders, and a token bucket for each of them."""

import ipaddress
from collections import OrderedDict
from collections.abc import Sequence
from functools import lru_cache

from instrument.hands.osc_port import address_of, is_here
from instrument.signals.mistake import Mistake

RATE_PER_S = 2000.0
BURST = 1000.0
URGENT_RATE_PER_S = 50.0
URGENT_BURST = 20.0
HOST_RATE_PER_S = 4000.0
HOST_BURST = 2000.0
POLITE_RATE_PER_S = 200.0
POLITE_BURST = 200.0
REGULAR_S = 1.0
SILENT_S = 60.0
MOST_REGULARS = 16
MAX_SENDERS = 1024
MAX_HOSTS = 256
URGENT = ("show.panic", "show.blackout")
"""Controls that no flood keeps out."""
_URGENT_ADDRESSES = tuple(f"/{path.replace('.', '/')}\0".encode() for path in URGENT)
URGENT_LENGTH = 64

Sender = tuple[str, int] | tuple[str, int, str]
"""Host and port; a third word for one that does not come by UDP: ``tcp``, ``ws``."""


class Guests:
    """Who is let in: this machine by any of its addresses, and the list (addresses or networks)."""

    def __init__(self, allow: Sequence[str]) -> None:
        """Raises `Mistake` for what is no address."""
        self._networks = [_network(word) for word in allow]
        self.admits = lru_cache(maxsize=1024)(self._admits)

    def _admits(self, host: str) -> bool:
        try:
            address = address_of(host)
        except ValueError:
            return False
        if address.is_loopback or any(address in network for network in self._networks):
            return True
        return not (address.is_unspecified or address.is_multicast) and is_here(host)


def _network(word: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        return ipaddress.ip_network(word, strict=False)
    except ValueError:
        raise Mistake(
            f"OSC: '{word}' is no address of a sender: one like 192.168.1.20, or a network like "
            "192.168.1.0/24, is"
        ) from None


class Bucket:
    """Tokens that come back with time: `rate_per_s`, at most `burst` at once."""

    __slots__ = ("_burst", "_last_s", "_rate_per_s", "_tokens")

    def __init__(self, rate_per_s: float, burst: float, now_s: float) -> None:
        self._rate_per_s, self._burst = rate_per_s, burst
        self._tokens, self._last_s = burst, now_s

    def take(self, now_s: float) -> bool:
        """Take a token; False if there is none."""
        tokens = self._tokens + (now_s - self._last_s) * self._rate_per_s
        self._last_s = now_s
        self._tokens = tokens if tokens < self._burst else self._burst
        if self._tokens < 1.0:
            return False
        self._tokens -= 1.0
        return True

    def left(self, now_s: float) -> float:
        """How many tokens there are; below 0 while some are owed."""
        tokens = self._tokens + (now_s - self._last_s) * self._rate_per_s
        self._last_s = now_s
        self._tokens = min(self._burst, tokens)
        return self._tokens

    def owe(self, count: float) -> None:
        """Take `count` tokens in any case; what is missing is paid back later, a burst at the most."""
        self._tokens = max(-self._burst, self._tokens - count)


class _Host:
    """All senders of one machine together. `regulars` keep their place whatever the others do."""

    __slots__ = ("all", "regulars", "urgent")

    def __init__(self, now_s: float) -> None:
        self.all = Bucket(HOST_RATE_PER_S, HOST_BURST, now_s)
        self.urgent = Bucket(URGENT_RATE_PER_S, URGENT_BURST, now_s)
        self.regulars: dict[Sender, _Known] = {}


class _Known:
    """One sender."""

    __slots__ = ("count", "first_s", "last_s", "own", "polite", "regular", "urgent")

    def __init__(self, now_s: float) -> None:
        self.own = Bucket(RATE_PER_S, BURST, now_s)
        self.polite = Bucket(POLITE_RATE_PER_S, POLITE_BURST, now_s)
        self.urgent = Bucket(URGENT_RATE_PER_S, URGENT_BURST, now_s)
        self.first_s = self.last_s = now_s
        self.count = 0
        self.regular = False


class Turnstile:
    """Lets packets in at a bearable rate per sender, and per machine. One thread at a time.

    | the sender                              | its packets are read                                     |
    |-----------------------------------------|----------------------------------------------------------|
    | a regular, up to 200 a second           | always                                                   |
    | anybody, up to 2,000 a second           | while its machine stays below 4,000 a second in all      |
    | beyond that                             | only panic and blackout, which have tokens of their own  |

    A regular is one of the first 16 of a machine that were heard for a second without sending too much;
    it stays one until it floods, or is silent for a minute while another waits for the place. So a
    flood from a thousand ports of one machine does not shut out the one who played there before.
    Of the others, those not heard for longest are forgotten when there are too many.
    """

    def __init__(self) -> None:
        self._senders: OrderedDict[Sender, _Known] = OrderedDict()
        self._hosts: OrderedDict[str, _Host] = OrderedDict()

    def admits(self, sender: Sender, packet: bytes, now_s: float) -> bool:
        """Whether this packet may be read."""
        host = self._host(sender[0], now_s)
        known = self._senders.get(sender)
        if known is None:
            known = host.regulars.get(sender) or _Known(now_s)
            if len(self._senders) >= MAX_SENDERS:
                self._senders.popitem(last=False)
            self._senders[sender] = known
        else:
            self._senders.move_to_end(sender)
        known.last_s = now_s
        known.count += 1
        if known.own.take(now_s):
            if not known.regular and known.count >= 3 and now_s - known.first_s >= REGULAR_S:
                _seat(host, sender, known, now_s)
            if (known.regular and known.polite.take(now_s)) or host.all.take(now_s):
                return True
        elif known.regular:
            known.regular = False
            host.regulars.pop(sender, None)
            known.first_s = now_s
        if not is_urgent(packet):
            return False
        return known.urgent.take(now_s) and (known.regular or host.urgent.take(now_s))

    def charge(self, sender: Sender, messages: float) -> None:
        """A packet held `messages` beside the first (or cost as much as they): tokens, too.

        They count for its machine as well, unless it is a regular: a thousand ports with one packet
        each are one flood.
        """
        known, host = self._senders.get(sender), self._hosts.get(sender[0])
        if known is not None:
            known.own.owe(messages)
        if host is not None and (known is None or not known.regular):
            host.all.owe(messages)

    def regulars(self, host: str) -> tuple[Sender, ...]:
        """The senders of a machine that keep their place."""
        found = self._hosts.get(host)
        return tuple(found.regulars) if found else ()

    def _host(self, name: str, now_s: float) -> _Host:
        host = self._hosts.get(name)
        if host is None:
            if len(self._hosts) >= MAX_HOSTS:
                self._hosts.popitem(last=False)
            host = self._hosts[name] = _Host(now_s)
        else:
            self._hosts.move_to_end(name)
        return host


def _seat(host: _Host, sender: Sender, known: _Known, now_s: float) -> None:
    """A place among the regulars, if there is one."""
    if len(host.regulars) >= MOST_REGULARS:
        oldest = min(host.regulars, key=lambda other: host.regulars[other].last_s)
        if now_s - host.regulars[oldest].last_s < SILENT_S:
            return
        host.regulars.pop(oldest).regular = False
    known.regular = True
    host.regulars[sender] = known


def is_urgent(packet: bytes) -> bool:
    """Whether a packet is short and speaks of panic or blackout."""
    return len(packet) <= URGENT_LENGTH and any(word in packet for word in _URGENT_ADDRESSES)
