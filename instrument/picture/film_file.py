"""`FilmFile`: one H.264 video file being written.

Colours are BT.709 and said to be. A film that is made while playing is cut into pieces of a second, each
whole in itself, so a show that is killed leaves what came before; one that is rendered is packed tighter.
"""

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from instrument.picture.stretch import frame_of
from instrument.signals.mistake import Mistake
from instrument.signals.refused import cure, reason, refusal

FORMATS = {".mp4": "mp4", ".mkv": "matroska"}
TICK = Fraction(1, 90_000)
"""Seconds: times of a live film are kept to it. A rendered one has a picture a tick."""
ITU709 = 1
WHOLE: dict[str, dict[str, str]] = {
    "mp4": {"movflags": "faststart", "movie_timescale": "48000"},
    "matroska": {},
}
"""How long a film is, is told to the sample of its sound, not to the millisecond as is usual."""
LIVE = {"crf": "18", "preset": "ultrafast"}
"""Processor time at 1280x720: 3 to 4 ms a picture; ``superfast`` 5.5 to 6.5 (bench/film.py)."""
RENDERED = {"crf": "16", "preset": "ultrafast", "x264-params": "cpu-independent=1:cabac=1"}
"""For hard pixels the quick presets are the good ones: nothing is smoothed at the borders of blocks. Beside
``veryfast`` half the processor time, better pictures and a larger file (bench/render.py). No picture waits
for a later one, so pieces of a film can be laid end to end. x264's quick arithmetic comes out differently
by where its memory lies: the same pictures would not give the same film."""
RENDER_THREADS = 4
"""A fixed number: the film would be another one on a machine with more cores."""
PIECES = {
    "mp4": {"movflags": "frag_keyframe+empty_moov+default_base_moof", "flush_packets": "1"},
    "matroska": {"cluster_time_limit": "1000", "flush_packets": "1"},
}


def exact_rate(rate: float) -> Fraction:
    """Pictures per second as a fraction: 29.97 and its kin are 30000/1001, the rest is what it says."""
    whole = round(rate * 1.001)
    if rate != round(rate) and whole > 0 and abs(rate - whole / 1.001) < 0.005:
        return Fraction(whole * 1000, 1001)
    return Fraction(rate).limit_denominator(1001)


def film_frame(pixels: np.ndarray, size: tuple[int, int]) -> Any:
    """A picture as the encoder takes it: width and height of `size`, yuv420p, BT.709, pixels staying hard.

    `pixels` uint8 (height, width, 4) from the bottom row up. Any thread.
    """
    return frame_of(pixels).reformat(
        *size, format="yuv420p", dst_colorspace=ITU709, interpolation="POINT"
    )


def check_size(size: tuple[int, int]) -> None:
    """Raises `Mistake` for a size that no film can have."""
    if size[0] % 2 or size[1] % 2 or min(size) < 16:
        raise Mistake(
            f"a film of {size[0]}x{size[1]} is not possible: H.264 keeps colour for every second "
            "pixel, so both sides must be even and 16 at least"
        )


def film_format(path: Path) -> str:
    """The container for a name. Raises `Mistake` for another ending."""
    form = FORMATS.get(path.suffix.lower())
    if form is None:
        raise Mistake(
            f"'{path}' does not say what film to write: a name ending in .mp4 or .mkv does"
        )
    if not path.absolute().parent.is_dir():
        raise Mistake(f"'{path}' cannot be written: there is no folder '{path.parent}'")
    error = refusal(path)
    if error is not None:
        raise Mistake(
            f"'{path}' cannot be written: nothing may be written into '{path.parent}' "
            f"({reason(error)}); {cure(error)}"
        )
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
        check_size(size)
        self.path, self.size = path, size
        exact = exact_rate(rate)
        self._tick = TICK if live else 1 / exact
        self._last = -1
        self._broken = False
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
        self.put(film_frame(pixels, self.size), time_s)

    def put(self, frame: Any, time_s: float | Fraction) -> None:
        """The same for a picture that `film_frame` made."""
        self._last = max(self._last + 1, round(time_s / self._tick))
        frame.pts, frame.time_base = self._last, self._tick
        self._mux(frame)

    def _mux(self, frame: Any) -> None:
        """Never again after a fault: the head of an MP4 that PyAV tries anew ends the process."""
        if self._broken:
            raise OSError("nothing more goes in after a fault")
        self._broken = True
        self._container.mux(self._stream.encode(frame))
        self._broken = False

    def close(self) -> None:
        """Write what the encoder still holds, finish the file. Raises what PyAV raises."""
        try:
            if not self._broken:
                self._mux(None)
        finally:
            self._container.close()
