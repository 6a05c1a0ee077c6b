"""What the arguments of an OSC message mean to a control: coerced, checked, clamped by its Spec."""

import math
from collections.abc import Callable, Sequence

from instrument.hands.asked import next_choice
from instrument.hands.packet import Refusal
from instrument.signals.mistake import Mistake
from instrument.signals.spec import Kind, Spec

LONGEST_WORD = 64
LONGEST_NUMBER = 6
"""In digits."""
NO_VALUES: dict[type, str] = {
    bytes: "a blob",
    list: "an array",
    tuple: "a time tag, a colour or a MIDI message",
}
"""What no control takes, as the library gives it (a time tag as a tuple), and what it is called."""


def position_of(spec: Spec, arguments: Sequence[object], now: Callable[[], float]) -> float | None:
    """Position 0..1 that a message in the control's unit asks for; None where it asks for nothing.

    | what arrives     | float, int  | switch     | choice          | trigger                         |
    |------------------|-------------|------------|-----------------|---------------------------------|
    | a number         | the value   | on from .5 | its number      | the strength; 0 is a button let go |
    | T / F            | high / low  | on / off   | last / first    | the default / nothing           |
    | a text           | refused     | refused    | the choice      | the choice, if it has choices   |
    | nothing, N, I    | refused     | on         | the next choice | the default                     |

    Where an act means something at 0 (``/deck/seek 0``: its default is not above it), 0 is meant.
    `now` gives the present position, asked only where the next choice is meant. Raises `Refusal`.
    """
    word = _single(arguments)
    if word is None:
        return _bang(spec, now)
    if spec.kind is Kind.TRIGGER and isinstance(word, bool):
        return spec.unmap(spec.default) if word else None
    if spec.kind is Kind.TRIGGER and not spec.choices and word == 0 and spec.default > 0:
        return None
    try:
        return spec.unmap(spec.parse(word))
    except Mistake as mistake:
        raise Refusal(str(mistake)) from None


def word_of(spec: Spec, arguments: Sequence[object]) -> str:
    """The name in a message to an act that takes names (``/show/scene "cathedral"``); else "".

    Whether there is such a scene or cue, the conductor says. Raises `Refusal`.
    """
    if not spec.names or len(arguments) != 1 or not isinstance(arguments[0], str):
        return ""
    word = arguments[0]
    if not 0 < len(word) <= LONGEST_WORD or not word.isprintable():
        raise Refusal(f"takes the name of a {spec.names}, of 1 to {LONGEST_WORD} characters")
    return word


def numbered(spec: Spec, arguments: Sequence[object]) -> Sequence[object]:
    """Digits in a text are a number where an act takes numbers as well as names: ``/show/scene "2"``.

    Programs with a text field can only send a text. An act that only takes names keeps it as a name.
    """
    word = arguments[0] if len(arguments) == 1 else None
    if not (spec.names and spec.step == 1.0 and isinstance(word, str)):
        return arguments
    is_number = len(word) <= LONGEST_NUMBER and word.isascii() and word.isdigit()
    return (int(word),) if is_number else arguments


def plain_position(arguments: Sequence[object]) -> float:
    """Position that a message to ``.../position`` asks for, clamped to 0..1. Raises `Refusal`."""
    word = _single(arguments)
    if not isinstance(word, (int, float)):
        raise Refusal("takes a position, a number from 0 to 1")
    if not math.isfinite(word):
        raise Refusal("takes a finite number")
    return min(1.0, max(0.0, float(word)))


def _single(arguments: Sequence[object]) -> object:
    if len(arguments) > 1:
        raise Refusal(f"takes one argument, not {len(arguments)}")
    word = arguments[0] if arguments else None
    for kind, name in NO_VALUES.items():
        if isinstance(word, kind):
            raise Refusal(f"takes a number or a word, not {name}")
    return word


def _bang(spec: Spec, now: Callable[[], float]) -> float:
    if spec.kind is Kind.TRIGGER:
        return spec.unmap(spec.default)
    if spec.kind is Kind.BOOL:
        return 1.0
    if spec.kind is Kind.ENUM:
        return next_choice(spec, now())
    raise Refusal(f"takes a number, {spec.allowed}; nothing came")
