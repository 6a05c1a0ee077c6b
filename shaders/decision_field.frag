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
  "PASSES": [{"TARGET": "eased", "PERSISTENT": true, "FLOAT": true, "WIDTH": "32", "HEIGHT": "32"}, {"TARGET": "text", "WIDTH": "$WIDTH * 54 / 320", "HEIGHT": "$HEIGHT * 60 / 180"}, {}],
  "STREAMS": [],
  "LEGEND": {
    "contour lines, dots, and the coloured line where it is undecided": "D on a plane",
    "images": "two samples, and a real digit below",
    "figures beside them": "what D says of each",
    "line at the foot": "seconds since the three were chosen"
  }
}*/
#include "sheet.glsl"

const vec2 TEXT = vec2(54., 60.);

// A cubic B-spline through four linear fetches (Sigg and Hadwiger, GPU Gems 2, chapter 20).
float smooth_belief(vec2 at) {
  vec2 c = at * 32. - .5, f = fract(c), g = 1. - f, base = c - f;
  vec2 w0 = g * g * g / 6., w1 = 2. / 3. - .5 * f * f * (2. - f);
  vec2 w3 = f * f * f / 6., w2 = 1. - w0 - w1 - w3;
  vec2 s0 = w0 + w1, s1 = w2 + w3;
  vec2 p0 = (base - .5 + w1 / s0) / 32., p1 = (base + 1.5 + w3 / s1) / 32.;
  return s0.y * (s0.x * texture(eased, p0).r + s1.x * texture(eased, vec2(p1.x, p0.y)).r)
       + s1.y * (s0.x * texture(eased, vec2(p0.x, p1.y)).r + s1.x * texture(eased, p1).r);
}

void main() {
  // First pass: belief as log-odds. It follows what D says; when other points are chosen it jumps.
  if (PASSINDEX == 0) {
    ivec2 p = ivec2(gl_FragCoord.xy);
    float was = texelFetch(eased, p, 0).r, score = clamp(texelFetch(field, p, 0).r, 1e-5, 1. - 1e-5);
    float now = log(score / (1. - score)), share = field_age < .1 ? 1. : 1. - exp(-TIMEDELTA / max(inertia, .001));
    was = was >= -20. && was <= 20. ? was : now;
    gl_FragColor = vec4(mix(was, now, share));
    return;
  }
  // Second: the three scores below one another.
  if (PASSINDEX == 1) {
    vec2 at = in_part(TEXT);
    float k = clamp(floor(at.y / 20.), 0., 2.);
    float score = texelFetch(field, ivec2(field_points[int(k)] * 32.), 0).r;
    gl_FragColor = vec4(vec3(figure(score, 1, 2, 0, at - vec2(2., k * 20. - 4.), 28.)), 1.);
    return;
  }
  vec2 here = (vec2(pixel()) + .5) / RENDERSIZE, at = sheet();
  float belief = smooth_belief(here), slope = length(vec2(dFdx(belief), dFdy(belief)));
  // A hair-line wherever a step is passed, every fifth of them bright; where the field is flat there is none.
  float steps = belief * density, nearest = floor(steps + .5), per_pixel = slope * density;
  bool line = slope > 4e-4 && abs(steps - nearest) < .5 * per_pixel;
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
  bool axis = min(off.x, off.y) < .5 || (off.x < 1.5 * unit() && grid.y < 1.) || (off.y < 1.5 * unit() && grid.x < 1.);
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
  ivec2 letters = ivec2(floor(vec2(q.x - 43., q.y - 11. + float(k) * 20.) * unit()));
  bool plate = within(q - vec2(43., 11.), vec2(54., 19.));
  image = plate ? of_part(text, letters) : image;
  color = images && (plate || within(q + 2., vec2(46.))) ? image : color;
  bool clock = hair(at.y, 173.) && at.x > 6. && at.x < 6. + min(field_age, 20.) * 15.4;
  color = abs(at.y - 173.) < 1.5 && at.x < 316. && at.x > 4. ? vec3(float(clock)) : color;
  gl_FragColor = vec4(color, 1.);
}
