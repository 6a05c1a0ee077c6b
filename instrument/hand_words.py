"""Which faders wait and what is learned, in words: for overlay and performer's view alike. Pure."""

from instrument.signals.frames import WAITING_FADERS, HandsFrame
from instrument.signals.spoken import Line, Tone, Word, control_words
from instrument.signals.texts import text_of

MOST_TOLD = 3
"""So many waiting faders are told one by one."""
UP, DOWN = "^", "v"

Rows = tuple[tuple[str, Line], ...]


def hand_rows(frame: HandsFrame, paths: tuple[str, ...]) -> Rows:
    """As a table: ``learn`` while something is learned, else a row for each fader that waits.

    `paths` are those of the show's controls, in their order. Nothing moves while something is learned, so
    what waits is not told then.
    """
    if words := text_of(frame.learning):
        return (("learn", (Word(words, Tone.STRONG),)),)
    told = [
        _waiting_words(paths[frame.controls[place]], frame.hardware[place], frame.stands[place])
        for place in range(min(frame.waiting, MOST_TOLD, WAITING_FADERS))
        if frame.controls[place] < len(paths)
    ]
    if told and frame.waiting > MOST_TOLD:
        told.append((Word(f"and {frame.waiting - MOST_TOLD} more", Tone.QUIET),))
    return tuple(("waits" if place == 0 else "", line) for place, line in enumerate(told))


def learned_words(frame: HandsFrame, paths: tuple[str, ...]) -> str:
    """The control that is learned, as it is said; '' for none."""
    return control_words(paths[frame.learned]) if 0 <= frame.learned < len(paths) else ""


def _waiting_words(path: str, hardware: float, stands: float) -> Line:
    """The control; where its fader is and where it stands, in per cent of the fader's way; whither."""
    way = UP if stands > hardware else DOWN
    return (
        Word(control_words(path), Tone.STRONG),
        Word(f"fader at {hardware:.0%}, stands at {stands:.0%}  {way}"),
    )
