"""The word that a sender has to say before it may play, where the show asks for one."""

import hmac
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from typing import TypeVar

from instrument.hands.crowd import Sender
from instrument.hands.packet import Refusal
from instrument.signals.mistake import Mistake

Key = TypeVar("Key", bound=Hashable)

TOKEN = "/token"
WAIT_S = 1.0
"""After a wrong word, nobody new on that machine who comes the same way (UDP, TCP) is listened to for so
long."""
SILENCE_S = 1800.0
MOST_KNOWN = 256
SHORTEST = 8


def is_token(word: object, token: bytes) -> bool:
    """Whether somebody said the token; takes as long for every word."""
    said = word.encode("utf-8", "replace") if isinstance(word, str) else b""
    return hmac.compare_digest(said, token)


class Doors:
    """Who has said the token. Without a token everybody is in. One thread at a time.

    | the sender            | the word | what happens                                        |
    |-----------------------|----------|-----------------------------------------------------|
    | new                   | right    | is in, until silent for half an hour                |
    | new                   | wrong    | its machine waits a second: one guess a second ...  |
    | new, waiting          | any      | is not compared                                     |
    | ... by another way    | right    | is in: who guesses by UDP keeps out no connection   |
    | in                    | any      | stays in                                            |

    Panic and blackout need the token, too: to silence a show is the first thing a stranger would try.
    The keyboard never needs it.
    """

    def __init__(self, token: str = "") -> None:
        """Raises `Mistake` for a word so short that it can be guessed, or that is no text."""
        if token and len(token) < SHORTEST:
            raise Mistake(
                f"the OSC token has {len(token)} characters; take at least {SHORTEST}, such as two "
                "words of your own"
            )
        try:
            self._token = token.encode("utf-8")
        except UnicodeEncodeError:
            raise Mistake(
                "the OSC token holds a byte that is no text; is it typed in a terminal of UTF-8?"
            ) from None
        self._known: OrderedDict[Sender, float] = OrderedDict()
        self._waits: OrderedDict[Hashable, float] = OrderedDict()
        self.wrong = 0

    @property
    def open(self) -> bool:
        """Whether nobody is asked for a token."""
        return not self._token

    def right(self, word: object) -> bool:
        """Whether this is the token, if one is asked for. Any thread."""
        if self.open:
            return True
        return is_token(word, self._token)

    def admits(self, sender: Sender, now_s: float) -> bool:
        """Whether this sender has said the token; every call counts as a sign of life."""
        if self.open:
            return True
        heard_s = self._known.get(sender)
        if heard_s is None or now_s - heard_s > SILENCE_S:
            self._known.pop(sender, None)
            return False
        self._known[sender] = now_s
        self._known.move_to_end(sender)
        return True

    def say(self, sender: Sender, arguments: Sequence[object], now_s: float) -> None:
        """A message to ``/token``. Raises `Refusal` where the sender is not let in by it."""
        if self.admits(sender, now_s):
            return
        host = sender[0]
        way = (host, *sender[2:])
        if now_s < self._waits.get(way, now_s):
            raise Refusal("comes too soon after a wrong one; a second later is early enough")
        if len(arguments) == 1 and self.right(arguments[0]):
            _remember(self._known, sender, now_s)
            return
        self.wrong += 1
        _remember(self._waits, way, now_s + WAIT_S)
        raise Refusal(f'from {host} is not the right one; say /token "the word of this show"')

    def forget(self, sender: Sender) -> None:
        """A connection has ended."""
        self._known.pop(sender, None)


def _remember(table: OrderedDict[Key, float], key: Key, time_s: float) -> None:
    if key not in table and len(table) >= MOST_KNOWN:
        table.popitem(last=False)
    table[key] = time_s
    table.move_to_end(key)
