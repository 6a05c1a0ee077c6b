"""How often the heavy topics are kept, so that a run stays below so many bytes per hour."""

from collections import Counter

from instrument.signals.frames import ACTIVATIONS, FIELD, TILES, WALK, WEIGHTS

BYTES_PER_HOUR = 1_000_000_000
HEAVY = frozenset(topic.name for topic in (TILES, WEIGHTS, WALK, FIELD, ACTIVATIONS)) | {"samples"}
"""What is thinned, all in the same measure. Everything else is kept whole."""
START = 0.024
"""The share of an hour that may be written at once at the beginning of a show."""
AIM = 0.92
"""The share of the bound that is aimed at."""
LOOK_S = 2.0
CATCH_UP_S = 120.0
"""Within so many seconds what was written too much is saved again."""
LEAST = 0.002
RISE, FALL = 1.3, 0.1


class Budget:
    """Watches what is really written and says how much rarer the heavy topics must be. One thread."""

    def __init__(self, bytes_per_hour: float = BYTES_PER_HOUR) -> None:
        self.scale = 1.0
        """What the usual rates are multiplied by."""
        self._per_s = bytes_per_hour / 3600.0
        self._began_s = self._looked_s = 0.0
        self._raw: Counter[bool] = Counter()
        self._written = 0
        self._light_per_s = 0.0
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
        allowed = self._per_s * (3600.0 * START + now_s - self._began_s)
        self._closed = written > allowed
        packed, raw = written - self._written, self._raw.total()
        if raw:
            heavy_per_s = packed * self._raw[True] / raw / passed_s
            light_per_s = packed * self._raw[False] / raw / passed_s
            self._light_per_s += (light_per_s - self._light_per_s) * min(1.0, passed_s / 10.0)
            self._rescale(heavy_per_s, AIM * allowed - written)
        self._looked_s, self._written = now_s, written
        self._raw.clear()

    def _rescale(self, heavy_per_s: float, spare: float) -> None:
        """`spare`: bytes that may still be written now beyond the even pace; below 0: too many were."""
        if heavy_per_s <= 0.0:
            self.scale = min(1.0, self.scale * RISE)
            return
        room = AIM * self._per_s - self._light_per_s + spare / CATCH_UP_S
        wanted = self.scale * room / heavy_per_s
        self.scale = min(1.0, max(LEAST, self.scale * FALL, min(wanted, self.scale * RISE)))
