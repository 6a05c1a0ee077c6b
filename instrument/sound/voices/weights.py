"""Audification: what the network sounds like. Real weights and gradients as waves.

The slice is scanned over and over, `pitch` times a second, in two manners at once: as a wavetable
(smooth, few harmonics: a drone) and raw (each number a sample, held until the next: harsh). Of the
numbers one may hear the values, or only their exponents or mantissas.

New numbers fade in over `FADE_S`: they are written into the deck of tables that is not heard.
"""

from typing import Any

import numpy as np

from instrument.signals.controls import Control
from instrument.signals.spec import Curve, choice, number, whole
from instrument.sound import graph as pyo
from instrument.sound.graph import Graph
from instrument.sound.inner import Inner
from instrument.sound.voices.feed import Clock, Feed
from instrument.sound.voices.parts import VoiceControls, level, send
from instrument.sound.voices.waves import (
    LOUDNESS,
    MOST_HARMONICS,
    READINGS,
    SCAN_LENGTH,
    WAVE_LENGTH,
    read,
    scan,
    wave,
)  # fmt: skip
from instrument.units import db_to_gain

FADE_S = 0.04
DRIVE_DB = 36.0
APART = 0.012
"""Readers at the full spread go so much faster and slower, as a share of the pitch."""
MOST_LAYERS = 16
WHAT = ("weights", "gradients")
HIGHEST_SHARE = 0.45


class WeightsControls(VoiceControls):
    """The network itself as a wave."""

    level = Control(level(-60.0, "how loud the weights are"))
    space = Control(send(0.1))
    pitch = Control(
        number(
            0.05, 2000.0, 11.7, "how often the whole slice is scanned", unit="1/s",
            curve=Curve.EXPONENTIAL,
        )
    )  # fmt: skip
    what = Control(choice(WHAT, "weights", "what is scanned: the weights or their gradients"))
    layer = Control(
        whole(0, MOST_LAYERS, 0, "which layer is scanned, the generator's first; 0 is all of them")
    )
    reading = Control(
        choice(READINGS, "values", "the numbers, only their exponents, or only their mantissas")
    )
    raw = Control(number(0.0, 1.0, 0.5, "from a smooth drone (0) to each number as a sample (1)"))
    drive = Control(number(0.0, 1.0, 0.2, "companding: small numbers are lifted, large ones bent"))
    low_cut = Control(
        number(
            20.0, 4000.0, 30.0, "high-pass over the weights", unit="Hz", curve=Curve.EXPONENTIAL
        )
    )  # fmt: skip
    high_cut = Control(
        number(
            100.0, 18000.0, 12000.0, "low-pass over the weights", unit="Hz",
            curve=Curve.EXPONENTIAL,
        )
    )  # fmt: skip
    spread = Control(number(0.0, 1.0, 0.4, "how far the readers of the loudspeakers lie apart"))


class Weights:
    """Two decks of tables, a smooth one and a raw one in each; a reader for each loudspeaker."""

    def __init__(self, graph: Graph) -> None:
        self._block, self._sample_rate = graph.block, graph.sample_rate
        self._channels = graph.channels
        clock = Clock(graph)
        self._turn = Feed(graph, clock)
        self._hz = [graph.live(11.7, 0.02) for _ in range(graph.channels)]
        # Long enough apart that the loudspeakers read other places even while they run together.
        self._phases = [graph.live(0.0, 0.2) for _ in range(graph.channels)]
        self._raw, self._smooth = graph.live(0.5), graph.live(0.5)
        self._push = graph.live(1.0)
        self._low, self._high = graph.live(30.0, 0.05), graph.live(12000.0, 0.05)
        self._views: list[tuple[np.ndarray, np.ndarray]] = []
        decks = [self._deck(graph) for _ in range(2)]
        both = pyo.Interp(decks[0], decks[1], self._turn.signal)
        # Held at the loudness of the straight wave, also while the drive moves.
        held = pyo.Tanh(self._push.signal * LOUDNESS) / LOUDNESS
        bent = pyo.Tanh(both * self._push.signal) / held
        self.sound = pyo.ButLP(pyo.ButHP(bent, self._low.signal), self._high.signal)
        self._heard = 0
        self._share = 1.0
        self._inner: Inner | None = None
        self._standing: tuple[Any, ...] = ()
        self._stale = False

    def _deck(self, graph: Graph) -> Any:
        """One stream for each loudspeaker, smooth and raw together."""
        hz, phases = ([live.signal for live in lives] for lives in (self._hz, self._phases))
        # One more than the wave is long: pyo's own guard sample behind a table cannot be written.
        tables = [graph.keep(graph.table(np.zeros(n))) for n in (WAVE_LENGTH + 1, SCAN_LENGTH)]
        views = [np.asarray(table.getBuffer()) for table in tables]
        self._views.append((views[0], views[1]))
        turn = pyo.Phasor(hz, phases)
        smooth = pyo.Pointer(tables[0], turn * (WAVE_LENGTH / (WAVE_LENGTH + 1.0)))
        raw = pyo.TableIndex(tables[1], turn * SCAN_LENGTH)
        return smooth * self._smooth.signal + raw * self._raw.signal

    def update(self, controls: WeightsControls) -> None:
        """Follow the controls. Render thread."""
        self._turn.settle()
        highest_hz = controls.pitch * (1.0 + APART)
        harmonics = int(HIGHEST_SHARE * self._sample_rate / highest_hz)
        # By powers of two, so that a gliding pitch does not make new waves all the time.
        harmonics = min(MOST_HARMONICS, 1 << max(0, harmonics.bit_length() - 1))
        standing = (int(controls.what), int(controls.layer), int(controls.reading), harmonics)
        if standing != self._standing:
            self._standing, self._stale = standing, True
        self._crossfade()
        middle = 0.5 * (self._channels - 1)
        for channel, (hz, phase) in enumerate(zip(self._hz, self._phases, strict=True)):
            side = (channel - middle) / middle
            hz.set(controls.pitch * (1.0 + APART * controls.spread * side))
            phase.set(controls.spread * channel / self._channels)
        self._smooth.set(float(np.sqrt(1.0 - controls.raw)))
        self._raw.set(float(np.sqrt(controls.raw)))
        self._push.set(db_to_gain(DRIVE_DB * controls.drive))
        self._low.set(controls.low_cut)
        self._high.set(controls.high_cut)

    def hear(self, inner: Inner) -> None:
        """New numbers; they are heard once those before them have faded in. Render thread."""
        self._inner = inner
        self._stale = True

    def _crossfade(self) -> None:
        """Go on with a crossfade, or begin one to what is new."""
        if self._share >= 1.0:
            if not self._stale or self._inner is None:
                return
            self._stale = False
            self._heard, self._share = 1 - self._heard, 0.0
            self._fill(self._views[self._heard], self._inner)
        per_sample = 1.0 / (FADE_S * self._sample_rate)
        ramp = np.minimum(1.0, self._share + per_sample * np.arange(1, self._block + 1))
        self._share = float(ramp[-1])
        self._turn.write(ramp if self._heard == 1 else 1.0 - ramp)
        self._turn.rest(float(self._heard) if self._share >= 1.0 else float(self._turn.samples[-1]))

    def _fill(self, views: tuple[np.ndarray, np.ndarray], inner: Inner) -> None:
        what, layer, reading, harmonics = self._standing
        values = layer_of(inner, inner.gradients if what else inner.weights, layer)
        numbers = read(values, READINGS[reading])
        if len(numbers) < 2:
            numbers = np.zeros(2)
        views[0][:WAVE_LENGTH] = wave(numbers, harmonics)
        views[1][:SCAN_LENGTH] = scan(numbers)
        views[0][WAVE_LENGTH] = views[0][0]


def layer_of(inner: Inner, values: np.ndarray, layer: int) -> np.ndarray:
    """The part of one layer, from 1; all of them for 0; the last one for a number too high."""
    if layer <= 0:
        return values
    ends = (*inner.segments[1:], len(values))
    layer = min(layer, len(ends))
    return values[inner.segments[layer - 1] : ends[layer - 1]]
