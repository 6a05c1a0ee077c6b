"""Packets for fuzzing: valid ones of every kind, and what a fault or an enemy makes of them. Seeded."""

import json
import random
import struct
from collections.abc import Callable, Sequence

from packets import HOSTILE, bundled

NTP_TO_UNIX_S = 2208988800
NUMBERS = (0.0, 1.0, -1.0, 0.5, 2.0, 1e-40, 1e38, -1e38, float("nan"), float("inf"), float("-inf"))
WHOLE = (0, 1, -1, 2, 7, 127, 128, 2**31 - 1, -(2**31))
LONG = (0, 1, 2**63 - 1, -(2**63))
TEXTS = (
    "",
    "on",
    "off",
    "barcode",
    "cathedral",
    "learning.heat",
    "é",
    "/learning/*",
    "//*",
    "\x01",
    "x" * 300,
)
PIECES = (
    "*",
    "?",
    "//",
    "[a-z]",
    "[!a]",
    "{heat,fog}",
    "/",
    "a",
    "learning",
    "level",
    "{",
    "]",
    "[",
    "position",
)
ODD = (
    "/route/1/depth", "/route/1/control", "/route/x/mute", "/route/9/stream", "/subscribe",
    "/unsubscribe", "/resync", "/token", "/show/scene", "/show/goto", "/show/snapshot", "/midi/learn",
    "/", "/%s", "/a b",
)  # fmt: skip
TAGS = "ffffiiissTFNIhdbtScrm"
SIZES = (-(2**31), -8, -4, -1, 0, 1, 3, 4, 8, 2**16, 2**31 - 1)


def _text(text: str) -> bytes:
    data = text.encode("utf-8", "replace")
    return data + bytes(4 - len(data) % 4)


class Maker:
    """Makes one packet after the other. The same seed makes the same packets."""

    def __init__(self, seed: object, addresses: Sequence[str], utc: Callable[[], float]) -> None:
        self.random = random.Random(str(seed))
        self._addresses = tuple(addresses)
        self._utc = utc
        self._last = b"/show/go\0\0\0\0,\0\0\0"

    def packet(self) -> bytes:
        """A valid one, or one that was valid before it was mutated."""
        draw = self.random.random()
        if draw < 0.02:
            return self.random.choice(list(HOSTILE.values()))
        if draw < 0.023:
            return self.heavy()
        packet = self._bundle(1) if draw < 0.3 else self.message()
        if self.random.random() < 0.5:
            packet = self.mutated(packet)
        self._last = packet or self._last
        return packet[:65600]

    def word(self, right: str) -> bytes:
        """A message to ``/token``: now and then with the right word."""
        said = right if self.random.random() < 0.02 else self.random.choice(TEXTS)
        return _text("/token") + (
            _text(",s") + _text(said) if self.random.random() < 0.9 else _text(",")
        )

    def heavy(self) -> bytes:
        """A valid bundle with as much work in it as fits: up to 65 kB, or many patterns."""
        if self.random.random() < 0.5:
            wanted = [
                "/" + "".join(self.random.choices(PIECES[:8], k=self.random.randint(1, 40)))
                for _ in range(30)
            ]
            slow = [_text(address[:250]) + _text(",f") + bytes(4) for address in wanted]
            return bundled(*slow[: self.random.randint(1, 30)], tag=self._time_tag())
        message = self.message()
        return bundled(*[message] * min(3000, 65000 // (len(message) + 4)), tag=self._time_tag())

    def message(self) -> bytes:
        """A valid message: any address, any arguments."""
        draw, choose = self.random.random(), self.random.choice
        address = choose(self._addresses)
        if draw < 0.15:
            address = choose(ODD)
        elif draw < 0.2:
            address = "/" + "".join(self.random.choices(PIECES, k=self.random.randint(1, 12)))
        elif draw < 0.35:
            address += "/position"
        count = choose((0, 1, 1, 1, 1, 2, 3, 8))
        tags = self.random.choices(TAGS, k=count)
        if draw > 0.95:
            tags = ["[", *tags, "]"]
        if draw > 0.98:
            tags = self.random.choices("TFNI[]", k=self.random.randint(50, 80))
        return _text(address) + _text("," + "".join(tags)) + b"".join(map(self._argument, tags))

    def _argument(self, tag: str) -> bytes:
        choose = self.random.choice
        if tag in "icrm":
            return struct.pack(">i", choose(WHOLE))
        if tag == "f":
            return struct.pack(">f", choose(NUMBERS))
        if tag == "d":
            return struct.pack(">d", choose((*NUMBERS, 1e300)))
        if tag in "ht":
            return struct.pack(">q", choose(LONG))
        if tag in "sS":
            return _text(choose(TEXTS))
        if tag == "b":
            body = self.random.randbytes(choose((0, 1, 4, 7)))
            return struct.pack(">i", len(body)) + body + bytes(-len(body) % 4)
        return b""

    def _bundle(self, depth: int) -> bytes:
        contents = []
        for _ in range(self.random.choice((0, 1, 1, 2, 3, 5, 20))):
            nested = depth < 6 and self.random.random() < 0.25
            contents.append(self._bundle(depth + 1) if nested else self.message())
        return bundled(*contents, tag=self._time_tag())

    def _time_tag(self) -> int:
        ahead_s = self.random.choice((-10.0, 0.0, 0.01, 0.5, 1.99, 2.5, 1e6))
        now = int((self._utc() + NTP_TO_UNIX_S + ahead_s) * 2**32)
        return self.random.choice((0, 1, 2**64 - 1, now, now, now))

    def mutated(self, packet: bytes) -> bytes:
        """One to four faults: bytes, sizes, tags, parts left out, doubled or of another packet."""
        data = bytearray(packet)
        for _ in range(self.random.randint(1, 4)):
            if data:
                self._fault(data)
        return bytes(data)

    def _fault(self, data: bytearray) -> None:
        at, kind = self.random.randrange(len(data)), self.random.randrange(8)
        four = at & ~3
        if kind == 0:
            data[at] = self.random.randrange(256)
        elif kind == 1:
            data[at] ^= 1 << self.random.randrange(8)
        elif kind == 2:
            data[four : four + 4] = struct.pack(">i", self.random.choice(SIZES))
        elif kind == 3:
            del data[at:]
        elif kind == 4:
            del data[four : four + 4 * self.random.randint(1, 3)]
        elif kind == 5:
            data[four:four] = data[four : four + 4 * self.random.randint(1, 16)]
        elif kind == 6:
            comma = data.find(b",")
            if 0 <= comma < len(data) - 1:
                data[comma + 1] = ord(self.random.choice(TAGS + "[]qZ\0"))
        else:
            data[four:] = self._last[self.random.randrange(len(self._last)) & ~3 :]

    def stream(self, framed: Callable[[bytes], bytes]) -> list[bytes]:
        """A few packets as a stream, in pieces, every other time with faults in it."""
        whole = b"".join(framed(self.packet()) for _ in range(self.random.randint(1, 4)))
        if whole and self.random.random() < 0.5:
            whole = self.mutated(whole)
        cuts = sorted(
            self.random.randrange(len(whole) + 1) for _ in range(self.random.randint(0, 5))
        )
        return [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True) if a < b]

    def command(self) -> str:
        """A text for the WebSocket of OSCQuery, seldom what it should be."""
        choose = self.random.choice
        words = ("LISTEN", "IGNORE", "PATH_ADDED", "", 1, None, ["LISTEN"])
        data = (
            choose(self._addresses),
            choose(self._addresses) + "/position",
            "/",
            "",
            "/state",
            "//",
            "/\ud800",
            7,
            None,
            {},
        )
        said = json.dumps(
            {choose(("COMMAND", "COMMAND", "command")): choose(words), "DATA": choose(data)}
        )
        draw = self.random.random()
        if draw < 0.1:
            return "[" * self.random.randint(1, 5000)
        if draw < 0.3:
            return self.mutated(said.encode()).decode("utf-8", "replace")
        return said
