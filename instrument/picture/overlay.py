"""Text over the picture: help map, health, legend, the word that it waits. Not seen by the guard.

It is drawn into the window after the picture: screenshots, film and feedback do not have it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import moderngl
import numpy as np

from instrument.picture.language import VERTEX
from instrument.picture.letters import EXTRA_BOLD, LIGHT, REGULAR, coverage, font
from instrument.signals.spoken import GAP, Line, Tone, Word

TEXT = """#version 330 core
uniform sampler2D letters;
uniform vec3 accent;
uniform float ground;
in vec2 isf_FragNormCoord;
out vec4 color;
void main() {
  vec2 ink = texture(letters, vec2(isf_FragNormCoord.x, 1. - isf_FragNormCoord.y)).rg;
  color = vec4(vec3(ink.r) + accent * ink.g, max(max(ink.r, ink.g), ground));
}
"""
DIM = """#version 330 core
uniform float ground;
out vec4 color;
void main() { color = vec4(0., 0., 0., ground); }
"""
LETTERS_UNIT = 15
LEADING = 1.32
"""Distance of two lines, in ems: what the face asks for."""
ADVANCE = 0.6
"""Width of every letter, in ems."""
CAPITAL = 0.73
"""Height of a capital, in ems."""
USUAL_EM = 1 / 48
"""Of the window's height, where there is room."""
SMALLEST_EM = 8
FACES = {
    Tone.PLAIN: (REGULAR, 1.0),
    Tone.QUIET: (REGULAR, 0.6),
    Tone.STRONG: (EXTRA_BOLD, 1.0),
    Tone.GRAVE: (EXTRA_BOLD, 1.0),
    Tone.FAINT: (LIGHT, 0.4),
}
"""Weight and brightness of each tone."""
KEPT_ROWS = 400


class Place(Enum):
    """Where a panel lies; what lies about it."""

    LOW_LEFT = "low left"
    TOP_LEFT = "top left"
    PAGE = "page"
    """From the top left, with the whole picture dimmed."""


@dataclass(frozen=True)
class Bar:
    """A filled box in a panel: from `low` to `high` (0..1) of `columns` letters from `column` in `row`.

    Drawn in the order of the panel's bars; `light` 0..1 is its grey where it has no accent.
    """

    row: int
    column: int
    columns: int
    low: float
    high: float
    accent: bool = False
    light: float = 0.85


@dataclass(frozen=True)
class Panel:
    """Lines of text, top first. `em`: height of the face as a share of the window's height, at the most.

    `ground` 0..1 is how far the picture behind it is dimmed. Bars may move with every picture.
    """

    lines: tuple[Line, ...]
    place: Place = Place.LOW_LEFT
    em: float = USUAL_EM
    ground: float = 0.0
    bars: tuple[Bar, ...] = ()


def plain_lines(texts: Sequence[str]) -> tuple[Line, ...]:
    """Plain texts as lines of a panel."""
    return tuple((Word(text),) for text in texts)


def margin_of(window: tuple[int, int]) -> int:
    """Pixels between the panels and the edge of the window."""
    return max(8, window[1] // 45)


def em_of(panel: Panel, window: tuple[int, int]) -> int:
    """Pixels of the em at which all lines of a panel fit the window's height."""
    room = window[1] - 2 * margin_of(window)
    fitting = int(room / (len(panel.lines) or 1) / LEADING)
    return max(SMALLEST_EM, min(math.ceil(window[1] * panel.em), fitting))


def columns_of(em: float, window: tuple[int, int]) -> int:
    """How many letters of an em (share of the height) a line of the window holds."""
    letter = font(max(SMALLEST_EM, math.ceil(window[1] * em))).size("m")[0]
    return max(8, (window[0] - 2 * margin_of(window)) // letter)


class _Sheet:
    """A panel's lines as a texture of two channels, white ink and accent ink."""

    def __init__(self) -> None:
        self.key: object = None
        self.texture: moderngl.Texture | None = None


class Overlay:
    """Sets panels into the window. Main thread."""

    def __init__(self, ctx: moderngl.Context) -> None:
        self._ctx = ctx
        self._program = ctx.program(vertex_shader=VERTEX, fragment_shader=TEXT)
        corners = ctx.buffer(np.array([-1, -1, 3, -1, -1, 3], "f4"))
        self._array = ctx.vertex_array(self._program, [(corners, "2f", "corner")])
        self._dim = ctx.program(vertex_shader=VERTEX, fragment_shader=DIM)
        self._whole = ctx.vertex_array(self._dim, [(corners, "2f", "corner")])
        self._set(self._program, "letters", LETTERS_UNIT)
        self._sheets: dict[Place, _Sheet] = {place: _Sheet() for place in Place}
        self._rows: dict[tuple[Line, int], np.ndarray] = {}

    def draw(
        self,
        panels: Sequence[Panel],
        window: tuple[int, int],
        screen: moderngl.Framebuffer,
        accent: tuple[float, float, float] = (1.0, 1.0, 1.0),
    ) -> None:
        """Set the panels over what `screen` (of the size `window`) shows; at most one for each place."""
        if not panels:
            return
        screen.use()
        self._set(self._program, "accent", accent)
        for panel in panels:
            if panel.lines:
                self._draw(panel, window, screen, accent)

    def _draw(
        self,
        panel: Panel,
        window: tuple[int, int],
        screen: moderngl.Framebuffer,
        accent: tuple[float, float, float],
    ) -> None:
        em, margin = em_of(panel, window), margin_of(window)
        texture = self._sheet(panel, window, em)
        width, height = texture.size
        top = margin if panel.place is not Place.LOW_LEFT else window[1] - margin - height
        page = panel.place is Place.PAGE
        self._ctx.enable(moderngl.BLEND)
        self._ctx.blend_func = moderngl.ONE, moderngl.ONE_MINUS_SRC_ALPHA
        if page:
            # Without a texture: this is the whole window, and a processor may have to fill it.
            self._ctx.viewport = (0, 0, *window)
            self._set(self._dim, "ground", panel.ground)
            self._whole.render()
        box = (margin, window[1] - top - height, width, height)
        self._lay(texture, box, 0.0 if page else panel.ground)
        self._ctx.disable(moderngl.BLEND)
        leading, letter = round(em * LEADING), font(em).size("m")[0]
        for bar in panel.bars:
            low, high = sorted((min(1.0, max(0.0, bar.low)), min(1.0, max(0.0, bar.high))))
            left = margin + bar.column * letter + round(low * bar.columns * letter)
            right = margin + bar.column * letter + round(high * bar.columns * letter)
            thick = max(2, round(em * 0.42))
            low_edge = window[1] - top - bar.row * leading - round(leading * 0.5) - thick // 2
            colour = accent if bar.accent else (bar.light, bar.light, bar.light)
            screen.clear(*colour, 1.0, viewport=(left, low_edge, max(2, right - left), thick))

    def _lay(
        self, texture: moderngl.Texture, box: tuple[int, int, int, int], ground: float
    ) -> None:
        self._ctx.viewport = box
        texture.use(LETTERS_UNIT)
        self._set(self._program, "ground", ground)
        self._array.render()

    @staticmethod
    def _set(program: moderngl.Program, name: str, value: object) -> None:
        uniform = program[name]
        assert isinstance(uniform, moderngl.Uniform)
        uniform.value = value

    def _sheet(self, panel: Panel, window: tuple[int, int], em: int) -> moderngl.Texture:
        """The texture of a panel's lines; set anew when they or the window changed."""
        sheet = self._sheets[panel.place]
        key = (panel.lines, window, em)
        if sheet.texture is not None and sheet.key == key:
            return sheet.texture
        sheet.key = key
        rows = [self._row(line, em) for line in panel.lines]
        leading = round(em * LEADING)
        # In steps of 64, so that a figure that grows does not ask for another texture.
        wide = -(-(max(row.shape[1] for row in rows) + em) // 64) * 64
        width = min(wide, window[0])
        pixels = np.zeros((leading * len(rows), width, 2), np.uint8)
        for number, row in enumerate(rows):
            ink = row[:leading, :width]
            pixels[number * leading : number * leading + ink.shape[0], : ink.shape[1]] = ink
        size = (width, len(pixels))
        if sheet.texture is not None and sheet.texture.size == size:
            sheet.texture.write(pixels, alignment=1)
            return sheet.texture
        sheet.texture = self._ctx.texture(size, 2, pixels, alignment=1)
        sheet.texture.filter = (moderngl.NEAREST, moderngl.NEAREST)
        return sheet.texture

    def _row(self, line: Line, em: int) -> np.ndarray:
        """One line as ink, uint8 (height, width, 2)."""
        key = (line, em)
        if key not in self._rows:
            if len(self._rows) >= KEPT_ROWS:
                self._rows.clear()
            self._rows[key] = set_line(line, em)
        return self._rows[key]


def set_line(line: Line, em: int) -> np.ndarray:
    """A line set in the face, uint8 (height, width, 2): white ink and accent ink."""
    letter = font(em).size("m")[0]
    column, parts = 0, []
    for word in line:
        weight, brightness = FACES[word.tone]
        text = word.text[:300]
        ink = coverage(text, font(em, weight))
        if brightness < 1.0:
            ink = (ink * brightness).astype(np.uint8)
        parts.append((column * letter, ink, int(word.tone is Tone.GRAVE)))
        column += len(text) + len(GAP)
    height = max((ink.shape[0] for _, ink, _ in parts), default=em)
    width = max((left + ink.shape[1] for left, ink, _ in parts), default=1)
    row = np.zeros((height, width, 2), np.uint8)
    for left, ink, channel in parts:
        row[: ink.shape[0], left : left + ink.shape[1], channel] = ink
    return row
