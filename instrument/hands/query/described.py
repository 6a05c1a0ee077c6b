"""What OSCQuery is told of a control and of a stream: types, ranges, units, in its own words."""

from collections.abc import Mapping, Sequence
from typing import Any

from instrument.hands.crowd import URGENT
from instrument.hands.query.nodes import ACCESS_BOTH, ACCESS_READ, ACCESS_WRITE
from instrument.signals.spec import Kind, Spec
from instrument.signals.streams import StreamSpec

IMPULSE = "I"
"""The type of an act. ossia score reads "I" as an impulse and "N" as nothing at all; Chataigne reads both
as a trigger. An act with a strength is an impulse all the same: a fader that fires on every move is no
thing to have on a stage."""
ON_OFF = "T"
"""The type of a switch; "T" and "F" say the same of a node, and a type that changes would be a new node."""

UNITS = {
    "s": "time.second", "ms": "time.ms", "Hz": "time.hz", "bpm": "time.bpm", "cents": "time.cents",
    "dB": "gain.db", "pixels": "distance.pixels",
}  # fmt: skip
"""Our units that have a name in OSCQuery. The others stand in the description, in brackets."""

Names = Mapping[str, Sequence[str]]
"""What the words of acts may be: names of scenes under "scene", of cues under "cue"."""


def control_type(spec: Spec, names: Names) -> str:
    """OSC type tag of what a control takes."""
    if spec.kind is Kind.TRIGGER and not spec.choices:
        if spec.step != 1.0:
            return IMPULSE
        return "s" if names.get(spec.names) else "i"
    if spec.kind is Kind.BOOL:
        return ON_OFF
    if spec.choices:
        return "s"
    return "i" if spec.is_whole else "f"


def control_attributes(spec: Spec, names: Names) -> dict[str, Any]:
    """All that is known of a control but its value."""
    act = spec.kind is Kind.TRIGGER
    kind = control_type(spec, names)
    attributes: dict[str, Any] = {
        "TYPE": kind,
        "ACCESS": ACCESS_WRITE if act else ACCESS_BOTH,
        "DESCRIPTION": _description(spec, kind),
        "TAGS": [tag for tag in (spec.path.partition(".")[0], spec.group) if tag],
    }
    if kind == "s":
        attributes["RANGE"] = [{"VALS": list(spec.choices or names[spec.names])}]
    elif kind in "if":
        whole = kind == "i"
        attributes["RANGE"] = [_span(spec.low, spec.high, whole)]
        attributes["CLIPMODE"] = ["both"]
    if kind in "if" and spec.unit in UNITS:
        attributes["UNIT"] = [UNITS[spec.unit]]
    if act or spec.path in URGENT:
        attributes["CRITICAL"] = True
    return attributes


def position_attributes(spec: Spec) -> dict[str, Any]:
    """Of ``.../position``: the same control from 0 to 1."""
    act = spec.kind is Kind.TRIGGER
    return {
        "TYPE": "f",
        "ACCESS": ACCESS_WRITE if act else ACCESS_BOTH,
        "DESCRIPTION": f"position of {spec.address}, from 0 to 1",
        "RANGE": [{"MIN": 0.0, "MAX": 1.0}],
        "CLIPMODE": ["both"],
        **({"CRITICAL": True} if act else {}),
    }


def stream_attributes(stream: StreamSpec) -> dict[str, Any]:
    """Of ``/stream/NAME``; its span is where it mostly is, and it may leave it."""
    unit = {"UNIT": [UNITS[stream.unit]]} if stream.unit in UNITS else {}
    return {
        "TYPE": "f",
        "ACCESS": ACCESS_READ,
        "DESCRIPTION": stream.help + _bracket(stream.unit),
        "RANGE": [_span(stream.low, stream.high, whole=False)],
        "CLIPMODE": ["none"],
        "TAGS": ["stream"],
        **unit,
    }


def read_only(kind: str, help: str, tag: str, words: Sequence[str] = ()) -> dict[str, Any]:
    """Of what can only be read: ``/state``, ``/step``. `words`: all that it may be.

    A text that may be anything has no range: Chataigne takes every text with a range for a menu.
    """
    attributes = {"TYPE": kind, "ACCESS": ACCESS_READ, "DESCRIPTION": help, "TAGS": [tag]}
    return {**attributes, "RANGE": [{"VALS": list(words)}]} if words else attributes


def _description(spec: Spec, kind: str) -> str:
    strength = ""
    if kind == IMPULSE and (spec.low, spec.high, spec.default) != (0.0, 1.0, 1.0):
        strength = f"; a number is its strength, {spec.allowed}"
    return spec.help + strength + ("" if strength else _bracket(spec.unit))


def _bracket(unit: str) -> str:
    return f" [{unit}]" if unit and unit not in UNITS else ""


def _span(low: float, high: float, whole: bool) -> dict[str, float]:
    if whole:
        return {"MIN": int(low), "MAX": int(high)}
    return {"MIN": float(low), "MAX": float(high)}
