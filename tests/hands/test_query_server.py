"""OSCQuery over real sockets: HTTP, WebSocket, and everything a client may do wrong."""

import contextlib
import json
import random
import socket
import threading
import time
from collections.abc import Iterator

import pytest
from packets import built
from query_stand import WAIT_S, QueryStand, get, heard, listener, node
from stand import until
from websockets.exceptions import ConnectionClosed, InvalidStatus

from instrument.hands.query.server import MOST_CLIENTS, QueryServer
from instrument.hands.query.telling import MOST_UNSENT
from instrument.signals.frames import StandingFrame
from instrument.signals.mistake import Mistake
from instrument.signals.spec import Kind, Spec


@pytest.fixture
def show() -> Iterator[QueryStand]:
    made = QueryStand()
    yield made
    made.close()


def test_get_tells_what_stands_now(show: QueryStand) -> None:
    """A value is that of the moment of asking, though nobody has asked before."""
    server = show.serve()
    assert node(server, "/learning/heat?VALUE") == {"VALUE": [1.0]}
    show.move("learning.heat", 4.0)
    show.move("picture.look", 2.0)
    show.move("show.blackout", 1.0)
    show.step(41, 0.69, 100.0, 1.0)
    assert node(server, "/learning/heat")["VALUE"] == [4.0]
    assert node(server, "/learning/heat/position?VALUE") == {"VALUE": [1.0]}
    assert node(server, "/picture/look?VALUE") == {"VALUE": ["barcode"]}
    assert node(server, "/show/blackout?VALUE") == {"VALUE": [True]}
    assert node(server, "/stream/loss_g?VALUE") == {"VALUE": [0.69]}
    assert node(server, "/state?VALUE") == {"VALUE": ["noise"]}
    assert node(server, "/step?VALUE") == {"VALUE": [41]}


def test_a_stream_that_is_no_number_keeps_its_last_good_one(show: QueryStand) -> None:
    """JSON knows no NaN: the last finite value stands, and before there is one there is none."""
    server = show.serve()
    show.step(1, float("nan"), float("inf"), float("nan"))
    assert get(server, "/stream/loss_g?VALUE")[0] == 204
    assert get(server, "/state?VALUE")[0] == 204
    show.step(2, 0.5, 1.0, 2.0)
    assert node(server, "/state?VALUE") == {"VALUE": ["collapse"]}
    show.step(3, float("nan"), 2.0, float("-inf"))
    told = node(server, "/")["CONTENTS"]
    assert told["stream"]["CONTENTS"]["loss_g"]["VALUE"] == [0.5]
    assert told["state"]["VALUE"] == ["collapse"]


def test_where_the_show_stands_is_told(show: QueryStand) -> None:
    """Scene and cues are read like any other value."""
    server = show.serve()
    show.standing.send(StandingFrame(scene=b"cathedral", next_name=b"dark", cue=3, bpm=120.0))
    assert node(server, "/show/standing/scene?VALUE") == {"VALUE": ["cathedral"]}
    assert node(server, "/show/standing/cue?VALUE") == {"VALUE": [3]}


def test_head_is_a_get_without_its_body(show: QueryStand) -> None:
    """The length is that of the body a GET would have."""
    server = show.serve()
    status, body, headers = get(server, "/learning/heat", "HEAD")
    assert (status, body) == (200, b"")
    assert int(headers["Content-Length"]) == len(get(server, "/learning/heat")[1])


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_nothing_but_reading_is_answered(show: QueryStand, method: str) -> None:
    """Values are moved by OSC, never by HTTP: no page can post to a show."""
    assert get(show.serve(), "/learning/heat", method)[0] == 405
    assert show.handed == []


def test_no_page_of_another_site_can_read(show: QueryStand) -> None:
    """A foreign Host or Origin is refused, and no answer allows other sites to read it."""
    server = show.serve()
    assert get(server, "/", Host="evil.example")[0] == 403
    assert get(server, "/", Origin="http://evil.example")[0] == 403
    status, _, headers = get(server, "/")
    assert status == 200
    assert not [name for name in headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize("headers", [{"Host": "evil.example"}, {"Origin": "http://evil.example"}])
def test_no_page_of_another_site_can_open_a_websocket(
    show: QueryStand, headers: dict[str, str]
) -> None:
    """What holds for a GET holds for a WebSocket, which browsers let any page open."""
    server = show.serve()
    request = "".join(
        f"{name}: {value}\r\n"
        for name, value in {
            "Host": f"127.0.0.1:{server.port}", "Upgrade": "websocket", "Connection": "Upgrade",
            "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==", "Sec-WebSocket-Version": "13", **headers,
        }.items()
    )  # fmt: skip
    with socket.create_connection(("127.0.0.1", server.port), timeout=WAIT_S) as raw:
        raw.sendall(f"GET / HTTP/1.1\r\n{request}\r\n".encode())
        assert raw.recv(64).startswith(b"HTTP/1.1 403 ")


def test_listen_tells_what_stands_and_then_every_change(show: QueryStand) -> None:
    """A client that listens hears the value at once, then each new one, as OSC in binary frames."""
    server = show.serve()
    with listener(server, "/learning/heat", "/picture/look", "/show/blackout") as client:
        assert [heard(client) for _ in range(3)] == [
            ("/learning/heat", [1.0]), ("/picture/look", ["tile_wall"]), ("/show/blackout", [False]),
        ]  # fmt: skip
        show.move("learning.heat", 2.0)
        assert heard(client) == ("/learning/heat", [2.0])
        show.move("picture.look", 1.0)
        assert heard(client) == ("/picture/look", ["test_pattern"])


def test_a_get_in_between_takes_no_change_from_who_listens(show: QueryStand) -> None:
    """Whoever reads first, everybody is told."""
    server = show.serve()
    with listener(server, "/learning/heat") as client:
        heard(client)
        for value in (2.0, 0.5, 4.0):
            show.move("learning.heat", value)
            assert node(server, "/learning/heat?VALUE") == {"VALUE": [value]}
            assert heard(client) == ("/learning/heat", [value])


def test_streams_are_told_to_who_listens(show: QueryStand) -> None:
    """The training's numbers, its state in words and the count of its steps."""
    server = show.serve()
    with listener(server, "/state", "/step") as client:
        show.step(7, 0.5, 1.0, 2.0)
        told = dict(heard(client) for _ in range(2))
        assert told == {"/state": ["collapse"], "/step": [7]}


def test_ignore_ends_it(show: QueryStand) -> None:
    """After IGNORE nothing of that path comes any more."""
    server = show.serve()
    with listener(server, "/learning/heat", "/learning/fog") as client:
        heard(client), heard(client)
        client.send(json.dumps({"COMMAND": "IGNORE", "DATA": "/learning/heat"}))
        client.send(json.dumps({"COMMAND": "LISTEN", "DATA": "/learning/tilt"}))
        assert heard(client)[0] == "/learning/tilt"
        show.move("learning.heat", 2.0)
        show.move("learning.fog", 1.0)
        assert heard(client)[0] == "/learning/fog"


def test_a_packet_over_websocket_is_handed_in_and_answered(show: QueryStand) -> None:
    """A client plays over the connection it reads by; what OSC answers comes back to it alone."""
    server = show.serve()
    with listener(server) as client:
        packet = built("/learning/heat", 2.0)
        client.send(packet)
        until(lambda: len(show.handed) == 1)
        handed, sender, reply = show.handed[0]
        assert handed == packet
        assert sender == (*client.local_address[:2], "ws")
        threading.Thread(target=reply, args=(built("/answer", 1),)).start()
        assert heard(client) == ("/answer", [1])
    until(lambda: show.left == [sender])


def test_a_hand_is_not_told_of_its_own_move_at_once(show: QueryStand) -> None:
    """What a client has just sent does not come back while its finger moves; another client hears it."""
    server = show.serve()
    with listener(server, "/learning/heat", "/learning/fog") as mover, \
            listener(server, "/learning/heat") as other:  # fmt: skip
        heard(mover), heard(mover), heard(other)
        mover.send(built("/learning/heat", 2.0))
        until(lambda: len(show.handed) == 1)
        show.move("learning.heat", 2.0)
        show.move("learning.fog", 1.0)
        assert heard(other) == ("/learning/heat", [2.0])
        assert heard(mover)[0] == "/learning/fog"
        assert heard(mover) == ("/learning/heat", [2.0])


def test_who_listens_is_told_of_new_scenes(show: QueryStand) -> None:
    """A scene that is new changes what its control takes: PATH_CHANGED, and the new words."""
    server = show.serve()
    with listener(server, "/learning/heat") as client:
        heard(client)
        show.names = {"scene": ["cathedral"]}
        told = client.recv(timeout=WAIT_S)
        assert isinstance(told, str)
        assert json.loads(told) == {"COMMAND": "PATH_CHANGED", "DATA": "/show/scene"}
        assert node(server, "/show/scene")["RANGE"] == [{"VALS": ["cathedral"]}]


def test_a_seventeenth_client_is_refused_and_the_others_stay(show: QueryStand) -> None:
    """The number of clients is bounded; a place that gets free is taken again."""
    server = show.serve()
    with contextlib.ExitStack() as stack:
        room = [listener(server, "/learning/heat") for _ in range(MOST_CLIENTS)]
        clients = [stack.enter_context(each) for each in room]
        for client in clients:
            heard(client)
        with pytest.raises((InvalidStatus, ConnectionClosed)), listener(server) as late:
            late.recv(timeout=WAIT_S)
        show.move("learning.heat", 2.0)
        assert [heard(client)[1] for client in clients] == [[2.0]] * MOST_CLIENTS
        clients[0].close()
        until(lambda: _gets_in(show))


def _gets_in(show: QueryStand) -> bool:
    try:
        with listener(show.servers[0], "/learning/heat") as client:
            return heard(client)[1] == [2.0]
    except (InvalidStatus, ConnectionClosed):
        return False


def test_many_connections_that_say_nothing_lock_nobody_out(show: QueryStand) -> None:
    """Those beyond the last with room are dropped, and who comes after they are gone is answered."""
    server = show.serve()
    silent = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(60)]
    for each in silent:
        each.close()
    until(lambda: _answers(show))


def _answers(show: QueryStand) -> bool:
    try:
        return get(show.servers[0], "/")[0] == 200
    except OSError:
        return False


@pytest.mark.slow
def test_a_client_that_does_not_read_loses_values_and_nothing_grows(show: QueryStand) -> None:
    """What waits for a slow client is the latest of each address; when it reads again it has them all."""
    server = show.serve()
    states = [spec for spec in show.bank if spec.kind is not Kind.TRIGGER]
    paths = [path for spec in states for path in (spec.address, spec.address + "/position")]
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.connect(("127.0.0.1", server.port))
    with listener(server, *paths, sock=raw, max_queue=1) as slow:
        until(lambda: _move_all(show, states) and _unsent_most(server) > MOST_UNSENT)
        for _ in range(100):
            _move_all(show, states)
            time.sleep(0.01)
            assert _unsent_most(server) < MOST_UNSENT + 8192
        assert node(server, "/learning/fog/position?VALUE") != {"VALUE": [0.25]}
        show.move("learning.fog", 1.5 * 0.25)
        newest = ("/learning/fog/position", [0.25])
        while heard(slow) != (newest[0], [pytest.approx(newest[1][0])]):
            pass


def _move_all(show: QueryStand, states: list[Spec]) -> bool:
    for spec in states:
        show.frame.positions[show.bank.number[spec.path]] = random.uniform(0.3, 1.0)
    show.controls.send(show.frame)
    return True


def _unsent_most(server: QueryServer) -> int:
    """Bytes that lie in this process for the client that reads least."""
    connections = tuple(server._telling.clients)
    return max((each.transport.get_write_buffer_size() for each in connections), default=0)


def test_with_a_token_nobody_reads_without_it(show: QueryStand) -> None:
    """The token opens HTTP and WebSocket, and is handed in for the packets that follow."""
    server = show.serve(token="two sevens")
    assert get(server, "/?HOST_INFO")[0] == 403
    assert get(server, "/", Authorization="Bearer nine")[0] == 403
    assert get(server, "/?TOKEN=two%20sevens")[0] == 200
    assert get(server, "/learning/heat?VALUE&TOKEN=two%20sevens")[0] == 200
    with pytest.raises(InvalidStatus), listener(server):
        pass
    bearer = {"Authorization": "Bearer two sevens"}
    with listener(server, "/learning/heat", additional_headers=bearer) as client:
        heard(client)
        assert show.handed[0][0] == built("/token", "two sevens")


def test_port_in_use_is_a_mistake_only_if_it_was_asked_for(show: QueryStand) -> None:
    """A port that was named must be had; else any free one is taken and told."""
    first = show.serve()
    with pytest.raises(Mistake, match="--query-port"):
        show.serve(port=first.port)
    usual, other = show.serve(port=None), show.serve(port=None)
    assert usual.port != other.port
    assert node(other, "/?HOST_INFO")["WS_PORT"] == other.port
    assert str(other.port) in show.said[-1]


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1"])
def test_opened_without_a_list_is_refused(show: QueryStand, host: str) -> None:
    """Nobody opens a show to a whole network by one word."""
    with pytest.raises(Mistake, match="--osc-allow"):
        show.serve(host=host)


@pytest.mark.parametrize("host", ["no.such.host.invalid", "192.0.2.77", "192.0..2"])
def test_an_address_that_is_not_ours_is_said(show: QueryStand, host: str) -> None:
    """A wrong address is a sentence before the curtain."""
    with pytest.raises(Mistake, match="OSCQuery"):
        show.serve(host=host, allow=["192.168.1.7"])


def test_stop_ends_connections_and_gives_the_port_back(show: QueryStand) -> None:
    """After stop the thread is gone, clients know it, and the port is free."""
    server = show.serve()
    with listener(server, "/learning/heat") as client:
        heard(client)
        server.stop()
        with pytest.raises(ConnectionClosed):
            client.recv(timeout=WAIT_S)
    assert "query" not in [thread.name for thread in threading.enumerate()]
    with socket.socket() as again:
        again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        again.bind(("127.0.0.1", server.port))
