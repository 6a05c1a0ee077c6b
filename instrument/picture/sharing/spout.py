"""Spout: to other programs on the same Windows machine. Written by the library's sources; untried there."""

import numpy as np

from instrument.picture.sharing.outlet import NAME
from instrument.signals.mistake import Mistake


class Outlet:
    """A Spout sender with an OpenGL context of its own, in the thread that opens it."""

    form = "rgba"

    def __init__(self, name: str | None, size: tuple[int, int], rate: float) -> None:
        """Raises ImportError, `Mistake`."""
        import SpoutGL
        from SpoutGL.enums import GL_RGBA

        self._size, self._rgba = size, int(GL_RGBA)
        self._sender = SpoutGL.SpoutSender()
        if not self._sender.createOpenGL():
            raise Mistake("Spout finds no OpenGL here")
        self._sender.setSenderName(name or NAME)
        self.words = f"Spout, as '{name or NAME}'"

    def send(self, pixels: np.ndarray) -> None:
        """See `outlet.Outlet`."""
        if not self._sender.sendImage(pixels, *self._size, self._rgba, False, 0):
            raise OSError("Spout took no picture")

    def close(self) -> None:
        """See `outlet.Outlet`."""
        self._sender.releaseSender()
        self._sender.closeOpenGL()
