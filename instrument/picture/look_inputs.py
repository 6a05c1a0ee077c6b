"""Inputs of looks: the types of ISF 2, each as the controls it is turned with. No GL in here."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from instrument.signals.spec import Spec, choice, number, switch, trigger, whole

TYPES = ("float", "bool", "long", "event", "color", "point2D", "image", "audio", "audioFFT")
IMAGES = ("image", "audio", "audioFFT")
"""Inputs that are pictures: nothing is turned on them."""
INPUT_KEYS = ("NAME", "TYPE", "LABEL", "DEFAULT", "MIN", "MAX", "VALUES", "LABELS", "IDENTITY")
PARTS = {"color": ("red", "green", "blue", "alpha"), "point2D": ("x", "y")}
GLSL = {
    "float": "float", "bool": "bool", "long": "int", "event": "bool", "color": "vec4",
    "point2D": "vec2", "image": "sampler2D", "audio": "sampler2D", "audioFFT": "sampler2D",
}  # fmt: skip


@dataclass(frozen=True)
class Input:
    """One thing that can be turned on a look: the controls it takes, and the type of its uniform.

    `controls`: (name, `Spec`) of each number, none for a picture, four for a color. `values`: for a
    ``long`` with VALUES, the number each choice stands for in the shader.
    """

    name: str
    kind: str
    controls: tuple[tuple[str, Spec], ...] = ()
    values: tuple[int, ...] = ()

    @property
    def glsl(self) -> str:
        """The type of the uniform."""
        return GLSL[self.kind]

    @property
    def spec(self) -> Spec:
        """The control of an input that has just one."""
        return self.controls[0][1]

    def uniform(self, *values: float) -> Any:
        """What the shader gets for the values of its controls, in their units."""
        if self.kind == "float":
            return values[0]
        if self.kind in PARTS:
            return values
        whole_value = math.floor(values[0] + 0.5)
        if self.glsl == "bool":
            return whole_value > 0
        return self.values[min(whole_value, len(self.values) - 1)] if self.values else whole_value

    @property
    def default(self) -> Any:
        """What the shader gets when nobody turns it."""
        return self.uniform(*(spec.default for _, spec in self.controls))


def typed_input(name: str, kind: str, label: str, record: dict[str, Any]) -> Input:
    """The input of a record of the header. Raises `ValueError` with what is wrong with it."""
    if kind in IMAGES:
        return Input(name, kind)
    if kind in PARTS:
        return Input(name, kind, _parts(name, kind, label, record))
    if kind == "event":
        return Input(name, kind, ((name, trigger(label)),))
    if kind == "bool":
        default = record.get("DEFAULT", False)
        if default not in (0, 1, False, True):
            raise ValueError(f"DEFAULT of a bool is true or false, not {default!r}")
        return Input(name, kind, ((name, switch(bool(default), label)),))
    if kind == "long" and "VALUES" in record:
        return _choices(name, label, record)
    low, high, default = _span(record)
    if kind == "float":
        return Input(name, kind, ((name, number(low, high, default, label)),))
    for value in (low, high, default):
        if value != int(value):
            raise ValueError(f"a long takes whole numbers, not {value:g}")
    return Input(name, kind, ((name, whole(int(low), int(high), int(default), label)),))


def _parts(
    name: str, kind: str, label: str, record: dict[str, Any]
) -> tuple[tuple[str, Spec], ...]:
    parts = PARTS[kind]
    usual = {"MIN": [0.0] * 4, "MAX": [1.0] * 4, "DEFAULT": [0.0, 0.0, 0.0, 1.0]}
    if kind == "point2D":
        usual["DEFAULT"] = [0.5, 0.5]
    said = {key: _numbers(record, key, usual[key], len(parts)) for key in usual}
    controls = []
    for place, part in enumerate(parts):
        one = {key: said[key][place] for key in said}
        low, high, default = _span(one)
        controls.append((f"{name}_{part}", number(low, high, default, f"{label}: {part}")))
    return tuple(controls)


def _numbers(record: dict[str, Any], key: str, usual: Sequence[float], count: int) -> list[Any]:
    value = record.get(key, usual[:count])
    if not isinstance(value, list) or len(value) != count:
        raise ValueError(f"{key} takes a list of {count} numbers, not {value!r}")
    return value


def _span(record: dict[str, Any]) -> tuple[float, float, float]:
    """MIN, MAX, DEFAULT. A bound that is not said is 0 or 1, or as far out as DEFAULT."""
    said = _finite(record, "DEFAULT", 0.0)
    low = _finite(record, "MIN", min(0.0, said))
    high = _finite(record, "MAX", max(1.0, said))
    if low >= high:
        raise ValueError(f"MIN {low:g} is not below MAX {high:g}")
    default = _finite(record, "DEFAULT", low)
    if not low <= default <= high:
        raise ValueError(f"DEFAULT {default:g} is outside {low:g}..{high:g}")
    return low, high, default


def _choices(name: str, label: str, record: dict[str, Any]) -> Input:
    values, labels = record["VALUES"], record.get("LABELS", record["VALUES"])
    if (
        not isinstance(values, list)
        or not isinstance(labels, list)
        or not values
        or len(values) != len(labels)
        or not all(isinstance(v, int) and not isinstance(v, bool) for v in values)
        or any(abs(v) > 2**31 - 1 for v in values)
    ):
        raise ValueError("VALUES takes whole numbers and LABELS as many words")
    words = [str(word) for word in labels]
    if len(set(words)) != len(words) or len(set(values)) != len(values):
        raise ValueError("VALUES and LABELS must differ from one another")
    default = record.get("DEFAULT", values[0])
    if default not in values:
        raise ValueError(f"DEFAULT {default!r} is none of VALUES {values}")
    first = words[values.index(default)]
    return Input(name, "long", ((name, choice(words, first, label)),), tuple(values))


def _finite(record: dict[str, Any], key: str, otherwise: float) -> float:
    value = record.get(key, otherwise)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ValueError(f"{key} takes a finite number, not {value!r}")
    if abs(value) > 1e9:
        raise ValueError(f"{key} {value:g} is beyond what a shader can hold")
    return float(value)
