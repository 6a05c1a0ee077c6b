"""`Gesture`: one act of a hand, on its way from an input thread to the conductor and onto the bus."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

FOLLOW_HAND = "recording"
"""Who moves controls in a rehearsal as they were moved in the run."""


@dataclass(frozen=True)
class Gesture:
    """One control moved, or one act asked for.

    `path` is the control's dotted path, `position` 0..1 (for a trigger: its strength as a position).
    `who` names the hand: ``key``, ``osc 127.0.0.1:5511``, ``midi nanoKONTROL2``, ``recording``.
    `step` is the training step at which it took effect, -1 while it is only asked for.
    `word` names what an act is about where its spec takes `names` (a scene, a cue); it counts before
    the position. `due` is the block of sound from which it counts, 0 at once; then `time_s` is about when
    that will be.
    """

    path: str
    position: float
    who: str
    time_s: float
    step: int = -1
    word: str = ""
    due: int = 0


@dataclass(frozen=True)
class Moves:
    """Many controls moved at once by the recording, as a morph moves them.

    `numbers` are those of the show's bank, `positions` 0..1. No gesture frames follow from it.
    `due` and `time_s` as in `Gesture`. `then` is called in the conductor's thread once all of them are
    published, and must not wait.
    """

    numbers: Sequence[int]
    positions: Sequence[float]
    time_s: float
    due: int = 0
    then: Callable[[], None] | None = None
