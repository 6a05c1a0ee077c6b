"""How a number is said in tones: the marks of every digit, in three manners. Pure Python.

A mark is a tone of one or two frequencies (as ratios of the pitch) with a beginning and an end in
units; a unit is the length of a digit's tone or of one pip.
"""

from dataclasses import dataclass

STYLES = ("tones", "pips", "morse")
LOW = (1.0, 9 / 8, 5 / 4, 4 / 3)
HIGH = (2.0, 5 / 2, 3.0)
"""The two tones of a digit, as on a telephone but tuned like an organ: low row, high column."""
POINT_SAID = "."
POINT_RATIO = 0.5
MORSE = {
    "0": "-----", "1": ".----", "2": "..---", "3": "...--", "4": "....-", "5": ".....",
    "6": "-....", "7": "--...", "8": "---..", "9": "----.", POINT_SAID: ".-.-.-",
}  # fmt: skip
TONE, GAP = 1.0, 0.45
PIP, PIP_GAP, PIP_REST = 0.22, 0.2, 0.75
DOT, DASH, DOT_GAP, MORSE_REST = 0.12, 0.36, 0.12, 0.5


@dataclass(frozen=True)
class Mark:
    """One tone: begin and end in units, and the ratios of its two frequencies; 0 is none."""

    begin: float
    end: float
    ratios: tuple[float, float]


def text_of(number: float) -> str:
    """What is said of a number, ``0.69``: two places, no sign; at most 99.99."""
    return f"{min(99.99, max(0.0, number)):.2f}"


def marks_of(text: str, style: str) -> list[Mark]:
    """The marks of digits and points, one after the other from 0."""
    marks: list[Mark] = []
    at = 0.0
    for letter in text:
        said, at = _SAY[style](letter, at)
        marks += said
    return marks


def two_tones(letter: str) -> tuple[float, float]:
    """The ratios of a digit's two tones; the point takes the place after nine."""
    number = 10 if letter == POINT_SAID else int(letter)
    return LOW[number // len(HIGH)], HIGH[number % len(HIGH)]


def _tones(letter: str, at: float) -> tuple[list[Mark], float]:
    return [Mark(at, at + TONE, two_tones(letter))], at + TONE + GAP


def _pips(letter: str, at: float) -> tuple[list[Mark], float]:
    """As many pips as the digit says, ten for nought; the point is one long low tone."""
    if letter == POINT_SAID:
        return [Mark(at, at + TONE, (POINT_RATIO, 0.0))], at + TONE + PIP_REST
    marks = []
    for _ in range(int(letter) or 10):
        marks.append(Mark(at, at + PIP, (1.0, 0.0)))
        at += PIP + PIP_GAP
    return marks, at - PIP_GAP + PIP_REST


def _morse(letter: str, at: float) -> tuple[list[Mark], float]:
    marks = []
    for sign in MORSE[letter]:
        length = DOT if sign == "." else DASH
        marks.append(Mark(at, at + length, (1.0, 0.0)))
        at += length + DOT_GAP
    return marks, at - DOT_GAP + MORSE_REST


_SAY = {"tones": _tones, "pips": _pips, "morse": _morse}
