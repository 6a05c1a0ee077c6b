"""Bundles that wait for their time tag."""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass

from instrument.clock import Clock
from instrument.hands.caller import Caller
from instrument.hands.packet import IMMEDIATELY

AHEAD_S = 2.0
MAX_WAITING = 4096
NTP_TO_UNIX_S = 2208988800


@dataclass(frozen=True)
class Unit:
    """Messages that belong together: a message alone, or those of a bundle, in their order."""

    time_tag: int
    messages: tuple[bytes, ...]


def units(found: list[tuple[int, bytes]]) -> list[Unit]:
    """The messages of a packet, those with one time tag side by side in one unit."""
    gathered: list[tuple[int, list[bytes]]] = []
    for time_tag, message in found:
        if gathered and gathered[-1][0] == time_tag:
            gathered[-1][1].append(message)
        else:
            gathered.append((time_tag, [message]))
    return [Unit(time_tag, tuple(messages)) for time_tag, messages in gathered]


class Waiting:
    """The row of bundles that wait, ordered by their time, then by when they came. One thread at a time."""

    def __init__(self, utc: Clock) -> None:
        """`utc`: seconds since 1970, which the time tags of bundles are in."""
        self._utc = utc
        self._row: list[tuple[float, int, Unit, Caller]] = []
        self._count = 0
        self._messages = 0

    def due_in_s(self, time_tag: int) -> float:
        """How long a bundle has to wait: 0 when it counts as now, as one does that is late or far ahead."""
        if time_tag <= IMMEDIATELY:
            return 0.0
        ahead_s = time_tag / 2**32 - NTP_TO_UNIX_S - self._utc()
        return ahead_s if 0.0 < ahead_s <= AHEAD_S else 0.0

    def keep(self, due_s: float, unit: Unit, caller: Caller) -> bool:
        """Keep it until then; False if `MAX_WAITING` messages wait already."""
        if self._messages + len(unit.messages) > MAX_WAITING:
            return False
        self._count += 1
        self._messages += len(unit.messages)
        heapq.heappush(self._row, (due_s, self._count, unit, caller))
        return True

    def due(self, now_s: float) -> Iterator[tuple[Unit, Caller]]:
        """Those whose time has come, in their order."""
        while self._row and self._row[0][0] <= now_s:
            _, _, unit, caller = heapq.heappop(self._row)
            self._messages -= len(unit.messages)
            yield unit, caller

    @property
    def next_s(self) -> float | None:
        """When the next one is due."""
        return self._row[0][0] if self._row else None
