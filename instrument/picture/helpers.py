"""The GLSL that stands before every look: declarations and helpers (told in offered.py). No GL calls."""

TEXTURES = (
    "tiles", "tile_slots", "tile_history", "exposure", "means", "history", "names", "bits",
    "bits_before", "weights", "bars", "walk", "field", "field_images", "activations", "sound",
    "waveform", "bands", "glyphs", "figures", "notice",
)  # fmt: skip
"""Names of the data textures; the place in this list is the texture unit."""

DECLARATIONS = """
uniform float TIME, TIMEDELTA, metric_age, weight_age, tile_slide, sound_level, sound_peak;
uniform float scan_place, notice_age, walk_place, walk_moved, walk_distance, field_age;
uniform int FRAMEINDEX, steps_seen, step_count, tile_count, tile_ages, tile_head;
uniform int history_head, weight_count, segment_count, generator_segments;
uniform int walk_count, walk_first, walk_around, field_number;
uniform int active_layers, active_generator_layers, active_rows;
uniform int segments[33], active_begins[8], active_shown[8], active_units[8], active_dead[8];
uniform float band_end[33], walk_scores[16], tile_scores[64];
uniform float stream_values[128], stream_shown[128], stream_calm[128];
uniform vec2 RENDERSIZE, picture_size, field_points[3];
uniform vec3 accent;
uniform vec4 DATE;
uniform ivec2 tile_size, tile_pitch;
uniform ivec3 tile_plan;
uniform sampler2D tiles, tile_slots, exposure, means, history, weights, bars, walk, field, field_images;
uniform sampler2D activations, sound, waveform, bands, glyphs, figures;
uniform sampler2DArray tile_history;
uniform usampler2D bits, bits_before, names, notice;
in vec2 isf_FragNormCoord;
"""

ISF = """
#define vv_FragNormCoord isf_FragNormCoord
#define texture2D texture
#define IMG_SIZE(i) vec2(textureSize(i, 0))
#define IMG_NORM_PIXEL(i, p) texture(i, p)
#define IMG_PIXEL(i, p) texture(i, (p) / IMG_SIZE(i))
#define IMG_THIS_PIXEL(i) texture(i, isf_FragNormCoord)
#define IMG_THIS_NORM_PIXEL(i) texture(i, isf_FragNormCoord)
#define IMG_NORM_THIS_PIXEL(i) texture(i, isf_FragNormCoord)
"""

HELPERS = """
ivec2 pixel() { return ivec2(int(gl_FragCoord.x), int(RENDERSIZE.y - gl_FragCoord.y)); }
int over(int a, int b) { return int((float(a) + .5) / float(b)); }
float stream(int row, int age) {
  float then = texelFetch(history, ivec2((history_head - age) & 1023, max(row, 0)), 0).r;
  return row < 0 || age >= steps_seen ? 0. : then;
}
float stream(int row) { return row < 0 ? 0. : stream_shown[row]; }
float calm(int row) { return row < 0 ? 0. : stream_calm[row]; }
float value(int row) { return row < 0 ? 0. : stream_values[row]; }
vec3 tile(int i, ivec2 p) { return texelFetch(tiles, ivec2(p.x, i * tile_size.y + p.y), 0).rgb; }
vec3 tile_then(int i, ivec2 p, int age) {
  vec3 c = texelFetch(tile_history, ivec3(p.x, i * tile_size.y + p.y, (tile_head - age) & 31), 0).rgb;
  return age < tile_ages ? c : vec3(0.);
}
vec2 exposed(int i, ivec2 p) { return texelFetch(exposure, ivec2(p.x, i * tile_size.y + p.y), 0).rg; }
vec4 mean_digit(ivec2 p) { return texelFetch(means, p, 0); }
float score_of(int i) { return tile_scores[i & 63]; }
uint weight_bits(int i) { return texelFetch(bits, ivec2(i & 63, i >> 6), 0).r; }
uint weight_bits_before(int i) { return texelFetch(bits_before, ivec2(i & 63, i >> 6), 0).r; }
vec4 weight(int i) { return texelFetch(weights, ivec2(i & 63, i >> 6), 0); }
vec3 walk_tile(int k, ivec2 p) { return texelFetch(walk, ivec2(p.x, k * tile_size.y + p.y), 0).rgb; }
float walk_offset(int k) {
  float far = float(walk_first + k) - walk_place, around = float(max(1, walk_around));
  return far - around * floor(far / around + .5);
}
float believed(vec2 at) { return texture(field, at).r; }
vec3 field_image(int k, ivec2 p) {
  return texelFetch(field_images, ivec2(p.x, k * tile_size.y + p.y), 0).rgb;
}
float activation(int row, int sample_number) {
  return texelFetch(activations, ivec2(sample_number, row), 0).r;
}
vec2 scope(int i) { return vec2(texelFetch(sound, ivec2(i, 0), 0).r, texelFetch(sound, ivec2(i, 1), 0).r); }
float band(int k) { return texelFetch(sound, ivec2(k, 2), 0).r; }
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
float advance(float height) { return height * .453125; }
float letter(int code, int face, vec2 p, float height) {
  vec2 at = p / vec2(advance(height), height);
  bool off = at.x < 0. || at.y < 0. || at.x >= 1. || at.y >= 1. || code <= 32 || code > 126;
  vec2 texel = vec2((code - 32) & 15, ((code - 32) >> 4) + 6 * face) * vec2(32., 64.)
             + vec2(1. + 29. * at.x, 64. * at.y);
  return off ? 0. : textureLod(glyphs, texel / vec2(512., 768.), max(0., log2(64. / height) - .5)).r;
}
float figure(float n, int whole, int decimals, int face, vec2 p, float height) {
  float step_x = advance(height);
  int k = int(floor(p.x / step_x)), dot_at = decimals > 0 ? whole : 99;
  bool off = k < 0 || k >= whole + (decimals > 0 ? decimals + 1 : 0);
  float scaled = floor(abs(n) * pow(10., float(decimals)) + .5);
  int power = k < dot_at ? whole - 1 - k : whole - k;
  float unit = pow(10., float(power + decimals));
  float shifted = floor(scaled / unit + .0001);
  int d = int(shifted - 10. * floor(shifted * .1 + .00001));
  bool blank = power > 0 && scaled < unit - .5;
  bool sign_here = n < 0. && blank && (power == 1 || scaled >= unit * .1 - .5);
  int code = k == dot_at ? 46 : sign_here ? 45 : blank ? 32 : 48 + d;
  return off ? 0. : letter(code, face, vec2(p.x - float(k) * step_x, p.y), height);
}
int label_length(int row) { return int(texelFetch(names, ivec2(23, max(row, 0)), 0).r); }
float label(int row, int face, vec2 p, float height) {
  int k = int(floor(p.x / advance(height)));
  bool off = row < 0 || k < 0 || k > 22;
  int code = int(texelFetch(names, ivec2(clamp(k, 0, 22), max(row, 0)), 0).r);
  return off ? 0. : letter(code, face, vec2(p.x - float(k) * advance(height), p.y), height);
}
float said(int line, int face, vec2 p, float height) {
  int k = int(floor(p.x / advance(height)));
  bool off = line < 0 || line > 7 || k < 0 || k > 63;
  int code = int(texelFetch(notice, ivec2(clamp(k, 0, 63), clamp(line, 0, 7)), 0).r);
  return off ? 0. : letter(code, face, vec2(p.x - float(k) * advance(height), p.y), height);
}
"""

COLLAPSE = """
float collapse() {
  float junk = smoothstep(.35, .65, calm(S_reject));
  return smoothstep(.5, .9, calm(S_similarity_centred)) * (1. - junk);
}
"""
