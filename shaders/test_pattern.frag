/*{
  "DESCRIPTION": "real weights as their 32 bits: sign and exponent stand like a barcode, the mantissa snows; in collapse the same few rows repeat",
  "CREDIT": "twos and sevens",
  "ISFVSN": "2",
  "CATEGORIES": ["data"],
  "INPUTS": [
    {"NAME": "pages", "TYPE": "long", "LABEL": "how many pages of weights stand side by side",
     "DEFAULT": 2, "MIN": 1, "MAX": 5},
    {"NAME": "rest", "TYPE": "float", "LABEL": "how bright a bit is that does not change",
     "DEFAULT": 0.45, "MIN": 0, "MAX": 1},
    {"NAME": "light", "TYPE": "float", "LABEL": "how much the gradient lights a row",
     "DEFAULT": 1, "MIN": 0, "MAX": 2},
    {"NAME": "read", "TYPE": "float", "LABEL": "how many rows per step the reading goes on",
     "DEFAULT": 0.05, "MIN": 0, "MAX": 1}
  ],
  "STREAMS": ["similarity_centred", "reject"],
  "LEGEND": {"bits": "weights", "light of a row": "gradients", "colour": "weights",
             "rows that repeat": "similarity_centred", "rows that differ": "reject"}
}*/

void main() {
  ivec2 p = pixel();
  int width = int(RENDERSIZE.x), height = int(RENDERSIZE.y);
  int page_width = over(width, pages);
  // A margin at each side of a page, of half a bit's width at the least.
  int bit_width = max(1, over(page_width - (height >> 5), 32));
  int page = min(over(p.x, page_width), pages - 1);
  int x = p.x - page * page_width - ((page_width - bit_width * 32) >> 1);
  int place = x >= 0 ? over(x, bit_width) : -1;
  // Generator from the left, discriminator on the right: each page begins its part of the weights.
  float share = floor(float(weight_count) / float(pages));
  // As the samples grow alike the pages read the same place, and ever fewer rows before they repeat.
  float alike = floor(collapse() * 8. + .5) / 8.;
  float period = max(24., floor(share * (1. - alike)));
  float row = float(p.y) + floor(mod(float(step_count) * read, max(1., share)));
  int i = int(floor(float(page) * share * (1. - alike)) + row - period * floor((row + .5) / period)) & 4095;
  uint word = weight_bits(i), changed = word ^ weight_bits_before(i);
  vec4 here = weight(i);
  uint bit = uint(31 - place) & 31u;
  float set = float((word >> bit) & 1u), moved = float((changed >> bit) & 1u);
  float push = log2(1. + here.b) * light;
  float fresh = exp(-max(weight_age - .15, 0.) / 1.2);
  float glow = clamp(rest + fresh * (moved * (.3 + .3 * push) + .12 * push), 0., 1.);
  // Where an exponent breaks, the one colour.
  vec3 color = bit >= 23u && moved * fresh > 0. ? accent * max(set, .55) * fresh : vec3(set * glow);
  // Hairlines between sign, exponent and mantissa; one at each layer's first weight.
  if ((place == 1 || place == 9) && x == place * bit_width) color = vec3(.5);
  if (i > 0 && here.a != weight(i - 1).a) color = accent * .9;
  bool inside = place >= 0 && place < 32 && weight_count > 0;
  gl_FragColor = vec4(inside ? color : vec3(0.), 1.);
}
