"""`Wall`: which sample hangs in which place, ordered by the discriminator's score. No GL, no clock.

The order is kept by odd-even transposition: in each pass only neighbours change places, so the wall
is seen sorting itself. Places run like a snake (row 0 to the right, row 1 to the left), which makes
every two neighbours touch on the wall as well.
"""

import math

import numpy as np

PLACES = 64
PASS_S = 0.34
"""Three passes a second at the most: more, and the flash guard has to hold the wall."""
SLIDE_S = 0.25
HARDLY = 0.1
"""Scores nearer than this keep their places: the wall moves for news, not for trembling."""


class Wall:
    """`tile` (64,) is the sample in each place; `partner` (64,) where it slides from, or its own place."""

    def __init__(self) -> None:
        self.tile = np.arange(PLACES)
        self.partner = np.arange(PLACES)
        self.slide = 1.0
        self.changed = True
        self._odd = 0
        self._began_s = -1.0
        self._sorted_once = False

    def advance(self, scores: np.ndarray, now_s: float) -> None:
        """Slide on, and begin the next pass when it is due. `scores` float32 (64,), 0..1."""
        if not self._sorted_once:
            self.tile = np.argsort(-scores, kind="stable")
            self._sorted_once = True
            self._began_s = now_s
            self.changed = True
            return
        since_s = now_s - self._began_s
        self.slide = min(1.0, max(0.0, since_s / SLIDE_S))
        if not 0.0 <= since_s < PASS_S:
            self._begin(scores, now_s)

    def _begin(self, scores: np.ndarray, now_s: float) -> None:
        self._began_s = now_s
        self._odd ^= 1
        left = np.arange(self._odd, PLACES - 1, 2)
        score = scores[self.tile]
        left = left[score[left + 1] > score[left] + HARDLY]
        moved_before = bool((self.partner != np.arange(PLACES)).any())
        self.partner = np.arange(PLACES)
        if left.size:
            self.partner[left], self.partner[left + 1] = left + 1, left
            self.tile = self.tile[self.partner]
            self.slide = 0.0
        self.changed = self.changed or moved_before or bool(left.size)


def tile_plan(picture: tuple[int, int], tile: tuple[int, int]) -> tuple[int, int, int, int, int]:
    """Columns, rows, whole enlargement of a sample, and the pitch of the places across and down.

    `picture` and `tile` are width and height in pixels. Places fill the picture; between samples
    stays at least one pixel, unless they are too large for the picture even as they are.
    """
    aspect = picture[0] / picture[1] * tile[1] / tile[0]
    columns = max(1, min(PLACES, math.ceil(math.sqrt(PLACES * aspect))))
    rows = math.ceil(PLACES / columns)
    across, down = max(1, picture[0] // columns), max(1, picture[1] // rows)
    scale = max(1, min((across - 1) // tile[0], (down - 1) // tile[1]))
    return columns, rows, scale, across, down
