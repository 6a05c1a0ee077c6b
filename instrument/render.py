"""Film of a recorded run, picture by picture and as fast as it goes; or its pictures as PNG files.

| where | what |
|---|---|
| a process of its own | the sound, ahead of the pictures that hear it (`render_hearing`) |
| main thread | every picture, one after the other |
| two threads | digests and colours; the encoder (`render_packer`, `render_sheets`) |

What is finished lies in a folder beside the film (`render_work`); the same command goes on there. The same
run, preset and size give the same pictures and samples, whatever the machine is doing meanwhile.
"""

import json
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from itertools import islice

import moderngl

from instrument.house import House
from instrument.offline_picture import EndedOutside, OfflinePicture, inner_size
from instrument.picture.film_sound import Anchor, Piece, join
from instrument.picture.footage import Footage
from instrument.render_hearing import Hearing, SoundWanted, as_in_the_show
from instrument.render_job import Job, Rendered, hashes
from instrument.render_packer import Packer
from instrument.render_sheets import FilmSheets, FolderSheets, Sheets
from instrument.render_work import PieceRecord, Work, move_stems
from instrument.runs.tape import Tape
from instrument.signals.mistake import Mistake
from instrument.signals.refused import cannot_write
from instrument.written_over import PICTURE

Progress = Callable[[str, float, float], None]
"""What is being rendered (``sound``, ``picture``, or ``again``: drawn, but finished before), the second of
the run that is reached, and the last one."""
GOES_ON = "; what is finished is kept: the same command goes on from there (--fresh begins anew)"
BEGINS_ANEW = "; nothing of it was finished: the same command begins anew"


class NothingToShow(Mistake):
    """The run is over before the first picture that is wanted."""


def no_progress(what: str, at_s: float, whole_s: float) -> None:
    """Nobody watches."""


def render(
    job: Job, house: House, progress: Progress = no_progress,
    say: Callable[[str], None] = lambda text: None,
) -> Rendered:  # fmt: skip
    """Render. Raises `Mistake`; what was there before stays then, and what is finished is kept.

    `say` takes what is to be said of the run, as that it is cut short.
    """
    job.check(house)
    with _sentences(job):
        work = Work(job.out)
    try:
        with _sentences(job):
            rendered = _Rendering(job, house, progress, say, work).make()
    except BaseException as fault:
        keep = work.anything_kept and not isinstance(fault, NothingToShow)
        work.close() if keep else work.throw_away()
        if keep and isinstance(fault, Mistake):
            raise Mistake(f"{fault}{GOES_ON}") from fault
        if isinstance(fault, EndedOutside):
            raise Mistake(f"{fault}{BEGINS_ANEW}") from fault
        raise
    work.throw_away()
    return rendered


@contextmanager
def _sentences(job: Job) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise cannot_write(job.out, error) from error


class _Rendering:
    """One rendering in its folder. Main thread."""

    def __init__(
        self, job: Job, house: House, progress: Progress, say: Callable[[str], None], work: Work
    ) -> None:
        self._job, self._house, self._work = job, house, work
        self._progress, self._say = progress, say
        self._whole_s = job.end_s if math.isfinite(job.end_s) else 0.0
        self._kept = 0

    def make(self) -> Rendered:
        """All of it, up to the film in its place. Raises `Mistake`, `OSError`."""
        job = self._job
        changed = self._work.begin(job.deciding(self._house), job.fresh)
        if changed:
            self._say(
                f"{self._work.folder.name}/ was begun with another state of {', '.join(changed)}: "
                "all is made anew"
            )
        hearing = self._hearing() if job.sound else None
        try:
            pieces = self._pieces(hearing)
            if hearing is not None:
                hearing.finish()
        finally:
            if hearing is not None:
                hearing.close()
        return self._put_in_place(pieces, hearing)

    def _hearing(self) -> Hearing:
        job = self._job
        wanted = SoundWanted(
            job.run, job.preset, job.samples, job.end_s, job.stems is not None,
            *as_in_the_show(Tape(job.run).header),
        )  # fmt: skip
        return Hearing(
            wanted, self._work, lambda at_s: self._progress("sound", at_s, self._whole_s)
        )

    def _sheets(self) -> Sheets:
        job = self._job
        if not job.into_folder:
            return FilmSheets(self._work, job.size, job.exact_rate)
        scale = inner_size(job.size, job.lines)[1]
        return FolderSheets(job.out, job.size, scale, job.exact_rate, job.per_piece)

    def _pieces(self, hearing: Hearing | None) -> list[PieceRecord]:
        job = self._job
        inner, _ = inner_size(job.size, job.lines)
        sound = None if hearing is None else hearing.frames()
        with OfflinePicture(
            job.run, job.preset, inner, float(job.exact_rate), job.look, sound, self._house
        ) as offline:
            self._whole_s = min(job.end_s, offline.seconds)
            sheets = self._sheets()
            pieces = self._kept_pieces(sheets)
            if self._work.drawn == self._kept > 0:
                sheets.give_up()
                return pieces
            return self._draw(offline, sheets, pieces)

    def _kept_pieces(self, sheets: Sheets) -> list[PieceRecord]:
        pieces = self._work.pieces(_graphics(), sheets.whole)
        self._kept = sum(len(piece.pictures) for piece in pieces)
        if pieces:
            rate = float(self._job.exact_rate)
            self._say(
                f"{self._kept / rate:.1f} s of it are finished; they are drawn again, for what "
                "follows hangs on them"
            )
        return pieces

    def _draw(
        self, offline: OfflinePicture, sheets: Sheets, pieces: list[PieceRecord]
    ) -> list[PieceRecord]:
        job = self._job
        packer = Packer(sheets, self._work, pieces, job.per_piece, _graphics())
        first = (job.number_at(job.start_s) or 0) + self._kept
        """The first picture that is wanted, as the run counts them."""
        try:
            if first == 0:
                offline.picture.hand_pixels_to(packer)
            drawn = islice(offline.draw(), job.number_at(job.end_s))
            for number, (now_s, shown) in enumerate(drawn, start=1):
                if number == first:
                    self._check_going_on(shown, pieces)
                    offline.picture.hand_pixels_to(packer)
                packer.check()
                self._progress("picture" if number > first else "again", now_s, self._whole_s)
            offline.picture.hand_the_rest_over()
            pieces = packer.finish()
        except BaseException:
            packer.give_up()
            raise
        for text in offline.said:
            self._say(text)
        if not pieces:
            raise NothingToShow(f"--from {job.start_s:g}: the run is over by then")
        self._work.keep_drawn(sum(len(piece.pictures) for piece in pieces))
        return pieces

    def _check_going_on(self, shown: moderngl.Framebuffer, pieces: list[PieceRecord]) -> None:
        """What follows would not fit where the last finished picture comes out otherwise."""
        if pieces and _digest(shown) != pieces[-1].pictures[-1]:
            raise Mistake(
                f"{self._job.out}: the last picture that was finished comes out otherwise now (another "
                "graphics driver?), so what follows would not fit; --fresh makes all anew"
            )

    def _put_in_place(self, pieces: list[PieceRecord], hearing: Hearing | None) -> Rendered:
        job, rate = self._job, self._job.exact_rate
        each = tuple(picture for piece in pieces for picture in piece.pictures)
        sound = [] if hearing is None else [Piece(hearing.wave, [Anchor(0, -job.start_s, True)])]
        told = {} if hearing is None else hearing.told
        if not job.into_folder:
            footage = [
                Footage(self._work.folder / piece.file, number * job.per_piece / rate)
                for number, piece in enumerate(pieces)
            ]
            film = self._work.folder / f"film{job.out.suffix}"
            join(footage, sound or None, film, len(each) / float(rate))
            film.replace(job.out)
        else:
            if hearing is not None:
                hearing.wave.replace(job.out / hearing.wave.name)
            self._say_left_over(len(each))
        if job.stems is not None and hearing is not None:
            for sentence in move_stems(hearing.stems, job.stems):
                self._say(sentence)
        rendered = Rendered(len(each), len(each) / float(rate), self._kept, each, told)
        if job.hashes is not None:
            job.hashes.write_text(json.dumps(hashes(job, rendered), indent=1), encoding="utf-8")
        return rendered

    def _say_left_over(self, pictures: int) -> None:
        """A folder that held more pictures still does, and whoever cuts them takes all of a folder."""
        out = self._job.out
        others = [
            path for path in out.iterdir()
            if PICTURE.fullmatch(path.name) and int(path.stem) >= pictures
        ]  # fmt: skip
        if others:
            self._say(f"{out}: {len(others)} pictures behind the last are of another rendering")


def _graphics() -> str:
    """What draws: the same again gives the same pictures."""
    info = moderngl.get_context().info
    return f"{info.get('GL_RENDERER')}, {info.get('GL_VERSION')}"


def _digest(shown: moderngl.Framebuffer) -> str:
    return sha256(shown.read(components=4, alignment=1)).hexdigest()
