"""`Painter`: looks, the feedback between pictures, crossfade, post and flash guard. Main thread.

Per picture, at the inner size (about 640x360 of hard pixels, the window shows them enlarged):

1. the look into `now` (while fading, the look before into `past`);
2. the guard measures 8x5 cells of what would be shown;
3. crossfade + post + feedback + guard into `shown` (the next picture's feedback; alpha is the
   luminance, for the guard);
4. `shown` enlarged by a whole number into the window.

After each pass `finish` is called, which waits without the GIL: see window.py.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import moderngl
import numpy as np

from instrument.picture.guard import FlashGuard
from instrument.picture.language import fragment_source, glsl_mistake
from instrument.picture.looks import Look, load_look
from instrument.picture.passes import UNITS, Pass, texture_of
from instrument.signals.mistake import Mistake

COMPOSED = """
uniform sampler2D now, past, before;
uniform usampler2D bits;
uniform float fade, brightness, feedback, threshold, tear, black, elapsed;
uniform vec4 turn;
uniform int mosaic;
uniform bool invert;
vec3 composed(ivec2 p) {
  ivec2 size = textureSize(now, 0);
  ivec2 q = p;
#ifdef POST
  q = min(int(mosaic) * ivec2((vec2(p) + .5) / float(mosaic)) + mosaic / 2, size - 1);
  int row = (size.y - 1 - q.y) >> 1;
  uint b = texelFetch(bits, ivec2(row & 63, (row >> 6) & 63), 0).r;
  float torn = float((b >> 8) & 1023u) / 511.5 - 1.;
  if (float(b & 255u) < tear * 256.) q.x += int(torn * tear * tear * float(size.x));
  q.x += q.x < 0 ? size.x : q.x >= size.x ? -size.x : 0;
#endif
  vec3 c = texelFetch(now, q, 0).rgb;
#ifdef FADE
  c = mix(texelFetch(past, q, 0).rgb, c, fade);
#endif
#ifdef POST
  if (threshold > 0.) c = vec3(step(threshold, max(c.r, max(c.g, c.b))));
#endif
  c = (invert ? 1. - c : c) * brightness;
#ifdef FEEDBACK
  vec2 middle = vec2(size) * .5;
  vec2 f = vec2(p) + .5 - middle;
  ivec2 o = ivec2(floor(middle + vec2(dot(turn.xy, f), dot(turn.zw, f))));
  vec3 old = texelFetch(before, clamp(o, ivec2(0), size - 1), 0).rgb;
  old = vec3(greaterThanEqual(old, vec3(0.))) * min(old, 1.);
  c = max(c, floor(old * feedback * 255.) / 255.);
#endif
  c *= black;
  return vec3(c.r >= 0. ? min(c.r, 1.) : 0., c.g >= 0. ? min(c.g, 1.) : 0., c.b >= 0. ? min(c.b, 1.) : 0.);
}
"""

ENLARGE = """#version 330 core
uniform sampler2D picture;
in vec2 isf_FragNormCoord;
out vec4 color;
void main() { color = vec4(texture(picture, isf_FragNormCoord).rgb, 1.); }
"""

WAITING = """#version 330 core
uniform float TIME;
uniform int FRAMEINDEX;
uniform vec2 RENDERSIZE;
out vec4 color;
void main() {
  ivec2 p = ivec2(int(gl_FragCoord.x), int(RENDERSIZE.y - gl_FragCoord.y));
  int width = int(RENDERSIZE.x), height = int(RENDERSIZE.y);
  float line = float(p.x == int(mod(TIME * .125, 1.) * RENDERSIZE.x));
  int row = height / 2 - p.y, cell = max(1, width / 40);
  int bit = 31 - (p.x - (width - 32 * cell) / 2) / cell;
  bool inside = p.x >= (width - 32 * cell) / 2 && bit >= 0 && bit < 32;
  int age = row / 3;
  float set = inside && row >= 0 && age < 24 && row % 3 < 2
    ? float(((FRAMEINDEX >> 1) - age >> bit) & 1) * float((FRAMEINDEX >> 1) >= age) : 0.;
  color = vec4(vec3(max(line * .55, set * (.5 - .02 * float(age)))), 1.);
}
"""

UNSEEN = 1.0 / 128.0
"""Feedback and tear below this leave no trace in 8 bits; what a route leaves behind costs no pass."""
VARIANTS = ("FADE", "POST", "FEEDBACK")


@dataclass(frozen=True)
class Moment:
    """What the painter needs to know of one picture besides the data.

    `uniforms`: values by the names of language.py. `inputs`: for each look the values of its inputs
    by name. `black` 0..1 scales everything; `turn` maps a pixel's place (from the middle) to where
    it was one picture before, row by row.
    """

    look: str
    elapsed_s: float
    uniforms: dict[str, Any]
    inputs: Callable[[Look], dict[str, Any]]
    brightness: float = 1.0
    feedback: float = 0.0
    turn: tuple[float, float, float, float] = (1.0, 0.0, 0.0, 1.0)
    threshold: float = 0.0
    tear: float = 0.0
    mosaic: int = 1
    invert: bool = False
    crossfade_s: float = 0.5
    black: float = 1.0


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
    ) -> None:
        """Can paint that it waits; `compile` must come before looks. `rows`: stream name to its row."""
        self.ctx, self.rows, self.finish = ctx, rows, finish
        self.looks = {look.name: look for look in looks}
        self._corners = ctx.buffer(np.array([-1, -1, 3, -1, -1, 3], "f4"))
        self._passes: dict[str, Pass] = {"": Pass(ctx, self._corners, WAITING)}
        self.guard = FlashGuard(ctx, self._corners, COMPOSED, finish, guarded)
        self._enlarge = Pass(ctx, self._corners, ENLARGE)
        self.look = ""
        self._past = ""
        self._fade = 1.0
        self.size = (0, 0)
        self._pictures: list[moderngl.Framebuffer] = []
        self.resize(size)

    def compile(self) -> None:
        """Compile every look; raises `Mistake` with file and line.

        Each is drawn once, unseen: drivers finish compiling at the first draw.
        """
        for name, look in self.looks.items():
            self._passes[name] = self._compile(look)
            self._now.use()
            self._passes[name].array.render()
            self.finish()
        for count in range(8):
            self.guard.compile(frozenset(w for k, w in enumerate(VARIANTS) if count >> k & 1))

    def _compile(self, look: Look) -> Pass:
        try:
            return Pass(self.ctx, self._corners, fragment_source(look, self.rows))
        except (moderngl.Error, ValueError) as error:
            raise glsl_mistake(look, error) from error

    def reload(self, name: str) -> None:
        """Compile a look's file anew; on a `Mistake` the last good one stays.

        Its inputs stay those of the start: controls are numbered once per show.
        """
        fresh = load_look(self.looks[name].path)
        if [i.name for i in fresh.inputs] != [i.name for i in self.looks[name].inputs]:
            raise Mistake(f"{fresh.path}: new inputs are played from the next start on")
        compiled = self._compile(fresh)
        self._passes[name], self.looks[name] = compiled, fresh

    def resize(self, size: tuple[int, int]) -> None:
        """Another inner size; what was shown goes on, enlarged or reduced."""
        if size == self.size:
            return
        old = self._pictures
        self.size = size
        fresh = []
        for _ in range(4):
            texture = self.ctx.texture(size, 4, bytes(size[0] * size[1] * 4))
            texture.filter = (moderngl.NEAREST, moderngl.NEAREST)
            fresh.append(self.ctx.framebuffer([texture]))
        self._now, self._past_picture = fresh[0], fresh[1]
        self._shown = [fresh[2], fresh[3]]
        if old:
            fresh[3].use()
            texture_of(old[3]).use(UNITS["picture"])
            self._enlarge.array.render()
        self._pictures = fresh

    @property
    def shown(self) -> moderngl.Framebuffer:
        """The last painted picture, at the inner size."""
        return self._shown[1]

    def paint(self, moment: Moment) -> None:
        """One picture into `shown`."""
        self._choose(moment)
        draws = [(self.look, self._now)]
        if self._fade < 1.0:
            draws.append((self._past, self._past_picture))
        for name, framebuffer in draws:
            self._draw_look(name, framebuffer, moment)
        before = self._shown[1]
        texture_of(self._now).use(UNITS["now"])
        texture_of(self._past_picture).use(UNITS["past"])
        texture_of(before).use(UNITS["before"])
        values: dict[str, Any] = {
            "fade": self._fade,
            "brightness": moment.brightness,
            "feedback": min(0.98, max(0.0, moment.feedback)) ** (60.0 * moment.elapsed_s),
            "threshold": moment.threshold,
            "tear": moment.tear,
            "black": moment.black,
            "elapsed": moment.elapsed_s,
            "turn": moment.turn,
            "mosaic": moment.mosaic,
            "invert": moment.invert,
        }
        words = frozenset(
            word
            for word, wanted in zip(
                VARIANTS,
                (
                    self._fade < 1.0,
                    moment.threshold > 0.0 or moment.tear > UNSEEN or moment.mosaic > 1,
                    moment.feedback > UNSEEN,
                ),
                strict=True,
            )
            if wanted
        )
        touched = self.guard.judge(before, values, words)
        if not (words or touched or moment.invert) and moment.brightness * moment.black == 1.0:
            # Nothing is composed and nothing held: the look as it is is the picture.
            self._shown[0], self._now = self._now, self._shown[0]
        else:
            self.guard.apply(self._shown[0], values, words)
        self._keep_shown()

    def _keep_shown(self) -> None:
        self._shown.reverse()
        self._pictures = [self._now, self._past_picture, *self._shown]

    def _choose(self, moment: Moment) -> None:
        if moment.look != self.look and moment.look in self._passes:
            self._past, self.look = self.look, moment.look
            self._fade = 0.0
        if self._fade < 1.0:
            step = moment.elapsed_s / moment.crossfade_s if moment.crossfade_s > 0 else 1.0
            self._fade = min(1.0, self._fade + step)

    def _draw_look(self, name: str, framebuffer: moderngl.Framebuffer, moment: Moment) -> None:
        drawing = self._passes[name]
        framebuffer.use()
        drawing.set_all(moment.uniforms)
        if name:
            drawing.set_all(moment.inputs(self.looks[name]))
        drawing.array.render()
        self.finish()

    def present(self, screen: moderngl.Framebuffer, window: tuple[int, int], scale: int) -> None:
        """`shown` into the window, each pixel `scale` times as large, in the middle."""
        width, height = self.size[0] * scale, self.size[1] * scale
        left, low = (window[0] - width) // 2, (window[1] - height) // 2
        screen.use()
        if left or low:
            screen.viewport = (0, 0, *window)
            self.ctx.clear(0.0, 0.0, 0.0, 1.0)
        self.ctx.viewport = (left, low, width, height)
        texture_of(self._shown[1]).use(UNITS["picture"])
        self._enlarge.array.render()
        self.finish()
