/*{
  "DESCRIPTION": "a hair-line reads the samples aloud: the one it is on, the column of notes under it, what it has read, and all 64; in collapse it reads the same phrase for ever",
  "CREDIT": "twos and sevens",
  "ISFVSN": "2",
  "CATEGORIES": ["data"],
  "INPUTS": [
    {"NAME": "gate", "TYPE": "float", "LABEL": "pixels darker than this are no note", "DEFAULT": 0.1, "MIN": 0, "MAX": 0.9},
    {"NAME": "unread", "TYPE": "float", "LABEL": "how bright the rest of the sample is that is not read yet",
     "DEFAULT": 0.4, "MIN": 0, "MAX": 1},
    {"NAME": "memory", "TYPE": "long", "LABEL": "samples in the score, the oldest is written over",
     "DEFAULT": 4, "VALUES": [1, 2, 4, 8]},
    {"NAME": "ring", "TYPE": "float", "LABEL": "for how many seconds a note is seen after it was read",
     "DEFAULT": 0.25, "MIN": 0.02, "MAX": 2}
  ],
  "PASSES": [{"TARGET": "tape", "WIDTH": "256", "HEIGHT": "66", "PERSISTENT": true, "FLOAT": true},
             {"TARGET": "words", "WIDTH": "$WIDTH * 72 / 320 + 1", "HEIGHT": "$HEIGHT * 72 / 180 + 1"}, {}],
  "STREAMS": ["score_fake"],
  "LEGEND": {"hair-line": "sound", "notes on the right": "samples", "score on the left": "samples",
             "marker below": "sound", "small figure": "score_fake"}
}*/
#include "sheet.glsl"
#include "type.glsl"

// What was read, as it was when it was read: a ring of 256 columns. Above it where the line stood last and
// how many samples a second it reads; above that the notes, each as loud as it was, dying away.
vec4 taped(ivec2 texel) {
  int width = tile_size.x, now = int(scan_place * float(width)), around = width * 64;
  vec4 stood = texelFetch(tape, ivec2(0, 64), 0), kept = texelFetch(tape, texel, 0);
  int last = int(stood.r * 256. + stood.g), passed = stood.a < .5 ? 0 : now - last + (now < last ? around : 0);
  float fast = float(passed) / float(width) / max(TIMEDELTA, .001);
  float rate = TIMEDELTA > 0. ? mix(min(fast, 64.), stood.b, exp(-TIMEDELTA / .5)) : stood.b;
  // The column of the ring, as the newest one of that number that the line has come to; notes: the newest of all.
  int behind = texel.y > 64 ? 0 : (now - texel.x) & 255, column = now - behind + (now < behind ? around : 0);
  int i = over(column, width), row = texel.y > 64 ? texel.x : texel.y;
  vec3 pixels = tile(i & 63, ivec2(column - i * width, min(row, tile_size.y - 1)));
  float light = dot(pixels, vec3(1. / 3.));
  float loud = light > gate ? light * light : 0., fades = ring * (1. + 6. * smoothstep(2., 4., rate));
  float dying = max(0., kept.r) * exp(-TIMEDELTA / fades);
  return texel.y == 64 ? vec4(floor(float(now) / 256.), float(now & 255), rate, 1.)
       : texel.y > 64 ? vec4(max(loud, dying < .02 ? 0. : dying), 0., 0., 1.)
       : behind < passed ? vec4(light, 0., 0., 1.) : vec4(kept.rgb, 1.);
}

// The number of the sample, and how far the discriminator believes the samples.
float words_at(vec2 at) {
  bool upper = at.y < 151.;
  type_figure(upper ? floor(scan_place) : value(S_score_fake), upper ? 2 : 1, upper ? 0 : 2, 0,
              at - (upper ? vec2(251., 99.) : vec2(275., 157.)), upper ? 64. : 19.);
  type_label(S_score_fake, 0, at - vec2(267., 151.), 9.);
  return typed();
}

void main() {
  if (PASSINDEX == 0) {
    gl_FragColor = taped(ivec2(gl_FragCoord.xy));
    return;
  }
  if (PASSINDEX == 1) {
    gl_FragColor = vec4(words_at(type_sheet(vec2(248., 108.))));
    return;
  }
  float u = unit();
  vec2 at = sheet();
  // The band: 28 rows (or as many as a sample has), read, being read and heard side by side.
  float step_y = max(1., floor(100. * u / float(tile_size.y))) / u;
  vec2 big = vec2(tile_size) * step_y;
  float left = floor(160. - .5 * big.x), right = left + big.x, top = 8.;
  float part = fract(scan_place), line = left + floor(part * big.x * u) / u;
  int here = int(scan_place) & 63, row = int((at.y - top) / step_y);
  bool in_band = at.y >= top && row < tile_size.y;
  bool on_row = in_band && fract((at.y - top) / step_y) * step_y * u >= (step_y * u >= 3. ? 1. : 0.);
  row = clamp(row, 0, tile_size.y - 1);
  // The score: columns of the tape, written over from left to right; what comes again stands still.
  int column = int(scan_place * float(tile_size.x)), length = min(256, memory * tile_size.x);
  float place = (at.x - 8.) / (left - 14.) * float(length);
  int back = (column - int(place)) - length * int(floor((float(column - int(place)) + .5) / float(length)));
  float was = texelFetch(tape, ivec2((column - back) & 255, row), 0).r;
  bool past = place >= 0. && place < float(length);
  // The sample: what the line has passed is one bit, what it comes to is grey.
  int sample_x = clamp(int((at.x - left) / step_y), 0, tile_size.x - 1);
  float pixel_light = dot(tile(here, ivec2(sample_x, row)), vec3(1. / 3.));
  bool inside = at.x >= left && at.x < right;
  // When it hurries the rest is as bright as what was read: it would flash.
  float waits = mix(unread, 1., smoothstep(2., 4., texelFetch(tape, ivec2(0, 64), 0).b));
  // The notes: as long as they are loud, the square of the pixel under the line.
  float loud = texelFetch(tape, ivec2(row, 65), 0).r;
  float along = (at.x - right - 6.) / (306. - right);
  bool heard = along >= 0. && along < 1.;
  float light = past ? was > gate ? .25 + .65 * was * was : 0.
              : inside ? at.x < line ? step(.5, pixel_light) : floor(pixel_light * 4.9) * .25 * waits
              : heard ? along < max(loud, .012) ? 1. : 0. : 0.;
  light = (inside ? in_band : on_row) ? light : 0.;
  // All of them, in four rows; sixteen to a row are two of the eight that the ear hears from left to right.
  vec2 wall = (at - vec2(8., 116.)) * u, pitch = vec2(15. * u, floor(14.5 * u));
  ivec2 cell = ivec2(floor(wall / pitch));
  int i = cell.y * 16 + cell.x;
  float small = 14. * u;
  vec2 tiny = (wall - vec2(cell) * pitch) / small;
  bool on_wall = wall.x >= 0. && wall.y >= 0. && cell.x < 16 && cell.y < 4 && tiny.x < 1. && tiny.y < 1.;
  ivec2 spot = clamp(ivec2(tiny * vec2(tile_size)), ivec2(0), tile_size - 1);
  float few = dot(tile(clamp(i, 0, 63), spot), vec3(1. / 3.));
  light = on_wall ? floor(few * 4.9) * (i == here ? .25 : i < here ? .18 : .1) : light;
  vec3 color = vec3(light);
  bool writes = past && back == 0 && fract(place) < .51 && at.y >= 3. && at.y < top + big.y + 5.;
  bool on_line = hair(at.x, line) && at.y >= 3. && at.y < top + big.y + 5.;
  if (on_line || writes || (on_wall && i == here && hair(tiny.x * 14., part * 14.))) color = accent;
  vec2 corner = vec2(248., 108.);
  if (at.x >= corner.x && at.y >= corner.y && at.x < 318. && at.y < 180.)
    color = vec3(texelFetch(words, type_texel(at, corner, words), 0).r);
  gl_FragColor = vec4(color, 1.);
}
