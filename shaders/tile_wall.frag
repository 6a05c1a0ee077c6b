/*{
  "DESCRIPTION": "64 samples sorting themselves by the discriminator's belief; in collapse one glyph remains",
  "CREDIT": "twos and sevens",
  "ISFVSN": "2",
  "CATEGORIES": ["data"],
  "INPUTS": [
    {"NAME": "levels", "TYPE": "float", "LABEL": "how many steps of grey, or of each colour", "DEFAULT": 6, "MIN": 2, "MAX": 16},
    {"NAME": "belief", "TYPE": "float", "LABEL": "how far the discriminator's score dims a sample",
     "DEFAULT": 0.75, "MIN": 0, "MAX": 1},
    {"NAME": "numbers", "TYPE": "bool", "LABEL": "scores below the samples, step and mean score in the last places",
     "DEFAULT": true}
  ],
  "PASSES": [{"TARGET": "words", "WIDTH": "$WIDTH / 4 + 1", "HEIGHT": "$HEIGHT / 4 + 1"}, {}],
  "STREAMS": ["similarity_centred", "reject", "score_fake"],
  "LEGEND": {"samples": "samples", "their order, light and hair-lines": "D's score of each",
             "black and white": "similarity_centred", "greys kept": "reject", "small figure": "score_fake"}
}*/
#include "type.glsl"

ivec2 place(int slot, int columns) {
  int row = over(slot, columns), column = slot - row * columns;
  return ivec2((row & 1) == 1 ? columns - 1 - column : column, row);
}

vec3 stepped(vec3 light, ivec2 p) {
  float dither = float(((p.x ^ p.y) & 1) * 2 + (p.y & 1)) * .25 + .125;
  return floor(light * (levels - 1.) + dither) / (levels - 1.);
}

// In the places left over: the step, and how far the discriminator believes the samples.
float words_at(vec2 at) {
  float high = min(float(tile_pitch.y) * .62, float(tile_pitch.x) * .7), small = high * .5;
  float digits = floor(log2(float(max(1, step_count))) * .30103 + 1.0001);
  type_figure(float(step_count), int(digits), 0, 0, at + vec2(0., .2 * high), high);
  type_figure(value(S_score_fake), 1, 2, 0, at - vec2(0., .62 * high), small);
  type_label(S_score_fake, 0, at - vec2(4.4 * advance(small), .695 * high), small * .8);
  return typed();
}

void main() {
  if (PASSINDEX == 0) {
    gl_FragColor = vec4(words_at(vec2(pixel())));
    return;
  }
  ivec2 size = ivec2(RENDERSIZE);
  ivec3 n = tile_plan;
  // Samples too large for their places are shown smaller, whole.
  vec2 room = vec2(tile_pitch - 1) / vec2(tile_size);
  float scale = min(float(n.z), min(room.x, room.y));
  ivec2 pitch = tile_pitch, frame = max(ivec2(vec2(tile_size) * scale + .01), ivec2(1));
  vec2 finer = vec2(tile_size) / vec2(frame);
  ivec2 p = pixel() - ((size - n.xy * pitch + pitch - frame) >> 1);
  ivec2 cell = ivec2(floor((vec2(p) + .5) / vec2(pitch)));
  vec3 color = vec3(0.);
  float alike = collapse();
  if (all(greaterThanEqual(p, ivec2(0))) && all(lessThan(cell, n.xy))) {
    int slot = cell.y * n.x + ((cell.y & 1) == 1 ? n.x - 1 - cell.x : cell.x);
    if (slot < 64) {
      vec4 own = texelFetch(tile_slots, ivec2(slot, 0), 0);
      int other = int(own.g);
      // Two samples change places by sliding past each other; the one that comes home is on top.
      vec2 way = vec2((place(other, n.x) - cell) * pitch);
      ivec2 q = p - cell * pitch - ivec2(way * (1. - tile_slide));
      if (q.x < 0 || q.y < 0 || q.x >= frame.x || q.y >= frame.y) {
        own = texelFetch(tile_slots, ivec2(other, 0), 0);
        q = p - cell * pitch - ivec2(way * tile_slide);
      }
      if (own.a > 0. && q.x >= 0 && q.y >= 0 && q.x < frame.x && q.y < frame.y) {
        vec3 light = tile(int(own.r), ivec2((vec2(q) + .5) * finer));
        float held = mix(1. - belief, 1., smoothstep(0., .45, own.b));
        vec3 shown = stepped(light * mix(held, 1., alike), p);
        color = mix(shown, step(vec3(.5), light), smoothstep(.35, .8, alike));
        // A hairline as long as the discriminator's belief.
        if (numbers && q.y == frame.y - 1)
          color = float(q.x) < own.b * float(frame.x) ? mix(vec3(1.), accent, .85) : vec3(.16);
      }
    } else if (numbers && tile_pitch.x >= 52 && tile_pitch.y >= 40 && n.x * n.y > 65) {
      bool at_left = (n.y & 1) == 0;
      ivec2 q = p - ivec2(at_left ? 0 : 64 - (n.y - 1) * n.x, n.y - 1) * pitch - ivec2(4, 4);
      float set = texelFetch(words, ivec2(q.x, textureSize(words, 0).y - 1 - q.y), 0).r;
      color = set * (q.y * 100 >= pitch.y * 38 && q.x < 3 * pitch.x / 5 ? accent : vec3(1.));
    }
  }
  gl_FragColor = vec4(color, 1.);
}
