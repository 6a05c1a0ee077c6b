"""Samples at moments spread evenly over a run."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from instrument.runs.reel import Reel
from instrument.signals.frames import TILES, TileFrame

SAMPLES = 3
"""The first of a wall: the same latents all through a run, so a row is one sample growing up."""


@dataclass(frozen=True)
class Sheet:
    """The first samples of a moment, uint8 (samples, height, width, channels)."""

    at_s: float
    tiles: np.ndarray


def sheets(reel: Reel, edges_s: np.ndarray) -> list[Sheet | None]:
    """For each slot between two edges the first samples from its middle on, else from its beginning.

    Where nothing was said in a slot, what stood before it still stands; None where there was nothing yet.
    """
    return [_sheet(reel, begin_s, end_s) for begin_s, end_s in pairwise(edges_s)]


def _sheet(reel: Reel, begin_s: float, end_s: float) -> Sheet | None:
    for from_s in ((begin_s + end_s) / 2, begin_s):
        recorded = next(reel.frames(from_s, (TILES.name,)), None)
        if recorded is not None and recorded.at_s < end_s and recorded.frame.count:
            return _first(recorded.at_s, recorded.frame)
    stood = reel.standing(begin_s, (TILES.name,)).get(TILES.name)
    return None if stood is None or not stood.count else _first(begin_s, stood)


def _first(at_s: float, frame: TileFrame) -> Sheet:
    shape = (min(frame.count, SAMPLES), frame.height, frame.width, frame.channels)
    flat = np.ctypeslib.as_array(frame.tiles)[: int(np.prod(shape))]
    return Sheet(at_s, flat.reshape(shape).copy())
