"""What is to be known of a run before it is opened, in a blink: an hour of it takes some 50 ms.

Length, frames and gestures come from the summary; states and steps from a few chunks, evenly chosen. So the
shares of the states are estimates where `sampled` says so.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from instrument.runs.header import RunHeader
from instrument.runs.opening import open_plain
from instrument.runs.tape import Tape
from instrument.salvage.findings import clock_text
from instrument.salvage.frames import Said
from instrument.salvage.outline import Looking, Outline, outline
from instrument.salvage.survey import NS
from instrument.signals.frames import GESTURES, METRICS, SNAPSHOTS
from instrument.signals.mistake import Mistake
from instrument.signals.streams import stream_numbers

SAMPLED = 48
"""So many chunks are read for the states."""
MOST_READ = 256
"""So many, at most, to count the gestures of a run without a summary."""
TRIED = 32
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Facts:
    """A run in a few numbers; None is not known. `damage` is a clause, '' where none was seen."""

    date: str
    length_s: float
    preset: str
    net: str
    format: int
    automatic: bool
    """Whether it may be deleted when there are too many: nobody named it."""
    steps: int | None
    states: Sequence[tuple[str, float]]
    """What the training was in, and the share 0..1 of the time, the longest first."""
    sampled: bool
    gestures: int | None
    """Gesture frames: an act on the training is said twice, when asked for and when it took effect."""
    moments: int | None
    """Saved moments of the training, from which it can go on."""
    damage: str = ""


def facts(path: Path) -> Facts:
    """The facts of a run. Raises `Mistake` for a file that is no run or cannot be read."""
    return facts_of(Tape(path))


def facts_of(tape: Tape) -> Facts:
    """The facts of an open run, as `facts`."""
    path = tape.path
    try:
        with open_plain(path) as file:
            return _facts(tape, file)
    except OSError as error:
        raise Mistake(f"{path}: cannot be read ({error.strerror or error})") from error


def _facts(tape: Tape, file: BinaryIO) -> Facts:
    found = outline(file)
    looking, count = Looking(file, found), len(found.chunks)
    if found.walked and count:  # what is described may lie in the first chunk
        list(looking.frames([0]))
    chosen = sorted(
        {round(n * (count - 1) / (SAMPLED - 1)) for n in range(SAMPLED)} if count else ()
    )
    states = States(tape.header)
    for messages in looking.frames(chosen):
        states.hear_alike(messages)
    length_s = _length_s(found)
    return Facts(
        date=tape.header.date,
        length_s=length_s,
        preset=tape.header.preset,
        net=str(tape.header.source.get("net", "")),
        format=tape.header.format,
        automatic=tape.automatic,
        steps=_steps(found, looking),
        states=states.shares(),
        sampled=len(chosen) < count,
        gestures=_gestures(found, looking),
        moments=_moments(found, looking),
        damage=_damage(tape, found, looking, length_s),
    )


def _length_s(found: Outline) -> float:
    begin = min((chunk.first_ns for chunk in found.chunks), default=0)
    return (max((chunk.last_ns for chunk in found.chunks), default=0) - begin) * NS


def _damage(tape: Tape, found: Outline, looking: Looking, length_s: float) -> str:
    said = []
    if tape.cut_short:
        said.append(f"cut short at {clock_text(length_s)}")
    elif found.walked:
        said.append("its index is damaged")
    if looking.damaged:
        said.append(f"{looking.damaged} of the parts looked at damaged")
    return ", ".join(said)


def _last(found: Outline, looking: Looking, topic: str) -> Any:
    """The last frame of a topic, None where the last chunks that hold it have none that can be read."""
    for messages in looking.frames(islice(found.holding(topic), TRIED)):
        frames = [said.frame for said in messages if _is(said, topic)]
        if frames:
            return frames[-1]
    return None


def _is(said: Said, topic: str) -> bool:
    return said.topic is not None and said.topic.name == topic and said.frame is not None


def _steps(found: Outline, looking: Looking) -> int | None:
    frame = _last(found, looking, METRICS.name)
    return None if frame is None else int(frame.step)


def _moments(found: Outline, looking: Looking) -> int | None:
    if next(found.holding(SNAPSHOTS.name), None) is None:
        return 0
    frame = _last(found, looking, SNAPSHOTS.name)
    return None if frame is None else int(frame.number) + (frame.part + 1 == frame.parts)


def _gestures(found: Outline, looking: Looking) -> int | None:
    if found.counts is not None:
        return found.counts.get(GESTURES.name, 0)
    numbers = list(islice(found.holding(GESTURES.name), MOST_READ + 1))
    if len(numbers) > MOST_READ:
        return None
    chunks = looking.frames(numbers)
    return sum(_is(said, GESTURES.name) for messages in chunks for said in messages)


class States:
    """How long the training was in what, by the stream `state` of a run."""

    def __init__(self, header: RunHeader) -> None:
        numbers = stream_numbers(header.streams)
        self._number = numbers.get("state", -1)
        self._words = header.streams[self._number].choices if self._number >= 0 else ()
        self._times: defaultdict[str, float] = defaultdict(float)

    def hear_alike(self, messages: Iterable[Said]) -> None:
        """The frames of one chunk; every chunk counts alike, however many steps it has."""
        frames = [said.frame for said in messages if _is(said, METRICS.name)]
        for frame in frames:
            self.hear(frame, 1.0 / len(frames))

    def hear(self, frame: Any, lasts_s: float) -> None:
        """One metric frame that stood so long."""
        if 0 <= self._number < frame.count:
            self._times[self._word(frame.streams[self._number])] += lasts_s

    def _word(self, value: float) -> str:
        whole = 0 <= value < len(self._words) and value == int(value)
        return self._words[int(value)] if whole else UNKNOWN

    def shares(self) -> list[tuple[str, float]]:
        """Word and share 0..1, the longest first."""
        total = sum(self._times.values()) or 1.0
        shares = [(word, round(time / total, 4)) for word, time in self._times.items()]
        return sorted(shares, key=lambda share: -share[1])
