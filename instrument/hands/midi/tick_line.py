"""`TickLine`: the straight line of time through the ticks of a clock, some of them late, some lost.

A line is fitted (least squares) through the last 48 ticks, two beats. A tick is given the number that
the line foretells for its time, so that a lost one leaves a gap and a late one does not shift the rest:

| the tick came               | number          | in the fit | counts as strange |
|-----------------------------|-----------------|------------|-------------------|
| about when it was foretold  | the next        | yes        | no                |
| off by a quarter and more   | the next        | no         | yes               |
| a whole tick or more late   | what fits       | no         | yes               |
| where one was already       | the same        | no         | yes               |

Five strange ticks of six, or three numbers gained or lost against counting since all was well, are no
accident but another tempo: the line begins anew from the last four ticks, numbered by counting. Where
the last six came early (or late) by 2.5 ms on average the tempo drifts: the older half is let go.
"""

from collections import deque
from itertools import pairwise
from statistics import median

MOST, FEWEST, AGAIN, LATEST = 48, 8, 4, 6
STRANGE_S, STRANGE_TICKS = 0.005, 0.25
"""How far off a tick may be and still count, the larger of both."""
STRANGE_MOST, ASTRAY_MOST = 5, 3
DRIFT_S = 0.0025
GAP_TICKS, NO_GAP_TICKS = 1.6, 0.6
"""At the beginning: an interval so long is a lost tick, unless one so short follows (then it was late)."""
SHORTEST_S = 0.0001
"""No clock ticks so fast; ticks that a stalled driver hands over all at once may seem to."""
SILENT_S = 0.5
"""After such a gap the clock begins anew; at 30 bpm ticks are 83 ms apart."""


class TickLine:
    """Numbers ticks and foretells them. One thread; never raises for finite times."""

    def __init__(self) -> None:
        self.number = -1
        """The number of the newest tick, counted from 0."""
        self._points: deque[tuple[int, float]] = deque(maxlen=MOST)
        self._came_s: deque[float] = deque(maxlen=AGAIN)
        self._strange: deque[bool] = deque(maxlen=LATEST)
        self._errors_s: deque[float] = deque(maxlen=LATEST)
        self._counted = 0
        self._sure_counted, self._sure_number = 0, -1
        self._middle, self._middle_s, self._period_s = 0.0, 0.0, 0.0

    @property
    def ready(self) -> bool:
        """Whether the line says anything yet: eight ticks."""
        return len(self._points) >= FEWEST

    @property
    def period_s(self) -> float:
        """Seconds from tick to tick."""
        return self._period_s

    def at(self, time_s: float) -> float:
        """The number of the tick at a time, with its fraction. Only where the line is `ready`."""
        return self._middle + (time_s - self._middle_s) / self._period_s

    def add(self, time_s: float) -> None:
        """A tick arrived at `time_s`."""
        gap_s = time_s - self._came_s[-1] if self._came_s else 0.0
        if not 0.0 <= gap_s <= SILENT_S:
            self._forget()
        self._counted += 1
        self._came_s.append(time_s)
        if self.ready and self._period_s > 0.0:
            self._place(time_s)
        else:
            self.number += 1
            self._take(time_s)

    def _forget(self) -> None:
        for each in (self._points, self._came_s, self._strange, self._errors_s):
            each.clear()
        self._counted, self._sure_counted, self._sure_number = 0, 0, self.number

    def _place(self, time_s: float) -> None:
        steps = max(0, round(self.at(time_s) - self.number))
        error_s = (self.number + steps - self.at(time_s)) * -self._period_s
        allowed_s = max(STRANGE_S, STRANGE_TICKS * self._period_s)
        strange = steps != 1 or abs(error_s) > allowed_s
        self.number += steps
        self._strange.append(strange)
        if strange and self._is_another_tempo():
            self._begin_anew()
            return
        if not any(self._strange):
            self._sure_counted, self._sure_number = self._counted, self.number
        if not strange:
            self._take(time_s)
            self._let_go_of_a_drift(error_s)

    def _is_another_tempo(self) -> bool:
        astray = (self.number - self._sure_number) - (self._counted - self._sure_counted)
        return sum(self._strange) >= STRANGE_MOST or abs(astray) >= ASTRAY_MOST

    def _take(self, time_s: float) -> None:
        self._points.append((self.number, time_s))
        if len(self._points) == FEWEST:
            self._find_lost()
        self._fit()

    def _find_lost(self) -> None:
        """Leave gaps in the numbers of the first ticks, which nothing foretold."""
        times_s = [time_s for _, time_s in self._points]
        steps_s = [after - before for before, after in pairwise(times_s)]
        usual_s = max(SHORTEST_S, median(steps_s))
        lost = 0
        for place in range(1, FEWEST):
            after_s = steps_s[place] if place < len(steps_s) else 0.0
            if steps_s[place - 1] > GAP_TICKS * usual_s and after_s > NO_GAP_TICKS * usual_s:
                lost += round(steps_s[place - 1] / usual_s) - 1
            number, time_s = self._points[place]
            self._points[place] = (number + lost, time_s)
        self.number += lost
        self._sure_counted, self._sure_number = self._counted, self.number

    def _begin_anew(self) -> None:
        self.number = self._sure_number + self._counted - self._sure_counted
        first = self.number + 1 - len(self._came_s)
        self._points.clear()
        self._points.extend((first + place, came_s) for place, came_s in enumerate(self._came_s))
        self._strange.clear()
        self._errors_s.clear()
        self._fit()

    def _let_go_of_a_drift(self, error_s: float) -> None:
        self._errors_s.append(error_s)
        if len(self._errors_s) < LATEST or len(self._points) <= 2 * FEWEST:
            return
        if abs(sum(self._errors_s)) / LATEST > DRIFT_S:
            for _ in range(len(self._points) // 2):
                self._points.popleft()
            self._errors_s.clear()
            self._fit()

    def _fit(self) -> None:
        """Least squares of time over number, about the middle of both."""
        count = len(self._points)
        if count < 2:
            return
        middle = sum(number for number, _ in self._points) / count
        middle_s = sum(time_s for _, time_s in self._points) / count
        over = sum((number - middle) * (time_s - middle_s) for number, time_s in self._points)
        self._period_s = over / sum((number - middle) ** 2 for number, _ in self._points)
        self._middle, self._middle_s = middle, middle_s
