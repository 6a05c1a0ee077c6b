/*{
  "DESCRIPTION": "what every hidden unit says to every sample: a unit is a column, a sample a line; in collapse the lines are one, and a barcode stands",
  "CREDIT": "twos and sevens",
  "ISFVSN": "2",
  "CATEGORIES": ["data"],
  "INPUTS": [
    {"NAME": "curve", "TYPE": "float", "LABEL": "how much the weak units are lifted", "DEFAULT": 0.6, "MIN": 0, "MAX": 1},
    {"NAME": "greys", "TYPE": "long", "LABEL": "steps of grey; 2 is one bit", "DEFAULT": 5, "MIN": 2, "MAX": 16},
    {"NAME": "difference", "TYPE": "float", "LABEL": "show what differs from sample to sample, instead of all", "DEFAULT": 0, "MIN": 0, "MAX": 1},
    {"NAME": "dead", "TYPE": "bool", "LABEL": "mark the units that never speak", "DEFAULT": true},
    {"NAME": "reading", "TYPE": "bool", "LABEL": "hair-line at the sample that is heard", "DEFAULT": true}
  ],
  "PASSES": [
    {"TARGET": "units", "FLOAT": true, "WIDTH": "128", "HEIGHT": "8"},
    {"TARGET": "margin", "WIDTH": "$WIDTH / 5", "HEIGHT": "$HEIGHT"},
    {}
  ],
  "STREAMS": ["dead_g", "dead_d"],
  "LEGEND": {
    "grey of a cell": "activations",
    "figures": "activations: units that never speak",
    "rules under the figures": "dead_g, dead_d",
    "hair-line": "sound"
  }
}*/


const int WORD[28] = int[28](71, 69, 78, 69, 82, 65, 84, 79, 82, 32, 32, 32, 32, 32, 68, 73, 83, 67, 82, 73, 77, 73, 78, 65, 84, 79, 82, 32);
const int SILENT[10] = int[10](83, 73, 76, 69, 78, 84, 32, 79, 70, 32);

void main() {
  // Before anything was told of the layers: one for each net, empty.
  int layers = active_layers > 0 ? active_layers : 2;
  int generators = active_layers > 0 ? active_generator_layers : 1;
  if (PASSINDEX == 0) {
    // Of each unit: its mean over the samples, whether it says anything at all, and to how many.
    ivec2 u = ivec2(gl_FragCoord.xy);
    int layer = min(u.y, 7), row = active_begins[layer] + u.x;
    float sum = 0., most = 0., spoken = 0.;
    for (int k = 0; k < 64; ++k) {
      float a = activation(row, k);
      sum += a; most = max(most, a); spoken += a > 0. ? 1. : 0.;
    }
    bool there = layer < active_layers && u.x < active_shown[layer];
    gl_FragColor = there ? vec4(sum / 64., most, spoken / 64., 1.) : vec4(0.);
    return;
  }
  ivec2 p = pixel();
  int height = int(RENDERSIZE.y), pitch = over(height, layers);
  int layer = min(over(p.y, pitch), layers - 1), y = p.y - layer * pitch;
  int thick = max(1, over(pitch * 4, 5 * 64)), lines = min(64, over(pitch * 4, 5 * thick));
  int top = (pitch - lines * thick) >> 1;
  bool generator = layer < generators;
  if (PASSINDEX == 1) {
    // The margin: which layer, how many of its units never speak, how many there are.
    float width = RENDERSIZE.x, small = floor(min(max(8., float(pitch) * .16), width * .8 / (15. * .453125))), large = floor(float(pitch) * .42);
    vec2 q = vec2(p.x, y) - vec2(width * .09, top);
    float foot = float(lines * thick) - small;
    bool below = q.y > foot - 1.;
    float x = q.x, step_x = advance(small);
    int k = int(floor(x / step_x)), number = generator ? layer : layer - generators;
    int end = generator ? 10 : 14;
    int code = k == end ? 49 + number : k < end ? WORD[clamp(k + (generator ? 0 : 14), 0, 27)] : 32;
    code = below ? (k < 10 ? SILENT[clamp(k, 0, 9)] : 32) : code;
    code = k < 0 ? 32 : code;
    float ink = letter(code, 0, vec2(x - float(k) * step_x, below ? q.y - foot : q.y), small) * .85;
    ink = max(ink, figure(float(active_units[layer]), 4, 0, 0, vec2(x - 9. * step_x, q.y - foot), small) * .85);
    float wide = advance(large) * 3.;
    int dumb = active_dead[layer];
    // Flush left: blanks before a small number are not set.
    float blank = advance(large) * (dumb < 10 ? 2. : dumb < 100 ? 1. : 0.);
    ink = max(ink, figure(float(dumb), 3, 0, 0, vec2(q.x + blank + large * .04, q.y - (foot + small - large) * .5), large));
    gl_FragColor = vec4(vec3(active_layers > 0 ? ink : 0.), 1.);
    return;
  }
  int width = int(RENDERSIZE.x), cell = max(1, int(RENDERSIZE.x * .8) >> 7), left = width - 128 * cell;
  int x = p.x - left, unit = over(x, cell), line = y >= top ? over(y - top, thick) : -1;
  bool inside = x >= 0 && line >= 0 && line < lines && unit < active_shown[layer] && layer < active_layers;
  vec4 known = texelFetch(units, ivec2(clamp(unit, 0, 127), layer), 0);
  float a = activation(active_begins[layer] + unit, line);
  a = mix(a, abs(a - known.r) * 2., difference);
  float lifted = pow(max(a, 0.), mix(1., .3, curve));
  float steps = float(greys - 1);
  float shown = min(1., floor(lifted * steps + .5) / steps);
  bool read = reading && line == int(scan_place);
  vec3 color = inside ? (read ? accent * max(shown, .25) : vec3(shown)) : vec3(0.);
  // Under a band, a mark for each unit that has nothing to say to any sample.
  int under = y - top - lines * thick;
  bool mark = x >= 0 && unit < active_shown[layer] && under >= thick && under < 4 * thick && known.g <= 0.;
  color = dead && mark && layer < active_layers ? accent : color;
  // Left of it, a rule that grows from the foot: the share of the whole net that is dumb.
  float share = clamp(calm(generator ? S_dead_g : S_dead_d), 0., 1.);
  int up = top + lines * thick - y;
  if (x >= -4 * thick && x < -2 * thick && up > 0 && up <= lines * thick && steps_seen > 0)
    color = vec3(float(up) <= share * float(lines * thick) ? 1. : .16);
  vec3 text = texelFetch(margin, ivec2(min(p.x, int(RENDERSIZE.x / 5.) - 1), int(gl_FragCoord.y)), 0).rgb;
  color = x < -5 * thick ? text : color;
  gl_FragColor = vec4(color, 1.);
}
