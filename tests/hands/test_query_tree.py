"""OSCQuery: the tree and its answers, as pure functions; and who is let in."""

import json
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from query_stand import STREAMS
from stand import GROUPS

from instrument.hands.crowd import Guests
from instrument.hands.query.answers import answer, host_info
from instrument.hands.query.door import Door
from instrument.hands.query.nodes import ATTRIBUTES
from instrument.hands.query.tree import Tree
from instrument.house import open_house
from instrument.signals.controls import Bank
from instrument.signals.spec import Kind

BANK = Bank.of(GROUPS)
TREE = Tree(BANK, STREAMS, {})
INFO = host_info("show", "127.0.0.1", 9000, 9002)
HERE = "127.0.0.1"


def values(path: str) -> tuple[object, ...] | None:
    return {"/learning/heat": (1.0,), "/picture/look": ("barcode",)}.get(path)


def asked(target: str, tree: Tree = TREE) -> Any:
    status, body = answer(target, tree, values, INFO)
    assert status is HTTPStatus.OK
    return json.loads(body)


def all_nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for below in node.get("CONTENTS", {}).values():
        yield from all_nodes(below)


def test_a_control_is_told_with_unit_range_and_value() -> None:
    """What a client needs to draw a fader stands in one node, in the words of the proposal."""
    assert asked("/learning/heat") == {
        "FULL_PATH": "/learning/heat", "ACCESS": 3, "TYPE": "f", "DESCRIPTION": "heat [x]",
        "TAGS": ["learning"], "RANGE": [{"MIN": 0.25, "MAX": 4.0}], "CLIPMODE": ["both"], "VALUE": [1.0],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("path", "type_", "access"),
    [
        ("/learning/heat", "f", 3), ("/learning/heat/position", "f", 3), ("/picture/bars", "i", 3),
        ("/learning/helvetica", "T", 3), ("/picture/look", "s", 3), ("/learning/undo", "I", 2),
        ("/learning/quake", "I", 2), ("/learning/amnesia", "s", 2), ("/show/store", "i", 2),
        ("/show/scene", "i", 2), ("/stream/loss_g", "f", 1), ("/state", "s", 1), ("/step", "i", 1),
        ("/show/standing/waits", "s", 1),
    ],
)  # fmt: skip
def test_type_and_access_follow_from_the_kind(path: str, type_: str, access: int) -> None:
    """States are read and set, acts are set only, what the show tells is read only."""
    told = asked(path)
    assert (told["TYPE"], told["ACCESS"]) == (type_, access)


def test_choices_are_words_and_a_free_text_has_no_range() -> None:
    """A menu has its words; Chataigne takes a text with a range for a menu, so a free text has none."""
    assert asked("/picture/look?RANGE") == {
        "RANGE": [{"VALS": ["tile_wall", "test_pattern", "barcode"]}]
    }
    assert asked("/state?RANGE") == {"RANGE": [{"VALS": ["healthy", "noise", "collapse"]}]}
    assert "RANGE" not in asked("/show/standing/waits")


def test_units_are_those_of_the_proposal() -> None:
    """Where OSCQuery has a name for a unit it is used; else the unit stands in the description."""
    assert asked("/show/panic_fade?UNIT") == {"UNIT": ["time.second"]}
    assert asked("/show/bpm?UNIT") == {"UNIT": ["time.bpm"]}
    assert asked("/stream/tempo?UNIT") == {"UNIT": ["time.hz"]}
    assert asked("/stream/loss_g?DESCRIPTION")["DESCRIPTION"].endswith("[nats]")


def test_acts_and_panic_are_critical() -> None:
    """ossia score sends what is critical over TCP: none of these may be lost."""
    for path in ("/learning/undo", "/show/go", "/show/panic", "/show/blackout"):
        assert asked(path)["CRITICAL"] is True
    assert "CRITICAL" not in asked("/learning/heat")


def test_a_scene_is_chosen_by_its_name_where_names_are_known() -> None:
    """With a set list the act takes its words; without one it takes a number."""
    tree = Tree(BANK, STREAMS, {"scene": ("cathedral", "sine_data")})
    told = asked("/show/scene", tree)
    assert (told["TYPE"], told["RANGE"]) == ("s", [{"VALS": ["cathedral", "sine_data"]}])
    assert asked("/show/goto", tree)["TYPE"] == "i"


def test_a_control_is_a_leaf_and_its_position_is_answered_all_the_same() -> None:
    """A node with contents is a folder to Chataigne, and its value would be lost."""
    assert "CONTENTS" not in asked("/learning/heat")
    assert asked("/learning/heat/position")["FULL_PATH"] == "/learning/heat/position"
    assert not [n for n in all_nodes(asked("/")) if "TYPE" in n and "CONTENTS" in n]


def test_every_control_of_the_show_is_in_the_tree() -> None:
    """The whole tree is one JSON document that holds every control, each under its own address."""
    bank = open_house().bank
    tree = Tree(bank, STREAMS, {})
    nodes = {node["FULL_PATH"]: node for node in all_nodes(asked("/", tree))}
    for spec in bank:
        node = nodes[spec.address]
        assert node["ACCESS"] == (2 if spec.kind is Kind.TRIGGER else 3)
        assert node["DESCRIPTION"].startswith(spec.help)
        if spec.kind in (Kind.FLOAT, Kind.INT):
            assert node["RANGE"] == [{"MIN": spec.low, "MAX": spec.high}]
    for path, node in nodes.items():
        for name, below in node.get("CONTENTS", {}).items():
            assert below["FULL_PATH"] == f"{path.rstrip('/')}/{name}"


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/", 200), ("/learning", 200), ("/learning/", 200), ("/?HOST_INFO", 200), ("/x?HOST_INFO", 200),
        ("/learning/heat?VALUE", 200), ("/learning/heat?VALUE=", 200), ("/learning?CONTENTS", 200),
        ("/learning/heat?CONTENTS", 204), ("/learning?VALUE", 204), ("/learning/undo?VALUE", 204),
        ("/learning/heat?UNIT", 204), ("/stream/loss_g?VALUE", 204), ("/learning/heat?EXTENDED_TYPE", 204),
        ("/learning/heat?value", 400), ("/learning/heat?NONSENSE", 400), ("/?VALUE&RANGE", 400),
        ("learning", 400), ("", 400), ("*", 400),
        ("/nothing", 404), ("//learning", 404), ("/learning/heat/position/position", 404),
        ("/../etc/passwd", 404), ("/%2e%2e/etc/passwd", 404), ("/learning%2Fheat", 200),
    ],
)  # fmt: skip
def test_answers_have_the_status_of_the_proposal(target: str, status: int) -> None:
    """200 with JSON, 204 where there is no such value, 400 for what is no query, 404 for no path."""
    assert answer(target, TREE, values, INFO)[0] == status


@given(
    some.one_of(
        some.text(), some.sampled_from(["/", "/learning", "/learning/heat", "/state", "/learning/undo"])
    ),
    some.one_of(some.just(""), some.text(), some.sampled_from(ATTRIBUTES), some.just("HOST_INFO")),
)  # fmt: skip
def test_any_target_is_answered(path: str, query: str) -> None:
    """Whatever is asked for there is a status of the proposal, and JSON if it is 200. Nothing raises."""
    status, body = answer(f"{path}?{query}", TREE, values, INFO)
    assert status in (200, 204, 400, 404)
    if status == 200:
        json.loads(body)
    assert (status == 204) == (body == "")


def test_host_info_says_where_osc_is_heard() -> None:
    """A client finds the ports of OSC and of the WebSocket, and what it may ask for."""
    info = asked("/?HOST_INFO")
    assert (info["OSC_PORT"], info["WS_PORT"], info["OSC_TRANSPORT"]) == (9000, 9002, "UDP")
    assert info["EXTENSIONS"]["LISTEN"] is True
    assert info["EXTENSIONS"]["OSC_STREAMING"] is False


@pytest.mark.parametrize(
    ("host", "let_in"),
    [
        ("127.0.0.1:9002", True), ("localhost:9002", True), ("LOCALHOST", True), ("[::1]:9002", True),
        ("stage.local:9002", True), ("Stage.Local.", False), ("app.localhost:9002", True),
        ("evil.example:9002", False), ("127.0.0.1.evil.example", False), ("localhost.evil.example", False),
        ("10.1.2.3:9002", False), ("", False), ("[", False), ("@localhost@evil.example", False),
    ],
)  # fmt: skip
def test_host_header_must_name_this_machine(host: str, let_in: bool) -> None:
    """A name that a stranger has made to mean our address (DNS rebinding) is refused."""
    door = Door(Guests([]), ["stage.local"])
    assert (door.refuses(HERE, HERE, [host], []) == "") is let_in


def test_address_that_the_connection_came_to_is_ours() -> None:
    """Opened to the network, a client calls us by the address it reached; two Host headers are none."""
    door = Door(Guests(["192.168.1.0/24"]))
    assert door.refuses("192.168.1.7", "192.168.1.20", ["192.168.1.20:9002"], []) == ""
    assert "Host" in door.refuses("192.168.1.7", "192.168.1.20", ["192.168.1.99:9002"], [])
    assert "Host" in door.refuses(HERE, HERE, ["localhost", "evil.example"], [])
    assert door.refuses(HERE, HERE, [], []) == ""


def test_sender_must_be_on_the_list() -> None:
    """Who may not play may not look in, either."""
    assert "list" in Door(Guests([])).refuses("192.168.1.7", HERE, [HERE], [])


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "file://", "https://evil.example:9002"]
)
def test_pages_of_other_sites_are_refused(origin: str) -> None:
    """A page in a browser on this machine reaches loopback; its Origin gives it away."""
    assert "page" in Door(Guests([])).refuses(HERE, HERE, [HERE], [origin])
    assert Door(Guests([])).refuses(HERE, HERE, [HERE], ["http://localhost:8080"]) == ""


def test_token_is_taken_from_header_and_query() -> None:
    """A header for who can set one, the query for programs that only take an address."""
    door = Door(Guests([]), token="two sevens")
    assert door.knows_token("TOKEN=two%20sevens", "")
    assert door.knows_token("VALUE&TOKEN=two+sevens", "")
    assert door.knows_token("", "Bearer two sevens")
    for query, header in (
        ("", ""),
        ("TOKEN=", ""),
        ("TOKEN=two", ""),
        ("", "Bearer "),
        ("", "two sevens"),
    ):
        assert not door.knows_token(query, header)
    assert Door(Guests([])).knows_token("", "")
