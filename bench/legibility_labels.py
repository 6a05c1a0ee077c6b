"""What a second of a recorded run may be called: what the hand was at, and what the network itself says.

A second has a name only where both agree; `WITNESSES` is the rule. Real digits have slope -3.02 and
flatness .143, grey noise 0 and .99.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from legibility_runs import Phase, phases_of

from instrument.runs.tape import Tape
from instrument.signals.frames import METRICS

STATES = ("noise", "strokes", "healthy", "collapse", "underfit")
CLIP_S = 4.0
SETTLE_S = 2.0
"""Seconds after the beginning of a phase that have no name: routes have lags, the network has, too."""

WITNESSES: Mapping[str, Mapping[str, tuple[float, float]]] = {
    "noise": {"reject": (0.8, 1.0), "similarity_centred": (0.85, 1.0), "flatness": (0.4, 1.1)},
    "strokes": {"reject": (0.15, 0.9), "similarity_centred": (-0.1, 0.8), "flatness": (0.2, 0.6),
                "slope": (-2.2, -0.5)},
    "healthy": {"reject": (0.0, 0.08), "similarity_centred": (-0.1, 0.15), "modes": (9, 10),
                "divergence": (0.0, 0.2), "slope": (-3.0, -2.0)},
    "collapse": {"reject": (0.0, 0.5), "similarity_centred": (0.8, 1.0), "divergence": (0.7, 2.4)},
    "underfit": {"reject": (0.0, 0.3), "similarity_centred": (-0.1, 0.3), "slope": (-9.0, -3.3),
                 "flatness": (0.0, 0.125)},
}  # fmt: skip
"""Ranges in which the median of a second must lie, for each name.

The stream `state` knows no strokes, and its underfit (slope < -4.5) is a blur that the default net does not
come to; softer than the real digits are in slope *and* flatness is what is meant here.
"""


@dataclass(frozen=True)
class Told:
    """What a run says: seconds since its first frame (frames,), and streams by name, each (frames,)."""

    time_s: np.ndarray
    streams: Mapping[str, np.ndarray]
    seed: int = 0


@dataclass(frozen=True)
class Clip:
    """A piece of a run that lies wholly in one state."""

    state: str
    phase: str
    begin_s: float


def told_by(run: Path) -> Told:
    """Read the metrics of a run; second 0 is its first frame of any kind, as for the renderer."""
    tape = Tape(run)
    names = [stream.name for stream in tape.header.streams]
    first_s, times, rows = None, [], []
    for recorded in tape.frames():
        first_s = recorded.at_s if first_s is None else first_s
        if recorded.topic == METRICS.name:
            times.append(recorded.at_s - first_s)
            rows.append(np.array(recorded.frame.streams[: len(names)], np.float32))
    table = np.stack(rows)
    streams = {name: table[:, column] for column, name in enumerate(names)}
    return Told(np.array(times), streams, tape.header.seed)


def agrees(state: str, medians: Mapping[str, float]) -> bool:
    """Whether the streams of a second bear out that it is this state."""
    return all(low <= medians[name] <= high for name, (low, high) in WITNESSES[state].items())


def named_seconds(told: Told, phases: Sequence[Phase] = ()) -> list[tuple[str, str]]:
    """(state, phase) of every whole second of a run; state is empty where nobody may say.

    `phases` are those of the run's seed unless others are given.
    """
    names = {name for ranges in WITNESSES.values() for name in ranges}
    seconds: list[tuple[str, str]] = []
    for phase, second, settled in _seconds(phases or phases_of(told.seed)):
        there = (told.time_s >= second) & (told.time_s < second + 1)
        sure = False
        if phase.state and settled and there.any():
            medians = {name: float(np.median(told.streams[name][there])) for name in names}
            sure = agrees(phase.state, medians)
        seconds.append((phase.state if sure else "", phase.name))
    return seconds


def _seconds(phases: Sequence[Phase]) -> Iterator[tuple[Phase, int, bool]]:
    """Each second with its phase, and whether the phase has settled; the birth has nothing to settle."""
    begin = 0
    for phase in phases:
        for second in range(round(phase.seconds)):
            yield phase, begin + second, begin == 0 or second >= SETTLE_S
        begin += round(phase.seconds)


def clips(seconds: Sequence[tuple[str, str]], clip_s: float = CLIP_S) -> list[Clip]:
    """Every clip of whole seconds within one state and phase; neighbours overlap by half at the most."""
    length, found, begin = round(clip_s), [], 0
    while begin + length <= len(seconds):
        piece = set(seconds[begin : begin + length])
        if len(piece) == 1 and seconds[begin][0]:
            state, phase = seconds[begin]
            found.append(Clip(state, phase, float(begin)))
            begin += length // 2
        else:
            begin += 1
    return found


def even(found: Sequence[Clip], count: int) -> list[Clip]:
    """As many clips of each state, `count` at the most, evenly chosen over those that there are."""
    chosen: list[Clip] = []
    for state in STATES:
        of = [clip for clip in found if clip.state == state]
        places = np.unique(np.linspace(0, len(of) - 1, min(count, len(of))).round().astype(int))
        chosen += [of[place] for place in places.tolist()]
    return chosen


def chosen(runs: Sequence[Path], per_state: int) -> list[list[Clip]]:
    """The clips of every run: equally many of every state, `per_state` or as many as the poorest has."""
    found = [clips(named_seconds(told_by(run))) for run in runs]
    poorest = min(sum(clip.state == state for clip in of) for of in found for state in STATES)
    return [even(of, min(per_state, poorest)) for of in found]
