"""`FlashMeter`: counts the flashes of finished pictures, by the words of the standards. NumPy alone.

It shares no code with the flash guard, and is what the guard is measured with.

WCAG 2.2, SC 2.3.1 and "general flash and red flash thresholds"; ITU-R BT.1702:

| word             | here                                                                            |
|------------------|---------------------------------------------------------------------------------|
| luminance        | .2126 R + .7152 G + .0722 B of linearised sRGB, 0..1, the mean of a place        |
| transition       | from a peak to the next valley or back, >= .1, and the darker of both below .8   |
| flash            | a pair of opposing transitions                                                  |
| red transition   | into or out of R / (R + G + B) >= .8, and > .2 apart in CIE 1976 u'v'            |
| area             | more than a quarter: of the screen, or of any third by third of it (10 degrees) |
| too many         | more than three flashes, so more than six transitions, in any one second        |
| too many for long| EA IRIS: four to six a second during four of five seconds                       |
| exempt           | fine balanced patterns such as white noise: see `Turns`                         |

Places are the blocks of 64x36 and of 16x9. "More than a quarter of the screen saw n" is: the place
that stands a quarter down the list, ordered by how many transitions each had in that second.
"""

from collections import deque
from dataclasses import dataclass, field

import numpy as np

Array = np.ndarray

STEP = 0.1
DARK = 0.8
RED_SHARE, RED_STEP = 0.8, 0.2
AREA = 0.25
MOST = 6
SUSTAINED, SUSTAINED_S, SUSTAINED_OF_S = 4, 4.0, 5.0
GRIDS = ((36, 64), (9, 16))
"""Rows and columns of the places."""
NEVER_MORE = 64

_LEVELS = np.arange(256) / 255.0
LINEAR = np.where(_LEVELS <= 0.04045, _LEVELS / 12.92, ((_LEVELS + 0.055) / 1.055) ** 2.4).astype(
    np.float32
)
"""Light by sRGB level 0..255 (IEC 61966-2-1)."""
WEIGHTS = np.array([0.2126, 0.7152, 0.0722], np.float32)


def block_means(values: Array, grid: tuple[int, int]) -> Array:
    """Mean of (height, width, ...) in blocks: (rows, columns, ...). Blocks differ by a pixel at most."""
    height, width = values.shape[:2]
    rows, columns = min(grid[0], height), min(grid[1], width)
    down = np.arange(rows) * height // rows
    across = np.arange(columns) * width // columns
    sums = np.add.reduceat(np.add.reduceat(values, down, axis=0), across, axis=1)
    sizes = np.outer(np.diff(np.append(down, height)), np.diff(np.append(across, width)))
    return sums / sizes.reshape(sizes.shape + (1,) * (values.ndim - 2))


class Turns:
    """Peaks and valleys at every place.

    | what the place does                                  | transition | then                     |
    |------------------------------------------------------|------------|--------------------------|
    | goes on in its direction                             | no         | the extreme goes with it |
    | comes back by less than the step                     | no         | nothing                  |
    | comes back by the step, the darker below .8          | yes        | direction turns          |
    | comes back by the step, both .8 or lighter           | no         | direction turns          |

    The step is .1 and twice the standard error of the mean, as if the pixels of a place knew nothing
    of each other: none where a place is even, little in a large place, and just what white noise makes.
    """

    def __init__(self) -> None:
        self._extreme: Array | None = None

    def take(self, level: Array, error: Array) -> Array:
        """Mean luminance and its standard error; where a transition was completed, as bool."""
        if self._extreme is None:
            self._extreme, self._error = level.copy(), error.copy()
            self._direction = np.zeros(level.shape, np.int8)
            return np.zeros(level.shape, bool)
        moved = level - self._extreme
        sign = np.sign(moved).astype(np.int8)
        step = STEP - 1e-6 + 2.0 * np.hypot(error, self._error)
        turned = (sign != self._direction) & (np.abs(moved) >= step)
        counted = turned & (np.minimum(level, self._extreme) < DARK)
        follow = turned | ((sign == self._direction) & (sign != 0))
        self._direction[turned] = sign[turned]
        self._extreme[follow] = level[follow]
        self._error[follow] = error[follow]
        return counted


class RedTurns:
    """Into a saturated red and out of it, at every place.

    | place is | and now is                                        | transition | then          |
    |----------|---------------------------------------------------|------------|---------------|
    | out      | red, > .2 from the colour that was out            | yes        | in            |
    | out      | not red                                           | no         | remembers it  |
    | in       | > .2 from the red that was in                     | yes        | out           |
    | in       | red                                               | no         | remembers it  |

    Black has no colour; it is given that of white, which is > .2 from red.
    """

    def __init__(self) -> None:
        self._colour: Array | None = None

    def take(self, linear: Array) -> Array:
        """Mean linear RGB (rows, columns, 3); where a transition was completed, as bool."""
        red = linear[..., 0] >= RED_SHARE * linear.sum(axis=2)
        red &= linear[..., 0] > 0.005
        colour = chromaticity(linear)
        if self._colour is None:
            self._colour, self._inside = colour.copy(), red.copy()
            return np.zeros(red.shape, bool)
        far = np.hypot(*np.moveaxis(colour - self._colour, 2, 0)) > RED_STEP
        turned = far & (red | self._inside)
        stays = turned | (red == self._inside)
        self._inside = np.where(turned, ~self._inside & red, self._inside)
        self._colour[stays] = colour[stays]
        return turned


def chromaticity(linear: Array) -> Array:
    """CIE 1976 u', v' of linear sRGB (..., 3); black has that of white (D65)."""
    x = linear @ np.array([0.4124, 0.3576, 0.1805], np.float32)
    y = linear @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    z = linear @ np.array([0.0193, 0.1192, 0.9505], np.float32)
    whole = x + 15.0 * y + 3.0 * z
    dark = whole < 0.02
    whole = np.where(dark, 1.0, whole)
    return np.stack(
        [np.where(dark, 0.1978, 4.0 * x / whole), np.where(dark, 0.4683, 9.0 * y / whole)], axis=2
    )


class Second:
    """How many transitions each place had in the last second, and how many a quarter had."""

    def __init__(self) -> None:
        self._events: deque[tuple[float, Array]] = deque()
        self.counts: Array | None = None

    def take(self, counted: Array, time_s: float) -> tuple[int, int]:
        """Transitions that a quarter of the screen had, and that a quarter of some third by third had."""
        if self.counts is None:
            self.counts = np.zeros(counted.shape, np.int32)
        self._events.append((time_s, counted))
        self.counts += counted
        while self._events[0][0] <= time_s - 1.0 + 1e-6:
            self.counts -= self._events.popleft()[1]
        if not self.counts.any():
            return 0, 0
        ordered = np.sort(self.counts.ravel())[::-1]
        whole = int(ordered[int(AREA * len(ordered))])
        near = whole
        for number in range(whole + 1, min(NEVER_MORE, int(ordered[0])) + 1):
            if worst_third(self.counts >= number) <= AREA:
                break
            near = number
        return whole, near

    @property
    def area(self) -> float:
        """Share of the screen with more than six."""
        return 0.0 if self.counts is None else float((self.counts > MOST).mean())


def worst_third(flagged: Array) -> float:
    """The largest share of flagged places in any window of a third by a third."""
    rows, columns = (max(1, round(side / 3)) for side in flagged.shape)
    sums = np.pad(flagged.astype(np.int32).cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    inside = sums[rows:, columns:] - sums[:-rows, columns:] - sums[rows:, :-columns]
    return float((inside + sums[:-rows, :-columns]).max() / (rows * columns))


@dataclass
class FlashReport:
    """The worst of a sequence. `passes` is by this meter alone: no certificate.

    `transitions`: most in one second over a quarter of the screen, and `worst_s` its end (s);
    `near_transitions`: the same over a quarter of any third by third; `red_transitions` like
    `transitions`; `area`: the largest share of the screen with more than six; `sustained`: four to
    six a second during four of five seconds.
    """

    pictures: int = 0
    seconds: float = 0.0
    transitions: int = 0
    near_transitions: int = 0
    red_transitions: int = 0
    area: float = 0.0
    worst_s: float = 0.0
    sustained: bool = False
    per_picture: list[int] = field(default_factory=list)

    @property
    def flashes(self) -> int:
        """Pairs of transitions in the worst second."""
        return self.transitions // 2

    @property
    def passes(self) -> bool:
        """At most three flashes in any second, none of them red, and never long at the limit."""
        return max(self.transitions, self.red_transitions) <= MOST and not self.sustained


class FlashMeter:
    """Takes finished pictures one after the other; `report` stands at any time."""

    def __init__(self) -> None:
        self.report = FlashReport()
        self._turns = [Turns() for _ in GRIDS]
        self._seconds = [Second() for _ in GRIDS]
        self._red, self._red_second = RedTurns(), Second()
        self._first_s: float | None = None
        self._at_limit: deque[tuple[float, float]] = deque()
        self._last_s = 0.0

    def take(self, picture: Array, time_s: float) -> int:
        """uint8 sRGB (height, width, 3), shown from `time_s` on; transitions in the second up to it."""
        linear = LINEAR[picture]
        luminance = linear @ WEIGHTS
        squares = luminance * luminance
        report, now, near = self.report, 0, 0
        for grid, turns, second in zip(GRIDS, self._turns, self._seconds, strict=True):
            level = block_means(luminance, grid)
            spread = np.maximum(block_means(squares, grid) - level * level, 0.0)
            pixels = luminance.size / level.size
            whole, around = second.take(turns.take(level, np.sqrt(spread / pixels)), time_s)
            now, near = max(now, whole), max(near, around)
        red = self._red_second.take(self._red.take(block_means(linear, GRIDS[0])), time_s)[0]
        self._sustain(max(now, red), time_s)
        if self._first_s is None:
            self._first_s = time_s
        if now > report.transitions:
            report.transitions, report.worst_s = now, time_s
        report.near_transitions = max(report.near_transitions, near)
        report.red_transitions = max(report.red_transitions, red)
        report.area = max(report.area, self._seconds[0].area)
        report.pictures += 1
        report.seconds = time_s - self._first_s
        report.per_picture.append(now)
        return now

    def _sustain(self, now: int, time_s: float) -> None:
        """Add up the time of the last five seconds that was spent at four to six."""
        if self.report.pictures and now >= SUSTAINED:
            self._at_limit.append((time_s, time_s - self._last_s))
        self._last_s = time_s
        while self._at_limit and self._at_limit[0][0] <= time_s - SUSTAINED_OF_S:
            self._at_limit.popleft()
        if sum(spent for _, spent in self._at_limit) >= SUSTAINED_S - 1e-6:
            self.report.sustained = True
