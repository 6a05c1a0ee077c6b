"""A session file for Open Stage Control 1.26 and newer: JSON, complete in itself.

Every widget carries the show's address as its target, so the server needs no other setting. Places are
percentages, so that the pages fill whatever screen they are opened on. The format is that of the
program's own sources (github.com/jean-emmanuel/open-stage-control, src/client/widgets); what stands at
its default there is left out, as the program fills it in.
"""

import json
from collections.abc import Callable
from typing import Any

from instrument.hands.layouts.asking import RENEW_MS, SUBSCRIBE, patterns
from instrument.hands.layouts.cells import shown
from instrument.hands.layouts.tones import COLOURS, GROUND, TEXT, Tone, as_hex
from instrument.hands.layouts.widgets import BAR, HEIGHT, TABS, WIDTH, Kind, Layout, Page, Widget

VERSION = "1.26.0"
POSITION_DECIMALS = 4

Written = dict[str, Any]


def session(layout: Layout, host: str, port: int) -> str:
    """The text of the session file, for a show that listens at `host` and `port`."""
    target = f"{host}:{port}"
    inner = HEIGHT - BAR - TABS
    pages = _panel("pages", 0, 100 * (HEIGHT - BAR) / HEIGHT)
    pages["tabs"] = [_tab(page, inner, target) for page in layout.pages]
    bar = _panel("bar", 100 * (HEIGHT - BAR) / HEIGHT, 100 * BAR / HEIGHT)
    bar["widgets"] = [_widget(widget, BAR, target) for widget in layout.bar]
    root: Written = {
        "type": "root", "id": "root", "colorBg": as_hex(GROUND), "colorText": as_hex(TEXT),
        "padding": 0, "innerPadding": False, "scroll": False,
        "onCreate": _asking(layout, target), "widgets": [pages, bar], "tabs": [],
    }  # fmt: skip
    whole = {
        "version": VERSION, "createdWith": "Open Stage Control", "type": "session", "content": root,
    }  # fmt: skip
    return json.dumps(whole, indent=1) + "\n"


def _asking(layout: Layout, target: str) -> str:
    """Script of the root: subscribes, and again before the subscription ends."""
    wanted = patterns(w.hears for w in layout.widgets() if w.hears)
    asks = "\n".join(
        f"  send({json.dumps(target)}, {json.dumps(SUBSCRIBE)}, {json.dumps(pattern)})"
        for pattern in wanted
    )
    return f"var ask = () => {{\n{asks}\n}}\nsetInterval('subscribe', ask, {RENEW_MS})\nask()"


def _panel(id: str, top: float, height: float) -> Written:
    return {
        "type": "panel", "id": id, "left": 0, "top": _percent(top), "width": "100%",
        "height": _percent(height), "padding": 0, "innerPadding": False, "scroll": False,
        "alphaStroke": 0, "bypass": True, "widgets": [], "tabs": [],
    }  # fmt: skip


def _tab(page: Page, height: float, target: str) -> Written:
    return {
        "type": "tab", "id": f"page_{page.title}".replace(" ", "_"), "label": page.title, "padding": 0,
        "innerPadding": False, "scroll": False, "bypass": True,
        "tabs": [_tab(inner, height - TABS, target) for inner in page.pages],
        "widgets": [_widget(widget, height, target) for widget in page.widgets],
    }  # fmt: skip


def _percent(value: float) -> str:
    return f"{round(value, 3):g}%"


def _widget(widget: Widget, height: float, target: str) -> Written:
    box = widget.box
    written: Written = {
        "type": "", "id": widget.id,
        "left": _percent(100 * box.left / WIDTH), "top": _percent(100 * box.top / height),
        "width": _percent(100 * box.width / WIDTH), "height": _percent(100 * box.height / height),
        "colorWidget": as_hex(COLOURS[widget.tone]), "css": f"font-size: {widget.size}rem;",
    }  # fmt: skip
    if widget.sends:
        written |= {"address": widget.sends, "target": target, "ignoreDefaults": True}
    return written | _KINDS[widget.kind](widget)


def _fader(widget: Widget) -> Written:
    # A scar's fader has a handle and a scale; what is only shown is a plain gauge.
    scar = widget.tone is Tone.SCAR
    return {
        "type": "fader", "design": "default" if scar else "compact",
        "range": {"min": 0, "max": 1}, "decimals": POSITION_DECIMALS, "typeTags": "f", "snap": False,
        "steps": widget.steps or "",
    }  # fmt: skip


def _button(widget: Widget, mode: str, on: object = 1, off: object = 0) -> Written:
    panic = widget.tone is Tone.PANIC
    filled = 0.85 if panic else 0.3 if widget.tone is Tone.SCAR else 0.1
    return {
        "type": "button", "mode": mode, "label": widget.text, "wrap": "soft", "on": on, "off": off,
        "alphaFillOff": filled, "typeTags": "s" if isinstance(on, str) else "f",
        "borderRadius": 16 if widget.tone is Tone.VEIL else 2,
    }  # fmt: skip


def _press(widget: Widget) -> Written:
    if widget.argument is None:
        return _button(widget, "momentary") | {"typeTags": ""}
    off = "" if isinstance(widget.argument, str) else -1
    return _button(widget, "tap", widget.argument, off)


def _choice(widget: Widget) -> Written:
    values = {_key(word): word for word in widget.choices}
    common: Written = {"values": values, "typeTags": "s"}
    if widget.kind is Kind.MENU:
        return {"type": "dropdown", "label": "%key", **common}
    return {"type": "switch", "layout": "vertical", "mode": "tap", **common}


def _key(word: str) -> str:
    """What a choice is called; a key of digits alone would lose its place in the order."""
    return f"{word} " if word.isdigit() else shown(word)


def _caption(widget: Widget) -> Written:
    return {
        "type": "text", "default": widget.text, "wrap": "soft", "bypass": True,
        "colorText": as_hex(COLOURS[widget.tone]), "alphaStroke": 0, "alphaFillOff": 0, "padding": 0,
        "address": "/caption/" + widget.id,
    }  # fmt: skip


def _said(widget: Widget) -> Written:
    return {
        "type": "text", "address": widget.hears, "decimals": widget.decimals, "wrap": "soft",
        "bypass": True, "alphaStroke": 0, "alphaFillOff": 0, "padding": 0,
    }  # fmt: skip


_KINDS: dict[Kind, Callable[[Widget], Written]] = {
    Kind.CAPTION: _caption,
    Kind.SAID: _said,
    Kind.FADER: _fader,
    Kind.TOGGLE: lambda widget: _button(widget, "toggle"),
    Kind.HOLD: lambda widget: _button(widget, "push"),
    Kind.PRESS: _press,
    Kind.CHOICE: _choice,
    Kind.MENU: _choice,
}
