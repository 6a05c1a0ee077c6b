"""`FlashGuard`: looks at each picture before it is shown, and shows it so that nothing flashes.

The last pass before the overlay. A limiter, no certificate. `limiter.py` says by which rules, and
docs/picture-guard.md what came of it.

1. a small picture of 64x36 places is drawn: what would be shown there, what was shown last;
2. it is read back, and the limiter tells which places must be held;
3. now and then 24 lines of it are read: over regular stripes the picture is dimmed (`stripes.py`);
4. only where something is held, too red or too regular is the picture drawn once more.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import moderngl
import numpy as np

from instrument.picture.limiter import COLUMNS, ROWS, SAMPLES, Limiter, Seen
from instrument.picture.passes import UNITS, Pass, texture_of
from instrument.picture.stripes import (
    AREA,
    AREA_GONE,
    LENGTH,
    LIGHT,
    LINES,
    THICK,
    UNEVEN,
    stripes_of,
)

SIDE = round(SAMPLES**0.5)

LINEAR = """
vec3 to_linear(vec3 c) { return c * (c * (c * .305306011 + .682171111) + .012522878); }
vec3 to_display(vec3 c) { return clamp(1.055 * pow(max(c, 0.), vec3(1. / 2.4)) - .055, 0., 1.); }
// R / (R + G + B) <= .78 in linear light, with squares for the curve of the display.
float too_red(vec3 c) { return max(0., .34 * c.r * c.r - c.g * c.g - c.b * c.b) * .5; }
float luminance(vec3 c) { return dot(to_linear(c), vec3(.2126, .7152, .0722)); }
"""

OFFERED = """
uniform float dim;
vec3 offered(ivec2 p) { return composed(p) * dim; }
"""

LINES_READ = f"""
out vec4 light;
void main() {{
  ivec2 at = ivec2(gl_FragCoord.xy), size = textureSize(before, 0);
  bool across = at.y < {LINES};
  int length = across ? size.x : size.y, width = across ? size.y : size.x;
  float number = float(at.y % {LINES});
  int line = int((number + fract(number * {UNEVEN})) / {LINES}. * float(max(0, width - {THICK})));
  float sum = 0.;
  for (int k = 0; k < {THICK}; ++k) {{
    ivec2 p = ivec2(at.x * length / {LENGTH}, min(line + k, width - 1));
    sum += luminance(composed(across ? p : p.yx));
  }}
  light = vec4(sum / float({THICK}));
}}
"""

MEASURE = f"""
layout(location = 0) out vec4 seen;
layout(location = 1) out vec4 more;
const ivec2 PLACES = ivec2({COLUMNS}, {ROWS});
const int SIDE = {SIDE};
void main() {{
  ivec2 at = ivec2(gl_FragCoord.xy), size = textureSize(before, 0);
  ivec2 low = at * size / PLACES, span = max(ivec2(1), (at + 1) * size / PLACES - low);
  float new = 0., last = 0., new2 = 0., last2 = 0., both = 0., red = 0.;
  for (int k = 0; k < SIDE * SIDE; ++k) {{
    ivec2 place = ivec2(k % SIDE, k / SIDE);
    // Every second row and column is moved by half a step: no row and no column is looked at more.
    ivec2 p = low + (place * 2 + 1 - (place.yx & 1)) * span / (2 * SIDE);
    vec3 c = offered(p);
    float l = luminance(c), o = luminance(texelFetch(before, p, 0).rgb);
    new += l; last += o; new2 += l * l; last2 += o * o; both += l * o;
    red = max(red, too_red(c));
  }}
  float n = float(SIDE * SIDE);
  seen = vec4(new, last, new2, last2) / n;
  more = vec4(both / n, red, 0., 0.);
}}
"""

APPLY = """
uniform sampler2D hold;
in vec2 isf_FragNormCoord;
out vec4 shown;
void main() {
  ivec2 p = ivec2(gl_FragCoord.xy);
  vec3 c = offered(p);
#ifdef HOLD
  float w = texture(hold, isf_FragNormCoord).r;
  c = w > 0. ? to_display(mix(to_linear(c), to_linear(texelFetch(before, p, 0).rgb), w)) : c;
#endif
  float missing = too_red(c);
  c = vec3(c.r, sqrt(c.g * c.g + missing), sqrt(c.b * c.b + missing));
  shown = vec4(c, 1.);
}
"""


STRIPES_EVERY = 6
"""Pictures from one look at the stripes to the next."""
DIM_S, BRIGHTEN_S = 0.5, 1.5
"""How long it takes to dim regular stripes, and to take it back."""
DISPLAY = 1.0 / 2.2
"""What a share of light is to the power of, to be a share of what is written to the display."""


@dataclass(frozen=True)
class Held:
    """What the guard does now.

    `share` of the picture held, `pictures` held (wholly or in part) so far, and `light`: the share of
    the light that regular stripes are left (1 without any).
    """

    share: float = 0.0
    pictures: int = 0
    light: float = 1.0


class FlashGuard:
    """Judges each picture before it is shown, and draws it as it may be shown. Main thread.

    `composed`: GLSL that declares the samplers `now` and `before` and the function
    `vec3 composed(ivec2 p)`: what would be shown at a pixel, sRGB 0..1. What `words` (defines)
    leave out of it costs nothing. `held`: what it does now.
    """

    def __init__(
        self,
        ctx: moderngl.Context,
        corners: moderngl.Buffer,
        composed: str,
        finish: Callable[[], Any],
        rest: Callable[[], Any],
        on: bool = True,
    ) -> None:
        """Only `on=False` lets everything through.

        `finish` waits until all is drawn; `rest`: see `LookPainter`.
        """
        self.ctx, self.finish, self.on = ctx, finish, on
        self._rest = rest
        self.held = Held()
        self._corners, self._composed = corners, composed
        self._measures: dict[frozenset[str], Pass] = {}
        self._applies: dict[frozenset[str], Pass] = {}
        self._readers: dict[frozenset[str], Pass] = {}
        self._limiter = Limiter()
        self._holding = False
        self._places = ctx.framebuffer(
            [ctx.texture((COLUMNS, ROWS), 4, dtype="f4") for _ in range(2)]
        )
        self._hold = ctx.texture((COLUMNS, ROWS), 1, dtype="f4")
        # Not LINEAR: a place gets just the share it was promised, in the manner of hard pixels.
        self._hold.filter = (moderngl.NEAREST, moderngl.NEAREST)
        self._lines = ctx.framebuffer([ctx.texture((LENGTH, 2 * LINES), 1, dtype="f4")])
        self._number = 0
        self._light = self._light_aim = 1.0
        self.compile(frozenset())

    @property
    def pictures_held(self) -> int:
        """Pictures so far of which something was held."""
        return self.held.pictures

    def compile(self, words: frozenset[str]) -> None:
        """Make the passes for these words now: later, amid the show, it would cost a picture."""
        self._variant(self._measures, MEASURE, words)
        self._variant(self._readers, LINES_READ, words)
        for more in (frozenset[str](), frozenset({"HOLD"})):
            self._variant(self._applies, APPLY, words | more)

    def _variant(self, made: dict[frozenset[str], Pass], body: str, words: frozenset[str]) -> Pass:
        if words not in made:
            defines = "".join(f"#define {word}\n" for word in sorted(words))
            text = f"#version 330 core\n{defines}{LINEAR}{self._composed}{OFFERED}{body}"
            made[words] = Pass(self.ctx, self._corners, text)
        return made[words]

    def judge(
        self, before: moderngl.Framebuffer, values: dict[str, Any], words: frozenset[str]
    ) -> bool:
        """Once per picture, with its textures bound: whether it may not be shown as it is.

        `before`: the last picture shown; `values`: the uniforms of `composed`, with `elapsed` (s)
        since then and `black` (0 in a blackout, when nothing is held).
        """
        self._holding = False
        if not self.on:
            return True
        elapsed_s = float(values["elapsed"])
        texture_of(before).use(UNITS["before"])
        self._dim_stripes(values, words, elapsed_s)
        measuring = self._variant(self._measures, MEASURE, words)
        self._places.use()
        measuring.set_all(values)
        measuring.set("dim", self._light**DISPLAY)
        measuring.array.render()
        self.finish()
        seen, more = (
            np.frombuffer(self._places.read(components=4, attachment=n, dtype="f4"), np.float32)
            .reshape(ROWS, COLUMNS, 4)
            .transpose(2, 0, 1)
            for n in range(2)
        )
        hold = self._limiter.decide(Seen(seen[0], seen[1], seen[2], seen[3], more[0]), elapsed_s)
        touched = bool((more[1] > 1e-4).any()) or self._light < 1.0
        if hold is None or values["black"] <= 0.0:
            self.held = Held(0.0, self.held.pictures, self._light)
            return touched
        self._hold.write(hold.astype(np.float32))
        self._holding = True
        share = float(np.count_nonzero(hold)) / hold.size
        self.held = Held(share, self.held.pictures + 1, self._light)
        return True

    def _dim_stripes(self, values: dict[str, Any], words: frozenset[str], elapsed_s: float) -> None:
        """Look at the stripes now and then, and go on dimming or brightening."""
        if self._number % STRIPES_EVERY == 0:
            reading = self._variant(self._readers, LINES_READ, words)
            self._lines.use()
            reading.set_all(values)
            reading.array.render()
            self.finish()
            light = np.frombuffer(self._lines.read(components=1, dtype="f4"), np.float32)
            stripes = stripes_of(light.reshape(2 * LINES, LENGTH))
            if stripes.area > AREA:
                self._light_aim = min(1.0, LIGHT / max(stripes.light, LIGHT))
            elif stripes.area < AREA_GONE:
                self._light_aim = 1.0
        self._number += 1
        step = elapsed_s / (DIM_S if self._light_aim < self._light else BRIGHTEN_S)
        self._light += min(step, max(-step, self._light_aim - self._light))

    def apply(
        self, target: moderngl.Framebuffer, values: dict[str, Any], words: frozenset[str]
    ) -> None:
        """Draw the picture that `judge` was asked about into `target`, held and paled as need be."""
        words = words | {"HOLD"} if self._holding else words
        applying = self._variant(self._applies, APPLY, words)
        target.use()
        self._hold.use(UNITS["hold"])
        applying.set_all(values)
        applying.set("dim", self._light**DISPLAY if self.on else 1.0)
        applying.array.render()
        self._rest()
