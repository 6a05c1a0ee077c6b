"""Deeds: everything that decides how a training goes, in order. Seed and deeds make the run again.

kind     | what it says
---------|---------------------------------------------------------------------------------------
BIRTH    | `text`: facts of the training as JSON (net, seed, images, machine)
FEEL     | learning controls `places` are felt at positions `values` from now on
ACT      | trigger `places[0]` was done with `values[0]` (its unit)
RESTORE  | back to the moment `values` = (steps, deeds); `places[0]`: 1 when the guard did it
LAND     | on from between two moments: `values` = (steps, deeds, steps, deeds, mix)
HEAL     | cure begins, with D of the moment `values` = (steps, deeds); no values: D as it is
CHECK    | `text`: checksum of all weights at this step
MOVE     | the training went on in another place (`text`): from here bits may differ
BRANCH   | the second, if any: it begins at a saved moment; `text`: which one, as JSON (`Branch`)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from instrument.signals.frames import DEED_VALUES, DeedFrame
from instrument.signals.texts import field_of, text_of


class DeedKind(IntEnum):
    """What a deed is; the numbers are those in run files."""

    BIRTH = 0
    FEEL = 1
    ACT = 2
    RESTORE = 3
    LAND = 4
    HEAL = 5
    CHECK = 6
    MOVE = 7
    BRANCH = 8


@dataclass(frozen=True)
class Mark:
    """Names a moment of a training: steps made and deeds done before it."""

    steps: int
    deeds: int


@dataclass(frozen=True)
class Deed:
    """One of them. `step`: steps made before it; `number`: its place among all deeds."""

    kind: DeedKind
    step: int
    number: int
    places: tuple[int, ...] = ()
    values: tuple[float, ...] = ()
    text: str = ""

    @property
    def marks(self) -> tuple[Mark, ...]:
        """The moments it goes back to."""
        pairs = {DeedKind.RESTORE: 1, DeedKind.LAND: 2, DeedKind.HEAL: len(self.values) // 2}
        found = pairs.get(self.kind, 0)
        return tuple(
            Mark(int(self.values[2 * n]), int(self.values[2 * n + 1])) for n in range(found)
        )

    def to_frame(self, time_s: float) -> DeedFrame:
        """As it travels; at most `DEED_VALUES` places and values."""
        frame = DeedFrame(
            time_s=time_s, step=self.step, number=self.number, kind=int(self.kind),
            count=max(len(self.places), len(self.values)), text=field_of(self.text, 159),
        )  # fmt: skip
        for number, place in enumerate(self.places):
            frame.places[number] = place
        for number, value in enumerate(self.values):
            frame.values[number] = value
        return frame

    @classmethod
    def from_frame(cls, frame: DeedFrame) -> "Deed":
        """The inverse, from a file that may hold anything. Raises ValueError."""
        kind = DeedKind(frame.kind)
        count = min(frame.count, DEED_VALUES)
        sizes = {
            DeedKind.FEEL: (count, count), DeedKind.ACT: (1, 1), DeedKind.RESTORE: (1, 2),
            DeedKind.LAND: (0, 5), DeedKind.HEAL: (0, 2 if count else 0),
        }  # fmt: skip
        places, values = sizes.get(kind, (0, 0))
        if max(places, values) > count:
            raise ValueError(f"a deed of kind {kind.name} with {count} values")
        return cls(
            kind, frame.step, frame.number, tuple(frame.places[:places]),
            tuple(frame.values[:values]), text_of(frame.text),
        )  # fmt: skip


def chunks(places: Sequence[int], values: Sequence[float]) -> list[tuple[tuple, tuple]]:
    """Places and values in portions that fit one deed each."""
    return [
        (tuple(places[i : i + DEED_VALUES]), tuple(values[i : i + DEED_VALUES]))
        for i in range(0, len(places), DEED_VALUES)
    ]
