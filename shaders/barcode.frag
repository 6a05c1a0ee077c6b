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
  "STREAMS": ["score_real", "score_fake", "diversity", "accuracy"]
}*/

float balance(int age) {
  return clamp(.5 + .5 * (stream(S_score_real, age) - stream(S_score_fake, age)), .02, .98);
}

void main() {
  ivec2 p = pixel();
  int width = int(RENDERSIZE.x), height = int(RENDERSIZE.y);
  int foot = int(trace * RENDERSIZE.y), field = height - foot;
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
  // Below: where the balance has been, a row for every four steps, the present at the top.
  int age = max(0, p.y - field - 2) * 4;
  int x = int(balance(age) * RENDERSIZE.x), y = int(balance(age + 4) * RENDERSIZE.x);
  bool between = p.x >= min(x, y) && p.x <= max(x, y) && age + 4 < steps_seen;
  vec3 past = between ? accent : vec3((p.x & 31) == 0 ? .2 : p.x < x && age < steps_seen ? .09 : 0.);
  gl_FragColor = vec4(p.y < field ? color : p.y > field + 1 ? past : vec3(0.), 1.);
}
