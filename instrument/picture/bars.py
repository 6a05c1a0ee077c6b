"""Bars of the gradients: one per layer and unit, as wide as the unit's gradient. No GL."""

import numpy as np

COLUMNS = 1024
UNITS = 32
REST = 0.12
"""Share of the width that every unit has even without a gradient."""
EXPONENT = 2.5
"""Strong units stand out by width, as in the codes one finds on things."""


def bar_rows(
    gradients: np.ndarray, segments: np.ndarray, before: np.ndarray | None, keep: float
) -> tuple[np.ndarray, np.ndarray]:
    """The bars of all layers as rows of pixels, and the unit shares to hand in next time.

    `gradients` float32 (count,), finite; `segments` int (layers + 1,) where each layer begins (and
    the last ends); `before` float64 (layers, UNITS, 2) of the last call, kept by share `keep`
    (0..1). Returns uint8 (layers, 1024, 2): light of the bar (0 in the gaps), and how strong the
    unit is within its layer; and the shares. A unit's gap is the share of its gradients below zero.
    """
    layers = len(segments) - 1
    shares = np.zeros((layers, UNITS, 2))
    for layer in range(layers):
        part = gradients[segments[layer] : segments[layer + 1]]
        if len(part) < UNITS:
            shares[layer] = (1.0 / UNITS, 0.5)
            continue
        units = part[: len(part) // UNITS * UNITS].reshape(UNITS, -1)
        size = np.abs(units).mean(axis=1, dtype=np.float64) ** EXPONENT
        total = float(size.sum())
        shares[layer, :, 0] = size / total if total > 0 else 1.0 / UNITS
        shares[layer, :, 1] = (units < 0).mean(axis=1)
    if before is not None and before.shape == shares.shape:
        shares += (before - shares) * keep
    rows = np.zeros((layers, COLUMNS, 2), np.uint8)
    at = (np.arange(COLUMNS) + 0.5) / COLUMNS
    for layer in range(layers):
        width = REST / UNITS + (1.0 - REST) * shares[layer, :, 0]
        end = np.cumsum(width / width.sum())
        begin = end - width / width.sum()
        unit = np.minimum(np.searchsorted(end, at), UNITS - 1)
        gap = 0.12 + 0.7 * shares[layer, :, 1]
        lit = at < (end - (end - begin) * gap)[unit]
        strength = np.sqrt(shares[layer, :, 0] / max(shares[layer, :, 0].max(), 1e-9))
        rows[layer, :, 0] = lit * 255
        rows[layer, :, 1] = (strength * 255)[unit]
    return rows, shares
