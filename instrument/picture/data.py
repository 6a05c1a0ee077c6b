"""`PictureData`: what the picture hears on the bus, kept as arrays. No GL; main thread.

Nothing that is not finite gets past here (except as bits): a stream keeps its last good value, a
weight or gradient becomes 0; `refused` counts them.
"""

import math
from collections.abc import Sequence

import numpy as np

from instrument.picture.bars import bar_rows
from instrument.picture.exposure import Exposure
from instrument.picture.last_words import LastWords
from instrument.picture.probes import Probes
from instrument.picture.wall import PLACES, Wall
from instrument.signals.bus import Bus
from instrument.signals.controls import Bank
from instrument.signals.due import FAR_S, dated, due_second
from instrument.signals.frames import (
    CONTROLS,
    GESTURES,
    METRICS,
    SEGMENT_CAPACITY,
    SLICE_LENGTH,
    SOUND,
    SPECTRUM_BANDS,
    STREAM_CAPACITY,
    TILES,
    WEIGHTS,
    GestureFrame,
    MetricFrame,
    SoundFrame,
    TileFrame,
    WeightFrame,
)
from instrument.signals.positions_due import PositionsDue
from instrument.signals.reading import images_of, put_finite, put_streams
from instrument.signals.streams import StreamSpec

COLUMNS = 1024
TILE_PERIOD_S = 0.25
"""Samples change at most four times a second: the wall must not flash."""
BAR_MEMORY_S = 0.35
SCOPE = 256
CALM_S = 0.35


class PictureData:
    """Arrays the textures are made of. The ``new_*`` flags tell what changed since they were cleared."""

    def __init__(self, bus: Bus, bank: Bank, streams: Sequence[StreamSpec]) -> None:
        self._metrics, self._metric = dated(bus, METRICS), MetricFrame()
        self._tiles, self._tile = dated(bus, TILES), TileFrame()
        self._weights, self._weight = dated(bus, WEIGHTS), WeightFrame()
        self._sounds, self._sound = bus.listener(SOUND), SoundFrame()
        self._gestures, self._gesture = dated(bus, GESTURES), GestureFrame()
        positions = bank.defaults.copy()
        self._controls = PositionsDue(bus.listener(CONTROLS), positions, due_second, FAR_S)
        self._acts: set[int] = set()
        self.probes = Probes(bus)
        self.words = LastWords(bus)
        count = min(len(streams), STREAM_CAPACITY)
        self.positions = positions
        self.streams = np.zeros(STREAM_CAPACITY, np.float32)
        """float32 (128,): last finite value of every stream in its unit; the first `count` are meant."""
        self.shown = np.zeros(STREAM_CAPACITY, np.float32)
        """The same as 0..1 of each stream's span (beyond is legal, -8..8)."""
        self.calm = np.zeros(STREAM_CAPACITY, np.float32)
        """`shown`, as a mean over about `CALM_S` (a step is one small batch, and trembles)."""
        self._calm_s = 0.0
        self.low = np.array([s.low for s in streams[:count]], np.float32)
        span = np.array([s.high - s.low for s in streams[:count]], np.float32)
        self.scale = np.divide(1.0, span, out=np.zeros_like(span), where=span != 0)
        self.history = np.zeros((count, COLUMNS), np.float32)
        """float32 (streams, 1024): ring of the streams as 0..1 of their spans (beyond is legal)."""
        self.head = 0
        self.steps_seen = 0
        self.new_columns: list[int] = []
        self.step = 0
        self.metric_s = -1e9
        self.tiles = np.zeros((PLACES, 28, 28, 1), np.uint8)
        self.heard = self.tiles.copy()
        self.tile_count = 0
        self.exposure = Exposure((PLACES, 28, 28, 1))
        self.scores = np.full(PLACES, 0.5, np.float32)
        self.wall = Wall()
        self.new_tiles = False
        self._tile_shown_s = -1e9
        self._tile_waits = False
        self.bits = np.zeros(SLICE_LENGTH, np.uint32)
        self.bits_before = np.zeros(SLICE_LENGTH, np.uint32)
        self.weights = np.zeros((SLICE_LENGTH, 4), np.float32)
        """float32 (4096, 4): weight, gradient, gradient against its layer's rms, number of its layer."""
        self.weight_count = 0
        self.segments = np.zeros(1, np.int64)
        self.generator_segments = 0
        self.band_end = np.zeros(SEGMENT_CAPACITY + 1, np.float32)
        """float32 (33,): each layer's end (0..1) when its net is divided by gradient norms."""
        self._norms = np.zeros(SEGMENT_CAPACITY)
        self.bars: np.ndarray = np.zeros((0, COLUMNS, 2), np.uint8)
        self._shares: np.ndarray | None = None
        self.weight_s = -1e9
        self.new_weights = False
        self.sound = np.zeros((3, SCOPE), np.float32)
        """float32 (3, 256): scope left and right (-1..1), and the spectrum (first 64, 0..1)."""
        self.sound_level = 0.0
        self.sound_peak = 0.0
        self._scan_place = self._scan_rate = 0.0
        self._scan_s = 0.0
        self.new_sound = False
        self.refused = 0
        self._layout: tuple[int, ...] = ()

    @property
    def lost(self) -> int:
        """Metric frames that gave way because the picture was slow."""
        return self._metrics.lost

    @property
    def waiting(self) -> bool:
        """Whether nothing of the learning has been heard yet."""
        return self.steps_seen == 0 and self.tile_count == 0 and self.weight_count == 0

    def take(self, now_s: float) -> None:
        """Hear everything on the bus that counts by `now_s` on the show's clock. Never waits."""
        self._controls.listen(now_s)
        while self._gestures.take(now_s, self._gesture) is not None:
            self._acts.add(int(self._gesture.control))
        while self._metrics.take(now_s, self._metric) is not None:
            self._take_metrics(now_s)
        self._grow_calm(now_s)
        if self._tiles.latest(now_s, self._tile) is not None:
            self._tile_waits = self._read_tiles(now_s)
        if self._tile_waits and not 0 <= now_s - self._tile_shown_s < TILE_PERIOD_S:
            self._take_tiles(now_s)
        if self._weights.latest(now_s, self._weight) is not None:
            self._take_weights(now_s)
        if self._sounds.latest(self._sound) is not None:
            self._take_sound()
        self.probes.take(now_s)
        self.words.take(now_s)
        if self.tile_count:
            self.wall.advance(self.scores, now_s)

    def acts(self) -> frozenset[int]:
        """Numbers of the controls that hands moved since this was last asked."""
        acts, self._acts = frozenset(self._acts), set()
        return acts

    def _grow_calm(self, now_s: float) -> None:
        elapsed_s, self._calm_s = max(0.0, now_s - self._calm_s), now_s
        new = self.steps_seen <= len(self.new_columns)
        share = 1.0 if new else 1.0 - math.exp(-elapsed_s / CALM_S)
        self.calm += (self.shown - self.calm) * np.float32(share)

    def _take_metrics(self, now_s: float) -> None:
        frame = self._metric
        self.refused += put_streams(frame, self.streams[: len(self.history)])
        self.head = (self.head + 1) % COLUMNS
        with np.errstate(over="ignore"):
            spans = (self.streams[: len(self.low)] - self.low) * self.scale
        shown = np.clip(spans, -8.0, 8.0)
        self.shown[: len(shown)] = shown
        self.history[:, self.head] = shown
        self.new_columns.append(self.head)
        self.steps_seen += 1
        self.step = int(frame.step)
        self.metric_s = now_s

    def _read_tiles(self, now_s: float) -> bool:
        """Every wall that is heard lies on the long exposure; whether it fits, to be hung later."""
        frame = self._tile
        count = int(frame.count)
        images = images_of(frame, frame.tiles, count, PLACES)
        if images is None:
            self.refused += 1
            return False
        if self.heard.shape[1:] != images.shape[1:]:
            self.heard = np.zeros((PLACES, *images.shape[1:]), np.uint8)
            self.exposure = Exposure(self.heard.shape)
        self.heard[:count] = images
        self.exposure.see(self.heard, count, now_s)
        return True

    def _take_tiles(self, now_s: float) -> None:
        frame, count = self._tile, int(self._tile.count)
        self._tile_waits = False
        if self.tiles.shape != self.heard.shape:
            self.tiles = np.zeros_like(self.heard)
        self.tiles[:count] = self.heard[:count]
        self.tile_count = count
        put_finite(np.frombuffer(frame.scores, np.float32, PLACES), self.scores, 0.0, 1.0)
        self.scores[count:] = 0.0
        self.wall.changed = True
        self._tile_shown_s = now_s
        self.new_tiles = True

    def _take_weights(self, now_s: float) -> None:
        frame = self._weight
        count = min(int(frame.count), SLICE_LENGTH)
        layers = min(int(frame.segment_count), SEGMENT_CAPACITY)
        begins = np.frombuffer(frame.segments, np.uint32, layers).astype(np.int64)
        segments = np.append(begins, count)
        if count == 0 or layers == 0 or segments[0] != 0 or (np.diff(segments) < 0).any():
            self.refused += 1
            return
        elapsed_s = max(0.0, now_s - self.weight_s)
        layout = (count, *segments.tolist())
        self.segments, self.weight_count = segments, count
        self.generator_segments = min(int(frame.generator_segments), layers)
        self.bits_before[:] = self.bits
        self.bits[:count] = np.frombuffer(frame.weights, np.uint32, count)
        if layout != self._layout:
            self.bits_before[:] = self.bits
            self._layout = layout
        for column, heard in enumerate((frame.weights, frame.gradients)):
            values = np.frombuffer(heard, np.float32, count)
            finite = np.isfinite(values)
            self.refused += int(count - np.count_nonzero(finite))
            self.weights[:count, column] = np.where(finite, values, 0.0)
        gradients = self.weights[:count, 1]
        sizes = np.diff(segments)
        squares = np.append(np.square(gradients, dtype=np.float64), 0.0)
        sums = np.add.reduceat(squares, begins) * (sizes > 0)
        rms = np.sqrt(sums / np.maximum(sizes, 1))
        layer = np.repeat(np.arange(layers), sizes)
        against = np.abs(gradients) / np.maximum(rms, 1e-30)[layer]
        self.weights[:count, 2] = np.minimum(against, 1e6)
        self.weights[:count, 3] = layer
        keep = float(np.exp(-min(elapsed_s, 60.0) / BAR_MEMORY_S))
        self._divide(np.sqrt(sums), keep)
        self.bars, self._shares = bar_rows(gradients, segments, self._shares, keep)
        self.weight_s = now_s
        self.new_weights = True

    def _divide(self, norms: np.ndarray, keep: float) -> None:
        """How high each layer stands within its net: by the norm of its gradient, never nothing."""
        layers = len(norms)
        self._norms[:layers] += (np.minimum(norms, 1e30) - self._norms[:layers]) * (1.0 - keep)
        split = self.generator_segments
        for first, last in ((0, split), (split, layers)):
            if last > first:
                part = self._norms[first:last]
                total = float(part.sum())
                share = part / total if total > 0 else np.full(last - first, 1.0 / (last - first))
                self.band_end[first:last] = np.cumsum(0.4 / (last - first) + 0.6 * share)
                self.band_end[last - 1] = 1.0

    def _take_sound(self) -> None:
        frame = self._sound
        self.sound[:2] = np.frombuffer(frame.scope, np.float32, 2 * SCOPE).reshape(2, SCOPE)
        self.sound[2, :SPECTRUM_BANDS] = np.frombuffer(frame.spectrum, np.float32, SPECTRUM_BANDS)
        np.nan_to_num(self.sound, copy=False, nan=0.0, posinf=1.0, neginf=-1.0)
        level, peak = float(frame.rms), float(frame.peak)
        self.sound_level = level if np.isfinite(level) else 0.0
        self.sound_peak = peak if np.isfinite(peak) else 0.0
        self._scan_place, self._scan_rate = frame.scan_place, frame.scan_rate
        self._scan_s = frame.time_s + frame.latency_s
        self.new_sound = True

    def scan_place(self, now_s: float) -> float:
        """What the scanner is heard to read now: sample, and share of its width, 0..64."""
        place = self._scan_place + self._scan_rate * min(1.0, now_s - self._scan_s)
        return place % PLACES if math.isfinite(place) else 0.0

    def close(self) -> None:
        """Leave the bus."""
        self.probes.close()
        self.words.close()
        self._gestures.close()
        for port in (self._metrics, self._tiles, self._weights, self._sounds, self._controls):
            port.close()
