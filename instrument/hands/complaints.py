"""Refusals are counted, and said at most once a second."""

from collections.abc import Callable

from instrument.clock import Clock

EVERY_S = 1.0


class Complaints:
    """Gathers refusals and says the first of each second, with the number of the others. One thread."""

    def __init__(self, say: Callable[[str, bool], None], clock: Clock) -> None:
        self._say = say
        self._clock = clock
        self._next_s = float("-inf")
        self._waiting: Callable[[], str] | None = None
        self._more = 0
        self.count = 0

    def add(self, sentence: Callable[[], str], times: int = 1) -> None:
        """A refusal, or several at once; `sentence` is only called if it is said."""
        self.count += times
        if self._waiting is None:
            self._waiting = sentence
        else:
            self._more += 1
        self.flush()

    def flush(self) -> None:
        """Say what waits, if the second is over."""
        if self._waiting is None or self._clock() < self._next_s:
            return
        more = f" (and {self._more} more refused)" if self._more else ""
        text = self._waiting() + more
        self._waiting, self._more = None, 0
        self._next_s = self._clock() + EVERY_S
        self._say(text, False)
