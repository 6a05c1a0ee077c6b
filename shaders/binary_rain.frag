/*{
  "DESCRIPTION": "rain of real bits: each column is a weight, each row a moment, each drop a bit that flipped; no learning, no rain",
  "CREDIT": "twos and sevens",
  "ISFVSN": "2",
  "CATEGORIES": ["data"],
  "INPUTS": [
    {"NAME": "columns", "TYPE": "long", "LABEL": "how many weights rain side by side", "DEFAULT": 9, "MIN": 3, "MAX": 20},
    {"NAME": "fall", "TYPE": "float", "LABEL": "how far a weight falls for the size of its change", "DEFAULT": 0.6, "MIN": 0, "MAX": 1},
    {"NAME": "memory", "TYPE": "float", "LABEL": "how far down the rain is still bright", "DEFAULT": 0.75, "MIN": 0.05, "MAX": 1},
    {"NAME": "place", "TYPE": "float", "LABEL": "which weights of their layers are read", "DEFAULT": 0.4, "MIN": 0, "MAX": 1},
    {"NAME": "word", "TYPE": "float", "LABEL": "how bright the bits are that stand still", "DEFAULT": 0.2, "MIN": 0, "MAX": 0.5}
  ],
  "PASSES": [
    {"TARGET": "rain", "PERSISTENT": true, "WIDTH": "32", "HEIGHT": "512"},
    {"TARGET": "words", "PERSISTENT": true, "WIDTH": "32", "HEIGHT": "512"},
    {}
  ],
  "STREAMS": ["similarity_centred", "reject", "update_g", "update_d"],
  "LEGEND": {
    "drops": "weights: bits that flipped",
    "speed of a column": "weights: how much of itself each moved",
    "figures over a column": "weights: the word as it stands",
    "the one colour": "weights: exponents that flipped",
    "rule under the figures": "update_g, update_d",
    "columns that fall alike": "similarity_centred, reject"
  }
}*/

// Which weight a column reads: all layers from left to right; as the samples grow alike, ever fewer of them.
int weight_of(int column) {
  float alike = floor(collapse() * 8. + .5) / 8.;
  float at = (float(column) + place) / float(columns);
  return int(mix(at, place, alike) * float(max(0, weight_count - 1)) + .5);
}

// Rows a column falls for its last change, by how much of itself the weight moved; unchanged, it stands.
int rows_fallen(uint now, uint before) {
  float a = uintBitsToFloat(now), b = uintBitsToFloat(before);
  float moved = abs(a - b) / max(max(abs(a), abs(b)), 1e-30);
  moved = moved >= 0. && moved < 2. ? moved : 2.;
  return now == before ? 0 : 2 + int(min(10., moved * 256. * fall * fall));
}

uint unpacked(vec4 bytes) {
  uvec4 b = uvec4(bytes * 255. + .5);
  return (b.r << 24u) | (b.g << 16u) | (b.b << 8u) | b.a;
}

vec4 bytes_of(uint u) {
  return vec4(float(u >> 24u), float((u >> 16u) & 255u), float((u >> 8u) & 255u), float(u & 255u)) / 255.;
}

void main() {
  if (PASSINDEX < 2) {
    // One texel is one word of 32 bits. A new row comes in from above with every new frame of weights.
    ivec2 cell = ivec2(gl_FragCoord.xy);
    int i = weight_of(cell.x);
    uint now = weight_bits(i), before = weight_bits_before(i);
    int rows = weight_age < .001 && TIMEDELTA > 0. ? rows_fallen(now, before) : 0;
    ivec2 above = ivec2(cell.x, max(0, cell.y - rows));
    vec4 old = PASSINDEX == 0 ? texelFetch(rain, above, 0) : texelFetch(words, above, 0);
    // A fast drop is long; behind it stays as much dark.
    uint fresh = PASSINDEX == 0 ? (cell.y * 2 >= rows ? now ^ before : 0u) : now;
    gl_FragColor = cell.y < rows ? bytes_of(fresh) : old;
    return;
  }
  ivec2 p = pixel();
  int width = int(RENDERSIZE.x), height = int(RENDERSIZE.y);
  int pitch = over(width, columns);
  int bit_width = max(1, over(pitch, 34)), strip = bit_width * 32;
  int column = min(over(p.x, pitch), columns - 1);
  int x = p.x - column * pitch - ((pitch - strip) >> 1);
  int place_of_bit = x >= 0 ? over(x, bit_width) : 99;
  bool inside = place_of_bit < 32 && weight_count > 0;
  uint bit = uint(31 - place_of_bit) & 31u;
  int unit = max(1, over(height, 180));
  int head = max(13 * unit, 9 * bit_width + 4 * unit);
  int i = weight_of(column);
  uint now = weight_bits(i);
  // The weight in sixteens: a figure stands over the four bits it means.
  int nibble = place_of_bit >> 2;
  ivec2 q = ivec2(over(x - nibble * 4 * bit_width, bit_width), over(p.y - (head - 8 * bit_width), bit_width));
  int figure_here = int((now >> uint(28 - 4 * nibble)) & 15u);
  float ink = p.y >= head - 8 * bit_width ? digit(figure_here, q) : 0.;
  // What the columns on its side of the field read while the samples differ.
  bool generator = (float(column) + place) * float(weight_count) < float(segments[generator_segments] * columns);
  float moved = clamp(calm(generator ? S_update_g : S_update_d) * .5, .02, 1.);
  float rule = p.y >= head - unit && p.y < head ? (float(x) < moved * float(strip) ? 1. : .2) : 0.;
  // The rain.
  int late = int(float(rows_fallen(now, weight_bits_before(i)) * bit_width) * exp2(-60. * weight_age));
  int row = over(p.y - head - unit + late, bit_width);
  vec4 drops = texelFetch(rain, ivec2(column, clamp(row, 0, 511)), 0);
  vec4 stood = texelFetch(words, ivec2(column, clamp(row, 0, 511)), 0);
  float drop = float((unpacked(drops) >> bit) & 1u);
  // Where nothing has fallen yet the word stands as it is.
  uint there = unpacked(stood);
  float set = float(((there == 0u ? now : there) >> bit) & 1u);
  float depth = float(p.y - head) / float(max(1, height - head));
  float light = exp2(-depth * depth / (memory * memory));
  vec3 color = vec3(max(drop * light, set * word * light));
  color = drop > 0. && bit >= 23u ? accent * max(light, .4) : color;
  color = p.y < head ? vec3(max(ink * .85, rule)) : p.y < head + unit ? vec3(0.) : color;
  gl_FragColor = vec4(inside ? color : vec3(0.), 1.);
}
