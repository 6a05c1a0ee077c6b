"""Cue lists as they are written in a preset: `[[cue]]` tables into `Cue`s, every fault with its place.

[[cue]]
name = "all ten"                          # the only key that must be there
note = "listen for the tenth pipe"        # for the performer's eyes
scene = "cathedral"                       # a preset that is gone to ...
over = 20                                 # ... within so many seconds, and the values of `set` with it
set = {"learning.heat" = 2.0, "picture.look" = "figures"}
fire = {"learning.quake" = 0.3}           # or a list of names, with their usual strength
when = "state == collapse for 2 s"        # or after = 12, or at = 90, or nothing: GO
by = 40                                   # goes with `when`: so long after the cue before at the latest
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Any

from instrument.mapping import words
from instrument.preset_lines import leaves
from instrument.signals.condition import read_condition
from instrument.signals.controls import Bank
from instrument.signals.cue import Cue
from instrument.signals.mistake import Mistake, did_you_mean
from instrument.signals.show import MOST_CUES
from instrument.signals.spec import Kind, Spec
from instrument.signals.streams import StreamSpec

LONGEST_NAME, LONGEST_NOTE = 60, 156
"""In bytes, as they fit into a `StandingFrame`."""
LONGEST_S = 3600.0
SHOW = "show."
NEVER_SET = {"show.panic": "panic belongs to the hands"}

Fault = tuple[str, str]
"""Where (``cue#3`` or ``cue#3.when``), and a sentence."""


def read_cues(
    records: Any, bank: Bank, streams: Sequence[StreamSpec], scenes: Collection[str]
) -> tuple[tuple[Cue, ...], list[Fault]]:
    """The cues of a preset's `cue` tables, and everything that is wrong with them. Never raises."""
    if not isinstance(records, list):
        return (), [("cue", "cues are written as [[cue]], with two brackets")]
    faults: list[Fault] = []
    if len(records) > MOST_CUES:
        faults.append((f"cue#{MOST_CUES + 1}", f"{len(records)} cues; {MOST_CUES} are the most"))
    cues = []
    for number, record in enumerate(records, 1):
        reader = _CueReader(number, bank, streams, scenes)
        cues.append(reader.read(record))
        faults += reader.faults
    return tuple(cues), faults + _faults_together(cues)


def _faults_together(cues: Sequence[Cue]) -> list[Fault]:
    """Names that are given twice, and times of the piece that run backwards."""
    faults: list[Fault] = []
    seen: dict[str, int] = {}
    latest_s, latest = -1.0, 0
    for number, cue in enumerate(cues, 1):
        first = seen.setdefault(cue.name, number)
        if cue.name and first != number:
            faults.append(
                (f"cue#{number}.name", f"cue {number} is called '{cue.name}' as cue {first} is")
            )
        if cue.at_s is None:
            continue
        if cue.at_s < latest_s:
            sentence = f"cue {number} goes at {cue.at_s:g} s, before cue {latest} at {latest_s:g} s"
            faults.append((f"cue#{number}.at", sentence))
        latest_s, latest = cue.at_s, number
    return faults


class _CueReader:
    """Reads one cue and gathers what is wrong with it."""

    def __init__(
        self, number: int, bank: Bank, streams: Sequence[StreamSpec], scenes: Collection[str]
    ) -> None:
        self.faults: list[Fault] = []
        self._number, self._bank, self._streams, self._scenes = number, bank, streams, scenes
        seconds = words.number(0.0, LONGEST_S)
        self._readers: Mapping[str, words.Reader] = {
            "name": self._name, "note": self._note, "scene": self._scene, "over": seconds,
            "set": self._values, "fire": self._acts, "after": seconds, "at": seconds,
            "when": self._when, "by": seconds,
        }  # fmt: skip

    def read(self, record: Any) -> Cue:
        """The cue; where something is wrong, without it."""
        if not isinstance(record, Mapping):
            self._fault("", f"a cue is a table of name and more, not {record!r}")
            return Cue(name="")
        read: dict[str, Any] = {}
        for key, value in record.items():
            if key not in self._readers:
                near = did_you_mean(str(key), self._readers)
                self._fault(
                    key, f"a cue has no '{key}'{near} (it takes {', '.join(self._readers)})"
                )
                continue
            read[key] = self._try(key, partial(self._readers[key], key, value, "a cue"))
        if "name" not in record:
            self._fault("", "a cue needs 'name'")
        self._check_timing(record)
        return Cue(
            name=read.get("name") or "",
            note=read.get("note") or "",
            scene=read.get("scene") or "",
            over_s=read.get("over"),
            values=read.get("set") or {},
            acts=read.get("fire") or (),
            after_s=read.get("after"),
            at_s=read.get("at"),
            when=read.get("when"),
            by_s=read.get("by"),
        )

    def _fault(self, key: str, sentence: str) -> None:
        place = f"cue#{self._number}"
        self.faults.append((f"{place}.{key}" if key else place, f"cue {self._number}: {sentence}"))

    def _try(self, key: str, reading: Callable[[], Any]) -> Any:
        try:
            return reading()
        except Mistake as mistake:
            self._fault(key, str(mistake))
            return None

    def _check_timing(self, record: Mapping[str, Any]) -> None:
        said = [key for key in ("after", "at", "when") if key in record]
        if len(said) > 1:
            self._fault(
                said[1], f"it goes by one of after, at and when; not by {' and '.join(said)}"
            )
        elif "by" in record and "when" not in record:
            self._fault("by", "'by' goes with 'when'; alone it is written 'after'")
        if "over" in record and "scene" not in record and "set" not in record:
            self._fault("over", "'over' goes with 'scene' or 'set'; nothing moves here")

    def _name(self, key: str, value: Any, what: str) -> str:
        name = _text(key, value, what, LONGEST_NAME)
        if not name or name.isdecimal():
            raise Mistake(f"'name' of {what} takes a name that is not a number, not {value!r}")
        return name

    def _note(self, key: str, value: Any, what: str) -> str:
        return _text(key, value, what, LONGEST_NOTE)

    def _scene(self, key: str, value: Any, what: str) -> str:
        name = words.text(key, value, what)
        if name not in self._scenes:
            raise Mistake(f"no preset is called '{name}'{did_you_mean(name, self._scenes)}")
        return name

    def _when(self, key: str, value: Any, what: str) -> Any:
        return read_condition(words.text(key, value, what), self._streams)

    def _values(self, key: str, value: Any, what: str) -> dict[str, float]:
        if not isinstance(value, Mapping):
            raise Mistake(
                f"'{key}' of {what} is a table, {{\"learning.heat\" = 2.0}}, not {value!r}"
            )
        values = {}
        for path, word in leaves(value):
            number = self._try(key, partial(self._value, path, word))
            if number is not None:
                values[path] = number
        return values

    def _value(self, path: str, word: Any) -> float:
        spec = self._spec(path)
        if spec.kind is Kind.TRIGGER:
            raise Mistake(f"'{path}' is an act, not a state; it goes into 'fire'")
        if path in NEVER_SET:
            raise Mistake(f"'{path}': {NEVER_SET[path]}")
        return _in_range(spec, path, word)

    def _acts(self, key: str, value: Any, what: str) -> tuple[tuple[str, float], ...]:
        if isinstance(value, Mapping):
            asked = list(leaves(value))
        elif isinstance(value, list) and all(isinstance(path, str) for path in value):
            asked = [(path, None) for path in value]
        else:
            raise Mistake(
                f"'{key}' of {what} is a list of acts, [\"learning.undo\"], or a table with their "
                f'strengths, {{"learning.quake" = 0.3}}, not {value!r}'
            )
        acts = []
        for path, word in asked:
            number = self._try(key, partial(self._act, path, word))
            if number is not None:
                acts.append((path, number))
        return tuple(acts)

    def _act(self, path: str, word: Any) -> float:
        spec = self._spec(path)
        if spec.kind is not Kind.TRIGGER:
            raise Mistake(f"'{path}' is a state, not an act; it goes into 'set'")
        if path.startswith(SHOW):
            raise Mistake(f"'{path}' moves the show itself; a cue cannot do it")
        return spec.default if word is None else _in_range(spec, path, word)

    def _spec(self, path: str) -> Spec:
        if path not in self._bank:
            raise Mistake(
                f"no control is called '{path}'{did_you_mean(path, self._bank.number)}"
                " (`instrument controls` lists them)"
            )
        return self._bank.spec(path)


def _text(key: str, value: Any, what: str, longest: int) -> str:
    text = " ".join(words.text(key, value, what).split())
    if len(text.encode("utf-8", "replace")) > longest:
        raise Mistake(f"'{key}' of {what} is longer than {longest} letters")
    if not text.isprintable():
        raise Mistake(f"'{key}' of {what} has letters that cannot be shown: {text!r}")
    return text


def _in_range(spec: Spec, path: str, word: Any) -> float:
    try:
        return spec.parse_within(word)
    except Mistake as mistake:
        raise Mistake(f"'{path}' {mistake}") from None
