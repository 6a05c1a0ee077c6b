"""A listener's modulator that follows the mapping while hands and files change it."""

from typing import Any

import numpy as np

from instrument.mapping.modulator import Modulator
from instrument.mapping.route import Route
from instrument.signals.bus import Bus
from instrument.signals.frames import ROUTES, RoutesFrame
from instrument.signals.mistake import Mistake
from instrument.signals.routes import records_of


class LiveModulator:
    """A `Modulator` on the bus. `refused` counts frames that were no mapping: what stood still stands."""

    def __init__(self, modulator: Modulator, bus: Bus) -> None:
        self.modulator = modulator
        self.refused = 0
        self._listener = bus.listener(ROUTES)
        self._frame = RoutesFrame()
        self._read: list[tuple[dict[str, Any], Route]] = []
        """The records of the last frame, and the routes made of them."""

    def values(self, positions: np.ndarray, streams: np.ndarray, elapsed_s: float) -> np.ndarray:
        """`Modulator.values` of the mapping as it stands now. Never waits, never raises for a frame."""
        if self._listener.latest(self._frame) is not None:
            self._hear()
        return self.modulator.values(positions, streams, elapsed_s)

    def _hear(self) -> None:
        """Only what changed is read anew: this runs between two audio blocks."""
        try:
            read = []
            for number, record in enumerate(records_of(self._frame)):
                same = self._read[number : number + 1]
                route = same[0][1] if same and same[0][0] == record else Route.from_dict(record)
                read.append((record, route))
            self.modulator.replace([route for _, route in read])
        except (Mistake, ValueError, RecursionError):
            self.refused += 1
            return
        self._read = read
