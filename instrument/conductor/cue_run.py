"""`CueRun`: where a cue list stands, and what goes next. Pure: time and streams are handed in."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from instrument.signals.condition import SECONDS, ValueOf, Watch
from instrument.signals.cue import Cue, CueStanding
from instrument.signals.mistake import did_you_mean
from instrument.units import seconds_to_text

MOST_NAMED = 10
OVER = "the piece is over"
LATE_S = 0.5
"""A timed cue that goes this late or less counts from when it was due: polling adds up to nothing."""


@dataclass(frozen=True)
class Turn:
    """What came of asking: a cue that goes now (or none), its number from 1, by what, and what is said."""

    cue: Cue | None = None
    number: int = 0
    why: str = ""
    """``GO``, ``goto``, ``time``, ``condition`` or ``deadline``."""
    said: str = ""


NOTHING = Turn()


class CueRun:
    """One cue list on its way from the first cue to the last. Conductor thread.

    | asked           | while             | what happens                                                   |
    |-----------------|-------------------|----------------------------------------------------------------|
    | GO              | a cue is next     | it goes now, whatever it waits for                             |
    | GO              | a cue went just now | within the guard it is a slip: said, nothing goes            |
    | GO              | none is left      | "the piece is over", nothing moves                             |
    | back            | a cue has gone    | it is the next again and waits for GO; nothing moves           |
    | back            | none has gone     | said, nothing moves                                            |
    | goto            | the cue is there  | it goes now (no guard); one with `at` sets the clock           |
    | goto            | there is none     | said, with the likely one                                      |
    | time, condition | auto on           | the next cue goes by itself when it is due (not after `back`)  |
    | time, condition | auto off          | GO is waited for                                               |

    Nothing goes by itself before `begin`. Time and conditions are counted from when the cue before went,
    whether by itself or by hand. One cue goes at a time: ask `advance` again.
    """

    def __init__(self, cues: Sequence[Cue]) -> None:
        self.cues = tuple(cues)
        self._gone = 0
        """How many of the list have gone: the number of the last, and the place of the next."""
        self._last = 0
        self._began_s: float | None = None
        self._went_s: float | None = None
        self._gone_s = -math.inf
        """When the last cue really went, for the guard."""
        self._waits_for_go = False
        self._watch: Watch | None = None
        self._arm()

    @property
    def next(self) -> Cue | None:
        """The cue that goes next; None after the last."""
        return self.cues[self._gone] if self._gone < len(self.cues) else None

    @property
    def is_watching(self) -> bool:
        """Whether the next cue goes by itself, so that `advance` should be asked often."""
        return self.next is not None and self.next.goes_by_itself

    def begin(self, now_s: float) -> None:
        """The curtain: times of the first cue count from here. Once."""
        if self._began_s is None:
            self._began_s = self._went_s = now_s

    def go(self, now_s: float, guard_s: float = 0.0) -> Turn:
        """GO, by a hand."""
        since_s = now_s - self._gone_s
        if since_s < guard_s:
            return Turn(said=f"GO again after {since_s:.1f} s is taken for a slip")
        if self.next is None:
            return Turn(said=OVER if self.cues else "there are no cues in this preset")
        return self._goes(self._gone, now_s, now_s, "GO")

    def back(self, now_s: float) -> Turn:
        """The cue before is the next again; it waits for GO, so that it does not run off at once."""
        if self._gone == 0:
            return Turn(said="there is no cue before")
        self._gone -= 1
        self._waits_for_go = True
        self._arm()
        return Turn(
            said=f"next is cue {self._gone + 1}, {self.cues[self._gone].name}; it waits for GO"
        )

    def goto(self, which: int | str, now_s: float) -> Turn:
        """A cue by its number (from 1) or its name goes now."""
        names = [cue.name for cue in self.cues]
        if not names:
            return Turn(said="there are no cues in this preset")
        if isinstance(which, str):
            if which not in names:
                near = did_you_mean(which, names)
                known = ", ".join([*names[:MOST_NAMED], *["..."] * (len(names) > MOST_NAMED)])
                return Turn(said=f"no cue is called '{which}'{near} (there are {known})")
            which = names.index(which) + 1
        if not 1 <= which <= len(self.cues):
            return Turn(said=f"there is no cue {which}; the list has {len(self.cues)}")
        at_s = self.cues[which - 1].at_s
        if at_s is not None:
            self._began_s = now_s - at_s
        return self._goes(which - 1, now_s, now_s, "goto")

    def advance(self, now_s: float, value_of: ValueOf, auto: bool = True) -> Turn:
        """The next cue, where it is due by itself. Ask 10 to 20 times a second."""
        cue = self.next
        if cue is None or self._began_s is None or self._went_s is None:
            return NOTHING
        holds = False
        if self._watch is not None:
            seconds = now_s - self._went_s
            holds = self._watch.holds(
                lambda name: seconds if name == SECONDS else value_of(name), now_s
            )
        if not auto or self._waits_for_go:
            return NOTHING
        if holds:
            return self._goes(self._gone, now_s, now_s, "condition")
        due_s = self._due_s(cue)
        if due_s is None or now_s < due_s:
            return NOTHING
        counted_s = due_s if now_s - due_s <= LATE_S else now_s
        return self._goes(
            self._gone, now_s, counted_s, "deadline" if cue.when is not None else "time"
        )

    def standing(self, now_s: float, auto: bool = True) -> CueStanding:
        """Where it stands."""
        cue = self.next
        return CueStanding(
            cue=self._last,
            cue_name=self.cues[self._last - 1].name if self._last else "",
            cue_s=max(0.0, now_s - self._gone_s) if self._last else 0.0,
            next_cue=self._gone + 1 if cue else 0,
            next_name=cue.name if cue else "",
            next_note=cue.note if cue else "",
            waits=self._waits(now_s, auto),
            cue_count=len(self.cues),
        )

    def _waits(self, now_s: float, auto: bool) -> str:
        cue = self.next
        if cue is None:
            return OVER if self.cues else ""
        if not cue.goes_by_itself or self._waits_for_go:
            return "GO"
        if not auto:
            return "GO (auto is off)"
        due_s = self._due_s(cue)
        left = (
            ""
            if due_s is None
            else f"in {seconds_to_text(math.ceil(max(0.0, due_s - now_s - 0.01)))}"
        )
        if cue.when is None:
            return left or cue.timing
        return f"until {cue.when}{', or ' + left if left else ''}"

    def _due_s(self, cue: Cue) -> float | None:
        """When it goes by its time; None where it has none, or nothing has begun."""
        if self._began_s is None or self._went_s is None:
            return None
        if cue.at_s is not None:
            return self._began_s + cue.at_s
        wait_s = cue.by_s if cue.when is not None else cue.after_s
        return None if wait_s is None else self._went_s + wait_s

    def _goes(self, place: int, now_s: float, counted_s: float, why: str) -> Turn:
        if self._last == 0 and self.cues[place].at_s is None:
            self._began_s = counted_s
        self._gone = self._last = place + 1
        self._went_s, self._gone_s = counted_s, now_s
        if self._began_s is None:
            self._began_s = counted_s
        self._waits_for_go = False
        self._arm()
        cue = self.cues[place]
        return Turn(cue, place + 1, why, f"cue {place + 1} of {len(self.cues)}, {cue.name} ({why})")

    def _arm(self) -> None:
        cue = self.next
        self._watch = Watch(cue.when) if cue is not None and cue.when is not None else None
