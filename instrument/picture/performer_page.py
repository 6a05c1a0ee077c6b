"""The performer's page: what the performer reads at arm's length, drawn on a plain pygame surface. No GL.

Black ground, white type of one face, one accent: for what is grave, for the generator and for pushes.
Laid out for 1280x720 and scaled to any other size.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pygame

from instrument.picture.letters import EXTRA_BOLD, LIGHT, REGULAR
from instrument.picture.performer_score import NO_SCORE, Score, draw_score
from instrument.picture.strokes import (
    ACCENT,
    DIM,
    FACES,
    HEIGHT,
    MARGIN,
    SOFT,
    TRACK,
    WHITE,
    WIDTH,
    Strokes,
    runs,
)
from instrument.signals.spoken import Line, Word, cut

COLUMN = 640
"""Where the right half begins."""
TEXT, ROW = 16, 22
"""Size of the running text, and the distance of its lines."""
LOWEST_DBFS, LOWEST_LUFS = -60.0, -40.0


@dataclass(frozen=True)
class Trace:
    """A stream over the last minute: `values` float32 (bins,) in its unit, NaN where nothing came."""

    name: str
    values: np.ndarray
    low: float
    high: float

    @property
    def now(self) -> float:
        """The last value that came; NaN for none."""
        there = np.flatnonzero(np.isfinite(self.values))
        return float(self.values[there[-1]]) if there.size else float("nan")


@dataclass(frozen=True)
class Moving:
    """A route: what it moves, the stream, where that stands (0..1), and how far it pushes (-1..1)."""

    thing: str
    stream: str
    at: float
    push: float


@dataclass(frozen=True)
class PageView:
    """Everything on the page. Times are texts such as ``0:04``, the newest line comes first."""

    status: Line = ()
    asides: tuple[Line, ...] = ()
    """Two more lines, smaller, beside the time."""
    state: str = ""
    states: tuple[str, ...] = ()
    state_history: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int8))
    """int8 (bins,): number of the state, -1 where nothing came."""
    peak_dbfs: float = -120.0
    lufs: float | None = None
    losses: tuple[Trace, ...] = ()
    """The generator's first; they share an axis."""
    sparks: tuple[Trace, ...] = ()
    tiles: np.ndarray | None = None
    """uint8 (count, height, width, channels)."""
    moving: tuple[Moving, ...] = ()
    gestures: tuple[tuple[str, str, str], ...] = ()
    """When, whose hand, what and to which value."""
    waits: tuple[tuple[str, Line], ...] = ()
    """Where the deck stands, what is learned, or which faders wait: heading, words."""
    score: Score = NO_SCORE
    """Cues, scene and beat."""
    notices: tuple[tuple[str, str, Word], ...] = ()
    """When, who says it, what."""
    help_lines: Sequence[str] = ()
    """The map of keys; it takes the page while it is not empty."""


class PerformerPage:
    """Draws views. One thread."""

    def __init__(self) -> None:
        self._strokes = Strokes()

    def draw(self, surface: pygame.Surface, view: PageView) -> None:
        """The whole page onto `surface`, whatever its size."""
        self._strokes.begin(surface)
        if view.help_lines:
            self._draw_help(view.help_lines)
            return
        self._draw_head(view)
        self._draw_states(view, 112)
        self._draw_meters(view, 216)
        self._draw_losses(view, 286)
        is_listed = view.score.is_listed
        self._draw_sparks(view, 400, 24 if is_listed else 30)
        self._draw_tiles(view, COLUMN, 216)
        self._draw_moving(view, COLUMN + 240, 216)
        rows, row = (5, 18) if is_listed else (6, 20)
        self._draw_waits(view, COLUMN, 456, row)
        taken = min(rows, len(view.waits))
        self._draw_gestures(view, COLUMN, 456 + row * taken, rows - taken, row)
        if view.score.is_empty:
            self._draw_notices(view, 594, rows=6, row=20)
        else:
            draw_score(self._strokes, view.score, 549 if is_listed else 582)
            self._draw_notices(view, 663 if is_listed else 660, rows=3, row=18 if is_listed else 19)

    # -- parts ------------------------------------------------------------------------------------

    def _draw_head(self, view: PageView) -> None:
        words = view.status
        self._strokes.write(view.state or "waiting", MARGIN - 2, 8, 46, EXTRA_BOLD)
        if words:
            self._strokes.write(words[0].text, WIDTH - MARGIN, 8, 46, LIGHT, right=True)
        for number, line in enumerate(view.asides[:2]):
            length = sum(len(word.text) + 2 for word in line) - 2
            left = WIDTH - MARGIN - 170 - length * 0.6 * TEXT
            self._strokes.write_line(line, left, 16 + number * ROW, TEXT, gap=2)
        others = [word for word in words[1:] if word.text.strip() != view.state]
        self._strokes.write_line(others, MARGIN, 70, 20, gap=2)

    def _draw_states(self, view: PageView, top: int) -> None:
        """A lane for each state, lit while the training was in it; now is at the right."""
        left, right = MARGIN + 120, WIDTH - MARGIN
        bins = len(view.state_history)
        for number, name in enumerate(view.states):
            y = top + number * 15
            is_now = name == view.state
            self._strokes.write(name, MARGIN, y - 3, 13, REGULAR, WHITE if is_now else DIM)
            self._strokes.box(left, y, right - left, 10, TRACK)
            for first, last in runs(view.state_history == number):
                x, end = (left + (right - left) * at / bins for at in (first, last))
                self._strokes.box(x, y, end - x, 10, ACCENT if is_now else SOFT)

    def _draw_meters(self, view: PageView, top: int) -> None:
        left, right = MARGIN + 120, COLUMN - 122
        lufs = LOWEST_LUFS if view.lufs is None else view.lufs
        texts = (
            f"{view.peak_dbfs:6.1f} dBFS",
            "     - LUFS" if view.lufs is None else f"{lufs:6.1f} LUFS",
        )
        rows = (("peak", view.peak_dbfs, LOWEST_DBFS, -1.0), ("loudness", lufs, LOWEST_LUFS, 0.0))
        for number, (name, value, low, hot) in enumerate(rows):
            y = top + number * 28
            self._strokes.write(name, MARGIN, y - 3, TEXT, REGULAR, SOFT)
            share = min(1.0, max(0.0, 1.0 - value / low))
            self._strokes.box(left, y, right - left, 16, TRACK)
            self._strokes.box(left, y, (right - left) * share, 16, ACCENT if value > hot else WHITE)
            for mark in range(int(low) + 10, 0, 10):
                x = left + (right - left) * (1.0 - mark / low)
                self._strokes.box(x, y, 1, 16, (0, 0, 0))
            self._strokes.write(texts[number], right + 12, y - 2, 14)

    def _draw_losses(self, view: PageView, top: int) -> None:
        if not view.losses:
            return
        left, right, height = MARGIN + 120, COLUMN - 122, 96
        peaks = [np.nanmax(t.values) for t in view.losses if np.isfinite(t.values).any()]
        high = max(2.0, float(np.ceil(min(1e4, max(peaks, default=0.0)))))
        self._strokes.box(left, top + height, right - left, 1, TRACK)
        self._strokes.box(left, top, right - left, 1, TRACK)
        self._strokes.write(f"{high:g}", left - 8, top - 6, 12, REGULAR, DIM, right=True)
        self._strokes.write("0", left - 8, top + height - 8, 12, REGULAR, DIM, right=True)
        for number, trace in enumerate(view.losses):
            colour = (ACCENT, WHITE)[number % 2]
            self._strokes.write(trace.name, MARGIN, top + 14 + number * 40, TEXT, REGULAR, colour)
            self._strokes.write(
                _number(trace.now), right + 12, top + 14 + number * 40, TEXT, REGULAR, colour
            )
            self._strokes.trace(trace.values, 0.0, high, (left, top, right - left, height), colour)

    def _draw_sparks(self, view: PageView, top: int, row: int) -> None:
        left, right = MARGIN + 200, COLUMN - 122
        for number, trace in enumerate(view.sparks[:6]):
            y = top + number * row
            self._strokes.write(cut(trace.name, 19), MARGIN, y + 2, TEXT, REGULAR, SOFT)
            high = trace.high
            if np.isfinite(trace.values).any():
                high = max(high, float(np.nanmax(trace.values)))
            self._strokes.box(left, y + row - 6, right - left, 1, TRACK)
            box = (left, y, right - left, row - 6)
            self._strokes.trace(trace.values, trace.low, high, box, WHITE)
            self._strokes.write(_number(trace.now), right + 12, y + 2, TEXT)

    def _draw_tiles(self, view: PageView, left: int, top: int) -> None:
        self._strokes.box(left, top, 224, 224, TRACK)
        if view.tiles is None or not len(view.tiles):
            return
        sheet = tile_sheet(view.tiles)
        image = pygame.surfarray.make_surface(sheet.swapaxes(0, 1))
        side = self._strokes.pixels(224)
        self._strokes.surface.blit(
            pygame.transform.scale(image, (side, side)),
            (self._strokes.pixels(left), self._strokes.pixels(top)),
        )

    def _draw_moving(self, view: PageView, left: int, top: int) -> None:
        """The routes that push most now: the stream's place in white, the push from the middle."""
        self._strokes.write("moves most", left, top - 3, 14, REGULAR, DIM)
        for number, row in enumerate(view.moving[:5]):
            y = top + 22 + number * 42
            thing = cut(row.thing, 22)
            self._strokes.write(thing, left, y - 3, TEXT)
            self._strokes.write(
                cut(row.stream, 37 - len(thing)),
                WIDTH - MARGIN,
                y - 3,
                TEXT,
                EXTRA_BOLD,
                right=True,
            )
            half = (WIDTH - MARGIN - left - 16) / 2
            self._strokes.box(left, y + 21, half, 7, TRACK)
            middle = left + half / 2
            wide = half / 2 * min(1.0, max(-1.0, row.push))
            self._strokes.box(min(middle, middle + wide), y + 21, abs(wide), 7, ACCENT)
            self._strokes.box(middle, y + 21, 1, 7, SOFT)
            right = left + half + 16
            self._strokes.box(right, y + 21, half, 7, TRACK)
            self._strokes.box(right, y + 21, half * min(1.0, max(0.0, row.at)), 7, WHITE)

    def _draw_waits(self, view: PageView, left: int, top: int, row: int) -> None:
        """The heading, the control, and where fader and control stand; what is learned in one."""
        for number, (heading, line) in enumerate(view.waits):
            y = top + number * row
            self._strokes.write(heading, left, y + 2, 14, REGULAR, DIM)
            for column, word in enumerate(line):
                weight, colour = FACES[word.tone]
                room = 18 if len(line) > 1 and column == 0 else (36 if column else 55)
                x = left + (240 if column else 56)
                self._strokes.write(cut(word.text, room), x, y, TEXT, weight, colour)

    def _draw_gestures(self, view: PageView, left: int, top: int, rows: int, row: int) -> None:
        for number, (when, who, what) in enumerate(view.gestures[:rows]):
            y = top + number * row
            self._strokes.write(when, left + 40, y, TEXT, REGULAR, DIM, right=True)
            self._strokes.write(cut(who, 18), left + 56, y, TEXT, REGULAR, SOFT)
            self._strokes.write(cut(what, 36), left + 240, y, TEXT)

    def _draw_notices(self, view: PageView, top: int, rows: int, row: int) -> None:
        self._strokes.box(MARGIN, top - 6, WIDTH - 2 * MARGIN, 1, TRACK)
        for number, (when, who, word) in enumerate(view.notices[:rows]):
            y = top + number * row
            weight, colour = FACES[word.tone]
            self._strokes.write(when, MARGIN + 40, y, TEXT, REGULAR, DIM, right=True)
            self._strokes.write(cut(who, 9), MARGIN + 56, y, TEXT, REGULAR, SOFT)
            self._strokes.write(cut(word.text, 107), MARGIN + 160, y, TEXT, weight, colour)

    def _draw_help(self, lines: Sequence[str]) -> None:
        """The map of keys, as large as it fits in one column or two."""
        longest = max(len(line) for line in lines)
        fits = []
        for columns in (1, 2):
            rows = -(-len(lines) // columns)
            wide = (WIDTH - 2 * MARGIN) / columns - 16 * (columns - 1)
            fits.append(
                (min(wide / (0.6 * longest), (HEIGHT - 2 * MARGIN) / rows / 1.25), -columns)
            )
        size, columns = max(fits)
        rows = -(-len(lines) // -columns)
        for number, line in enumerate(lines):
            column, row = divmod(number, rows)
            left = MARGIN + column * (WIDTH - 2 * MARGIN) / -columns
            self._strokes.write(
                line, left, MARGIN + row * (HEIGHT - 2 * MARGIN) / rows, min(18, int(size))
            )


def tile_sheet(tiles: np.ndarray) -> np.ndarray:
    """Samples, uint8 (count, height, width, channels), eight in a row: uint8 (rows, columns, 3)."""
    count, height, width, channels = tiles.shape
    sheet = np.zeros((8, 8, height, width, 3), np.uint8)
    places = sheet.reshape(64, height, width, 3)
    places[: min(64, count)] = tiles[:64] if channels == 3 else tiles[:64, ..., :1]
    return sheet.swapaxes(1, 2).reshape(8 * height, 8 * width, 3)


def _number(value: float) -> str:
    """A stream's value in eight columns at the most."""
    if not np.isfinite(value):
        return "     -"
    return f"{value:7.3f}" if abs(value) < 100 else f"{value:7.0f}"
