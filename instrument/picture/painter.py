"""`Painter`: looks, layers, what is done to them, feedback between pictures, flash guard. Main thread.

Per picture, at the inner size (about 640x360 of hard pixels, the window shows them enlarged):

1. the look into `now` (while fading, the look before is blended over it);
2. each layer that is seen: its look, blended over `now`;
3. the glow, at a quarter of the size;
4. the guard measures what would be shown, and shows it: post, feedback and guard into `shown` (the next
   picture's feedback);
5. `shown` enlarged by a whole number into the window.

What is not wanted costs nothing. Where the processor draws (`software`), `finish` follows each pass: it
waits without the GIL (see window.py). A graphics card is waited for only where the guard reads.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import moderngl
import numpy as np

from instrument.picture.composing import BLEND, COMPOSED, ENLARGE, GLOW
from instrument.picture.guard import FlashGuard
from instrument.picture.look_painter import LookPainter
from instrument.picture.looks import Look
from instrument.picture.moment import UNSEEN, Moment
from instrument.picture.passes import UNITS, Pass, texture_of

GLOW_SHARE = 4
CANVASES = ("now", "over", "mixed", "shown", "before")


def nothing() -> None:
    """There is nothing to wait for."""


class Painter:
    """Paints looks into its own picture of `size`, and that into the window."""

    def __init__(
        self,
        ctx: moderngl.Context,
        looks: Sequence[Look],
        rows: dict[str, int],
        size: tuple[int, int],
        finish: Callable[[], Any],
        guarded: bool = True,
        folders: Sequence[Path] = (),
        software: bool = True,
    ) -> None:
        """Can paint that it waits; `compile` must come before looks. `rows`: stream name to its row."""
        self.ctx = ctx
        self._rest = rest = finish if software else nothing
        self._corners = ctx.buffer(np.array([-1, -1, 3, -1, -1, 3], "f4"))
        self.look_painter = LookPainter(ctx, self._corners, looks, rows, finish, rest, folders)
        self.guard = FlashGuard(ctx, self._corners, COMPOSED, finish, rest, guarded)
        self._blend = Pass(ctx, self._corners, BLEND)
        self._glow = Pass(ctx, self._corners, GLOW)
        self._enlarge = Pass(ctx, self._corners, ENLARGE)
        self.look = ""
        self._past = ""
        self._fade = 1.0
        self._turns = 0
        self.size = (0, 0)
        self._canvas: dict[str, moderngl.Framebuffer] = {}
        dark = ctx.texture((1, 1), 4, bytes(4))
        self._dark = ctx.framebuffer([dark])
        self._glows: list[moderngl.Framebuffer] = []
        self.resize(size)

    def compile(self) -> dict[str, str]:
        """Compile every look and every part; what is wrong with looks that cannot be played, by name.

        Raises `Mistake` with file and line where none can be.
        """
        faults = self.look_painter.compile()
        for words in ((), ("POST",), ("FEEDBACK",), ("POST", "FEEDBACK")):
            self.guard.compile(frozenset(words))
        return faults

    @property
    def looks(self) -> dict[str, Look]:
        """All looks by name, as they were last compiled."""
        return self.look_painter.looks

    def reload(self, name: str) -> tuple[str, ...]:
        """See `LookPainter.reload`."""
        return self.look_painter.reload(name)

    def resize(self, size: tuple[int, int]) -> None:
        """Another inner size; what was shown goes on, enlarged or reduced."""
        if size == self.size:
            return
        old = self._canvas.get("before")
        self.size = size
        self._canvas = {name: self._picture(size) for name in CANVASES}
        small = (max(1, size[0] // GLOW_SHARE), max(1, size[1] // GLOW_SHARE))
        self._glows = [self._picture(small) for _ in range(2)]
        for glow in self._glows:
            texture_of(glow).filter = (moderngl.LINEAR, moderngl.LINEAR)
            texture_of(glow).repeat_x = texture_of(glow).repeat_y = False
        if old is not None:
            self._canvas["before"].use()
            texture_of(old).use(UNITS["picture"])
            self._enlarge.array.render()

    def _picture(self, size: tuple[int, int]) -> moderngl.Framebuffer:
        texture = self.ctx.texture(size, 4, bytes(size[0] * size[1] * 4))
        texture.filter = (moderngl.NEAREST, moderngl.NEAREST)
        return self.ctx.framebuffer([texture])

    @property
    def shown(self) -> moderngl.Framebuffer:
        """The last painted picture, at the inner size."""
        return self._canvas["before"]

    def paint(self, moment: Moment) -> None:
        """One picture into `shown`."""
        self._choose(moment)
        self._draw(self.look, "now", moment, None)
        if self._fade < 1.0:
            self._draw(self._past, "over", moment, None)
            self._blend_over(1.0 - self._fade, 0)
        for layer in moment.layers:
            if layer.look in self.look_painter:
                self._draw(layer.look, "over", moment, "now")
                self._blend_over(layer.level, layer.blend)
        values = {**moment.values(), "turns": self._turns}
        self._turns = (self._turns + 1) & 0xFFFF
        words = moment.words
        texture_of(self._glowing(moment)).use(UNITS["glow"])
        texture_of(self._canvas["now"]).use(UNITS["now"])
        texture_of(self._canvas["before"]).use(UNITS["before"])
        touched = self.guard.judge(self._canvas["before"], values, words)
        if not (words or touched or moment.invert) and moment.brightness * moment.black == 1.0:
            # Nothing is composed and nothing held: the look as it is is the picture.
            self._swap("shown", "now")
        else:
            self.guard.apply(self._canvas["shown"], values, words)
        self._swap("shown", "before")

    def _swap(self, one: str, other: str) -> None:
        canvas = self._canvas
        canvas[one], canvas[other] = canvas[other], canvas[one]

    def _choose(self, moment: Moment) -> None:
        if moment.look != self.look and moment.look in self.look_painter:
            self._past, self.look = self.look, moment.look
            self._fade = 0.0
        if self._fade < 1.0:
            step = moment.elapsed_s / moment.crossfade_s if moment.crossfade_s > 0 else 1.0
            self._fade = min(1.0, self._fade + step)

    def _draw(self, name: str, canvas: str, moment: Moment, below: str | None) -> None:
        """A look into a canvas. `below`: the canvas it lies on, None at the bottom.

        What paints over something and lies at the bottom has the look it names under it, else what was
        shown before.
        """
        look = self.look_painter.looks.get(name)
        if look is not None and look.paints_over:
            if below is None and look.under in self.look_painter and look.under:
                below = "mixed"
                self.look_painter.draw(look.under, self._canvas[below], moment)
            texture_of(self._canvas[below or "before"]).use(UNITS["inputImage"])
        self.look_painter.draw(name, self._canvas[canvas], moment)

    def _blend_over(self, level: float, blend: int) -> None:
        """`over` onto `now`."""
        texture_of(self._canvas["now"]).use(UNITS["now"])
        texture_of(self._canvas["over"]).use(UNITS["over"])
        self._blend.set("level", level)
        self._blend.set("blend", blend)
        self._canvas["mixed"].use()
        self._blend.array.render()
        self._rest()
        self._swap("now", "mixed")

    def _glowing(self, moment: Moment) -> moderngl.Framebuffer:
        """What glows of `now`, at a quarter of the size; all dark when nothing is wanted."""
        if moment.bloom <= UNSEEN:
            return self._dark
        texture_of(self._canvas["now"]).use(UNITS["now"])
        for stage in range(3):
            self._glow.set("stage", stage)
            texture_of(self._glows[1]).use(UNITS["glow"])
            self._glows[0].use()
            self._glow.array.render()
            self._glows.reverse()
        self._rest()
        return self._glows[1]

    def present(self, screen: moderngl.Framebuffer, window: tuple[int, int], scale: int) -> None:
        """`shown` into the window, each pixel `scale` times as large, in the middle."""
        width, height = self.size[0] * scale, self.size[1] * scale
        left, low = (window[0] - width) // 2, (window[1] - height) // 2
        screen.use()
        if left or low:
            screen.viewport = (0, 0, *window)
            self.ctx.clear(0.0, 0.0, 0.0, 1.0)
        self.ctx.viewport = (left, low, width, height)
        texture_of(self.shown).use(UNITS["picture"])
        self._enlarge.array.render()
        self._rest()
