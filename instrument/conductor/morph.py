"""`Morph`: positions on their way from where they stand to where a scene or a cue wants them. Pure.

Time is handed in. What travels is positions: half way between 200 and 20,000 Hz is 2,000 Hz where the
control is bent like that.
"""

import math

import numpy as np

from instrument.signals.controls import Bank
from instrument.units import share_to_glide

HALF = 0.5
AT_ONCE_S = 1e-6
"""So little time is none."""


class Morph:
    """The moves under way, each control with its own from, to, begin and duration. One thread.

    | the control is                  | on its way                                                     |
    |---------------------------------|----------------------------------------------------------------|
    | a number                        | glides; slow at both ends, so that neither is heard as a corner |
    | a switch, a choice, a whole number | jumps at half the time                                      |
    | touched by a hand               | leaves, and stays where the hand puts it                       |
    | wanted by another move          | goes on from where it is, to the new place in the new time     |
    | at its end                      | stands there exactly, and is no longer moved                   |
    """

    def __init__(self, bank: Bank) -> None:
        count = len(bank)
        self._glides = np.array([not spec.is_whole for spec in bank], bool)
        self._active = np.zeros(count, bool)
        self._where = np.zeros(0, np.intp)
        self._from, self._to = np.zeros(count), np.zeros(count)
        self._began_s, self._seconds = np.zeros(count), np.ones(count)

    def begin(
        self,
        numbers: np.ndarray,
        targets: np.ndarray,
        positions: np.ndarray,
        seconds: float,
        now_s: float,
    ) -> None:
        """Controls `numbers` (n,) go to `targets` 0..1 (n,) within `seconds`; 0 is with the next `advance`.

        `positions` float32 (controls,) is where all stand now.
        """
        goes = self._active[numbers] | (positions[numbers] != targets.astype(np.float32))
        numbers, targets = numbers[goes], np.clip(targets[goes], 0.0, 1.0)
        self._from[numbers], self._to[numbers] = positions[numbers], targets
        self._began_s[numbers] = now_s if seconds > AT_ONCE_S else -math.inf
        self._seconds[numbers] = seconds if seconds > AT_ONCE_S else 1.0
        self._active[numbers] = True
        self._where = np.flatnonzero(self._active)

    def leave(self, number: int) -> None:
        """A hand touched this control: it is no longer moved."""
        if self._active[number]:
            self._active[number] = False
            self._where = np.flatnonzero(self._active)

    def moves(self, number: int) -> bool:
        """Whether a control is on its way."""
        return bool(self._active[number])

    @property
    def is_moving(self) -> bool:
        """Whether any control is on its way."""
        return self._where.size > 0

    def advance(self, positions: np.ndarray, now_s: float) -> bool:
        """Put everything on its way into `positions`, float32 (controls,); whether there was anything."""
        where = self._where
        if not where.size:
            return False
        way = np.clip((now_s - self._began_s[where]) / self._seconds[where], 0.0, 1.0)
        share = np.where(self._glides[where], share_to_glide(way), way >= HALF)
        begin, end = self._from[where], self._to[where]
        positions[where] = np.clip(begin + (end - begin) * share, 0.0, 1.0)
        over = where[way >= 1.0]
        if over.size:
            positions[over] = self._to[over]
            self._active[over] = False
            self._where = np.flatnonzero(self._active)
        return True

    def standing(self, now_s: float) -> tuple[float, float]:
        """How far the move that ends last is, 0..1 (1: nothing moves), and the seconds it still takes."""
        where = self._where
        if not where.size:
            return 1.0, 0.0
        left_s = self._began_s[where] + self._seconds[where] - now_s
        last = int(np.argmax(left_s))
        left = max(0.0, float(left_s[last]))
        return 1.0 - min(1.0, left / float(self._seconds[where[last]])), left
