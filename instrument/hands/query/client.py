"""One program at the other end of a WebSocket: what it listens to, and what it is still to be told."""

import json
from collections import deque
from collections.abc import Iterable

from instrument.hands.coalesce import Coalesced
from instrument.hands.packet import Refusal, messages
from instrument.hands.query.nodes import Values
from instrument.hands.query.tree import Tree
from instrument.hands.readouts import POSITION
from instrument.hands.written import written
from instrument.signals.spoken import cut, printable

RATE_PER_S = 30.0
HOLD_S = 0.3
"""So long a client is not told of what it moves itself: a fader under a finger must not be pulled back."""
MOST_HELD = 256
MOST_ANSWERS = 256
MOST_MISSED = 64
LISTEN, IGNORE = "LISTEN", "IGNORE"
EXAMPLE = '{"COMMAND":"LISTEN","DATA":"/learning/heat"}'
LONGEST_SHOWN = 60


class Client:
    """Bounded whatever comes: paths are those of the tree, and the latest value of each is all that waits.

    Query thread; `answers` may be filled by any.
    """

    def __init__(self) -> None:
        self.listening: set[str] = set()
        self.answers: deque[bytes] = deque(maxlen=MOST_ANSWERS)
        """Packets that the OSC server sends back to it."""
        self.texts: deque[str] = deque(maxlen=MOST_ANSWERS)
        """Commands to it, such as PATH_CHANGED."""
        self._waiting = Coalesced(RATE_PER_S)
        self._held_s: dict[str, float] = {}
        self._missed: set[str] = set()

    def obey(self, text: str, tree: Tree, values: Values, now_s: float) -> str:
        """``{"COMMAND": "LISTEN", "DATA": "/learning/heat"}``; what is wrong with it, or "". Never raises.

        What stands at the path is told at once. An act may be listened to, but never says anything.
        """
        try:
            said = json.loads(text)
            command, path = said["COMMAND"], said["DATA"]
        except (ValueError, TypeError, KeyError, RecursionError):
            return f"sent no command ({_shown(text)}); {EXAMPLE} is one"
        if command not in (LISTEN, IGNORE):
            return f"sent the command {_shown(command)}; {LISTEN} and {IGNORE} are understood"
        if not isinstance(path, str):
            return f"sent {command} without a path; {EXAMPLE} has one"
        path = path.rstrip("/")
        if command == IGNORE:
            self.listening.discard(path)
            self._waiting.forget(path)
            return ""
        node = tree.find(path)
        if node is None:
            return self._misses(path)
        if node.has_value:
            self.listening.add(path)
            self.tell((path,), values, now_s)
        return ""

    def _misses(self, path: str) -> str:
        """The sentence about a path that is not there: once, as clients ask for it again and again."""
        if path in self._missed or len(self._missed) >= MOST_MISSED:
            return ""
        self._missed.add(path)
        return f"listens to {_shown(path)}, and there is nothing (GET / tells what there is)"

    def moves(self, packet: bytes, now_s: float) -> None:
        """A packet came from it: what it moves, it is not told of for `HOLD_S`."""
        try:
            paths = [message[: message.index(0)].decode() for _, message in messages(packet)]
        except (Refusal, ValueError):
            return
        for path in paths[:MOST_HELD]:
            plain = path.removesuffix(POSITION)
            for held in (plain, plain + POSITION):
                if held in self.listening and len(self._held_s) < MOST_HELD:
                    self._held_s[held] = now_s + HOLD_S

    def tell(self, changed: Iterable[str], values: Values, now_s: float) -> None:
        """These paths have changed; those it listens to wait to be sent, or to be let go of."""
        for path in changed:
            if path in self.listening and path not in self._held_s:
                self._put(path, values, now_s)

    def due(self, values: Values, now_s: float, most: int) -> list[bytes]:
        """Packets to be sent now, `most` values among them; what else is due waits and stays the latest."""
        self._let_go(values, now_s)
        packets = [self.answers.popleft() for _ in range(min(most, len(self.answers)))]
        for address, arguments in self._waiting.take(now_s, most):
            packets.append(written(address, arguments))
        return packets

    def wants(self) -> bool:
        """Whether it listens to anything, or something waits for it."""
        return bool(self.listening or self.answers or self.texts)

    def _let_go(self, values: Values, now_s: float) -> None:
        for path in [path for path, until_s in self._held_s.items() if until_s <= now_s]:
            del self._held_s[path]
            if path in self.listening:
                self._put(path, values, now_s)

    def _put(self, path: str, values: Values, now_s: float) -> None:
        arguments = values(path)
        if arguments is not None:
            self._waiting.put(path, arguments, now_s)


def _shown(said: object) -> str:
    """What a stranger sent, fit for one line of a terminal."""
    if not isinstance(said, str):
        return f"a {type(said).__name__}"
    text = printable(said[: LONGEST_SHOWN + 1]).replace("\n", " ")
    return f"'{cut(text, LONGEST_SHOWN)}'"
