"""What a GET is answered with: a pure function of the target, the tree and the present values."""

from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from instrument.hands.query.nodes import ATTRIBUTES, Values, dumped
from instrument.hands.query.tree import Tree

TOKEN = "TOKEN="

EXTENSIONS = {
    "ACCESS": True, "VALUE": True, "RANGE": True, "DESCRIPTION": True, "TAGS": True,
    "EXTENDED_TYPE": False, "UNIT": True, "CRITICAL": True, "CLIPMODE": True, "OVERLOADS": False,
    "LISTEN": True, "PATH_CHANGED": True, "PATH_RENAMED": False, "PATH_ADDED": False,
    "PATH_REMOVED": False, "OSC_STREAMING": False, "HTML": False, "ECHO": False,
}  # fmt: skip
"""What of the optional parts we speak. Values go out over the WebSocket (LISTEN), never by OSC_STREAMING: a
UDP port that a client names is no place to send to."""

Answer = tuple[HTTPStatus, str]


def host_info(name: str, address: str, osc_port: int, port: int) -> dict[str, Any]:
    """What a client is told first. `address`: where it has reached us, so where OSC reaches us, too."""
    return {
        "NAME": name,
        "OSC_IP": address,
        "OSC_PORT": osc_port,
        "OSC_TRANSPORT": "UDP",
        "WS_IP": address,
        "WS_PORT": port,
        "EXTENSIONS": EXTENSIONS,
    }


def answer(target: str, tree: Tree, values: Values, info: dict[str, Any]) -> Answer:
    """Status and body of ``GET target``; the body is JSON where the status is 200, else a sentence.

    | asked for                           | answered with                              |
    |-------------------------------------|--------------------------------------------|
    | a path of the tree                  | 200, the node and all below it             |
    | the same with one attribute         | 200, that attribute; 204 if it has none    |
    | any path with ``?HOST_INFO``        | 200, who we are                            |
    | a path that is not there            | 404                                        |
    | an attribute that nobody knows, two | 400                                        |
    """
    path, _, query = target.partition("#")[0].partition("?")
    asked = [word for word in query.split("&") if word and not word.startswith(TOKEN)]
    if not path.startswith("/") or len(asked) > 1:
        return HTTPStatus.BAD_REQUEST, "GET takes a path and at most one attribute: /path?VALUE"
    word = asked[0].partition("=")[0] if asked else ""
    if word == "HOST_INFO":
        return HTTPStatus.OK, dumped(info)
    if word and word not in ATTRIBUTES:
        return (
            HTTPStatus.BAD_REQUEST,
            f"no attribute has this name; there are {', '.join(ATTRIBUTES)}",
        )
    node = tree.find(plain_path(path))
    if node is None:
        return HTTPStatus.NOT_FOUND, "there is nothing at this path; GET / tells what there is"
    if not word:
        return HTTPStatus.OK, node.text(values)
    text = node.attribute(word, values)
    return (HTTPStatus.NO_CONTENT, "") if text is None else (HTTPStatus.OK, text)


def plain_path(path: str) -> str:
    """A path as it stands in the tree: nothing escaped, no slash at the end."""
    return unquote(path).rstrip("/") or "/"
