"""`Captions`: what is written over the picture, and the keys that ask for it. Main thread.

| key asks for | what is written                                                                       |
|--------------|---------------------------------------------------------------------------------------|
| help         | the map of keys, low left                                                             |
| health       | how the show does, top left                                                           |
| legend       | what moves and what moves it, page by page, over the dimmed picture; past the last: off |

What is wrong with a look that was saved is told low left until it is mended. The map of keys takes the
place of the others while it is there. Nothing of all this is in screenshots or films.
"""

import textwrap
from collections.abc import Callable, Sequence

import numpy as np

from instrument.clock import Clock
from instrument.hands.keys import Command
from instrument.health import UNGUARDED
from instrument.legend import Legend, LegendRow
from instrument.mapping import Modulator
from instrument.picture.overlay import CAPITAL, Bar, Panel, Place, columns_of, plain_lines
from instrument.signals.spoken import GAP, Line, Tone, Word, cut, stream_words

HINT_S = 2.0
FAULT_COLUMNS, FAULT_LINES = 84, 4
LEGEND_EM = 1.0 / (26.0 * CAPITAL)
"""Capitals of 1/26 of the picture's height: read from the tenth row."""
LEGEND_LINES = 12
LEGEND_GROUND = 0.82
HEALTH_GROUND = 0.7
HELP_GROUND = 0.75
REORDER_S = 3.0
"""The first page is put in order so often; the others stand still to be read."""
STREAM_COLUMNS, PUSH_COLUMNS = 5, 8
"""Letters that the bar of the stream and the bar of the push are wide."""
TRACK_LIGHT = 0.16
"""Grey of what a bar could fill."""
ARROW = "<-"

Page = tuple[LegendRow, ...]


class Captions:
    """Composes panels for the overlay, once per picture."""

    def __init__(
        self,
        legend: Legend,
        modulator: Callable[[], Modulator],
        help_lines: Callable[[], list[str]],
        health_rows: Callable[[], Sequence[tuple[str, Line]]],
        clock: Clock,
        unguarded: bool = False,
    ) -> None:
        """`modulator`: the picture's, as it stands; `unguarded`: the flash guard was turned off."""
        self._legend, self._modulator, self._clock = legend, modulator, clock
        self._help_lines, self._health_rows = help_lines, health_rows
        self._unguarded = unguarded
        self._hint, self._hint_until_s = "", 0.0
        self.faults: Sequence[str] = ()
        """What is wrong until somebody mends it: sentences that stay."""
        self._help = self._health = False
        self._page: int | None = None
        self._ordered_s = float("-inf")

    def hint(self, text: str) -> None:
        """One line for two seconds."""
        self._hint, self._hint_until_s = text, self._clock() + HINT_S

    def obey(self, command: Command) -> None:
        """A key was pressed that asks for something written; others change nothing."""
        if command is Command.HELP:
            self._help = not self._help
        elif command is Command.HEALTH:
            self._health = not self._health
        elif command is Command.LEGEND:
            self._page = 0 if self._page is None else self._page + 1

    def panels(self, window: tuple[int, int], look: str, streams: np.ndarray) -> list[Panel]:
        """Everything that is written now. `streams`: their values, for what the look itself reads."""
        panels = [self._low_left()]
        if not self._help:
            panels += [self._legend_panel(window, look, streams), self._health_panel()]
        return [panel for panel in panels if panel is not None]

    def _low_left(self) -> Panel | None:
        lines = list(plain_lines(self._help_lines())) if self._help else []
        if self._clock() < self._hint_until_s:
            lines.append((Word(self._hint),))
        for fault in self.faults:
            wrapped = textwrap.wrap(fault, FAULT_COLUMNS)[:FAULT_LINES]
            lines += [(Word(part, Tone.GRAVE),) for part in wrapped]
        if self._unguarded:
            lines.append((Word(UNGUARDED, Tone.GRAVE),))
        ground = HELP_GROUND if self._help or self.faults else 0.0
        return Panel(tuple(lines), ground=ground) if lines else None

    def _health_panel(self) -> Panel | None:
        if not self._health or self._page is not None:
            return None
        lines = tuple(
            (Word(f"{name:<9}", Tone.QUIET), *words) for name, words in self._health_rows()
        )
        return Panel(lines, Place.TOP_LEFT, em=1 / 36, ground=HEALTH_GROUND) if lines else None

    # -- the legend -------------------------------------------------------------------------------

    def _legend_panel(
        self, window: tuple[int, int], look: str, streams: np.ndarray
    ) -> Panel | None:
        if self._page is None:
            return None
        now_s = self._clock()
        self._legend.see(self._modulator(), streams, look, now_s)
        if self._page == 0 and now_s - self._ordered_s >= REORDER_S:
            self._ordered_s = now_s
            self._legend.reorder()
        pages = paged(self._legend.rows(), LEGEND_LINES)
        if self._page >= len(pages):
            self._page, self._ordered_s = None, float("-inf")
            return None
        number = f"{self._page + 1}/{len(pages)}" if len(pages) > 1 else ""
        return legend_panel(pages[self._page], look, number, columns_of(LEGEND_EM, window))


def paged(rows: Sequence[LegendRow], lines: int) -> list[Page]:
    """Rows as pages of so many lines at the most, each group under a heading that takes a line.

    There is always a page; a heading never stands alone.
    """
    pages: list[list[LegendRow]] = [[]]
    left, group = lines, ""
    for row in rows:
        needed = 1 if row.group == group else 2
        if needed > left:
            pages.append([])
            left, needed = lines, 2
        pages[-1].append(row)
        left -= needed
        group = row.group
    return [tuple(page) for page in pages]


def legend_panel(page: Page, look: str, number: str, columns: int) -> Panel:
    """A page of the legend for a window of so many letters a line."""
    if not page:
        return Panel(
            plain_lines(["nothing moves by itself here"]),
            Place.PAGE,
            LEGEND_EM,
            LEGEND_GROUND,
        )
    bars_width = STREAM_COLUMNS + 1 + PUSH_COLUMNS
    room = max(8, columns - bars_width - len(ARROW) - 2 * len(GAP) - 1)
    thing = min(max(len(row.thing) for row in page), room * 9 // 20)
    stream = min(max(len(row.stream) for row in page), room - thing)
    at = columns - bars_width
    lines: list[Line] = []
    bars: list[Bar] = []
    group = ""
    for row in page:
        if row.group != group:
            group = row.group
            lines.append(_heading(group, look, number if not lines else ""))
        bars += _bars(row, len(lines), at)
        lines.append(
            (
                Word(f"{cut(row.thing, thing):<{thing}}"),
                Word(ARROW, Tone.QUIET),
                Word(cut(row.stream, stream), Tone.STRONG),
            )
        )
    return Panel(tuple(lines), Place.PAGE, LEGEND_EM, LEGEND_GROUND, tuple(bars))


def _heading(group: str, look: str, number: str) -> Line:
    of_what = stream_words(look) if group == "PICTURE" else ""
    words = (Word(group, Tone.QUIET), Word(of_what, Tone.QUIET), Word(number, Tone.QUIET))
    return tuple(word for word in words if word.text)


def _bars(row: LegendRow, line: int, at: int) -> list[Bar]:
    """The stream from its low end; the push from the middle, to the left when it takes away."""
    bars = []
    if row.at is not None:
        bars = [
            Bar(line, at, STREAM_COLUMNS, 0.0, 1.0, light=TRACK_LIGHT),
            Bar(line, at, STREAM_COLUMNS, 0.0, row.at),
        ]
    if row.push is not None:
        at += STREAM_COLUMNS + 1
        bars += [
            Bar(line, at, PUSH_COLUMNS, 0.0, 1.0, light=TRACK_LIGHT),
            Bar(line, at, PUSH_COLUMNS, 0.5, 0.5 + 0.5 * row.push, accent=True),
        ]
    return bars
