"""Presets as text: what stands in a show, written so that a person can mend it, one route a line."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from instrument.signals.controls import Bank
from instrument.signals.spec import Kind, Spec

KEPT_OF_THE_SHOW = ("show.calm", "show.panic_fade")
"""Tempo, cues, panic and what moves scenes are the evening's, not the scene's."""
WHOLLY = "learning."
"""Everything of this is written, also where it stands at its default: a snapshot brings all of it back."""
ALIKE = 1e-6
"""Positions nearer than this are the same: no ear, eye or net tells them apart."""
MOST_DIGITS = 17
CLOUD = re.compile(r"sound\.cloud_(\d+)\.")
HEADING = (
    "# A snapshot. Storing in its place again writes over it and keeps the one before as .bak."
)


def values_of(bank: Bank, positions: np.ndarray) -> dict[str, float]:
    """What is worth writing of `positions`, float32 (controls,): values in their units, by path.

    That is what is not at its default, and all of the learning.
    """
    values = {}
    for spec, at, usual in zip(bank, positions.tolist(), bank.defaults.tolist(), strict=True):
        if spec.kind is Kind.TRIGGER:
            continue
        if spec.path.startswith(("show.", "deck.", "midi.")) and spec.path not in KEPT_OF_THE_SHOW:
            continue
        if abs(at - usual) > ALIKE or spec.path.startswith(WHOLLY):
            values[spec.path] = spec.default if at == usual else tidy(spec, at)
    return values


def tidy(spec: Spec, position: float) -> float:
    """The value with the fewest digits that stands at a position 0..1 (to a millionth)."""
    value = spec.map(position)
    if spec.is_whole:
        return value
    for digits in range(1, MOST_DIGITS):
        short = float(f"{value:.{digits}g}")
        if spec.low <= short <= spec.high and abs(spec.unmap(short) - position) <= 0.5 * ALIKE:
            return short
    return value


def preset_text(
    bank: Bank,
    values: Mapping[str, float],
    routes: Sequence[Mapping[str, Any]],
    *,
    title: str,
    about: str = "",
    choices: Mapping[str, Any] | None = None,
    heading: str = "",
) -> str:
    """A preset as TOML. `values` in units by path, `routes` as JSON values, `choices` of the training.

    `heading` is a line of comment before everything. Reading the text gives the same preset.
    """
    lines = [heading] if heading else []
    lines.append(f"title = {_word(title)}")
    if about:
        lines.append(f"about = {_word(about)}")
    lines += ["", *_routes(routes)] if routes else []
    tables = _tables(bank, values, routes, choices or {})
    for table, entries in tables.items():
        lines += ["", f"[{table}]"] if "." not in table or lines[-1] == "" else [f"[{table}]"]
        lines += [f"{key} = {entry}" for key, entry in entries.items()]
    return "\n".join(lines) + "\n"


def _tables(
    bank: Bank,
    values: Mapping[str, float],
    routes: Sequence[Mapping[str, Any]],
    choices: Mapping[str, Any],
) -> dict[str, dict[str, str]]:
    tables: dict[str, dict[str, str]] = {"show": {}, "learning": {}, "sound": {}, "picture": {}}
    tables["learning"] = {key: _plain(value) for key, value in choices.items()}
    clouds = _clouds([*values, *(str(route.get("control", "")) for route in routes)])
    if clouds:
        tables["sound"]["clouds"] = str(clouds)
    for spec in bank:
        if spec.path in values:
            table = spec.path.rpartition(".")[0]
            tables.setdefault(table, {})[spec.name] = _value(spec, values[spec.path])
    rooms = [table for table in tables if "." not in table]
    order = [
        table
        for room in rooms
        for table in (room, *(t for t in tables if t.startswith(f"{room}.")))
    ]
    return {table: tables[table] for table in order if tables[table]}


def _clouds(paths: Iterable[str]) -> int:
    """The highest number of a cloud that is spoken of."""
    return max((int(found[1]) for path in paths if (found := CLOUD.match(path))), default=0)


def _value(spec: Spec, value: float) -> str:
    if spec.choices:
        return _word(spec.choices[int(value)])
    if spec.kind is Kind.BOOL:
        return "true" if value >= 0.5 else "false"
    return _number(value)


def _routes(routes: Sequence[Mapping[str, Any]]) -> list[str]:
    return ["route = [", *(f"  {_plain(route)}," for route in routes), "]"]


def _plain(value: Any) -> str:
    """A JSON value as TOML on one line."""
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return _number(value)
        case str():
            return _word(value)
        case Mapping():
            return "{" + ", ".join(f"{key} = {_plain(each)}" for key, each in value.items()) + "}"
        case _:
            return "[" + ", ".join(map(_plain, value)) + "]"


def _number(value: float) -> str:
    whole = float(value).is_integer() and abs(value) < 1e15
    return str(int(value)) if whole else repr(float(value))


def _word(text: str) -> str:
    """A text in quotes, on one line."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")
