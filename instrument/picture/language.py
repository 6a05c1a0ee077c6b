"""What a look may read: the one set of uniforms, textures and helpers. No GL in here.

Three dialects are filled where a look uses them: ISF (TIME, TIMEDELTA, FRAMEINDEX, RENDERSIZE,
isf_FragNormCoord, gl_FragColor), glslViewer (u_time, u_delta, u_frame, u_resolution) and Shadertoy
(iTime, iTimeDelta, iFrame, iResolution, ``void mainImage(out vec4, in vec2)``). Inputs of the header
are uniforms of their own names. Row 0 is at the bottom, as everywhere in GL; `pixel()` counts from
the top left. On a processor (Mesa's llvmpipe) both sides of every `if` are paid for, and / and % of
integers are slow: `over` is not.

Streams: each name under STREAMS in the header is a constant ``S_<name>``, its row (or -1 where this
show has no such stream: it then reads 0).

| uniform or helper | what |
|---|---|
| float stream(S_x), stream(S_x, age) | as 0..1 of its span (beyond is legal), `age` steps ago |
| float calm(S_x) | the same now, a mean over a third of a second: single steps tremble |
| float value(S_x) | stream now, in its own unit |
| int steps_seen, step_count | metric frames seen (ages beyond are empty), training step |
| float metric_age, weight_age | seconds since the last metric or weight frame |
| sampler2D tiles; ivec2 tile_size; int tile_count | 64 samples below one another |
| vec3 tile(int i, ivec2 p) | a pixel of sample i, p from its top left |
| sampler2D tile_slots | per place: sample, place it slides from, score, whether it is there |
| float tile_slide | 0..1 of the slide |
| ivec3 tile_plan | columns, rows and enlargement at which 64 samples fill the picture |
| ivec2 tile_pitch | pixels from place to place |
| usampler2D bits, bits_before | weights as the bits they are, now and one weight frame before |
| uint weight_bits(int i), weight_bits_before(int i) | the same by number |
| vec4 weight(int i) | weight, gradient, that against its layer's rms (0..), its layer |
| int weight_count, segment_count, generator_segments | layers are counted generator first |
| int segments[33] | first weight of each layer |
| float band_end[33] | where (0..1) each layer ends when its net is divided by gradient norms |
| sampler2D bars | 1,024 x layers: light, strength (bars as wide as each unit's gradient) |
| sampler2D sound; float sound_level, sound_peak | 512 x 2: scope, spectrum (64); rms and peak 0..1 |
| vec3 accent | the one colour |
| float collapse() | 0..1: alike *and* digit-like; needs similarity_centred and reject in STREAMS |
| float digit(int d, ivec2 p) | 3x5 figure 0..15 (hexadecimal), p from its top left |
| float decimal(float n, int places, ivec2 p) | whole number in 3x5 figures, 4 pixels each |
| int over(int a, int b) | a / b rounded down, 0 <= a < 65,536 |
| float noise(uvec2 p) | 0..1, the same for the same p |
"""

import re

from instrument.picture.looks import Look
from instrument.signals.mistake import Mistake

VERTEX = """#version 330 core
in vec2 corner;
out vec2 isf_FragNormCoord;
void main() { isf_FragNormCoord = corner * .5 + .5; gl_Position = vec4(corner, 0., 1.); }
"""

TEXTURES = (
    "tiles", "tile_slots", "history", "bits", "bits_before", "weights", "bars", "sound", "figures",
)  # fmt: skip
"""Names of the data textures; the place in this list is the texture unit."""

DECLARATIONS = """
uniform float TIME, TIMEDELTA, metric_age, weight_age, tile_slide, sound_level, sound_peak;
uniform int FRAMEINDEX, steps_seen, step_count, tile_count, history_head;
uniform int weight_count, segment_count, generator_segments;
uniform int segments[33];
uniform float band_end[33];
uniform float stream_values[128], stream_shown[128], stream_calm[128];
uniform vec2 RENDERSIZE;
uniform vec3 accent;
uniform ivec2 tile_size;
uniform ivec3 tile_plan;
uniform ivec2 tile_pitch;
uniform sampler2D tiles, tile_slots, history, weights, bars, sound, figures;
uniform usampler2D bits, bits_before;
in vec2 isf_FragNormCoord;
"""

HELPERS = """
ivec2 pixel() { return ivec2(int(gl_FragCoord.x), int(RENDERSIZE.y - gl_FragCoord.y)); }
float stream(int row, int age) {
  float then = texelFetch(history, ivec2((history_head - age) & 1023, max(row, 0)), 0).r;
  return row < 0 || age >= steps_seen ? 0. : then;
}
float stream(int row) { return row < 0 ? 0. : stream_shown[row]; }
float calm(int row) { return row < 0 ? 0. : stream_calm[row]; }
float value(int row) { return row < 0 ? 0. : stream_values[row]; }
vec3 tile(int i, ivec2 p) { return texelFetch(tiles, ivec2(p.x, i * tile_size.y + p.y), 0).rgb; }
uint weight_bits(int i) { return texelFetch(bits, ivec2(i & 63, i >> 6), 0).r; }
uint weight_bits_before(int i) { return texelFetch(bits_before, ivec2(i & 63, i >> 6), 0).r; }
vec4 weight(int i) { return texelFetch(weights, ivec2(i & 63, i >> 6), 0); }
int over(int a, int b) { return int((float(a) + .5) / float(b)); }
float noise(uvec2 p) {
  uint h = p.x * 1597334677u ^ p.y * 3812015801u;
  h = (h ^ (h >> 15)) * 2246822519u; h ^= h >> 13;
  return float(h & 0xffffffu) / 16777216.;
}
float digit(int d, ivec2 p) {
  bool off = p.x < 0 || p.y < 0 || p.x > 2 || p.y > 4;
  return off ? 0. : texelFetch(figures, ivec2((d & 15) * 3 + p.x, p.y), 0).r;
}
float decimal(float n, int places, ivec2 p) {
  int k = p.x >> 2;
  bool off = p.x < 0 || k >= places;
  float shifted = floor((n + .5) * pow(10., float(k - places + 1)));
  return off ? 0. : digit(int(shifted - 10. * floor(shifted * .1 + .001)), ivec2(p.x & 3, p.y));
}
"""

COLLAPSE = """
float collapse() {
  float junk = smoothstep(.35, .65, calm(S_reject));
  return smoothstep(.5, .9, calm(S_similarity_centred)) * (1. - junk);
}
"""

GLSL_VERSION = re.compile(r"^[ \t]*#version[^\n]*", re.MULTILINE)
ERROR_LINE = re.compile(r"^(?:ERROR:\s*)?\d+[:(](\d+)(?:\(\d+\)|\))?\s*:\s*(.*)$", re.MULTILINE)
"""Mesa ``0:12(5): error: ...``, NVIDIA ``0(12) : error ...``, Apple ``ERROR: 0:12: ...``."""


def fragment_source(look: Look, rows: dict[str, int]) -> str:
    """The GLSL 330 fragment shader of a look; `rows`: name of each stream to its row.

    The look's own lines keep their numbers, so errors name the line in its file.
    """
    body = GLSL_VERSION.sub("", look.source)
    body = re.sub(r"\bgl_FragColor\b", "picture_color", body)
    streams = dict.fromkeys((*look.streams,))
    rows_text = "".join(f"const int S_{s} = {rows.get(s, -1)};\n" for s in streams)
    inputs = "".join(f"uniform {i.glsl} {i.name};\n" for i in look.inputs)
    collapse = COLLAPSE if {"similarity_centred", "reject"} <= set(streams) else ""
    shadertoy = dialect = ""
    if re.search(r"\bvoid\s+mainImage\s*\(", body):
        shadertoy = (
            "\nvoid main() { vec4 c = vec4(0.); mainImage(c, gl_FragCoord.xy);"
            " picture_color = vec4(c.rgb, 1.); }\n"
        )
        dialect = "uniform float iTime, iTimeDelta; uniform int iFrame; uniform vec3 iResolution;\n"
    own_output = re.search(
        r"^\s*(?:layout\s*\([^)]*\)\s*)?out\s+vec4\s+\w+\s*;", body, re.MULTILINE
    )
    output = "" if own_output and not shadertoy else "out vec4 picture_color;\n"
    head = (
        f"#version 330 core\n{DECLARATIONS}{dialect}{inputs}{rows_text}{HELPERS}{collapse}{output}"
    )
    return f"{head}#line 1\n{body}{shadertoy}"


def glsl_mistake(look: Look, error: Exception) -> Mistake:
    """The driver's first complaint, with the file and line of the look."""
    text = str(error)
    found = ERROR_LINE.search(text)
    if found is None:
        lines = [line for line in text.splitlines() if "error" in line.lower()]
        return Mistake(f"{look.path}: the shader does not compile: {(lines or [text.strip()])[0]}")
    return Mistake(f"{look.path}:{found.group(1)}: the shader does not compile: {found.group(2)}")
