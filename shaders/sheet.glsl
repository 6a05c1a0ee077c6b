// A sheet of 320 x 180 units lies in the middle of the picture; a unit is a whole number of hard pixels.
float unit() {
  float room = min(picture_size.x / 320., picture_size.y / 180.);
  return room >= 1. ? floor(room) : room;
}
// The pixel of the sheet that is painted, from its top left.
ivec2 sheet_pixel() { return pixel() - ((ivec2(RENDERSIZE) - ivec2(vec2(320., 180.) * unit())) >> 1); }
// The same in units.
vec2 sheet() { return (vec2(sheet_pixel()) + .5) / unit(); }
// A pass may paint a part of the sheet into a target of its own: its pixels are those of the sheet, from
// the part's top left. A target with the part's share of $WIDTH and $HEIGHT is large enough.
vec2 in_part() { return (vec2(pixel()) + .5) / unit(); }
vec3 of_part(sampler2D target, ivec2 p) {
  ivec2 size = textureSize(target, 0);
  bool off = p.x < 0 || p.y < 0 || p.x >= size.x || p.y >= size.y;
  return off ? vec3(0.) : texelFetch(target, ivec2(p.x, size.y - 1 - p.y), 0).rgb;
}
// Whether a place is on a hair-line: half a unit, at the least a hard pixel.
bool hair(float at, float line) {
  float past = at * unit() - floor(line * unit() + .01);
  return past >= 0. && past < max(1., floor(unit() * .5));
}
bool within(vec2 at, vec2 size) { return at.x >= 0. && at.y >= 0. && at.x < size.x && at.y < size.y; }
