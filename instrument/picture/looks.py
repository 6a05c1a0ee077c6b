"""Looks: each one a file ``NAME.frag`` whose first comment is an ISF 2 header. No GL in here.

The header declares what can be turned (INPUTS) and what is read (STREAMS)::

    /*{
      "DESCRIPTION": "64 samples, the bright ones are those D believes",
      "INPUTS": [{"NAME": "levels", "TYPE": "float", "LABEL": "grey levels",
                  "DEFAULT": 4, "MIN": 1, "MAX": 8}],
      "STREAMS": ["similarity_centred", "flatness"]
    }*/

Every input becomes the control ``picture.<look>.<input>`` by itself.
"""

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from instrument.signals.mistake import Mistake, did_you_mean
from instrument.signals.spec import Spec, choice, number, switch, whole

LOOK_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
INPUT_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,31}")
HEADER = re.compile(r"\s*/\*\s*(\{.*?\})\s*\*/", re.DOTALL)
TYPES = ("float", "bool", "long")
INPUT_KEYS = ("NAME", "TYPE", "LABEL", "DEFAULT", "MIN", "MAX", "VALUES", "LABELS", "IDENTITY")
RESERVED = frozenset(
    ("attribute", "const", "uniform", "varying", "layout", "in", "out", "inout", "float", "int",
     "void", "bool", "true", "false", "mat2", "mat3", "mat4", "vec2", "vec3", "vec4", "ivec2",
     "ivec3", "ivec4", "if", "else", "for", "while", "do", "return", "break", "continue", "discard",
     "switch", "case", "default", "struct", "sampler2D", "usampler2D", "main")
)  # fmt: skip


@dataclass(frozen=True)
class Input:
    """One thing that can be turned on a look: its `Spec`, and the GLSL type of its uniform.

    `values`: for a ``long`` with VALUES, the number each choice stands for in the shader.
    """

    name: str
    glsl: str
    spec: Spec
    values: tuple[int, ...] = ()

    def uniform(self, value: float) -> float | int | bool:
        """What the shader gets for a value in the control's unit."""
        if self.glsl == "float":
            return value
        whole_value = int(value + 0.5)
        if self.glsl == "bool":
            return whole_value > 0
        return self.values[min(whole_value, len(self.values) - 1)] if self.values else whole_value


@dataclass(frozen=True)
class Look:
    """One look: `source` is the whole file; line numbers in errors are those of `path`."""

    name: str
    path: Path
    source: str
    description: str
    inputs: tuple[Input, ...]
    streams: tuple[str, ...]


def load_looks(folders: Sequence[Path]) -> tuple[Look, ...]:
    """All looks in the folders, by name; the first folder that has a name wins.

    Raises `Mistake` with file and line of the first header that cannot be read.
    """
    paths: dict[str, Path] = {}
    for folder in folders:
        for path in sorted(folder.glob("*.frag")):
            paths.setdefault(path.stem, path)
    if not paths:
        where = " or ".join(str(folder) for folder in folders) or "no folder"
        raise Mistake(f"there is no look (*.frag) in {where}; is the installation complete?")
    return tuple(load_look(paths[name]) for name in sorted(paths))


def load_look(path: Path) -> Look:
    """The look of one file; `Mistake` names the file and the line."""
    try:
        source = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Mistake(f"{path}: cannot be read as text ({error})") from error
    return parse_look(path, source)


def parse_look(path: Path, source: str) -> Look:
    """The look of a file's text; `Mistake` names the file and the line."""
    if not LOOK_NAME.fullmatch(path.stem):
        raise Mistake(
            f"{path}: '{path.stem}' is no name for a look; small letters, digits and '_' are "
            "allowed, 32 at most, beginning with a letter"
        )
    found = HEADER.match(source)
    if found is None:
        raise Mistake(
            f"{path}:1: a look begins with an ISF header, a comment holding JSON: /*{{ ... }}*/"
        )
    first_line = source.count("\n", 0, found.start(1)) + 1
    try:
        header = json.loads(found.group(1))
    except (json.JSONDecodeError, RecursionError) as error:
        line = first_line + getattr(error, "lineno", 1) - 1
        what = getattr(error, "msg", "nested too deeply")
        raise Mistake(f"{path}:{line}: the ISF header is no JSON here: {what}") from error
    reader = _Header(path, source, first_line)
    passes = header.get("PASSES", [{}])
    if not isinstance(passes, list) or len(passes) > 1:
        raise reader.mistake("PASSES", "a look is played in one pass; leave PASSES out")
    return Look(
        name=path.stem,
        path=path,
        source=source,
        description=reader.text(header, "DESCRIPTION", ""),
        inputs=reader.inputs(header.get("INPUTS", [])),
        streams=reader.streams(header.get("STREAMS", [])),
    )


class _Header:
    """Reads the parts of one header; knows where in the file a word stands."""

    def __init__(self, path: Path, source: str, first_line: int) -> None:
        self.path, self.source, self.first_line = path, source, first_line

    def mistake(self, word: str, what: str) -> Mistake:
        at = self.source.find(f'"{word}"')
        line = self.source.count("\n", 0, at) + 1 if at >= 0 else self.first_line
        return Mistake(f"{self.path}:{line}: {what}")

    def text(self, record: dict[str, Any], key: str, otherwise: str) -> str:
        value = record.get(key, otherwise)
        if not isinstance(value, str):
            raise self.mistake(key, f"'{key}' takes a text in quotes, not {value!r}")
        return value

    def streams(self, names: Any) -> tuple[str, ...]:
        if not isinstance(names, list) or not all(
            isinstance(n, str) and INPUT_NAME.fullmatch(n) for n in names
        ):
            raise self.mistake("STREAMS", "STREAMS takes a list of names of streams in quotes")
        return tuple(dict.fromkeys(names))

    def inputs(self, records: Any) -> tuple[Input, ...]:
        if not isinstance(records, list) or not all(isinstance(r, dict) for r in records):
            raise self.mistake("INPUTS", "INPUTS takes a list of inputs, each in braces")
        inputs = tuple(self.input(record) for record in records)
        names = [i.name for i in inputs]
        for name in names:
            if names.count(name) > 1:
                raise self.mistake(name, f"two inputs are called '{name}'")
        return inputs

    def input(self, record: dict[str, Any]) -> Input:
        name = self.text(record, "NAME", "")
        if not INPUT_NAME.fullmatch(name) or name in RESERVED or name.startswith("gl_"):
            raise self.mistake(
                name or "INPUTS",
                f"an input needs a NAME of letters, digits and '_', 32 at most, and no word "
                f"of GLSL; '{name}' is none",
            )
        for key in record:
            if key not in INPUT_KEYS:
                near = did_you_mean(key, INPUT_KEYS)
                raise self.mistake(key, f"input '{name}' has no '{key}'{near}")
        kind = self.text(record, "TYPE", "")
        if kind not in TYPES:
            near = did_you_mean(kind, TYPES)
            raise self.mistake(
                name, f"input '{name}' has TYPE '{kind}'; {', '.join(TYPES)} are played{near}"
            )
        label = self.text(record, "LABEL", name)
        try:
            return self._typed(name, kind, label, record)
        except (ValueError, OverflowError) as error:
            raise self.mistake(name, f"input '{name}': {error}") from error

    def _typed(self, name: str, kind: str, label: str, record: dict[str, Any]) -> Input:
        if kind == "bool":
            default = record.get("DEFAULT", False)
            if default not in (0, 1, False, True):
                raise ValueError(f"DEFAULT of a bool is true or false, not {default!r}")
            return Input(name, "bool", switch(bool(default), label))
        if kind == "long" and "VALUES" in record:
            return self._choices(name, label, record)
        low = _finite(record, "MIN", 0.0)
        high = _finite(record, "MAX", 1.0)
        if low >= high:
            raise ValueError(f"MIN {low:g} is not below MAX {high:g}")
        default = _finite(record, "DEFAULT", low)
        if not low <= default <= high:
            raise ValueError(f"DEFAULT {default:g} is outside {low:g}..{high:g}")
        if kind == "long":
            for value in (low, high, default):
                if value != int(value):
                    raise ValueError(f"a long takes whole numbers, not {value:g}")
            return Input(name, "int", whole(int(low), int(high), int(default), label))
        return Input(name, "float", number(low, high, default, label))

    def _choices(self, name: str, label: str, record: dict[str, Any]) -> Input:
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
        return Input(name, "int", choice(words, first, label), tuple(values))


def _finite(record: dict[str, Any], key: str, otherwise: float) -> float:
    value = record.get(key, otherwise)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ValueError(f"{key} takes a finite number, not {value!r}")
    if abs(value) > 1e9:
        raise ValueError(f"{key} {value:g} is beyond what a shader can hold")
    return float(value)
