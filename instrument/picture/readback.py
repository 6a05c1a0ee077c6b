"""`Readback`: the shown picture fetched from the graphics memory once, for all who want its pixels.

A graphics card is asked for a picture and gives it later: it is fetched into a buffer there and read two
pictures on, when it has long been ready. Where the processor draws, the pixels lie in its memory already
and are copied at once (measured at 640x360: .03 ms; through a buffer .2 ms).
"""

import weakref
from collections import deque
from dataclasses import dataclass
from typing import Protocol

import moderngl
import numpy as np

BEHIND = 2
"""Pictures between asking a graphics card and reading."""
POOL = 16
"""So many arrays are kept for the next pictures."""


@dataclass(frozen=True)
class Shown:
    """One picture: `pixels` uint8 (height, width, 4), from the bottom row up, not to be changed.

    They are good while this is held; after that another picture is put in their place.
    `drawn_s`: when its drawing began, on the show's clock; the picture before is on the screen since then.
    """

    pixels: np.ndarray
    drawn_s: float


class Taker(Protocol):
    """Wants pixels."""

    def take(self, shown: Shown) -> None:
        """Called for every picture; must not wait. Main thread."""


class Readback:
    """A tap that hands pixels to `takers`. Main thread."""

    def __init__(self, ctx: moderngl.Context, direct: bool) -> None:
        """`direct`: the processor draws."""
        self.takers: list[Taker] = []
        self._ctx, self._direct = ctx, direct
        self._pool: deque[np.ndarray] = deque(maxlen=POOL)
        self._spare: list[moderngl.Buffer] = []
        self._asked: deque[tuple[moderngl.Buffer, tuple[int, int], float]] = deque()

    def see(self, shown: moderngl.Framebuffer, now_s: float) -> None:
        """A picture was painted."""
        if not self.takers:
            return
        if self._direct:
            pixels = self._room(shown.size)
            shown.read_into(pixels, components=4, alignment=1)
            self._hand(pixels, now_s)
            return
        buffer = self._buffer(shown.size[0] * shown.size[1] * 4)
        shown.read_into(buffer, components=4, alignment=1)
        self._asked.append((buffer, shown.size, now_s))
        if len(self._asked) > BEHIND:
            self._fetch()

    def finish(self) -> None:
        """Hand out what was asked for; GL must still be there."""
        while self._asked:
            self._fetch()

    def _fetch(self) -> None:
        buffer, size, drawn_s = self._asked.popleft()
        pixels = self._room(size)
        buffer.read_into(pixels)
        self._spare.append(buffer)
        self._hand(pixels, drawn_s)

    def _hand(self, pixels: np.ndarray, drawn_s: float) -> None:
        shown = Shown(pixels, drawn_s)
        weakref.finalize(shown, self._pool.append, pixels)
        for taker in self.takers:
            taker.take(shown)

    def _buffer(self, size: int) -> moderngl.Buffer:
        """One of that many bytes; those of another size are let go (the window collects them)."""
        self._spare = [buffer for buffer in self._spare if buffer.size == size]
        return self._spare.pop() if self._spare else self._ctx.buffer(reserve=size)

    def _room(self, size: tuple[int, int]) -> np.ndarray:
        """An array that nobody uses: touching fresh memory costs ten times the copy."""
        shape = (size[1], size[0], 4)
        while self._pool:
            pixels = self._pool.pop()
            if pixels.shape == shape:
                return pixels
        return np.empty(shape, np.uint8)
