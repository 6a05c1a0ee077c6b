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
    {"NAME": "push", "TYPE": "float", "LABEL": "how far strong gradients push what is held, in blocks per second",
     "DEFAULT": 1, "MIN": 0, "MAX": 8},
    {"NAME": "heal", "TYPE": "float", "LABEL": "share of the held blocks that come back with each new set of weights",
     "DEFAULT": 0.08, "MIN": 0.01, "MAX": 1},
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
  // The last bits of weights are as good as dice, thrown anew whenever they learn.
  uint thrown = weight_bits(i) ^ (weight_bits(i + 1) << 9);
  float dice = (float(thrown & 1023u) + .5) / 1024., second = (float((thrown >> 10) & 1023u) + .5) / 1024.;
  float kept = max(hold, depth * min(1., collapse() * 1.05));
  // A gradient stronger than its layer's mean pushes its block straight, by quarters of a block.
  vec4 one = weight(i), other = weight(i + 1);
  float way = push * 4. * (one.b > 1. ? sign(one.g) * min(one.b, 3.) : 0.);
  int moved = (int(floor(way * TIME)) - int(floor(way * (TIME - TIMEDELTA)))) * max(1, side >> 2);
  ivec2 from = clamp(here - (other.g > 0. ? ivec2(moved, 0) : ivec2(0, moved)), ivec2(0), canvas - 1);
  vec4 old = texelFetch(held, from, 0), new = texelFetch(inputImage, here, 0);
  float was = texelFetch(held, here, 0).a;
  bool holds = was > .3 && (dice < kept || (was < .8 && second > heal));
  gl_FragColor = holds ? vec4(old.rgb, .5) : vec4(new.rgb, 1.);
}
