"""`Header`: reads the parts of the ISF header of one look. No GL in here."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from instrument.picture.look_inputs import IMAGES, INPUT_KEYS, TYPES, Input, typed_input
from instrument.picture.passes_plan import PassPlan, read_passes
from instrument.picture.taken import why_taken
from instrument.signals.mistake import Mistake, did_you_mean

INPUT_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,31}")
BELOW = "inputImage"
"""ISF's name for the picture that a filter works on."""


class Header:
    """Reads the parts of one header; knows where in the file a word stands. Raises `Mistake`."""

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

    def check_names(
        self, inputs: Sequence[Input], passes: Sequence[PassPlan], streams: Sequence[str]
    ) -> None:
        """Inputs and targets are names in GLSL: none is taken, and none is there twice."""
        names = [i.name for i in inputs]
        targets = list(dict.fromkeys(plan.target for plan in passes if plan.target))
        rows = [f"S_{name}" for name in streams]
        for what, given in (("input", names), ("target", targets)):
            for name in given:
                why = why_taken(name)
                if name in rows or (name in targets and name in (*names, BELOW)):
                    why = "is there twice"
                if why:
                    raise self.mistake(name, f"{what} '{name}': the name {why}; choose another")

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
        if not INPUT_NAME.fullmatch(name):
            raise self.mistake(
                name or "INPUTS",
                f"an input needs a NAME of letters, digits and '_', 32 at most; '{name}' is none",
            )
        for key in record:
            near = did_you_mean(key, INPUT_KEYS)
            # Other hosts have keys of their own; only what looks like a slip is one.
            if key not in INPUT_KEYS and near:
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
