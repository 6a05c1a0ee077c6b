"""Looks: each one a file ``NAME.frag`` whose first comment is an ISF 2 header. No GL in here.

The header declares what can be turned (INPUTS), what is read (STREAMS) and, for whoever watches, which
thing is moved by what (LEGEND)::

    /*{
      "DESCRIPTION": "64 samples, the bright ones are those D believes",
      "INPUTS": [{"NAME": "levels", "TYPE": "float", "LABEL": "grey levels",
                  "DEFAULT": 4, "MIN": 1, "MAX": 8}],
      "STREAMS": ["similarity_centred", "flatness"],
      "LEGEND": {"order of the samples": "score"}
    }*/

Every input becomes the control ``picture.<look>.<input>`` by itself. A look with an image input called
``inputImage`` paints over what lies below it; with nothing below, over the look named under UNDER.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from instrument.picture.included import put_in, read_text
from instrument.picture.look_inputs import IMAGES, INPUT_KEYS, TYPES, Input, typed_input
from instrument.picture.passes_plan import PassPlan, read_passes
from instrument.signals.mistake import Mistake, did_you_mean

LOOK_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
INPUT_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,31}")
HEADER = re.compile(r"\s*/\*\s*(\{.*?\})\s*\*/", re.DOTALL)
BELOW = "inputImage"
"""ISF's name for the picture that a filter works on."""
RESERVED = frozenset(
    ("attribute", "const", "uniform", "varying", "layout", "in", "out", "inout", "float", "int",
     "void", "bool", "true", "false", "mat2", "mat3", "mat4", "vec2", "vec3", "vec4", "ivec2",
     "ivec3", "ivec4", "if", "else", "for", "while", "do", "return", "break", "continue", "discard",
     "switch", "case", "default", "struct", "sampler2D", "usampler2D", "main")
)  # fmt: skip


@dataclass(frozen=True)
class Look:
    """One look: `source` is the file with its includes; errors name the lines of `files`.

    `legend`: (thing that is seen to move, what moves it).
    """

    name: str
    path: Path
    source: str
    description: str
    inputs: tuple[Input, ...]
    streams: tuple[str, ...]
    legend: tuple[tuple[str, str], ...] = ()
    passes: tuple[PassPlan, ...] = (PassPlan(),)
    under: str = ""
    categories: tuple[str, ...] = ()
    files: tuple[Path, ...] = field(default=())

    @property
    def paints_over(self) -> bool:
        """Whether it works on what lies below it."""
        return any(i.name == BELOW for i in self.inputs)


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
    looks = tuple(load_look(paths[name], folders) for name in sorted(paths))
    for look in looks:
        _check_under(look, looks)
    return looks


def _check_under(look: Look, looks: Sequence[Look]) -> None:
    names = [other.name for other in looks if not other.paints_over]
    if look.under and look.under not in names:
        raise Mistake(
            f"{look.path}: UNDER names '{look.under}', which is no look that stands by itself"
            f"{did_you_mean(look.under, names)} ({', '.join(names)} are)"
        )


def load_look(path: Path, folders: Sequence[Path] = ()) -> Look:
    """The look of one file; includes: beside it and in `folders`. `Mistake` names the line."""
    return parse_look(path, read_text(path), folders)


def parse_look(path: Path, source: str, folders: Sequence[Path] = ()) -> Look:
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
    whole = put_in(path, source, folders)
    return Look(
        name=path.stem,
        path=path,
        source=whole.text,
        description=reader.text(header, "DESCRIPTION", ""),
        inputs=reader.inputs(header.get("INPUTS", [])),
        streams=reader.streams(header.get("STREAMS", [])),
        legend=reader.legend(header.get("LEGEND", {})),
        passes=reader.passes(header.get("PASSES", [])),
        under=reader.text(header, "UNDER", ""),
        categories=reader.words(header, "CATEGORIES"),
        files=whole.files,
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

    def words(self, record: dict[str, Any], key: str) -> tuple[str, ...]:
        value = record.get(key, [])
        if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
            raise self.mistake(key, f"'{key}' takes a list of words in quotes")
        return tuple(value)

    def streams(self, names: Any) -> tuple[str, ...]:
        if not isinstance(names, list) or not all(
            isinstance(n, str) and INPUT_NAME.fullmatch(n) for n in names
        ):
            raise self.mistake("STREAMS", "STREAMS takes a list of names of streams in quotes")
        return tuple(dict.fromkeys(names))

    def legend(self, record: Any) -> tuple[tuple[str, str], ...]:
        if not isinstance(record, dict) or not all(isinstance(v, str) for v in record.values()):
            raise self.mistake(
                "LEGEND", "LEGEND takes the things that move and what moves each, in quotes"
            )
        return tuple(record.items())

    def passes(self, records: Any) -> tuple[PassPlan, ...]:
        try:
            return read_passes(records)
        except ValueError as error:
            raise self.mistake("PASSES", str(error)) from error

    def inputs(self, records: Any) -> tuple[Input, ...]:
        if not isinstance(records, list) or not all(isinstance(r, dict) for r in records):
            raise self.mistake("INPUTS", "INPUTS takes a list of inputs, each in braces")
        inputs = tuple(self.input(record) for record in records)
        names = [name for i in inputs for name in (i.name, *(n for n, _ in i.controls[1:]))]
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
        if kind in IMAGES[:1] and name != BELOW:
            raise self.mistake(
                name, f"input '{name}': the one image that is played is called {BELOW}"
            )
        label = self.text(record, "LABEL", name)
        try:
            return typed_input(name, kind, label, record)
        except (ValueError, OverflowError) as error:
            raise self.mistake(name, f"input '{name}': {error}") from error
