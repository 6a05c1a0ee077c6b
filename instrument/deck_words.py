"""Where the deck of a rehearsal stands, in words: for terminal, overlay and performer's view. Pure."""

from instrument.cue_words import Rows
from instrument.hands.readouts import loop_words
from instrument.signals.frames import DeckFrame
from instrument.signals.spoken import Tone, Word
from instrument.units import seconds_to_text


def deck_rows(frame: DeckFrame) -> Rows:
    """As a table: ``run``, in one word of at most 55 letters or so."""
    parts = [f"{seconds_to_text(frame.position_s)} of {seconds_to_text(frame.length_s)}"]
    parts.append(f"x{frame.speed:.3g}" if frame.speed > 0.0 else "holds")
    if frame.looping:
        parts.append(f"loop {loop_words(frame)}")
    if frame.hands_muted:
        parts.append("hands muted")
    elif frame.punched:
        parts.append(f"{frame.punched} by hand")
    return (("run", (Word("  ".join(parts), Tone.PLAIN),)),)
