"""`Belt`: work done beside the drawing, one thing after the other, by a thread of its own."""

import queue
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

Thing = TypeVar("Thing")


class Belt(Generic[Thing]):
    """Does `work` with each thing that is put, in order. At most `room` of them wait.

    What `work` raises is raised by the next `check` or `close`; what is put after that is let go.
    """

    def __init__(self, name: str, work: Callable[[Thing], None], room: int) -> None:
        self._work = work
        self._things: queue.Queue[Thing | None] = queue.Queue(maxsize=room)
        self._fault: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def put(self, thing: Thing) -> None:
        """Hand something over; waits while the belt is full. Raises nothing. One thread."""
        self._things.put(thing)

    def _run(self) -> None:
        while (thing := self._things.get()) is not None:
            if self._fault is None:
                try:
                    self._work(thing)
                except BaseException as fault:
                    self._fault = fault

    def check(self) -> None:
        """Raises what the work raised."""
        if self._fault is not None:
            raise self._fault

    def close(self) -> None:
        """Return when all that waits is done. Raises what the work raised."""
        self.end()
        self.check()

    def end(self) -> None:
        """The same without raising."""
        if self._thread.is_alive():
            self._things.put(None)
            self._thread.join()
