"""`Watching`: looks at files again and again in a thread of its own; tells the states of a file apart."""

import threading
from pathlib import Path

POLL_S = 0.25

Stamp = tuple[int, int, int] | None
"""Time of change, size and number of a file; None where there is none."""


def stamp(path: Path) -> Stamp:
    """What tells one state of a file from the next."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


class Watching:
    """Calls `look` four times a second between `start` and `stop`."""

    def __init__(self, name: str) -> None:
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End; returns when the thread has ended."""
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join(timeout=2.0)

    def _run(self) -> None:
        while not self._ending.wait(POLL_S):
            self.look()

    def look(self) -> None:
        """Look once; never raises. Watching thread."""
        raise NotImplementedError
