"""The hair-line: where in the 64 samples the scanner is, and the columns of pixels that it passes.

It moves whether anybody hears it or not, and goes on where it was when the graph is built anew. One
image after the other, in each from left to right. A new set of samples counts from the next image on.

A column is met in its middle and the next one half a column's width later: so the first column of
an image already begins to show half a column before the image does, and that is when it is taken.
"""

from dataclasses import dataclass

import numpy as np

from instrument.signals.frames import TILE_COUNT
from instrument.sound.inner import Samples

LONGEST_STEP = 32
"""The line is followed every so many samples of sound at the most."""
ROWS = COLUMNS = 28
"""An image as long as there is none."""


@dataclass(frozen=True)
class Pass:
    """A way over one image, from node to node (see `HairLine.step`) of a block.

    `columns` float64 (columns + 1, rows) are pixels 0..1 from the top down: first the last column of the
    image before. `scores` float64 (columns + 1,) are what the discriminator said of each column's
    image. `at` float64 (nodes,): n + .25 is a quarter of the way from column n to column n + 1.
    """

    columns: np.ndarray
    scores: np.ndarray
    at: np.ndarray


class HairLine:
    """Render thread only."""

    def __init__(self, sample_rate: int, block: int) -> None:
        """Stands at the left of the first sample. `block` in frames."""
        self.place = 0.0
        """Number of the sample (0 to 63) and the share of its width, at the end of the last block."""
        self.rate = 0.0
        """Samples per second."""
        self.passes: list[Pass] = []
        """The last block: a pass over each image it came to; their nodes together are those of the
        block, both ends included."""
        self.step = max(n for n in range(1, LONGEST_STEP + 1) if block % n == 0)
        """From one node to the next, in frames of sound."""
        self._step_s = self.step / sample_rate
        self._nodes = np.arange(block // self.step + 1)
        self._samples: Samples | None = None
        self._columns = np.zeros((COLUMNS + 1, ROWS))
        self._scores = np.zeros(COLUMNS + 1)
        self._number = 0
        """Of the image that was taken last, which may be one ahead of the place."""

    @property
    def rows(self) -> int:
        """Of the image that is read."""
        return self._columns.shape[1]

    def see(self, samples: Samples) -> None:
        """New samples: the first ones at once, others from the next image on."""
        first = self._samples is None
        self._samples = samples
        if first:
            self._take(self._number)

    def go_on(self, place: float) -> None:
        """Go on at another place, 0..64."""
        self.place = place % TILE_COUNT
        self._take(int(self.place + self._half))

    def advance(self, rate: float) -> None:
        """Move on by one block, at `rate` samples per second."""
        self.rate = rate
        way = rate * self._step_s
        at = self.place + self._half + way * self._nodes
        self.passes = []
        while True:
            inside = int(np.searchsorted(at, self._number + 1))
            if inside:
                width = len(self._columns) - 1
                along = np.clip((at[:inside] - self._number) * width, 0.0, width)
                self.passes.append(Pass(self._columns, self._scores, along))
            at = at[inside:]
            if not len(at):
                break
            self._take(self._number + 1)
        self.place += way * float(self._nodes[-1])
        if self.place >= TILE_COUNT:
            self.place -= TILE_COUNT
            self._number -= TILE_COUNT

    @property
    def _half(self) -> float:
        """Half a column, as a share of an image."""
        return 0.5 / (len(self._columns) - 1)

    def _take(self, number: int) -> None:
        """Take the newest image of that number; one that there is not is black."""
        before, score = self._columns[-1], self._scores[-1]
        self._number = number
        samples = self._samples
        if samples is None:
            height, width = self.rows, len(self._columns) - 1
        else:
            height, width = samples.images.shape[1:3]
        self._columns = np.zeros((width + 1, height))
        self._scores = np.zeros(width + 1)
        if len(before) == height:
            self._columns[0], self._scores[0] = before, score
        number %= TILE_COUNT
        if samples is not None and number < len(samples.images):
            self._columns[1:] = samples.images[number].mean(axis=2).T / 255.0
            self._scores[1:] = samples.scores[number]
