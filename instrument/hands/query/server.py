"""OSCQuery: HTTP and WebSocket on one port, in one thread.

Nothing here can hold up a show: what a client asks is answered out of the bus, what it is too slow to hear
is replaced by what is newer, and whatever fails ends with its connection. The thread is no nicer than
others: with a niceness of 5 a listener on a full machine heard a change after 60 ms instead of 15.
"""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable, Sequence
from functools import partial
from http import HTTPStatus

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from instrument.clock import Clock
from instrument.hands.complaints import Complaints
from instrument.hands.crowd import Bucket, Guests
from instrument.hands.osc_here import is_loopback
from instrument.hands.osc_port import numeric
from instrument.hands.packet import MAX_PACKET
from instrument.hands.query.announce import Announcement, server_name
from instrument.hands.query.answers import answer, host_info
from instrument.hands.query.client import MOST_ANSWERS, Client
from instrument.hands.query.door import Door, own_names
from instrument.hands.query.opening import USUAL_PORT, open_ports
from instrument.hands.query.telling import MOST_UNSENT, Names, Telling
from instrument.hands.query.values import Values
from instrument.hands.token import TOKEN
from instrument.hands.written import written
from instrument.signals.bus import Bus
from instrument.signals.controls import Bank
from instrument.signals.mistake import Mistake
from instrument.signals.streams import StreamSpec
from instrument.signals.worker import Worker

WebSender = tuple[str, int, str]
Reply = Callable[[bytes], bool]
HandIn = Callable[[bytes, WebSender, Reply], object]

NAME = "twos-and-sevens"
WAY = "ws"
MOST_CLIENTS = 16
MOST_CONNECTIONS = 48
GETS_PER_S = 100.0
GETS_BURST = 400.0
SAID_PER_S = 1000.0
SAID_BURST = 2000.0
WAIT_S = 0.02
"""A client that says more is not refused but read more slowly, until its own side has to wait."""
OPEN_TIMEOUT_S = 5.0
PING_S = 10.0
CLOSE_S = 1.0
WRONG_TOKEN_S = 0.5


class _Connection(ServerConnection):
    """A connection beyond the last that has room is dropped at once."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        if len(self.server.handler_tasks) > MOST_CONNECTIONS:
            self.transport.abort()


class QueryServer:
    """The OSCQuery server."""

    def __init__(
        self,
        bank: Bank,
        streams: Sequence[StreamSpec],
        bus: Bus,
        say: Callable[[str, bool], None],
        clock: Clock,
        osc_port: Callable[[], int],
        *,
        host: str = "127.0.0.1",
        port: int | None = None,
        allow: Sequence[str] = (),
        token: str = "",
        hand_in: HandIn | None = None,
        gone: Callable[[WebSender], object] = bool,
        names: Names = dict,
        announce: bool = False,
        name: str = NAME,
    ) -> None:
        """`osc_port`: where OSC is heard. `port`: None for the usual one, or any where that is taken.

        `hand_in` takes an OSC packet, who sent it, and a way to answer; without it clients only read.
        `gone` is told who has left. Both are called in the query thread and must not wait.
        `names`: what the words of acts may be now, by what they name ("scene", "cue").
        `announce`: whether other programs are told by zeroconf that we are here. Raises `Mistake`.
        """
        self.host, self.name = host, name
        self.port = port or 0
        self._wanted_port = port
        self._say, self._clock, self._osc_port = say, clock, osc_port
        self._token, self._hand_in, self._gone = token, hand_in, gone
        self._guests = Guests(allow)
        if not allow and not is_loopback(numeric(host)):
            raise Mistake(
                f"OSCQuery: on {host} anybody in the network could look in; say who may with --osc-allow"
            )
        self._complaints = Complaints(say, clock)
        self._bucket = Bucket(GETS_PER_S, GETS_BURST, clock())
        self._make = partial(Telling, bank, tuple(streams))
        self._make_values = partial(Values, bank, tuple(streams), bus)
        self._names, self._announce = names, announce
        self._announcement: Announcement | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._worker = Worker("query", self._run)

    @property
    def refused(self) -> int:
        """Requests and commands not taken."""
        return self._complaints.count

    def start(self) -> None:
        """Open the port and begin. Raises `Mistake` if the port that was asked for cannot be had."""
        self._sockets = open_ports(self.host, self._wanted_port)
        address, self.port = self._sockets[0].getsockname()[:2]
        names = (*own_names(self.host), server_name(self.name, self.port))
        self._door = Door(self._guests, names, self._token)
        if self._wanted_port is None and self.port != USUAL_PORT:
            self._say(f"OSCQuery: port {USUAL_PORT} is taken, {self.port} answers instead", False)
        self._values = self._make_values()
        self._worker.start()
        if self._announce:
            self._announcement = Announcement(
                self.name, address, self._say, self.port, self._osc_port()
            )
            self._announcement.start()

    def stop(self) -> None:
        """Close the port and all connections; returns when the thread has ended: 3 s at most."""
        if self._announcement is not None:
            self._announcement.stop()
        self._worker.ending.set()
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # it has ended by itself
                self._loop.call_soon_threadsafe(self._telling.end)
        self._worker.stop()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except Exception as error:
            self._say(f"OSCQuery: the server has ended ({type(error).__name__}: {error})", True)

    async def _serve(self) -> None:
        self._telling = self._make(self._values, self._names, self._complaints, self._clock)
        servers = [await self._at(opened) for opened in self._sockets]
        self._loop = asyncio.get_running_loop()
        if self._worker.ending.is_set():  # asked to end before there was a loop to be told by
            self._telling.end()
        try:
            await self._telling.run()
        finally:
            for server in servers:
                server.close()
            with contextlib.suppress(TimeoutError):
                ended = asyncio.gather(*(server.wait_closed() for server in servers))
                await asyncio.wait_for(ended, 1.5 * CLOSE_S)

    async def _at(self, opened: socket.socket) -> Server:
        """Answer at one of the sockets."""
        return await serve(
            self._hear,
            sock=opened,
            process_request=self._answer,
            compression=None,
            server_header=None,
            open_timeout=OPEN_TIMEOUT_S,
            ping_interval=PING_S,
            ping_timeout=PING_S,
            close_timeout=CLOSE_S,
            max_size=MAX_PACKET,
            max_queue=4,
            write_limit=4 * MOST_UNSENT,
            logger=_silent(),
            create_connection=_Connection,
        )

    async def _answer(self, connection: ServerConnection, request: Request) -> Response | None:
        """A GET is answered here; None lets a WebSocket be opened. Never raises."""
        try:
            why = await self._let_in(connection, request)
            if why is not None:
                return self._refuse(HTTPStatus.FORBIDDEN, why)
            if "websocket" in ",".join(request.headers.get_all("Upgrade")).lower():
                return self._room()
            return self._read(request, str(connection.local_address[0]))
        except Exception as error:
            fault = type(error).__name__
            return self._refuse(HTTPStatus.INTERNAL_SERVER_ERROR, f"a fault of ours ({fault})")

    async def _let_in(self, connection: ServerConnection, request: Request) -> str | None:
        """Why a request is not answered, None if it is. A wrong token waits for half a second."""
        headers, query = request.headers, request.path.partition("?")[2]
        sender, local = connection.remote_address[0], connection.local_address[0]
        hosts, origins = headers.get_all("Host"), headers.get_all("Origin")
        if refusal := self._door.refuses(str(sender), str(local), hosts, origins):
            return refusal
        if self._door.knows_token(query, ",".join(headers.get_all("Authorization"))):
            return None
        await asyncio.sleep(WRONG_TOKEN_S)
        return "the token is missing or wrong"

    def _room(self) -> Response | None:
        if len(self._telling.clients) < MOST_CLIENTS:
            return None
        return self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, f"{MOST_CLIENTS} listen already")

    def _read(self, request: Request, address: str) -> Response:
        method = getattr(request, "method", "GET")
        if method not in ("GET", "HEAD"):
            return self._refuse(HTTPStatus.METHOD_NOT_ALLOWED, "only GET is answered")
        if not self._bucket.take(self._clock()):
            return self._refuse(HTTPStatus.TOO_MANY_REQUESTS, "too many requests")
        telling = self._telling
        telling.values.look()
        telling.follow_names()
        info = host_info(self.name, address, self._osc_port(), self.port)
        status, body = answer(request.path, telling.tree, telling.values.of, info)
        return _response(status, body, only_head=method == "HEAD")

    def _refuse(self, status: HTTPStatus, why: str) -> Response:
        self._complaints.add(partial("OSCQuery: a request was refused: {}".format, why))
        return _response(status, why)

    async def _hear(self, connection: ServerConnection) -> None:
        """One client from its first to its last word."""
        clients = self._telling.clients
        if len(clients) >= MOST_CLIENTS:
            return
        client = clients[connection] = Client()
        host, port = connection.remote_address[:2]
        sender = (str(host), int(port), WAY)
        reply = partial(self._reply, client)
        try:
            if self._token and self._hand_in is not None:
                word = written(TOKEN, (self._token,), longest=len(self._token))
                self._hand_in(word, sender, reply)
            bucket = Bucket(SAID_PER_S, SAID_BURST, self._clock())
            async for said in connection:
                self._take(client, said, sender, reply)
                while not bucket.take(self._clock()):
                    await asyncio.sleep(WAIT_S)
        except ConnectionClosed:
            pass
        except Exception as error:
            fault = type(error).__name__
            self._complaints.add(lambda: f"OSCQuery: a client was let go of ({fault})")
        finally:
            clients.pop(connection, None)
            self._gone(sender)

    def _take(self, client: Client, said: str | bytes, sender: WebSender, reply: Reply) -> None:
        now_s, telling = self._clock(), self._telling
        if isinstance(said, bytes):
            if self._hand_in is not None:
                client.moves(said, now_s)
                self._hand_in(said, sender, reply)
            return
        telling.values.look()
        wrong = client.obey(said, telling.tree, telling.values.of, now_s)
        if wrong:
            self._complaints.add(partial("OSCQuery: {} {}".format, sender[0], wrong))
        else:
            telling.wake()

    def _reply(self, client: Client, packet: bytes) -> bool:
        """A packet from the OSC server to a client; whether it has room. Any thread; never waits."""
        if len(client.answers) >= MOST_ANSWERS or self._loop is None:
            return False
        client.answers.append(packet)
        try:
            self._loop.call_soon_threadsafe(self._telling.wake)
        except RuntimeError:  # the server has ended
            return False
        return True


def _silent() -> logging.Logger:
    """The library's log goes nowhere: what a stranger sends must not fill the terminal of a show."""
    logger = logging.getLogger("instrument.hands.query")
    logger.propagate = False
    logger.setLevel(logging.CRITICAL + 1)
    return logger


def _response(status: HTTPStatus, body: str, only_head: bool = False) -> Response:
    """No CORS header: pages of other sites have nothing to read here."""
    data = body.encode("utf-8", "replace")
    headers = Headers({"Connection": "close", "Cache-Control": "no-store"})
    if status is not HTTPStatus.NO_CONTENT:
        kind = "application/json" if status is HTTPStatus.OK else "text/plain"
        headers["Content-Type"] = f"{kind}; charset=utf-8"
        headers["Content-Length"] = str(len(data))
    if status is HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = "GET, HEAD"
    return Response(status.value, status.phrase, headers, b"" if only_head else data)
