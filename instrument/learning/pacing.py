"""When the next step is due: tempo on an absolute schedule, and how often a step is measured."""

import math
from collections import deque

from instrument.learning.gestures import TEMPO_MAX

CATCH_UP_S = 0.1
FRAMES_PER_S = 200.0


class Pace:
    """Steps per second that neither drift nor run after lost time. Time is handed in, in seconds."""

    def __init__(self, now_s: float) -> None:
        self._due_s = now_s

    def wait_s(self, now_s: float, tempo: float) -> float:
        """Seconds until the next step is due: 0 at once, infinite while tempo holds the training."""
        if tempo >= TEMPO_MAX:
            return 0.0
        if tempo <= 0.0:
            return math.inf
        return max(0.0, self._due_s + 1.0 / tempo - now_s)

    def stepped(self, now_s: float, tempo: float) -> None:
        """A step begins now. A delay is made good only within a tenth of a second."""
        due_s = self._due_s + (1.0 / tempo if tempo > 0.0 else 0.0)
        late = now_s - due_s
        self._due_s = due_s if tempo < TEMPO_MAX and 0.0 <= late < CATCH_UP_S else now_s


class Rate:
    """Steps per second over the last half second, and every how many steps one is measured."""

    WINDOW_S = 0.5

    def __init__(self) -> None:
        self._marks: deque[tuple[float, int]] = deque()
        self.every = 1

    def mark(self, now_s: float, step: int) -> float:
        """Steps per second, told that `step` steps have been made by now."""
        marks = self._marks
        if not marks or now_s - marks[-1][0] >= 0.02:
            marks.append((now_s, step))
        while len(marks) > 2 and now_s - marks[0][0] > self.WINDOW_S:
            marks.popleft()
        first_s, first = marks[0]
        rate = (step - first) / (now_s - first_s) if now_s > first_s else 0.0
        if rate / self.every > FRAMES_PER_S:
            self.every = math.ceil(rate / FRAMES_PER_S)
        elif self.every > 1 and rate / (self.every - 1) < 0.9 * FRAMES_PER_S:
            self.every = max(1, math.ceil(rate / (0.9 * FRAMES_PER_S)))
        return rate

    def restart(self) -> None:
        """Forget the time before a hold."""
        self._marks.clear()
        self.every = 1


class Every:
    """True once in a while: ``if tiles.due(now_s): ...``."""

    def __init__(self, period_s: float) -> None:
        self.period_s = period_s
        self._next_s = -math.inf

    def due(self, now_s: float) -> bool:
        """Whether the period has passed; asking begins the next one."""
        if now_s < self._next_s:
            return False
        late = now_s - self._next_s > self.period_s
        self._next_s = (now_s if late else self._next_s) + self.period_s
        return True

    def hurry(self) -> None:
        """Be due at the next asking."""
        self._next_s = -math.inf


class Affordable(Every):
    """Due so often that it takes no more than a share of the time."""

    def __init__(self, per_s: float, share: float) -> None:
        """At most `per_s` times a second; `share` of the time it may take, 0..1."""
        super().__init__(1.0 / per_s)
        self._shortest_s, self._share = 1.0 / per_s, share
        self._cost_s, self._times = 0.0, 0

    def took(self, took_s: float) -> None:
        """Follow what it costs: the mean of the first ten times, then by a tenth of the difference.

        One late wake-up is not the rule.
        """
        self._times = min(10, self._times + 1)
        self._cost_s += (took_s - self._cost_s) / self._times
        self.period_s = max(self._shortest_s, self._cost_s / self._share)
