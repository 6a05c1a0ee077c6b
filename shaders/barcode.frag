/*{
  "DESCRIPTION": "a bar per layer and unit, as wide as its gradient; discriminator from the left, generator from the right, balance where they meet",
  "CREDIT": "twos and sevens",
  "ISFVSN": "2",
  "CATEGORIES": ["data"],
  "INPUTS": [
    {"NAME": "contrast", "TYPE": "float", "LABEL": "strong units against weak ones", "DEFAULT": 0.85, "MIN": 0, "MAX": 1},
    {"NAME": "trace", "TYPE": "float", "LABEL": "height of the trace of the balance over the last steps",
     "DEFAULT": 0.16, "MIN": 0, "MAX": 0.5}
  ],
  "PASSES": [{"TARGET": "past", "WIDTH": "1", "HEIGHT": "256", "FLOAT": true},
             {"TARGET": "words", "WIDTH": "$WIDTH", "HEIGHT": "$HEIGHT * 22 / 180"}, {}],
  "STREAMS": ["score_real", "score_fake", "diversity", "accuracy"],
  "LEGEND": {"bars": "gradients", "hair-line, from the left": "score_real", "hair-line, from the right": "score_fake",
             "height of the bars on the right": "diversity", "height of the bars on the left": "accuracy"}
}*/
#include "type.glsl"

// Where the two met, of four steps at a time.
float balance(int row) {
  float sum = 0.;
  int age = row * 4 + (steps_seen & 3);
  for (int k = 0; k < 4; ++k) sum += stream(S_score_real, age + k) - stream(S_score_fake, age + k);
  return age + 4 > steps_seen ? 0. : clamp(.5 + .125 * sum, .02, .98);
}

// What a person reads below a bar code: how real the digits and the samples look.
float words_at(vec2 at, float width) {
  bool fake = at.x > .5 * width;
  float edge = fake ? width - 6. - 4. * advance(26.) : 6.;
  type_figure(value(fake ? S_score_fake : S_score_real), 1, 2, 0, at - vec2(edge, 0.), 26.);
  float beside = fake ? edge - 3. - 10. * advance(10.) : 9. + 4. * advance(26.);
  type_label(fake ? S_score_fake : S_score_real, 0, at - vec2(beside, 12.), 10.);
  return typed();
}

void main() {
  if (PASSINDEX < 2) {
    float width = RENDERSIZE.x / whole_unit();
    gl_FragColor = vec4(PASSINDEX == 0 ? balance(int(gl_FragCoord.y)) : words_at(type_sheet(vec2(0.)), width));
    return;
  }
  ivec2 p = pixel();
  int width = int(RENDERSIZE.x), height = int(RENDERSIZE.y);
  int strip = textureSize(words, 0).y, foot = int(trace * RENDERSIZE.y), field = height - foot - strip;
  float now = clamp(.5 + .5 * (calm(S_score_real) - calm(S_score_fake)), .02, .98);
  int meet = int(now * RENDERSIZE.x);
  bool generator = p.x > meet;
  int first = generator ? 0 : generator_segments;
  int layers = generator ? generator_segments : segment_count - generator_segments;
  // A layer's band is as high as the norm of its gradient, against the other layers of its net.
  float at = (float(p.y) + .5) / float(field), top = 0., bottom = 0.;
  int row = first;
  for (int k = 0; k < layers; ++k) {
    float end = band_end[first + k];
    top = at >= end ? end : top;
    row = at >= end ? row + 1 : row;
    bottom = at >= end ? bottom : (bottom > top ? bottom : end);
  }
  float along = generator ? float(width - 1 - p.x) / float(max(1, width - 1 - meet))
                          : float(p.x) / float(max(1, meet));
  vec2 bar = texelFetch(bars, ivec2(int(clamp(along, 0., .9995) * 1024.), row), 0).rg;
  // How tall the generator stands is how much its samples differ; the discriminator, how often it is right.
  float tall = clamp(generator ? calm(S_diversity) : calm(S_accuracy), .02, 1.);
  float room = (bottom - top) * float(field);
  float from_middle = abs(2. * (at - top) * float(field) - room) / max(1., room - 3.);
  vec3 color = vec3(layers > 0 ? bar.r * mix(1., bar.g, contrast) * step(from_middle, tall) : 0.);
  color = p.x == meet ? accent : color;
  // Below: where the balance has been, the present at the top; a tick for every tenth.
  int age = clamp(p.y - field - 2, 0, 254);
  float here = texelFetch(past, ivec2(0, age), 0).r, before = texelFetch(past, ivec2(0, age + 1), 0).r;
  int x = int(here * RENDERSIZE.x), y = int((before > 0. ? before : here) * RENDERSIZE.x);
  bool between = here > 0. && p.x >= min(x, y) && p.x <= max(x, y);
  bool tick = over(p.x * 10, width) != over((p.x + 1) * 10, width);
  vec3 shadow = between ? accent : vec3(tick ? .25 : p.x < x && here > 0. ? .13 : 0.);
  bool lower = p.y >= height - strip;
  color = p.y < field ? color : p.y > field + 1 ? shadow : vec3(0.);
  gl_FragColor = vec4(lower ? texelFetch(words, ivec2(gl_FragCoord.xy), 0).rgb : color, 1.);
}
