"""How often the heavy topics are kept, so that a run stays below so many bytes per hour."""

import math
from collections import Counter

from instrument.signals.frames import ACTIVATIONS, FIELD, TILES, WALK, WEIGHTS

BYTES_PER_HOUR = 1_000_000_000
HEAVY = frozenset(topic.name for topic in (TILES, WEIGHTS, WALK, FIELD, ACTIVATIONS)) | {"samples"}
"""What is thinned, all in the same measure. Everything else is kept whole."""
AIM = 0.95
"""The share of the bound that is written."""
START = 0.024
"""The share of an hour that may be written at once at the beginning of a show."""
LOOK_S = 2.0
MEMORY_S = 60.0
"""Over about so many seconds is measured what a second costs."""
CATCH_UP_S = 120.0
"""Within so many seconds what was written too much is saved again."""
LEAST = 0.002


class Budget:
    """Watches what is really written and says how much rarer the heavy topics must be. One thread.

    What may be written grows evenly with the time; what is left of it at a moment is spent on the heavy
    topics, a little faster where much is left and slower where little is, after the others had theirs.
    """

    def __init__(self, bytes_per_hour: float = BYTES_PER_HOUR) -> None:
        self.scale = 1.0
        """What the usual rates are multiplied by."""
        self._per_s = AIM * bytes_per_hour / 3600.0
        self._start = START * bytes_per_hour
        self._began_s = self._looked_s = 0.0
        self._raw: Counter[bool] = Counter()
        self._written = 0
        self._light = self._heavy = 0.0
        """Packed bytes of the last minute."""
        self._full_s = 0.0
        """Seconds of the last minute, as many as there would be at full rates."""
        self._closed = False

    def begin(self, now_s: float) -> None:
        """The hour begins."""
        self._began_s = self._looked_s = now_s

    def keeps(self, topic: str) -> bool:
        """Whether anything of this topic may be kept at all now."""
        return not (self._closed and topic in HEAVY)

    def count(self, topic: str, size: int) -> None:
        """So many bytes of a topic were kept, as they are before they are packed."""
        self._raw[topic in HEAVY] += size

    def look(self, now_s: float, written: int) -> None:
        """Set the scale by what was written since last time, packed; `written` bytes in all."""
        passed_s = now_s - self._looked_s
        if passed_s < LOOK_S:
            return
        left = self._start + self._per_s * (now_s - self._began_s) - written
        self._closed = left < 0.0
        self._remember(written - self._written, passed_s)
        spent_per_s = self._light / MEMORY_S
        room = self._per_s - spent_per_s + (left - self._start / 2) / CATCH_UP_S
        if self._heavy > 0.0:
            self.scale = min(1.0, max(LEAST, room * self._full_s / self._heavy))
        self._looked_s, self._written = now_s, written
        self._raw.clear()

    def _remember(self, packed: int, passed_s: float) -> None:
        """The last minute counts, what came before fades."""
        fade, raw = math.exp(-passed_s / MEMORY_S), max(1, self._raw.total())
        self._light = self._light * fade + packed * self._raw[False] / raw
        self._heavy = self._heavy * fade + packed * self._raw[True] / raw
        self._full_s = self._full_s * fade + passed_s * self.scale
