"""A training done again from its seed and its deeds, compared at every CHECK.

what the deeds say                | what is done
----------------------------------|------------------------------------------------------
a deed at its step                | steps up to there, then the deed
RESTORE, LAND, HEAL name a moment | it is captured on the way, dropped after its last use
CHECK                             | both checksums are compared; a difference is counted
what cannot be followed           | the end, and why (see `script`)
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch

from instrument.learning.course import Course, Moment
from instrument.learning.deeds import Deed, DeedKind, Mark
from instrument.learning.digits import Digits
from instrument.learning.machine import use_one_thread
from instrument.learning.saved import SavedMoment
from instrument.learning.saved_tensors import begin
from instrument.learning.script import Birth, followable

MOST_MOMENTS = 320
"""More than a memory ever holds: two a second over the reach of `scratch`, and the scars."""
TELL_STEPS = 10


@dataclass
class Outcome:
    """What a replay has found so far. Steps are those made in the show."""

    first_step: int = 0
    """Where it began: 0 is a birth, anything else a saved moment."""
    checks: int = 0
    agreed: int = 0
    steps: int = 0
    """Where the last check was, counted as in the show."""
    agreed_step: int = 0
    """Where the last check before the first difference was that agreed; first of all the birth."""
    first_off: Deed | None = None
    """The first CHECK that says other weights than there are."""
    last_agrees: bool = False
    stopped: str = ""
    """Why the deeds could not be followed to their end, as a clause."""

    def count(self, said: Deed, agrees: bool) -> None:
        """One more check."""
        self.checks += 1
        self.agreed += agrees
        self.steps, self.last_agrees = said.step, agrees
        if agrees and self.first_off is None:
            self.agreed_step = said.step
        elif not agrees and self.first_off is None:
            self.first_off = said


class Replay:
    """One training again, on the CPU. One thread: the one that runs it."""

    def __init__(
        self, birth: Birth, digits: Digits, deeds: Sequence[Deed], most_steps: int,
        begins_from: SavedMoment | None = None,
    ) -> None:  # fmt: skip
        """`deeds`: in the order of their numbers, the birth first; none is done after `most_steps`.

        A branched training begins from its saved moment. Raises ValueError where that does not fit it.
        """
        use_one_thread()
        self.course = Course(birth.net, digits, torch.device("cpu"), birth.seed, birth.batch)
        if begins_from is not None:
            begin(self.course, begins_from)
        self._first_step = self.course.steps
        self.outcome = Outcome(self._first_step, agreed_step=self._first_step)
        sound, self.outcome.stopped = followable(deeds, most_steps)
        checks = [number for number, deed in enumerate(sound) if deed.kind is DeedKind.CHECK]
        self._deeds = sound[: checks[-1] + 1] if checks else []
        """After the last check there is nothing to compare."""
        self._last_use = {mark: deed.number for deed in self._deeds for mark in deed.marks}
        self._moments: dict[Mark, Moment] = {}

    @property
    def steps(self) -> int:
        """How many steps it will make."""
        return self._deeds[-1].step - self._first_step if self._deeds else 0

    def run(self) -> Iterator[int]:
        """Do it all; yields the steps made here, now and then. Read `outcome` at any time."""
        course = self.course
        for deed in self._deeds:
            while course.steps < deed.step:
                self._keep()
                course.step(measure=False)
                if course.steps % TELL_STEPS == 0:
                    yield course.steps - self._first_step
            self._keep()
            if len(self._moments) > MOST_MOMENTS:
                self.outcome.stopped = f"too many moments are named at once (step {deed.step})"
                return
            self._do(deed)

    def _keep(self) -> None:
        """Capture this moment if a later deed goes back to it."""
        mark = self.course.mark
        if mark in self._last_use and mark not in self._moments:
            self._moments[mark] = self.course.capture()

    def _do(self, deed: Deed) -> None:
        if deed.kind is DeedKind.CHECK:
            self.outcome.count(deed, agrees=self.course.check().text == deed.text)
            return
        moments = [self._moments[mark] for mark in deed.marks]
        self.course.do(deed.kind, deed.places, deed.values, deed.text, moments)
        for mark in deed.marks:
            if self._last_use[mark] == deed.number:
                self._moments.pop(mark, None)
