"""`Sayings`: what the picture has to say to the performer, put on the bus once per picture."""

from collections import deque

from instrument.signals.bus import Bus
from instrument.signals.frames import NOTICES
from instrument.signals.notices import Notice, notice_frame

MOST = 100


class Sayings:
    """Any thread may say; the main thread speaks."""

    def __init__(self, bus: Bus) -> None:
        self._notices = bus.publisher(NOTICES)
        self._said: set[str] = set()
        self._outbox: deque[Notice] = deque(maxlen=16)

    def say(self, text: str, grave: bool = False) -> None:
        """Queue a sentence. Any thread."""
        self._outbox.append(Notice("picture", text, grave))

    def say_once(self, text: str) -> None:
        """A fault, told the first time only."""
        if text not in self._said and len(self._said) < MOST:
            self._said.add(text)
            self.say(text, grave=True)

    def speak(self, now_s: float) -> None:
        """Put what waits on the bus. Main thread."""
        while self._outbox:
            self._notices.send(notice_frame(self._outbox.popleft(), now_s))

    def close(self) -> None:
        """Leave the bus."""
        self._notices.close()
