"""`FilmFile`: one H.264 video file being written.

Colours are BT.709 and said to be. A film that is made while playing is cut into pieces of a second, each
whole in itself, so a show that is killed leaves what came before; one that is rendered is packed tighter.
"""

import os
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from instrument.picture.stretch import frame_of
from instrument.signals.mistake import Mistake

FORMATS = {".mp4": "mp4", ".mkv": "matroska"}
TICK = Fraction(1, 90_000)
"""Seconds: times of a live film are kept to it. A rendered one has a picture a tick."""
ITU709 = 1
WHOLE: dict[str, dict[str, str]] = {"mp4": {"movflags": "faststart"}, "matroska": {}}
LIVE = {"crf": "18", "preset": "ultrafast"}
"""Processor time at 1280x720: 3 to 4 ms a picture; ``superfast`` 5.5 to 6.5 (bench/film.py)."""
RENDERED = {"crf": "16", "preset": "veryfast", "x264-params": "cpu-independent=1"}
"""x264's quick arithmetic comes out differently by where its memory lies: the same pictures would not give
the same film."""
PIECES = {
    "mp4": {"movflags": "frag_keyframe+empty_moov+default_base_moof", "flush_packets": "1"},
    "matroska": {"cluster_time_limit": "1000", "flush_packets": "1"},
}


def film_format(path: Path) -> str:
    """The container for a name. Raises `Mistake` for another ending."""
    form = FORMATS.get(path.suffix.lower())
    if form is None:
        raise Mistake(
            f"'{path}' does not say what film to write: a name ending in .mp4 or .mkv does"
        )
    if not path.absolute().parent.is_dir():
        raise Mistake(f"'{path}' cannot be written: there is no folder '{path.parent}'")
    if not os.access(path.absolute().parent, os.W_OK):
        raise Mistake(f"'{path}' cannot be written: nothing may be written into '{path.parent}'")
    return form


class FilmFile:
    """A video of one size, written picture by picture. One thread.

    Pictures of another size are stretched to it, each pixel staying hard.
    """

    def __init__(
        self, path: Path, size: tuple[int, int], rate: float, live: bool, threads: int = 0
    ) -> None:
        """`size` in whole pairs of pixels; `rate` pictures per second, roughly. Raises `Mistake`.

        `threads` of the encoder, 0 for as many as it likes.
        """
        import av

        form = film_format(path)
        if size[0] % 2 or size[1] % 2 or min(size) < 16:
            raise Mistake(
                f"a film of {size[0]}x{size[1]} is not possible: H.264 keeps colour for every second "
                "pixel, so both sides must be even and 16 at least"
            )
        self.path, self.size = path, size
        exact = Fraction(rate).limit_denominator(1001)
        self._tick = TICK if live else 1 / exact
        self._last = -1
        try:
            self._container: Any = av.open(
                str(path), "w", format=form, options=(PIECES if live else WHOLE)[form]
            )
            options = {**(LIVE if live else RENDERED), "g": str(max(1, round(rate)))}
            stream: Any = self._container.add_stream("libx264", rate=exact, options=options)
            stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
            context = stream.codec_context
            context.time_base = self._tick
            context.thread_count = threads
            context.colorspace = context.color_primaries = context.color_trc = ITU709
            context.color_range = 1
            context.open()
        except (OSError, ValueError) as error:
            raise Mistake(f"'{path}' cannot be written as a film ({error})") from error
        self._stream = stream

    def add(self, pixels: np.ndarray, time_s: float) -> None:
        """A picture, uint8 (height, width, 4) from the bottom row up, shown from `time_s` on.

        Times must grow; one that does not is put just after the one before. Raises what PyAV raises.
        """
        frame = frame_of(pixels).reformat(
            *self.size, format="yuv420p", dst_colorspace=ITU709, interpolation="POINT"
        )
        self._last = max(self._last + 1, round(time_s / self._tick))
        frame.pts, frame.time_base = self._last, self._tick
        self._container.mux(self._stream.encode(frame))

    def close(self) -> None:
        """Write what the encoder still holds, finish the file. Raises what PyAV raises."""
        try:
            self._container.mux(self._stream.encode())
        finally:
            self._container.close()
