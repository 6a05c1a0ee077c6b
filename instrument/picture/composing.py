"""GLSL of what lies between the looks and what is shown: blending, glow, and all that is done to them.

`COMPOSED` is handed to the flash guard, which measures and shows what it gives. Its parts are defines:
POST (tears, dots, colours, ...) and FEEDBACK; a part that is left out costs nothing.
"""

BLENDS = (
    "normal", "add", "screen", "multiply", "lighten", "darken", "difference", "exclude", "mask",
)  # fmt: skip
"""How a layer comes over what lies below it; mask shows what lies below where the layer is bright."""

BLEND = """#version 330 core
uniform sampler2D now, over;
uniform float level;
uniform int blend;
out vec4 color;
void main() {
  ivec2 p = ivec2(gl_FragCoord.xy);
  vec3 a = texelFetch(now, p, 0).rgb;
  vec4 layer = texelFetch(over, p, 0);
  vec3 b = layer.rgb, c = b;
  c = blend == 1 ? a + b : c;
  c = blend == 2 ? a + b - a * b : c;
  c = blend == 3 ? a * b : c;
  c = blend == 4 ? max(a, b) : c;
  c = blend == 5 ? min(a, b) : c;
  c = blend == 6 ? abs(a - b) : c;
  c = blend == 7 ? a + b - 2. * a * b : c;
  c = blend == 8 ? a * max(b.r, max(b.g, b.b)) : c;
  color = vec4(clamp(mix(a, c, level * layer.a), 0., 1.), 1.);
}
"""

GLOW = """#version 330 core
uniform sampler2D now, glow;
uniform int stage;
out vec4 color;
const float W[4] = float[4](.28, .22, .1, .04);
void main() {
  ivec2 p = ivec2(gl_FragCoord.xy);
  vec3 c = vec3(0.);
  if (stage == 0) {
    for (int y = 0; y < 4; ++y) for (int x = 0; x < 4; ++x)
      c += texelFetch(now, min(p * 4 + ivec2(x, y), textureSize(now, 0) - 1), 0).rgb;
    c *= c * (1. / 256.);
  } else {
    ivec2 way = stage == 1 ? ivec2(1, 0) : ivec2(0, 1), last = textureSize(glow, 0) - 1;
    c = texelFetch(glow, p, 0).rgb * W[0];
    for (int k = 1; k < 4; ++k)
      c += (texelFetch(glow, clamp(p + way * k, ivec2(0), last), 0).rgb
          + texelFetch(glow, clamp(p - way * k, ivec2(0), last), 0).rgb) * W[k];
  }
  color = vec4(c, 1.);
}
"""

COMPOSED = """
uniform sampler2D now, before, glow;
uniform usampler2D bits;
uniform float brightness, feedback, threshold, tear, bloom, lines, sorting, black, elapsed;
uniform vec4 turn;
uniform vec3 ink, ground;
uniform int mosaic, greys, turns;
uniform bool invert;
uint bits_at(int x, int y) { return texelFetch(bits, ivec2(x & 63, y & 63), 0).r; }
float dots(ivec2 p) {
  int x = p.x & 3, y = p.y & 3, m = x ^ y;
  return float(((m & 1) << 3) | ((y & 1) << 2) | (m & 2) | ((y & 2) >> 1)) / 16. + .03125;
}
vec3 composed(ivec2 p) {
  ivec2 size = textureSize(now, 0);
  ivec2 q = p;
#ifdef POST
  q = min(int(mosaic) * ivec2((vec2(p) + .5) / float(mosaic)) + mosaic / 2, size - 1);
  int row = (size.y - 1 - q.y) >> 1;
  uint b = bits_at(row, row >> 6);
  float torn = float((b >> 8) & 1023u) / 511.5 - 1.;
  if (float(b & 255u) < tear * 256.) q.x += int(torn * tear * tear * float(size.x));
  q.x += q.x < 0 ? size.x : q.x >= size.x ? -size.x : 0;
#endif
  vec3 c = texelFetch(now, q, 0).rgb;
#ifdef POST
  c = min(c + texture(glow, (vec2(q) + .5) / vec2(size)).rgb * bloom, 1.);
  if (threshold > 0.) c = vec3(step(threshold, max(c.r, max(c.g, c.b))));
  if (greys > 1) c = floor(c * float(greys - 1) + dots(p)) / float(greys - 1);
  float low = min(c.r, min(c.g, c.b)), high = max(c.r, max(c.g, c.b));
  c = ground * (1. - high) + ink * low + c - low;
#endif
  c = (invert ? 1. - c : c) * brightness;
#ifdef FEEDBACK
  vec2 middle = vec2(size) * .5;
  vec2 f = vec2(p) + .5 - middle;
  // A way shorter than a pixel is gone in some of the pictures, as many as its share of a pixel.
  vec2 share = (fract(float(turns) * vec2(.7548777, .5698403)) - .5) * .98;
  f = middle + vec2(dot(turn.xy, f), dot(turn.zw, f)) + share;
  ivec2 o = clamp(ivec2(floor(f)), ivec2(0), size - 1);
  vec3 old = texelFetch(before, o, 0).rgb;
  // One pass of a sort by neighbours: bright sinks. Bits of real weights say which columns go on now.
  bool lower = ((o.y + turns) & 1) == 0;
  vec3 other = texelFetch(before, ivec2(o.x, clamp(o.y + (lower ? 1 : -1), 0, size.y - 1)), 0).rgb;
  float gain = dot(other - old, vec3(.2126, .7152, .0722));
  bool going = float(bits_at(o.x, (o.x >> 6) + (turns >> 1)) & 255u) < sorting * 256.;
  old = going && (lower ? gain > 0. : gain < 0.) ? other : old;
  old = vec3(greaterThanEqual(old, vec3(0.))) * min(old, 1.);
  c = max(c, floor(old * feedback * 255.) / 255.);
#endif
#ifdef POST
  c *= 1. - lines * float(p.y & 1);
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
