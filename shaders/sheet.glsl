// A sheet of 320 x 180 units lies in the middle of the field; a unit is a whole number of hard pixels.
float unit_of(vec2 field_size) {
  float room = min(field_size.x / 320., field_size.y / 180.) + .005;
  return room >= 1. ? floor(room) : room;
}
float unit() { return unit_of(RENDERSIZE); }
// The pixel of the sheet that is painted, from its top left.
ivec2 sheet_pixel() { return pixel() - ((ivec2(RENDERSIZE) - ivec2(vec2(320., 180.) * unit())) >> 1); }
// The same in units.
vec2 sheet() { return (vec2(sheet_pixel()) + .5) / unit(); }
// A pass may paint a part of the sheet, of `part` units, at the top left of a target whose size is declared as
// $WIDTH * part.x / 320 by $HEIGHT * part.y / 180: its pixels are those of the sheet.
vec2 part_size(vec2 part) { return RENDERSIZE * vec2(320., 180.) / part; }
vec2 in_part(vec2 part) { return (vec2(pixel()) + .5) / unit_of(part_size(part)); }
vec3 of_part(sampler2D target, ivec2 p) {
  ivec2 size = textureSize(target, 0);
  bool off = p.x < 0 || p.y < 0 || p.x >= size.x || p.y >= size.y;
  return off ? vec3(0.) : texelFetch(target, ivec2(p.x, size.y - 1 - p.y), 0).rgb;
}
// Whether a place is in the very pixel row (or column) of another: a hair-line.
bool hair(float at, float line) { return floor(at * unit()) == floor(line * unit() + .01); }
bool within(vec2 at, vec2 size) { return at.x >= 0. && at.y >= 0. && at.x < size.x && at.y < size.y; }
