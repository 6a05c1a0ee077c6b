"""`Watching`: looks at files again and again in a thread of its own; tells the states of a file apart."""

from pathlib import Path

from instrument.signals.worker import Worker

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
        self._worker = Worker(name, self._run)

    def start(self) -> None:
        """Begin."""
        self._worker.start()

    def stop(self) -> None:
        """End; returns when the thread has ended."""
        self._worker.stop()

    def _run(self) -> None:
        while not self._worker.ending.wait(POLL_S):
            self.look()

    def look(self) -> None:
        """Look once; never raises. Watching thread."""
        raise NotImplementedError
