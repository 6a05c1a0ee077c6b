"""What a score is made of: a whole run, heard once and kept small."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from instrument.runs.header import RunHeader
from instrument.runs.reel import Reel
from instrument.score.cues import Cues
from instrument.score.fold import Fold
from instrument.score.hands import Hands
from instrument.score.sheets import Sheet, sheets
from instrument.signals.controls import Bank
from instrument.signals.frames import CONTROLS, GESTURES, METRICS, SOUND, STANDING
from instrument.signals.streams import StreamSpec, stream_numbers

EVERY = 512
"""Frames between two words about how far the reading is."""
END_S = 1e-6
"""The last slot holds the last frame, too."""


@dataclass(frozen=True)
class Material:
    """A run as a page needs it. Times in seconds from its first frame.

    `values` holds the streams of all lanes, one after the other; `steps` has their step, `loudness` the
    momentary loudness in LUFS. `shares` counts the steps in each of `states`.
    """

    header: RunHeader
    lanes: tuple[tuple[StreamSpec, ...], ...]
    length_s: float
    last_step: int
    values: Fold
    steps: Fold
    shares: Fold
    states: tuple[str, ...]
    loudness: Fold
    hands: Hands
    cues: Cues
    sheets: tuple[Sheet | None, ...]
    faults: tuple[str, ...]
    """Sentences about what could not be read."""


class Listening:
    """Frame by frame from a run to its material."""

    def __init__(
        self, reel: Reel, lanes: Sequence[Sequence[StreamSpec]], triggers: frozenset[str]
    ) -> None:
        header, length_s = reel.header, reel.length_s
        number = stream_numbers(header.streams)
        self._reel = reel
        self._lanes = tuple(tuple(lane) for lane in lanes)
        self._places = np.array([number[s.name] for lane in lanes for s in lane], np.intp)
        self._state = number.get("state")
        self._states = () if self._state is None else header.streams[self._state].choices
        self._values, self._steps = Fold(len(self._places), length_s), Fold(1, length_s)
        self._shares, self._loudness = Fold(len(self._states), length_s), Fold(1, length_s)
        self._hands, self._cues = Hands(header.controls, triggers), Cues()
        self._ones = np.eye(len(self._states))
        self._last_step = 0

    def hear(self, at_s: float, topic: str, frame: Any) -> None:
        """One frame of the run, `at_s` from its beginning; its topic is one of `TOPICS`."""
        self._ears[topic](self, at_s, frame)

    def _metrics(self, at_s: float, frame: Any) -> None:
        count = min(frame.count, len(self._reel.header.streams))
        said = np.full(len(self._reel.header.streams), np.nan)
        said[:count] = np.ctypeslib.as_array(frame.streams)[:count]
        self._values.hear(at_s, said[self._places])
        self._last_step = max(self._last_step, int(frame.step))
        self._steps.hear(at_s, np.array([float(frame.step)]))
        if self._state is not None and 0 <= said[self._state] < len(self._states):
            self._shares.hear(at_s, self._ones[int(said[self._state])])

    def _sound(self, at_s: float, frame: Any) -> None:
        self._loudness.hear(at_s, np.array([frame.momentary]))

    _ears: dict[str, Callable[..., None]] = {
        METRICS.name: _metrics,
        SOUND.name: _sound,
        GESTURES.name: lambda self, at_s, frame: self._hands.hear_gesture(at_s, frame),
        CONTROLS.name: lambda self, at_s, frame: self._hands.hear_controls(at_s, frame),
        STANDING.name: lambda self, at_s, frame: self._cues.hear(at_s, frame),
    }
    TOPICS = frozenset(_ears)

    def end(self, slots: int) -> Material:
        """All of the run has been heard; samples are taken at so many moments."""
        reel = self._reel
        self._cues.end()
        shown = sheets(reel, np.linspace(0.0, reel.length_s + END_S, slots + 1))
        return Material(
            reel.header, self._lanes, reel.length_s, self._last_step, self._values, self._steps,
            self._shares, self._states, self._loudness, self._hands, self._cues, tuple(shown),
            tuple(reel.faults("drawn")),
        )  # fmt: skip


def listen(
    run: Path,
    choose: Callable[[Sequence[StreamSpec]], Sequence[Sequence[StreamSpec]]],
    bank: Bank,
    slots: int,
    progress: Callable[[float], None] = lambda share: None,
) -> Material:
    """Read a run once. `choose` says which of its streams go into which lane. Raises `Mistake`.

    `slots`: at how many moments samples are taken. `progress` gets the share that is read, now and then.
    """
    reel = Reel(run)
    try:
        triggers = frozenset(spec.path for spec in bank.triggers())
        listening = Listening(reel, choose(reel.header.streams), triggers)
        for number, recorded in enumerate(reel.frames(0.0, Listening.TOPICS)):
            listening.hear(recorded.at_s, recorded.topic, recorded.frame)
            if number % EVERY == 0:
                progress(recorded.at_s / max(reel.length_s, END_S))
        return listening.end(slots)
    finally:
        reel.close()
