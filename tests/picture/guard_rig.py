"""A flash guard on a bench: pictures go in, what it shows comes out and is metered. And strobes."""

from collections.abc import Callable, Iterable
from pathlib import Path

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
DIGITS = Path(__file__).resolve().parents[2] / "instrument/learning/data/mnist10k.npz"
Paint = Callable[[float, int], np.ndarray]
"""Time (s) and number of the picture to uint8 (height, width, 3)."""


class GuardRig:
    """A guard between two pictures, as the painter has it."""

    def __init__(self, size: tuple[int, int] = (640, 360), on: bool = True) -> None:
        self.window = Window(WindowConfig(64, 64, headless=True))
        self.ctx = self.window.ctx
        corners = self.ctx.buffer(np.array([-1, -1, 3, -1, -1, 3], "f4"))
        self.guard = FlashGuard(
            self.ctx, corners, COMPOSED, self.window.finish, self.window.finish, on
        )
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


def steady(seconds: float, rate: float) -> list[float]:
    """Times of pictures at an even rate."""
    return [number / rate for number in range(round(seconds * rate))]


def uneven(seconds: float, rate: float = 45.0, seed: int = 5) -> list[float]:
    """Times of pictures at a rate that wanders between half and twice, with a stall now and then."""
    dice, now_s, times = np.random.default_rng(seed), 0.0, []
    while now_s < seconds:
        times.append(now_s)
        now_s += dice.uniform(0.5, 2.0) / rate + (0.2 if dice.random() < 0.01 else 0.0)
    return times


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


def grey(levels: np.ndarray) -> np.ndarray:
    """Levels 0..255 (height, width) as a picture."""
    return np.repeat(levels[..., None].astype(np.uint8), 3, axis=2)


def turn(time_s: float, hertz: float) -> int:
    """0 or 1: which half of its period something is in."""
    return int(time_s * hertz * 2 + 1e-6) % 2


Maker = Callable[[int, int], Paint]
"""From width and height to what paints."""


def square(hertz: float) -> Maker:
    return lambda w, h: lambda t, n: np.full((h, w, 3), 255 * turn(t, hertz), np.uint8)


def sine(hertz: float) -> Maker:
    def make(w: int, h: int) -> Paint:
        return lambda t, n: np.full(
            (h, w, 3), 127.5 + 127.5 * np.sin(2 * np.pi * hertz * t), np.uint8
        )

    return make


def checkers(side: int, hertz: float) -> Maker:
    def make(w: int, h: int) -> Paint:
        row, column = np.indices((h, w))
        return lambda t, n: grey(255 * ((row // side + column // side + turn(t, hertz)) % 2))

    return make


def bars(period: int, hertz: float) -> Maker:
    def make(w: int, h: int) -> Paint:
        column = np.indices((h, w))[1]
        return lambda t, n: grey(255 * ((column + t * hertz * period) % period < period / 2))

    return make


def between(one: tuple[int, int, int], other: tuple[int, int, int], hertz: float) -> Maker:
    def make(w: int, h: int) -> Paint:
        return lambda t, n: np.full((h, w, 3), other if turn(t, hertz) else one, np.uint8)

    return make


def random_colours(w: int, h: int) -> Paint:
    dice = np.random.default_rng(4)
    return lambda t, n: np.full((h, w, 3), dice.integers(0, 256, 3), np.uint8)


def quarter(hertz: float) -> Maker:
    def make(w: int, h: int) -> Paint:
        def paint(t: float, n: int) -> np.ndarray:
            picture = np.zeros((h, w, 3), np.uint8)
            picture[: h * 53 // 100, : w * 52 // 100] = 255 * turn(t, hertz)
            return picture

        return paint

    return make


def patches(hertz: float) -> Maker:
    """A lit patch of three tenths of the screen that is somewhere else every time."""

    def make(w: int, h: int) -> Paint:
        def paint(t: float, n: int) -> np.ndarray:
            dice, picture = np.random.default_rng(int(t * hertz * 2)), np.zeros((h, w, 3), np.uint8)
            top, left = dice.integers(0, h * 45 // 100), dice.integers(0, w * 45 // 100)
            picture[top : top + h * 55 // 100, left : left + w * 55 // 100] = 255
            return picture

        return paint

    return make


def fading_strobe(w: int, h: int) -> Paint:
    return lambda t, n: np.full((h, w, 3), (127 + 127 * np.sin(t)) * turn(t, 10), np.uint8)


def letters(hertz: float) -> Maker:
    """An eighth of the pixels, everywhere, as of small print: lit and dark by turns."""

    def make(w: int, h: int) -> Paint:
        print_ = np.random.default_rng(3).random((h, w)) < 0.125
        return lambda t, n: grey(255 * (print_ & (int(t * 2 * hertz) % 2 == 0)))

    return make


STROBES: dict[str, Maker] = {
    **{f"square {hertz} Hz": square(hertz) for hertz in (2, 3, 4, 5, 7.5, 10, 15, 20, 30)},
    **{f"sine {hertz} Hz": sine(hertz) for hertz in (3, 5, 10, 15)},
    **{f"checkers {side} px 10 Hz": checkers(side, 10) for side in (5, 8, 20, 45)},
    **{f"bars {period} px 10 Hz": bars(period, 10) for period in (8, 16, 40)},
    "bars 16 px 3 Hz": bars(16, 3),
    "random colours": random_colours,
    "quarter 10 Hz": quarter(10),
    **{f"patches {hertz} Hz": patches(hertz) for hertz in (5, 10, 30)},
    **{f"small print {hertz} Hz": letters(hertz) for hertz in (5, 10)},
    "strobe in a slow fade": fading_strobe,
    "red and black 10 Hz": between((255, 0, 0), (0, 0, 0), 10),
    "red and blue 10 Hz": between((255, 0, 0), (0, 0, 255), 10),
}


def slow_fade(w: int, h: int) -> Paint:
    return lambda t, n: np.full((h, w, 3), 127.5 + 127.5 * np.sin(3 * t), np.uint8)


def cuts(w: int, h: int) -> Paint:
    """From dark to light or back once a second."""
    return lambda t, n: np.full((h, w, 3), 255 * (int(t) % 2), np.uint8)


def sparks(w: int, h: int) -> Paint:
    """A flash of a tenth of a second, once a second."""
    return lambda t, n: np.full((h, w, 3), 255 * (t % 1 < 0.1), np.uint8)


def snow(w: int, h: int) -> Paint:
    dice = np.random.default_rng(1)
    return lambda t, n: grey(255 * dice.integers(0, 2, (h, w)))


def digits(w: int, h: int) -> Paint:
    """A wall of handwritten digits, all of them other ones four times a second."""
    with np.load(DIGITS) as data:
        images = data["images"][:2000]

    def paint(t: float, n: int) -> np.ndarray:
        dice, wall = np.random.default_rng(int(t * 4 + 1e-6)), np.zeros((h, w), np.uint8)
        for top in range(0, h - 28, 30):
            for left in range(0, w - 28, 30):
                wall[top : top + 28, left : left + 28] = images[dice.integers(0, 2000)]
        return grey(wall)

    return paint


def rain(w: int, h: int) -> Paint:
    dice = np.random.default_rng(3)
    column, start = dice.integers(0, w, w // 8), dice.integers(0, h, w // 8)
    speed = dice.uniform(1, 3, w // 8) * h

    def paint(t: float, n: int) -> np.ndarray:
        picture = np.zeros((h, w), np.uint8)
        for number, x in enumerate(column):
            low = int(start[number] + speed[number] * t) % h
            picture[max(0, low - h // 22) : low, x] = 255
        return grey(picture)

    return paint


def barcode(w: int, h: int) -> Paint:
    """Bars of widths by chance that wander to the left."""
    edges = np.cumsum(np.random.default_rng(5).integers(w // 160, w // 24, 400))

    def paint(t: float, n: int) -> np.ndarray:
        row = 255 * (np.searchsorted(edges, np.arange(w) + t * w / 40) % 2)
        return grey(np.broadcast_to(row, (h, w)))

    return paint


def scan_line(w: int, h: int) -> Paint:
    row = np.indices((h, w))[0]
    return lambda t, n: grey(255 * (np.abs(row - t * h / 2 % h) < 2))


HARMLESS: dict[str, Maker] = {
    "slow fade": slow_fade,
    "a cut every second": cuts,
    "a spark every second": sparks,
    "snow": snow,
    "digits, four walls a second": digits,
    "sparse rain": rain,
    "barcode that wanders": barcode,
    "scan line": scan_line,
    "broad bars 1 Hz": bars(160, 1),
}
