"""`Probes`: what the training shows of its inside, kept as arrays for the textures. No GL; main thread.

Frames that do not fit (a run file may hold anything) are refused and counted; what stood still stands.
"""

import numpy as np

from instrument.signals.bus import Bus
from instrument.signals.due import dated
from instrument.signals.frames import (
    ACTIVATIONS,
    ACTIVE_LAYERS,
    ACTIVE_UNITS,
    FIELD,
    FIELD_SIDE,
    REALS,
    TILE_COUNT,
    WALK,
    WALK_COUNT,
    ActivationFrame,
    FieldFrame,
    RealsFrame,
    WalkFrame,
)
from instrument.signals.reading import images_of, put_finite

ROWS = ACTIVE_LAYERS * ACTIVE_UNITS
LONGEST_WALK = 1 << 20
"""Places; shaders count them in floats."""
WALK_JUMP = 0.2
"""Of the path: farther than this from one frame to the next is no walk but another run."""


class Probes:
    """The ``new_*`` flags tell what changed since they were cleared."""

    def __init__(self, bus: Bus) -> None:
        self._walks, self._walk = dated(bus, WALK), WalkFrame()
        self._fields, self._field = dated(bus, FIELD), FieldFrame()
        self._actives, self._active = dated(bus, ACTIVATIONS), ActivationFrame()
        self._reals, self._real = dated(bus, REALS), RealsFrame()
        self.refused = 0
        self.walk = np.zeros((WALK_COUNT, 28, 28, 1), np.uint8)
        self.walk_count = 0
        self.walk_first, self.walk_around = 0, 1
        self.walk_scores = np.zeros(WALK_COUNT, np.float32)
        self.walk_moved = self.walk_distance = 0.0
        self._phase, self._phase_s, self._pace = 0.0, -1e9, 0.0
        self.new_walk = False
        self.field = np.full((FIELD_SIDE, FIELD_SIDE), 0.5, np.float32)
        """float32 (32, 32): D's score, row by row from the top."""
        self.field_points = np.zeros((3, 2), np.float32)
        self.field_images = np.zeros((3, 28, 28, 1), np.uint8)
        self.field_number = 0
        self._field_chosen_s = -1e9
        self.new_field = False
        self.cells = np.zeros((ROWS, TILE_COUNT), np.uint8)
        self.layers = self.generator_layers = self.rows = 0
        self.begins = np.zeros(ACTIVE_LAYERS, np.int32)
        self.shown = np.zeros(ACTIVE_LAYERS, np.int32)
        self.units = np.zeros(ACTIVE_LAYERS, np.int32)
        self.dead = np.zeros(ACTIVE_LAYERS, np.int32)
        self.new_cells = False
        self.real_mean: np.ndarray | None = None
        """float32 (height, width): grey mean of the real digits, 0..1; None until it is told."""
        self.real_deviation: np.ndarray | None = None

    def take(self, now_s: float) -> None:
        """Hear everything that counts by `now_s` on the show's clock. Never waits."""
        if self._walks.latest(now_s, self._walk) is not None:
            self._take_walk(now_s)
        if self._fields.latest(now_s, self._field) is not None:
            self._take_field(now_s)
        if self._actives.latest(now_s, self._active) is not None:
            self._take_activations()
        if self._reals.latest(now_s, self._real) is not None:
            self._take_reals()

    def walk_place(self, now_s: float) -> float:
        """Where on the path the walk is now, in places: it goes on between two frames."""
        since_s = min(2.0, max(0.0, now_s - self._phase_s))
        return (self._phase + self._pace * since_s) % 1.0 * self.walk_around

    def field_age(self, now_s: float) -> float:
        """Seconds since the three points of the field were chosen."""
        return min(1e6, max(0.0, now_s - self._field_chosen_s))

    def _take_walk(self, now_s: float) -> None:
        frame = self._walk
        count = int(frame.count)
        images = images_of(frame, frame.tiles, count, WALK_COUNT)
        if images is None or not frame.first < frame.around <= LONGEST_WALK:
            self.refused += 1
            return
        if self.walk.shape[1:] != images.shape[1:]:
            self.walk = np.zeros((WALK_COUNT, *images.shape[1:]), np.uint8)
        self.walk[:count] = images
        self.walk_count, self.walk_first = count, int(frame.first)
        self.walk_around = int(frame.around)
        put_finite(np.frombuffer(frame.scores, np.float32), self.walk_scores, 0.0, 1.0)
        self.walk_moved = _finite(frame.moved, self.walk_moved)
        self.walk_distance = _finite(frame.distance, self.walk_distance)
        phase = _finite(frame.phase, self._phase) % 1.0
        step, since_s = (phase - self._phase) % 1.0, now_s - self._phase_s
        walked = step < WALK_JUMP and 0.0 < since_s < 5.0
        pace = step / since_s if walked else 0.0
        self._pace += (pace - self._pace) * (0.25 if walked and self._pace else 1.0)
        self._phase, self._phase_s = phase, now_s
        self.new_walk = True

    def _take_field(self, now_s: float) -> None:
        frame = self._field
        images = images_of(frame, frame.images, 3, 3)
        if images is None or frame.side != FIELD_SIDE:
            self.refused += 1
            return
        scores = np.frombuffer(frame.scores, np.float32).reshape(FIELD_SIDE, FIELD_SIDE)
        put_finite(scores, self.field, 0.0, 1.0)
        points = np.frombuffer(frame.points, np.float32).reshape(3, 2)
        put_finite(points, self.field_points, -1.0, 2.0)
        self.field_images = images.copy()
        self.field_number = int(frame.number) & 0xFFFF
        self._field_chosen_s = now_s - max(0.0, _finite(frame.age_s, 0.0))
        self.new_field = True

    def _take_activations(self) -> None:
        frame = self._active
        layers, samples = int(frame.layer_count), int(frame.samples)
        shown = np.frombuffer(frame.shown, np.uint16, ACTIVE_LAYERS)[:layers].astype(np.int32)
        rows = int(shown.sum())
        if not 0 < layers <= ACTIVE_LAYERS or not 0 < samples <= TILE_COUNT or not 0 < rows <= ROWS:
            self.refused += 1
            return
        self.cells[:] = 0
        cells = np.frombuffer(frame.cells, np.uint8, rows * samples)
        self.cells[:rows, :samples] = cells.reshape(rows, samples)
        self.layers, self.rows = layers, rows
        self.generator_layers = min(layers, int(frame.generator_layers))
        self.shown[:] = 0
        self.shown[:layers] = shown
        self.begins[:layers] = np.cumsum(shown) - shown
        self.units[:] = np.frombuffer(frame.units, np.uint16, ACTIVE_LAYERS)
        self.dead[:] = np.frombuffer(frame.dead, np.uint16, ACTIVE_LAYERS)
        self.new_cells = True

    def _take_reals(self) -> None:
        frame = self._real
        told = [images_of(frame, pixels, 1, 1) for pixels in (frame.mean, frame.deviation)]
        grey = [image[0].mean(axis=2) / 255.0 for image in told if image is not None]
        if len(grey) < 2:
            self.refused += 1
            return
        self.real_mean, self.real_deviation = (half.astype(np.float32) for half in grey)

    def close(self) -> None:
        """Leave the bus."""
        for port in (self._walks, self._fields, self._actives, self._reals):
            port.close()


def _finite(value: float, otherwise: float) -> float:
    return float(value) if np.isfinite(value) else otherwise
