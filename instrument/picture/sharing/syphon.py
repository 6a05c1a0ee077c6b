"""Syphon: to other programs on the same Mac. Written by the library's sources; no Mac was at hand."""

from typing import Any

import numpy as np

from instrument.picture.sharing.outlet import NAME
from instrument.signals.mistake import Mistake


class Outlet:
    """A Syphon server with a Metal texture of its own, so it needs nothing of the show's OpenGL."""

    form = "rgba"

    def __init__(self, name: str | None, size: tuple[int, int], rate: float) -> None:
        """Raises ImportError, `Mistake`."""
        import syphon
        from syphon.utils.numpy import copy_image_to_mtl_texture
        from syphon.utils.raw import create_mtl_texture

        self._copy: Any = copy_image_to_mtl_texture
        try:
            self._server = syphon.SyphonMetalServer(name or NAME)
            self._texture = create_mtl_texture(self._server.device, *size)
        except Exception as error:
            raise Mistake(f"no Syphon server can be made ({error})") from error
        self.words = f"Syphon, as '{name or NAME}'"

    def send(self, pixels: np.ndarray) -> None:
        """See `outlet.Outlet`."""
        self._copy(pixels, self._texture)
        # Metal counts rows from the top, Syphon from the bottom.
        self._server.publish_frame_texture(self._texture, is_flipped=True)

    def close(self) -> None:
        """See `outlet.Outlet`."""
        self._server.stop()
