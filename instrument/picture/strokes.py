"""Boxes, lines and type on a pygame surface, in the layout's own pixels. No GL."""

from collections.abc import Sequence

import numpy as np
import pygame

from instrument.picture.letters import EXTRA_BOLD, LIGHT, REGULAR, font
from instrument.picture.palette import COLOURS
from instrument.signals.spoken import Tone, Word

WIDTH, HEIGHT = 1280, 720
"""The layout's own size; every length is in its pixels, and scaled to the surface."""
MARGIN = 24
ACCENT = tuple(round(255 * part) for part in COLOURS["orange"])
WHITE, SOFT, DIM, TRACK = (255, 255, 255), (165, 165, 165), (105, 105, 105), (38, 38, 38)
FACES = {
    Tone.PLAIN: (REGULAR, WHITE),
    Tone.QUIET: (REGULAR, SOFT),
    Tone.STRONG: (EXTRA_BOLD, WHITE),
    Tone.GRAVE: (EXTRA_BOLD, ACCENT),
    Tone.FAINT: (LIGHT, DIM),
}
KEPT_TEXTS = 600


class Strokes:
    """A surface that is drawn into. One thread."""

    def __init__(self) -> None:
        self._texts: dict[tuple[str, int, str, tuple[int, ...]], pygame.Surface] = {}
        self.surface = pygame.Surface((1, 1))
        self._scale = 1.0

    def begin(self, surface: pygame.Surface) -> None:
        """Draw into `surface` from now on, whatever its size; it is black then."""
        self.surface = surface
        width, height = surface.get_size()
        self._scale = min(width / WIDTH, height / HEIGHT)
        surface.fill((0, 0, 0))

    def pixels(self, length: float) -> int:
        return round(length * self._scale)

    def box(
        self, left: float, top: float, width: float, height: float, colour: tuple[int, ...]
    ) -> None:
        x, y = self.pixels(left), self.pixels(top)
        wide = max(1, self.pixels(left + width) - x) if width > 0 else 0
        high = max(1, self.pixels(top + height) - y)
        if wide:
            self.surface.fill(colour, (x, y, wide, high))

    def trace(
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
        for first, last in runs(np.isfinite(values)):
            run = points[first:last]
            if len(run) == 1:
                run = np.array([run[0], run[0] + (1, 0)])
            pygame.draw.lines(self.surface, colour, False, run.tolist(), max(1, self.pixels(1.5)))

    def write_line(self, line: Sequence[Word], left: float, top: int, size: int, gap: int) -> None:
        """Words next to each other; smaller where they do not fit."""
        length = sum(len(word.text) + gap for word in line) - gap
        if length > 0:
            size = min(size, int((WIDTH - 2 * MARGIN) / (0.6 * length)))
        x = left
        for word in line:
            weight, colour = FACES[word.tone]
            x += (self.write(word.text, x, top, size, weight, colour)) / self._scale
            x += gap * 0.6 * size

    def write(
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
        x = self.pixels(left) - (image.get_width() if right else 0)
        self.surface.blit(image, (x, self.pixels(top)))
        return image.get_width()


def runs(mask: np.ndarray) -> list[tuple[int, int]]:
    """First and one past the last of each run of True."""
    edges = np.diff(np.concatenate([[0], mask.astype(np.int8), [0]]))
    return list(zip(np.flatnonzero(edges > 0), np.flatnonzero(edges < 0), strict=True))
