"""Who may send, and how much: an allow-list of senders, and a token bucket for each of them."""

import ipaddress
from collections import OrderedDict
from collections.abc import Sequence
from functools import lru_cache

from instrument.signals.mistake import Mistake

RATE_PER_S = 2000.0
BURST = 1000.0
URGENT_RATE_PER_S = 50.0
URGENT_BURST = 20.0
MAX_SENDERS = 256
URGENT = (b"/show/panic\0", b"/show/blackout\0")
URGENT_LENGTH = 64

Sender = tuple[str, int]


class Guests:
    """The senders that are let in: this machine, and who is on the list (addresses or networks)."""

    def __init__(self, allow: Sequence[str]) -> None:
        """Raises `Mistake` for what is no address."""
        self._networks = [_network(word) for word in allow]
        self.admits = lru_cache(maxsize=1024)(self._admits)

    def _admits(self, host: str) -> bool:
        try:
            address = ipaddress.ip_address(host.partition("%")[0])
        except ValueError:
            return False
        return address.is_loopback or any(address in network for network in self._networks)


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

    def owe(self, count: float) -> None:
        """Take `count` tokens in any case; what is missing is paid back later, a burst at the most."""
        self._tokens = max(-self._burst, self._tokens - count)


class Turnstile:
    """Lets packets in at a bearable rate per sender. OSC thread.

    Panic and blackout have tokens of their own, so neither a flood nor one's own faders lock them out.
    Senders beyond `MAX_SENDERS` push out the one not heard for longest.
    """

    def __init__(self) -> None:
        self._senders: OrderedDict[Sender, tuple[Bucket, Bucket]] = OrderedDict()

    def admits(self, sender: Sender, packet: bytes, now_s: float) -> bool:
        """Whether this packet may be read."""
        buckets = self._senders.get(sender)
        if buckets is None:
            if len(self._senders) >= MAX_SENDERS:
                self._senders.popitem(last=False)
            buckets = (
                Bucket(RATE_PER_S, BURST, now_s),
                Bucket(URGENT_RATE_PER_S, URGENT_BURST, now_s),
            )
            self._senders[sender] = buckets
        else:
            self._senders.move_to_end(sender)
        return buckets[0].take(now_s) or (is_urgent(packet) and buckets[1].take(now_s))

    def charge(self, sender: Sender, messages: int) -> None:
        """A packet held `messages` beside the first: they cost tokens too."""
        buckets = self._senders.get(sender)
        if buckets is not None:
            buckets[0].owe(float(messages))


def is_urgent(packet: bytes) -> bool:
    """Whether a packet is short and speaks of panic or blackout."""
    return len(packet) <= URGENT_LENGTH and any(word in packet for word in URGENT)
