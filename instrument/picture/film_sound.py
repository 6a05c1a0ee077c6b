"""The sound of a film: captured samples laid where they were heard, beside a video that is copied as it is.

MP4 gets AAC, Matroska gets FLAC of 24 bits. More than two loudspeakers are folded into two.
"""

import contextlib
import math
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from instrument.picture.film_file import WHOLE, film_format
from instrument.picture.footage import Footage, Reels
from instrument.signals.mistake import Mistake

RATE = 48_000
BLOCK = 4096
BIT_EXACT = 0x400
"""libavformat's AVFMT_FLAG_BITEXACT: no random number names the file."""
LONG_S = 10.0
"""A device's clock is compared with the show's over such a time at least."""
RUNS_AWAY_S = 0.005
"""And only followed when they came to differ by so much."""


@dataclass(frozen=True)
class Anchor:
    """Sample number `sample` of a file is heard `at_s` seconds into the film.

    `begins`: samples are missing before it, or it is the first.
    """

    sample: int
    at_s: float
    begins: bool


@dataclass(frozen=True)
class Piece:
    """A sound file, and when its samples were heard."""

    path: Path
    anchors: Sequence[Anchor]


@dataclass(frozen=True)
class _Run:
    """Samples `first` to `last` (None: to the end of the file) follow one another without a hole."""

    first: int
    last: int | None
    at_s: float
    speed: float
    """Seconds on the show's clock for one second of the file."""


def runs_of(piece: Piece, sample_rate: int) -> list[_Run]:
    """The runs without a hole, each as fast as its anchors say."""
    begins = [number for number, anchor in enumerate(piece.anchors) if anchor.begins]
    runs = []
    for number, after in zip(begins, [*begins[1:], len(piece.anchors)], strict=True):
        first, final = piece.anchors[number], piece.anchors[after - 1]
        last = piece.anchors[after].sample if after < len(piece.anchors) else None
        nominal_s = (final.sample - first.sample) / sample_rate
        told_s = final.at_s - first.at_s
        away = nominal_s > LONG_S and abs(told_s - nominal_s) > RUNS_AWAY_S
        runs.append(_Run(first.sample, last, first.at_s, told_s / nominal_s if away else 1.0))
    return runs


def folded(samples: np.ndarray) -> np.ndarray:
    """Float32 (n, channels) on a ring round the audience, 0 left, 1 right, as float32 (n, 2)."""
    channels = samples.shape[1]
    if channels == 2:
        return samples
    angles = (np.arange(channels) - 0.5) * (2.0 * math.pi / channels)
    way = (np.sin(angles) + 1.0) * (math.pi / 4.0)
    gains = np.stack([np.cos(way), np.sin(way)], axis=1) * math.sqrt(2.0 / channels)
    return np.clip(samples @ gains.astype(np.float32), -1.0, 1.0)


class _Reader:
    """A sound file from front to back, two channels. Raises what PyAV raises."""

    def __init__(self, path: Path) -> None:
        import av

        self._container: Any = av.open(str(path))
        self.sample_rate = int(self._container.streams.audio[0].rate)
        self._frames = self._container.decode(audio=0)
        self._rest = np.zeros((0, 2), np.float32)
        self._at = 0

    def samples(self, first: int, last: int | None) -> Iterator[np.ndarray]:
        """Samples `first` to `last`, float32 (n, 2); what lies before `first` is passed over."""
        while last is None or self._at < last:
            if not len(self._rest):
                frame = next(self._frames, None)
                if frame is None:
                    return
                self._rest = self._floats(frame)
            if self._at < first:
                passed = min(len(self._rest), first - self._at)
                self._rest, self._at = self._rest[passed:], self._at + passed
                continue
            count = len(self._rest) if last is None else min(len(self._rest), last - self._at)
            block, self._rest = self._rest[:count], self._rest[count:]
            self._at += count
            yield block

    def _floats(self, frame: Any) -> np.ndarray:
        raw = frame.to_ndarray()
        by_sample = raw.T if frame.format.is_planar else raw.reshape(-1, frame.layout.nb_channels)
        scale = 1.0 if by_sample.dtype.kind == "f" else 1.0 / -float(np.iinfo(by_sample.dtype).min)
        return folded(by_sample.astype(np.float32) * np.float32(scale))

    def close(self) -> None:
        self._container.close()


def _at_film_rate(blocks: Iterator[np.ndarray], rate: float) -> Iterator[np.ndarray]:
    """Samples of `rate` per second at `RATE`; rates are told apart to one sample per second."""
    if round(rate) == RATE:
        yield from blocks
        return
    import av

    resampler: Any = av.AudioResampler(format="fltp", layout="stereo", rate=RATE)
    for block in blocks:
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(block.T), "fltp", "stereo")
        frame.sample_rate = round(rate)
        for done in resampler.resample(frame):
            yield done.to_ndarray().T
    for done in resampler.resample(None):
        yield done.to_ndarray().T


def heard(pieces: Sequence[Piece]) -> Iterator[np.ndarray]:
    """Float32 (n, 2) at `RATE` from the film's beginning, without end; silence where nothing was heard.

    Raises what PyAV raises.
    """
    at = 0
    for piece in pieces:
        reader = _Reader(piece.path)
        for run in runs_of(piece, reader.sample_rate):
            start = round(run.at_s * RATE)
            if start > at:
                yield np.zeros((start - at, 2), np.float32)
                at = start
            place = start
            samples = reader.samples(run.first, run.last)
            for block in _at_film_rate(samples, reader.sample_rate / run.speed):
                wanted = block[max(0, at - place) :]
                place += len(block)
                if len(wanted):
                    yield wanted
                    at = place
        reader.close()
    while True:
        yield np.zeros((BLOCK, 2), np.float32)


def join(
    video: Path | Sequence[Footage],
    pieces: Sequence[Piece] | None,
    out: Path,
    seconds: float = 0.0,
) -> None:
    """Write `out`: the pictures of `video` untouched, and what was heard. Raises `Mistake`.

    `video`: a film, or the pieces of one. `pieces`: None for a film without sound. `out` may be `video`;
    it is put in its place when it is whole. The sound is as long as the pictures, or `seconds` where the
    last of them were left out. The same pieces give the same bytes.
    """
    import av

    form = film_format(out)
    waiting = out.with_name(f"{out.stem}.joining{out.suffix}")
    footage = [Footage(video)] if isinstance(video, Path) else video
    try:
        with ExitStack() as stack:
            reels = Reels(footage, stack)
            film: Any = stack.enter_context(
                av.open(str(waiting), "w", format=form, options=WHOLE[form])
            )
            film.flags |= BIT_EXACT
            _join(reels, pieces, film, form, seconds)
        waiting.replace(out)
    except (OSError, ValueError) as error:
        with contextlib.suppress(OSError):
            waiting.unlink()
        raise Mistake(f"{out}: the film cannot be given its sound ({error})") from error


def _join(
    reels: Reels, pieces: Sequence[Piece] | None, film: Any, form: str, seconds: float
) -> None:
    copied = film.add_stream_from_template(reels.first)
    track = None if pieces is None else _Track(heard(pieces), _sound_stream(film, form), film)
    end_s = 0.0
    for packet in reels.packets():
        if track is not None:
            track.go(float(packet.dts * packet.time_base))
        end_s = max(end_s, float((packet.pts + (packet.duration or 0)) * packet.time_base))
        packet.stream = copied
        film.mux(packet)
    if track is not None:
        track.go(max(end_s, seconds))
        track.finish()


def _sound_stream(film: Any, form: str) -> Any:
    sound = film.add_stream("aac" if form == "mp4" else "flac", rate=RATE, layout="stereo")
    if form == "mp4":
        sound.bit_rate = 256_000
    else:
        sound.codec_context.format = "s32"
    return sound


class _Track:
    """Feeds what is heard into the film, as far as the pictures are."""

    def __init__(self, blocks: Iterator[np.ndarray], stream: Any, film: Any) -> None:
        self._blocks, self._stream, self._film = blocks, stream, film
        self._rest = np.zeros((0, 2), np.float32)
        self._at = 0

    def go(self, until_s: float) -> None:
        """Up to a time in the film, to the sample."""
        import av

        missing = round(until_s * RATE) - self._at
        while missing > 0:
            if not len(self._rest):
                self._rest = next(self._blocks)
            block, self._rest = self._rest[:missing], self._rest[missing:]
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(block.T), "fltp", "stereo")
            frame.sample_rate, frame.time_base = RATE, Fraction(1, RATE)
            frame.pts = self._at
            self._at += len(block)
            missing -= len(block)
            self._film.mux(self._stream.encode(frame))

    def finish(self) -> None:
        """What the encoder still holds."""
        self._film.mux(self._stream.encode())
