"""`Paper`: a page measured in millimetres from its lower left corner, drawn by matplotlib and saved.

The face is JetBrains Mono, all letters .6 em wide: so the width of a word is known before it is drawn.
The same drawing gives the same bytes: no date, no program's name, no random ids in the file.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, get_font
from matplotlib.patches import Circle, Rectangle

from instrument.signals import places

MM_PER_INCH = 25.4
POINT_MM = MM_PER_INCH / 72.0
LETTER_EM = 0.6
"""Advance of every letter of JetBrains Mono."""
CAPITAL_EM = 0.73
"""Height of its capitals."""
INK, GREY, PALE, FAINT = "#111111", "#6b6b6b", "#c4c4c4", "#e9e9e9"
ACCENT, ACCENT_PALE = "#d5281b", "#f3bdb6"
FORMATS = (".pdf", ".png", ".svg")
_METADATA: dict[str, dict[str, Any]] = {
    ".pdf": {"CreationDate": None, "ModDate": None, "Producer": None, "Creator": None},
    ".png": {"Software": None},
    ".svg": {"Date": None, "Creator": None},
}
_SETTINGS: Any = {
    "pdf.fonttype": 42, "svg.fonttype": "path", "svg.hashsalt": "score", "path.simplify": False,
    "text.hinting": "no_hinting",
}  # fmt: skip


class Weight(Enum):
    """How strong letters are."""

    LIGHT = "Light"
    REGULAR = "Regular"
    BOLD = "ExtraBold"


@dataclass(frozen=True)
class Format:
    """A format of paper, landscape. The page is drawn as `width_mm` x `height_mm`, then enlarged."""

    width_mm: float
    height_mm: float
    scale: float = 1.0


PAPERS = {
    "a4": Format(297.0, 210.0),
    "a3": Format(297.0, 210.0, 2.0**0.5),
    "letter": Format(279.4, 215.9),
}


def width_mm(words: str, points: float) -> float:
    """How wide a line of text is."""
    return len(words) * LETTER_EM * points * POINT_MM


def shortened(words: str, points: float, room_mm: float) -> str:
    """The words, cut with an ellipsis where they are wider than the room; '' where nothing fits."""
    letters = int(room_mm / width_mm("m", points) + 1e-9)
    if len(words) <= letters:
        return words
    return words[: letters - 1].rstrip() + "\u2026" if letters > 1 else ""


@dataclass(frozen=True)
class Written:
    """A line of text and the room its letters take, from the baseline to the height of capitals."""

    words: str
    left: float
    right: float
    bottom: float
    top: float


def _written(x: float, y: float, words: str, points: float, align: str, level: str) -> Written:
    wide, high = width_mm(words, points), CAPITAL_EM * points * POINT_MM
    left = x - wide * {"left": 0.0, "center": 0.5, "right": 1.0}[align]
    bottom = y - high / 2 if level == "center" else y
    return Written(words, left, left + wide, bottom, bottom + high)


class Paper:
    """One page. All places and sizes in millimetres, letters in points."""

    def __init__(self, format: Format) -> None:
        self.format = format
        self.title = ""
        """What the file calls itself."""
        self.written: list[Written] = []
        """All lines of text so far."""
        self._drawn = 0
        self._faces = {weight: _face(weight) for weight in Weight}
        self._letters = frozenset(get_font(_face_file(Weight.REGULAR)).get_charmap())
        with matplotlib.rc_context(_SETTINGS):
            scale = format.scale
            size = (format.width_mm * scale / MM_PER_INCH, format.height_mm * scale / MM_PER_INCH)
            self._figure = Figure(figsize=size)
            self._axes = self._figure.add_axes((0.0, 0.0, 1.0, 1.0))
        self._axes.set_xlim(0.0, format.width_mm)
        self._axes.set_ylim(0.0, format.height_mm)
        self._axes.set_axis_off()

    def text(
        self, x: float, y: float, words: str, points: float, weight: Weight = Weight.REGULAR,
        colour: str = INK, align: str = "left", level: str = "baseline",
    ) -> None:  # fmt: skip
        """A line of text; `align` is left, center or right, `level` baseline or center."""
        words = self._known(words)
        self.written.append(_written(x, y, words, points, align, level))
        vertical = "center_baseline" if level == "center" else level
        self._axes.text(
            x, y, words, parse_math=False, fontproperties=self._faces[weight],
            fontsize=points * self.format.scale, color=colour, ha=align, va=vertical,
            zorder=self._next(),
        )  # fmt: skip

    def line(
        self, xs: Sequence[float] | np.ndarray, ys: Sequence[float] | np.ndarray, width: float,
        colour: str = INK, dashes: tuple[float, float] | None = None,
    ) -> None:  # fmt: skip
        """A line through points; NaN breaks it. `dashes`: ink and gap, in widths of the line."""
        style: Any = "-" if dashes is None else (0, dashes)
        self._axes.plot(
            xs, ys, color=colour, linewidth=self._points(width), linestyle=style,
            solid_capstyle="round", solid_joinstyle="round", dash_capstyle="butt",
            zorder=self._next(),
        )  # fmt: skip

    def area(self, xs: np.ndarray, low: np.ndarray, high: np.ndarray, colour: str) -> None:
        """What lies between two lines; NaN leaves a gap."""
        said = np.isfinite(low) & np.isfinite(high)
        self._axes.fill_between(
            xs, low, high, where=said, color=colour, linewidth=0.0, zorder=self._next()
        )

    def box(
        self, x: float, y: float, width: float, height: float, colour: str = INK,
        border: float = 0.0,
    ) -> None:  # fmt: skip
        """A rectangle: filled, or with a border of this width only."""
        self._axes.add_patch(
            Rectangle((x, y), width, height, facecolor="none" if border else colour,
                      edgecolor=colour if border else "none", linewidth=self._points(border),
                      zorder=self._next())
        )  # fmt: skip

    def dot(self, x: float, y: float, radius: float, colour: str = INK) -> None:
        """A filled disc."""
        self._axes.add_patch(
            Circle((x, y), radius, facecolor=colour, edgecolor="none", zorder=self._next())
        )

    def picture(self, x: float, y: float, width: float, height: float, pixels: np.ndarray) -> None:
        """Pixels uint8 (rows, columns, 3), hard ones; enlarge them first, readers smooth small ones."""
        self._axes.imshow(
            pixels, extent=(x, x + width, y, y + height), interpolation="none", aspect="auto",
            zorder=self._next(),
        )  # fmt: skip
        self._axes.set_xlim(0.0, self.format.width_mm)
        self._axes.set_ylim(0.0, self.format.height_mm)

    def saved(self, ending: str, dots_per_inch: int) -> bytes:
        """The page as a file of this ending (one of `FORMATS`)."""
        into = io.BytesIO()
        with matplotlib.rc_context(_SETTINGS):
            FigureCanvasAgg(self._figure)
            self._figure.savefig(
                into,
                format=ending[1:],
                dpi=dots_per_inch,
                metadata={**_METADATA[ending], "Title": self.title},
            )
        return into.getvalue()

    def _known(self, words: str) -> str:
        """What the face has no letter for becomes a question mark."""
        return "".join(c if ord(c) in self._letters else "?" for c in words)

    def _next(self) -> int:
        """What is drawn later lies above."""
        self._drawn += 1
        return self._drawn

    def _points(self, width: float) -> float:
        return width / POINT_MM * self.format.scale


def _face(weight: Weight) -> FontProperties:
    return FontProperties(fname=_face_file(weight))


def _face_file(weight: Weight) -> str:
    return str(places.PACKAGE / "picture" / "fonts" / f"JetBrainsMono-{weight.value}.ttf")
