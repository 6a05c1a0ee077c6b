/*{
  "DESCRIPTION": "the generator's loss against the discriminator's, the frame is infinity; in the middle balance, and left against right of what is heard",
  "CREDIT": "twos and sevens",
  "ISFVSN": "2",
  "CATEGORIES": ["data"],
  "INPUTS": [
    {"NAME": "memory", "TYPE": "float", "LABEL": "how long the path is seen, in seconds", "DEFAULT": 5, "MIN": 0.2, "MAX": 30},
    {"NAME": "reach", "TYPE": "float", "LABEL": "how many doublings fit before the frame", "DEFAULT": 1.4, "MIN": 0.5, "MAX": 6},
    {"NAME": "lines", "TYPE": "float", "LABEL": "lines from step to step, instead of points alone", "DEFAULT": 0.5, "MIN": 0, "MAX": 1},
    {"NAME": "gain", "TYPE": "float", "LABEL": "size of the sound's figure", "DEFAULT": 12, "MIN": 0, "MAX": 40},
    {"NAME": "axes", "TYPE": "float", "LABEL": "brightness of axes and figures", "DEFAULT": 0.6, "MIN": 0, "MAX": 1}
  ],
  "PASSES": [
    {"TARGET": "points", "FLOAT": true, "WIDTH": "9", "HEIGHT": "1"},
    {"TARGET": "trail", "FLOAT": true, "PERSISTENT": true, "WIDTH": "$WIDTH / 2", "HEIGHT": "$HEIGHT / 2"},
    {"TARGET": "heard", "FLOAT": true, "PERSISTENT": true, "WIDTH": "$HEIGHT * 9 / 20", "HEIGHT": "$HEIGHT * 9 / 20"},
    {"TARGET": "text", "WIDTH": "$WIDTH / 3", "HEIGHT": "$HEIGHT * 2 / 5"},
    {"TARGET": "scales", "WIDTH": "$WIDTH", "HEIGHT": "$HEIGHT / 9"},
    {}
  ],
  "STREAMS": ["loss_g", "loss_d"],
  "LEGEND": {
    "from left to right": "loss_g",
    "from bottom to top": "loss_d",
    "figure about the middle": "sound, left against right",
    "the one colour": "loss_g, loss_d: the mean of the last steps"
  }
}*/

const vec2 BALANCE = vec2(.6931, 1.3863);

// Where a pair of losses stands, -1..1 from the middle: in doublings of balance, with infinity at the frame.
vec2 placed(vec2 loss) {
  vec2 doublings = log2(max(loss, 1e-6) / BALANCE) / reach;
  vec2 e = exp(-2. * abs(doublings));
  return sign(doublings) * (1. - e) / (1. + e);
}

// Light of a stroke from a to b; everything in pixels.
float stroke(vec2 q, vec2 a, vec2 b, float thick) {
  vec2 way = b - a, from = q - a;
  float along = clamp(dot(from, way) / max(dot(way, way), 1e-6), 0., 1.);
  vec2 off = from - way * along;
  return dot(off, off) < thick * thick ? 1. : 0.;
}

float unit_of(float height) { return max(1., floor(height / 360.)); }

float clean(float x) { return x >= 0. && x < 65000. ? x : 0.; }

// The mean of some steps, placed. The spans are those of the two streams.
vec2 mean_place(int age, int count) {
  vec2 loss = vec2(0.);
  for (int k = 0; k < count; ++k) loss += vec2(stream(S_loss_g, age + k) * 6., stream(S_loss_d, age + k) * 3.);
  return placed(loss / float(count));
}

// What is heard, left against right, standing upright; the edge is as loud as can be.
vec2 heard_place(int i) {
  vec2 sides = scope(min(i, 255)) * gain;
  vec2 at = vec2(sides.y - sides.x, sides.x + sides.y) * .7071;
  return at / (1. + length(at));
}

// Nearest whole doubling, and where along an axis (half as long as `area`) it lies.
vec2 tick_at(float along, float area) {
  float at = clamp(along / area, -.995, .995), doubling = floor(.5 * log((1. + at) / (1. - at)) * reach + .5);
  float e = exp(-2. * abs(doubling) / reach);
  return vec2(doubling, floor(sign(doubling) * (1. - e) / (1. + e) * area));
}

void main() {
  if (PASSINDEX == 0) {
    // Two points a texel: four steps as they are, two of their mean, now,
    // and ten samples of what is heard: with the next pictures all of it.
    int k = int(gl_FragCoord.x), first = (int(TIME * 60.) * 9 & 255) + (k - 4) * 2;
    vec4 raw = vec4(mean_place(2 * k, 1), mean_place(2 * k + 1, 1));
    vec4 calm_path = vec4(mean_place(0, 24), mean_place(4, 24));
    vec4 sound_path = vec4(heard_place(first), heard_place(first + 1));
    vec4 now = vec4(placed(vec2(calm(S_loss_g) * 6., calm(S_loss_d) * 3.)), 0., 1.);
    gl_FragColor = k < 2 ? raw : k < 3 ? calm_path : k < 4 ? now : sound_path;
    return;
  }
  vec2 area = floor(RENDERSIZE * .5 * vec2(.98, .97)), middle = floor(RENDERSIZE * .5) + .5;
  float unit = unit_of(picture_size.y);
  if (PASSINDEX == 1) {
    vec2 q = gl_FragCoord.xy;
    vec2 light = texelFetch(trail, ivec2(q), 0).rg * exp(-TIMEDELTA / memory);
    light = vec2(clean(light.r), clean(light.g));
    vec4 a = texelFetch(points, ivec2(0), 0), b = texelFetch(points, ivec2(1, 0), 0);
    vec4 mean = texelFetch(points, ivec2(2, 0), 0), full = area.xyxy, centre = middle.xyxy;
    a = centre + floor(a * full), b = centre + floor(b * full), mean = centre + floor(mean * full);
    float thin = .55 * unit;
    float line = max(max(stroke(q, a.xy, a.zw, thin), stroke(q, a.zw, b.xy, thin)), stroke(q, b.xy, b.zw, thin));
    vec4 off_a = abs(q.xyxy - a), off_b = abs(q.xyxy - b);
    vec2 near = min(min(off_a.xy + off_a.yx, off_a.zw + off_a.wz), off_b.xy + off_b.yx);
    float step_here = near.x < 1.5 * unit ? 1. : 0.;
    float calm_line = stroke(q, mean.xy, mean.zw, unit);
    vec2 fresh = vec2(steps_seen > 4 ? max(step_here, line * lines) : 0., steps_seen > 28 ? calm_line : 0.);
    gl_FragColor = vec4(max(light, fresh), 0., 1.);
    return;
  }
  if (PASSINDEX == 2) {
    vec2 q = gl_FragCoord.xy, half_side = RENDERSIZE * .5 - 1.;
    float light = clean(texelFetch(heard, ivec2(q), 0).r) * exp(-TIMEDELTA / .2), line = 0.;
    vec2 last = vec2(0.);
    for (int k = 4; k < 9; ++k) {
      vec4 two = texelFetch(points, ivec2(k, 0), 0);
      vec2 a = middle + two.xy * half_side, b = middle + two.zw * half_side;
      line = max(line, max(stroke(q, a, b, .6 * unit), k > 4 ? stroke(q, last, a, .6 * unit) : 0.));
      last = b;
    }
    gl_FragColor = vec4(max(light, sound_level > 1e-4 ? line : 0.), 0., 0., 1.);
    return;
  }
  ivec2 p = pixel();
  if (PASSINDEX == 3) {
    float large = floor(RENDERSIZE.y * .4), small = floor(RENDERSIZE.y * .13);
    bool second = p.y * 2 >= int(RENDERSIZE.y);
    vec2 q = vec2(p) - vec2(0., second ? floor(RENDERSIZE.y * .5) : 0.);
    float ink = figure(min(value(second ? S_loss_g : S_loss_d), 99.9999), 2, 4, 0, q - vec2(0., small), large);
    ink = max(ink, .8 * label(second ? S_loss_g : S_loss_d, 0, q - vec2(advance(large), 0.), small));
    gl_FragColor = vec4(vec3(ink), 1.);
    return;
  }
  if (PASSINDEX == 4) {
    // Figures at balance and a doubling from it: those along the axis on top, those up the axis below, laid on their side.
    // In the last two rows: where the lines of the grid are.
    float full = picture_size.y, tall = floor(RENDERSIZE.y * .25);
    int last = int(RENDERSIZE.y) - 1;
    bool up = float(p.y) >= tall + 1. && p.y != last, grid = p.y >= last - 1;
    float along = up ? full - floor(full * .5) - 1. - float(p.x) : float(p.x) - floor(RENDERSIZE.x * .5);
    vec2 near = tick_at(along, floor((up ? full * .97 : RENDERSIZE.x * .98) * .5));
    bool named = abs(near.x) < 1.5;
    vec2 at = up ? vec2(float(p.y) - tall - 1., near.y - along + tall + 1.)
                 : vec2(along - near.y - floor(tall * .4), float(p.y));
    float number = (up ? BALANCE.y : BALANCE.x) * exp2(near.x);
    float ink = named ? figure(number, 1, 2, 0, at, tall) : 0.;
    float line = abs(along - near.y) < .6 * unit_of(full) && abs(near.x) < 7. ? 1. : 0.;
    gl_FragColor = vec4(vec3(grid ? line : ink), 1.);
    return;
  }
  vec2 q = gl_FragCoord.xy - middle;
  // Path and sound are drawn at half the size: two hard pixels each.
  vec2 path = texelFetch(trail, min(ivec2(gl_FragCoord.xy * .5), textureSize(trail, 0) - 1), 0).rg;
  float light = max(sqrt(path.r) * .85, sqrt(path.g));
  ivec2 side = textureSize(heard, 0), s = ivec2(floor((q + vec2(side)) * .5));
  bool in_scope = all(greaterThanEqual(s, ivec2(0))) && all(lessThan(s, side));
  float sound_light = in_scope ? texelFetch(heard, s, 0).r : 0.;
  // Axes through balance; a line for each doubling.
  vec2 thin = vec2(.6 * unit), far = abs(q);
  bool on_x = texelFetch(scales, ivec2(p.x, 0), 0).r > .5, on_y = texelFetch(scales, ivec2(p.y, 1), 0).r > .5;
  float grey = on_x || on_y ? .16 : 0.;
  grey = far.x < thin.x || far.y < thin.x ? .6 : grey;
  grey = (on_x && far.y < 4. * unit) || (on_y && far.x < 4. * unit) ? 1. : grey;
  int tall = int(floor(float(textureSize(scales, 0).y) * .25)), room = textureSize(scales, 0).y;
  int below = p.y - int(RENDERSIZE.y * .5) - int(7. * unit), beside = int(q.x) - int(8. * unit);
  bool figures_across = below >= 0 && below < tall, figures_up = beside >= 0 && beside < room - tall - 3;
  ivec2 where = figures_across ? ivec2(p.x, below) : ivec2(p.y, tall + 1 + clamp(beside, 0, room - tall - 4));
  float set = texelFetch(scales, ivec2(where.x, room - 1 - where.y), 0).r;
  grey = max(grey, figures_across || figures_up ? set : 0.) * axes;
  vec3 color = vec3(max(max(grey, light), sound_light * .7));
  // Now: two hair-lines in the one colour.
  vec2 now = floor(texelFetch(points, ivec2(3, 0), 0).xy * area), off = abs(q - now);
  bool cross = off.x < thin.x || off.y < thin.x;
  ivec2 sheet = textureSize(text, 0), t = p - ivec2(int(RENDERSIZE.x * .02), int(RENDERSIZE.y * .96) - sheet.y);
  bool in_text = all(greaterThanEqual(t, ivec2(0))) && all(lessThan(t, sheet));
  color = cross && !in_text && steps_seen > 0 ? max(color, accent * (max(off.x, off.y) < 16. * unit ? 1. : .5)) : color;
  float letters = texelFetch(text, ivec2(clamp(t.x, 0, sheet.x - 1), clamp(sheet.y - 1 - t.y, 0, sheet.y - 1)), 0).r;
  gl_FragColor = vec4(in_text ? max(color, vec3(letters)) : color, 1.);
}
