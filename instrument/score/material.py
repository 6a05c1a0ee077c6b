"""What a score is made of: a whole run, heard once and kept small."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from instrument.runs.header import RunHeader
from instrument.runs.tape import Tape
from instrument.score.cues import Cues
from instrument.score.fold import Fold
from instrument.score.hands import Hands
from instrument.score.sheets import Sheets
from instrument.signals.controls import Bank
from instrument.signals.frames import CONTROLS, GESTURES, METRICS, SOUND, STANDING, TILES
from instrument.signals.mistake import Mistake
from instrument.signals.streams import StreamSpec, stream_numbers

EVERY = 512
"""Frames between two words about how far the reading is."""


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
    sheets: Sheets
    faults: tuple[str, ...]
    """Sentences about what could not be read."""


class Listening:
    """Frame by frame from a run to its material."""

    def __init__(
        self, tape: Tape, lanes: Sequence[Sequence[StreamSpec]], triggers: frozenset[str]
    ) -> None:
        header = tape.header
        number = stream_numbers(header.streams)
        self._tape = tape
        self._lanes = tuple(tuple(lane) for lane in lanes)
        self._places = np.array([number[s.name] for lane in lanes for s in lane], np.intp)
        self._state = number.get("state")
        self._states = () if self._state is None else header.streams[self._state].choices
        self._values, self._steps = Fold(len(self._places)), Fold(1)
        self._shares, self._loudness = Fold(len(self._states)), Fold(1)
        self._hands, self._cues = Hands(header.controls, triggers), Cues()
        self._sheets = Sheets()
        self._ones = np.eye(len(self._states))
        self._last_step, self._length_s = 0, 0.0

    def hear(self, at_s: float, topic: str, frame: Any) -> None:
        """One frame of the run, `at_s` from its beginning."""
        self._length_s = max(self._length_s, at_s)
        heard = self._ears.get(topic)
        if heard is not None:
            heard(self, at_s, frame)

    def _metrics(self, at_s: float, frame: Any) -> None:
        count = min(frame.count, len(self._tape.header.streams))
        said = np.full(len(self._tape.header.streams), np.nan)
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
        TILES.name: lambda self, at_s, frame: self._sheets.hear(at_s, frame),
    }

    def end(self) -> Material:
        """All of the run has been heard."""
        self._cues.end()
        return Material(
            self._tape.header, self._lanes, self._length_s, self._last_step, self._values,
            self._steps, self._shares, self._states, self._loudness, self._hands, self._cues,
            self._sheets, faults(self._tape),
        )  # fmt: skip


def faults(tape: Tape) -> tuple[str, ...]:
    """What could not be read of a run, in sentences; after its frames were read."""
    told = []
    if tape.cut_short:
        told.append(f"{tape.path.name} is cut short: what is there is taken")
    elif tape.broke_off:
        told.append(f"{tape.path.name} breaks off: what follows cannot be read")
    if tape.damaged:
        told.append(f"{tape.path.name}: {tape.damaged} damaged parts were passed over")
    return tuple(told)


def listen(
    run: Path,
    choose: Callable[[Sequence[StreamSpec]], Sequence[Sequence[StreamSpec]]],
    bank: Bank,
    progress: Callable[[float], None] = lambda at_s: None,
) -> Material:
    """Read a run once. `choose` says which of its streams go into which lane. Raises `Mistake`.

    `progress` gets the second of the run that was reached, now and then.
    """
    tape = Tape(run)
    triggers = frozenset(spec.path for spec in bank.triggers())
    listening, first_s = Listening(tape, choose(tape.header.streams), triggers), None
    for number, recorded in enumerate(tape.frames()):
        first_s = recorded.at_s if first_s is None else first_s
        listening.hear(recorded.at_s - first_s, recorded.topic, recorded.frame)
        if number % EVERY == 0:
            progress(recorded.at_s - first_s)
    if first_s is None:
        raise Mistake(f"{run}: this run holds no frames that can be read; take another copy")
    return listening.end()
