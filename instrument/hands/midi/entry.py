"""`Entry`: one line of a MIDI map, what at which device moves which control, and how."""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from enum import Enum
from typing import Any

from instrument.hands.keys import ROWS
from instrument.hands.keys import Act as KeyAct
from instrument.hands.midi.relative import Encoding
from instrument.hands.midi.source import HIGHEST_NUMBER, NUMBERLESS, Source, SourceKind
from instrument.hands.takeover import Mode
from instrument.signals.mistake import Mistake, did_you_mean
from instrument.signals.spec import Kind, Spec


class Act(Enum):
    """What an element does to its control."""

    FOLLOW = "follow"
    """The control goes where the element is, by soft takeover."""
    TURN = "turn"
    """An endless encoder: steps up and down from where the control stands."""
    TOGGLE = "toggle"
    """Pressed: to `high`, pressed again: to `low`."""
    HOLD = "hold"
    """At `high` while it is pressed, else at `low`."""
    NEXT = "next"
    """Pressed: the next choice."""
    SET = "set"
    """Pressed: to `value`, else to `high`."""
    FIRE = "fire"
    """Pressed: the act happens, with `value`, the velocity, or its usual strength."""


class Bend(Enum):
    """How the travel of an element is spread over the positions."""

    LINEAR = "linear"
    LOW = "low"
    """Finer near the low end (squared)."""
    HIGH = "high"
    """Finer near the high end."""


BANKS = 8
EVERY_BANK = 0
STEP = 1 / 127
"""How far one step of an encoder moves a control that is not counted in whole numbers."""
HELD = frozenset(row.path for row in ROWS if row.act is KeyAct.HOLD)
"""Controls that are on only while something is held."""
NOTHING = ""
"""The control of an entry that says: this element moves nothing here."""


@dataclass(frozen=True)
class Entry:
    """One element at one device and the control it moves. Positions 0..1; `act` None is the usual one."""

    device: str
    source: Source
    control: str
    act: Act | None = None
    low: float = 0.0
    high: float = 1.0
    invert: bool = False
    curve: Bend = Bend.LINEAR
    takeover: Mode = Mode.PICKUP
    encoding: Encoding = Encoding.TWOS
    step: float = STEP
    value: float | None = None
    """In the control's unit."""
    word: str = ""
    """In place of a value, where the control takes names (a scene)."""
    velocity: bool = False
    """Whether how hard it is struck is the strength."""
    press: bool = False
    """Whether it is a button, though it speaks as knobs do."""
    bank: int = EVERY_BANK

    def position(self, share: float) -> float:
        """Position of the control for a share 0..1 of the element's travel."""
        if self.curve is Bend.LOW:
            share = share * share
        elif self.curve is Bend.HIGH:
            share = 1.0 - (1.0 - share) ** 2
        if self.invert:
            share = 1.0 - share
        return self.low + (self.high - self.low) * share

    def share(self, position: float) -> float:
        """The inverse of `position`; the nearest end for what the element cannot reach."""
        span = self.high - self.low
        share = (position - self.low) / span if span else 0.0
        share = min(1.0, max(0.0, share))
        if self.invert:
            share = 1.0 - share
        if self.curve is Bend.LOW:
            return float(share**0.5)
        return float(1.0 - (1.0 - share) ** 0.5) if self.curve is Bend.HIGH else share

    def act_on(self, spec: Spec) -> Act:
        """What it does to this control: what is asked for, else the usual.

        | the control is | an encoder | a note or button                | a fader or knob |
        |----------------|------------|---------------------------------|-----------------|
        | a trigger      | fire       | fire                            | fire            |
        | a switch       | turn       | toggle; hold, where a key holds | follow          |
        | a choice       | turn       | next                            | follow          |
        | a number       | turn       | toggle                          | follow          |
        """
        if self.act is not None:
            return self.act
        if spec.kind is Kind.TRIGGER:
            return Act.FIRE
        if not (self.press or self.source.kind is SourceKind.NOTE):
            return Act.FOLLOW
        if self.value is not None:
            return Act.SET
        if spec.kind is Kind.ENUM:
            return Act.NEXT
        return Act.HOLD if spec.path in HELD else Act.TOGGLE


_ENUMS: dict[str, type[Enum]] = {
    "act": Act, "curve": Bend, "takeover": Mode, "encoding": Encoding,
}  # fmt: skip
_USUAL = {field.name: field.default for field in fields(Entry) if field.default is not MISSING}
"""What an element does where nothing is said, by the key that would say it."""
KEYS = ("device", "kind", "channel", "number", "control", *_USUAL)


def source_of(record: Mapping[str, Any]) -> Source:
    """The source that the keys kind, channel and number name. Raises `Mistake`."""
    word = record.get("kind")
    known = [kind.value for kind in SourceKind if kind is not SourceKind.PROGRAM]
    if word not in known:
        near = did_you_mean(str(word), known)
        raise Mistake(f"kind is one of {', '.join(known)}, not '{word}'{near}")
    kind = SourceKind(word)
    channel = _whole(record, "channel", 1, 16)
    number = 0 if kind in NUMBERLESS else _whole(record, "number", 0, HIGHEST_NUMBER.get(kind, 127))
    return Source(kind, channel, number)


def entry_of(record: Mapping[str, Any]) -> Entry:
    """An entry as a file says it. Raises `Mistake` with a sentence about the first fault."""
    for key in record:
        if key not in KEYS:
            raise Mistake(f"there is no key '{key}'{did_you_mean(key, KEYS)}")
    device = _text(record, "device")
    if not device:
        raise Mistake("device is the name of a device (`instrument midi` lists them)")
    return Entry(device, source_of(record), _text(record, "control"), **options_of(record))


def options_of(record: Mapping[str, Any]) -> dict[str, Any]:
    """How the element moves the control: what a record says beside source and control."""
    found: dict[str, Any] = {}
    for option in _USUAL:
        if option not in record:
            continue
        if option in _ENUMS:
            found[option] = _one_of(record, option, _ENUMS[option])
        elif option in ("low", "high"):
            found[option] = _number(record, option, 0.0, 1.0)
        elif option == "step":
            found[option] = _number(record, option, 0.0001, 1.0)
        elif option == "value":
            found[option] = _number(record, option, -1e9, 1e9)
        elif option == "bank":
            found[option] = _whole(record, option, 0, BANKS)
        elif option == "word":
            found[option] = _text(record, option)
        else:
            found[option] = _truth(record, option)
    return found


def record_of(entry: Entry) -> dict[str, Any]:
    """The inverse of `entry_of`; what is as usual is left out."""
    record: dict[str, Any] = {
        "device": entry.device,
        "kind": entry.source.kind.value,
        "channel": entry.source.channel,
    }
    if entry.source.kind not in NUMBERLESS:
        record["number"] = entry.source.number
    record["control"] = entry.control
    for option, usual in _USUAL.items():
        value = getattr(entry, option)
        if value != usual:
            record[option] = value.value if isinstance(value, Enum) else value
    return record


def _text(record: Mapping[str, Any], key: str) -> str:
    word = record.get(key, "")
    if not isinstance(word, str) or len(word) > 128:
        raise Mistake(f"{key} is a text of at most 128 letters, not {word!r:.60}")
    return word


def _truth(record: Mapping[str, Any], key: str) -> bool:
    if not isinstance(record[key], bool):
        raise Mistake(f"{key} is true or false, not {record[key]!r:.60}")
    return bool(record[key])


def _number(record: Mapping[str, Any], key: str, low: float, high: float) -> float:
    value = record[key]
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
        raise Mistake(f"{key} is a number from {low:g} to {high:g}, not {value!r:.60}")
    return float(value)


def _whole(record: Mapping[str, Any], key: str, low: int, high: int) -> int:
    value = record.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        missing = "; it is missing" if value is None else f", not {value!r:.60}"
        raise Mistake(f"{key} is a whole number from {low} to {high}{missing}")
    return value


def _one_of(record: Mapping[str, Any], key: str, kind: type[Enum]) -> Enum:
    known = [each.value for each in kind]
    if record[key] not in known:
        near = did_you_mean(str(record[key]), known)
        raise Mistake(f"{key} is one of {', '.join(known)}, not '{record[key]}'{near}")
    return kind(record[key])
