"""`DataTextures`: `PictureData` on the graphics card, as few bytes per picture as can be. Main thread."""

import moderngl
import numpy as np

from instrument.picture.bars import COLUMNS as BAR_COLUMNS
from instrument.picture.data import COLUMNS, PictureData
from instrument.picture.language import TEXTURES
from instrument.picture.wall import PLACES
from instrument.signals.frames import SEGMENT_CAPACITY

SIDE = 64
"""4,096 weights lie in a texture of 64 x 64 (GL 3.3 promises no more than 1,024 a side)."""


FIGURES = (
    31599, 11415, 29671, 29647, 23497, 31183, 31215, 29257,
    31727, 31695, 31725, 27566, 31015, 27502, 31207, 31204,
)  # fmt: skip
"""The sixteen figures on 3x5 pixels, read from the top left, first pixel in bit 14."""


def figure_pixels() -> np.ndarray:
    """All figures side by side, uint8 (5, 48), top row first."""
    bits = (np.array(FIGURES)[:, None] >> np.arange(14, -1, -1)) & 1
    return np.ascontiguousarray(
        bits.reshape(16, 5, 3).transpose(1, 0, 2).reshape(5, 48) * 255, np.uint8
    )


class DataTextures:
    """The textures named in `language.TEXTURES`, each on the unit of its place in that list."""

    def __init__(self, ctx: moderngl.Context, data: PictureData) -> None:
        self._ctx = ctx
        self._tile_shape: tuple[int, ...] = ()
        rows = max(1, len(data.history))
        make = ctx.texture
        self.all: dict[str, moderngl.Texture] = {
            "tile_slots": make((PLACES, 1), 4, dtype="f4"),
            "history": make((COLUMNS, rows), 1, np.zeros((rows, COLUMNS), "f4"), dtype="f4"),
            "bits": make((SIDE, SIDE), 1, np.zeros((SIDE, SIDE), "u4"), dtype="u4"),
            "bits_before": make((SIDE, SIDE), 1, np.zeros((SIDE, SIDE), "u4"), dtype="u4"),
            "weights": make((SIDE, SIDE), 4, np.zeros((SIDE, SIDE, 4), "f4"), dtype="f4"),
            "figures": make((48, 5), 1, figure_pixels(), alignment=1),
            "bars": make((BAR_COLUMNS, SEGMENT_CAPACITY), 2, alignment=1),
            "sound": make((512, 2), 1, np.zeros((2, 512), "f4"), dtype="f4"),
        }
        self._make_tiles(data)
        for texture in self.all.values():
            texture.filter = (moderngl.NEAREST, moderngl.NEAREST)

    def _make_tiles(self, data: PictureData) -> None:
        places, height, width, channels = self._tile_shape = data.tiles.shape
        tiles = self._ctx.texture((width, places * height), channels, data.tiles, alignment=1)
        tiles.filter = (moderngl.NEAREST, moderngl.NEAREST)
        if channels == 1:
            tiles.swizzle = "RRR1"
        self.all["tiles"] = tiles

    def upload(self, data: PictureData) -> None:
        """Send what changed since the last call, and clear the flags of `data`."""
        if data.new_columns:
            self._upload_columns(data)
        if data.new_tiles:
            if data.tiles.shape != self._tile_shape:
                self._make_tiles(data)
            else:
                self.all["tiles"].write(data.tiles, alignment=1)
            data.new_tiles = False
        if data.wall.changed:
            wall = data.wall
            slots = np.zeros((PLACES, 4), np.float32)
            slots[:, 0], slots[:, 1] = wall.tile, wall.partner
            slots[:, 2] = data.scores[wall.tile]
            slots[:, 3] = wall.tile < data.tile_count
            self.all["tile_slots"].write(slots)
            wall.changed = False
        if data.new_weights:
            for name in ("bits", "bits_before", "weights"):
                self.all[name].write(getattr(data, name))
            layers = len(data.bars)
            self.all["bars"].write(data.bars, viewport=(0, 0, BAR_COLUMNS, layers), alignment=1)
            data.new_weights = False
        if data.new_sound:
            self.all["sound"].write(data.sound)
            data.new_sound = False

    def _upload_columns(self, data: PictureData) -> None:
        count = min(len(data.new_columns), COLUMNS)
        data.new_columns.clear()
        rows = len(data.history)
        if rows == 0:
            return
        first = (data.head - count + 1) % COLUMNS
        until_edge = min(count, COLUMNS - first)
        for start, width in ((first, until_edge), (0, count - until_edge)):
            if width:
                columns = np.ascontiguousarray(data.history[:, start : start + width])
                self.all["history"].write(columns, viewport=(start, 0, width, rows))

    def bind(self) -> None:
        """Put every texture on its unit."""
        for unit, name in enumerate(TEXTURES):
            self.all[name].use(unit)
