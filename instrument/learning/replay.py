"""A training done again from its seed and its deeds, compared at every CHECK.

what the deeds say                     | what is done
---------------------------------------|------------------------------------------------------
a deed at its step                     | steps up to there, then the deed
RESTORE, LAND, HEAL name a moment      | it is captured on the way, dropped after its last use
CHECK                                  | both checksums are compared; a difference is counted
MOVE                                   | the end: another device or batch, other bits
a number is missing, or is there twice | the end: nobody knows what was done
what cannot have been done             | the end, said before anything is done (`followable`)
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch

from instrument.learning.config import LearningConfig
from instrument.learning.course import Course, Moment
from instrument.learning.deeds import Deed, DeedKind, Mark
from instrument.learning.digits import Digits
from instrument.learning.gestures import LEARNING
from instrument.learning.machine import use_one_thread

ACTS = ("quake", "amnesia", "anti")
GOING_BACK = (DeedKind.RESTORE, DeedKind.LAND, DeedKind.HEAL)
MOST_MOMENTS = 320
"""More than a memory ever holds: two a second over the reach of `scratch`, and the scars."""
TELL_STEPS = 10
ROUNDING = 1.0 + 1e-9


@dataclass(frozen=True)
class Birth:
    """Facts of a training, as its first deed says them."""

    net: str
    seed: int
    batch: int
    images: str
    """The first half of the digest of what it learned."""
    cpu: str
    """The kind of CPU, or of the device if that was another."""

    @classmethod
    def of(cls, deed: Deed) -> "Birth":
        """Raises ValueError where the deed says anything else, `Mistake` for what cannot be trained."""
        facts = json.loads(deed.text) if deed.kind is DeedKind.BIRTH else None
        if not isinstance(facts, dict):
            raise ValueError(f"the first deed is {deed.kind.name}, not the facts of a birth")
        kinds = {"net": str, "seed": int, "batch": int, "images": str, "cpu": str}
        for name, kind in kinds.items():
            if type(facts.get(name)) is not kind:
                raise ValueError(f"the facts of the birth lack '{name}'")
        birth = cls(**{name: facts[name] for name in kinds})
        LearningConfig(net=birth.net, seed=birth.seed, batch=birth.batch)
        return birth


@dataclass
class Outcome:
    """What a replay has found so far. Steps are those made in the show."""

    checks: int = 0
    agreed: int = 0
    steps: int = 0
    """Where the last check was."""
    agreed_step: int = 0
    """Where the last check before the first difference was that agreed; 0 is the birth."""
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
        self, birth: Birth, digits: Digits, deeds: Sequence[Deed], most_steps: int
    ) -> None:
        """`deeds`: in the order of their numbers, the birth first; none is done after `most_steps`."""
        use_one_thread()
        self.course = Course(birth.net, digits, torch.device("cpu"), birth.seed, birth.batch)
        self.outcome = Outcome()
        sound, self.outcome.stopped = followable(deeds, most_steps)
        checks = [number for number, deed in enumerate(sound) if deed.kind is DeedKind.CHECK]
        self._deeds = sound[: checks[-1] + 1] if checks else []
        """After the last check there is nothing to compare."""
        self._last_use = {mark: deed.number for deed in self._deeds for mark in deed.marks}
        self._moments: dict[Mark, Moment] = {}

    @property
    def steps(self) -> int:
        """How many steps it will make."""
        return self._deeds[-1].step if self._deeds else 0

    def run(self) -> Iterator[int]:
        """Do it all; yields the steps made, now and then. Read `outcome` at any time."""
        course = self.course
        for deed in self._deeds:
            while course.steps < deed.step:
                self._keep()
                course.step(measure=False)
                if course.steps % TELL_STEPS == 0:
                    yield course.steps
            self._keep()
            if len(self._moments) > MOST_MOMENTS:
                self.outcome.stopped = f"the deeds up to step {deed.step} name more than {MOST_MOMENTS} moments at once"
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


def followable(deeds: Sequence[Deed], most_steps: int) -> tuple[Sequence[Deed], str]:
    """The deeds up to the first that cannot be done again, and why not (empty when all can)."""
    for number, deed in enumerate(deeds):
        if why := _break(deeds, number, most_steps) or complaint(deed) or _lost(deeds, deed):
            return deeds[:number], why
        if deed.kind is DeedKind.MOVE:
            return deeds[:number], f"from step {deed.step} on the training went on {deed.text}"
    return deeds, ""


def _break(deeds: Sequence[Deed], number: int, most_steps: int) -> str:
    """What is wrong with the place of a deed among the others."""
    deed, before = deeds[number], deeds[number - 1].step if number else 0
    if deed.number < number:
        return f"deed {deed.number} is there twice (after step {before})"
    if deed.number > number:
        last = deed.number - 1
        those = f"deed {number} is" if last == number else f"deeds {number} to {last} are"
        return f"{those} missing (after step {before})"
    if deed.step < before or deed.step > most_steps:
        allowed = f"{before} to {most_steps} is possible"
        return f"deed {number} ({deed.kind.name}) claims step {deed.step}, where {allowed}"
    return ""


def complaint(deed: Deed) -> str:
    """Why this cannot have been done, whatever went before; empty when it can."""
    name = f"deed {deed.number} at step {deed.step} ({deed.kind.name})"
    specs = LEARNING.specs
    if any(place >= len(specs) for place in deed.places):
        return f"{name} touches a control that is not there"
    if deed.kind is DeedKind.BIRTH and deed.number > 0:
        return f"{name} is a second birth"
    if deed.kind is DeedKind.FEEL and not all(0.0 <= value <= 1.0 for value in deed.values):
        return f"{name} holds a position that is not within 0..1"
    if deed.kind is DeedKind.ACT:
        spec = specs[deed.places[0]]
        if spec.name not in ACTS or not spec.low <= deed.values[0] <= spec.high * ROUNDING:
            return f"{name} is no act of the learning ({spec.name} {deed.values[0]:g})"
    if deed.kind in GOING_BACK:
        marks, mix = deed.values[:4], deed.values[4:]
        if not all(0.0 <= value < 2**53 and value == int(value) for value in marks):
            return f"{name} goes back to no moment at all"
        if not all(0.0 <= value <= 1.0 for value in mix):
            return f"{name} lands outside its two moments"
    return ""


def _lost(deeds: Sequence[Deed], deed: Deed) -> str:
    """Why a moment that a sound deed goes back to never was; all deeds before it are sound."""
    for mark in deed.marks:
        was = (
            1 <= mark.deeds <= deed.number
            and deeds[mark.deeds - 1].step <= mark.steps <= deeds[mark.deeds].step
        )
        if not was:
            return (
                f"deed {deed.number} at step {deed.step} ({deed.kind.name}) goes back to a moment "
                f"that never was (step {mark.steps}, deed {mark.deeds})"
            )
    return ""
