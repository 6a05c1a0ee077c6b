"""The walk: a strip of samples along a closed path through latent space that moves on with time."""

from collections.abc import Iterator

import numpy as np
import torch

from instrument.learning.latents import closed_path
from instrument.learning.learner import Learner
from instrument.learning.veils import Shown, Veil
from instrument.learning.voice import Voice
from instrument.signals.frames import WALK, WALK_COUNT, WalkFrame

ANCHORS = 8
"""The first latents of the bank: the walk passes the first tiles of the wall."""
AROUND = 128
"""Places on the path, a multiple of the strip: so a latent keeps its row, and its anchor in the funnel."""
ROUND_S = 96.0
"""Once around. The strip shows an eighth of it: about one arc, passed in 12 s."""


class Walk:
    """Draws and says the strip. Trainer thread."""

    def __init__(self, learner: Learner, shown: Shown, voice: Voice) -> None:
        self._learner, self._shown, self._voice = learner, shown, voice
        self.path = closed_path(learner.z0[:ANCHORS], AROUND)
        """Latents of all places, (around, 64)."""
        steps = self.path.roll(-1, dims=0) - self.path
        self._distances = torch.linalg.vector_norm(steps, dim=1).cpu().numpy()
        self._frame = WalkFrame(around=AROUND)
        self._tiles = np.frombuffer(self._frame.tiles, np.uint8)
        self._scores = np.frombuffer(self._frame.scores, np.float32)

    @torch.no_grad()
    def draw(
        self, step: int, now_s: float, veil: Veil, theta: torch.Tensor | None = None
    ) -> Iterator[None]:
        """One frame, drawn under the veil and, if given, by other weights (N,) of G; in one portion."""
        phase = now_s / ROUND_S % 1.0
        first = int(phase * AROUND) - (WALK_COUNT // 2 - 1)
        places = np.arange(first, first + WALK_COUNT)
        rows = places % WALK_COUNT
        in_rows = np.empty(WALK_COUNT, np.intp)
        in_rows[rows] = places % AROUND
        z = self.path[torch.from_numpy(in_rows).to(self.path.device)]
        x = self._shown.samples(veil, z, theta)
        tiles, scores = self._learner.develop(x)
        self._say(step, phase, first % AROUND, tiles[rows], scores[rows])
        yield from ()

    def _say(
        self, step: int, phase: float, first: int, tiles: np.ndarray, scores: np.ndarray
    ) -> None:
        frame = self._frame
        frame.count, frame.height, frame.width, frame.channels = tiles.shape
        frame.phase, frame.first = phase, first
        neighbours = np.diff(tiles.astype(np.int16), axis=0)
        frame.moved = float(np.abs(neighbours).mean()) / 255.0
        between = np.arange(first, first + len(tiles) - 1) % AROUND
        frame.distance = float(self._distances[between].mean())
        self._tiles[: tiles.size] = tiles.ravel()
        self._scores[: len(scores)] = np.nan_to_num(scores)
        self._voice.say_inner(WALK, step, frame)
