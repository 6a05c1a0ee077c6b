"""A listener's modulator that follows the mapping while hands, files and scenes change it."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from instrument.mapping.modulator import Modulator
from instrument.mapping.route import Route
from instrument.signals.bus import Bus
from instrument.signals.due import Due, When, due_second
from instrument.signals.frames import ROUTES, RoutesFrame
from instrument.signals.mistake import Mistake
from instrument.signals.routes import records_of
from instrument.units import share_to_glide

MOST_LEAVING = 3
"""So many mappings may be on their way out at once; the faintest is dropped where a further one comes."""
LONGEST_FADE_S = 3600.0


class LiveModulator:
    """A `Modulator` on the bus. `refused` counts frames that were no mapping: what stood still stands.

    | the frame comes                      | what happens                                                  |
    |--------------------------------------|---------------------------------------------------------------|
    | with no fade (an edit, a saved file) | the routes change where they stand; a fade under way goes on  |
    | with a fade (a scene)                | what stood is kept and fades out while the new one fades in   |
    | with a fade while one is under way   | what is heard now fades out, as it was mixed, at its shares   |
    | with a fade, before any value was asked | nothing has been heard yet: at once                        |

    What fades is where controls stand pushed, 0..1: every push by itself, and no control beyond its ends.
    The fade goes by the seconds handed in, so a rendering of it is always the same. A frame that is dated
    in the future waits until then.
    """

    def __init__(
        self,
        modulator: Modulator,
        bus: Bus,
        now: Callable[[], float] = lambda: math.inf,
        when: When = due_second,
        far: float = 0.0,
    ) -> None:
        """`now`, `when` and `far` as in `signals.due`; where they are not given, every frame is at once."""
        self.modulator = modulator
        """The one that stands, or is coming."""
        self.refused = 0
        self.due = Due(bus.listener(ROUTES), RoutesFrame, when, far)
        self._now = now
        self._frame = RoutesFrame()
        self._read: list[tuple[dict[str, Any], Route]] = []
        """The records of the last frame, and the routes made of them."""
        self._leaving: list[tuple[Modulator, float]] = []
        """What fades out, and its share of what was heard when the fade began; they sum to 1."""
        self._faded_s = 0.0
        self._fade_s = 0.0
        self._began = False
        self._mix = np.zeros(len(modulator.bank))
        self._values = np.zeros(len(modulator.bank))

    def values(self, positions: np.ndarray, streams: np.ndarray, elapsed_s: float) -> np.ndarray:
        """`Modulator.values` of the mapping as it stands now. Never waits, never raises for a frame."""
        while self.due.take(self._now(), self._frame) is not None:
            self._hear()
        self._began = True
        if not self._leaving:
            return self.modulator.values(positions, streams, elapsed_s)
        self._faded_s += elapsed_s
        if self._faded_s >= self._fade_s:
            self._leaving = []
            return self.modulator.values(positions, streams, elapsed_s)
        share, mix = self._share(), self._mix
        mix[:] = self.modulator.positions(positions, streams, elapsed_s)
        mix *= share
        for leaving, part in self._leaving:
            mix += leaving.positions(positions, streams, elapsed_s) * ((1.0 - share) * part)
        return self.modulator.bank.map(mix, self._values)

    def _share(self) -> float:
        """How much of what is heard is the mapping that comes, 0..1; level at both ends."""
        return share_to_glide(min(1.0, self._faded_s / self._fade_s))

    def _hear(self) -> None:
        """Only what changed is read anew: this runs between two audio blocks."""
        try:
            read = []
            for number, record in enumerate(records_of(self._frame)):
                same = self._read[number : number + 1]
                route = same[0][1] if same and same[0][0] == record else Route.from_dict(record)
                read.append((record, route))
            self._put([route for _, route in read], self._frame.fade_s)
        except (Mistake, ValueError, RecursionError):
            self.refused += 1
            return
        self._read = read

    def _put(self, routes: Sequence[Route], fade_s: float) -> None:
        if not (self._began and 0.0 < fade_s <= LONGEST_FADE_S):
            self.modulator.replace(routes)
            return
        stood, new = self.modulator, self.modulator.succeeded(routes)
        heard = self._share() if self._leaving else 1.0
        leaving = [(each, part * (1.0 - heard)) for each, part in self._leaving]
        leaving = sorted([(stood, heard), *leaving], key=lambda pair: -pair[1])[:MOST_LEAVING]
        total = sum(part for _, part in leaving)
        self._leaving = [(each, part / total) for each, part in leaving]
        self.modulator, self._faded_s, self._fade_s = new, 0.0, fade_s
