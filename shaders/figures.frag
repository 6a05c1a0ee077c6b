/*{
  "DESCRIPTION": "plain type: the step, ten places that hold the digits as the judge counts them, and the figures; in collapse ten times the same",
  "CREDIT": "twos and sevens",
  "ISFVSN": "2",
  "CATEGORIES": ["data"],
  "INPUTS": [
    {"NAME": "bold", "TYPE": "float", "LABEL": "share from which a digit is set in bold", "DEFAULT": 0.2, "MIN": 0, "MAX": 1},
    {"NAME": "alarm", "TYPE": "float", "LABEL": "how far a figure must be from its mean to be set in bold",
     "DEFAULT": 0.06, "MIN": 0, "MAX": 0.5},
    {"NAME": "quiet", "TYPE": "float", "LABEL": "brightness of what does not change", "DEFAULT": 0.7, "MIN": 0, "MAX": 1},
    {"NAME": "twins", "TYPE": "bool", "LABEL": "a digit that repeats the one before stands in a white field", "DEFAULT": true}
  ],
  "PASSES": [
    {"TARGET": "sheet", "WIDTH": "80", "HEIGHT": "11"},
    {"TARGET": "shares", "WIDTH": "1024", "HEIGHT": "1"},
    {}
  ],
  "STREAMS": [
    "loss_g", "loss_d", "score_real", "score_fake", "accuracy", "diversity", "similarity_centred", "modes",
    "steps_per_s", "class_0", "class_1", "class_2", "class_3", "class_4", "class_5", "class_6", "class_7", "class_8",
    "class_9", "reject"
  ],
  "LEGEND": {
    "large figure": "step",
    "grey places of it": "steps_per_s: they go too fast to be read",
    "ten places": "class_0, class_1, class_2, class_3, class_4, class_5, class_6, class_7, class_8, class_9",
    "places with a dash": "reject",
    "small figures": "loss_g, loss_d, score_real, score_fake, accuracy, diversity, similarity_centred, modes",
    "rule at the foot": "class_0 to class_9, as shares"
  }
}*/

const int LINES = 8;
const int ROWS[LINES] = int[LINES](S_loss_g, S_loss_d, S_score_real, S_score_fake, S_accuracy, S_diversity,
  S_similarity_centred, S_modes);
const int CLASSES[10] = int[10](S_class_0, S_class_1, S_class_2, S_class_3, S_class_4, S_class_5, S_class_6,
  S_class_7, S_class_8, S_class_9);

// The letter at place k of a number set flush right in so many places.
int code_at(float n, int whole, int decimals, int k) {
  int power = k < whole ? whole - 1 - k : whole - k;
  float unit = pow(10., float(decimals + power)), scaled = floor(abs(n) * pow(10., float(decimals)) + .5);
  float shifted = floor(scaled / unit + .0001);
  int d = int(shifted - 10. * floor(shifted * .1 + .00001));
  return decimals > 0 && k == whole ? 46 : power > 0 && scaled < unit - .5 ? 32 : 48 + d;
}

// Which digit holds a share of 0..1 of all samples, and how large its own share is; 10: no digit.
vec2 holder(float share) {
  float sum = 0.;
  vec2 found = vec2(10., 1.);
  for (int k = 9; k >= 0; --k) {
    float below = 0.;
    for (int j = 0; j <= k; ++j) below += clamp(calm(CLASSES[j]), 0., 1.);
    found = share < below ? vec2(float(k), clamp(calm(CLASSES[k]), 0., 1.)) : found;
  }
  return found;
}

void main() {
  if (PASSINDEX == 0) {
    // The sheet: a texel is a letter, how bright and how bold it is, and whether it stands in a field.
    ivec2 at = ivec2(gl_FragCoord.xy);
    int k = at.x, line = at.y, code = 32;
    float light = 1., heavy = 0., field = 0.;
    if (line < LINES) {
      int row = ROWS[min(line, LINES - 1)];
      heavy = abs(stream(row) - calm(row)) > alarm ? 1. : 0.;
      light = heavy > 0. ? 1. : quiet;
      code = k < 18 ? int(texelFetch(names, ivec2(k, max(row, 0)), 0).r) : 32;
      bool whole = line == LINES - 1;
      code = k >= (whole ? 24 : 19) ? code_at(min(value(row), 999.), 3, whole ? 0 : 4, k - (whole ? 24 : 19)) : code;
    } else if (line == 8) {
      // Places that go too fast to be read stand back, and cannot flicker.
      code = code_at(float(min(step_count, 999999)), 6, 0, k);
      light = value(S_steps_per_s) * pow(10., float(k - 5)) > 2. ? .42 : 1.;
    } else if (line == 10) {
      // Eight places to a digit: itself, and its share.
      int d = min(over(k, 8), 9), place = k - d * 8;
      float share = clamp(calm(CLASSES[d]), 0., 1.);
      heavy = place < 2 || share >= bold ? 1. : 0.;
      light = place < 2 || share >= bold ? 1. : quiet;
      code = place == 0 ? 48 + d : place < 2 || place > 6 ? 32 : code_at(min(share, .9999), 1, 4, place - 1);
    } else {
      vec2 own = holder((float(k) + .5) * .1), before = holder((float(k) - .5) * .1);
      bool junk = own.x > 9.5;
      code = steps_seen == 0 ? 32 : junk ? 45 : 48 + int(own.x);
      heavy = !junk && own.y >= bold ? 1. : 0.;
      field = twins && k > 0 && !junk && own.x == before.x ? 1. : 0.;
      light = junk ? clamp(calm(S_reject), .25, 1.) : 1.;
    }
    gl_FragColor = vec4(float(code) / 255., light, heavy, field);
    return;
  }
  if (PASSINDEX == 1) {
    float held = holder(gl_FragCoord.x / 1024.).x;
    gl_FragColor = vec4(vec3(held > 9.5 ? .12 : mod(held, 2.) < .5 ? 1. : .45), 1.);
    return;
  }
  ivec2 p = pixel();
  int width = int(RENDERSIZE.x), height = int(RENDERSIZE.y), unit = max(1, over(height, 360));
  int margin = over(width, 32), wide = over(width - 2 * margin, 10), end = margin + 10 * wide;
  // From the foot upwards: a strip of shares, their figures, the ten places, a rule; above it step and table.
  float large = floor(min(float(wide) / .453125, RENDERSIZE.y * .37)), tiny = float(over(wide * 20, 73));
  int foot = height - margin, strip = foot - 8 * unit, shares_top = strip - 4 * unit - int(tiny);
  int places = shares_top - 4 * unit - int(large), rule = places - 4 * unit;
  int pitch = over(rule - 6 * unit - margin, LINES);
  float small = min(float(pitch), float(4 * wide) * .96 / (27. * .453125));
  bool of_shares = p.y >= shares_top, low = p.y >= places, right = !low && p.x >= margin + 4 * wide;
  bool in_table = !low && !right;
  int x = p.x - margin - (right ? 4 * wide : 0), y = p.y - (of_shares ? shares_top : low ? places : margin);
  int slot = x >= 0 ? over(x, wide) : -1, in_slot = x - slot * wide;
  float size = of_shares ? tiny : in_table ? small : large;
  float from = in_table ? float(x) : of_shares ? float(in_slot) : float(in_slot) - (float(wide) - advance(size)) * .5;
  int letter_number = int(floor(from / advance(size)));
  int line = of_shares ? 10 : low ? 9 : right ? 8 : over(y, pitch);
  int k = of_shares ? slot * 8 + letter_number : in_table ? letter_number : slot;
  bool within = x >= 0 && y >= 0 && p.y < strip && (low ? slot < 10 : p.y < rule - unit && (right ? slot < 6 : line < LINES && k < 27))
    && (of_shares ? letter_number < 8 : in_table || p.y < shares_top - 4 * unit);
  vec4 set = texelFetch(sheet, ivec2(clamp(k, 0, 79), line), 0);
  vec2 q = vec2(of_shares || in_table ? from - float(letter_number) * advance(size) : from, y - (in_table ? line * pitch : 0));
  float ink = within ? letter(int(set.r * 255. + .5), set.b > .5 ? 1 : 0, q, size) * set.g : 0.;
  ink = within && set.a > .5 ? 1. - ink : ink;
  bool between = p.x >= margin && p.x < end;
  ink = between && p.y >= rule && p.y < rule + unit ? 1. : ink;
  float along = (float(p.x - margin) + .5) / float(end - margin);
  float grey = texelFetch(shares, ivec2(int(clamp(along, 0., .9995) * 1024.), 0), 0).r;
  ink = between && p.y >= strip && p.y < foot ? grey : ink;
  gl_FragColor = vec4(vec3(steps_seen > 0 ? ink : 0.), 1.);
}
