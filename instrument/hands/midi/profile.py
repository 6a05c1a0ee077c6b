"""Profiles of controllers: data that names what is on a device, its lights, and a map to begin with.

A profile is a file in presets/controllers, or the performer's own in ~/twos-and-sevens/controllers (which
comes first). It is found by words in the name of the port.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from instrument.hands.midi.entry import Entry, options_of, source_of
from instrument.hands.midi.source import Source, SourceKind
from instrument.signals import places
from instrument.signals.mistake import Mistake, did_you_mean
from instrument.signals.own_files import read_own, toml_of

ANY = "*"
ELEMENT_KEYS = ("kind", "channel", "number", "press", "follows", "encoding", "light", "waits")
LIGHT_KEYS = ("kind", "channel", "number", "on", "off", "waits")
MAP_KEYS = ("element", "control")
PROFILE_KEYS = ("title", "match", "note", "elements", "map")
LARGEST_BYTES = 1 << 18
_RANGE = re.compile(r"(.*?)(\d{1,6})\.\.(\d{1,6})$")


@dataclass(frozen=True)
class Light:
    """How an element is lit: a note or CC with these values; `waits` None blinks by on and off."""

    source: Source
    on: int = 127
    off: int = 0
    waits: int | None = None


@dataclass(frozen=True)
class Element:
    """One thing on a controller, by its name, as ``fader 1``."""

    name: str
    source: Source
    press: bool = False
    """A button."""
    follows: bool = False
    """It goes where it is told: a motor fader, a ring of lights, an encoder that knows its value."""
    encoding: str = ""
    light: Light | None = None
    waits: str = ""
    """Name of the element whose light blinks while this one waits to take over."""


@dataclass(frozen=True)
class Profile:
    """What is known about one kind of controller."""

    name: str
    title: str
    match: tuple[str, ...]
    note: str
    elements: Mapping[str, Element]
    entries: tuple[Entry, ...]
    """The map to begin with; `device` is empty."""

    def fits(self, device: str) -> bool:
        """Whether a device of this name is of this kind."""
        name = device.lower()
        return any(word == ANY or word.lower() in name for word in self.match)

    @cached_property
    def by_source(self) -> dict[Source, Element]:
        """The elements by what they send."""
        return {element.source: element for element in self.elements.values()}

    def element(self, source: Source) -> Element | None:
        """The element that sends this."""
        return self.by_source.get(source)


def read_profile(name: str, text: str) -> Profile:
    """A profile from its text. Raises `Mistake` with what is wrong, without the file's name."""
    record = toml_of(text)
    _only(record, PROFILE_KEYS, "a profile")
    match = record.get("match", [])
    if not isinstance(match, list) or not match or not all(isinstance(w, str) and w for w in match):
        raise Mistake('match is a list of words of the port\'s name, as ["nanoKONTROL2"]')
    elements = dict(_elements(record.get("elements", {})))
    for element in elements.values():
        if element.waits and element.waits not in elements:
            raise Mistake(f"{element.name}: waits names no element: '{element.waits}'")
    return Profile(
        name, str(record.get("title", name)), tuple(match), str(record.get("note", "")), elements,
        tuple(_map(record.get("map", []), elements)),
    )  # fmt: skip


def _elements(records: Any) -> Iterator[tuple[str, Element]]:
    if not isinstance(records, dict):
        raise Mistake("elements is a table of names")
    for title, record in records.items():
        try:
            if not isinstance(record, dict):
                raise Mistake('an element is a table, as { kind = "cc", channel = 1, number = 0 }')
            _only(record, ELEMENT_KEYS, "an element")
            for at, name in enumerate(_names(title)):
                yield name, _element(name, at, record)
        except Mistake as mistake:
            raise Mistake(f"{title}: {mistake}") from None


def _names(title: str) -> list[str]:
    """``fader 1..8`` is eight names; any other is itself."""
    found = _RANGE.match(title)
    if found is None:
        return [title]
    first, last = int(found[2]), int(found[3])
    if not first <= last <= first + 127:
        raise Mistake("a range of names goes up, by 128 at most")
    return [f"{found[1]}{number}" for number in range(first, last + 1)]


def _element(name: str, at: int, record: Mapping[str, Any]) -> Element:
    """The `at`-th of a range: its number is so many higher."""
    number = record.get("number", 0)
    first = {**record, "number": number + at if isinstance(number, int) else number}
    source = source_of(first)
    waits = str(record.get("waits", ""))
    return Element(
        name, source, record.get("press") is True, record.get("follows") is True,
        str(record.get("encoding", "")), _light(record.get("light"), at, source),
        _waits_for(waits, at),
    )  # fmt: skip


def _waits_for(waits: str, at: int) -> str:
    """The `at`-th of the names whose light blinks."""
    names = _names(waits)
    if len(names) == 1:
        return waits
    if at >= len(names):
        raise Mistake(f"waits: '{waits}' names {len(names)} elements, and there are more of these")
    return names[at]


def _light(record: Any, at: int, source: Source) -> Light | None:
    if record is None:
        return None
    if not isinstance(record, dict):
        raise Mistake("light is a table, as { on = 127, off = 0 }")
    _only(record, LIGHT_KEYS, "a light")
    same = {"kind": source.kind.value, "channel": source.channel, "number": source.number}
    if "number" in record and isinstance(record["number"], int):
        same["number"] = record["number"] + at
    words = {key: record[key] for key in ("kind", "channel") if key in record}
    to = source_of({**same, **words})
    if to.kind not in (SourceKind.NOTE, SourceKind.CC):
        raise Mistake("a light is lit by a note or a cc")
    for key in ("on", "off", "waits"):
        if key in record and not (isinstance(record[key], int) and 0 <= record[key] <= 127):
            raise Mistake(f"{key} of a light is a number from 0 to 127")
    return Light(to, record.get("on", 127), record.get("off", 0), record.get("waits"))


def _map(items: Any, elements: Mapping[str, Element]) -> Iterator[Entry]:
    if not isinstance(items, list):
        raise Mistake("a map is made of [[map]] items")
    for item in items:
        if not isinstance(item, dict):
            raise Mistake('a [[map]] item is made of lines like: control = "learning.heat"')
        name, control = item.get("element"), item.get("control")
        if not isinstance(name, str) or name not in elements:
            raise Mistake(f"map: no element is called '{name}'{did_you_mean(str(name), elements)}")
        if not isinstance(control, str) or not control:
            raise Mistake(f"map: {name} has no control")
        element = elements[name]
        given = {key: value for key, value in item.items() if key not in MAP_KEYS}
        usual: dict[str, Any] = {"press": element.press}
        if element.encoding:
            usual |= {"encoding": element.encoding, "act": "turn"}
        try:
            yield Entry("", element.source, control, **options_of({**usual, **given}))
        except Mistake as mistake:
            raise Mistake(f"map: {name}: {mistake}") from None


def _only(record: Mapping[str, Any], keys: Sequence[str], what: str) -> None:
    for key in record:
        if key not in keys:
            raise Mistake(f"{what} has no key '{key}'{did_you_mean(key, keys)}")


def profile_files() -> dict[str, Path]:
    """File of every profile by its name; the performer's own come first, and stand for shipped ones."""
    files: dict[str, Path] = {}
    for folder in (places.home() / "controllers", places.shipped("presets") / "controllers"):
        for path in sorted(folder.glob("*.toml")) if folder.is_dir() else ():
            if places.NAME.fullmatch(path.stem) and places.is_inside(path, folder):
                files.setdefault(path.stem, path)
    return files


def load_profiles(say: Callable[[str, bool], None]) -> tuple[Profile, ...]:
    """All profiles; those for any device last. What is wrong with one is said, and it is left out."""
    found = []
    for name, path in profile_files().items():
        try:
            found.append(read_profile(name, read_own(path, LARGEST_BYTES)))
        except (Mistake, OSError, ValueError) as error:
            say(f"{path}: {error} (this profile is left out)", True)
    return tuple(sorted(found, key=lambda profile: ANY in profile.match))


def profile_for(device: str, profiles: Sequence[Profile]) -> Profile | None:
    """The first profile that fits a device."""
    return next((profile for profile in profiles if profile.fits(device)), None)
