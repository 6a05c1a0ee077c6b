"""`Coalesced`: values that wait to be sent, at most so many per second and address, the latest wins."""

import heapq

Arguments = tuple[object, ...]

REMEMBERED = 4096
"""Addresses whose last sending is remembered before the old ones are looked through."""


class Coalesced:
    """What one receiver is still to be told. Pure: time is handed in. One thread.

    Every address that waits has one place in the row, however often its value changes. Those that
    have been due for longest go first, so an address that changes all the time keeps none back.
    """

    def __init__(self, rate_per_s: float = 30.0) -> None:
        """`rate_per_s`: how often one address may be sent in a second."""
        self._interval_s = 1.0 / rate_per_s
        self._latest: dict[str, Arguments] = {}
        self._sent_s: dict[str, float] = {}
        self._row: list[tuple[float, int, str]] = []
        self._count = 0

    def __len__(self) -> int:
        """How many addresses wait."""
        return len(self._latest)

    def put(self, address: str, arguments: Arguments, now_s: float) -> None:
        """This is what stands at `address` now; what waited there is forgotten."""
        if address not in self._latest:
            due_s = max(now_s, self._sent_s.get(address, float("-inf")) + self._interval_s)
            self._count += 1
            heapq.heappush(self._row, (due_s, self._count, address))
        self._latest[address] = arguments

    def take(self, now_s: float, most: int = 1 << 30) -> list[tuple[str, Arguments]]:
        """Up to `most` of those that are due, to be sent now; the others go on waiting."""
        due: list[tuple[str, Arguments]] = []
        while self._row and self._row[0][0] <= now_s and len(due) < most:
            _, _, address = heapq.heappop(self._row)
            due.append((address, self._latest.pop(address)))
            self._sent_s[address] = now_s
        if len(self._sent_s) > REMEMBERED:
            self._forget_old(now_s)
        return due

    def wait_s(self, now_s: float) -> float | None:
        """Seconds until something is due, 0 if something is; None while nothing waits."""
        return max(0.0, self._row[0][0] - now_s) if self._row else None

    def forget(self, address: str) -> None:
        """Nobody wants this address any more."""
        if self._latest.pop(address, None) is not None:
            self._row = [place for place in self._row if place[2] != address]
            heapq.heapify(self._row)

    def clear(self) -> None:
        """Nothing waits any more."""
        self._latest.clear()
        self._row.clear()

    def _forget_old(self, now_s: float) -> None:
        old_s = now_s - self._interval_s
        self._sent_s = {a: sent_s for a, sent_s in self._sent_s.items() if sent_s > old_s}
