"""A flash guard on a bench: pictures go in, what it shows comes out and is metered. And strobes."""

from collections.abc import Callable, Iterable, Iterator

import moderngl
import numpy as np

from instrument.picture.flashes import FlashMeter, FlashReport
from instrument.picture.guard import FlashGuard
from instrument.picture.passes import UNITS
from instrument.picture.window import Window, WindowConfig

COMPOSED = """
uniform sampler2D now, before;
vec3 composed(ivec2 p) { return texelFetch(now, p, 0).rgb; }
"""
Paint = Callable[[float, int], np.ndarray]
"""Time (s) and number of the picture to uint8 (height, width, 3)."""


class GuardRig:
    """A guard between two pictures, as the painter has it."""

    def __init__(self, size: tuple[int, int] = (640, 360), on: bool = True) -> None:
        self.window = Window(WindowConfig(64, 64, headless=True))
        self.ctx = self.window.ctx
        corners = self.ctx.buffer(np.array([-1, -1, 3, -1, -1, 3], "f4"))
        self.guard = FlashGuard(self.ctx, corners, COMPOSED, self.window.finish, on)
        self.resize(size)

    def resize(self, size: tuple[int, int]) -> None:
        """Another size: the picture begins black."""
        self.size = size
        self.now, *self.shown = (self._picture() for _ in range(3))

    def _picture(self) -> moderngl.Framebuffer:
        texture = self.ctx.texture(self.size, 4, bytes(self.size[0] * self.size[1] * 4))
        texture.filter = (moderngl.NEAREST, moderngl.NEAREST)
        return self.ctx.framebuffer([texture])

    def show(self, picture: np.ndarray, elapsed_s: float, black: float = 1.0) -> np.ndarray:
        """What the guard makes of it, uint8 (height, width, 3)."""
        texture = self.now.color_attachments[0]
        texture.write(np.dstack([picture, np.full(picture.shape[:2], 255, np.uint8)]).tobytes())
        texture.use(UNITS["now"])
        values = {"elapsed": elapsed_s, "black": black}
        if self.guard.judge(self.shown[1], values, frozenset()):
            self.guard.apply(self.shown[0], values, frozenset())
            self.shown.reverse()
        else:
            self.now, self.shown = self.shown[0], [self.shown[1], self.now]
        pixels = np.frombuffer(self.shown[1].read(components=3, alignment=1), np.uint8)
        return pixels.reshape(self.size[1], self.size[0], 3)

    def close(self) -> None:
        self.window.close()


def steady(seconds: float, rate: float) -> Iterator[float]:
    """Times of pictures at an even rate."""
    yield from (number / rate for number in range(round(seconds * rate)))


def uneven(seconds: float, rate: float = 45.0, seed: int = 5) -> Iterator[float]:
    """Times of pictures at a rate that wanders between half and twice, with a stall now and then."""
    dice, now_s = np.random.default_rng(seed), 0.0
    while now_s < seconds:
        yield now_s
        now_s += dice.uniform(0.5, 2.0) / rate + (0.2 if dice.random() < 0.01 else 0.0)


def metered(
    rig: GuardRig, paint: Paint, times: Iterable[float]
) -> tuple[FlashReport, FlashReport, float]:
    """Reports of what went in and of what came out, and how far apart both are (mean, 0..255)."""
    into, out, apart, last_s, number = FlashMeter(), FlashMeter(), [], -1.0 / 60.0, 0
    for number, now_s in enumerate(times):
        picture = paint(now_s, number)
        shown = rig.show(picture, max(0.002, now_s - last_s))
        last_s = now_s
        into.take(picture, now_s)
        out.take(shown, now_s)
        apart.append(np.abs(picture.astype(np.int16) - shown).mean())
    return into.report, out.report, float(np.mean(apart))
