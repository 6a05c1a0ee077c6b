/*{
  "DESCRIPTION": "real weights as their 32 bits: sign and exponent stand like a barcode, the mantissa snows",
  "CREDIT": "twos and sevens",
  "ISFVSN": "2",
  "CATEGORIES": ["data"],
  "INPUTS": [
    {"NAME": "pages", "TYPE": "long", "LABEL": "how many pages of weights stand side by side",
     "DEFAULT": 2, "MIN": 1, "MAX": 5},
    {"NAME": "rest", "TYPE": "float", "LABEL": "how bright a bit is that does not change",
     "DEFAULT": 0.22, "MIN": 0, "MAX": 1},
    {"NAME": "light", "TYPE": "float", "LABEL": "how much the gradient lights a row",
     "DEFAULT": 1, "MIN": 0, "MAX": 2},
    {"NAME": "read", "TYPE": "float", "LABEL": "how many rows per step the reading goes on",
     "DEFAULT": 0.05, "MIN": 0, "MAX": 1}
  ],
  "STREAMS": ["update_g", "update_d", "similarity_centred", "flatness"]
}*/

void main() {
  ivec2 p = pixel();
  int width = int(RENDERSIZE.x), height = int(RENDERSIZE.y);
  int page_width = width / pages;
  int bit_width = max(1, page_width / 32);
  int page = min(p.x / page_width, pages - 1);
  int x = p.x - page * page_width - (page_width - bit_width * 32) / 2;
  int place = x >= 0 ? x / bit_width : -1;
  if (place < 0 || place > 31 || weight_count == 0) { gl_FragColor = vec4(0., 0., 0., 1.); return; }
  // Generator from the left, discriminator on the right: each page begins its part of the weights.
  int row = p.y + int(float(step_count) * read);
  int share = max(1, weight_count / pages);
  int i = page * share + row % share;
  uint word = weight_bits(i), changed = word ^ weight_bits_before(i);
  int bit = 31 - place;
  float set = float((word >> uint(bit)) & 1u), moved = float((changed >> uint(bit)) & 1u);
  int layer = segment_of(i);
  float push = log2(1. + abs(gradient(i)) / max(gradient_rms[layer], 1e-12)) * light;
  float fresh = 1. - smoothstep(.15, .9, weight_age);
  float glow = clamp(rest + fresh * (moved * (.3 + .3 * push) + .12 * push), 0., 1.);
  vec3 color = vec3(set * glow);
  // Where an exponent breaks, the one colour.
  if (bit >= 23 && moved > 0. && fresh > 0.) color = accent * max(set, .55) * fresh;
  // Hairlines between sign, exponent and mantissa; one at each layer's first weight.
  int column = x - place * bit_width;
  bool border = (place == 1 || place == 9) && column == 0;
  if (border) color = vec3(.5);
  for (int k = 0; k < segment_count; ++k) if (segments[k] == i) color = accent * .9;
  gl_FragColor = vec4(color, 1.);
}
