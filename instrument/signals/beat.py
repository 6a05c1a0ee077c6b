"""`Beat`: the beat of a show as a function of time; `BeatHeard`: what an external clock says of its own.

Pure arithmetic: times are handed in, nobody is asked for the time. One thread owns a `Beat` (the
conductor's, or that of a clock that is sent).
"""

import math
from collections import deque
from dataclasses import dataclass
from statistics import median

LOWEST_BPM, HIGHEST_BPM = 20.0, 999.0
"""The range of Ableton Link, the widest of the clocks we follow."""

TAPS_FORGOTTEN_S = 2.0
"""A pause longer than this begins a new row of taps; at 30 bpm taps are so far apart."""
TAP_SLIP_S = 0.1
"""A second tap within this is the same tap: a bouncing pad."""
FASTEST_TAP_BPM = 300.0
TAP_INTERVALS = 4

PULLED_BEATS = 0.25
"""A phase error up to this is pulled in, a larger one is taken at once."""
PULL_LASTS_BEATS = 1.0
"""So the beat runs at 75 to 125 % of its tempo while it is pulled, and never backwards."""

SOONEST_S = 0.001
"""The next beat is at least so far ahead."""


@dataclass(frozen=True)
class BeatHeard:
    """An external clock at one moment: it stood at `beat` at `time_s` and goes at `bpm`.

    `source` is ``midi`` or ``link`` (the words of ``show.clock``). `running` is False where the other
    side stands still (MIDI stop); then `beat` is where it stands.
    """

    source: str
    beat: float
    bpm: float
    time_s: float
    running: bool


class Beat:
    """Beats since the clock began, with a tempo that may change at any time.

    What each act does to `at`, seen over time:

    | act                      | tempo       | phase                                                   |
    |--------------------------|-------------|---------------------------------------------------------|
    | `set_bpm`                | at once     | goes on from where it is                                |
    | `tap`, the first         | stays       | this moment is the nearest beat                         |
    | `tap`, one more          | the median  | the same                                                |
    | `follow`, near (1/4 beat)| at once     | pulled in over one beat                                 |
    | `follow`, far            | at once     | at once, backwards too (a sequencer was started again)  |

    Only a far `follow` sets the beat back. Where a tap says the beat is later than we were, `at` stands
    still until the new beat has come as far.
    """

    def __init__(self, bpm: float = 120.0, beats_per_bar: int = 4, now_s: float = 0.0) -> None:
        """The clock begins at `now_s` with beat 0. `bpm` is clamped to 20..999."""
        self.bpm = _allowed(bpm, 120.0)
        self.beats_per_bar = beats_per_bar
        self._from_s = now_s
        self._from_beat = 0.0
        self._pull = 0.0
        self._not_below = 0.0
        self._tapped_s: float | None = None
        self._intervals_s: deque[float] = deque(maxlen=TAP_INTERVALS)

    def at(self, now_s: float) -> float:
        """Beats since the clock began; whole numbers are beats, multiples of `beats_per_bar` bars."""
        return max(self._not_below, self._line(now_s))

    def time_of_next(self, now_s: float, every_beats: float) -> float:
        """When the next multiple of `every_beats` is, in seconds; at least 1 ms after `now_s`.

        Right as long as nobody changes tempo or phase: ask again when somebody does.
        """
        soonest_s = now_s + SOONEST_S
        number = math.floor(self.at(soonest_s) / every_beats) + 1
        return max(soonest_s, self.time_of(number * every_beats))

    def time_of(self, beat: float) -> float:
        """When the clock stands at `beat`, as long as nobody changes tempo or phase, in seconds."""
        gone = beat - self._from_beat
        faster = 1.0 + self._pull / PULL_LASTS_BEATS
        beats = gone / faster if 0.0 < gone < faster * PULL_LASTS_BEATS else gone - self._pull
        return self._from_s + beats * 60.0 / self.bpm

    def set_bpm(self, bpm: float, now_s: float) -> None:
        """Another tempo from `now_s` on; the phase goes on. What is no number is passed over."""
        self._begin(now_s, self._line(now_s), self._pull * (1.0 - self._pulled(now_s)))
        self.bpm = _allowed(bpm, self.bpm)

    def tap(self, now_s: float) -> float | None:
        """The performer taps: this moment is a beat. Returns the tempo when it is one by now, or None."""
        interval_s = math.inf if self._tapped_s is None else now_s - self._tapped_s
        if interval_s < TAP_SLIP_S:
            return None
        self._tapped_s = now_s
        if interval_s > TAPS_FORGOTTEN_S:
            self._intervals_s.clear()
        else:
            self._intervals_s.append(interval_s)
        reached = self.at(now_s)
        self._begin(now_s, math.floor(reached + 0.5))
        self._not_below = reached
        if not self._intervals_s:
            return None
        self.bpm = min(FASTEST_TAP_BPM, 60.0 / median(self._intervals_s))
        return self.bpm

    def follow(self, beat: float, bpm: float, time_s: float, now_s: float | None = None) -> None:
        """An external clock stood at `beat` at `time_s` and goes at `bpm`.

        `now_s`, when it is later than `time_s`, is the moment from which on we follow: what was read of
        `at` until then stays true. What is no number is passed over.
        """
        if not (math.isfinite(beat) and math.isfinite(bpm) and math.isfinite(time_s)):
            return
        bpm = _allowed(bpm, self.bpm)
        from_s = time_s if now_s is None else max(time_s, now_s)
        theirs = beat + (from_s - time_s) * bpm / 60.0
        ours = self.at(from_s)
        error = theirs - ours
        self.bpm = bpm
        if abs(error) <= PULLED_BEATS:
            self._begin(from_s, ours, error)
        else:
            self._begin(from_s, theirs)
        self._not_below = self._from_beat

    def _begin(self, now_s: float, beat: float, pull: float = 0.0) -> None:
        self._from_s, self._from_beat, self._pull = now_s, beat, pull

    def _pulled(self, now_s: float) -> float:
        """The share 0..1 of the pull that is done."""
        beats = (now_s - self._from_s) * self.bpm / 60.0
        return min(1.0, max(0.0, beats / PULL_LASTS_BEATS))

    def _line(self, now_s: float) -> float:
        beats = (now_s - self._from_s) * self.bpm / 60.0
        return self._from_beat + beats + self._pull * self._pulled(now_s)


def _allowed(bpm: float, otherwise: float) -> float:
    return min(HIGHEST_BPM, max(LOWEST_BPM, bpm)) if math.isfinite(bpm) else otherwise
