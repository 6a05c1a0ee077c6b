"""Which units speak while the tiles are drawn and judged; overheard, so nothing is drawn twice."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from instrument.learning.voice import Voice
from instrument.signals.frames import (
    ACTIVATIONS,
    ACTIVE_LAYERS,
    ACTIVE_UNITS,
    TILE_COUNT,
    ActivationFrame,
)

LOUD = 0.99
"""The share of a layer's values that the full scale lies above."""
FAINTEST = 1e-30
"""The smallest full scale: what is divided by it stays finite."""


class Activations:
    """Turns hidden layers into cells and says them. Trainer thread."""

    def __init__(self, voice: Voice) -> None:
        self._voice = voice
        self._frame = ActivationFrame()
        self._cells = np.frombuffer(self._frame.cells, np.uint8)
        self._choices: dict[int, Tensor] = {}

    @torch.no_grad()
    def say(self, step: int, hidden_g: Sequence[Tensor], hidden_d: Sequence[Tensor]) -> None:
        """One frame. Hidden layers after the LeakyReLU: (n, units) or (n, channels, height, width)."""
        layers = [*hidden_g, *hidden_d][:ACTIVE_LAYERS]
        samples = min(TILE_COUNT, len(layers[0]))
        dead = torch.stack([dead_units(h).sum() for h in layers])
        rows = [self._rows(h[:samples]) for h in layers]
        packed = torch.cat((dead.to(rows[0].dtype), *(part.flatten() for part in rows)))
        values = packed.cpu().numpy()  # the one copy
        frame = self._frame
        frame.layer_count, frame.samples = len(layers), samples
        frame.generator_layers = min(len(hidden_g), len(layers))
        begin, at = 0, len(layers)
        for number, (h, part) in enumerate(zip(layers, rows, strict=True)):
            shown, size = len(part), part.numel()
            frame.begins[number], frame.shown[number] = begin, shown
            frame.units[number], frame.dead[number] = h.shape[1], int(values[number])
            cells, frame.loudest[number] = cells_of(values[at : at + size])
            self._cells[begin * samples : begin * samples + size] = cells
            begin, at = begin + shown, at + size
        self._voice.say_inner(ACTIVATIONS, step, frame)

    def _rows(self, h: Tensor) -> Tensor:
        """Evenly chosen units, a row each, (shown, n)."""
        units = h.shape[1]
        if units not in self._choices:
            shown = min(units, ACTIVE_UNITS)
            self._choices[units] = (torch.arange(shown) * units // shown).to(h.device)
        chosen = h.index_select(1, self._choices[units])
        return (chosen if chosen.dim() == 2 else chosen.mean(dim=(2, 3))).t()


def dead_units(h: Tensor) -> Tensor:
    """Whether a unit (channel) is below zero for the whole batch, bool (units,)."""
    peaks = h.amax(dim=0) if h.dim() == 2 else h.amax(dim=(0, 2, 3))
    return peaks < 0


def cells_of(values: np.ndarray) -> tuple[np.ndarray, float]:
    """Float32 values as uint8: 0 where not above 0, else 1..255; and what 255 stands for."""
    loud = np.maximum(np.nan_to_num(values), 0.0)
    place = int(LOUD * (loud.size - 1))
    loudest = float(np.partition(loud, place)[place])
    if loudest <= 0.0:
        loudest = float(loud.max())
    scale = np.float32(max(loudest, FAINTEST))
    cells = np.where(loud > 0.0, 1.0 + np.rint(254.0 * (np.minimum(loud, scale) / scale)), 0.0)
    return cells.astype(np.uint8), loudest
