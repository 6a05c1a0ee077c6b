"""What is shown of the training: tiles, weights, and what the streams are read off, under a veil."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from instrument.clock import Clock
from instrument.learning.gestures import BEND_LAYERS, STATIC_WITH, LearningControls
from instrument.learning.pacing import Affordable, Every
from instrument.learning.probes import Probes
from instrument.learning.veils import CLEAR, Shown, Veil

if TYPE_CHECKING:
    from torch import Tensor

    from instrument.learning.learner import Learner
    from instrument.learning.meter import Meter
    from instrument.learning.reading import Reading
    from instrument.learning.voice import Voice

PICTURES_PER_S = 20
DRIFTS_PER_S = 5
DRAWING_SHARE = 0.1
"""Of the trainer's time that drawing may take: a slow net is drawn less often, and trains on."""
SCRATCHES_PER_S = 60
"""While the play-head moves nothing is trained, and every picture may show another moment."""


def veil_of(felt: LearningControls) -> Veil:
    """The veil the hands ask for."""
    layer = int(felt.bend_layer)
    birth = STATIC_WITH[int(felt.static_with)] == "birth"
    return Veil(
        gain=felt.bend_gain, mute=felt.bend_mute, permute=felt.bend_permute,
        bits=int(felt.bend_bits), layer=None if BEND_LAYERS[layer] == "all" else layer - 1,
        birth=felt.static if birth else 0.0, noise=0.0 if birth else felt.static,
        funnel=felt.funnel, anchors=int(felt.funnel_anchors),
    )  # fmt: skip


class Screen:
    """Draws and publishes at picture rate. Trainer thread."""

    def __init__(self, learner: "Learner", voice: "Voice", meter: "Meter", clock: Clock) -> None:
        self._learner, self._voice, self._meter, self._clock = learner, voice, meter, clock
        self._shown = Shown(learner)
        self._veil, self.stale = CLEAR, False
        self.funnelled = False
        """Whether the training itself is in the funnel: its latents have come through it already."""
        self._tiles_due = Affordable(PICTURES_PER_S, DRAWING_SHARE)
        self._weights_due = Every(1 / PICTURES_PER_S)
        self._moment_due = Every(1 / SCRATCHES_PER_S)
        self._drift_due = Every(1 / DRIFTS_PER_S)
        self._drawn: tuple[Tensor, int] | None = None
        """What was last drawn without a veil, and at which age: one step later it tells the drift."""
        self.probes = Probes(learner, self._shown, voice, clock)
        voice.segment(*learner.selection_segments)

    @property
    def veil(self) -> Veil:
        """What lies over the picture; a new one makes the wall `stale`."""
        return self._veil

    @veil.setter
    def veil(self, veil: Veil) -> None:
        self.stale = self.stale or veil != self._veil
        self._veil = veil

    def feel(self, felt: LearningControls) -> None:
        """Take what the hands ask for."""
        self.veil = veil_of(felt)
        self.funnelled = felt.funnel_scar >= 0.5
        self.probes.paired = felt.choir >= 0.5

    def veiled(self, reading: "Reading") -> None:
        """Put the veiled samples of the step in the place of the real ones."""
        veil = replace(self.veil, funnel=1.0) if self.funnelled else self.veil
        if veil.hides:
            x = self._shown.samples(veil, self._learner.inputs.z)
            reading.samples = x.cpu().numpy()

    def drift(self) -> None:
        """One step after a drawing: how far it has moved."""
        if self._drawn is None:
            return
        before, age = self._drawn
        self._drawn = None
        if age == self._learner.age - 1:
            now = self._shown.samples(CLEAR, self._learner.z0)
            self._meter.drift(float((now - before).abs().mean()))

    def draw(self, step: int, now_s: float) -> None:
        """Tiles or weights if they are due, and what the probes have to say."""
        if self._tiles_due.due(now_s):
            self._draw_tiles(step, now_s)
            self._tiles_due.took(self._clock() - now_s)
        elif self._weights_due.due(now_s):
            self._voice.say_weights(step, *self._learner.select())
        self.walk_on(step)

    def walk_on(self, step: int, theta: "Tensor | None" = None) -> None:
        """What moves though nothing is trained; `theta` (N,) of G if another moment is shown."""
        self.probes.turn(step, self.veil, theta)

    def draw_now(self, step: int, now_s: float) -> None:
        """Tiles and weights, whatever the schedule says."""
        self._draw_tiles(step, now_s)
        self._voice.say_weights(step, *self._learner.select())

    def look(self, step: int, now_s: float) -> np.ndarray:
        """Draw the present now; its samples, (64, P) in -1..1."""
        x = self._draw_tiles(step, now_s)
        samples: np.ndarray = x.cpu().numpy()
        return samples

    def _draw_tiles(self, step: int, now_s: float) -> "Tensor":
        x, hidden = self._shown.drawn(self.veil, self._learner.z0)
        self.stale = False
        if not self.veil.hides and self._drift_due.due(now_s):
            self._drawn = (x, self._learner.age)
        self._publish(step, now_s, x, hidden)
        return x

    def draw_moment(self, step: int, now_s: float, theta: "Tensor") -> np.ndarray | None:
        """The net of another moment, `theta` (N,) of G, at picture rate; its samples (64, P) in -1..1."""
        self.walk_on(step, theta)
        if not self._moment_due.due(now_s):
            return None
        x, hidden = self._shown.drawn(self.veil, self._learner.z0, theta)
        self._publish(step, now_s, x, hidden)
        samples: np.ndarray = x.cpu().numpy()
        return samples

    def _publish(self, step: int, now_s: float, x: "Tensor", hidden: "list[Tensor]") -> None:
        scores, hidden_d = self._learner.judged(x)
        tiles = self._learner.tiles_of(x).cpu().numpy()
        self._voice.say_tiles(step, tiles, scores.cpu().numpy())
        self._meter.slow.see_tiles(now_s, tiles)
        self.probes.overhear(step, hidden[:-1], hidden_d)
