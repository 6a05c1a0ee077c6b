"""`Sheets`: samples at moments spread evenly over a run whose length is not known before it is heard."""

from dataclasses import dataclass

import numpy as np

from instrument.signals.frames import TileFrame

MOST = 192
"""So many are held; 24 are shown, and the nearest of eight candidates is near enough."""
SAMPLES = 6
"""The first of a sheet: the same latents all through a run, so a row is one sample growing up."""


@dataclass(frozen=True)
class Sheet:
    """The first samples of a moment, uint8 (samples, height, width, channels)."""

    at_s: float
    tiles: np.ndarray


class Sheets:
    """Holds a moment every so often; when there are too many, every second goes."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._apart_s = 0.0
        self._held: list[Sheet] = []

    def hear(self, at_s: float, frame: TileFrame) -> None:
        """One frame of the run, `at_s` from its beginning."""
        if not frame.count or (self._held and at_s < self._held[-1].at_s + self._apart_s):
            return
        if len(self._held) == self._most:
            span_s = at_s - self._held[0].at_s
            self._held = self._held[::2]
            self._apart_s = max(2.0 * self._apart_s, span_s / self._most)
        self._held.append(Sheet(at_s, _first(frame)))

    def at(self, edges_s: np.ndarray) -> list[Sheet | None]:
        """For each slot between two edges the sheet nearest to its middle, None where there is none."""
        chosen: list[Sheet | None] = []
        for begin_s, end_s in zip(edges_s[:-1], edges_s[1:], strict=True):
            inside = [sheet for sheet in self._held if begin_s <= sheet.at_s < end_s]
            middle_s = (begin_s + end_s) / 2
            chosen.append(min(inside, key=lambda s: abs(s.at_s - middle_s), default=None))
        return chosen

    def __len__(self) -> int:
        return len(self._held)


def _first(frame: TileFrame) -> np.ndarray:
    shape = (min(frame.count, SAMPLES), frame.height, frame.width, frame.channels)
    flat = np.ctypeslib.as_array(frame.tiles)[: int(np.prod(shape))]
    return flat.reshape(shape).copy()
