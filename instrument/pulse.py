"""`Pulse`: the main process says five times a second how it does."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from instrument.clock import Clock
from instrument.signals.bus import Bus
from instrument.signals.frames import HEALTH, HealthFrame
from instrument.signals.texts import field_of

EVERY_S = 0.2
RECENT = 5
"""So many pulses back: what is told per second and as a share is of about the last second."""


@dataclass(frozen=True)
class Signs:
    """What the main process counts; all from the start of the show but `look` and `size`."""

    pictures: int
    late: int
    held: int
    """Pictures in which the flash guard held something."""
    film_dropped: int
    refused: int
    gestures: int
    look: str
    size: tuple[int, int]
    unguarded: bool


class Pulse:
    """Publishes `HealthFrame`s. Main thread."""

    def __init__(self, bus: Bus, clock: Clock, signs: Callable[[], Signs]) -> None:
        self._publisher = bus.publisher(HEALTH)
        self._clock, self._signs = clock, signs
        self._began_s = self._due_s = clock()
        self._past: deque[tuple[float, int, int]] = deque(maxlen=RECENT + 1)
        """When, pictures and held pictures by then."""

    def beat(self) -> None:
        """Say it if it is time. Call it once per picture; never waits."""
        now_s = self._clock()
        if now_s < self._due_s:
            return
        self._due_s = now_s + EVERY_S
        signs = self._signs()
        self._past.append((now_s, signs.pictures, signs.held))
        before_s, before, held_before = self._past[0]
        pictures, elapsed_s = signs.pictures - before, now_s - before_s
        width, height = signs.size
        self._publisher.meet()
        self._publisher.send(
            HealthFrame(
                time_s=now_s,
                began_s=self._began_s,
                pictures=signs.pictures,
                late=signs.late,
                film_dropped=signs.film_dropped,
                refused=signs.refused,
                gestures=signs.gestures,
                fps=pictures / elapsed_s if elapsed_s > 0 else 0.0,
                held=(signs.held - held_before) / pictures if pictures else 0.0,
                width=min(65535, width),
                height=min(65535, height),
                unguarded=int(signs.unguarded),
                look=field_of(signs.look, 31),
            )
        )
