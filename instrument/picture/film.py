"""`Film`: what is shown, written into a file beside the show. It never holds the show up.

Pictures wait in a short queue for a thread that takes only what the show leaves of the processor; where
it cannot follow, pictures are left out of the film and counted.
"""

import os
import queue
import threading
from collections.abc import Callable
from pathlib import Path

from instrument.picture.film_file import FilmFile
from instrument.picture.readback import Shown
from instrument.signals.mistake import Mistake
from instrument.signals.niceness import be_nice

WAITING = 8
NICENESS = 10
"""Of the film's threads. Only what nobody else wants is nothing at all where every core is taken: on two
cores with five times their work a film kept 17 of 185 pictures by SCHED_IDLE and 71 of 168 so."""
CLOSE_S = 10.0


class Film:
    """A film being made. `take` and `close` belong to the main thread; counts may be read anywhere."""

    def __init__(
        self, path: Path, size: tuple[int, int], rate: float, say: Callable[[str], None]
    ) -> None:
        """Opens the file; raises `Mistake`. `say` takes a sentence about a fault (film thread)."""
        self.path, self.size, self.rate = path, size, rate
        self.pictures = 0
        self.dropped = 0
        self.failed = ""
        self.began_s: float | None = None
        """When its first picture came on the screen, on the show's clock."""
        self.last_s = 0.0
        """The same of the last picture it saw, in it or not."""
        self._held: Shown | None = None
        self._say = say
        self._waiting: queue.Queue[tuple[Shown, float] | None] = queue.Queue(maxsize=WAITING)
        self._opened: queue.SimpleQueue[Mistake | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="film", daemon=True)
        self._thread.start()
        fault = self._opened.get()
        if fault is not None:
            raise fault

    def take(self, shown: Shown) -> None:
        """A picture; never waits. Main thread.

        It goes into the film when the next one is drawn: only then it is known when it came on the screen.
        """
        self._put_held(shown.drawn_s)
        self._held = shown

    def _put_held(self, time_s: float) -> None:
        held, self._held = self._held, None
        if held is None:
            return
        self.last_s = time_s
        try:
            if self.failed:
                raise queue.Full
            self._waiting.put_nowait((held, time_s))
        except queue.Full:
            self.dropped += 1

    def _run(self) -> None:
        # Before the encoder makes threads of its own: they inherit it.
        be_nice(threading.get_native_id(), NICENESS)
        try:
            threads = max(1, (os.cpu_count() or 1) // 4)
            file = FilmFile(self.path, self.size, self.rate, live=True, threads=threads)
        except Mistake as mistake:
            self._opened.put(mistake)
            return
        self._opened.put(None)
        while (waiting := self._waiting.get()) is not None:
            self._add(file, *waiting)
            # Let go, so that its place is there for the next.
            del waiting
        try:
            file.close()
        except Exception as error:
            self._fail(error)

    def _add(self, file: FilmFile, shown: Shown, time_s: float) -> None:
        if self.failed:
            self.dropped += 1
            return
        try:
            if self.began_s is None:
                self.began_s = time_s
            file.add(shown.pixels, time_s - self.began_s)
            self.pictures += 1
        except Exception as error:
            self.dropped += 1
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        if not self.failed:
            reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
            self.failed = f"the film {self.path} ends here ({reason}); the show goes on"
            self._say(self.failed)

    def close(self) -> None:
        """Write what waits, finish the file (a disk that hangs is left after 10 s)."""
        if self._held is not None:
            self._put_held(self._held.drawn_s + 1.0 / self.rate)
        try:
            self._waiting.put(None, timeout=CLOSE_S)
        except queue.Full:
            return
        self._thread.join(timeout=CLOSE_S)
