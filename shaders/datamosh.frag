/*{
  "DESCRIPTION": "what lies below, in blocks that come anew ever more rarely as the samples grow alike, and drift where gradients push them; it heals block by block",
  "CREDIT": "twos and sevens",
  "ISFVSN": "2",
  "CATEGORIES": ["data"],
  "UNDER": "tile_wall",
  "INPUTS": [
    {"NAME": "inputImage", "TYPE": "image"},
    {"NAME": "depth", "TYPE": "float", "LABEL": "how many blocks a whole collapse holds back",
     "DEFAULT": 1, "MIN": 0, "MAX": 1},
    {"NAME": "hold", "TYPE": "float", "LABEL": "how many blocks are held back by hand",
     "DEFAULT": 0, "MIN": 0, "MAX": 1},
    {"NAME": "push", "TYPE": "float", "LABEL": "how far gradients push what is held, in blocks per second",
     "DEFAULT": 1, "MIN": 0, "MAX": 8},
    {"NAME": "size", "TYPE": "long", "LABEL": "pixels of a block, at 360 lines",
     "DEFAULT": 16, "MIN": 4, "MAX": 64}
  ],
  "PASSES": [{"TARGET": "held", "PERSISTENT": true}, {}],
  "STREAMS": ["similarity_centred", "reject"],
  "LEGEND": {"blocks that are held": "similarity_centred", "whether it is let go": "reject",
             "way of a block": "gradients", "which block comes anew": "weights"}
}*/

void main() {
  ivec2 canvas = ivec2(RENDERSIZE), p = pixel(), here = ivec2(gl_FragCoord.xy);
  if (PASSINDEX == 1) {
    gl_FragColor = vec4(texelFetch(held, here, 0).rgb, 1.);
    return;
  }
  int side = max(2, over(size * canvas.y, 360)), across = over(canvas.x, side) + 1;
  ivec2 block = ivec2(over(p.x, side), over(p.y, side));
  int count = max(1, weight_count >> 1), number = (block.y * across + block.x) * 37;
  int i = (number - count * over(number, count)) * 2;
  // The last bits of a weight are as good as dice, and thrown anew whenever it learns.
  float dice = (float((weight_bits(i) ^ (weight_bits(i + 1) >> 4)) & 1023u) + .5) / 1024.;
  float kept = max(hold, depth * min(1., collapse() * 1.05));
  vec4 first = weight(i), second = weight(i + 1);
  vec2 way = vec2(sign(first.g) * min(first.b, 2.), sign(second.g) * min(second.b, 2.)) * push * float(side);
  // Whole pixels, as many as the time since the last picture says.
  ivec2 moved = ivec2(floor(way * TIME)) - ivec2(floor(way * (TIME - TIMEDELTA)));
  ivec2 from = clamp(here - moved, ivec2(0), canvas - 1);
  vec4 old = texelFetch(held, from, 0), new = texelFetch(inputImage, here, 0);
  bool holds = dice < kept && old.a > .5;
  gl_FragColor = vec4(holds ? old.rgb : new.rgb, 1.);
}
