"""The flash guard, as GLSL: the last pass before the overlay. A limiter, no certificate.

At most three flashes a second (WCAG 2.2 SC 2.3.1, ITU-R BT.1702): on a grid of 8x5 cells each cell
keeps the last extremum of the luminance shown, its direction, and a store of tokens that fills at
three per second. A change of 10% against the direction costs a token; without a token the cell is
held at what was shown before. The box means are taken on about 360 pixels per cell, at fixed
places which meet all rows and columns alike: snow then trembles by 2.6%, far below the 10%.
"""

from collections.abc import Callable
from typing import Any

import moderngl
import numpy as np

from instrument.picture.passes import UNITS, Pass, texture_of

GRID = (8, 5)

LINEAR = """
vec3 to_linear(vec3 c) { return c * (c * (c * .305306011 + .682171111) + .012522878); }
vec3 to_display(vec3 c) { return clamp(1.055 * pow(max(c, 0.), vec3(1. / 2.4)) - .055, 0., 1.); }
// R / (R + G + B) <= .78 in linear light, with squares for the curve of the display.
float too_red(vec3 c) { return max(0., .34 * c.r * c.r - c.g * c.g - c.b * c.b) * .5; }
float luminance(vec3 c) { return dot(to_linear(c), vec3(.2126, .7152, .0722)); }
"""

MEASURE = """
uniform sampler2D cells_before;
uniform float guarding;
out vec4 cell;
out vec4 hold;
const float THETA = .1;
void main() {
  ivec2 at = ivec2(gl_FragCoord.xy);
  ivec2 size = textureSize(before, 0);
  ivec2 low = at * size / ivec2(8, 5), high = (at + 1) * size / ivec2(8, 5);
  float L = 0., P = 0., n = 0., red = 0.;
  int stride = max(1, int(sqrt(float(size.x * size.y) / 14400.) + .5)), odd = stride >> 1;
  for (int y = low.y, k = 0; y < high.y; y += stride) for (int x = low.x; x < high.x; x += stride) {
    k += 1;
    ivec2 p = min(ivec2(x + ((y & stride) != 0 ? odd : 0), y + ((k & 1) != 0 ? odd : 0)), size - 1);
    vec3 c = composed(p);
    L += luminance(c); P += luminance(texelFetch(before, p, 0).rgb); n += 1.;
    red = max(red, too_red(c));
  }
  L /= max(n, 1.); P /= max(n, 1.);
  vec4 was = texelFetch(cells_before, at, 0);
  float A = was.r, s = was.g, T = min(3., was.b + 3. * elapsed);
  float d = P - A;
  if (sign(d) == s || s == 0.) { if (d != 0.) { A = P; s = sign(d); } }
  else if (abs(d) >= THETA) { if (min(P, A) < .8) T -= 1.; s = -s; A = P; }
  d = L - A;
  float w = 0.;
  if (abs(d) >= THETA && sign(d) != s && min(L, A) < .8 && T < 1.) {
    float D = A + sign(d) * .9 * THETA;
    w = abs(P - L) > 1e-5 ? clamp((D - L) / (P - L), 0., 1.) : 0.;
  }
  if (T < 0.) w = max(w, .98);
  cell = vec4(A, s, T, P);
  hold = vec4(guarding * w, step(1e-4, red), 0., 0.);
}
"""

DILATE = """
uniform sampler2D holds;
out vec4 hold;
void main() {
  float w = 0.;
  ivec2 at = ivec2(gl_FragCoord.xy);
  for (int y = -1; y <= 1; ++y) for (int x = -1; x <= 1; ++x)
    w = max(w, texelFetch(holds, clamp(at + ivec2(x, y), ivec2(0), ivec2(7, 4)), 0).r);
  hold = vec4(w);
}
"""

APPLY = """
uniform sampler2D hold;
in vec2 isf_FragNormCoord;
out vec4 shown;
void main() {
  ivec2 p = ivec2(gl_FragCoord.xy);
  vec3 c = composed(p);
#ifdef HOLD
  float w = texture(hold, isf_FragNormCoord).r;
  c = w > 0. ? to_display(mix(to_linear(c), to_linear(texelFetch(before, p, 0).rgb), w)) : c;
#endif
  float missing = too_red(c);
  c = vec3(c.r, sqrt(c.g * c.g + missing), sqrt(c.b * c.b + missing));
  shown = vec4(c, 1.);
}
"""


class FlashGuard:
    """Judges each picture before it is shown, and draws it as it may be shown. Main thread.

    `composed`: GLSL that declares the samplers `now`, `past` and `before` and the function
    `vec3 composed(ivec2 p)`: what would be shown at a pixel, sRGB 0..1. What `words` (defines)
    leave out of it costs nothing.
    """

    def __init__(
        self,
        ctx: moderngl.Context,
        corners: moderngl.Buffer,
        composed: str,
        finish: Callable[[], Any],
        on: bool = True,
    ) -> None:
        """Only `on=False` lets everything through."""
        self.ctx, self.finish, self.on = ctx, finish, on
        self._corners, self._composed = corners, composed
        self._dilate = Pass(ctx, corners, f"#version 330 core\n{DILATE}")
        self._measures: dict[frozenset[str], Pass] = {}
        self._applies: dict[frozenset[str], Pass] = {}
        self._held = False
        self.pictures_held = 0
        """Pictures so far in which something was held."""
        cells = [ctx.texture(GRID, 4, dtype="f4") for _ in range(2)]
        self._hold_textures = holds = [ctx.texture(GRID, 4) for _ in range(2)]
        self._cells = [ctx.framebuffer([cell, holds[0]]) for cell in cells]
        self._hold = ctx.framebuffer([holds[1]])
        for texture in (*cells, holds[0]):
            texture.filter = (moderngl.NEAREST, moderngl.NEAREST)
        holds[1].filter = (moderngl.LINEAR, moderngl.LINEAR)
        holds[1].repeat_x = holds[1].repeat_y = False
        for cell in cells:
            cell.write(np.tile(np.array([0, 0, 3, 0], np.float32), GRID[0] * GRID[1]))
        self.compile(frozenset())

    def compile(self, words: frozenset[str]) -> None:
        """Make the passes for these words now: later, amid the show, it would cost a picture."""
        self._variant(self._measures, MEASURE, words)
        for more in (frozenset[str](), frozenset({"HOLD"})):
            self._variant(self._applies, APPLY, words | more)

    def _variant(self, made: dict[frozenset[str], Pass], body: str, words: frozenset[str]) -> Pass:
        if words not in made:
            defines = "".join(f"#define {word}\n" for word in sorted(words))
            text = f"#version 330 core\n{defines}{LINEAR}{self._composed}{body}"
            made[words] = Pass(self.ctx, self._corners, text)
        return made[words]

    def judge(
        self, before: moderngl.Framebuffer, values: dict[str, Any], words: frozenset[str]
    ) -> bool:
        """Once per picture, with its textures bound: whether it may not be shown as it is.

        `before`: the last picture shown; `values`: the uniforms of `composed`, with `elapsed` (s)
        since then and `black` (0 in a blackout, when nothing is held).
        """
        self._held = False
        if not self.on:
            return True
        measuring = self._variant(self._measures, MEASURE, words)
        self._cells.reverse()
        self._cells[0].use()
        texture_of(before).use(UNITS["before"])
        texture_of(self._cells[1]).use(UNITS["cells_before"])
        measuring.set_all(values)
        measuring.set("guarding", float(values["black"] > 0.0))
        measuring.array.render()
        self.finish()
        measured = self._cells[0].read(components=2, attachment=1)
        red = any(measured[1::2])
        self._held = any(measured[::2])
        self.pictures_held += self._held
        if self._held:
            self._hold.use()
            self._hold_textures[0].use(UNITS["holds"])
            self._dilate.array.render()
            self.finish()
        return self._held or red

    def apply(
        self, target: moderngl.Framebuffer, values: dict[str, Any], words: frozenset[str]
    ) -> None:
        """Draw the picture that `judge` was asked about into `target`, held and paled as need be."""
        applying = self._variant(self._applies, APPLY, words | ({"HOLD"} if self._held else set()))
        target.use()
        self._hold_textures[1].use(UNITS["hold"])
        applying.set_all(values)
        applying.array.render()
        self.finish()
