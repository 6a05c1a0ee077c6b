"""From an item of a page and its place to the widgets that stand there."""

from collections.abc import Iterator

from instrument.hands.layouts.pages import Dial, Item, Keys, Said, Stack
from instrument.hands.layouts.tones import Tone, tone_of
from instrument.hands.layouts.widgets import Box, Kind, Widget
from instrument.hands.layouts.wording import caption, decimals, size_for
from instrument.signals.controls import Bank
from instrument.signals.spec import Kind as Takes
from instrument.signals.spec import Spec

GAP = 4
"""Pixels around each item."""
CAPTION, VALUE = 34, 24
MOST_IN_SIGHT = 6
"""A choice of more words becomes a menu,"""
LEAST_KEY = 34
"""and one whose keys would be lower than so many pixels, which is what a finger finds."""
MOST_STEPS = 33
POSITION = "/position"


def is_there(item: Item, bank: Bank) -> bool:
    """Whether anything of the item is in this show."""
    match item:
        case Stack(items):
            return any(is_there(inner, bank) for inner in items)
        case Said():
            return True
        case _:
            return item.path in bank


def place(item: Item, box: Box, page: str, bank: Bank) -> Iterator[Widget]:
    """The widgets of an item that `is_there`; `page` stands before their ids."""
    match item:
        case Stack(items):
            there = [inner for inner in items if is_there(inner, bank)]
            height = box.height / len(there)
            for n, inner in enumerate(there):
                yield from place(inner, box.part(n * height, height), page, bank)
        case Said():
            yield from _said(item, box.inset(GAP), page)
        case Keys():
            yield from _keys(item, bank.spec(item.path), box, page)
        case Dial():
            yield from _dial(item, bank.spec(item.path), box, page)


def _dial(item: Dial, spec: Spec, box: Box, page: str) -> Iterator[Widget]:
    if spec.kind is Takes.TRIGGER:
        arguments = spec.choices or (None,)
        word = "" if spec.choices else caption(spec, item.word).partition(" (")[0]
        yield from _keys(Keys(spec.path, arguments, word), spec, box, page)
    elif spec.kind is Takes.BOOL:
        yield _switch(item, spec, box.inset(GAP), page)
    elif spec.choices:
        yield from _choice(item, spec, box.inset(GAP), page)
    else:
        yield from _fader(item, spec, box.inset(GAP), page)


def _id(page: str, spec: Spec, role: object) -> str:
    return f"{page}.{spec.path}.{role}".replace(".", "_")


def _caption(text: str, box: Box, id: str, tone: Tone, path: str = "") -> Widget:
    return Widget(
        Kind.CAPTION, id, box, tone, text, size_for(text, box.width, box.height), path=path
    )


def _fader(item: Dial, spec: Spec, box: Box, page: str) -> Iterator[Widget]:
    tone, path = tone_of(spec), spec.path
    yield _caption(
        caption(spec, item.word), box.part(0, CAPTION), _id(page, spec, "name"), tone, path
    )
    count = round(spec.high - spec.low) + 1
    address = spec.address + POSITION
    yield Widget(
        Kind.FADER, _id(page, spec, "fader"), box.part(CAPTION, box.height - CAPTION - VALUE), tone,
        path=path, sends=address, hears=address,
        steps=count if spec.is_whole and count <= MOST_STEPS else 0,
    )  # fmt: skip
    yield Widget(
        Kind.SAID, _id(page, spec, "value"), box.part(box.height - VALUE, VALUE), tone,
        size=14, path=path, hears=spec.address, decimals=decimals(spec),
    )  # fmt: skip


def _switch(item: Dial, spec: Spec, box: Box, page: str) -> Widget:
    text = caption(spec, item.word)
    size = size_for(text, box.width - 8, box.height - 4, 16)
    address = spec.address + POSITION
    kind = Kind.HOLD if item.held else Kind.TOGGLE
    return Widget(
        kind, _id(page, spec, kind.value), box, tone_of(spec), text, size, spec.path, address, address
    )  # fmt: skip


def _choice(item: Dial, spec: Spec, box: Box, page: str) -> Iterator[Widget]:
    tone = tone_of(spec)
    text, high = caption(spec, item.word), min(CAPTION, box.height / 3)
    yield _caption(text, box.part(0, high), _id(page, spec, "name"), tone, spec.path)
    below = box.part(high, box.height - high)
    in_sight = len(spec.choices) <= min(MOST_IN_SIGHT, below.height / LEAST_KEY)
    each = below.height / len(spec.choices) if in_sight else below.height
    sizes = (size_for(shown(word), below.width - 6, each - 4, 14) for word in spec.choices)
    yield Widget(
        Kind.CHOICE if in_sight else Kind.MENU, _id(page, spec, "choice"), below, tone,
        size=min(sizes), path=spec.path, sends=spec.address, hears=spec.address, choices=spec.choices,
    )  # fmt: skip


def shown(word: str) -> str:
    """A choice as it is written on a key."""
    return word.replace("_", " ")


def _keys(item: Keys, spec: Spec, box: Box, page: str) -> Iterator[Widget]:
    arguments = item.arguments or spec.choices
    rows = -(-len(arguments) // item.columns)
    width, height = box.width / item.columns, box.height / rows
    for n, argument in enumerate(arguments):
        key = Box(
            box.left + n % item.columns * width, box.top + n // item.columns * height, width, height
        ).inset(GAP)
        text = _on_key(item.word, argument)
        yield Widget(
            Kind.PRESS, _id(page, spec, f"key_{n + 1}"), key, tone_of(spec), text,
            size_for(text, key.width - 8, key.height - 4, 30 if argument is None else 14),
            spec.path, spec.address, argument=argument,
        )  # fmt: skip


def _on_key(word: str, argument: float | str | None) -> str:
    if argument is None:
        return word
    said = shown(argument) if isinstance(argument, str) else f"{argument:g}"
    return f"{word} {said}".strip()


def _said(item: Said, box: Box, page: str) -> Iterator[Widget]:
    id = f"{page}{item.address}".replace("/", "_")
    high = min(20, box.height / 3)
    yield _caption(item.word, box.part(0, high), f"{id}_name", Tone.PLAIN)
    yield Widget(
        Kind.SAID, id, box.part(high, box.height - high), Tone.PLAIN, size=16, hears=item.address
    )
