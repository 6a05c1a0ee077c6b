"""The performer's page: what the performer reads at arm's length, drawn on a plain pygame surface. No GL.

Black ground, white type of one face, one accent: for what is grave, for the generator and for pushes.
Laid out for 1280x720 and scaled to any other size.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pygame

from instrument.picture.letters import EXTRA_BOLD, LIGHT, REGULAR, font
from instrument.picture.palette import COLOURS
from instrument.signals.spoken import Line, Tone, Word, cut

WIDTH, HEIGHT = 1280, 720
"""The layout's own size; everything below is in its pixels."""
MARGIN = 24
COLUMN = 640
"""Where the right half begins."""
ACCENT = tuple(round(255 * part) for part in COLOURS["orange"])
WHITE, SOFT, DIM, TRACK = (255, 255, 255), (165, 165, 165), (105, 105, 105), (38, 38, 38)
FACES = {
    Tone.PLAIN: (REGULAR, WHITE),
    Tone.QUIET: (REGULAR, SOFT),
    Tone.STRONG: (EXTRA_BOLD, WHITE),
    Tone.GRAVE: (EXTRA_BOLD, ACCENT),
    Tone.FAINT: (LIGHT, DIM),
}
TEXT, ROW = 16, 22
"""Size of the running text, and the distance of its lines."""
LOWEST_DBFS, LOWEST_LUFS = -60.0, -40.0
KEPT_TEXTS = 600


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
    notices: tuple[tuple[str, str, Word], ...] = ()
    """When, who says it, what."""
    help_lines: Sequence[str] = ()
    """The map of keys; it takes the page while it is not empty."""


class PerformerPage:
    """Draws views. One thread."""

    def __init__(self) -> None:
        self._texts: dict[tuple[str, int, str, tuple[int, ...]], pygame.Surface] = {}
        self._surface = pygame.Surface((1, 1))
        self._scale = 1.0

    def draw(self, surface: pygame.Surface, view: PageView) -> None:
        """The whole page onto `surface`, whatever its size."""
        self._surface = surface
        width, height = surface.get_size()
        self._scale = min(width / WIDTH, height / HEIGHT)
        surface.fill((0, 0, 0))
        if view.help_lines:
            self._draw_help(view.help_lines)
            return
        self._draw_head(view)
        self._draw_states(view, 112)
        self._draw_meters(view, 216)
        self._draw_losses(view, 286)
        self._draw_sparks(view, 400)
        self._draw_tiles(view, COLUMN, 216)
        self._draw_moving(view, COLUMN + 240, 216)
        self._draw_gestures(view, COLUMN, 456)
        self._draw_notices(view, 594)

    # -- parts ------------------------------------------------------------------------------------

    def _draw_head(self, view: PageView) -> None:
        words = view.status
        self._write(view.state or "waiting", MARGIN - 2, 8, 46, EXTRA_BOLD)
        if words:
            self._write(words[0].text, WIDTH - MARGIN, 8, 46, LIGHT, right=True)
        for number, line in enumerate(view.asides[:2]):
            length = sum(len(word.text) + 2 for word in line) - 2
            left = WIDTH - MARGIN - 170 - length * 0.6 * TEXT
            self._write_line(line, left, 16 + number * ROW, TEXT, gap=2)
        others = [word for word in words[1:] if word.text.strip() != view.state]
        self._write_line(others, MARGIN, 70, 20, gap=2)

    def _draw_states(self, view: PageView, top: int) -> None:
        """A lane for each state, lit while the training was in it; now is at the right."""
        left, right = MARGIN + 120, WIDTH - MARGIN
        bins = len(view.state_history)
        for number, name in enumerate(view.states):
            y = top + number * 15
            is_now = name == view.state
            self._write(name, MARGIN, y - 3, 13, REGULAR, WHITE if is_now else DIM)
            self._box(left, y, right - left, 10, TRACK)
            for first, last in _runs(view.state_history == number):
                x, end = (left + (right - left) * at / bins for at in (first, last))
                self._box(x, y, end - x, 10, ACCENT if is_now else SOFT)

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
            self._write(name, MARGIN, y - 3, TEXT, REGULAR, SOFT)
            share = min(1.0, max(0.0, 1.0 - value / low))
            self._box(left, y, right - left, 16, TRACK)
            self._box(left, y, (right - left) * share, 16, ACCENT if value > hot else WHITE)
            for mark in range(int(low) + 10, 0, 10):
                x = left + (right - left) * (1.0 - mark / low)
                self._box(x, y, 1, 16, (0, 0, 0))
            self._write(texts[number], right + 12, y - 2, 14)

    def _draw_losses(self, view: PageView, top: int) -> None:
        if not view.losses:
            return
        left, right, height = MARGIN + 120, COLUMN - 122, 96
        peaks = [np.nanmax(t.values) for t in view.losses if np.isfinite(t.values).any()]
        high = max(2.0, float(np.ceil(min(1e4, max(peaks, default=0.0)))))
        self._box(left, top + height, right - left, 1, TRACK)
        self._box(left, top, right - left, 1, TRACK)
        self._write(f"{high:g}", left - 8, top - 6, 12, REGULAR, DIM, right=True)
        self._write("0", left - 8, top + height - 8, 12, REGULAR, DIM, right=True)
        for number, trace in enumerate(view.losses):
            colour = (ACCENT, WHITE)[number % 2]
            self._write(trace.name, MARGIN, top + 14 + number * 40, TEXT, REGULAR, colour)
            self._write(
                _number(trace.now), right + 12, top + 14 + number * 40, TEXT, REGULAR, colour
            )
            self._trace(trace.values, 0.0, high, (left, top, right - left, height), colour)

    def _draw_sparks(self, view: PageView, top: int) -> None:
        left, right = MARGIN + 200, COLUMN - 122
        for number, trace in enumerate(view.sparks[:6]):
            y = top + number * 30
            self._write(cut(trace.name, 19), MARGIN, y + 2, TEXT, REGULAR, SOFT)
            self._box(left, y + 24, right - left, 1, TRACK)
            high = trace.high
            if np.isfinite(trace.values).any():
                high = max(high, float(np.nanmax(trace.values)))
            self._trace(trace.values, trace.low, high, (left, y, right - left, 24), WHITE)
            self._write(_number(trace.now), right + 12, y + 2, TEXT)

    def _draw_tiles(self, view: PageView, left: int, top: int) -> None:
        self._box(left, top, 224, 224, TRACK)
        if view.tiles is None or not len(view.tiles):
            return
        sheet = tile_sheet(view.tiles)
        image = pygame.surfarray.make_surface(sheet.swapaxes(0, 1))
        side = self._pixels(224)
        self._surface.blit(
            pygame.transform.scale(image, (side, side)), (self._pixels(left), self._pixels(top))
        )

    def _draw_moving(self, view: PageView, left: int, top: int) -> None:
        """The routes that push most now: the stream's place in white, the push from the middle."""
        self._write("moves most", left, top - 3, 14, REGULAR, DIM)
        for number, row in enumerate(view.moving[:5]):
            y = top + 22 + number * 42
            thing = cut(row.thing, 22)
            self._write(thing, left, y - 3, TEXT)
            self._write(
                cut(row.stream, 37 - len(thing)),
                WIDTH - MARGIN,
                y - 3,
                TEXT,
                EXTRA_BOLD,
                right=True,
            )
            half = (WIDTH - MARGIN - left - 16) / 2
            self._box(left, y + 21, half, 7, TRACK)
            middle = left + half / 2
            wide = half / 2 * min(1.0, max(-1.0, row.push))
            self._box(min(middle, middle + wide), y + 21, abs(wide), 7, ACCENT)
            self._box(middle, y + 21, 1, 7, SOFT)
            right = left + half + 16
            self._box(right, y + 21, half, 7, TRACK)
            self._box(right, y + 21, half * min(1.0, max(0.0, row.at)), 7, WHITE)

    def _draw_gestures(self, view: PageView, left: int, top: int) -> None:
        for number, (when, who, what) in enumerate(view.gestures[:6]):
            y = top + number * 20
            self._write(when, left + 40, y, TEXT, REGULAR, DIM, right=True)
            self._write(cut(who, 18), left + 56, y, TEXT, REGULAR, SOFT)
            self._write(cut(what, 36), left + 240, y, TEXT)

    def _draw_notices(self, view: PageView, top: int) -> None:
        self._box(MARGIN, top - 6, WIDTH - 2 * MARGIN, 1, TRACK)
        for number, (when, who, word) in enumerate(view.notices[:6]):
            y = top + number * 20
            weight, colour = FACES[word.tone]
            self._write(when, MARGIN + 40, y, TEXT, REGULAR, DIM, right=True)
            self._write(cut(who, 9), MARGIN + 56, y, TEXT, REGULAR, SOFT)
            self._write(cut(word.text, 108), MARGIN + 160, y, TEXT, weight, colour)

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
            self._write(line, left, MARGIN + row * (HEIGHT - 2 * MARGIN) / rows, min(18, int(size)))

    # -- strokes ----------------------------------------------------------------------------------

    def _pixels(self, length: float) -> int:
        return round(length * self._scale)

    def _box(
        self, left: float, top: float, width: float, height: float, colour: tuple[int, ...]
    ) -> None:
        x, y = self._pixels(left), self._pixels(top)
        wide = max(1, self._pixels(left + width) - x) if width > 0 else 0
        high = max(1, self._pixels(top + height) - y)
        if wide:
            self._surface.fill(colour, (x, y, wide, high))

    def _trace(
        self,
        values: np.ndarray,
        low: float,
        high: float,
        box: tuple[float, float, float, float],
        colour: tuple[int, ...],
    ) -> None:
        """A line from the left (oldest) to the right (now); broken where nothing came."""
        left, top, width, height = box
        span = high - low or 1.0
        share = np.clip((values - low) / span, 0.0, 1.0)
        x = left + (np.arange(len(values)) + 0.5) * width / max(1, len(values))
        y = top + (1.0 - share) * height
        points = np.rint(np.stack([x, y], axis=1) * self._scale)
        for first, last in _runs(np.isfinite(values)):
            run = points[first:last]
            if len(run) == 1:
                run = np.array([run[0], run[0] + (1, 0)])
            pygame.draw.lines(self._surface, colour, False, run.tolist(), max(1, self._pixels(1.5)))

    def _write_line(self, line: Sequence[Word], left: float, top: int, size: int, gap: int) -> None:
        """Words next to each other; smaller where they do not fit."""
        length = sum(len(word.text) + gap for word in line) - gap
        if length > 0:
            size = min(size, int((WIDTH - 2 * MARGIN) / (0.6 * length)))
        x = left
        for word in line:
            weight, colour = FACES[word.tone]
            x += (self._write(word.text, x, top, size, weight, colour)) / self._scale
            x += gap * 0.6 * size

    def _write(
        self,
        text: str,
        left: float,
        top: float,
        size: int,
        weight: str = REGULAR,
        colour: tuple[int, ...] = WHITE,
        right: bool = False,
    ) -> int:
        """One line of text; its width in pixels of the surface. `right`: `left` is its right end."""
        pixels = max(6, round(size * self._scale))
        key = (text, pixels, weight, colour)
        if key not in self._texts:
            if len(self._texts) >= KEPT_TEXTS:
                self._texts.clear()
            known = "".join(letter if " " <= letter <= "\uffff" else " " for letter in text)
            self._texts[key] = font(pixels, weight).render(known or " ", True, colour)
        image = self._texts[key]
        x = self._pixels(left) - (image.get_width() if right else 0)
        self._surface.blit(image, (x, self._pixels(top)))
        return image.get_width()


def tile_sheet(tiles: np.ndarray) -> np.ndarray:
    """Samples, uint8 (count, height, width, channels), eight in a row: uint8 (rows, columns, 3)."""
    count, height, width, channels = tiles.shape
    sheet = np.zeros((8, 8, height, width, 3), np.uint8)
    places = sheet.reshape(64, height, width, 3)
    places[: min(64, count)] = tiles[:64] if channels == 3 else tiles[:64, ..., :1]
    return sheet.swapaxes(1, 2).reshape(8 * height, 8 * width, 3)


def _runs(mask: np.ndarray) -> list[tuple[int, int]]:
    """First and one past the last of each run of True."""
    edges = np.diff(np.concatenate([[0], mask.astype(np.int8), [0]]))
    return list(zip(np.flatnonzero(edges > 0), np.flatnonzero(edges < 0), strict=True))


def _number(value: float) -> str:
    """A stream's value in eight columns at the most."""
    if not np.isfinite(value):
        return "     -"
    return f"{value:7.3f}" if abs(value) < 100 else f"{value:7.0f}"
