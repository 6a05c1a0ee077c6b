"""The strip of samples: what the generator drew, at moments along the axis. Ink on paper."""

from collections.abc import Sequence

import numpy as np

from instrument.score.paper import GREY, PALE, Paper, Weight
from instrument.score.plan import MARGIN, TILE_GAP, Band
from instrument.score.sheets import Sheet
from instrument.score.time_axis import TimeAxis

DOTS = 10
"""Dots for a pixel, so that no reader of the file smooths them."""


def draw_strip(
    paper: Paper, band: Band, axis: TimeAxis, rows: int, sheets: Sequence[Sheet | None]
) -> None:
    """A column for each sheet, in the middle of its slot; a row is one latent all through the run."""
    slot = (axis.right - axis.left) / len(sheets)
    side = min(slot, band.height / rows) - TILE_GAP
    for number, sheet in enumerate(sheets):
        x = axis.left + number * slot + TILE_GAP / 2
        for row in range(rows):
            y = band.top - row * (side + TILE_GAP) - side
            if sheet is None or row >= len(sheet.tiles):
                paper.line((x + side / 2 - 0.4, x + side / 2 + 0.4), (y + side / 2,) * 2, 0.1, PALE)
            else:
                paper.picture(x, y, side, side, inked(sheet.tiles[row]))
    paper.text(MARGIN, band.top - 1.9, "samples", 6.8)
    for number, words in enumerate(
        ("what the generator draws;", "a row is one and the same", "latent throughout")
    ):
        paper.text(MARGIN, band.top - 4.2 - 2.05 * number, words, 4.7, Weight.LIGHT, GREY)


def inked(tile: np.ndarray) -> np.ndarray:
    """A tile (height, width, channels) as enlarged pixels of red, green and blue; grey ones as ink."""
    colours = 255 - np.repeat(tile, 3, axis=2) if tile.shape[2] == 1 else tile[:, :, :3]
    enlarged: np.ndarray = np.repeat(np.repeat(colours, DOTS, axis=0), DOTS, axis=1)
    return enlarged
