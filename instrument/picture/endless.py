"""Loops of a shader that nothing ends: a graphics card hangs in them. No GL in here."""

import re

ENDLESS = re.compile(
    r"\b(?:for\s*\([^;(){}]*;\s*(?:true|1)?\s*;[^;{}]*?\)|while\s*\(\s*(?:true|1)\s*\))\s*(\{)?"
)
COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
WAY_OUT = re.compile(r"\b(?:break|return|discard)\b")


def endless_loop(source: str) -> int | None:
    """Offset of a loop without a condition and without a word that leaves it; None where there is none.

    Only what is plain to see: whether any other loop ends cannot be read off it.
    """
    plain = COMMENT.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), source)
    for found in ENDLESS.finditer(plain):
        end = _end(plain, found.end()) if found.group(1) else plain.find(";", found.end()) + 1
        if not WAY_OUT.search(plain, found.end(), end or len(plain)):
            return found.start()
    return None


def _end(text: str, start: int) -> int:
    """Where the brace that was opened before `start` is closed."""
    depth = 1
    for place in range(start, len(text)):
        depth += (text[place] == "{") - (text[place] == "}")
        if depth == 0:
            return place
    return len(text)
