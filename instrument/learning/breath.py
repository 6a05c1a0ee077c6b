"""`breath`: a sine that moves one gesture to and fro around where the hand has put it."""

import math

import numpy as np

from instrument.learning.gestures import BREATHES, LEARNING, PLACE

_ON, _RATE, _DEPTH = (PLACE[name] for name in ("breath_on", "breath_rate", "breath_depth"))


def breathe(positions: np.ndarray, now_s: float) -> np.ndarray:
    """Positions, float32 (learning controls,), with the breath of this moment on them."""
    depth = float(positions[_DEPTH])
    name = BREATHES[int(LEARNING.specs[_ON].map(float(positions[_ON])))]
    if depth <= 0.0 or name == BREATHES[0]:
        return positions
    rate_hz = LEARNING.specs[_RATE].map(float(positions[_RATE]))
    swing = 0.5 * depth * math.sin(2.0 * math.pi * rate_hz * now_s)
    moved = positions.copy()
    moved[PLACE[name]] = min(1.0, max(0.0, float(positions[PLACE[name]]) + swing))
    return moved
