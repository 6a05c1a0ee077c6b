"""OSCQuery and everything that a client may do wrong, over real sockets."""

import json
import socket
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from packets import HOSTILE
from query_stand import WAIT_S, QueryStand, get, heard, listener
from stand import until
from websockets.exceptions import ConnectionClosed

pytestmark = pytest.mark.slow


@pytest.fixture
def show() -> Iterator[QueryStand]:
    made = QueryStand()
    yield made
    made.close()


HOSTILE_REQUESTS = {
    "no bytes": b"",
    "no request": b"hello\r\n\r\n",
    "another protocol": b"GET / HTTP/9.9\r\n\r\n",
    "a line without an end": b"GET /" + b"a" * 100_000,
    "many headers": b"GET / HTTP/1.1\r\n" + b"".join(b"X-%d: 1\r\n" % n for n in range(500)) + b"\r\n",
    "a body": b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello",
    "a body in pieces": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello",
    "bytes that are no text": b"GET /\xff\xfe HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "half a websocket": b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n\r\n",
    "smuggled line": b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\nGET /x HTTP/1.1\r\n\r\n",
    "TLS": bytes.fromhex("1603010200010001fc0303") + bytes(200),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE_REQUESTS)
def test_hostile_request_ends_with_its_connection(
    show: QueryStand, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Whatever comes to the port, the next request is answered, and nothing is printed."""
    server = show.serve()
    with socket.create_connection(("127.0.0.1", server.port), timeout=WAIT_S) as raw:
        raw.sendall(HOSTILE_REQUESTS[name])
        raw.shutdown(socket.SHUT_WR)
        while _received(raw):
            pass
    assert get(server, "/")[0] == 200
    assert capfd.readouterr() == ("", "")


def _received(raw: socket.socket) -> bytes:
    try:
        return raw.recv(65536)
    except ConnectionResetError:
        return b""


@given(
    some.lists(
        some.one_of(
            some.text(), some.binary(), some.sampled_from(list(HOSTILE.values())),
            some.recursive(
                some.none() | some.booleans() | some.floats() | some.text() | some.just("/learning/heat"),
                lambda inside: some.lists(inside) | some.dictionaries(
                    some.sampled_from(["COMMAND", "DATA", "x"]), inside
                ),
            ).map(json.dumps),
            some.sampled_from(["LISTEN", "IGNORE", "START_OSC_STREAMING"]).flatmap(
                lambda word: some.text().map(lambda path: json.dumps({"COMMAND": word, "DATA": path}))
            ),
        ),
        max_size=20,
    )
)  # fmt: skip
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_messages_leave_the_connection_in_order(
    show: QueryStand, said: list[str | bytes]
) -> None:
    """After whatever texts and bytes a client sends, LISTEN still works on the same connection."""
    server = show.servers[0] if show.servers else show.serve()
    with listener(server) as client:
        for message in said:
            client.send(message)
        client.send(json.dumps({"COMMAND": "LISTEN", "DATA": "/show/calm"}))
        while heard(client)[0] != "/show/calm":
            pass


def test_listening_to_an_act_is_no_fault(show: QueryStand) -> None:
    """Chataigne listens to all of a group, acts included; what is not there is told as a fault."""
    server = show.serve()
    with listener(server, "/learning/undo", "/learning", "/learning/heat") as client:
        assert heard(client)[0] == "/learning/heat"
        assert server.refused == 0
        client.send(json.dumps({"COMMAND": "LISTEN", "DATA": "/nothing"}))
        until(lambda: server.refused == 1)


def test_a_path_that_is_not_there_is_said_once(show: QueryStand) -> None:
    """A program that asks for it again and again does not fill the terminal; another path is new."""
    server = show.serve()
    nothing = json.dumps({"COMMAND": "LISTEN", "DATA": "/nothing"})
    with listener(server) as client:
        for text in (nothing, nothing, nothing, nothing.replace("nothing", "no_more")):
            client.send(text)
        client.send(json.dumps({"COMMAND": "LISTEN", "DATA": "/learning/heat"}))
        assert heard(client)[0] == "/learning/heat"
    assert server.refused == 2
    assert "listens to '/nothing'" in show.said[0]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"COMMAND": "START", "DATA": "/a"}', "sent the command 'START'"),
        ('{"COMMAND": ["LISTEN"], "DATA": "/a"}', "sent the command a list"),
        ('{"COMMAND": "LISTEN", "DATA": 7}', "sent LISTEN without a path"),
        ("hello\n\x1b[2J", "sent no command ('hello ?[2J')"),
    ],
)
def test_a_command_that_is_none_is_named(show: QueryStand, text: str, words: str) -> None:
    """What was sent stands in the sentence, in letters that a terminal can be given."""
    server = show.serve()
    with listener(server) as client:
        client.send(text)
        until(lambda: server.refused == 1)
    assert words in show.said[0]


TARGETS = some.text(some.characters(min_codepoint=33, max_codepoint=126), max_size=200)


@given(TARGETS)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_request_line_has_a_status_of_the_proposal(show: QueryStand, target: str) -> None:
    """Whatever a client asks for over HTTP, the answer is one of five, and never a traceback."""
    server = show.servers[0] if show.servers else show.serve()
    with socket.create_connection((server.host, server.port), timeout=WAIT_S) as raw:
        raw.sendall(f"GET /{target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        said = b""
        while piece := _received(raw):
            said += piece
    assert said.split(b" ")[1] in (b"200", b"204", b"400", b"403", b"404")
    assert b"Traceback" not in said


def test_a_message_that_is_too_long_ends_the_connection_only(show: QueryStand) -> None:
    """A client cannot make the show hold more than one longest packet."""
    server = show.serve()
    with listener(server) as client:
        client.send(bytes(70_000))
        with pytest.raises(ConnectionClosed):
            client.recv(timeout=WAIT_S)
    assert get(server, "/")[0] == 200
    assert show.handed == []
