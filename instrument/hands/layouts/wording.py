"""Words and figures on a page: captions that fit, and how many decimals a value is said with."""

import math

from instrument.signals.spec import Curve, Spec

EM = 0.62
"""Width of a letter as a share of its height: that of a wide sans-serif face, so that others fit too."""
LINE = 1.25
LARGEST, SMALLEST = 30, 9


def lines(text: str, width: float, size: int) -> list[str]:
    """The text broken at spaces into lines of at most `width` pixels in letters of `size` pixels."""
    most = int(width / (EM * size))
    found: list[str] = []
    for word in text.split():
        if found and len(found[-1]) + 1 + len(word) <= most:
            found[-1] += " " + word
        else:
            found.append(word)
    return found


def fits(text: str, width: float, height: float, size: int) -> bool:
    """Whether the text stands inside a place of so many pixels in letters of this size."""
    broken = lines(text, width, size)
    longest = max((len(line) for line in broken), default=0)
    return longest * EM * size <= width and len(broken) * LINE * size <= height


def size_for(text: str, width: float, height: float, wanted: int = 12) -> int:
    """The largest size up to `wanted` in which the text fits; `SMALLEST` where none does."""
    for size in range(min(wanted, LARGEST), SMALLEST, -1):
        if fits(text, width, height, size):
            return size
    return SMALLEST


def caption(spec: Spec, word: str = "") -> str:
    """What is written over a control: its name in words and its unit, ``tempo (steps/s)``.

    A unit that the name says (``bits``) is not said twice.
    """
    name = word or spec.name.replace("_", " ")
    name = name.removesuffix(" ms") if spec.unit == "ms" else name
    words = {word.removesuffix("s") for word in name.split()}
    says_it = spec.unit.removesuffix("s") in words
    return f"{name} ({spec.unit})" if spec.unit and not says_it else name


def decimals(spec: Spec) -> int:
    """How many decimals tell neighbouring places of its fader apart."""
    if spec.is_whole:
        return 0
    smallest = spec.low if spec.curve is Curve.EXPONENTIAL else (spec.high - spec.low) / 100
    return min(6, max(0, 1 - math.floor(math.log10(smallest)))) if smallest < 10 else 0
