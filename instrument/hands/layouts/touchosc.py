"""The pages as a TouchOSC document (TouchOSC 1.1 and newer, not Mk1).

Where to send to is not part of a document: the performer sets it once in TouchOSC (docs/layouts.md). So
the document only says which port of the tablet the show shall answer to.
"""

from collections.abc import Callable

from instrument.hands.layouts import scripts
from instrument.hands.layouts.asking import patterns
from instrument.hands.layouts.cells import LEAST_KEY, shown
from instrument.hands.layouts.tones import COLOURS, GROUND, TEXT, Colour, Tone
from instrument.hands.layouts.tosc import (
    MOMENTARY,
    OUTLINE_CORNERS,
    OUTLINE_FULL,
    TOGGLE,
    Node,
    Osc,
    Value,
    pack,
)
from instrument.hands.layouts.widgets import (
    BAR,
    HEIGHT,
    TABS,
    WIDTH,
    Box,
    Kind,
    Layout,
    Page,
    Widget,
)

CHOICE_GAP = 3
SCAR_RADIUS, VEIL_RADIUS = 0.0, 8.0


def document(layout: Layout, reply_port: int) -> bytes:
    """The bytes of the ``.tosc`` file; the tablet listens at `reply_port`."""
    wanted = patterns(w.hears for w in layout.widgets() if w.hears)
    pager = _pager("pages", layout.pages, Box(0, 0, WIDTH, HEIGHT - BAR))
    below = Box(0, HEIGHT - BAR, WIDTH, BAR)
    bar = _group("bar", below, tuple(n for w in layout.bar for n in _nodes(w)))
    script: dict[str, Value] = {"script": scripts.asking(wanted, reply_port)}
    return pack(_group("twos and sevens", Box(0, 0, WIDTH, HEIGHT), (pager, bar), script))


def _pager(name: str, pages: tuple[Page, ...], frame: Box) -> Node:
    inside = Box(0, TABS, frame.width, frame.height - TABS)
    children = tuple(_page(page, inside, f"{name}/{page.title}") for page in pages)
    tabs: dict[str, Value] = {"tabbarSize": TABS, "color": GROUND, "outline": False}
    return Node("PAGER", name, frame, tabs, children=children)


def _page(page: Page, frame: Box, name: str) -> Node:
    orange = COLOURS[Tone.SCAR]
    tab: dict[str, Value] = {
        "tabLabel": page.title, "tabColorOff": (0.12, 0.12, 0.12), "tabColorOn": orange,
        "textColorOff": TEXT, "textColorOn": GROUND,
    }  # fmt: skip
    if page.pages:
        inner = _pager(f"{name}/pages", page.pages, Box(0, 0, frame.width, frame.height))
        return _group(name, frame, (inner,), tab)
    return _group(name, frame, tuple(n for w in page.widgets for n in _nodes(w)), tab)


def _group(
    name: str, frame: Box, children: tuple[Node, ...], more: dict[str, Value] | None = None
) -> Node:
    plain: dict[str, Value] = {"color": GROUND, "outline": False}
    return Node("GROUP", name, frame, {**plain, **(more or {})}, children=children)


def _nodes(widget: Widget) -> tuple[Node, ...]:
    return _KINDS[widget.kind](widget)


def _style(widget: Widget) -> dict[str, Value]:
    scar = widget.tone in (Tone.SCAR, Tone.PANIC)
    return {
        "color": COLOURS[widget.tone],
        "cornerRadius": SCAR_RADIUS if widget.tone is not Tone.VEIL else VEIL_RADIUS,
        "outlineStyle": OUTLINE_FULL if scar else OUTLINE_CORNERS,
    }  # fmt: skip


def _dimmed(colour: Colour, share: float) -> Colour:
    red, green, blue = (round(part * share, 4) for part in colour)
    return (red, green, blue)


def _fader(widget: Widget) -> tuple[Node, ...]:
    message = Osc(widget.sends, value="x", trigger="ANY", hears=True)
    return (Node("FADER", widget.id, widget.box, _style(widget), messages=(message,)),)


def _switch(widget: Widget) -> tuple[Node, ...]:
    kind = MOMENTARY if widget.kind is Kind.HOLD else TOGGLE
    message = Osc(widget.sends, value="x", trigger="ANY", hears=True)
    look = {**_style(widget), "buttonType": kind}
    button = Node("BUTTON", widget.id, widget.box, look, messages=(message,))
    return (button, _over(widget, widget.text, widget.box))


def _press(widget: Widget) -> tuple[Node, ...]:
    message = Osc(widget.sends, widget.argument, trigger="RISE")
    look = _style(widget)
    behind: tuple[Node, ...] = ()
    if widget.tone is Tone.PANIC:
        # A button is dark until it is touched; this one is red before.
        look = {**look, "background": False}
        behind = (Node("BOX", f"{widget.id}_ground", widget.box, _style(widget)),)
    button = Node("BUTTON", widget.id, widget.box, look, messages=(message,))
    return (*behind, button, _over(widget, widget.text, widget.box))


def _choice(widget: Widget) -> tuple[Node, ...]:
    """A key for each word; the one that stands is lit by what the show says."""
    each = widget.box.height / len(widget.choices)
    lit = COLOURS[widget.tone]
    nodes: list[Node] = []
    for n, word in enumerate(widget.choices):
        box = widget.box.part(n * each, each - CHOICE_GAP)
        messages = (
            Osc(widget.sends, word, trigger="RISE"),
            Osc(widget.hears, value="x", hears=True),
        )
        script = scripts.lighting(word, n, lit, _dimmed(lit, 0.35))
        look = {**_style(widget), "color": _dimmed(lit, 0.35), "script": script}
        nodes.append(Node("BUTTON", f"{widget.id}_{n + 1}", box, look, messages=messages))
        nodes.append(_over(widget, shown(word), box, f"_{n + 1}"))
    return tuple(nodes)


def _menu(widget: Widget) -> tuple[Node, ...]:
    """The word that stands, and a key to the next: there is no list to open."""
    above, box = _halves(widget.box)
    button = Node(
        "BUTTON", f"{widget.id}_next", box, _style(widget),
        messages=(Osc(widget.sends, trigger="RISE"),),
    )  # fmt: skip
    said = scripts.naming(widget.choices)
    word = _label(widget, widget.id, above, said)
    return (word, button, _over(widget, "next", box, "_next"))


def _halves(box: Box) -> tuple[Box, Box]:
    """Upper and lower half; left and right where these would be too low for a finger."""
    half = box.height / 2
    if half >= LEAST_KEY:
        return box.part(0, half), box.part(half, half)
    wide = box.width / 2
    right = Box(box.left + wide, box.top, wide, box.height)
    return Box(box.left, box.top, wide, box.height), right


def _said(widget: Widget) -> tuple[Node, ...]:
    return (_label(widget, widget.id, widget.box, scripts.saying(widget.decimals)),)


def _label(widget: Widget, name: str, box: Box, script: str) -> Node:
    look: dict[str, Value] = {
        "color": GROUND, "outline": False, "textSize": widget.size, "script": script,
        "textColor": TEXT,
    }  # fmt: skip
    message = Osc(widget.hears, value="text", hears=True)
    return Node("LABEL", name, box, look, messages=(message,))


def _caption(widget: Widget) -> tuple[Node, ...]:
    look: dict[str, Value] = {
        "color": GROUND, "outline": False, "background": False, "textSize": widget.size,
        "textColor": COLOURS[widget.tone],
    }  # fmt: skip
    return (Node("TEXT", widget.id, widget.box, look, text=widget.text),)


def _over(widget: Widget, text: str, box: Box, more: str = "") -> Node:
    """The words on a button; TouchOSC's buttons have none of their own."""
    look: dict[str, Value] = {
        "background": False, "outline": False, "textSize": widget.size, "textColor": TEXT
    }  # fmt: skip
    return Node("TEXT", f"{widget.id}{more}_word", box, look, text=text)


_KINDS: dict[Kind, Callable[[Widget], tuple[Node, ...]]] = {
    Kind.CAPTION: _caption,
    Kind.SAID: _said,
    Kind.FADER: _fader,
    Kind.TOGGLE: _switch,
    Kind.HOLD: _switch,
    Kind.PRESS: _press,
    Kind.CHOICE: _choice,
    Kind.MENU: _menu,
}
