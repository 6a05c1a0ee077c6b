"""`InnerSize`: how coarse the inner picture is, per look, and when that changes. No GL, no clock.

| most of the last 240 pictures took | and                                  | then                    |
|------------------------------------|--------------------------------------|-------------------------|
| longer than a period to draw       | coarser keeps 120 lines              | one step coarser, said  |
| less, but 1 in 50 took longer      | so before, too, at more than half    |                         |
|                                    | of the lines asked for               | one step coarser, said  |
| so little that finer fits in 60%   | it is coarser than it should be      | one step finer, said    |
| anything else                      |                                      | nothing                 |

A few stalls (an import in the trainer thread) move nothing: coarser pictures are no cure for them.
"""

from collections import deque

FEWEST_LINES = 120
COARSEST_FOR_STUMBLES = 2
"""Who stumbles at half the lines asked for is held up by others, and would gain nothing."""
TRIAL = 240
ROOM = 0.6
FEW = TRIAL // 50


class InnerSize:
    """`scale`: how many pixels of the window one pixel of the inner picture takes, across and down."""

    def __init__(self, window: tuple[int, int], lines: int, period_s: float) -> None:
        """`window` in pixels; `lines`: the height asked for; `period_s` from picture to picture."""
        self._lines, self._period_s = max(FEWEST_LINES, lines), period_s
        self._trial: deque[float] = deque(maxlen=TRIAL)
        self._scale_of: dict[str, int] = {}
        self._stumbles = 0
        self.window = window
        self.look = ""
        self.scale = self.best

    @property
    def best(self) -> int:
        """The whole enlargement that comes nearest to the lines asked for."""
        return max(1, round(self.window[1] / self._lines))

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the inner picture; what is left of the window stays black."""
        return max(1, self.window[0] // self.scale), max(1, self.window[1] // self.scale)

    def resize(self, window: tuple[int, int]) -> None:
        """Another window: every look may begin anew."""
        self.window = window
        self._scale_of.clear()
        self._trial.clear()
        self.scale = self.best

    def choose(self, look: str) -> None:
        """Another look: as coarse as it was when last seen."""
        if look != self.look:
            self.look = look
            self._trial.clear()
            self.scale = self._scale_of.get(look, self.best)

    def took(self, work_s: float) -> str | None:
        """A picture took so long to draw; a sentence when the size changes because of it."""
        self._trial.append(work_s)
        if len(self._trial) < TRIAL:
            return None
        middle_s = sorted(self._trial)[TRIAL // 2]
        slow = sum(took_s > self._period_s for took_s in self._trial)
        self._trial.clear()
        self._stumbles = self._stumbles + 1 if slow > FEW else 0
        stumbling = self._stumbles > 1 and self.scale < COARSEST_FOR_STUMBLES * self.best
        tired = middle_s > self._period_s or stumbling
        if tired and self.window[1] // (self.scale + 1) >= FEWEST_LINES:
            return self._go(self.scale + 1, "is too slow here and goes on at")
        if self.scale > self.best:
            finer = self.scale / (self.scale - 1)
            if middle_s * finer * finer < ROOM * self._period_s:
                return self._go(self.scale - 1, "has room again and goes on at")
        return None

    def _go(self, scale: int, why: str) -> str:
        self._stumbles = 0
        self.scale = self._scale_of[self.look] = scale
        return f"{self.look or 'the picture'} {why} {self.size[0]}x{self.size[1]}"
