"""The values of every uniform in language.py for one picture. No GL."""

from typing import Any

import numpy as np

from instrument.picture.data import PictureData
from instrument.picture.probes import Probes
from instrument.picture.wall import tile_plan
from instrument.signals.frames import SEGMENT_CAPACITY

MOST = 1 << 30


def uniforms(
    data: PictureData,
    size: tuple[int, int],
    frame: int,
    time_s: float,
    elapsed_s: float,
    now_s: float,
    accent: tuple[float, float, float],
) -> dict[str, Any]:
    """Values by name, arrays as bytes; one clock, told by `now_s`, and `time_s` since the opening."""
    segments = np.zeros(SEGMENT_CAPACITY + 1, np.int32)
    segments[: len(data.segments)] = data.segments
    tile = (data.tiles.shape[2], data.tiles.shape[1])
    plan = tile_plan(size, tile)
    return {
        "TIME": time_s,
        "u_time": time_s,
        "iTime": time_s,
        "TIMEDELTA": elapsed_s,
        "u_delta": elapsed_s,
        "iTimeDelta": elapsed_s,
        "FRAMEINDEX": frame,
        "u_frame": frame,
        "iFrame": frame,
        "RENDERSIZE": size,
        "picture_size": size,
        "u_resolution": size,
        "iResolution": (*size, 1.0),
        "metric_age": min(1e6, now_s - data.metric_s),
        "weight_age": min(1e6, now_s - data.weight_s),
        "steps_seen": min(MOST, data.steps_seen),
        "step_count": min(MOST, data.step),
        "history_head": data.head,
        "stream_values": data.streams.tobytes(),
        "stream_shown": data.shown.tobytes(),
        "stream_calm": data.calm.tobytes(),
        "tile_size": tile,
        "tile_plan": plan[:3],
        "tile_pitch": plan[3:],
        "tile_count": data.tile_count,
        "tile_slide": data.wall.slide,
        "tile_scores": data.scores.tobytes(),
        "tile_ages": data.exposure.ages,
        "tile_head": data.exposure.head,
        **_of_probes(data.probes, now_s),
        "scan_place": data.scan_place(now_s),
        "notice_age": min(1e6, now_s - data.words.said_s),
        "weight_count": data.weight_count,
        "segment_count": len(data.segments) - 1,
        "generator_segments": data.generator_segments,
        "segments": segments.tobytes(),
        "band_end": data.band_end.tobytes(),
        "sound_level": data.sound_level,
        "sound_peak": data.sound_peak,
        "accent": accent,
        "DATE": (2000.0, 1.0, 1.0, time_s),
    }


def _of_probes(probes: Probes, now_s: float) -> dict[str, Any]:
    return {
        "walk_count": probes.walk_count,
        "walk_first": probes.walk_first,
        "walk_around": probes.walk_around,
        "walk_place": probes.walk_place(now_s),
        "walk_moved": probes.walk_moved,
        "walk_distance": probes.walk_distance,
        "walk_scores": probes.walk_scores.tobytes(),
        "field_points": probes.field_points.tobytes(),
        "field_age": probes.field_age(now_s),
        "field_number": probes.field_number,
        "active_layers": probes.layers,
        "active_generator_layers": probes.generator_layers,
        "active_rows": probes.rows,
        "active_begins": probes.begins.tobytes(),
        "active_shown": probes.shown.tobytes(),
        "active_units": probes.units.tobytes(),
        "active_dead": probes.dead.tobytes(),
    }
