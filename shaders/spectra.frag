/*{
  "DESCRIPTION": "two spectra on one axis, low below, high above: to the left what is heard, to the right what the samples are made of; noise is white, handwriting leans, collapse is a comb that stands still",
  "CREDIT": "twos and sevens",
  "ISFVSN": "2",
  "CATEGORIES": ["data"],
  "INPUTS": [
    {"NAME": "flow", "TYPE": "float", "LABEL": "how fast what was heard runs away, in columns per second",
     "DEFAULT": 30, "MIN": 2, "MAX": 60},
    {"NAME": "contrast", "TYPE": "float", "LABEL": "loud against soft", "DEFAULT": 2, "MIN": 0.5, "MAX": 4}
  ],
  "PASSES": [{"TARGET": "profiles", "WIDTH": "64", "HEIGHT": "64", "FLOAT": true},
             {"TARGET": "waves", "WIDTH": "32", "HEIGHT": "64", "FLOAT": true},
             {"TARGET": "past", "WIDTH": "256", "HEIGHT": "96", "PERSISTENT": true},
             {"TARGET": "words", "WIDTH": "$WIDTH", "HEIGHT": "$HEIGHT * 42 / 180 + 1"}, {}],
  "STREAMS": ["slope", "flatness"],
  "LEGEND": {"left side": "sound", "right side": "samples", "tilted hair-line": "slope", "figure on the right": "flatness"}
}*/
#include "sheet.glsl"
#include "type.glsl"
const float TOP = 10., HIGH = 128., RIBS = 46., LOUDEST = 18.;

// A power as 0..1: eighteen doublings, from that of the faintest noise.
float loudness(float power) { return clamp(log2(1. + 16. * power) / LOUDEST, 0., 1.); }

// How much ink a column of a sample has.
float profile(int x, int i, int rows) {
  float sum = 0.;
  for (int y = 0; y < rows; ++y) sum += tile(i, ivec2(x, y)).g;
  return sum * 28. / float(tile_size.y);
}
// Power of that profile, its mean taken away, at one of 32 frequencies: 1/28 to 1/2 of the finest, in octaves.
float power(int k, int i, int columns) {
  float turn = 3.14159265 / 14. * exp2(float(k) * 3.80735 / 31.) * 28. / float(tile_size.x);
  vec2 way = vec2(cos(turn), sin(turn)), at = vec2(1., 0.), sum = vec2(0.), whole = vec2(0.);
  float ink = 0.;
  for (int x = 0; x < columns; ++x) {
    float here = texelFetch(profiles, ivec2(x, i), 0).r;
    ink += here;
    sum += here * at;
    whole += at;
    at = vec2(at.x * way.x - at.y * way.y, at.x * way.y + at.y * way.x);
  }
  sum -= whole * ink / float(max(1, columns));
  return dot(sum, sum);
}
// A ring of 256 columns: 64 bands of what is heard, over them 32 of the samples, each 0..1.
vec4 passed(ivec2 texel, int samples) {
  int now = int(TIME * flow), behind = (now - texel.x) & 255;
  bool new = behind < now - int((TIME - TIMEDELTA) * flow);
  float sum = 0.;
  for (int i = 0; i < (new && texel.y >= 64 ? samples : 0); ++i)
    sum += texelFetch(waves, ivec2(texel.y - 64, i), 0).r;
  float seen = loudness(sum / float(max(1, samples)));
  return new ? vec4(texel.y < 64 ? band(texel.y) : seen) : texelFetch(past, texel, 0);
}

// How loud; how steep; how white.
float words_at(vec2 at) {
  float decibel = sound_level > 0. ? 20. * log2(sound_level) / log2(10.) : -99.;
  if (at.x >= 160.) {
    type_figure(value(S_slope), 2, 2, 0, at - vec2(164., 139.), 34.);
    type_figure(value(S_flatness), 1, 2, 0, at - vec2(273.6, 149.5), 20.);
    bool last = at.x > 273.;
    type_label(last ? S_flatness : S_slope, 0, at - (last ? vec2(277.3, 142.) : vec2(244., 157.)), last ? 9. : 10.);
  } else {
    type_figure(max(-99., decibel), 3, 0, 0, at - vec2(110., 139.), 34.);
    type_word(uvec4(0x736f756eu, 0x64206442u, 0x20202020u, 0x20202020u), 0, at - vec2(74., 157.), 10.);
  }
  return typed();
}

void main() {
  ivec2 texel = ivec2(gl_FragCoord.xy);
  float ink = profile(texel.x, texel.y, PASSINDEX == 0 && texel.x < tile_size.x ? tile_size.y : 0);
  float wave = power(texel.x, texel.y, PASSINDEX == 1 ? tile_size.x : 0);
  vec4 ring = passed(texel, PASSINDEX == 2 ? tile_count : 0);
  if (PASSINDEX < 3) {
    gl_FragColor = PASSINDEX == 0 ? vec4(ink) : PASSINDEX == 1 ? vec4(min(wave, 6e4)) : ring;
    return;
  }
  if (PASSINDEX == 3) {
    gl_FragColor = vec4(words_at(type_sheet(vec2(0., 139.))));
    return;
  }
  vec2 at = sheet();
  bool right = at.x >= 160.;
  float out_x = abs(at.x - 160.) - 2., low = (TOP + HIGH - at.y) / HIGH, place = low * (right ? 32. : 64.);
  bool inside = out_x >= 0. && low >= 0. && low < 1.;
  int row = clamp(int(place), 0, right ? 31 : 63), now = int(TIME * flow);
  float level = texelFetch(past, ivec2(now & 255, row + (right ? 64 : 0)), 0).r;
  // Nearest to the axis the present, as ribs; behind it on the left what was heard, on the right every sample.
  float far = out_x - RIBS - 4.;
  int age = int(max(0., far)), i = int(max(0., far) / 1.5);
  float was = texelFetch(past, ivec2((now - age) & 255, row), 0).r;
  float each = loudness(texelFetch(waves, ivec2(row, min(i, 63)), 0).r);
  bool rib = fract(place) < (right ? .76 : .51);
  float light = far < 0. ? (rib && out_x < RIBS * level ? 1. : 0.) : far < 96. ? pow(right ? each : was, contrast) : 0.;
  vec3 color = vec3(inside ? light : 0.);
  if (abs(at.x - 160.) < .5 && low >= 0. && low < 1.) color = vec3(.6);
  // The slope that is measured, from the third of the ribs on.
  float fitted = texelFetch(past, ivec2(now & 255, 67), 0).r + value(S_slope) * (low - .1) * 3.80735 / LOUDEST;
  if (right && inside && low > .1 && fitted > 0. && abs(out_x - RIBS * fitted) < .5) color = accent;
  float set = texelFetch(words, type_texel(at, vec2(0., 139.), words), 0).r;
  bool below = at.y >= 139. && at.y < 180. && at.x >= 0. && at.x < 320.;
  gl_FragColor = vec4(below ? vec3(set) : color, 1.);
}
