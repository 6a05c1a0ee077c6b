"""`Waiting`: acts that wait for the next beat, bar, or so many bars. Pure: time and beat are handed in."""

import math
from dataclasses import dataclass

from instrument.signals.beat import Beat
from instrument.signals.gesture import Gesture

BARS = (0.0, 0.0, 1.0, 2.0, 4.0)
"""How many bars each choice of `show.quantise` is; the second is a beat."""
ON_THE_BEAT = 1e-6
SOON_S = 0.0005
WAITS = ("show.scene", "show.go", "show.goto")


def may_wait(path: str) -> bool:
    """Whether an act of this path waits: those on the training, scenes and cues."""
    return path.startswith("learning.") or path in WAITS


def beats_of(choice: int, beats_per_bar: float) -> float:
    """How many beats a choice of `show.quantise` is; 0 for off."""
    return 1.0 if choice == 1 else BARS[choice] * beats_per_bar


@dataclass
class _Asked:
    gesture: Gesture
    every: float
    beat: float

    def next_s(self, beat: Beat, now_s: float) -> float:
        """When its beat is; very soon where it is too near for `Beat.time_of_next` to name it."""
        at_s = beat.time_of_next(now_s, self.every)
        return at_s if beat.at(at_s) <= self.beat + ON_THE_BEAT else now_s + SOON_S


class Waiting:
    """Acts that wait. One thread.

    | asked                                   | what happens                                            |
    |-----------------------------------------|---------------------------------------------------------|
    | an act that does not wait yet           | it waits for the next multiple of `every` beats         |
    | an act of the same path as one that waits | the later word counts, at the same moment; not twice  |
    | the beat comes                          | all that wait for it go, in the order they were asked   |
    | the clock is set back or far ahead      | it is the next multiple from there                      |
    | everything is let go (quantise is off)  | all go now                                              |
    """

    def __init__(self) -> None:
        self._asked: dict[str, _Asked] = {}

    def __len__(self) -> int:
        return len(self._asked)

    def ask(self, gesture: Gesture, beat: Beat, every: float, now_s: float) -> None:
        """An act is to wait for the next multiple of `every` beats."""
        before = self._asked.get(gesture.path)
        if before is not None:
            before.gesture = gesture
            return
        self._asked[gesture.path] = _Asked(gesture, every, _next(beat, every, now_s))

    def due(self, beat: Beat, now_s: float) -> list[Gesture]:
        """The acts whose beat has come; they wait no more."""
        at = beat.at(now_s)
        for asked in self._asked.values():
            if asked.beat - at > asked.every + ON_THE_BEAT:
                asked.beat = _next(beat, asked.every, now_s)
        came = [path for path, asked in self._asked.items() if at >= asked.beat - ON_THE_BEAT]
        return [self._asked.pop(path).gesture for path in came]

    def let_go(self) -> list[Gesture]:
        """Every act that waits, now."""
        all_of_them = [asked.gesture for asked in self._asked.values()]
        self._asked.clear()
        return all_of_them

    def next_s(self, beat: Beat, now_s: float) -> float:
        """When something may be due, in seconds; infinite where nothing waits."""
        return min((asked.next_s(beat, now_s) for asked in self._asked.values()), default=math.inf)


def _next(beat: Beat, every: float, now_s: float) -> float:
    """The beat that is waited for."""
    at_s = beat.time_of_next(now_s, every)
    return math.floor(beat.at(at_s) / every + 0.5) * every
