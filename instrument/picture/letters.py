"""The shipped face: fonts for text set by pygame, and an atlas of its letters for the shaders. No GL.

JetBrains Mono 2.242, SIL Open Font License 1.1 (``fonts/OFL.txt``). The same face on every machine: a
line that fits here fits on stage.
"""

from functools import cache
from pathlib import Path

import numpy as np
import pygame

FONTS = Path(__file__).resolve().parent / "fonts"
LIGHT, REGULAR, EXTRA_BOLD = "Light", "Regular", "ExtraBold"

FIRST, LAST = 32, 126
"""Code points of the atlas: printable ASCII."""
PER_ROW = 16
CELL = (32, 64)
"""Width and height of a letter's cell in the atlas, in texels."""
SIZE = 47
"""Height of the em in the atlas."""
INSET, ADVANCE = 2, 28
"""In a cell the letter takes the columns INSET .. INSET + ADVANCE; set tight, letters are ADVANCE wide."""
BASELINE = 48
"""Row of a cell, from its top, on which letters stand; capitals are 34 texels high."""
FACES = (LIGHT, EXTRA_BOLD)
ROWS_PER_FACE = -(-(LAST - FIRST + 1) // PER_ROW)
ATLAS_SIZE = (PER_ROW * CELL[0], ROWS_PER_FACE * len(FACES) * CELL[1])
"""Width and height of the whole atlas: 512 x 768."""


@cache
def font(size: int, weight: str = REGULAR) -> pygame.font.Font:
    """The face with an em of `size` pixels. One thread."""
    pygame.font.init()
    return pygame.font.Font(str(FONTS / f"JetBrainsMono-{weight}.ttf"), size)


def coverage(text: str, face: pygame.font.Font) -> np.ndarray:
    """One line of text as ink, uint8 (height, width), top row first. Nulls become blanks."""
    known = "".join(letter if "\0" < letter <= "\uffff" else " " for letter in text)
    surface = face.render(known or " ", True, (255, 255, 255))
    width, height = surface.get_size()
    pixels = pygame.image.tostring(surface, "RGBA")
    return np.frombuffer(pixels, np.uint8).reshape(height, width, 4)[..., 3]


def glyph_atlas() -> np.ndarray:
    """Ink of every letter, uint8 (768, 512), top row first: for a one-channel texture.

    Cells of `CELL`, `PER_ROW` in a row, in the order of their code points from `FIRST`: the six rows of
    the light face, then the six of the extra bold one. So letter c of face f has its cell in column
    (c - 32) % 16 and row (c - 32) / 16 + 6 f. The same bytes every time.
    """
    atlas = np.zeros(ATLAS_SIZE[::-1], np.uint8)
    width, height = CELL
    for number, weight in enumerate(FACES):
        face = font(SIZE, weight)
        for code in range(FIRST, LAST + 1):
            row, column = divmod(code - FIRST, PER_ROW)
            top, left = (row + number * ROWS_PER_FACE) * height, column * width
            # Bold letters may begin left of their place: the surface is then wider on both sides.
            ink = coverage(chr(code), face)
            over = max(0, ink.shape[1] - ADVANCE) // 2
            at = left + INSET - min(INSET, over)
            ink = ink[:height, : width - (at - left)]
            atlas[top : top + ink.shape[0], at : at + ink.shape[1]] = ink
    return atlas
