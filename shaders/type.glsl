// A small picture of the type alone, painted by a pass of its own, spares the large one the letters.
float whole_unit() {
  float room = min(picture_size.x / 320., picture_size.y / 180.);
  return room >= 1. ? floor(room) : room;
}
// Where this pixel of such a pass is, if its top left is at `from` on the sheet.
vec2 type_sheet(vec2 from) { return from + (vec2(pixel()) + .5) / whole_unit(); }
// Where the place of the sheet is in what that pass has painted, from the bottom left.
ivec2 type_texel(vec2 at, vec2 from, sampler2D painted) {
  vec2 texel = floor((at - from) * whole_unit() + .01);
  return ivec2(texel.x, float(textureSize(painted, 0).y) - 1. - texel.y);
}
// Type at the cost of one letter: each pixel is told what may stand here, and the last that is no blank is set.
int type_code = 32, type_face = 0;
vec2 type_at = vec2(-1.);
float type_height = 1.;
const float TENS[10] = float[10](1., 10., 100., 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9);

// Which of `count` letters from p on is here; -1 none.
int letter_here(int count, vec2 p, float height) {
  int k = int(floor(p.x / advance(height)));
  return k < 0 || k >= count || p.y < 0. || p.y >= height ? -1 : k;
}
void type(int k, int code, int face, vec2 p, float height) {
  if (k >= 0 && code > 32) {
    type_code = code;
    type_face = face;
    type_at = vec2(p.x - float(k) * advance(height), p.y);
    type_height = height;
  }
}
void type_letter(int code, int face, vec2 p, float height) {
  type(letter_here(1, p, height), code, face, p, height);
}
void type_figure(float n, int whole, int decimals, int face, vec2 p, float height) {
  int dot_at = decimals > 0 ? whole : 99;
  int k = letter_here(whole + (decimals > 0 ? decimals + 1 : 0), p, height);
  float scaled = floor(abs(n) * TENS[decimals] + .5);
  int power = k < dot_at ? whole - 1 - k : whole - k;
  float unit = TENS[clamp(power + decimals, 0, 9)], shifted = floor(scaled / unit + .0001);
  int figure = int(shifted - 10. * floor(shifted * .1 + .00001));
  bool blank = power > 0 && scaled < unit - .5;
  bool sign_here = n < 0. && blank && (power == 1 || scaled >= unit * .1 - .5);
  type(k, k == dot_at ? 46 : sign_here ? 45 : blank ? 32 : 48 + figure, face, p, height);
}
void type_label(int row, int face, vec2 p, float height) {
  int k = letter_here(row < 0 ? 0 : 23, p, height);
  type(k, int(texelFetch(names, ivec2(clamp(k, 0, 22), max(row, 0)), 0).r), face, p, height);
}
void type_said(int line, int face, vec2 p, float height) {
  int k = letter_here(line < 0 || line > 7 ? 0 : 64, p, height);
  type(k, int(texelFetch(notice, ivec2(clamp(k, 0, 63), clamp(line, 0, 7)), 0).r), face, p, height);
}
// A word of sixteen letters at the most, four to a number, the first in the highest byte.
void type_word(uvec4 letters, int face, vec2 p, float height) {
  int k = letter_here(16, p, height), of = clamp(k, 0, 15);
  type(k, int((letters[of >> 2] >> uint(24 - 8 * (of & 3))) & 255u), face, p, height);
}
float typed() { return letter(type_code, type_face, type_at, type_height); }
