"""Where scene and cues stand, in words: for terminal, overlay and performer's view alike. Pure."""

import math
from collections.abc import Sequence

from instrument.beat_words import waiting_acts
from instrument.signals.frames import StandingFrame
from instrument.signals.spoken import Line, Tone, Word, cut, stream_words
from instrument.signals.texts import text_of
from instrument.units import seconds_to_text

NAME_LETTERS, WAITS_LETTERS = 24, 30
"""So much of the next cue is told in the one line of status."""
THEN_LETTERS = 20
"""So much is told of the names of those after it."""
MOST_THEN = 3
"""So many cues after the next are told."""

Rows = tuple[tuple[str, Line], ...]


def standing_rows(frame: StandingFrame, now_s: float) -> Rows:
    """As a table: ``scene``, ``cue`` (the last that went), ``next``; as far as there are any."""
    rows: list[tuple[str, Line]] = []
    if scene := text_of(frame.scene):
        rows.append(("scene", _scene_words(frame, scene)))
    if frame.cue_count and frame.cue:
        ago_s = float(frame.cue_s) + max(0.0, now_s - frame.time_s)
        words = (
            Word(f"{frame.cue}/{frame.cue_count}"),
            Word(text_of(frame.cue_name), Tone.STRONG),
            Word(f"{seconds_to_text(ago_s)} ago", Tone.QUIET),
        )
        rows.append(("cue", words))
    if frame.cue_count:
        rows.append(("next", _next_words(frame)))
    return tuple(rows)


def short_words(frame: StandingFrame) -> Line:
    """The next cue and what it waits for, cut to fit into a line with much else."""
    pending = (_pending_word(frame),) if frame.pending else ()
    if not frame.cue_count:
        return pending
    waits = Word(_short_waits(text_of(frame.waits)))
    if not frame.next_cue:
        return (*pending, waits)
    name = cut(text_of(frame.next_name), NAME_LETTERS)
    return (*pending, Word(f"next {name}", Tone.STRONG), waits)


def then_lines(cues: Sequence[tuple[str, str]], frame: StandingFrame) -> tuple[Line, ...]:
    """The cues after the next: number, name, how it goes. `cues`: name and how it goes of all of them."""
    if not frame.next_cue:
        return ()
    first = int(frame.next_cue)
    return tuple(
        (
            Word(f"{number + 1}/{len(cues)}", Tone.QUIET),
            Word(cut(name, THEN_LETTERS)),
            Word(
                _deadline_first(goes, ", by ", "by ") if len(goes) > THEN_LETTERS else goes,
                Tone.QUIET,
            ),
        )
        for number, (name, goes) in enumerate(cues[first : first + MOST_THEN], first)
    )


def _short_waits(words: str) -> str:
    """The deadline before the condition: of a long one only the beginning is told."""
    return cut(_deadline_first(words, ", or ", ""), WAITS_LETTERS)


def _deadline_first(words: str, between: str, before: str) -> str:
    condition, _, deadline = words.rpartition(between)
    return f"{before}{deadline} or {condition}" if condition else words


def _pending_word(frame: StandingFrame) -> Word:
    return Word(f"{waiting_acts(frame)} for the beat", Tone.STRONG)


def _scene_words(frame: StandingFrame, scene: str) -> Line:
    number = f"{frame.scene_number} " if frame.scene_number else ""
    words = [Word(f"{number}{stream_words(scene)}")]
    if frame.morph < 1.0:
        left = seconds_to_text(math.ceil(frame.morph_left_s))
        words.append(Word(f"{frame.morph:.0%}, {left} left", Tone.QUIET))
    return tuple(words)


def _next_words(frame: StandingFrame) -> Line:
    waits = Word(text_of(frame.waits))
    if not frame.next_cue:
        return (waits,)
    name = Word(text_of(frame.next_name), Tone.STRONG)
    words = [Word(f"{frame.next_cue}/{frame.cue_count}"), name, waits]
    if note := text_of(frame.next_note):
        words.append(Word(note, Tone.QUIET))
    return tuple(words)
