"""Controls: typed fields with a `Spec`, and the `Bank` that numbers them for one show.

A room declares what can be turned where it is used::

    class DroneControls(Controls):
        level = Control(number(-60, 6, -14, "how loud the drone is", unit="dB"))

The show's `Bank` lists such groups under their paths (``sound.drone``) and gives every control its
number. The number is its place in a `ControlFrame`; positions travel, values arrive.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self, overload

import numpy as np

from instrument.signals.spec import POWER_EXPONENT, Curve, Kind, Spec


class Control:
    """A field of a `Controls` class: the `Spec` on the class, the value in its unit on an instance."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self.number = -1
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name
        known: tuple[Control, ...] = owner._fields  # type: ignore[attr-defined]
        names = [field.name for field in known]
        # A group may refine a field of the group it is built on; the field keeps its place.
        self.number = names.index(name) if name in names else len(known)
        owner._fields = (*known[: self.number], self, *known[self.number + 1 :])  # type: ignore[attr-defined]

    @overload
    def __get__(self, owner: None, kind: type) -> Spec: ...
    @overload
    def __get__(self, owner: "Controls", kind: type) -> float: ...
    def __get__(self, owner: "Controls | None", kind: type) -> Spec | float:
        return self.spec if owner is None else float(owner.values[self.number])


class Controls:
    """A group of controls bound to the values (in their units) of one moment."""

    _fields: tuple[Control, ...] = ()

    def __init__(self, values: np.ndarray) -> None:
        """`values`: float64 (number of fields,), a view that the owner keeps filling."""
        self.values = values

    @classmethod
    def specs(cls, path: str) -> tuple[Spec, ...]:
        """The declared specs, in order, with their full paths under `path`."""
        return tuple(replace(f.spec, path=f"{path}.{f.name}") for f in cls._fields)

    @classmethod
    def at_defaults(cls) -> Self:
        """The group with every control at its default."""
        return cls(np.array([f.spec.default for f in cls._fields], np.float64))


@dataclass(frozen=True)
class Group:
    """A group of controls under its path, ``Group("sound.drone", DroneControls)``."""

    path: str
    controls: type[Controls]

    @property
    def specs(self) -> tuple[Spec, ...]:
        return self.controls.specs(self.path)


class Bank:
    """All controls of one show, numbered. Immutable; positions and values are handed in."""

    def __init__(self, specs: Sequence[Spec]) -> None:
        """`specs` carry full paths; their order is the order in `ControlFrame.positions`."""
        self.specs = tuple(specs)
        self.number = {spec.path: i for i, spec in enumerate(self.specs)}
        if len(self.number) != len(self.specs):
            raise ValueError("two controls share one path")
        self._low = np.array([s.low for s in specs], np.float64)
        self._span = np.array([s.high - s.low for s in specs], np.float64)
        self._power = np.array([s.curve is Curve.POWER for s in specs], bool)
        self._exponential = np.array([s.curve is Curve.EXPONENTIAL for s in specs], bool)
        low = self._low[self._exponential]
        self._ratio = np.log((low + self._span[self._exponential]) / low) if low.size else low
        self._whole = np.array([s.is_whole for s in specs], bool)
        self.defaults = np.array([s.unmap(s.default) for s in specs], np.float32)
        """Positions of all defaults, float32 (controls,)."""

    @classmethod
    def of(cls, groups: Sequence[Group]) -> "Bank":
        """The bank of some groups, in their order."""
        return cls([spec for group in groups for spec in group.specs])

    def __len__(self) -> int:
        return len(self.specs)

    def __iter__(self) -> Iterator[Spec]:
        return iter(self.specs)

    def __contains__(self, path: str) -> bool:
        return path in self.number

    def spec(self, path: str) -> Spec:
        """The spec of a path; KeyError if there is none."""
        return self.specs[self.number[path]]

    def map(self, positions: np.ndarray, values: np.ndarray) -> np.ndarray:
        """Write the values (units) of all positions 0..1 into `values`, float64 (controls,).

        The same as `Spec.map` for each control, at once. Returns `values`.
        """
        at = np.clip(positions, 0.0, 1.0).astype(np.float64)
        exponential = at[self._exponential]
        np.power(at, POWER_EXPONENT, where=self._power, out=at)
        np.multiply(at, self._span, out=values)
        values += self._low
        values[self._exponential] = self._low[self._exponential] * np.exp(self._ratio * exponential)
        values[self._whole] = np.floor(values[self._whole] + 0.5)
        return values

    def bind(self, group: Group, values: np.ndarray) -> Any:
        """The group's controls as a live view on `values` (float64, all controls of this bank)."""
        specs = group.specs
        first = self.number[specs[0].path] if specs else 0
        return group.controls(values[first : first + len(specs)])

    def triggers(self) -> tuple[Spec, ...]:
        """The controls that are acts."""
        return tuple(s for s in self.specs if s.kind is Kind.TRIGGER)
