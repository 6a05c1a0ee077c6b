"""What D is shown as real, as one image: the mean of the pool, and how far its images are from it."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from instrument.learning.learner import Learner
from instrument.learning.voice import Voice
from instrument.signals.frames import REALS, RealsFrame

PORTION = 1 << 20
"""Numbers taken in at a time (2 ms on a CPU); the training goes on in between."""


class Reals:
    """Says the reals whenever others are chosen. Trainer thread."""

    def __init__(self, learner: Learner, voice: Voice) -> None:
        self._learner, self._voice = learner, voice
        self._frame = RealsFrame()
        self._mean = np.frombuffer(self._frame.mean, np.uint8)
        self._deviation = np.frombuffer(self._frame.deviation, np.uint8)
        self._said: Tensor | None = None

    @property
    def are_said(self) -> bool:
        """Whether the last frame was of the images that are shown now."""
        return self._said is self._learner.inputs.feed.pool

    @torch.no_grad()
    def draw(self, step: int) -> Iterator[None]:
        """One frame, in portions."""
        feed, digits = self._learner.inputs.feed, self._learner.digits
        pool = self._said = feed.pool
        parts = []
        for part in pool.split(max(1, PORTION // digits.pixels)):
            images = feed.reals.index_select(0, part).float()
            parts.append(torch.stack((images.sum(dim=0), images.square_().sum(dim=0))))
            yield
        mean, square = torch.stack(parts).cpu().double().sum(dim=0) / len(pool)
        deviation = (square - mean.square()).clamp_min_(0.0).sqrt_()
        frame = self._frame
        frame.count, frame.classes = len(pool), feed.classes_in(pool)
        frame.height = frame.width = digits.side
        frame.channels = digits.channels
        self._fill(self._mean, mean)
        self._fill(self._deviation, deviation)
        self._voice.say_inner(REALS, step, frame)

    def _fill(self, into: np.ndarray, image: Tensor) -> None:
        """Channels last, as tiles have them."""
        digits = self._learner.digits
        planes = image.view(digits.channels, digits.side, digits.side).permute(1, 2, 0)
        into[: digits.pixels] = planes.round().to(torch.uint8).flatten().numpy()
