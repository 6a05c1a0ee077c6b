"""`DataTextures`: `PictureData` on the graphics card, as few bytes per picture as can be. Main thread."""

from collections.abc import Sequence

import moderngl
import numpy as np

from instrument.picture.bars import COLUMNS as BAR_COLUMNS
from instrument.picture.data import COLUMNS, SCOPE, PictureData
from instrument.picture.exposure import WALLS
from instrument.picture.language import TEXTURES
from instrument.picture.last_words import COLUMNS as LETTERS
from instrument.picture.last_words import LINES, codes
from instrument.picture.letters import ATLAS_SIZE, glyph_atlas
from instrument.picture.probes import ROWS
from instrument.picture.wall import PLACES
from instrument.signals.frames import (
    FIELD_SIDE,
    SEGMENT_CAPACITY,
    SPECTRUM_BANDS,
    STREAM_CAPACITY,
    TILE_COUNT,
)

SIDE = 64
"""4,096 weights lie in a texture of 64 x 64 (GL 3.3 promises no more than 1,024 a side)."""
NAME_LENGTH = 24
"""A stream's name as codes of letters, at most 23, and in the last place how many."""

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


def name_codes(names: Sequence[str]) -> np.ndarray:
    """The names of all streams, uint8 (128, 24)."""
    sheet = np.zeros((STREAM_CAPACITY, NAME_LENGTH), np.uint8)
    for row, name in enumerate(names[:STREAM_CAPACITY]):
        sheet[row, : NAME_LENGTH - 1] = codes(name.replace("_", " "), NAME_LENGTH - 1)
        sheet[row, NAME_LENGTH - 1] = min(len(name), NAME_LENGTH - 1)
    return sheet


class DataTextures:
    """The textures named in `language.TEXTURES`, each on the unit of its place in that list.

    `bytes_sent` counts what went to the graphics card since the beginning.
    """

    def __init__(self, ctx: moderngl.Context, data: PictureData, names: Sequence[str]) -> None:
        """`names` of all streams, in their order."""
        self._ctx = ctx
        self.bytes_sent = 0
        rows = max(1, len(data.history))
        make = ctx.texture
        self.all: dict[str, moderngl.Texture | moderngl.TextureArray] = {
            "tile_slots": make((PLACES, 1), 4, np.zeros((PLACES, 4), "f4"), dtype="f4"),
            "history": make((COLUMNS, rows), 1, np.zeros((rows, COLUMNS), "f4"), dtype="f4"),
            "names": make((NAME_LENGTH, STREAM_CAPACITY), 1, name_codes(names), dtype="u1"),
            "bits": make((SIDE, SIDE), 1, np.zeros((SIDE, SIDE), "u4"), dtype="u4"),
            "bits_before": make((SIDE, SIDE), 1, np.zeros((SIDE, SIDE), "u4"), dtype="u4"),
            "weights": make((SIDE, SIDE), 4, np.zeros((SIDE, SIDE, 4), "f4"), dtype="f4"),
            "figures": make((48, 5), 1, figure_pixels(), alignment=1),
            "bars": make(
                (BAR_COLUMNS, SEGMENT_CAPACITY), 2, bytes(BAR_COLUMNS * SEGMENT_CAPACITY * 2)
            ),
            "field": make((FIELD_SIDE, FIELD_SIDE), 1, data.probes.field, dtype="f4"),
            "activations": make((TILE_COUNT, ROWS), 1, data.probes.cells, alignment=1),
            "sound": make((SCOPE, 3), 1, data.sound, dtype="f4"),
            "waveform": make((SCOPE, 2), 1, data.sound[:2], dtype="f4"),
            "bands": make((SPECTRUM_BANDS, 1), 1, data.sound[2, :SPECTRUM_BANDS], dtype="f4"),
            "notice": make((LETTERS, LINES), 1, data.words.sheet, dtype="u1"),
        }
        self._shapes: dict[str, tuple[int, ...]] = {}
        for texture in self.all.values():
            texture.filter = (moderngl.NEAREST, moderngl.NEAREST)
        for name in ("field", "waveform", "bands"):
            self.all[name].filter = (moderngl.LINEAR, moderngl.LINEAR)
            self.all[name].repeat_x = self.all[name].repeat_y = False
        glyphs = make(ATLAS_SIZE, 1, glyph_atlas(), alignment=1)
        glyphs.build_mipmaps()
        glyphs.filter = (moderngl.LINEAR_MIPMAP_NEAREST, moderngl.LINEAR)
        self.all["glyphs"] = glyphs
        probes = data.probes
        for name, images in (("tiles", data.tiles), ("walk", probes.walk)):
            self._send_images(name, images)
        self._send_images("field_images", probes.field_images)
        self._make_exposure(data)

    def _send(self, name: str, pixels: np.ndarray, **where: object) -> None:
        texture = self.all[name]
        self.bytes_sent += pixels.nbytes
        texture.write(np.ascontiguousarray(pixels), alignment=1, **where)  # type: ignore[arg-type]

    def _send_images(self, name: str, images: np.ndarray) -> None:
        """Images (n, height, width, channels) below one another; a new texture when their shape is new."""
        if images.shape == self._shapes.get(name):
            self._send(name, images)
            return
        count, height, width, channels = self._shapes[name] = images.shape
        texture = self._ctx.texture((width, count * height), channels, images, alignment=1)
        texture.filter = (moderngl.NEAREST, moderngl.NEAREST)
        if channels == 1:
            texture.swizzle = "RRR1"
        self.all[name] = texture

    def _make_exposure(self, data: PictureData) -> None:
        count, height, width, channels = self._exposed = data.exposure.shape
        history = self._ctx.texture_array(
            (width, count * height, WALLS), channels, bytes(count * height * width * channels * WALLS),
            alignment=1,
        )  # fmt: skip
        if channels == 1:
            history.swizzle = "RRR1"
        exposure = self._ctx.texture(
            (width, count * height), 2, bytes(2 * width * count * height), alignment=1
        )
        means = self._ctx.texture((width, height), 4, bytes(16 * width * height), dtype="f4")
        self.all |= {"tile_history": history, "exposure": exposure, "means": means}
        for name in ("tile_history", "exposure", "means"):
            self.all[name].filter = (moderngl.NEAREST, moderngl.NEAREST)

    def upload(self, data: PictureData) -> None:
        """Send what changed since the last call, and clear the flags of `data`."""
        if data.new_columns:
            self._upload_columns(data)
        if data.new_tiles:
            self._send_images("tiles", data.tiles)
            data.new_tiles = False
        if data.exposure.new:
            self._upload_exposure(data)
        if data.wall.changed:
            wall = data.wall
            slots = np.zeros((PLACES, 4), np.float32)
            slots[:, 0], slots[:, 1] = wall.tile, wall.partner
            slots[:, 2] = data.scores[wall.tile]
            slots[:, 3] = wall.tile < data.tile_count
            self._send("tile_slots", slots)
            wall.changed = False
        if data.new_weights:
            for name in ("bits", "bits_before", "weights"):
                self._send(name, getattr(data, name))
            layers = len(data.bars)
            self._send("bars", data.bars, viewport=(0, 0, BAR_COLUMNS, layers))
            data.new_weights = False
        if data.new_sound:
            self._send("sound", data.sound)
            self._send("waveform", data.sound[:2])
            self._send("bands", data.sound[2, :SPECTRUM_BANDS])
            data.new_sound = False
        if data.words.new:
            self._send("notice", data.words.sheet)
            data.words.new = False
        self._upload_probes(data)

    def _upload_exposure(self, data: PictureData) -> None:
        exposure, probes = data.exposure, data.probes
        if exposure.shape != self._exposed:
            self._make_exposure(data)
        count, height, width, _ = exposure.shape
        self._send("exposure", exposure.pixels())
        if exposure.ring >= 0:
            wall = data.heard
            self._send(
                "tile_history", wall, viewport=(0, 0, exposure.ring, width, count * height, 1)
            )
            exposure.ring = -1
        means = np.zeros((height, width, 4), np.float32)
        means[..., 2], means[..., 3] = exposure.mean, exposure.deviation
        if probes.real_mean is not None and probes.real_mean.shape == (height, width):
            means[..., 0], means[..., 1] = probes.real_mean, probes.real_deviation
        self._send("means", means)
        exposure.new = False

    def _upload_probes(self, data: PictureData) -> None:
        probes = data.probes
        if probes.new_walk:
            self._send_images("walk", probes.walk)
            probes.new_walk = False
        if probes.new_field:
            self._send("field", probes.field)
            self._send_images("field_images", probes.field_images)
            probes.new_field = False
        if probes.new_cells:
            self._send("activations", probes.cells)
            probes.new_cells = False

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
                columns = data.history[:, start : start + width]
                self._send("history", columns, viewport=(start, 0, width, rows))

    def bind(self) -> None:
        """Put every texture on its unit."""
        for unit, name in enumerate(TEXTURES):
            self.all[name].use(unit)
