"""A show as OSCQuery sees it: the small bank, three streams, a real bus and a real server on loopback."""

import contextlib
import http.client
import json
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from pythonosc.osc_message import OscMessage
from stand import Stand
from websockets.sync.client import ClientConnection, connect

from instrument.hands.query.server import QueryServer
from instrument.signals.bus import Bus, new_show_name
from instrument.signals.frames import CONTROLS, METRICS, STANDING, MetricFrame
from instrument.signals.streams import StreamSpec

STREAMS = (
    StreamSpec("loss_g", 0.0, 6.0, "how easily the generator is seen through", unit="nats"),
    StreamSpec("tempo", 0.0, 200.0, "how fast it goes", unit="Hz"),
    StreamSpec("state", 0.0, 2.0, "what it is in", choices=("healthy", "noise", "collapse")),
)
WAIT_S = 20.0


class QueryStand(Stand):
    """Starts with `serve`; everything it began ends with `close`."""

    def __init__(self) -> None:
        super().__init__()
        self.bus = Bus(new_show_name())
        self.controls = self.bus.publisher(CONTROLS)
        self.metrics = self.bus.publisher(METRICS)
        self.standing = self.bus.publisher(STANDING)
        self.frame = self.control_frame()
        self.names: dict[str, Sequence[str]] = {}
        self.handed: list[tuple[bytes, tuple[str, int, str], Callable[[bytes], bool]]] = []
        self.left: list[tuple[str, int, str]] = []
        self.servers: list[QueryServer] = []

    def serve(self, **options: Any) -> QueryServer:
        """A server with these options, running."""
        made = QueryServer(
            self.bank, STREAMS, self.bus, self.say, time.monotonic, lambda: 9000,
            gone=self.left.append,
            **{"port": 0, "hand_in": self._hand_in, "names": lambda: self.names, **options},
        )  # fmt: skip
        made.start()
        self.servers.append(made)
        self.controls.send(self.frame)
        return made

    def _hand_in(
        self, packet: bytes, sender: tuple[str, int, str], reply: Callable[[bytes], bool]
    ) -> None:
        self.handed.append((packet, sender, reply))

    def move(self, path: str, value: float) -> None:
        """The conductor has a control at a value in its unit now."""
        self.frame.positions[self.bank.number[path]] = self.bank.spec(path).unmap(value)
        self.controls.send(self.frame)

    def step(self, number: int, *streams: float) -> None:
        """The training has made a step."""
        frame = MetricFrame(step=number, count=len(streams))
        frame.streams[: len(streams)] = streams
        self.metrics.send(frame)

    def close(self) -> None:
        for server in self.servers:
            server.stop()
        for port in (self.controls, self.metrics, self.standing):
            port.close()
        self.bus.close()


def get(
    server: QueryServer, target: str, method: str = "GET", **headers: str
) -> tuple[int, bytes, dict[str, str]]:
    """Status, body and headers of one request; names of headers with _ for -."""
    connection = http.client.HTTPConnection(server.host, server.port, timeout=WAIT_S)
    try:
        said = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, target, headers=said)
        answer = connection.getresponse()
        return answer.status, answer.read(), dict(answer.getheaders())
    finally:
        connection.close()


def node(server: QueryServer, target: str) -> Any:
    """What a GET is answered with, read as JSON."""
    status, body, _ = get(server, target)
    assert status == 200, (status, body)
    return json.loads(body)


@contextlib.contextmanager
def listener(server: QueryServer, *paths: str, **options: Any) -> Iterator[ClientConnection]:
    """A WebSocket that listens to some paths."""
    place = f"ws://{server.host}:{server.port}/"
    with connect(place, open_timeout=WAIT_S, compression=None, **options) as opened:
        for path in paths:
            opened.send(json.dumps({"COMMAND": "LISTEN", "DATA": path}))
        yield opened


def heard(client: ClientConnection) -> tuple[str, list[object]]:
    """The next value that a client is told."""
    packet = client.recv(timeout=WAIT_S)
    assert isinstance(packet, bytes)
    message = OscMessage(packet)
    return message.address, list(message.params)
