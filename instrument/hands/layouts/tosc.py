"""The file format of TouchOSC: nodes as XML, compressed with zlib.

Written by hand because keys and texts stand in CDATA, which `xml.etree` cannot write. The properties of
each type are those that TouchOSC 1.5 writes for a new control (as gathered by py2tosc, which the tests
read every file back with). No dependency follows from it: the format needs a hundred lines.
"""

import uuid
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from instrument.hands.layouts.tones import Colour
from instrument.hands.layouts.widgets import Box

Value = bool | int | float | str | Colour | Box

VERSION = "6"
ALL_CONNECTIONS = "1" * 10
HEAD = "<?xml version='1.0' encoding='UTF-8'?>"
SPACE = uuid.uuid5(uuid.NAMESPACE_URL, "twos-and-sevens")
"""Ids follow from names, so that the same pages are the same file."""

NORTH = 0
RELATIVE = 1
MOMENTARY, TOGGLE = 0, 2
OUTLINE_FULL, OUTLINE_CORNERS = 0, 1
CENTER = 2
MIDDLE = 2

_COMMON: dict[str, Value] = {
    "background": True, "color": (0.25, 0.25, 0.25), "cornerRadius": 0.0, "grabFocus": True,
    "interactive": True, "locked": False, "orientation": NORTH, "outline": True,
    "outlineStyle": OUTLINE_CORNERS, "pointerPriority": 0, "shape": 1, "visible": True,
}  # fmt: skip
_TEXT: dict[str, Value] = {
    "font": 0, "textAlignH": CENTER, "textAlignV": MIDDLE, "textColor": (1.0, 1.0, 1.0),
    "textSize": 14, "textClip": True, "interactive": False,
}  # fmt: skip
_GROUP: dict[str, Value] = {"grabFocus": False, "outlineStyle": OUTLINE_FULL, "interactive": False}
_OF_TYPE: dict[str, dict[str, Value]] = {
    "BOX": {"interactive": False},
    "BUTTON": {"buttonType": MOMENTARY, "press": True, "release": True, "valuePosition": False},
    "LABEL": {**_TEXT, "textLength": 0},
    "TEXT": {**_TEXT, "textWrap": True},
    "FADER": {
        "response": RELATIVE, "responseFactor": 100, "grid": False, "gridColor": (0.0, 0.0, 0.0),
        "gridSteps": 10, "cursor": True, "cursorDisplay": 0, "bar": True, "barDisplay": 0,
    },
    "GROUP": _GROUP,
    "PAGER": {
        "grabFocus": False, "outlineStyle": OUTLINE_FULL, "tabLabels": True, "tabbar": True,
        "tabbarDoubleTap": False, "tabbarSize": 40, "textSizeOff": 14, "textSizeOn": 14,
    },
}  # fmt: skip
_VALUES = {
    "BUTTON": ("x", "touch"), "FADER": ("x", "touch"), "LABEL": ("text", "touch"),
    "TEXT": ("text", "touch"), "BOX": ("touch",), "GROUP": ("touch",), "PAGER": ("page", "touch"),
}  # fmt: skip
_AT_FIRST = {"x": "0", "page": "0", "text": "", "touch": "false"}


@dataclass(frozen=True)
class Osc:
    """An OSC message of a node: ``argument`` is a constant, or the node's own ``x`` or ``text``.

    `trigger` is the condition (ANY, RISE) under which a change of ``x`` sends it; empty: it only listens.
    """

    address: str
    argument: float | str | None = None
    value: str = ""
    trigger: str = ""
    hears: bool = False


@dataclass(frozen=True)
class Node:
    """A control of TouchOSC. `text` is what a LABEL or TEXT shows at first."""

    type: str
    name: str
    frame: Box
    properties: dict[str, Value] = field(default_factory=dict)
    text: str = ""
    messages: tuple[Osc, ...] = ()
    children: tuple["Node", ...] = ()


def pack(root: Node) -> bytes:
    """The bytes of a ``.tosc`` file."""
    text = f"{HEAD}<lexml version='{VERSION}'>{''.join(_node(root, root=True))}</lexml>"
    return zlib.compress(text.encode("utf-8"), 9)


def unpack(file: bytes) -> str:
    """The XML inside a ``.tosc`` file."""
    return zlib.decompress(file).decode("utf-8")


def _node(node: Node, root: bool = False) -> Iterator[str]:
    yield f"<node ID='{uuid.uuid5(SPACE, node.name)}' type='{node.type}'>"
    if root:
        yield "<includes></includes>"
    own = {"name": node.name, "frame": node.frame, **node.properties}
    properties = {**_COMMON, **_OF_TYPE[node.type], **own}
    yield "<properties>"
    for key in sorted(properties):
        yield _property(key, properties[key])
    yield "</properties><values>"
    for key in _VALUES[node.type]:
        yield _value(key, node.text if key == "text" else _AT_FIRST[key])
    yield "</values>"
    if node.messages:
        yield "<messages>"
        yield from map(_osc, node.messages)
        yield "</messages>"
    if node.children:
        yield "<children>"
        for child in node.children:
            yield from _node(child)
        yield "</children>"
    yield "</node>"


def _raw(text: str) -> str:
    return f"<![CDATA[{text.replace(']]>', '')}]]>"


def _number(value: float) -> str:
    return f"{round(value, 4):g}"


def _property(key: str, value: Value) -> str:
    if isinstance(value, Box):
        kind = "r"
        parts = (value.left, value.top, value.width, value.height)
        # Whole pixels, rounded at the edges so that neighbours do not overlap.
        left, top = round(parts[0]), round(parts[1])
        sides = (left, top, round(parts[0] + parts[2]) - left, round(parts[1] + parts[3]) - top)
        text = "".join(f"<{k}>{v}</{k}>" for k, v in zip("xywh", sides, strict=True))
    elif isinstance(value, tuple):
        kind = "c"
        parts = (*value, 1.0)
        text = "".join(f"<{k}>{_number(v)}</{k}>" for k, v in zip("rgba", parts, strict=True))
    elif isinstance(value, str):
        kind, text = "s", _raw(value)
    elif isinstance(value, bool):
        kind, text = "b", str(int(value))
    else:
        kind, text = ("i" if isinstance(value, int) else "f"), _number(value)
    return f"<property type='{kind}'><key>{_raw(key)}</key><value>{text}</value></property>"


def _value(key: str, first: str) -> str:
    return (
        f"<value><key>{_raw(key)}</key><locked>0</locked><lockedDefaultCurrent>0</lockedDefaultCurrent>"
        f"<default>{_raw(first)}</default><defaultPull>0</defaultPull></value>"
    )


def _osc(message: Osc) -> str:
    trigger = message.trigger
    when = f"<trigger><var>{_raw('x')}</var><condition>{trigger}</condition></trigger>"
    triggers = f"<triggers>{when}</triggers>" if trigger else ""
    return (
        f"<osc><enabled>1</enabled><send>{int(bool(trigger))}</send>"
        f"<receive>{int(message.hears)}</receive><feedback>0</feedback><noDuplicates>0</noDuplicates>"
        f"<connections>{ALL_CONNECTIONS}</connections>{triggers}"
        f"<path>{_partial('CONSTANT', 'STRING', message.address)}</path>"
        f"<arguments>{_argument(message)}</arguments></osc>"
    )


def _argument(message: Osc) -> str:
    if message.value:
        return _partial("VALUE", "STRING" if message.value == "text" else "FLOAT", message.value)
    if message.argument is None:
        return ""
    if isinstance(message.argument, str):
        return _partial("CONSTANT", "STRING", message.argument)
    return _partial("CONSTANT", "FLOAT", _number(message.argument))


def _partial(kind: str, conversion: str, value: str) -> str:
    return (
        f"<partial><type>{kind}</type><conversion>{conversion}</conversion><value>{_raw(value)}</value>"
        "<scaleMin>0</scaleMin><scaleMax>1</scaleMax></partial>"
    )
