"""What a run file says was done to a training: judged before anything of it is done again. No torch.

what the deeds say                     | what follows
---------------------------------------|----------------------------------------------------
a number is missing, or is there twice | they end there: nobody knows what was done
a step before the last, or absurdly far| they end there
places, positions, strengths beyond all| they end there
a moment that never was is gone back to| they end there
MOVE                                   | they end there: another device or batch, other bits
BRANCH anywhere but after the birth    | they end there
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from instrument.learning.config import LearningConfig
from instrument.learning.deeds import Deed, DeedKind
from instrument.learning.gestures import LEARNING
from instrument.signals.texts import field_of, text_of

ACTS = ("quake", "amnesia", "anti")
GOING_BACK = (DeedKind.RESTORE, DeedKind.LAND, DeedKind.HEAL)
ROUNDING = 1.0 + 1e-9
MOST_NAME_BYTES = 40


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


@dataclass(frozen=True)
class Branch:
    """Where a training began that was not born in its show, as its second deed says it."""

    run: str
    """Name of the run the saved moment was found in."""
    step: int
    number: int
    """Its place among the saved moments of that run."""
    digest: str
    """BLAKE2b of the saved moment; the branched run holds it as its own first one."""

    @property
    def text(self) -> str:
        """As the deed says it; a long name is cut, so that the rest fits."""
        facts = {**asdict(self), "run": cut(self.run)}
        return json.dumps(facts, separators=(",", ":"), ensure_ascii=False)

    @classmethod
    def of(cls, deed: Deed) -> "Branch":
        """Raises ValueError where the deed says anything else."""
        facts = json.loads(deed.text) if deed.kind is DeedKind.BRANCH else None
        if not isinstance(facts, dict):
            raise ValueError(f"deed {deed.number} is {deed.kind.name}, not the facts of a branch")
        for name, kind in {"run": str, "step": int, "number": int, "digest": str}.items():
            if type(facts.get(name)) is not kind:
                raise ValueError(f"the facts of the branch lack '{name}'")
        return cls(**{name: facts[name] for name in ("run", "step", "number", "digest")})

    @classmethod
    def found(cls, deeds: Sequence[Deed]) -> "Branch | None":
        """That of a script, if it is the script of a branch. Raises ValueError."""
        branched = len(deeds) > 1 and deeds[1].kind is DeedKind.BRANCH
        return cls.of(deeds[1]) if branched else None


def cut(name: str) -> str:
    """So much of a name as a deed has room for, without what JSON would write longer."""
    plain = "".join(c if c.isprintable() and c not in '"\\' else "_" for c in name)
    return text_of(field_of(plain, MOST_NAME_BYTES))


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
    if deed.kind is DeedKind.BRANCH and deed.number != 1:
        return f"{name} is a branch of what has begun already"
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
