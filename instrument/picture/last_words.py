"""`LastWords`: the last fault that was told, as codes of letters, for a look. No GL; main thread."""

import textwrap

import numpy as np

from instrument.signals.bus import Bus
from instrument.signals.frames import NOTICES, NoticeFrame
from instrument.signals.notices import notice_of

LINES, COLUMNS = 8, 64


def codes(text: str, columns: int) -> np.ndarray:
    """Printable ASCII codes of a text, uint8 (columns,), blanks behind; what is none becomes '?'."""
    plain = "".join(c if " " <= c <= "~" else "?" for c in text[:columns])
    return np.frombuffer(plain.ljust(columns).encode("ascii"), np.uint8)


class LastWords:
    """`sheet`: uint8 (8, 64). `new` tells that it changed since it was cleared."""

    def __init__(self, bus: Bus) -> None:
        self._notices, self._notice = bus.listener(NOTICES), NoticeFrame()
        self.sheet = np.full((LINES, COLUMNS), 32, np.uint8)
        self.said_s = -1e9
        self.new = False

    def take(self, now_s: float) -> None:
        """Hear what waits; only faults are kept. Never waits."""
        while self._notices.take(self._notice) is not None:
            notice = notice_of(self._notice)
            if notice.grave:
                lines = textwrap.wrap(f"{notice.where}: {notice.text}", COLUMNS)[:LINES]
                lines += [""] * (LINES - len(lines))
                self.sheet = np.stack([codes(line, COLUMNS) for line in lines])
                self.said_s, self.new = now_s, True

    def close(self) -> None:
        """Leave the bus."""
        self._notices.close()
