/*{
  "DESCRIPTION": "the mean of all samples less the mean of all digits: white is ink too much, the colour is ink that is missing; black is success, in collapse one glyph cries",
  "CREDIT": "twos and sevens",
  "ISFVSN": "2",
  "CATEGORIES": ["data"],
  "INPUTS": [
    {"NAME": "strength", "TYPE": "float", "LABEL": "how much a difference is enlarged", "DEFAULT": 5, "MIN": 1, "MAX": 12},
    {"NAME": "spread", "TYPE": "float", "LABEL": "from the difference of the means to that of the deviations",
     "DEFAULT": 0, "MIN": 0, "MAX": 1},
    {"NAME": "ghost", "TYPE": "float", "LABEL": "how much of the mean sample is seen behind", "DEFAULT": 0.2, "MIN": 0, "MAX": 1}
  ],
  "PASSES": [{"TARGET": "sums", "FLOAT": true, "WIDTH": "64", "HEIGHT": "3"}, {"TARGET": "text", "WIDTH": "$WIDTH", "HEIGHT": "$HEIGHT * 28 / 180"}, {}],
  "STREAMS": ["diversity"],
  "LEGEND": {
    "white squares: ink too much; coloured: ink that is missing": "mean of the samples less mean of the digits",
    "bars on the left": "mean of the digits, row by row",
    "bars on the right and below, coloured where they fall short": "mean of the samples, row by row and column by column",
    "thickness of the bars": "deviation among digits, and among samples",
    "figure on the left": "difference over all pixels",
    "figure on the right": "diversity"
  }
}*/
#include "sheet.glsl"
#include "type.glsl"

const uvec4 DIFFERENCE = uvec4(0x64696666u, 0x6572656eu, 0x63650000u, 0u);

void main() {
  // First pass: means and deviations of each column, of each row, and of the whole.
  if (PASSINDEX == 0) {
    ivec2 p = ivec2(gl_FragCoord.xy);
    vec4 sum = vec4(0.);
    bool whole = p.y == 2 && p.x == 0;
    int count = p.y == 0 ? tile_size.y : p.y == 1 ? tile_size.x : whole ? tile_size.x * tile_size.y : 0;
    for (int k = 0; k < count; ++k) {
      int row = over(k, tile_size.x);
      ivec2 at = p.y == 0 ? ivec2(p.x, k) : p.y == 1 ? ivec2(k, p.x) : ivec2(k - row * tile_size.x, row);
      vec4 m = mean_digit(min(at, tile_size - 1));
      sum += whole ? vec4(abs(m.b - m.r), abs(m.a - m.g), 0., 0.) : m;
    }
    sum /= float(max(1, count));
    gl_FragColor = vec4(greaterThanEqual(sum, vec4(0.))) * min(sum, 100.);
    return;
  }
  // Second: the figures below, with their names.
  if (PASSINDEX == 1) {
    vec2 at = in_part(), whole = texelFetch(sums, ivec2(0, 2), 0).rg;
    bool left = at.x < 154.;
    vec2 name = at - vec2(308. - float(label_length(S_diversity)) * advance(10.), -.5);
    type_figure(left ? mix(whole.r, whole.g, spread) : value(S_diversity), 1, 3, 0,
                at - vec2(left ? -1. : 309. - 5. * advance(30.), 4.), 30.);
    if (at.y < 9. && left) type_word(DIFFERENCE, 0, at - vec2(0., -.5), 10.);
    if (at.y < 9. && !left) type_label(S_diversity, 0, name, 10.);
    gl_FragColor = vec4(vec3(typed()), 1.);
    return;
  }
  vec2 at = sheet(), n = vec2(tile_size);
  vec3 color = vec3(0.);
  // The field: 140 units, a square in the middle of each pixel as large as its difference.
  vec2 q = at - vec2(90., 6.), cell = floor(q / 140. * n), inside = fract(q / 140. * n) - .5;
  bool field = within(q, vec2(140.));
  vec4 m = mean_digit(clamp(ivec2(cell), ivec2(0), tile_size - 1));
  float difference = mix(m.b - m.r, m.a - m.g, spread);
  float side = sqrt(1. - exp(-abs(difference) * strength * 1.4));
  float room = 140. / n.y * unit();
  bool set = max(abs(inside.x), abs(inside.y)) * room < min(floor(side * room + .5), room - 1.) * .5;
  float behind = mix(m.b, m.a, spread) * ghost;
  color = field ? (set ? (difference > 0. ? vec3(1.) : accent) : vec3(behind)) : color;
  // Ribs: digits to the left, samples to the right, row by row.
  bool left = at.x < 90.;
  vec4 row = texelFetch(sums, ivec2(clamp(cell.y, 0., n.y - 1.), 1), 0);
  vec2 own = left ? row.rg : row.ba;
  float far = (left ? 86. - at.x : at.x - 234.) / 170.;
  bool thick = abs(inside.y) * room < clamp(own.y * 3.2 * room, 1.2, room - 1.) * .5;
  bool rib = far >= 0. && at.x >= 6. && at.x < 314. && q.y >= 0. && q.y < 140. && thick;
  vec3 light = left ? vec3(.5 * float(far < row.r)) : far < row.b ? vec3(1.) : accent * float(far < row.r);
  color = rib ? light : color;
  // Below: column by column.
  vec4 column = texelFetch(sums, ivec2(clamp(cell.x, 0., n.x - 1.), 0), 0);
  float down = (at.y - 150.) / 60.;
  thick = abs(inside.x) * room < clamp(column.a * 3.2 * room, 1.2, room - 1.) * .5;
  bool foot = down >= 0. && down < .4 && q.x >= 0. && q.x < 140. && thick;
  color = foot ? (down < column.b ? vec3(1.) : accent * float(down < column.r)) : color;
  vec3 ink = of_part(text, sheet_pixel() - ivec2(vec2(6., 147.) * unit()));
  bool lettered = at.y >= 147. && abs(at.x - 160.) > 74.;
  gl_FragColor = vec4(lettered ? ink : color, 1.);
}
