/*{
  "DESCRIPTION": "what the discriminator believes on a plane through two samples and a real digit, as contour lines; the coloured line is where it changes its mind",
  "CREDIT": "twos and sevens",
  "ISFVSN": "2",
  "CATEGORIES": ["data"],
  "INPUTS": [
    {"NAME": "density", "TYPE": "float", "LABEL": "contour lines per nat of belief", "DEFAULT": 3, "MIN": 0.5, "MAX": 12},
    {"NAME": "dots", "TYPE": "float", "LABEL": "how bright the dots are that grow with belief", "DEFAULT": 0.22, "MIN": 0, "MAX": 1},
    {"NAME": "inertia", "TYPE": "float", "LABEL": "seconds in which the lines follow", "DEFAULT": 0.3, "MIN": 0, "MAX": 3},
    {"NAME": "images", "TYPE": "bool", "LABEL": "show the two samples and the real digit", "DEFAULT": true}
  ],
  "PASSES": [{"TARGET": "eased", "PERSISTENT": true, "FLOAT": true, "WIDTH": "36", "HEIGHT": "36"}, {"TARGET": "text", "WIDTH": "$WIDTH * 100 / 320", "HEIGHT": "$HEIGHT * 94 / 180"}, {}],
  "STREAMS": ["accuracy"],
  "LEGEND": {
    "contour lines, dots, and the coloured line where it is undecided": "D on a plane",
    "images": "two samples, and a real digit below",
    "figures beside them": "what D says of each",
    "large figure, and bars at the foot": "accuracy",
    "line above them": "seconds since the three were chosen"
  }
}*/
#include "sheet.glsl"

// A cubic B-spline through the sixteen places around: a texel of `eased` holds two by two of them.
vec4 four(ivec2 p) { return texelFetch(eased, clamp(p + 2, 0, 35), 0); }
float smooth_belief(vec2 at) {
  vec2 c = at * 32. - .5, f = fract(c), g = 1. - f;
  ivec2 p = ivec2(floor(c));
  vec2 w0 = g * g * g / 6., w1 = 2. / 3. - .5 * f * f * (2. - f);
  vec2 w3 = f * f * f / 6., w2 = 1. - w0 - w1 - w3;
  vec4 left = vec4(w0.x, w1.x, w0.x, w1.x), right = vec4(w2.x, w3.x, w2.x, w3.x);
  vec4 top = left * four(p - 1) + right * four(ivec2(p.x + 1, p.y - 1));
  vec4 foot = left * four(ivec2(p.x - 1, p.y + 1)) + right * four(p + 1);
  return dot(top, vec4(w0.yy, w1.yy)) + dot(foot, vec4(w2.yy, w3.yy));
}
float odds(ivec2 p) {
  float score = clamp(texelFetch(field, clamp(p, ivec2(0), ivec2(31)), 0).r, 1e-5, 1. - 1e-5);
  return log(score / (1. - score));
}

void main() {
  // First pass: belief as log-odds. It follows what D says; when other points are chosen it jumps.
  if (PASSINDEX == 0) {
    ivec2 p = ivec2(gl_FragCoord.xy) - 2;
    vec4 now = vec4(odds(p), odds(p + ivec2(1, 0)), odds(p + ivec2(0, 1)), odds(p + 1)), was = four(p);
    float share = field_age < .1 ? 1. : 1. - exp(-TIMEDELTA / max(inertia, .001));
    bool good = all(greaterThanEqual(was, vec4(-20.))) && all(lessThanEqual(was, vec4(20.)));
    gl_FragColor = good ? mix(was, now, share) : now;
    return;
  }
  // Second: the three scores below one another, and how often D is right.
  if (PASSINDEX == 1) {
    vec2 at = in_part();
    bool right = at.y >= 60.;
    float k = clamp(floor(at.y / 20.), 0., 2.);
    float score = right ? value(S_accuracy) : texelFetch(field, ivec2(field_points[int(k)] * 32.), 0).r;
    float ink = figure(score, 1, 2, 0, at - (right ? vec2(2., 48.) : vec2(2., k * 20. - 4.)), right ? 54. : 28.);
    gl_FragColor = vec4(vec3(ink), 1.);
    return;
  }
  vec2 here = (vec2(pixel()) + .5) / RENDERSIZE, at = sheet();
  float belief = smooth_belief(here), slope = length(vec2(dFdx(belief), dFdy(belief)));
  // A hair-line wherever a step is passed, every fifth of them bright; where the field is flat there is none.
  float steps = belief * density, nearest = floor(steps + .5), per_pixel = slope * density;
  bool line = slope > 4e-4 && abs(steps - nearest) < max(.5, .2 * unit()) * per_pixel;
  bool fifth = abs(nearest - 5. * floor(nearest / 5. + .5)) < .5;
  bool edge = slope > 4e-4 && abs(belief) < slope * max(1., unit() * .75);
  // Dots as large as the belief, four units apart.
  float room = 4. * unit();
  vec2 lattice = abs(fract(at / 4.) - .5) * room;
  bool dotted = max(lattice.x, lattice.y) < floor(room * .5 / (1. + exp(-belief)) + .3) * .5;
  vec3 color = vec3(dotted ? dots : 0.);
  // The axes of the plane through the three, with a mark for each place at which D was asked.
  vec2 off = abs(here - field_points[0]) * RENDERSIZE;
  vec2 grid = fract(here * 32.) * RENDERSIZE / 32.;
  bool mark = (off.x < 1.5 * unit() && grid.y < 1.) || (off.y < 1.5 * unit() && grid.x < 1.);
  bool axis = min(off.x, off.y) < .5 || mark;
  color = axis ? vec3(.4) : color;
  color = line ? vec3(fifth ? 1. : .6) : color;
  color = edge ? accent : color;
  // The three themselves, with what D says of them.
  int k = 0;
  vec2 q = vec2(1e4);
  for (int j = 0; j < 3; ++j) {
    vec2 from = (vec2(pixel() - ivec2(field_points[j] * RENDERSIZE)) + .5) / unit() + 21.;
    bool own = within(from + 2., vec2(100., 46.));
    k = own ? j : k;
    q = own ? from : q;
  }
  vec3 image = field_image(k, clamp(ivec2(q / 42. * vec2(tile_size)), ivec2(0), tile_size - 1));
  image = within(q, vec2(42.)) ? image : within(q + 1., vec2(44.)) ? vec3(k == 2 ? 1. : .4) : vec3(0.);
  vec2 large = at - vec2(216., 129.);
  bool plate = within(q - vec2(43., 11.), vec2(54., 19.)), figures = within(large, vec2(100., 34.));
  vec2 letters = figures ? large + vec2(0., 60.) : vec2(q.x - 43., q.y - 11. + float(k) * 20.);
  vec3 ink = of_part(text, ivec2(floor(letters * unit())));
  image = plate ? ink : image;
  color = images && (plate || within(q + 2., vec2(46.))) ? image : color;
  color = figures ? ink : color;
  // At the foot how often it was right, the present on the right, six steps from bar to bar.
  vec2 foot = (RENDERSIZE - vec2(pixel()) - .5) / unit();
  float right = stream(S_accuracy, min(int(foot.x * .5), 160) * 6 + steps_seen - 6 * over(steps_seen, 6));
  bool risen = fract(foot.x * .5) > .5 && foot.y < 9. * right;
  bool clock = hair(12.5, foot.y) && at.x < min(field_age, 20.) * 16.;
  color = foot.y < 13. ? vec3(clock ? 1. : float(risen) * .8) : color;
  gl_FragColor = vec4(color, 1.);
}
