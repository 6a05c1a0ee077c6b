"""A run file under random access: any second and any step of it, without reading what lies between."""

import heapq
from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from math import inf
from pathlib import Path
from typing import Any

import numpy as np

from instrument.runs.index import read_index
from instrument.runs.opening import open_plain
from instrument.runs.tape import REORDER, Recorded, Tape
from instrument.runs.unpacked import Unpacked, Written
from instrument.signals.frames import METRICS, TOPICS
from instrument.signals.mistake import Mistake
from instrument.signals.spoken import counted

NS = 1_000_000_000
LOOKED_BACK = 4
"""Frames lie a little out of order: so many chunks before a good one are looked at, too."""
LOOKED_ON = 4
"""So many chunks with metrics are read to find a step in the one where it must be."""


class Reel:
    """A run file. Seconds count from its first frame. One thread.

    Damaged chunks and frames are passed over and counted in `damaged`; what a lying index hides is not
    found, no more.
    """

    def __init__(self, path: Path) -> None:
        """Raises `Mistake` for a file that is no run, of another format, or without a frame."""
        tape = Tape(path)
        self.path = path
        self.header = tape.header
        """What it is a run of."""
        self.cut_short = tape.cut_short
        """Whether the end is missing."""
        self._file = open_plain(path)
        index = read_index(self._file)
        self.broke_off = index.broke_off and not self.cut_short
        """Whether there is a place after which nothing can be found."""
        self._unpacked = Unpacked(self._file, index)
        self._places = index.places
        if index.walked:
            self._unpacked.meet_all()
        self._note_topics()
        first = next(self._written(0), None)
        if first is None:
            raise Mistake(f"{path}: this run holds no frames that can be read; take another copy")
        self._first_ns = first.at_ns
        self.length_s = max(0.0, self._seconds(self._last_ns()))
        """When its last frame was said."""

    def _note_topics(self) -> None:
        """For each topic the chunks that hold it, and the times the chunks claim."""
        self._chunks_of: dict[str, list[int]] = {topic.name: [] for topic in TOPICS}
        for number, place in enumerate(self._places):
            for name in self._unpacked.topics(place) or self._chunks_of:
                self._chunks_of[name].append(number)
        first = np.array([place.first_ns for place in self._places], np.uint64)
        last = np.array([place.last_ns for place in self._places], np.uint64)
        self._reached = np.maximum.accumulate(last) if len(last) else last
        """How far the file has come by the end of each chunk; never falls."""
        self._ahead = np.minimum.accumulate(first[::-1])[::-1] if len(first) else first
        """The earliest that is said from each chunk on; never falls."""

    @property
    def damaged(self) -> int:
        """Chunks and frames passed over so far because they cannot be read."""
        return self._unpacked.damaged

    @property
    def passed_over(self) -> str:
        """The same in words: ``3 damaged parts were passed over``."""
        were = "was" if self.damaged == 1 else "were"
        return f"{counted(self.damaged, 'damaged part')} {were} passed over"

    def faults(self, done: str) -> list[str]:
        """What could not be read so far, in sentences; `done`: what became of the rest, as ``drawn``."""
        told, name = [], self.path.name
        if self.cut_short:
            told.append(f"{name} is cut short: what is there is {done}")
        elif self.broke_off:
            told.append(f"{name} breaks off: what follows cannot be read")
        if self.damaged:
            told.append(f"{name}: {self.passed_over}")
        return told

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    # -- reading on ---------------------------------------------------------------------------------

    def frames(
        self, from_s: float = 0.0, topics: Collection[str] | None = None, behind: bool = False
    ) -> Iterator[Recorded]:
        """Every frame from a second on that can be read, in the order of time; of some topics, or all.

        `behind`: only what comes after that second.
        """
        for written in self._written(self._nanoseconds(from_s) + behind, topics):
            frame = self._unpacked.frame(written)
            if frame is not None:
                yield Recorded(max(0.0, self._seconds(written.at_ns)), written.topic, frame)

    def _written(self, from_ns: int, topics: Collection[str] | None = None) -> Iterator[Written]:
        """Frames lie a little out of order: one is handed on when no chunk to come begins before it."""
        held: list[tuple[int, int, Written]] = []
        order = 0
        chunks = self._chunks_from(from_ns, topics)
        for place, number in enumerate(chunks):
            for written in self._unpacked.messages(number):
                if written.at_ns >= from_ns and (topics is None or written.topic in topics):
                    heapq.heappush(held, (written.at_ns, order, written))
                    order += 1
            ahead_ns = self._ahead[chunks[place + 1]] if place + 1 < len(chunks) else inf
            while held and (held[0][0] < ahead_ns or len(held) > REORDER):
                yield heapq.heappop(held)[2]

    def _chunks_from(self, from_ns: int, topics: Collection[str] | None) -> Sequence[int]:
        begin = int(np.searchsorted(self._reached, np.uint64(max(0, from_ns))))
        if topics is None:
            return range(begin, len(self._places))
        chosen = sorted({number for name in topics for number in self._chunks_of.get(name, ())})
        return chosen[bisect_left(chosen, begin) :]

    def holds(self, topic: str) -> bool:
        """Whether there is a frame of a topic, as far as the index knows."""
        return bool(self._chunks_of.get(topic))

    # -- what stands --------------------------------------------------------------------------------

    def standing(self, at_s: float, topics: Collection[str] | None = None) -> dict[str, Any]:
        """The last frame of every topic (or of some) at or before a second, by the topic's name."""
        at_ns = self._nanoseconds(at_s)
        names = [topic.name for topic in TOPICS if topics is None or topic.name in topics]
        found = {name: self._last_of(name, at_ns) for name in names}
        return {name: frame for name, frame in found.items() if frame is not None}

    def _last_of(self, topic: str, at_ns: int) -> Any | None:
        chunks = self._chunks_of[topic]
        end = int(np.searchsorted(self._ahead, np.uint64(max(0, at_ns)), side="right"))
        place = bisect_left(chunks, end)
        best: tuple[int, Any] | None = None
        looked = 0
        while place > 0 and looked < LOOKED_BACK:
            place -= 1
            looked += best is not None
            if best is not None and self._places[chunks[place]].last_ns <= best[0]:
                continue
            found = self._last_in(chunks[place], topic, at_ns)
            if found is not None and (best is None or found[0] > best[0]):
                best = found
        return None if best is None else best[1]

    def _last_in(self, number: int, topic: str, at_ns: int) -> tuple[int, Any] | None:
        for written in reversed(self._unpacked.messages(number)):
            if written.topic == topic and written.at_ns <= at_ns:
                frame = self._unpacked.frame(written)
                if frame is not None:
                    return written.at_ns, frame
        return None

    # -- steps --------------------------------------------------------------------------------------

    def second_of_step(self, step: int) -> float | None:
        """When a step was said, or the next one after a gap; the last one where there are none beyond.

        None where the run holds no metrics.
        """
        chunks = self._chunks_of[METRICS.name]
        low, high = 0, len(chunks)  # the last chunk that begins at or before the step
        while high - low > 1:
            middle = (low + high) // 2
            at = self._with_metrics(chunks, middle, high)
            if at is not None and at[1] <= step:
                low = at[0]
            else:
                high = middle
        return self._second_in(chunks[low : low + LOOKED_ON], step)

    def _with_metrics(self, chunks: list[int], begin: int, end: int) -> tuple[int, int] | None:
        """The first of these chunks with metrics, and the step it begins with."""
        for place in range(begin, end):
            for written in self._unpacked.messages(chunks[place]):
                if written.topic == METRICS.name:
                    frame = self._unpacked.frame(written)
                    if frame is not None:
                        return place, int(frame.step)
        return None

    def _second_in(self, chunks: list[int], step: int) -> float | None:
        last = None
        for number in chunks:
            for written in self._unpacked.messages(number):
                if written.topic != METRICS.name:
                    continue
                frame = self._unpacked.frame(written)
                if frame is None:
                    continue
                last = max(0.0, self._seconds(written.at_ns))
                if frame.step >= step:
                    return last
        return last

    def step_at(self, at_s: float) -> int:
        """The step of the last metrics at or before a second; 0 where there are none."""
        frame = self.standing(at_s, (METRICS.name,)).get(METRICS.name)
        return 0 if frame is None else int(frame.step)

    def goal_of_step(self, step: int) -> float | None:
        """Where a hand that asks for a step is to go: its second, or the end for one that never was.

        None where the run holds no metrics.
        """
        second = self.second_of_step(step)
        if second is None or step <= self.step_at(self.length_s):
            return second
        return self.length_s

    # -- time ---------------------------------------------------------------------------------------

    def _last_ns(self) -> int:
        for number in range(len(self._places) - 1, -1, -1):
            messages = [
                *self._unpacked.messages(max(0, number - 1)),
                *self._unpacked.messages(number),
            ]
            if messages:
                return max(written.at_ns for written in messages)
        return self._first_ns

    def _seconds(self, at_ns: int) -> float:
        return (at_ns - self._first_ns) / NS

    def _nanoseconds(self, at_s: float) -> int:
        return min(2**63, self._first_ns + round(max(0.0, at_s) * NS))
