"""`Worker`: a thread of one's own between `start` and `stop`."""

import threading
from collections.abc import Callable

JOIN_S = 2.0


class Worker:
    """Runs `run` in a thread that does not keep the program alive; `ending` is set when it is to end."""

    def __init__(self, name: str, run: Callable[[], None]) -> None:
        self.ending = threading.Event()
        self._thread = threading.Thread(target=run, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, join_s: float = JOIN_S) -> None:
        """End; returns when the thread has ended, `join_s` later at the most. One not begun is let be."""
        self.ending.set()
        if self._thread.is_alive():
            self._thread.join(timeout=join_s)
