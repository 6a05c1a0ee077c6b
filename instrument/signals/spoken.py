"""Words for people: pieces of a line with their tone, and names as people say them.

Names are made from paths by one rule, so there is no table that could grow stale:
a control leaves out its room, and dots and underscores become blanks: ``sound.organ.level`` is "organ
level", ``picture.tile_wall.levels`` "tile wall levels", ``learning.heat`` "heat". A stream's underscores
become blanks: ``score_real`` is "score real".
"""

from dataclasses import dataclass
from enum import Enum


class Tone(Enum):
    """How a word is meant, whatever shows it."""

    PLAIN = "plain"
    QUIET = "quiet"
    STRONG = "strong"
    GRAVE = "grave"
    """In the one accent colour."""
    FAINT = "faint"
    """There, but not to be read."""


@dataclass(frozen=True)
class Word:
    """A piece of a line."""

    text: str
    tone: Tone = Tone.PLAIN


Line = tuple[Word, ...]
"""Words with `GAP` between them."""
GAP = "  "


def control_words(path: str) -> str:
    """A control's path as it is said."""
    _, _, rest = path.partition(".")
    return (rest or path).replace(".", " ").replace("_", " ")


def stream_words(name: str) -> str:
    """A stream's name as it is said; a look's name too."""
    return name.replace("_", " ")


def printable(text: str) -> str:
    """A text that a terminal can be given: what would move its cursor or rename its window is a '?'.

    Lines stay lines. Words come from the network, from names of devices, from presets of others.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\n" else "?" for c in text)


def counted(count: int, noun: str, digits: str = "d") -> str:
    """``1 fault``, ``2 faults``; `digits` is how the number is written, as in a format."""
    return f"{count:{digits}} {noun}{'' if count == 1 else 's'}"


def cut(text: str, width: int) -> str:
    """At most `width` characters; what is longer ends in two dots."""
    return text if len(text) <= width else text[: max(0, width - 2)].rstrip() + ".."


def line_text(line: Line) -> str:
    """A line where there are no tones."""
    return GAP.join(word.text for word in line)
