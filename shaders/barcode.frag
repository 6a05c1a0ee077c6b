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
  "STREAMS": ["score_real", "score_fake", "diversity", "accuracy", "similarity_centred", "flatness"]
}*/

float balance(int age) {
  return clamp(.5 + .5 * (stream(S_score_real, age) - stream(S_score_fake, age)), .02, .98);
}

float strength(int layer) {
  int end = layer + 1 < segment_count ? segments[layer + 1] : weight_count;
  return gradient_rms[layer] * sqrt(float(max(0, end - segments[layer])));
}

void main() {
  ivec2 p = pixel();
  int width = int(RENDERSIZE.x), height = int(RENDERSIZE.y);
  int foot = int(trace * RENDERSIZE.y), field = height - foot;
  int meet = int(balance(0) * RENDERSIZE.x);
  vec3 color = vec3(0.);
  if (p.y < field && segment_count > 0) {
    bool generator = p.x > meet;
    int layers = generator ? generator_segments : segment_count - generator_segments;
    if (layers > 0 && p.x != meet) {
      // A layer's band is as high as the norm of its gradient, against the other layers of its net.
      int first = generator ? 0 : generator_segments;
      float total = 0.;
      for (int k = 0; k < layers; ++k) total += strength(first + k);
      int top = 0, bottom = 0, row = first;
      float sum = 0.;
      for (int k = 0; k < layers; ++k) {
        row = generator ? first + layers - 1 - k : first + k;
        top = bottom;
        sum += .4 / float(layers) + .6 * strength(row) / max(total, 1e-20);
        bottom = k == layers - 1 ? field : int(sum * float(field) + .5);
        if (p.y < bottom) break;
      }
      float along = generator ? float(width - 1 - p.x) / float(max(1, width - 1 - meet))
                              : float(p.x) / float(max(1, meet));
      vec2 bar = texelFetch(bars, ivec2(int(clamp(along, 0., .9995) * 1024.), row), 0).rg;
      // How tall the generator stands is how much its samples differ; the discriminator, how often it is right.
      float tall = generator ? clamp(stream(S_diversity), .02, 1.) : clamp(stream(S_accuracy), .02, 1.);
      float from_middle = abs(float(2 * (p.y - top) - (bottom - top - 1))) / float(max(1, bottom - top - 3));
      color = vec3(bar.r * mix(1., bar.g, contrast) * step(from_middle, tall));
    }
  } else if (p.y > field + 1) {
    // One column per step, now at the left edge of the line's foot: where balance has been.
    int age = p.y - field - 2;
    int x = int(balance(age * 4) * RENDERSIZE.x);
    int y = int(balance(age * 4 + 4) * RENDERSIZE.x);
    bool between = p.x >= min(x, y) && p.x <= max(x, y);
    color = between ? accent : vec3(.08 * float(p.x < x));
    if (p.x % (width / 20) == 0) color = max(color, vec3(.16));
  }
  if (p.x == meet && p.y < field) color = accent;
  gl_FragColor = vec4(color, 1.);
}
