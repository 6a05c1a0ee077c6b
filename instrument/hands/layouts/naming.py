"""Scene keys that say the scene's name besides its number, where the set list is known."""

from collections.abc import Sequence
from dataclasses import replace

from instrument.hands.layouts.cells import shown
from instrument.hands.layouts.widgets import Kind, Layout, Page, Widget
from instrument.hands.layouts.wording import fits, size_for

SCENE = "show.scene"
WANTED_SIZE = 14


def with_scenes(layout: Layout, names: Sequence[str]) -> Layout:
    """The layout with these names on its scene keys, in the order of the set list; "" is an empty place.

    A name that is too long for its key is left out: the number stands alone, as without a set list.
    """
    pages = tuple(_renamed(page, names) for page in layout.pages)
    return Layout(pages, layout.bar)


def _renamed(page: Page, names: Sequence[str]) -> Page:
    return Page(
        page.title,
        tuple(_named(widget, names) for widget in page.widgets),
        tuple(_renamed(inner, names) for inner in page.pages),
    )


def _named(widget: Widget, names: Sequence[str]) -> Widget:
    if widget.kind is not Kind.PRESS or widget.path != SCENE:
        return widget
    assert isinstance(widget.argument, float)
    number = int(widget.argument)
    name = names[number - 1] if number <= len(names) else ""
    text = f"{number} {shown(name)}"
    room = (widget.box.width - 8, widget.box.height - 4)
    size = size_for(text, *room, WANTED_SIZE)
    return replace(widget, text=text, size=size) if name and fits(text, *room, size) else widget
