"""All pages of a show: those made by hand, and from the bank pages for everything else."""

from collections.abc import Iterable, Iterator

from instrument.hands.layouts import pages as by_hand
from instrument.hands.layouts.cells import MOST_IN_SIGHT, is_there, place
from instrument.hands.layouts.pages import Dial, HandMade, Item, Row, Stack
from instrument.hands.layouts.widgets import BAR, HEIGHT, TABS, WIDTH, Box, Layout, Page, Widget
from instrument.signals.controls import Bank
from instrument.signals.spec import Kind, Spec

COLUMNS = 12
TRIED_COLUMNS = (12, 13, 14)
"""A voice with a few controls more has narrower columns rather than a second page."""
ROWS = 2
SMALL = 8
"""Groups of no more controls share a page."""
MOST_TOGETHER = 5
LONG_WORD = 8
"""Choices with a longer word take two columns."""
PAGE_HEIGHT = HEIGHT - BAR - TABS
INNER_HEIGHT = PAGE_HEIGHT - TABS
"""Of a page among pages of a page."""


def arrange(bank: Bank) -> Layout:
    """The layout of a show."""
    made = tuple(hand_made(page, bank) for page in by_hand.HAND_MADE)
    voices = Page("voices", pages=tuple(_pages_of_voices(bank)))
    looks = Page("looks", pages=tuple(_pages_of_looks(bank)))
    bar = tuple(_row(by_hand.BAR, Box(0, 0, WIDTH, BAR), "bar", bank))
    before = {w.path for w in Layout((*made, voices, looks), bar).widgets()}
    left = [spec for spec in bank if spec.path not in before]
    more = Page("more", pages=tuple(_split("others", left, "more", bank)))
    pages = (*made, voices, looks, more)
    return Layout(tuple(page for page in pages if page.widgets or page.pages), bar)


def hand_made(page: HandMade, bank: Bank) -> Page:
    """One page that is made by hand, for what this show has."""
    return Page(page.title, tuple(_rows(page.rows, PAGE_HEIGHT, page.title, bank)))


def _rows(rows: Iterable[Row], height: float, page: str, bank: Bank) -> Iterator[Widget]:
    top = 0.0
    for row in rows:
        high = row.share * height
        yield from _row(row.items, Box(0, top, WIDTH, high), page, bank)
        top += high


def _row(
    items: Iterable[Item], box: Box, page: str, bank: Bank, columns: float = 0.0
) -> Iterator[Widget]:
    there = [item for item in items if is_there(item, bank)]
    unit = box.width / (columns or sum(item.span for item in there) or 1.0)
    left = box.left
    for item in there:
        yield from place(item, Box(left, box.top, item.span * unit, box.height), page, bank)
        left += item.span * unit


def _groups(bank: Bank, room: str) -> dict[str, list[Spec]]:
    """The controls of a room by their group (``cloud_1``), in the bank's order."""
    groups: dict[str, list[Spec]] = {}
    for spec in bank:
        words = spec.path.split(".")
        if words[0] == room and len(words) == 3:
            groups.setdefault(words[1], []).append(spec)
    return groups


def _pages_of_voices(bank: Bank) -> Iterator[Page]:
    """A page for each voice; those of few controls together."""
    groups = _groups(bank, "sound")
    small = {name: specs for name, specs in groups.items() if len(specs) <= SMALL}
    for name, specs in groups.items():
        if name not in small:
            yield from _split(name.replace("_", " "), specs, f"voices_{name}", bank)
    yield from _together(small, "voices", bank)


def _pages_of_looks(bank: Bank) -> Iterator[Page]:
    groups = _groups(bank, "picture")
    looks = {name: specs for name, specs in groups.items() if not name.startswith("layer_")}
    return _together(looks, "looks", bank)


def _together(groups: dict[str, list[Spec]], slug: str, bank: Bank) -> Iterator[Page]:
    """Several groups to a page, each control under its group's name, as many as there is room for."""
    names: list[str] = []
    for name in groups:
        if names and not _fit([*names, name], groups, bank):
            yield _page_of(names, groups, slug, bank)
            names = []
        names.append(name)
    if names:
        yield _page_of(names, groups, slug, bank)


def _named(names: list[str], groups: dict[str, list[Spec]], bank: Bank) -> list[list[Item]]:
    dials = [
        Dial(spec.path, f"{name}: {spec.name}".replace("_", " "))
        for name in names
        for spec in groups[name]
    ]
    return _filled(_with_spans(dials, bank))


def _fit(names: list[str], groups: dict[str, list[Spec]], bank: Bank) -> bool:
    return len(names) <= MOST_TOGETHER and len(_named(names, groups, bank)) <= ROWS


def _page_of(names: list[str], groups: dict[str, list[Spec]], slug: str, bank: Bank) -> Page:
    title = names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}"
    rows = _named(names, groups, bank)
    return _page(title.replace("_", " "), rows, f"{slug}_{names[0]}", bank)


def _split(title: str, specs: list[Spec], slug: str, bank: Bank) -> Iterator[Page]:
    """As many pages as the controls need."""
    items = _with_spans([Dial(spec.path) for spec in specs], bank)
    columns = next((c for c in TRIED_COLUMNS if len(_filled(items, c)) <= ROWS), COLUMNS)
    rows = _filled(items, columns)
    for n in range(0, len(rows), ROWS):
        number = n // ROWS + 1
        name = title if number == 1 else f"{title} {number}"
        yield _page(name, rows[n : n + ROWS], f"{slug}_{number}", bank, columns)


def _page(
    title: str, rows: list[list[Item]], slug: str, bank: Bank, columns: float = COLUMNS
) -> Page:
    high = INNER_HEIGHT / ROWS
    widgets = [
        widget
        for n, row in enumerate(rows)
        for widget in _row(row, Box(0, n * high, WIDTH, high), slug, bank, columns)
    ]
    return Page(title, tuple(widgets))


def _with_spans(dials: list[Dial], bank: Bank) -> list[Item]:
    """Faders one column wide; what needs less height than a row in pairs, one over the other."""
    items: list[Item] = []
    waiting: dict[float, Dial] = {}
    for dial in dials:
        spec = bank.spec(dial.path)
        span = _span(spec)
        dial = Dial(dial.path, dial.word, span)
        if not _is_low(spec):
            items.append(dial)
        elif span in waiting:
            items.append(Stack((waiting.pop(span), dial), span))
        else:
            waiting[span] = dial
    return [*items, *(Stack((dial,), span) for span, dial in waiting.items())]


def _span(spec: Spec) -> float:
    return 2.0 if max(map(len, spec.choices), default=0) > LONG_WORD else 1.0


def _is_low(spec: Spec) -> bool:
    count = len(spec.choices)
    acts = spec.kind is Kind.TRIGGER and not spec.choices
    return spec.kind is Kind.BOOL or acts or count > MOST_IN_SIGHT or 0 < count <= 3


def _filled(items: list[Item], columns: float = COLUMNS) -> list[list[Item]]:
    """Rows of at most so many columns."""
    rows: list[list[Item]] = []
    room = 0.0
    for item in items:
        if not rows or item.span > room:
            rows.append([])
            room = columns
        rows[-1].append(item)
        room -= item.span
    return rows
