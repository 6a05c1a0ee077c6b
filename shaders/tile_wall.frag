/*{
  "DESCRIPTION": "64 samples sorting themselves by the discriminator's belief; in collapse one glyph remains",
  "CREDIT": "twos and sevens",
  "ISFVSN": "2",
  "CATEGORIES": ["data"],
  "INPUTS": [
    {"NAME": "levels", "TYPE": "float", "LABEL": "how many steps of grey", "DEFAULT": 6, "MIN": 2, "MAX": 16},
    {"NAME": "belief", "TYPE": "float", "LABEL": "how far the discriminator's score dims a sample",
     "DEFAULT": 0.8, "MIN": 0, "MAX": 1},
    {"NAME": "numbers", "TYPE": "bool", "LABEL": "scores below the samples, step and losses in the last places",
     "DEFAULT": true}
  ],
  "STREAMS": ["similarity_centred", "flatness", "loss_g", "loss_d", "score_fake", "ink", "accuracy"]
}*/

// The largest whole enlargement at which 64 samples find a place.
ivec3 plan(ivec2 size) {
  for (int s = 12; s > 1; --s) {
    ivec2 pitch = tile_size * s + 2;
    ivec2 n = size / pitch;
    if (n.x * n.y >= 64) return ivec3(n, s);
  }
  ivec2 n = max(size / (tile_size + 1), ivec2(1));
  return ivec3(n, 1);
}

ivec2 place(int slot, int columns) {
  int row = slot / columns, column = slot - row * columns;
  return ivec2((row & 1) == 1 ? columns - 1 - column : column, row);
}

float grey(float light, ivec2 p) {
  float dither = float(((p.x ^ p.y) & 1) * 2 + (p.y & 1)) * .25 + .125;
  return floor(light * (levels - 1.) + dither) / (levels - 1.);
}

void main() {
  ivec2 size = ivec2(RENDERSIZE);
  ivec3 n = plan(size);
  int gutter = n.z > 1 ? 2 : 1;
  ivec2 pitch = tile_size * n.z + gutter;
  ivec2 origin = (size - n.xy * pitch + gutter) / 2;
  ivec2 p = pixel() - origin;
  ivec2 cell = ivec2(floor(vec2(p) / vec2(pitch)));
  vec3 color = vec3(0.);
  float alike = collapse();
  if (all(greaterThanEqual(p, ivec2(0))) && all(lessThan(cell, n.xy))) {
    int slot = cell.y * n.x + ((cell.y & 1) == 1 ? n.x - 1 - cell.x : cell.x);
    ivec2 inside = p - cell * pitch;
    if (slot < 64 && slot < tile_count) {
      vec4 own = texelFetch(tile_slots, ivec2(slot, 0), 0);
      // Two samples change places by sliding past each other; the one that came is on top.
      for (int k = 0; k < 2; ++k) {
        int other = int(own.g);
        if (k == 1 && other == slot) break;
        vec4 hung = k == 0 ? own : texelFetch(tile_slots, ivec2(other, 0), 0);
        ivec2 home = place(k == 0 ? slot : other, n.x), from = place(k == 0 ? other : slot, n.x);
        ivec2 offset = ivec2(vec2((from - home) * pitch) * (1. - tile_slide));
        ivec2 q = p - home * pitch - offset;
        if (q.x < 0 || q.y < 0 || q.x >= tile_size.x * n.z || q.y >= tile_size.y * n.z) continue;
        vec3 t = tile(int(hung.r), q / n.z);
        float light = dot(t, vec3(1. / 3.));
        float glyph = step(.5, light);
        float held = mix(1. - belief, 1., smoothstep(0., .6, hung.b));
        color = vec3(mix(grey(light * mix(held, 1., alike), p), glyph, smoothstep(.35, .8, alike)));
        // A hairline as long as the discriminator's belief.
        if (numbers && q.y == tile_size.y * n.z - 1)
          color = float(q.x) < hung.b * float(tile_size.x * n.z) ? mix(vec3(1.), accent, .85) : vec3(.16);
        break;
      }
    } else if (numbers && slot >= 64 && n.z > 1) {
      ivec2 q = inside - ivec2(4, tile_size.y * n.z / 2 - 12);
      float set = slot == 64 ? decimal(step_count, 6, q / 2)
                : slot == 65 ? decimal(int(clamp(value(S_score_fake), 0., 1.) * 999. + .5), 3, q / 2) : 0.;
      float set2 = slot == 64 ? decimal(int(clamp(value(S_loss_g), 0., 99.) * 1000.), 6, (q - ivec2(0, 14)) / 2)
                 : slot == 65 ? decimal(int(clamp(value(S_similarity_centred), 0., 1.) * 999. + .5), 3, (q - ivec2(0, 14)) / 2) : 0.;
      color = set * vec3(1.) + (q.y >= 14 ? set2 : 0.) * accent;
    }
  }
  gl_FragColor = vec4(color, 1.);
}
