"""Text over the picture: help map, status line, the word that it waits. Not seen by the guard.

Ships no font: a monospaced one of the machine when it is found, else pygame's own.
"""

import contextlib
import threading
from collections.abc import Sequence

import moderngl
import numpy as np
import pygame

from instrument.picture.language import VERTEX

FACES = "jetbrainsmono,ibmplexmono,sfmono,menlo,dejavusansmono,consolas,liberationmono,couriernew"

TEXT = """#version 330 core
uniform sampler2D letters;
uniform float ground;
in vec2 isf_FragNormCoord;
out vec4 color;
void main() {
  float ink = texture(letters, vec2(isf_FragNormCoord.x, 1. - isf_FragNormCoord.y)).r;
  color = vec4(vec3(ink), max(ink, ground));
}
"""
LETTERS_UNIT = 15


class Overlay:
    """Lines of text on a dimmed ground in the lower left corner. Main thread."""

    def __init__(self, ctx: moderngl.Context) -> None:
        pygame.font.init()
        self._ctx = ctx
        self._program = ctx.program(vertex_shader=VERTEX, fragment_shader=TEXT)
        corners = ctx.buffer(np.array([-1, -1, 3, -1, -1, 3], "f4"))
        self._array = ctx.vertex_array(self._program, [(corners, "2f", "corner")])
        for name, value in (("letters", LETTERS_UNIT), ("ground", 0.0)):
            uniform = self._program[name]
            assert isinstance(uniform, moderngl.Uniform)
            uniform.value = value
        self._face: str | None = None
        self._fonts: dict[tuple[str | None, int], pygame.font.Font] = {}
        self._rows: dict[tuple[str, str | None, int], np.ndarray] = {}
        self._texture: moderngl.Texture | None = None
        self._shown: tuple[object, ...] = ()
        threading.Thread(target=self._look_for_face, name="fonts", daemon=True).start()

    def _look_for_face(self) -> None:
        """Asking the machine for its fonts takes a second here and there: not in the main thread."""
        with contextlib.suppress(Exception):
            self._face = pygame.font.match_font(FACES)

    def draw(self, lines: Sequence[str], window: tuple[int, int], ground: float) -> None:
        """Set `lines` (top first) into the lower left corner of the bound window.

        `ground` 0..1 is how far the picture behind the text is dimmed.
        """
        if not lines:
            return
        self._prepare(lines, window)
        texture = self._texture
        if texture is None:
            return
        margin = max(8, window[1] // 45)
        self._ctx.viewport = (margin, margin, *texture.size)
        texture.use(LETTERS_UNIT)
        uniform = self._program["ground"]
        assert isinstance(uniform, moderngl.Uniform)
        uniform.value = ground
        self._ctx.enable(moderngl.BLEND)
        self._ctx.blend_func = moderngl.ONE, moderngl.ONE_MINUS_SRC_ALPHA
        self._array.render()
        self._ctx.disable(moderngl.BLEND)

    def _prepare(self, lines: Sequence[str], window: tuple[int, int]) -> None:
        """Set the text anew when it, the window or the font changed."""
        fitting = (window[1] - 2 * max(8, window[1] // 45)) // (len(lines) or 1)
        size = max(8, min(window[1] // 48, int(fitting / 1.45)))
        wanted = (tuple(lines), window, self._face, size)
        if wanted == self._shown:
            return
        self._shown = wanted
        face = self._face
        rows = [self._row(line, face, size) for line in lines]
        leading = int(size * 1.45)
        width = min(max(row.shape[1] for row in rows), window[0]) + size
        sheet = np.zeros((leading * len(rows), width), np.uint8)
        for number, row in enumerate(rows):
            height = min(leading, row.shape[0])
            span = min(width, row.shape[1])
            top = number * leading
            sheet[top : top + height, :span] = row[:height, :span]
        if self._texture is not None and self._texture.size == (width, len(sheet)):
            self._texture.write(sheet, alignment=1)
            return
        self._texture = self._ctx.texture((width, len(sheet)), 1, sheet, alignment=1)
        self._texture.filter = (moderngl.NEAREST, moderngl.NEAREST)

    def _row(self, line: str, face: str | None, size: int) -> np.ndarray:
        """One line as coverage, uint8 (height, width)."""
        key = (line, face, size)
        if key not in self._rows:
            if len(self._rows) > 400:
                self._rows.clear()
            if (face, size) not in self._fonts:
                self._fonts[face, size] = pygame.font.Font(face, size)
            text = line.replace("\0", " ")[:300] or " "
            surface = self._fonts[face, size].render(text, True, (255, 255, 255))
            width, height = surface.get_size()
            pixels = pygame.image.tostring(surface, "RGBA")
            self._rows[key] = np.frombuffer(pixels, np.uint8).reshape(height, width, 4)[..., 3]
        return self._rows[key]
