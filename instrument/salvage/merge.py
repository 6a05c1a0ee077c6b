"""The messages of a run in the order of their time, whatever order its chunks have in the file."""

import heapq
from collections.abc import Iterator

from instrument.salvage.flow import DISORDER_S
from instrument.salvage.frames import Frames, Said
from instrument.salvage.survey import NS, Surveyor

MOST_HELD_BYTES = 64 * 1024 * 1024
"""Chunks that overlap in time are held so far; ours overlap by a few frames."""


class Merge:
    """All messages that can be used, sorted. What cannot be is counted in `left_out` by its reason."""

    def __init__(self, surveyor: Surveyor, frames: Frames) -> None:
        self._walk = surveyor.walk
        self._places = surveyor.survey.places
        self._frames = frames
        self._held: list[tuple[int, int, Said]] = []
        self._held_bytes = 0
        self._number = 0
        self._latest_ns: dict[int, int] = {}
        self.left_out: dict[str, int] = {}

    def messages(self) -> Iterator[Said]:
        """One after the other. Raises ValueError where the file has changed since it was surveyed."""
        order = sorted(range(len(self._places)), key=lambda n: self._places[n].begin_ns)
        for number in order:
            place = self._places[number]
            yield from self._until(place.begin_ns)
            for said in self._frames.of(self._walk.again(place.at_byte, place.end_byte)):
                self._hold(said)
            while self._held_bytes > MOST_HELD_BYTES:
                yield from self._pop()
        while self._held:
            yield from self._pop()

    def _until(self, log_ns: int) -> Iterator[Said]:
        while self._held and self._held[0][0] < log_ns:
            yield from self._pop()

    def _hold(self, said: Said) -> None:
        if said.topic is not None and said.frame is None:
            self._leave_out(f"frames of {said.topic.name} that cannot be used")
            return
        heapq.heappush(self._held, (said.log_ns, self._number, said))
        self._held_bytes += len(said.data)
        self._number += 1

    def _pop(self) -> Iterator[Said]:
        _, _, said = heapq.heappop(self._held)
        self._held_bytes -= len(said.data)
        latest_ns = self._latest_ns.get(said.channel, said.log_ns)
        if (latest_ns - said.log_ns) * NS > DISORDER_S:
            self._leave_out("frames whose time runs back")
            return
        self._latest_ns[said.channel] = max(latest_ns, said.log_ns)
        yield said

    def _leave_out(self, reason: str) -> None:
        self.left_out[reason] = self.left_out.get(reason, 0) + 1
