"""The scanner: the generator's samples read by a hair-line, column by column, as a row of tones.

Each row of an image is a partial, the lowest row the lowest; its amplitude is the square of the pixel that
the hair-line passes. A one is a chord, a seven a bar and a glide that falls; noise is a hissing
cluster; in collapse the same phrase comes 64 times. Beside them the `head`: the column itself as a wave,
a bar code at audio rate. Where the line is belongs to `hair_line`: it moves also while this is asleep.
"""

import math

import numpy as np

from instrument.signals.controls import Control
from instrument.signals.spec import Curve, choice, number
from instrument.sound.graph import Graph
from instrument.sound.hair_line import HairLine, Pass
from instrument.sound.inner import Inner
from instrument.sound.voices.feed import Clock, Feed
from instrument.sound.voices.partials import OCTAVES, TUNINGS, Partials, notes
from instrument.sound.voices.parts import VoiceControls, level, send

EDGE_S = 0.002
"""A column fades in over so long at the least."""
GAIN, HEAD_GAIN = 0.65, 0.4
"""Of all partials together, and of the head."""
HIGHEST_SHARE = 0.42
"""Of the sample rate; partials above are silent."""
WALL_COLUMNS = 8
"""The samples hang in rows of so many; a row is read from the left side to the right."""


class ScanControls(VoiceControls):
    """Reads the samples of the network aloud."""

    level = Control(level(-60.0, "how loud the scanner is"))
    space = Control(send(0.15))
    rate = Control(
        number(
            0.25, 16.0, 1.0, "samples read per second; the hair-line moves also when this is off",
            unit="1/s", curve=Curve.EXPONENTIAL,
        )
    )  # fmt: skip
    low = Control(
        number(27.5, 880.0, 110.0, "tone of the lowest row", unit="Hz", curve=Curve.EXPONENTIAL)
    )
    span = Control(number(0.5, OCTAVES, 5.0, "from the lowest row to the highest", unit="octaves"))
    tuning = Control(choice(TUNINGS, "even", "the scale that the rows stand on"))
    tilt = Control(number(-12.0, 3.0, -3.0, "how loud high rows are", unit="dB/octave"))
    gate = Control(number(0.0, 0.9, 0.1, "pixels darker than this are silent"))
    smooth = Control(
        number(0.0, 1.0, 0.5, "from a step at each column (0) to a glide from one to the next (1)")
    )
    head = Control(number(0.0, 1.0, 0.0, "from the tones (0) to the column itself as a wave (1)"))
    head_pitch = Control(
        number(
            10.0, 1000.0, 110.0, "how often the head reads a column", unit="1/s",
            curve=Curve.EXPONENTIAL,
        )
    )  # fmt: skip
    belief = Control(
        number(0.0, 1.0, 0.0, "how much a sample is softer the less the discriminator believes it")
    )
    spread = Control(
        number(0.0, 1.0, 0.6, "how far it wanders from left to right along a row of eight samples")
    )


class Scan:
    """One stream that NumPy writes, on its way round the loudspeakers."""

    def __init__(self, graph: Graph) -> None:
        self._line: HairLine = graph.hair_line
        self._block, self._sample_rate = graph.block, graph.sample_rate
        self._feed = Feed(graph, Clock(graph))
        self._side = graph.live(0.5, 0.05)
        self.sound = graph.pan(self._feed.signal, self._side.signal)
        self._fade = np.linspace(1.0, 0.0, graph.block // self._line.step + 1)[:, None]
        self._within = np.arange(graph.block)
        self._node = self._within // self._line.step
        self._rise = self._within % self._line.step / self._line.step
        self._along = np.arange(1, graph.block + 1) / graph.block
        self._head = 0.0
        """Its share at the end of the last block."""
        self._turn = 0.0
        """Where the head is in its column, 0..1."""
        self._begin(self._line.rows)

    def _begin(self, rows: int) -> None:
        """For images of so many rows."""
        self._rows = rows
        self._partials = Partials(self._sample_rate, self._block, self._line.step, rows)
        self._amplitudes = np.zeros(rows)
        """Where those of the last block ended."""
        self._scale: tuple[float, ...] = ()
        self._notes = self._of_partials = np.zeros(rows)
        """In octaves over the lowest."""
        self._standing: tuple[float, ...] = ()
        self._octaves = np.zeros(rows)
        self._gains = np.zeros(rows)
        self._joined: np.ndarray | None = None

    def update(self, controls: ScanControls) -> None:
        """Follow the controls; write the block. Render thread."""
        self._feed.settle()
        if self._line.rows != self._rows:
            self._begin(self._line.rows)
        pixels, believed = self._seen(controls)
        self._tune(controls)
        sound = self._tones(pixels, believed)
        if controls.head > 0.0 or self._head > 0.0:
            bars = self._bars(pixels * believed, controls.head_pitch)
            turn = 0.5 * math.pi * (self._head + (controls.head - self._head) * self._along)
            sound = np.cos(turn) * sound + HEAD_GAIN * np.sin(turn) * bars
            self._head = controls.head
        self._feed.write(sound)
        along = (self._line.place % WALL_COLUMNS) / WALL_COLUMNS
        self._side.set(0.5 + controls.spread * (along - 0.5))

    def _seen(self, controls: ScanControls) -> tuple[np.ndarray, np.ndarray]:
        """Pixels above the gate 0..1 from the lowest row up, (nodes, rows), and how far each node's image
        is let through, (nodes, 1)."""
        pixels, scores = [], []
        for one in self._line.passes:
            width = len(one.columns) - 1
            if one.columns.shape[1] != self._rows:
                # Only as long as an image of another size is left behind.
                one = Pass(np.zeros((width + 1, self._rows)), one.scores, one.at)
            column = np.minimum(one.at.astype(np.intp), width - 1)
            softness = min(1.0, max(controls.smooth, EDGE_S * self._line.rate * width))
            share = np.clip((one.at - column - 0.5) / softness + 0.5, 0.0, 1.0)
            share *= share * (3.0 - 2.0 * share)
            before, after = one.columns[column], one.columns[column + 1]
            pixels.append(before + share[:, None] * (after - before))
            before, after = one.scores[column], one.scores[column + 1]
            scores.append(before + share * (after - before))
        seen = np.concatenate(pixels)[:, ::-1]
        lit = np.maximum(seen - controls.gate, 0.0) * (1.0 / (1.0 - controls.gate))
        return lit, 1.0 - controls.belief * (1.0 - np.concatenate(scores)[:, None])

    def _tune(self, controls: ScanControls) -> None:
        """Which tone each row sounds on, and how loud. Rows on one note share its partial."""
        scale = (controls.tuning, controls.span)
        if scale != self._scale:
            self._scale, self._standing = scale, ()
            self._choose_notes(notes(TUNINGS[int(controls.tuning)], controls.span, self._rows))
        standing = (controls.low, controls.tilt)
        if standing != self._standing:
            self._standing = standing
            low = math.log2(controls.low)
            self._octaves = self._of_partials + low
            gains = np.exp2(self._notes * controls.tilt * (math.log2(10.0) / 20.0))
            # White noise is equally loud, wherever the rows stand and however they are tilted.
            gains *= GAIN / math.sqrt(float(gains @ gains))
            gains[self._notes + low > math.log2(HIGHEST_SHARE * self._sample_rate)] = 0.0
            self._gains = gains
        self._partials.tune(self._octaves)

    def _choose_notes(self, of_rows: np.ndarray) -> None:
        """The note of each row; a partial for each, or one for all rows on the same note."""
        own, partial = np.unique(of_rows, return_inverse=True)
        spare = self._rows - len(own)
        self._notes = of_rows
        self._of_partials = np.concatenate((own, np.full(spare, own[-1])))
        self._joined = None
        if spare:
            self._joined = np.zeros((self._rows, self._rows))
            self._joined[np.arange(self._rows), partial] = 1.0

    def _tones(self, pixels: np.ndarray, believed: np.ndarray) -> np.ndarray:
        amplitudes = pixels * pixels
        amplitudes *= self._gains * believed
        if self._joined is not None:
            amplitudes = np.sqrt((amplitudes * amplitudes) @ self._joined)
        # Whatever was turned: it begins where the block before ended.
        amplitudes += (self._amplitudes - amplitudes[0]) * self._fade
        self._amplitudes = amplitudes[-1]
        return self._partials.play(amplitudes)

    def _bars(self, pixels: np.ndarray, turns_per_s: float) -> np.ndarray:
        """The column as a wave from the top down, each pixel held, float64 (block,)."""
        turns = self._turn + turns_per_s / self._sample_rate * self._within
        self._turn = (turns[-1] + turns_per_s / self._sample_rate) % 1.0
        row = self._rows - 1 - ((turns % 1.0) * self._rows).astype(np.intp)
        bars = pixels - pixels.mean(axis=1, keepdims=True)
        here, there = bars[self._node, row], bars[self._node + 1, row]
        return np.asarray(here + (there - here) * self._rise)

    def hear(self, inner: Inner) -> None:
        """It looks at what is drawn, not at the weights."""
