/*{
  "DESCRIPTION": "a film of a walk through latent space, one frame of it enormous; threads lead from where the latents are to how far the pictures move: in collapse z walks on and the picture stands still",
  "CREDIT": "twos and sevens",
  "ISFVSN": "2",
  "CATEGORIES": ["data"],
  "INPUTS": [
    {"NAME": "ghost", "TYPE": "float", "LABEL": "from hard cuts between the frames to one growing out of the other",
     "DEFAULT": 1, "MIN": 0, "MAX": 1},
    {"NAME": "levels", "TYPE": "float", "LABEL": "how many steps of grey", "DEFAULT": 6, "MIN": 2, "MAX": 16},
    {"NAME": "reach", "TYPE": "float", "LABEL": "how far apart frames stand that differ", "DEFAULT": 1, "MIN": 0.2, "MAX": 5},
    {"NAME": "threads", "TYPE": "float", "LABEL": "how bright the threads are", "DEFAULT": 0.6, "MIN": 0, "MAX": 1}
  ],
  "PASSES": [
    {"TARGET": "moves", "FLOAT": true, "WIDTH": "16", "HEIGHT": "1"},
    {"TARGET": "places", "FLOAT": true, "WIDTH": "16", "HEIGHT": "1"},
    {"TARGET": "side", "WIDTH": "$WIDTH * 98 / 320", "HEIGHT": "$HEIGHT * 168 / 180"}, {}
  ],
  "STREAMS": [],
  "LEGEND": {
    "enormous frame, and the film beside it": "samples of the walk through latent space",
    "numbers along the film": "place on the walk",
    "marks along the film": "the score of each frame",
    "film on the right": "the same frames, as far apart as their pictures differ",
    "upper figure": "distance of two neighbours in latent space",
    "lower figure": "difference of their pictures"
  }
}*/
#include "sheet.glsl"

const float PITCH = 32., SIDE = 28., GATE = 84.;

float first() { return walk_offset(0); }
// Where frame k is, from the gate: in latent space, and by how much pictures move.
float place(int k) { return texelFetch(places, ivec2(clamp(k, 0, 15), 0), 0).r; }
float thread(int k, float share) { return mix((first() + float(k)) * PITCH, place(k), share); }
// The last frame that is not beyond a place; threads never cross.
int last_before(float at, float share) {
  int k = 0;
  for (int leap = 8; leap > 0; leap >>= 1)
    k += k + leap < walk_count && thread(k + leap, share) <= at ? leap : 0;
  return k;
}
vec3 stepped(vec3 light) { return floor(light * (levels - 1.) + .5) / (levels - 1.); }
vec3 frame(int k, vec2 at) {
  ivec2 texel = ivec2(at * vec2(tile_size));
  bool off = k < 0 || k >= walk_count || !within(at, vec2(1.));
  return off ? vec3(0.) : walk_tile(k, texel);
}

void main() {
  // First how much each picture differs from the next, every other pixel of every other row.
  if (PASSINDEX == 0) {
    int k = int(gl_FragCoord.x);
    float sum = 0.;
    for (int y = 0; y < tile_size.y; y += 2) for (int x = 0; x < tile_size.x; x += 2)
      sum += abs(walk_tile(min(k + 1, walk_count - 1), ivec2(x, y)).g - walk_tile(k, ivec2(x, y)).g);
    gl_FragColor = vec4(k < walk_count ? 4. * sum / float(tile_size.x * tile_size.y) : 0.);
    return;
  }
  // Then how far each is from the gate.
  if (PASSINDEX == 1) {
    float here = -first(), k = floor(gl_FragCoord.x), sum = 0.;
    for (int j = 0; j < 15; ++j) {
      float share = clamp(here - float(j), 0., 1.), move = texelFetch(moves, ivec2(j, 0), 0).r;
      sum += move * (float(float(j) < k) - share);
    }
    gl_FragColor = vec4(clamp(sum * 1600. * reach, -4000., 4000.));
    return;
  }
  float here = -first();
  // Then numbers, threads and the other film, side by side: 14 units, 51, and 28 after a gap of four.
  if (PASSINDEX == 2) {
    vec2 at = in_part();
    float n = floor((at.y - GATE) / PITCH + here + .5), down = at.y - GATE;
    float across = clamp((at.x - 15.) / 51., 0., 1.);
    int left = last_before(down, across), right = min(left + 1, walk_count - 1);
    // From the places in latent space to those of the pictures, a thread for every quarter of a step.
    float z = (first() + float(left)) * PITCH, x = place(left), gap_x = place(right) - x;
    float from = mix(z, x, across), gap = max(mix(PITCH, gap_x, across), 1e-3);
    float quarter = (down - from) / gap * 4., nearest = clamp(floor(quarter + .5), 0., 4.);
    float slant = x - z + nearest * .25 * (gap_x - PITCH);
    float off = abs(quarter - nearest) * gap * .25 * unit() / max(1., abs(slant) / 51.);
    bool spun = off <= max(.5, .25 * unit()) && at.x >= 15. && at.y >= 22. && at.y < 146.;
    float light = spun ? threads * (nearest == 0. || nearest == 4. ? 1. : .4) : 0.;
    // The same frames as the film, where their pictures put them.
    vec2 beside = vec2((at.x - 70.) / SIDE, (down - x) / SIDE + .5);
    float piled = max(frame(left, beside).g, frame(right, beside - vec2(0., gap_x / SIDE)).g);
    bool numbered = at.x < 14. && n >= 0. && n < float(walk_count) && abs((n - here) * PITCH) < 78.;
    float around = float(max(1, walk_around)), number = float(walk_first) + n;
    number -= around * floor(number / around);
    bool upper = at.y < GATE;
    vec2 p = numbered ? vec2(at.x, down - (n - here) * PITCH + 5.) : at - vec2(15., upper ? -4. : 150.);
    number = numbered ? number : upper ? walk_distance : walk_moved;
    float ink = figure(number, numbered ? 3 : 1, numbered ? 0 : 3, 0, p, numbered ? 10. : 22.);
    light = at.x < 14. ? ink * .7 * float(numbered) : at.x < 66. ? max(light, ink) : piled;
    gl_FragColor = vec4(vec3(light), 1.);
    return;
  }
  vec2 at = sheet() - vec2(6.);
  // The enormous frame: what stands in the gate.
  int k = int(clamp(floor(here), 0., 15.));
  float share = clamp((fract(here) - .5) / max(ghost, .02) + .5, 0., 1.);
  vec2 big = at / 168.;
  vec3 giant = stepped(mix(frame(k, big), frame(min(k + 1, walk_count - 1), big), share));
  // The film: equal steps in latent space, beside it the scores as marks.
  float along = (at.y - GATE) / PITCH + here + .5;
  int n = int(floor(along));
  vec2 q = vec2(at.x - 187., fract(along) * PITCH - 2.);
  vec3 film = frame(n, q / SIDE) * .8;
  bool marked = within(vec2(at.x - 217., q.y), vec2(3.5, SIDE)) && fract(q.y / 3.5) < .6;
  marked = marked && n >= 0 && n < walk_count;
  film = marked ? vec3(1. - q.y / SIDE < walk_scores[clamp(n, 0, 15)] ? 1. : .18) : film;
  ivec2 from = ivec2(vec2(at.x < 187. ? 177. : 216., 6.) * unit());
  vec3 beside = of_part(side, sheet_pixel() - from);
  beside = at.x < 171. || abs(at.x - 204.) < 19. ? vec3(0.) : beside;
  vec3 color = at.x < 168. ? giant : at.x >= 187. && at.x < 223. ? film : beside;
  color = hair(at.y, GATE) && at.x >= 187. && at.x < 308. ? accent : color;
  gl_FragColor = vec4(at.y >= 0. && at.y < 168. ? color : vec3(0.), 1.);
}
