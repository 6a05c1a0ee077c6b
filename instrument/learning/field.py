"""The decision field: what D says on a plane through two samples and a real, over time."""

import math
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from instrument.learning.learner import Learner
from instrument.learning.veils import Shown, Veil
from instrument.learning.voice import Voice
from instrument.signals.frames import FIELD, FIELD_POINTS, FIELD_SIDE, FieldFrame

NEAR, FAR = 8, 23
"""Where u or v is 0 and 1, counted in grid points: the three points are points of the grid."""
LOW, HIGH = ((i - NEAR) / (FAR - NEAR) for i in (0, FIELD_SIDE - 1))
HOLD_S, HOLD_FIELDS = 10.0, 4
"""Points are kept so long, and for so many fields at least: what one sees change is D."""
PORTION = 128
"""Images judged at a time on the CPU (2 ms of a convolution); the training goes on in between."""
GOLDEN = (math.sqrt(5.0) - 1.0) / 2.0


class Field:
    """Asks D and says it. Trainer thread."""

    def __init__(self, learner: Learner, shown: Shown, voice: Voice) -> None:
        self._learner, self._shown, self._voice = learner, shown, voice
        self._frame = FieldFrame(side=FIELD_SIDE, low=LOW, high=HIGH)
        corners = [NEAR, NEAR, FAR, NEAR, NEAR, FAR]
        self._frame.points[:] = [(place + 0.5) / FIELD_SIDE for place in corners]
        self._scores = np.frombuffer(self._frame.scores, np.float32)
        self._images = np.frombuffer(self._frame.images, np.uint8)
        axis = (torch.arange(FIELD_SIDE, device=learner.device) - NEAR) / (FAR - NEAR)
        v, u = (part.flatten() for part in torch.meshgrid(axis, axis, indexing="ij"))
        self._mix = torch.stack((1.0 - u - v, u, v), dim=1)  # (side^2, 3)
        self.points: Tensor | None = None
        """The two samples and the real, (3, P) in -1..1."""
        self._number, self._chosen_s, self._fields = -1, 0.0, 0
        self._portion = PORTION if learner.device.type == "cpu" else len(self._mix)

    @torch.no_grad()
    def draw(self, step: int, now_s: float, veil: Veil, paired: bool) -> Iterator[None]:
        """One frame, all of it by D as it is now, in portions.

        `paired`: D judges pairs (`choir`); the real then takes the other place of every pair.
        """
        points = self._choose(now_s, veil)
        layers = [(weight.clone(), bias.clone()) for weight, bias in self._learner.frozen_d()]
        slot = self._learner.slot.frozen[0][0].clone() if paired else None
        self._frame.age_s = now_s - self._chosen_s
        parts = []
        for mix in self._mix.split(self._portion):
            images = mix @ points
            partner = None if slot is None else points[2:].expand_as(images)
            parts.append(self._learner.pair.discriminate(layers, images, None, partner, slot)[0])
            yield
        scores = torch.sigmoid(torch.cat(parts)).cpu().numpy()
        self._scores[:] = np.nan_to_num(scores)
        self._fields += 1
        self._voice.say_inner(FIELD, step, self._frame)

    def _choose(self, now_s: float, veil: Veil) -> Tensor:
        """The points as they are, or the next ones once these have been looked at for long enough."""
        held = now_s - self._chosen_s < HOLD_S or self._fields < HOLD_FIELDS
        if self.points is not None and held:
            return self.points
        self._number, self._chosen_s, self._fields = self._number + 1, now_s, 0
        learner, number = self._learner, self._number
        bank = learner.z0.roll(-2 * number, dims=0)[: FIELD_POINTS - 1]
        samples = self._shown.samples(veil, bank)
        feed = learner.inputs.feed
        place = int(number * GOLDEN % 1.0 * len(feed.pool))  # no dice: those are the training's
        real = feed.reals[feed.pool[place]].to(samples.dtype).mul(2 / 255).sub(1.0)
        self.points = torch.cat((samples, real.view(1, -1)))
        images = learner.tiles_of(self.points).cpu().numpy()
        frame = self._frame
        _, frame.height, frame.width, frame.channels = images.shape
        frame.number = number
        self._images[: images.size] = images.ravel()
        return self.points
