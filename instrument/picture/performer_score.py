"""The part of the performer's page that tells of cues, scene and beat. Pure drawing."""

import math
import textwrap
from dataclasses import dataclass

from instrument.picture.letters import REGULAR
from instrument.picture.strokes import DIM, MARGIN, TRACK, WIDTH, Strokes
from instrument.signals.spoken import Line, Tone, Word, cut

LEFT, THEN = MARGIN + 56, 724
"""Where the words begin, and where the cues after the next do."""
NEXT, TEXT, HEADING, ROW = 20, 16, 14, 18
"""Size of the next cue, of all else and of the headings, and the distance of the lines."""
NOTE_LINES = 2


@dataclass(frozen=True)
class Score:
    """Where the piece stands. `next`: number, name and what it waits for; () where there is no cue list."""

    next: Line = ()
    note: str = ""
    then: tuple[Line, ...] = ()
    """The cues after it: number, name, how they go."""
    now: Line = ()
    scene: Line = ()
    beat: Line = ()

    @property
    def is_listed(self) -> bool:
        """Whether there is a cue list."""
        return bool(self.next)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to tell."""
        return not (self.next or self.now or self.scene or self.beat)


NO_SCORE = Score()


def draw_score(strokes: Strokes, score: Score, top: int) -> None:
    """From `top` on: the next cue large, then its note and where the show is, the cues after beside it."""
    strokes.box(MARGIN, top, WIDTH - 2 * MARGIN, 1, TRACK)
    if not score.is_listed:
        _draw_unlisted(strokes, score, top)
        return
    _row(strokes, "next", score.next, MARGIN, top + 5, WIDTH - MARGIN, NEXT)
    first, end = top + 31, THEN - 16 if score.then or score.beat else WIDTH - MARGIN
    note = textwrap.wrap(score.note, letters(LEFT, end, TEXT))
    if len(note) > NOTE_LINES:
        note[NOTE_LINES - 1 :] = [note[NOTE_LINES - 1][:-2] + ".."]
    rows: list[tuple[str, Line]] = [("", (Word(line, Tone.QUIET),)) for line in note]
    rows += [row for row in (("now", score.now), ("scene", score.scene)) if row[1]]
    for number, (heading, line) in enumerate(rows):
        _row(strokes, heading, line, MARGIN, first + number * ROW, end)
    for number, line in enumerate(score.then):
        heading = "then" if number == 0 else ""
        _row(strokes, heading, line, THEN, first + number * ROW, WIDTH - MARGIN)
    if score.beat:
        _row(strokes, "beat", score.beat, THEN, first + 3 * ROW, WIDTH - MARGIN)


def _draw_unlisted(strokes: Strokes, score: Score, top: int) -> None:
    """The scene, as large as a cue, and the beat."""
    if score.scene or score.now:
        scene = (Word("scene", Tone.FAINT), *score.scene) if score.scene else ()
        _row(strokes, "now", (*score.now, *scene), MARGIN, top + 6, WIDTH - MARGIN, NEXT)
    if score.beat:
        _row(strokes, "beat", score.beat, MARGIN, top + 31, WIDTH - MARGIN)


def _row(
    strokes: Strokes, heading: str, line: Line, left: int, top: int, end: int, size: int = TEXT
) -> None:
    words = left + LEFT - MARGIN
    strokes.write(heading, left, top + size - HEADING, HEADING, REGULAR, DIM)
    strokes.write_line(fitting(line, letters(words, end, size)), words, top, size, gap=2)


def letters(left: int, end: int, size: int) -> int:
    """So many letters of a size fit between two places; letters are whole pixels wide."""
    return int((end - left) / math.ceil(0.6 * size))


def fitting(line: Line, room: int) -> Line:
    """At most `room` letters of a line: what does not fit is cut from its end."""
    words: list[Word] = []
    for word in line:
        if room < 3 and words:
            break
        words.append(Word(cut(word.text, room), word.tone))
        room -= len(word.text) + 2
    return tuple(words)
