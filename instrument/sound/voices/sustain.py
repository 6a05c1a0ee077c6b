"""A reader that never ends: two heads over one recording that always crossfade into each other.

Each head reads its pass with a gain of sin^2, half a pass behind the other, so the gains always sum
to 1. When a head is silent, between two passes, Python puts it to the place asked for, moved by
some milliseconds so that it runs in step with the head that sounds (`in_step`), and evens out how
loud the recording is there (`levelled`): rests between chords would be holes in a bed.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from instrument.sound import graph as pyo
from instrument.sound.graph import Graph
from instrument.sound.recording import Recording
from instrument.sound.voices.steps import REACH_S, in_step

GAIN_POINTS = 256
LONGEST_SHARE = 0.6
"""The longest pass, as a share of the recording."""
SMOOTH_S = 0.5
"""Loudness is evened out over so much sound: beating and tremulants of the recording stay."""
TARGET_RMS = 0.1
EVENED = 0.9
"""Share of a difference (in dB) that is evened out."""
MOST_CUT, MOST_LIFT = 0.4, 4.0
LOOKED_AT = 41
"""Every so manieth frame is looked at for its loudness."""
EDGE = 8
"""Frames at both ends of a recording that are not read: interpolation looks around."""


class Sustain:
    """One reader; `sound` has two streams, left and right. Render thread only."""

    def __init__(self, graph: Graph, ratio: Any, pass_s: float, *, crossed: bool = False) -> None:
        """`ratio` is the stream of the pitch, `pass_s` how much of the recording a pass reads.

        `crossed` reads left on the right and right on the left. Silent until `load`.
        """
        self._graph = graph
        self._pass_s = pass_s
        self._crossed = crossed
        self._samples: np.ndarray = np.zeros((1, 2), np.float32)
        self._frames = 1.0
        self._sample_rate = graph.sample_rate
        rate = graph.live(1.0, 0.0)
        self._rate = rate
        self._frequency = graph.keep(ratio * rate.signal)
        self._share = graph.live(0.0, 0.0)
        self._begins = [graph.live(0.0, 0.0) for _ in range(2)]
        time = np.arange(GAIN_POINTS) / GAIN_POINTS
        self._fade = np.sin(np.pi * time) ** 2
        gains = [graph.keep(graph.table(self._fade)) for _ in range(2)]
        self._gains = [np.asarray(table.getBuffer()) for table in gains]
        silence = [graph.keep(graph.table(np.zeros(64))) for _ in range(2)]
        start = float(graph.random.random()) * 0.5
        self._phases, self._readers = [], []
        for head, begin in enumerate(self._begins):
            phase = graph.keep(pyo.Phasor(self._frequency, start + 0.5 * head))
            gain = graph.keep(pyo.Osc(gains[head], self._frequency, start + 0.5 * head))
            index = graph.keep(phase * self._share.signal + begin.signal)
            reader = pyo.Pointer2(silence, index, interp=4, autosmooth=False, mul=gain)
            self._phases.append(phase)
            self._readers.append(graph.keep(reader))
        self.sound = graph.keep(self._readers[0] + self._readers[1])
        self._starts = [0, 0]
        self._turned = [start, start + 0.5]
        self._moved = [False, False]
        self._fresh = False

    def load(self, recording: Recording, tables: Sequence[Any]) -> None:
        """Read this recording from the next update on. Only called while the voice is asleep."""
        self._samples, self._sample_rate = recording.samples, recording.sample_rate
        frames = len(recording.samples)
        self._frames = min(self._pass_s * recording.sample_rate, LONGEST_SHARE * frames)
        sides = list(reversed(tables)) if self._crossed else list(tables)
        for reader in self._readers:
            reader.setTable(sides)
        self._rate.set(recording.sample_rate / self._frames)
        self._share.set(self._frames / frames)
        self._fresh = True

    def _start(self, place: float) -> None:
        """Both heads read the same place at first, so that nothing has to be searched for."""
        first, second = (int(turned % 1.0 * self._frames) for turned in self._turned)
        apart = first - second
        last = self._last_start
        start = min(max(self._wanted(place), EDGE, EDGE - apart), last, last - apart)
        self._begin(0, start)
        self._begin(1, start + apart)

    def update(self, place: float) -> None:
        """Passes that begin from now on are read from `place` (0..1) of the recording."""
        if self._fresh:
            self._fresh = False
            self._start(place)
            return
        turned = [float(phase.get()) for phase in self._phases]
        if not any(turned):
            return  # just woken, nothing is rendered yet: two heads half a pass apart are never both at 0
        sample_turns = float(self._frequency.get()) / self._graph.sample_rate
        half_block = 0.5 * sample_turns * self._graph.block
        for head in range(len(turned)):
            # pyo gives the last sample it rendered: where this head stands when the next begins.
            self._turned[head] = turned[head] + sample_turns
            silent = abs(self._turned[head] - round(self._turned[head])) <= half_block
            if silent and not self._moved[head]:
                self._join(head, place)
            self._moved[head] = silent

    def _join(self, head: int, place: float) -> None:
        """Begin a new pass that agrees with what the other head reads, halfway through its own.

        The two are compared where they are equally loud.
        """
        quarter = int(0.25 * self._frames)
        other = self._starts[1 - head] + 3 * quarter
        reach = int(REACH_S * self._sample_rate)
        wanted = self._wanted(place)
        first, last = max(EDGE, wanted - reach), min(self._last_start, wanted + reach)
        begin = in_step(self._samples, other, first + quarter, last + quarter, self._sample_rate)
        self._begin(head, begin - quarter)

    @property
    def _last_start(self) -> int:
        return int(len(self._samples) - self._frames - EDGE)

    def _wanted(self, place: float) -> int:
        return EDGE + int(min(1.0, max(0.0, place)) * (self._last_start - EDGE))

    def _begin(self, head: int, start: int) -> None:
        self._starts[head] = start
        self._begins[head].set(self._starts[head] / len(self._samples))
        heard = self._samples[self._starts[head] : self._starts[head] + int(self._frames)]
        smooth_s = SMOOTH_S * self._sample_rate / self._frames
        self._gains[head][:GAIN_POINTS] = self._fade * levelled(heard, GAIN_POINTS, smooth_s)


def levelled(samples: np.ndarray, points: int, smooth: float) -> np.ndarray:
    """The gains, float64 (points,), that make a stretch of sound about equally loud throughout.

    `samples` (frames, channels) at least `points` frames; `smooth` is how much of the stretch the
    loudness is averaged over.
    """
    stride = max(1, min(LOOKED_AT, len(samples) // (4 * points)))
    looked_at = samples[::stride]
    each = len(looked_at) // points
    pieces = np.ascontiguousarray(looked_at[: each * points]).reshape(points, -1)
    power = np.einsum("ij,ij->i", pieces, pieces).astype(np.float64) / pieces.shape[1]
    reach = max(1, min(points // 2, int(0.5 * smooth * points)))
    window = np.hanning(2 * reach + 1)
    padded = np.pad(power, reach, mode="reflect")
    smoothed = np.convolve(padded, window / window.sum(), mode="valid")
    gains = (TARGET_RMS / np.sqrt(smoothed + 1e-10)) ** EVENED
    return np.clip(gains, MOST_CUT, MOST_LIFT)
