"""`Packer`: what was drawn goes, in order, through two threads: digest and colours, then the encoder."""

import hashlib
from typing import Any

from instrument.picture.readback import Shown
from instrument.render_belt import Belt
from instrument.render_sheets import Sheets
from instrument.render_work import PieceRecord, Work

ROOM = 4
"""Pictures that wait before each thread; a readback keeps arrays for 16."""


class Packer:
    """Takes pictures (`Taker`) from one of them on; every `per_piece` of them are kept in `work`."""

    def __init__(
        self, sheets: Sheets, work: Work, kept: list[PieceRecord], per_piece: int, drawn_by: str
    ) -> None:
        """`kept`: the pieces that are finished; what comes is put behind them."""
        self._sheets, self._work, self._drawn_by = sheets, work, drawn_by
        self._per_piece = per_piece
        self._pieces = list(kept)
        self._number = sum(len(piece.pictures) for piece in kept)
        self._digests: list[str] = []
        self._encode = Belt("film encoder", self._add, ROOM)
        self._prepare = Belt("film colours", self._make, ROOM)

    def take(self, shown: Shown) -> None:
        """A picture; waits while too many do. Main thread."""
        self._prepare.put(shown)

    def _make(self, shown: Shown) -> None:
        digest = hashlib.sha256(shown.pixels.data).hexdigest()
        self._encode.put((digest, self._sheets.prepare(shown.pixels)))

    def _add(self, made: tuple[str, Any]) -> None:
        digest, prepared = made
        self._sheets.add(self._number, len(self._digests), prepared)
        self._number += 1
        self._digests.append(digest)
        if len(self._digests) == self._per_piece:
            self._keep()

    def _keep(self) -> None:
        number = len(self._pieces)
        file, digest = self._sheets.finish(number)
        record = PieceRecord(tuple(self._digests), self._drawn_by, file, digest)
        self._work.keep(number, record)
        self._pieces.append(record)
        self._digests = []

    def check(self) -> None:
        """Raises what went wrong in one of the threads. Main thread."""
        self._prepare.check()
        self._encode.check()

    def finish(self) -> list[PieceRecord]:
        """All pieces, when the last picture is in its place. Raises what went wrong. Main thread."""
        self._prepare.close()
        self._encode.close()
        if self._digests:
            self._keep()
        return self._pieces

    def give_up(self) -> None:
        """What is not finished is let go. Raises nothing. Main thread."""
        self._prepare.end()
        self._encode.end()
        self._sheets.give_up()
