"""`Share`: a taker that gives every picture it can to one outlet, in a thread of its own."""

import queue
import threading
from collections.abc import Callable
from typing import Any

from instrument.picture.readback import Shown
from instrument.picture.sharing.outlet import Outlet, open_outlet
from instrument.picture.stretch import stretched
from instrument.signals.mistake import Mistake

CLOSE_S = 3.0
Opening = Callable[[str, tuple[int, int], float], Outlet]


class Share:
    """Always the newest picture: one that comes while another waits takes its place; those are counted."""

    def __init__(
        self,
        what: str,
        size: tuple[int, int],
        rate: float,
        say: Callable[[str], None],
        opening: Opening = open_outlet,
    ) -> None:
        """Opens the outlet; raises `Mistake`. `say` takes a sentence about a fault (share thread)."""
        self._opening = opening
        self.what, self.size, self.rate = what, size, rate
        self.words = ""
        self.sent = 0
        self.dropped = 0
        self.failed = ""
        self._say = say
        self._newest: queue.Queue[Shown | None] = queue.Queue(maxsize=1)
        self._opened: queue.SimpleQueue[Outlet | Mistake] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=f"share {what}", daemon=True)
        self._thread.start()
        opened = self._opened.get()
        if isinstance(opened, Mistake):
            raise opened
        self.words = opened.words

    def take(self, shown: Shown) -> None:
        """A picture; never waits. Main thread."""
        self._put(shown)

    def _put(self, shown: Shown | None) -> None:
        while True:
            try:
                self._newest.put_nowait(shown)
                return
            except queue.Full:
                try:
                    self._newest.get_nowait()
                    self.dropped += 1
                except queue.Empty:
                    continue

    def _run(self) -> None:
        try:
            outlet = self._opening(self.what, self.size, self.rate)
        except Mistake as mistake:
            self._opened.put(mistake)
            return
        except Exception as error:
            self._opened.put(Mistake(f"--share {self.what}: {type(error).__name__}: {error}"))
            return
        self._opened.put(outlet)
        try:
            while (shown := self._newest.get()) is not None:
                if not self.failed:
                    self._send(outlet, shown)
                del shown
            outlet.close()
        except Exception as error:
            self._fail(error)

    def _send(self, outlet: Outlet, shown: Shown) -> None:
        try:
            outlet.send(stretched(shown.pixels, self.size, outlet.form))
            self.sent += 1
        except Exception as error:
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        if not self.failed:
            self.failed = f"sharing by {self.what} ends ({error}); the show goes on"
            self._say(self.failed)

    def close(self) -> None:
        """No more pictures; returns when the outlet is closed (one that hangs is left after 3 s)."""
        self._put(None)
        self._thread.join(timeout=CLOSE_S)

    def report(self) -> dict[str, Any]:
        """What was counted."""
        return {"to": self.what, "sent": self.sent, "dropped": self.dropped, "failed": self.failed}
