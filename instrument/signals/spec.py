"""`Spec`: what a control is. Declared once; addresses, preset keys, help and layouts follow from it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from instrument.signals.mistake import Mistake, did_you_mean


class Kind(Enum):
    """What a control takes."""

    FLOAT = "float"
    INT = "int"
    BOOL = "bool"
    """On or off, stays where it is put (a gate when it is held)."""
    ENUM = "enum"
    TRIGGER = "trigger"
    """An act, not a state: it happens once, with a strength."""


class Curve(Enum):
    """How a position 0..1 becomes a value between low and high."""

    LINEAR = "linear"
    EXPONENTIAL = "exponential"
    """Equal ratios; low and high must be above zero."""
    POWER = "power"
    """Position cubed: fine near low, and low may be zero."""


POWER_EXPONENT = 3.0
ON_OFF = {"on": 1.0, "true": 1.0, "off": 0.0, "false": 0.0}


@dataclass(frozen=True)
class Spec:
    """One control as declared. `path` is dotted (``learning.heat``) and is filled in by the bank.

    Positions (0..1) travel; `map` and `unmap` stand at the two ends only.
    """

    kind: Kind
    low: float
    high: float
    default: float
    help: str
    unit: str = ""
    curve: Curve = Curve.LINEAR
    choices: tuple[str, ...] = ()
    group: str = ""
    path: str = ""
    step: float = 0.0
    """1 where only whole numbers are meant; 0 leaves it to the kind."""
    names: str = ""
    """Of an act that also takes a word: what the word names (``scene``, ``cue``)."""

    def __post_init__(self) -> None:
        if not self.low <= self.default <= self.high:
            raise ValueError(f"default {self.default} outside {self.low}..{self.high}: {self.help}")
        if self.curve is Curve.EXPONENTIAL and self.low <= 0:
            raise ValueError(f"an exponential control needs low > 0: {self.help}")

    @property
    def address(self) -> str:
        """OSC address, ``/learning/heat``."""
        return "/" + self.path.replace(".", "/")

    @property
    def name(self) -> str:
        """Last word of the path, ``heat``."""
        return self.path.rpartition(".")[2]

    def map(self, position: float) -> float:
        """Value in the control's unit at a position 0..1 (clamped). Whole for int, bool and enum."""
        at = min(1.0, max(0.0, position))
        if self.curve is Curve.EXPONENTIAL:
            value = self.low * (self.high / self.low) ** at
        else:
            bent = at**POWER_EXPONENT if self.curve is Curve.POWER else at
            value = self.low + (self.high - self.low) * bent
        return float(math.floor(value + 0.5)) if self.is_whole else value

    def unmap(self, value: float) -> float:
        """Position 0..1 of a value in the control's unit (clamped)."""
        if self.high == self.low:
            return 0.0
        value = min(self.high, max(self.low, value))
        if self.curve is Curve.EXPONENTIAL:
            return math.log(value / self.low) / math.log(self.high / self.low)
        linear = (value - self.low) / (self.high - self.low)
        return linear ** (1.0 / POWER_EXPONENT) if self.curve is Curve.POWER else linear

    @property
    def is_whole(self) -> bool:
        """Whether its values are whole numbers."""
        whole = self.kind in (Kind.INT, Kind.BOOL, Kind.ENUM)
        return whole or bool(self.choices) or self.step == 1.0

    def parse(self, word: object) -> float:
        """Value in the control's unit of what a preset or a packet says.

        Numbers, booleans and (with choices) words are taken; a number is not clamped here.
        Raises `Mistake` with a sentence about the value, without the control's name.
        """
        if isinstance(word, str):
            if word in self.choices:
                return float(self.choices.index(word))
            if self.kind is Kind.BOOL and word.lower() in ON_OFF:
                return ON_OFF[word.lower()]
            if self.choices:
                allowed = ", ".join(self.choices)
                near = did_you_mean(word, self.choices)
                raise Mistake(f"takes one of {allowed}, not '{word}'{near}")
            raise Mistake(f"takes a number, not the text '{word}'")
        if isinstance(word, bool):
            return self.high if word else self.low
        if not isinstance(word, (int, float)):
            raise Mistake(f"takes a number, not {type(word).__name__}")
        try:
            number = float(word)
        except OverflowError:
            raise Mistake(f"is larger than any number; {self.allowed} is allowed") from None
        if not math.isfinite(number):
            raise Mistake("takes a finite number")
        return number

    def parse_within(self, word: object) -> float:
        """`parse` of a value that must lie between low and high: one written in a file, not played.

        Raises `Mistake` in the same way.
        """
        number = self.parse(word)
        if not self.low <= number <= self.high:
            raise Mistake(f"is {number:g}; {self.allowed} is allowed")
        return number

    @property
    def allowed(self) -> str:
        """What a value may be, in words: ``-60..6 dB`` or the choices."""
        if self.choices:
            return ", ".join(self.choices)
        if self.kind is Kind.BOOL:
            return "off, on (0, 1)"
        return f"{self.low:g}..{self.high:g}{' ' + self.unit if self.unit else ''}"

    def to_dict(self) -> dict[str, Any]:
        """JSON values, for the header of a run file and for the sound process."""
        return {
            "path": self.path, "kind": self.kind.value, "low": self.low, "high": self.high,
            "default": self.default, "unit": self.unit, "curve": self.curve.value,
            "choices": list(self.choices), "group": self.group, "help": self.help,
            "step": self.step, "names": self.names,
        }  # fmt: skip

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> "Spec":
        """The inverse of `to_dict`."""
        values = {**record, "kind": Kind(record["kind"]), "curve": Curve(record["curve"])}
        return cls(**{**values, "choices": tuple(record["choices"])})

    def text(self, value: float) -> str:
        """A value as the performer reads it, ``-12 dB``, ``tile_wall``, ``on``."""
        if self.choices:
            return self.choices[int(min(len(self.choices) - 1, max(0, value)))]
        if self.kind is Kind.BOOL:
            return "on" if value >= 0.5 else "off"
        return f"{value:.4g}{' ' + self.unit if self.unit else ''}"


def number(
    low: float, high: float, default: float, help: str, *, unit: str = "",
    curve: Curve = Curve.LINEAR, group: str = "",
) -> Spec:  # fmt: skip
    """A continuous control."""
    return Spec(Kind.FLOAT, low, high, default, help, unit=unit, curve=curve, group=group)


def whole(low: int, high: int, default: int, help: str, *, unit: str = "", group: str = "") -> Spec:
    """A control of whole numbers."""
    return Spec(Kind.INT, low, high, default, help, unit=unit, group=group)


def switch(default: bool, help: str, *, group: str = "") -> Spec:
    """On or off."""
    return Spec(Kind.BOOL, 0.0, 1.0, float(default), help, group=group)


def choice(words: Sequence[str], default: str, help: str, *, group: str = "") -> Spec:
    """One of a few words; its values are their numbers from 0."""
    first = float(list(words).index(default))
    return Spec(
        Kind.ENUM, 0.0, float(len(words) - 1), first, help, choices=tuple(words), group=group
    )


def trigger(
    help: str, *, low: float = 0.0, high: float = 1.0, default: float = 1.0, unit: str = "",
    curve: Curve = Curve.LINEAR, choices: Sequence[str] = (), group: str = "", step: float = 0.0,
    names: str = "",
) -> Spec:  # fmt: skip
    """An act with a strength (or a choice); without one, the default is meant.

    `names` says what a word names in place of the number, such as "scene".
    """
    if choices:
        low, high = 0.0, float(len(choices) - 1)
        default = min(default, high)
    return Spec(
        Kind.TRIGGER, low, high, default, help,
        unit=unit, curve=curve, choices=tuple(choices), group=group, step=step, names=names,
    )  # fmt: skip
