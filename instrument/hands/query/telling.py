"""Telling clients what has changed, turn by turn, and none of them more than it reads."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from functools import partial

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed
from websockets.protocol import State

from instrument.clock import Clock
from instrument.hands.complaints import Complaints
from instrument.hands.query import described
from instrument.hands.query.client import Client
from instrument.hands.query.tree import Tree
from instrument.hands.query.values import Values
from instrument.signals.controls import Bank
from instrument.signals.streams import StreamSpec

Names = Callable[[], described.Names]

TURN_S = 1 / 60
SLOW_EVERY = 5
"""Turns of which one looks at streams and meters, too: 12 times a second."""
NAMES_EVERY = 60
MOST_PER_TURN = 24
"""Values sent in a turn to all clients together: 1,440 a second."""
MOST_UNSENT = 32 * 1024
"""Bytes that lie unsent at a client before it is left alone until it has read them."""


class Telling:
    """The tree, the values and the clients, in the query thread. Sleeps while nobody listens."""

    def __init__(
        self,
        bank: Bank,
        streams: Sequence[StreamSpec],
        values: Values,
        names: Names,
        complaints: Complaints,
        clock: Clock,
    ) -> None:
        """`names`: what the words of acts may be now; asked at every GET, and once a second."""
        self.values = values
        self.clients: dict[ServerConnection, Client] = {}
        self._bank, self._streams = bank, streams
        self._names, self._complaints, self._clock = names, complaints, clock
        self._known = self._present_names()
        self.tree = Tree(bank, streams, self._known)
        self._ending, self._wanted = False, asyncio.Event()

    def wake(self) -> None:
        """Somebody may listen now."""
        self._wanted.set()

    def end(self) -> None:
        """No turn after this one."""
        self._ending = True
        self._wanted.set()

    async def run(self) -> None:
        """Turns until `end`. A turn that fails is told, and the next one comes."""
        turn = 0
        while not self._ending:
            if not any(client.wants() for client in self.clients.values()):
                self._wanted.clear()
                await self._wanted.wait()
                continue
            turn += 1
            try:
                await self._turn(turn)
            except Exception as error:
                fault = type(error).__name__
                self._complaints.add(partial("OSCQuery: a turn failed ({})".format, fault))
            self._complaints.flush()
            await asyncio.sleep(TURN_S)

    async def _turn(self, turn: int) -> None:
        if turn % NAMES_EVERY == 0:
            self.follow_names()
        self.values.look(slow=turn % SLOW_EVERY == 0 and self._is_slow_wanted())
        changed = self.values.take_changed()
        now_s, share = self._clock(), max(1, MOST_PER_TURN // max(1, len(self.clients)))
        for connection, client in tuple(self.clients.items()):
            client.tell(changed, self.values.of, now_s)
            if connection.state is State.OPEN and _unsent(connection) <= MOST_UNSENT:
                with contextlib.suppress(ConnectionClosed):
                    await self._send(connection, client, now_s, share)

    def _is_slow_wanted(self) -> bool:
        slow = self.values.slow
        return any(not slow.isdisjoint(client.listening) for client in self.clients.values())

    async def _send(
        self, connection: ServerConnection, client: Client, now_s: float, most: int
    ) -> None:
        while client.texts:
            await connection.send(client.texts.popleft())
        for packet in client.due(self.values.of, now_s, most):
            await connection.send(packet)

    def _present_names(self) -> dict[str, tuple[str, ...]]:
        return {what: tuple(words) for what, words in self._names().items()}

    def follow_names(self) -> None:
        """A scene or a cue that has come or gone changes what may be said to its control."""
        names = self._present_names()
        if names == self._known:
            return
        before, self._known = self._known, names
        changed = [
            spec.address
            for spec in self._bank
            if spec.names and spec.step == 1.0 and names.get(spec.names) != before.get(spec.names)
        ]
        self.tree = Tree(self._bank, self._streams, names)
        for client in self.clients.values():
            client.texts.extend(f'{{"COMMAND":"PATH_CHANGED","DATA":"{path}"}}' for path in changed)


def _unsent(connection: ServerConnection) -> int:
    """Bytes that the system has not taken yet."""
    return int(connection.transport.get_write_buffer_size())
