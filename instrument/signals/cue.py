"""`Cue`: one entry of a cue list, checked. What it does, and when it goes."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from instrument.signals.condition import Condition
from instrument.units import seconds_to_text


@dataclass(frozen=True)
class Cue:
    """What a cue does, all at once when it goes, and how it goes.

    | written             | it goes                                                             |
    |---------------------|---------------------------------------------------------------------|
    | nothing             | with GO                                                             |
    | `after_s`           | so long after the cue before went                                   |
    | `at_s`              | so long after the piece began (the first cue went)                  |
    | `when`              | as soon as the condition holds                                      |
    | `when` and `by_s`   | the same, but so long after the cue before at the latest            |

    Before the first cue there is none: it counts from the curtain. GO takes any of them now.
    """

    name: str
    note: str = ""
    scene: str = ""
    """A preset that is gone to; '' for none."""
    over_s: float | None = None
    """How long scene and values take to come. None: a scene as `show.morph` says, values at once."""
    values: Mapping[str, float] = field(default_factory=dict)
    """Where controls go, in their units, by path."""
    acts: tuple[tuple[str, float], ...] = ()
    """Triggers that happen, by path, with their strength in its unit."""
    after_s: float | None = None
    at_s: float | None = None
    when: Condition | None = None
    by_s: float | None = None

    @property
    def goes_by_itself(self) -> bool:
        """Whether it has a time or a condition."""
        return self.after_s is not None or self.at_s is not None or self.when is not None

    @property
    def timing(self) -> str:
        """How it goes, in words, for a list."""
        if self.after_s is not None:
            return f"after {seconds_to_text(self.after_s)}"
        if self.at_s is not None:
            return f"at {seconds_to_text(self.at_s)}"
        if self.when is None:
            return "GO"
        by = "" if self.by_s is None else f", by {seconds_to_text(self.by_s)}"
        return f"when {self.when}{by}"


@dataclass(frozen=True)
class CueStanding:
    """Where a cue list stands, for those who show it; see `StandingFrame` for the fields."""

    cue: int = 0
    cue_name: str = ""
    cue_s: float = 0.0
    next_cue: int = 0
    next_name: str = ""
    next_note: str = ""
    waits: str = ""
    cue_count: int = 0
