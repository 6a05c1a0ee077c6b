"""Screenshots: the picture as PNG, enlarged and written in a thread of its own."""

import queue
import struct
import threading
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np


@dataclass(frozen=True)
class Shot:
    """One picture to write: RGBA bytes of the inner picture, from the bottom row up."""

    path: Path
    pixels: bytes
    size: tuple[int, int]
    scale: int
    window: tuple[int, int]
    words: str


def png(rows: np.ndarray, words: str) -> bytes:
    """A PNG file of uint8 (height, width, 3), top row first, with `words` as its comment."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    height, width, _ = rows.shape
    filtered = np.zeros((height, 1 + width * 3), np.uint8)
    filtered[:, 1:] = rows.reshape(height, -1)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
            chunk(b"tEXt", b"Comment\0" + words.encode("latin-1", "replace")),
            chunk(b"IDAT", zlib.compress(filtered.tobytes(), 6)),
            chunk(b"IEND", b""),
        )
    )


def enlarged(shot: Shot) -> np.ndarray:
    """The picture as the window shows it, uint8 (window height, window width, 3), top row first."""
    width, height = shot.size
    pixels = np.frombuffer(shot.pixels, np.uint8).reshape(height, width, 4)[::-1, :, :3]
    large = pixels.repeat(shot.scale, axis=0).repeat(shot.scale, axis=1)
    whole = np.zeros((shot.window[1], shot.window[0], 3), np.uint8)
    left = (shot.window[0] - width * shot.scale) // 2
    top = shot.window[1] - height * shot.scale - (shot.window[1] - height * shot.scale) // 2
    whole[top : top + large.shape[0], left : left + large.shape[1]] = large
    return whole


class ScreenshotWriter:
    """Writes shots one after the other, outside the main thread. At most four wait."""

    def __init__(self, failed: Callable[[str], None]) -> None:
        """`failed` is told in one sentence what could not be written (writer thread)."""
        self._inbox: queue.Queue[Shot | None] = queue.Queue(maxsize=4)
        self._failed = failed
        self._thread: threading.Thread | None = None
        self.written = 0
        self.dropped = 0

    @property
    def free(self) -> bool:
        """Whether another shot would find a place."""
        return not self._inbox.full()

    def put(self, shot: Shot) -> None:
        """Hand over a shot; never waits. Main thread."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="screenshots", daemon=True)
            self._thread.start()
        try:
            self._inbox.put_nowait(shot)
        except queue.Full:
            self.dropped += 1

    def _run(self) -> None:
        while (shot := self._inbox.get()) is not None:
            try:
                shot.path.parent.mkdir(parents=True, exist_ok=True)
                waiting = shot.path.with_name(shot.path.name + ".part")
                waiting.write_bytes(png(enlarged(shot), shot.words))
                waiting.replace(shot.path)
                self.written += 1
            except OSError as error:
                self.dropped += 1
                self._failed(f"the screenshot {shot.path} could not be written ({error.strerror})")

    def close(self) -> None:
        """Write what waits, then end (a disk that hangs is left after 5 s)."""
        if self._thread is not None:
            try:
                self._inbox.put(None, timeout=5.0)
            except queue.Full:
                return
            self._thread.join(timeout=5.0)
