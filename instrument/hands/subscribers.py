"""`Subscriber`: one who is told what changes; what it wants, what waits for it, what it may still get."""

from collections import deque
from collections.abc import Iterable, Mapping
from functools import lru_cache

from instrument.hands.caller import Send
from instrument.hands.coalesce import Arguments, Coalesced
from instrument.hands.crowd import Bucket
from instrument.hands.packet import Refusal
from instrument.hands.readouts import NOTICE
from instrument.hands.written import packets, written

MOST_SUBSCRIBERS = 16
MOST_PATTERNS = 16
RENEWED_S = 10.0
NO_ECHO_S = 0.3
RATE_PER_S = 30.0
MESSAGES_PER_S, MESSAGES_BURST = 4000.0, 2000.0
BYTES_PER_S, BYTES_BURST = 250_000.0, 125_000.0
MOST_NOTICES = 16
MOST_AT_ONCE = 256


@lru_cache(maxsize=2048, typed=True)
def _message(address: str, *arguments: object) -> bytes:
    """Sixteen who are told the same share its bytes; 1, 1.0 and True are not the same."""
    return written(address, arguments)


class Subscriber:
    """Gets its values coalesced, packed, and within its budget. Feedback thread.

    | a value changes                     | what is sent                                                  |
    |-------------------------------------|---------------------------------------------------------------|
    | that it does not want               | nothing                                                       |
    | within 300 ms of its own move of it | nothing yet; when the 300 ms are over, what stands then       |
    | otherwise                           | the value, at most 30 times a second, the latest wins         |
    """

    def __init__(self, send: Send, now_s: float, expires_s: float) -> None:
        """`expires_s`: when it is forgotten; infinity for one that was named on the command line."""
        self.expires_s = expires_s
        self.port: int | None = None
        """That it named, if it named one."""
        self.dropped = 0
        self.send = send
        self._wanted: dict[str, frozenset[str]] = {}
        self.wanted: frozenset[str] = frozenset()
        self._waiting = Coalesced(RATE_PER_S)
        self._notices: deque[bytes] = deque(maxlen=MOST_NOTICES)
        self._hushed: dict[str, float] = {}
        self._messages = Bucket(MESSAGES_PER_S, MESSAGES_BURST, now_s)
        self._bytes = Bucket(BYTES_PER_S, BYTES_BURST, now_s)

    def want(self, pattern: str, addresses: frozenset[str]) -> None:
        """From now on these as well. Raises `Refusal` for too many patterns."""
        if pattern not in self._wanted and len(self._wanted) >= MOST_PATTERNS:
            raise Refusal(f"is asked for more than {MOST_PATTERNS} patterns by one receiver")
        self._wanted[pattern] = addresses
        self.wanted = self.wanted | addresses

    def leave(self, pattern: str) -> bool:
        """No longer what this pattern brought; whether nothing is left."""
        self._wanted.pop(pattern, None)
        self.wanted = frozenset().union(*self._wanted.values())
        return not self._wanted

    def hush(self, addresses: Iterable[str], now_s: float) -> None:
        """Its own hand moves these."""
        for address in addresses:
            if address in self.wanted:
                self._hushed[address] = now_s + NO_ECHO_S

    def tell(self, address: str, arguments: Arguments, now_s: float) -> None:
        """This is what stands there now."""
        if address not in self.wanted:
            return
        if address == NOTICE:
            self.dropped += len(self._notices) == MOST_NOTICES
            self._notices.append(written(address, arguments))
        elif address not in self._hushed:
            self._waiting.put(address, arguments, now_s)

    def tell_all(
        self, addresses: Iterable[str], standing: Mapping[str, Arguments], now_s: float
    ) -> None:
        """Those of the addresses that it wants, as they stand."""
        for address in sorted(self.wanted & standing.keys() & set(addresses)):
            self._waiting.put(address, standing[address], now_s)

    def send_due(self, standing: Mapping[str, Arguments], now_s: float) -> None:
        """Send what is due and within the budget. Never waits."""
        self._end_hush(standing, now_s)
        most = min(MOST_AT_ONCE, int(self._messages.left(now_s)))
        if most <= 0 or self._bytes.left(now_s) <= 0:
            return
        due = self._waiting.take(now_s, most)
        messages = [*self._notices, *(_message(address, *arguments) for address, arguments in due)]
        self._notices.clear()
        for packet, count in packets(messages):
            self._messages.owe(count)
            self._bytes.owe(len(packet))
            if not self.send(packet):
                self.dropped += count

    def _end_hush(self, standing: Mapping[str, Arguments], now_s: float) -> None:
        if not self._hushed:
            return
        for address in [a for a, until_s in self._hushed.items() if until_s <= now_s]:
            del self._hushed[address]
            if address in standing and address in self.wanted:
                self._waiting.put(address, standing[address], now_s)
