/*{
  "DESCRIPTION": "an organ of 64 pipes in ten ranks, one for each digit: as many and as tall as the generator makes; what is no digit is fog; in collapse one rank fills the field",
  "CREDIT": "twos and sevens",
  "ISFVSN": "2",
  "CATEGORIES": ["data"],
  "INPUTS": [
    {"NAME": "lift", "TYPE": "float", "LABEL": "how tall rare digits stand beside frequent ones",
     "DEFAULT": 0.75, "MIN": 0, "MAX": 0.9},
    {"NAME": "fog", "TYPE": "float", "LABEL": "how bright the fog of what is no digit is",
     "DEFAULT": 0.8, "MIN": 0, "MAX": 1},
    {"NAME": "roll", "TYPE": "long", "LABEL": "steps to a row of the roll below the pipes",
     "DEFAULT": 4, "MIN": 1, "MAX": 32}
  ],
  "PASSES": [{"TARGET": "shares", "WIDTH": "12", "HEIGHT": "34", "FLOAT": true, "PERSISTENT": true},
             {"TARGET": "ranks", "WIDTH": "64", "HEIGHT": "34", "FLOAT": true},
             {"TARGET": "words", "WIDTH": "$WIDTH * 58 / 320 + 1", "HEIGHT": "$HEIGHT"}, {}],
  "STREAMS": ["class_0", "class_1", "class_2", "class_3", "class_4", "class_5", "class_6", "class_7",
              "class_8", "class_9", "reject", "modes"],
  "LEGEND": {"pipes of the nought": "class_0", "pipes of the one": "class_1", "pipes of the two": "class_2",
             "pipes of the three": "class_3", "pipes of the four": "class_4", "pipes of the five": "class_5",
             "pipes of the six": "class_6", "pipes of the seven": "class_7", "pipes of the eight": "class_8",
             "pipes of the nine": "class_9", "fog": "reject", "dashes of the fog": "samples",
             "large figure": "modes", "light in the mouths": "sound"}
}*/
#include "sheet.glsl"
#include "type.glsl"

const float LEFT = 58., TOP = 9., CHEST = 111., FOOT = 137., ROLL = 141., ROWS = 32., PLACE = 4., BREATH_S = .7;

// How much of the samples was a digit (10: none at all) over some steps; row 0 is now, the others go back
// in time. The ten digits lie below one another in the table of streams.
float share(int digit, int row, int steps) {
  int age = row == 0 ? 0 : (row - 1) * roll + steps_seen - roll * over(steps_seen, roll);
  int at = digit < 10 ? S_class_9 == S_class_0 + 9 ? S_class_0 + digit : -1 : S_reject;
  float sum = 0.;
  for (int k = 0; k < steps; ++k)
    sum += clamp(texelFetch(history, ivec2((history_head - age - k) & 1023, max(at, 0)), 0).r, 0., 1.);
  return at < 0 || age >= steps_seen ? 0. : sum / float(min(max(1, steps), max(1, steps_seen - age)));
}

// Which rank stands in each of 64 places: its digit + 1 (0 is a gap), first place, last, share of the whole.
// What is no digit pushes the ranks apart.
vec4 rank_at(float place, int row, int digits) {
  float sum = 0., begin = 0., end = 0.;
  for (int k = 0; k < digits; ++k) sum += texelFetch(shares, ivec2(k, row), 0).r;
  float all = max(1e-6, sum + texelFetch(shares, ivec2(10, row), 0).r);
  float gap = (64. - 53. * sum / all) / 11., from = gap;
  vec4 found = vec4(0.);
  for (int k = 0; k < digits; ++k) {
    float part = texelFetch(shares, ivec2(k, row), 0).r, wide = 53. * part / all;
    begin = floor(from + .5);
    end = floor(from + wide + .5);
    found = place >= begin && place < end ? vec4(float(k + 1), begin, end, part) : found;
    from += wide + gap;
  }
  return found;
}

float tall(float share) { return (CHEST - TOP) * pow(clamp(share, 1e-4, 1.), 1. - lift); }

// How many of the ten are left, and how much of the batch is none of them.
float words_at(vec2 at) {
  bool upper = at.y < 60.;
  type_figure(upper ? value(S_modes) : 100. * calm(S_reject), upper ? 2 : 3, 0, 0,
              at - (upper ? vec2(3.2, -7.) : vec2(18.6, 85.)), upper ? 56. : 26.);
  int name = upper ? S_modes : S_reject;
  type_label(name, 0, at - vec2(54. - float(label_length(name)) * advance(9.), upper ? 39. : 111.), 9.);
  return typed();
}

void main() {
  // Loops of no turns: what another pass is painted with is hardly paid for in this one.
  ivec2 texel = ivec2(gl_FragCoord.xy);
  float part = share(texel.x, texel.y, PASSINDEX > 0 ? 0 : texel.y == 0 ? 16 : roll);
  // The present breathes: single steps, of one small batch each, would make all pipes tremble.
  float old = texel.y == 0 ? texelFetch(shares, texel, 0).r : part;
  old = old >= 0. && old <= 1. ? old : 0.;
  part = mix(part, old, exp(-TIMEDELTA / BREATH_S));
  vec4 found = rank_at(float(texel.x), texel.y, PASSINDEX == 1 ? 10 : 0);
  if (PASSINDEX < 2) {
    gl_FragColor = PASSINDEX == 0 ? vec4(part) : found;
    return;
  }
  if (PASSINDEX == 2) {
    gl_FragColor = vec4(words_at(type_sheet(vec2(0.))));
    return;
  }
  vec2 at = sheet();
  float x = at.x - LEFT;
  bool among = x >= 0. && x < 64. * PLACE;
  int place = clamp(int(x / PLACE), 0, 63);
  int row = at.y < ROLL ? 0 : clamp(int(at.y - ROLL) + 1, 1, int(ROWS));
  vec4 rank = texelFetch(ranks, ivec2(place, row), 0);
  bool stands = among && rank.r > 0.;
  // A pipe: a foot that widens, a mouth, a body.
  float high = tall(rank.a), up = CHEST - at.y, mouth = 5. + .12 * high;
  float off = abs(x - (float(place) + .48) * PLACE);
  float half_wide = up < mouth ? mix(.4, 1.3, up / mouth) : 1.3;
  bool speaks = up >= mouth && up < mouth + 2.;
  float body = speaks ? sqrt(clamp(sound_level, 0., 1.)) : up < mouth ? .62 : .95;
  float light = stands && up > 0. && up < high && off < half_wide ? body : 0.;
  // Fog: rows of the samples themselves, as high as they are no digits.
  float drowned = texelFetch(shares, ivec2(10, 0), 0).r, cloud = up / 1.5;
  int line = int(cloud), column = int(x * 2.), i = over(column, 28);
  int sheet_row = line - 28 * over(line, 28);
  bool drawn = among && up > 0. && up < (CHEST - TOP) * sqrt(drowned) && fract(cloud) < .34;
  int across = over((column - 28 * i) * tile_size.x, 28), down = over((27 - sheet_row) * tile_size.y, 28);
  ivec2 spot = ivec2(across, down);
  bool junk = tile((i + 19 * over(line, 28)) & 63, spot).g > mean_digit(spot).b;
  light = drawn && junk ? (light > 0. ? .2 : fog) : light;
  // The figure of each rank, as large as the rank is wide; over pipes it is cut out of them.
  float wide = (rank.b - rank.g) * PLACE, size = min(wide * 2.1, max(44., min(230., (wide - 28.) * 2.1)));
  vec2 in_cell = at - vec2(LEFT + (rank.g + rank.b) * .5 * PLACE - .5 * advance(size) - .25, FOOT - 1. - .75 * size);
  type_letter(stands && at.y < FOOT ? 47 + int(rank.r) : 32, 0, in_cell, size);
  float ink = typed();
  light = stands && at.y < FOOT ? abs(light - step(.4, ink) * (up > 0. ? .95 : 1.)) : light;
  // The roll: the ranks of the steps before, running down.
  if (at.y >= ROLL) light = stands && at.y < ROLL + ROWS && fract(at.y) <= .5 ? .8 : 0.;
  vec3 color = vec3(light);
  if (among && hair(at.y, CHEST)) color = vec3(.5);
  // Where all would stand if the ten were made evenly.
  if (among && hair(at.y, CHEST - tall(.1)) && light < .5) color = accent;
  float set = texelFetch(words, type_texel(at, vec2(0.), words), 0).r;
  gl_FragColor = vec4(at.x >= 0. && at.x < LEFT - 1. ? vec3(set) : color, 1.);
}
