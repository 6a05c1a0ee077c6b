"""What reading a run has brought to light: sentences with their place, damage apart from news."""

import math
from dataclasses import dataclass

MOST_OF_A_KIND = 8
"""So many findings of one kind are said; the others are counted."""


@dataclass(frozen=True)
class Finding:
    """One sentence. `at_s` are seconds from the beginning of the run, `at_byte` is a place in the file.

    `damage`: whether the file is worse than it was written; else it is only said.
    """

    text: str
    damage: bool
    at_s: float | None = None
    at_byte: int | None = None

    def __str__(self) -> str:
        places = []
        if self.at_s is not None:
            places.append(clock_text(self.at_s))
        if self.at_byte is not None:
            places.append(f"byte {self.at_byte:,}")
        return f"{', '.join(places)}: {self.text}" if places else self.text


class Findings:
    """A list of findings that no file makes endless."""

    def __init__(self) -> None:
        self._listed: list[Finding] = []
        self._counts: dict[tuple[str, bool], int] = {}

    def damage(
        self, kind: str, text: str, at_s: float | None = None, at_byte: int | None = None
    ) -> None:
        """Note a damage. `kind` is what many are counted under, in the plural."""
        self._add(kind, Finding(text, True, at_s, at_byte))

    def note(
        self, kind: str, text: str, at_s: float | None = None, at_byte: int | None = None
    ) -> None:
        """Note what is no damage, as `damage`."""
        self._add(kind, Finding(text, False, at_s, at_byte))

    def _add(self, kind: str, finding: Finding) -> None:
        key = (kind, finding.damage)
        self._counts[key] = self._counts.get(key, 0) + 1
        if self._counts[key] <= MOST_OF_A_KIND:
            self._listed.append(finding)

    @property
    def damaged(self) -> int:
        """How many damages there are, said or not."""
        return sum(count for (_, damage), count in self._counts.items() if damage)

    def all(self) -> list[Finding]:
        """What is said: damage first, in the order of the file."""
        more = [
            Finding(f"and {count - MOST_OF_A_KIND:,} more {kind}", damage)
            for (kind, damage), count in self._counts.items()
            if count > MOST_OF_A_KIND
        ]
        return sorted([*self._listed, *more], key=_place)


def _place(finding: Finding) -> tuple[bool, float]:
    return not finding.damage, math.inf if finding.at_byte is None else finding.at_byte


def clock_text(time_s: float) -> str:
    """``m:ss.hh`` or ``h:mm:ss.hh`` of a time in a run; what no run is as long as, in seconds."""
    if not 0 <= time_s < 1e6:
        return f"{time_s:.3g} s"
    minutes, seconds = divmod(round(time_s, 2), 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"{hours}:{minutes:02d}:{seconds:05.2f}" if hours else f"{minutes}:{seconds:05.2f}"
