/*{
  "DESCRIPTION": "the test card of the training: what is guarded, in greys, bits and figures; when it bursts, the exception's own words across it",
  "CREDIT": "twos and sevens",
  "ISFVSN": "2",
  "CATEGORIES": ["data"],
  "INPUTS": [
    {"NAME": "words", "TYPE": "float", "LABEL": "for how many seconds the last fault stands",
     "DEFAULT": 20, "MIN": 0, "MAX": 120},
    {"NAME": "grid", "TYPE": "float", "LABEL": "how bright the grid is", "DEFAULT": 0.22, "MIN": 0, "MAX": 1},
    {"NAME": "lady", "TYPE": "long", "LABEL": "which sample is on the card, the most believed first",
     "DEFAULT": 0, "MIN": 0, "MAX": 63}
  ],
  "PASSES": [{"TARGET": "rows", "WIDTH": "64", "HEIGHT": "1", "FLOAT": true},
             {"TARGET": "largest", "WIDTH": "3", "HEIGHT": "1", "FLOAT": true},
             {"TARGET": "figures_above", "WIDTH": "$WIDTH", "HEIGHT": "$HEIGHT * 32 / 180 + 1"},
             {"TARGET": "figures_below", "WIDTH": "$WIDTH", "HEIGHT": "$HEIGHT * 32 / 180 + 1"},
             {"TARGET": "speech", "WIDTH": "$WIDTH", "HEIGHT": "$HEIGHT * 88 / 180 + 1"}, {}],
  "STREAMS": ["grad_norm_g", "grad_norm_d", "nonfinite"],
  "LEGEND": {"sample in the circle": "samples", "squares above and below": "weights", "squares at the sides": "step",
             "wedges": "weights", "greys": "gradients", "figure on the left": "grad_norm_g",
             "figure on the right": "grad_norm_d", "marks under the sample": "nonfinite"}
}*/
#include "sheet.glsl"
#include "type.glsl"

// Of 64 weights the largest: its size, its place among them; and whether 16 steps of the past burst.
vec4 row_of(int row, int weights_here) {
  float most = -1., place = 0., burst = 0.;
  for (int k = 0; k < weights_here; ++k) {
    float here = abs(weight(row * 64 + k).r);
    place = here > most ? float(k) : place;
    most = max(most, here);
    burst = max(burst, k < 16 ? stream(S_nonfinite, row * 16 + k) : 0.);
  }
  return vec4(min(most, 6e4), place, burst, 1.);
}
// Of each net the largest: row, place, size. Last: how many lines the fault has.
vec4 largest_of(int net, int rows_here) {
  int border = segments[generator_segments] >> 6;
  vec4 found = vec4(0., 0., -1., 1.);
  float lines = 0.;
  for (int k = 0; k < rows_here; ++k) {
    vec4 here = texelFetch(rows, ivec2(k, 0), 0);
    bool mine = net == 0 ? k < border : k >= border;
    found = mine && here.r > found.b ? vec4(float(k), here.g, here.r, 1.) : found;
    lines = k < 8 && texelFetch(notice, ivec2(0, k & 7), 0).r > 32u ? float(k + 1) : lines;
  }
  return net == 2 ? vec4(lines) : found;
}

// What is guarded; the step; the largest weight of each net.
float figures_at(vec2 at) {
  vec2 middle = at - vec2(160., 90.);
  bool upper = PASSINDEX == 2, second = middle.x >= 0., centre = abs(middle.x) < 60.;
  float guarded = centre ? float(step_count) : upper ? value(second ? S_grad_norm_d : S_grad_norm_g) : texelFetch(largest, ivec2(second ? 1 : 0, 0), 0).b;
  float digits = floor(log2(float(max(1, step_count))) * .30103 + 1.0001);
  vec2 set_at = centre ? vec2(160. - advance(20.) * (6. - .5 * digits), 21.) : vec2(second ? 248.2 : 16.2, upper ? 20. : 144.);
  type_figure(guarded, centre ? 6 : 3, centre ? 0 : 2, 0, at - set_at, centre ? 20. : 22.);
  int name = centre ? S_nonfinite : upper ? second ? S_grad_norm_d : S_grad_norm_g : -1;
  type_label(name, 0, at - (centre ? vec2(141.6, 147.) : vec2(second ? 263.1 : 31.1, 14.)), 9.);
  if (!upper && !centre)
    type_word(uvec4(0x6c617267u, 0x65737420u, 0x77656967u, 0x68742020u), 0, at - vec2(second ? 250.9 : 18.9, 163.), 9.);
  return typed();
}

// The last words of what burst.
float speech_at(vec2 at) {
  int line = int(at.y / 11.);
  type_said(line, 1, at - vec2(8., float(line) * 11.), 10.48);
  return typed();
}

void main() {
  ivec2 texel = ivec2(gl_FragCoord.xy);
  vec4 row = row_of(texel.x, PASSINDEX == 0 ? 64 : 0), most = largest_of(texel.x, PASSINDEX == 1 ? 64 : 0);
  if (PASSINDEX < 2) {
    gl_FragColor = PASSINDEX == 0 ? row : most;
    return;
  }
  if (PASSINDEX == 4) {
    gl_FragColor = vec4(speech_at(type_sheet(vec2(0.))));
    return;
  }
  if (PASSINDEX < 4) {
    gl_FragColor = vec4(figures_at(type_sheet(vec2(0., PASSINDEX == 2 ? 14. : 143.))));
    return;
  }
  vec2 at = sheet(), middle = at - vec2(160., 90.);
  bool second = middle.x >= 0.;
  vec4 great = texelFetch(largest, ivec2(middle.y < -84. ? 0 : middle.y >= 84. || second ? 1 : 0, 0), 0);
  int great_at = int(great.r) * 64 + int(great.g);
  // Squares along the edges: the bits of the largest weight of each net, and of the step.
  uint edge_bit = uint(clamp(31 - int(at.x / 10.), 0, 31)), side_bit = uint(clamp(17 - int(at.y / 10.), 0, 17)) + 2u;
  bool sheet_here = within(at, vec2(320., 180.)), level = abs(middle.y) >= 84., side = abs(middle.x) >= 154. && !level;
  // Wedges: weights from the largest on as bits, row for row finer.
  vec2 wedge = vec2(second ? at.x - 244. : at.x - 12., 130. - at.y);
  bool in_wedge = within(wedge, vec2(64., 76.));
  int word_row = int(14. * log2(1. + max(0., wedge.y) / 16.));
  uint word_bits = weight_bits((great_at + (level ? 0 : word_row)) & 4095);
  uint bit = level ? edge_bit : uint(31 - clamp(int(wedge.x * .5), 0, 31));
  float set = float((side ? uint(step_count) >> side_bit : word_bits >> bit) & 1u);
  // The grid, and the circle with the sample in it.
  float far = length(middle), light = hair(fract(at.x / 20.) * 20., 0.) || hair(fract(at.y / 20. + .5) * 20., 0.) ? grid : 0.;
  light = level || side ? set * .85 : light;
  light = in_wedge ? set * .8 : within(wedge + 3., vec2(70., 82.)) ? 0. : light;
  light = far < 75. ? 0. : light;
  light = abs(far - 74.) < 1. ? .9 : light;
  vec2 spot = (middle + 49.) * (1. / 98.);
  ivec2 dot_at = clamp(ivec2(spot * vec2(tile_size)), ivec2(0), tile_size - 1);
  int shown = int(texelFetch(tile_slots, ivec2(lady, 0), 0).r);
  float grey = dot(tile(shown, dot_at), vec3(1. / 3.));
  light = within(spot, vec2(1.)) ? floor(grey * 5.9) * .2 : light;
  // Greys: how the gradient is shared among the layers of each net.
  vec2 patch_at = vec2(second ? at.x - 244. : at.x - 12., at.y - 134.);
  int patch_number = int(patch_at.x / 22.), first = second ? generator_segments : 0;
  int layer = clamp(first + patch_number, 0, 31);
  float share = band_end[layer] - (layer > first ? band_end[max(0, layer - 1)] : 0.);
  light = within(patch_at, vec2(64., 12.)) && patch_at.x - 22. * float(patch_number) < 20. ? clamp(share * 1.6, 0., 1.) : light;
  // Under the sample: the last 1,024 steps, a mark where one burst.
  vec2 mark = middle - vec2(-32., 53.);
  bool marked = within(mark, vec2(64., 5.));
  float burst = texelFetch(rows, ivec2(63 - clamp(int(mark.x), 0, 63), 0), 0).b;
  light = marked ? burst > 0. ? 1. : hair(mark.y, 2.) ? .4 : 0. : light;
  // The words across it all.
  float lines = texelFetch(largest, ivec2(2, 0), 0).r, half_high = lines * 5.5 + 8.;
  bool burst_now = lines > 0. && notice_age < words, banner = burst_now && abs(middle.y) < half_high;
  float black = texelFetch(speech, type_texel(at, vec2(0., 90. - lines * 5.5), speech), 0).r;
  bool above = at.y >= 14. && at.y < 46., below = at.y >= 143. && at.y < 174.;
  float ink = texelFetch(figures_above, type_texel(at, vec2(0., 14.), figures_above), 0).r;
  ink = below ? texelFetch(figures_below, type_texel(at, vec2(0., 143.), figures_below), 0).r : above ? ink : 0.;
  vec3 color = vec3(banner ? 1. - black * step(abs(middle.y), half_high - 8.) : max(light, ink));
  // It stands for a while: how long yet.
  float left_over = 1. - notice_age / max(words, .01);
  if (burst_now && abs(abs(middle.y) - half_high - 3.) < 3.) color = abs(middle.x) < 160. * left_over ? accent : vec3(0.);
  gl_FragColor = vec4(sheet_here ? color : vec3(0.), 1.);
}
