"""Reads the two files of a layout as their programs do, and says what a touch on each widget would send."""

import json
import xml.etree.ElementTree as ElementTree
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Message = tuple[str, tuple[float | str, ...]]
"""Address and arguments."""

# Open Stage Control, src/client/widgets of its repository: the properties that `defaults()` of each
# widget knows (common/widget.js, sliders/fader.js, basics/*.js, indicators/text.js, containers/*.js).
_WIDGET = {
    "lock", "type", "id", "visible", "interaction", "comments", "left", "top", "width", "height", "expand",
    "colorText", "colorWidget", "colorStroke", "colorFill", "alphaStroke", "alphaFillOff", "alphaFillOn",
    "lineWidth", "borderRadius", "padding", "html", "css", "value", "default", "linkId", "address",
    "preArgs", "typeTags", "decimals", "target", "ignoreDefaults", "bypass", "onCreate", "onValue",
}  # fmt: skip
_PANEL = _WIDGET | {
    "variables", "traversing", "colorBg", "layout", "justify", "gridTemplate", "contain", "scroll",
    "innerPadding", "tabsPosition", "widgets", "tabs", "onTouch",
}  # fmt: skip
_NOT_OF_TABS = {
    "left", "top", "width", "height", "expand", "colorStroke", "alphaStroke", "alphaFillOff",
    "alphaFillOn", "lineWidth",
}  # fmt: skip
_NOT_OF_ROOT = {
    "visible", "left", "top", "expand", "colorFill", "colorStroke", "alphaStroke", "alphaFillOff",
    "lineWidth",
}  # fmt: skip
_FADER = {
    "design", "knobSize", "colorKnob", "horizontal", "pips", "dashed", "gradient", "snap", "touchZone",
    "spring", "doubleTap", "range", "logScale", "sensitivity", "steps", "origin", "onTouch",
}  # fmt: skip
_BUTTON = {
    "colorTextOn", "label", "vertical", "wrap", "on", "off", "mode", "doubleTap", "decoupled"
}  # fmt: skip
KNOWN_PROPERTIES = {
    "text": _WIDGET - {"typeTags", "ignoreDefaults"} | {"vertical", "wrap", "align"},
    "fader": _WIDGET | _FADER,
    "button": _WIDGET | _BUTTON,
    "dropdown": _WIDGET | {"label", "icon", "align", "values"},
    "switch": _WIDGET | {"colorTextOn", "layout", "gridTemplate", "wrap", "values", "mode"},
    "panel": _PANEL,
    "tab": _PANEL - _NOT_OF_TABS | {"label"},
    "root": _PANEL - _NOT_OF_ROOT | {"hideMenu", "onPreload"},
}
KNOWN_MODES = {
    "button": {"toggle", "push", "momentary", "tap"},
    "switch": {"tap", "slide", "click", "flip"},
}


def session_root(text: bytes) -> dict[str, Any]:
    """The root widget of a session file."""
    whole = json.loads(text)
    assert whole["type"] == "session" and whole["createdWith"] == "Open Stage Control"
    return whole["content"]


def session_widgets(widget: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A widget and all below it."""
    yield widget
    for child in (*widget.get("widgets", ()), *widget.get("tabs", ())):
        yield from session_widgets(child)


def session_touches(widget: dict[str, Any]) -> Iterator[Message]:
    """What a finger on the widget sends, in the types that its `typeTags` say."""
    address = widget.get("address", "")
    if "target" not in widget or widget.get("bypass"):
        return
    values: list[Any] = []
    if widget["type"] == "fader":
        low, high = widget["range"]["min"], widget["range"]["max"]
        values = [low, round(low + 0.37 * (high - low), widget["decimals"]), high]
    elif widget["type"] in ("switch", "dropdown"):
        values = list(widget["values"].values())
    elif widget["mode"] == "momentary":
        yield address, ()
    elif widget["mode"] == "tap":
        values = [widget["on"]]
    else:
        values = [widget["on"], widget["off"]]
    for value in values:
        yield address, (float(value) if widget["typeTags"] == "f" else str(value),)


@dataclass(frozen=True)
class Placed:
    """A node of a TouchOSC document with its place on the screen."""

    node: ElementTree.Element
    page: str
    left: float
    top: float
    width: float
    height: float

    @property
    def type(self) -> str:
        return self.node.get("type", "")

    def property(self, key: str) -> str:
        """A property's value as text; empty if there is none."""
        found = property_of(self.node, key)
        return (found.text or "") if found is not None else ""


def document_root(file: bytes) -> ElementTree.Element:
    """The root node of a ``.tosc`` file."""
    whole = ElementTree.fromstring(zlib.decompress(file))
    assert whole.tag == "lexml"
    node = whole.find("node")
    assert node is not None
    return node


def property_of(node: ElementTree.Element, key: str) -> ElementTree.Element | None:
    """The value element of a property."""
    properties = node.findall("properties/property")
    return next((p.find("value") for p in properties if p.findtext("key") == key), None)


def placed(
    node: ElementTree.Element, page: str = "", left: float = 0.0, top: float = 0.0
) -> Iterator[Placed]:
    """A node and all below it, each where it is on the screen."""
    frame = property_of(node, "frame")
    assert frame is not None
    x, y, width, height = (float(frame.findtext(key, "")) for key in "xywh")
    here = Placed(node, page, left + x, top + y, width, height)
    yield here
    inside = f"{page}/{here.property('name')}" if here.type in ("GROUP", "PAGER") else page
    for child in node.findall("children/node"):
        yield from placed(child, inside, here.left, here.top)


def document_touches(node: ElementTree.Element) -> Iterator[Message]:
    """What a finger on the node sends."""
    for osc in node.findall("messages/osc"):
        if osc.findtext("send") != "1":
            continue
        address = "".join(p.findtext("value", "") for p in osc.findall("path/partial"))
        arguments = osc.findall("arguments/partial")
        condition = osc.findtext("triggers/trigger/condition")
        if not arguments:
            assert condition == "RISE"
            yield address, ()
        elif arguments[0].findtext("type") == "VALUE":
            assert condition == "ANY"
            low, high = (float(arguments[0].findtext(k, "")) for k in ("scaleMin", "scaleMax"))
            middle = () if node.get("type") == "BUTTON" else (low + 0.37 * (high - low),)
            for value in (low, *middle, high):
                yield address, (value,)
        else:
            assert condition == "RISE"
            value = arguments[0].findtext("value", "")
            is_text = arguments[0].findtext("conversion") == "STRING"
            yield address, (value if is_text else float(value),)


def document_hears(node: ElementTree.Element) -> Iterator[str]:
    """The addresses that move the node."""
    for osc in node.findall("messages/osc"):
        if osc.findtext("receive") == "1":
            yield osc.findtext("path/partial/value", "")
