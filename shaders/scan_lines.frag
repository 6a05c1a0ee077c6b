/*{
  "DESCRIPTION": "the score of the training: a line for every step, a column for every stream; time runs down, the hair-line is now",
  "CREDIT": "twos and sevens",
  "ISFVSN": "2",
  "CATEGORIES": ["data"],
  "INPUTS": [
    {"NAME": "fill", "TYPE": "float", "LABEL": "grey below a curve", "DEFAULT": 0.65, "MIN": 0, "MAX": 1},
    {"NAME": "edge", "TYPE": "float", "LABEL": "brightness of a curve itself", "DEFAULT": 1, "MIN": 0, "MAX": 1},
    {"NAME": "alarm", "TYPE": "float", "LABEL": "how far a stream must jump out of its past to be marked",
     "DEFAULT": 0.3, "MIN": 0.05, "MAX": 1},
    {"NAME": "steps", "TYPE": "long", "LABEL": "steps to a line", "DEFAULT": 1, "MIN": 1, "MAX": 3},
    {"NAME": "heads", "TYPE": "bool", "LABEL": "names at the head", "DEFAULT": true}
  ],
  "PASSES": [
    {"TARGET": "tape", "FLOAT": true, "WIDTH": "32", "HEIGHT": "$HEIGHT"},
    {"TARGET": "head", "WIDTH": "$WIDTH", "HEIGHT": "$HEIGHT * 2 / 5"},
    {}
  ],
  "STREAMS": [
    "loss_g", "loss_d", "score_real", "score_fake", "accuracy", "margin", "grad_norm_g", "grad_norm_d",
    "update_g", "update_d", "ink", "saturation", "entropy", "edge", "variation", "flatness", "diversity",
    "similarity_centred", "duplicates", "drift", "class_0", "class_1", "class_2", "class_3", "class_4",
    "class_5", "class_6", "class_7", "class_8", "class_9", "reject", "confidence"
  ],
  "LEGEND": {
    "columns 1 to 10, the nets": "loss_g, loss_d, score_real, score_fake, accuracy, margin, grad_norm_g, grad_norm_d, update_g, update_d",
    "columns 11 to 20, the samples": "ink, saturation, entropy, edge, variation, flatness, diversity, similarity_centred, duplicates, drift",
    "columns 21 to 32, the judge": "class_0, class_1, class_2, class_3, class_4, class_5, class_6, class_7, class_8, class_9, reject, confidence",
    "large figure": "step",
    "the one colour": "a stream that jumps out of its own past"
  }
}*/

const int COLUMNS = 32;
const int ROWS[COLUMNS] = int[COLUMNS](
  S_loss_g, S_loss_d, S_score_real, S_score_fake, S_accuracy, S_margin, S_grad_norm_g, S_grad_norm_d,
  S_update_g, S_update_d, S_ink, S_saturation, S_entropy, S_edge, S_variation, S_flatness, S_diversity,
  S_similarity_centred, S_duplicates, S_drift, S_class_0, S_class_1, S_class_2, S_class_3, S_class_4,
  S_class_5, S_class_6, S_class_7, S_class_8, S_class_9, S_reject, S_confidence);


int over_mod(int a, int b) { return a - b * int(floor((float(a) + .5) / float(b))); }

// The page below the head: pixels to a line, and lines.
ivec2 page(int height) {
  int thick = max(1, over(height, 360));
  return ivec2(thick, over(height - textureSize(head, 0).y, thick));
}

// Column under a pixel, the place in it, and how wide it is; three groups stand apart.
ivec3 column(int x, int width) {
  int wide = over(width * 19, 20 * COLUMNS), gap = over(width - wide * COLUMNS, 4);
  int q = x - gap;
  q -= q >= 10 * wide ? gap : 0;
  q -= q >= 20 * wide ? gap : 0;
  bool between = x < gap || (x >= gap + 10 * wide && x < 2 * gap + 10 * wide)
    || (x >= 2 * gap + 20 * wide && x < 3 * gap + 20 * wide) || q >= COLUMNS * wide;
  int c = between ? -1 : over(q, wide);
  return ivec3(c, q - c * wide, wide);
}

void main() {
  int lines_seen = over(steps_seen, steps), rest = steps_seen - lines_seen * steps;
  if (PASSINDEX == 0) {
    // The tape: a texel is one stream at one line of the page, and how far it jumped out of its past.
    int lines = page(int(RENDERSIZE.y)).y, line = int(gl_FragCoord.y), row = ROWS[int(gl_FragCoord.x)];
    int age = over_mod(lines_seen - line, lines) * steps + rest;
    float now = clamp(stream(row, age), 0., 1.), past = 0.;
    for (int k = 1; k <= 8; ++k) past += clamp(stream(row, age + k), 0., 1.) * .125;
    gl_FragColor = vec4(now, now - past, age + 8 < steps_seen ? 1. : 0., age < steps_seen ? 1. : 0.);
    return;
  }
  ivec2 p = pixel();
  ivec3 at = column(p.x, int(RENDERSIZE.x));
  if (PASSINDEX == 1) {
    float size = min(float(at.z) - 4., RENDERSIZE.y * .105);
    vec2 q = vec2(RENDERSIZE.y * .93 - float(p.y), float(at.y) - (float(at.z) - size) * .5 + 1.);
    int row = ROWS[max(at.x, 0)];
    float ink = at.x < 0 ? 0. : label(row, 0, q, size);
    // The step, flush with the last column.
    float large = floor(RENDERSIZE.y * .35), end = RENDERSIZE.x - float(over(int(RENDERSIZE.x), 80));
    vec2 from_end = vec2(float(p.x) - end + 6. * advance(large), float(p.y));
    gl_FragColor = vec4(vec3(max(ink, figure(float(step_count), 6, 0, 0, from_end, large))), 1.);
    return;
  }
  int top = textureSize(head, 0).y, height = int(RENDERSIZE.y);
  ivec2 sheet = page(height);
  int line = p.y < top ? -1 : over(p.y - top, sheet.x), now_line = over_mod(lines_seen, sheet.y);
  float age = float(over_mod(now_line - line, sheet.y)) / float(sheet.y);
  vec4 said_here = texelFetch(tape, ivec2(max(at.x, 0), clamp(line, 0, sheet.y - 1)), 0);
  float v = said_here.r, light = exp2(-1.5 * age);
  // A column is as wide as its stream is high, about its middle.
  int room = at.z - 2, away = abs(2 * at.y + 1 - room), half_wide = max(1, int(v * float(room) + .5));
  bool lit = v > 0. && away <= half_wide, jumped = abs(said_here.g) > alarm && said_here.b > 0.;
  float grey = lit ? (away > half_wide - 3 * sheet.x ? edge : fill) : 0.;
  vec3 color = (jumped && lit ? accent : vec3(grey)) * light * said_here.a;
  color = at.x < 0 || at.y >= at.z - 2 || steps_seen == 0 ? vec3(0.) : color;
  color = line == now_line ? vec3(1.) : color;
  color = line < 0 && heads ? vec3(texelFetch(head, ivec2(p.x, height - 1 - p.y - (height - top)), 0).r) : line < 0 || line >= sheet.y ? vec3(0.) : color;
  gl_FragColor = vec4(color, 1.);
}
