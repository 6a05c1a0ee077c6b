/*{
  "DESCRIPTION": "the outlines of all samples one after another on one plate: noise is fog, digits are ghosts over ghosts, collapse is a single sharp glyph",
  "CREDIT": "twos and sevens",
  "ISFVSN": "2",
  "CATEGORIES": ["data"],
  "INPUTS": [
    {"NAME": "shutter", "TYPE": "float", "LABEL": "samples exposed per second", "DEFAULT": 8, "MIN": 1, "MAX": 60},
    {"NAME": "memory", "TYPE": "float", "LABEL": "seconds that the plate remembers", "DEFAULT": 2.5, "MIN": 0.2, "MAX": 20},
    {"NAME": "light", "TYPE": "float", "LABEL": "how strongly each exposure burns in", "DEFAULT": 1, "MIN": 0.1, "MAX": 4},
    {"NAME": "present", "TYPE": "float", "LABEL": "how bright the sample is that is exposed now", "DEFAULT": 1, "MIN": 0, "MAX": 1}
  ],
  "PASSES": [
    {"TARGET": "plate", "PERSISTENT": true, "FLOAT": true, "WIDTH": "$WIDTH * 168 / 320", "HEIGHT": "$HEIGHT * 168 / 180"}, {}
  ],
  "STREAMS": [],
  "LEGEND": {
    "coloured outline": "the sample that is exposed now",
    "white outlines": "samples exposed before it",
    "small images: grey what stays, coloured what moves": "samples over five seconds",
    "lines below them": "how much of its exposure is left on the plate"
  }
}*/
#include "sheet.glsl"

const vec2 PLATE = vec2(168.);

void main() {
  // First pass: the outline of one sample, where it passes one half between its pixels, onto the plate.
  if (PASSINDEX == 0) {
    int i = int(mod(floor(TIME * shutter), 64.));
    vec2 place = in_part() / PLATE * vec2(tile_size - 1), f = fract(place);
    ivec2 p = min(ivec2(place), tile_size - 1), q = min(p + 1, tile_size - 1);
    float a = tile(i, p).g, b = tile(i, ivec2(q.x, p.y)).g;
    float c = tile(i, ivec2(p.x, q.y)).g, d = tile(i, q).g;
    float low = mix(a, b, f.x), high = mix(c, d, f.x);
    float slope = length(vec2(mix(b - a, d - c, f.y), high - low)) * float(tile_size.y - 1) / 168.;
    float off = abs(mix(low, high, f.y) - .5) * unit();
    bool line = off < slope * max(.6, .3 * unit()) && slope > .002 && i < tile_count;
    float was = texelFetch(plate, ivec2(gl_FragCoord.xy), 0).r, kept = exp(-TIMEDELTA / memory);
    was = was >= 0. && was <= 100. ? was : 0.;
    gl_FragColor = vec4(was * kept + float(line) * (1. - kept), line, 0., 1.);
    return;
  }
  vec2 at = sheet() - 6.;
  vec2 film = of_part(plate, sheet_pixel() - ivec2(vec2(76., 6.) * unit())).rg;
  // A single exposure leaves a fifth of the light, however long the plate remembers.
  float burnt = 1. - exp(-film.r * (shutter * memory * .25 + 2.) * light);
  vec3 color = mix(vec3(burnt), accent, film.g * present);
  color = within(at - vec2(70., 0.), PLATE) ? color : vec3(0.);
  // Two contact sheets of 32 samples.
  bool right = at.x >= 246.;
  vec2 q = at - vec2(right ? 246. : 0., 0.), cell = floor(q / vec2(16., 22.));
  q -= cell * vec2(16., 22.);
  int i = int(cell.x + 4. * cell.y) + (right ? 32 : 0);
  bool there = at.x >= 0. && cell.x >= 0. && cell.x < 4. && cell.y >= 0. && cell.y < 8. && i < tile_count;
  vec2 seen = exposed(i, clamp(ivec2(q / 14. * vec2(tile_size)), ivec2(0), tile_size - 1));
  float since_s = mod(TIME - float(i) / shutter, 64. / shutter);
  vec3 small = max(vec3(seen.r) * .75, accent * seen.g);
  bool left = hair(q.y, 17.) && q.x < 14. * exp(-since_s / memory);
  vec3 bar = since_s < 1. / shutter ? accent : vec3(.9);
  small = within(q, vec2(14.)) ? small : left ? bar : vec3(0.);
  gl_FragColor = vec4(there ? small : color, 1.);
}
