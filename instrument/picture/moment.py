"""`Moment`: what the painter needs to know of one picture besides the data. No GL."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from instrument.picture.looks import Look

UNSEEN = 1.0 / 128.0
"""What is below this leaves no trace in 8 bits; what a route leaves behind costs no pass."""


@dataclass(frozen=True)
class Layer:
    """A look over what lies below it. `blend`: a number of `composing.BLENDS`; `level` 0..1."""

    look: str
    level: float
    blend: int = 0


@dataclass(frozen=True)
class Moment:
    """One picture.

    `uniforms`: values by the names of helpers.py. `inputs`: for each look the values of its inputs
    by name. `black` 0..1 scales everything; `turn` maps a pixel's place (from the middle) to where
    it was one picture before, row by row. `ink` and `ground`: what white and black become.
    """

    look: str
    elapsed_s: float
    uniforms: dict[str, Any]
    inputs: Callable[[Look], dict[str, Any]]
    layers: tuple[Layer, ...] = ()
    brightness: float = 1.0
    feedback: float = 0.0
    turn: tuple[float, float, float, float] = (1.0, 0.0, 0.0, 1.0)
    sorting: float = 0.0
    threshold: float = 0.0
    tear: float = 0.0
    mosaic: int = 1
    bloom: float = 0.0
    greys: int = 0
    lines: float = 0.0
    invert: bool = False
    ink: tuple[float, float, float] = (1.0, 1.0, 1.0)
    ground: tuple[float, float, float] = (0.0, 0.0, 0.0)
    crossfade_s: float = 0.5
    black: float = 1.0

    @property
    def words(self) -> frozenset[str]:
        """The parts of `composing.COMPOSED` that this picture needs."""
        post = (
            self.threshold > 0.0
            or self.tear > UNSEEN
            or self.mosaic > 1
            or self.bloom > UNSEEN
            or self.greys > 1
            or self.lines > UNSEEN
            or self.ink != (1.0, 1.0, 1.0)
            or self.ground != (0.0, 0.0, 0.0)
        )
        wanted = {"POST": post, "FEEDBACK": self.feedback > UNSEEN}
        return frozenset(word for word, is_wanted in wanted.items() if is_wanted)

    def values(self) -> dict[str, Any]:
        """The uniforms of `composing.COMPOSED`."""
        return {
            "brightness": self.brightness,
            "feedback": min(0.98, max(0.0, self.feedback)) ** (60.0 * self.elapsed_s),
            "sorting": min(1.0, self.sorting * 60.0 * self.elapsed_s),
            "threshold": self.threshold,
            "tear": self.tear,
            "bloom": self.bloom,
            "lines": self.lines,
            "greys": self.greys,
            "black": self.black,
            "elapsed": self.elapsed_s,
            "turn": self.turn,
            "mosaic": self.mosaic,
            "invert": self.invert,
            "ink": self.ink,
            "ground": self.ground,
        }
