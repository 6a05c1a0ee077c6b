/*{
  "DESCRIPTION": "the six samples the discriminator believes least, as giant hard pixels with their numbers and scores; in collapse all six are one",
  "CREDIT": "twos and sevens",
  "ISFVSN": "2",
  "CATEGORIES": ["data"],
  "INPUTS": [
    {"NAME": "hold", "TYPE": "float", "LABEL": "seconds before the next six are called up", "DEFAULT": 2, "MIN": 0.5, "MAX": 10},
    {"NAME": "levels", "TYPE": "float", "LABEL": "how many steps of grey", "DEFAULT": 6, "MIN": 2, "MAX": 16},
    {"NAME": "others", "TYPE": "float", "LABEL": "how bright the other samples are", "DEFAULT": 0.5, "MIN": 0, "MAX": 1},
    {"NAME": "best", "TYPE": "bool", "LABEL": "call up the six that are believed most", "DEFAULT": false}
  ],
  "PASSES": [
    {"TARGET": "called", "PERSISTENT": true, "FLOAT": true, "WIDTH": "8", "HEIGHT": "1"},
    {"TARGET": "text", "WIDTH": "$WIDTH", "HEIGHT": "$HEIGHT * 28 / 180"}, {}
  ],
  "STREAMS": ["score_fake"],
  "LEGEND": {
    "which six are called up": "the scores of all samples",
    "the six, and the others beside them": "samples",
    "figure and hair-line below each": "the score of the sample",
    "large figure": "score_fake"
  }
}*/
#include "sheet.glsl"

int called_to(int rank) { return int(texelFetch(called, ivec2(clamp(rank, 0, 5), 0), 0).r); }
ivec2 texel(vec2 share) { return clamp(ivec2(share * vec2(tile_size)), ivec2(0), tile_size - 1); }

void main() {
  // First pass: who stands in the six places, kept until the time is up.
  if (PASSINDEX == 0) {
    float turn = mod(floor(TIME / hold), 1000.) + (best ? 1001. : 1.);
    vec4 kept = texelFetch(called, ivec2(gl_FragCoord.xy), 0);
    int rank = int(gl_FragCoord.x), place = best ? rank : tile_count - 1 - rank;
    float fresh = texelFetch(tile_slots, ivec2(clamp(place, 0, 63), 0), 0).r;
    gl_FragColor = kept.g == turn ? kept : vec4(fresh, turn, 0., 1.);
    return;
  }
  // Second: the captions of the upper three, those of the lower three below them, and the mean on the right.
  if (PASSINDEX == 1) {
    vec2 at = in_part(), cell = floor(at / vec2(73., 13.)), q = at - cell * vec2(73., 13.);
    bool mean = at.x >= 224.;
    int rank = int(cell.x + 3. * cell.y), i = called_to(rank);
    bool score = q.x >= 36.;
    float height = mean ? 44. : 15., number = mean ? value(S_score_fake) : score ? score_of(i) : float(i);
    vec2 p = mean ? at - vec2(225., -9.) : q - vec2(score ? 70. - 4. * advance(15.) : 0., -1.5);
    float ink = figure(number, mean || score ? 1 : 2, mean || score ? 2 : 0, 0, p, height);
    gl_FragColor = vec4(vec3(ink * (mean || score ? 1. : .55)) * float(mean || rank < min(tile_count, 6)), 1.);
    return;
  }
  ivec2 margin = ivec2(6. * unit());
  vec2 at = sheet() - 6.;
  vec3 color = vec3(0.);
  float steps = levels - 1.;
  // Six giants, 70 units wide, a caption of 13 below each, in it the score as a length.
  vec2 cell = floor(at / vec2(73., 85.)), q = at - cell * vec2(73., 85.);
  int rank = int(cell.x + 3. * cell.y);
  bool giant = within(at, vec2(218., 168.)) && rank < tile_count && q.x < 70.;
  // The others in the order of belief, six in a row, below the mean score.
  vec2 beside = at - vec2(224., 28.), small = floor(beside / 14.);
  int n = int(small.x + 6. * small.y);
  bool other = within(beside, vec2(84., 140.)) && n < 58;
  vec4 slot = texelFetch(tile_slots, ivec2(clamp(n, 0, 57) + (best ? 6 : 0), 0), 0);
  int i = other ? int(slot.r) : called_to(rank);
  vec3 light = floor(tile(i, texel(other ? beside / 14. - small : q / 70.)) * steps + .5) / steps;
  color = other ? light * others * slot.a : giant && q.y < 70. ? light : color;
  color = giant && hair(q.y, 82.5) ? (q.x < score_of(i) * 70. ? accent : vec3(.25)) : color;
  ivec2 line = ivec2(0, floor((cell.y * 85. + 70.) * unit()) - floor(cell.y * 13. * unit()));
  vec3 ink = of_part(text, sheet_pixel() - margin - (at.x < 221. ? line : ivec2(0)));
  bool lettered = at.x < 221. ? giant && q.y >= 70. && q.y < 82. : at.x >= 224. && at.y < 28.;
  gl_FragColor = vec4(lettered ? ink : color, 1.);
}
