"""Films made in pieces, laid end to end without touching their pictures."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from instrument.signals.mistake import Mistake


@dataclass(frozen=True)
class Footage:
    """A film without sound, and the second of the whole film at which its first picture is shown."""

    path: Path
    at_s: Fraction = Fraction(0)


class Reels:
    """Pieces of one film, each whole in itself, as the packets of one video. One thread."""

    def __init__(self, pieces: Sequence[Footage], stack: ExitStack) -> None:
        """`pieces` in order, at least one; they are closed with `stack`. Raises what PyAV raises."""
        self._pieces = pieces
        self._stack = stack
        self.first: Any = self._open(pieces[0])
        """The video of the first piece, for its form."""

    def _open(self, piece: Footage) -> Any:
        import av

        return self._stack.enter_context(av.open(str(piece.path))).streams.video[0]

    def packets(self) -> Iterator[Any]:
        """Every packet once, with its times in the whole film. Raises `Mistake` where pieces do not fit."""
        for number, piece in enumerate(self._pieces):
            video = self.first if number == 0 else self._open(piece)
            self._check(piece, video)
            shift = piece.at_s / video.time_base
            if shift.denominator != 1:
                raise Mistake(f"{piece.path}: this piece of a film does not begin on a picture")
            for packet in video.container.demux(video):
                if packet.dts is None:
                    continue
                packet.pts += int(shift)
                packet.dts += int(shift)
                yield packet
            if number:
                video.container.close()

    def _check(self, piece: Footage, video: Any) -> None:
        def form(one: Any) -> tuple[Any, ...]:
            context = one.codec_context
            return context.extradata, context.width, context.height, one.time_base

        if form(video) != form(self.first):
            raise Mistake(
                f"{piece.path}: this piece of a film was packed in another way than the first; "
                "--fresh makes all of them anew"
            )
