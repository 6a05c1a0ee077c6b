"""Presets: a scene as TOML a person can mend backstage. Data, never code.

A preset names the net and its images, the recordings, where every control begins, and the routes::

    title = "Glitch organ"
    about = "what one hears"

    [learning]
    net = "pocket_mlp"
    image_size = 28
    colour = false
    memory_mb = 384
    heat = 1.0

    [sound.drone]
    recording = "drone_principal"
    level = -12

    [[route]]
    stream = "flatness"
    control = "sound.noise.level"
    depth = 0.6

Everything is checked before the curtain, and every error is told at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from instrument.cues import read_cues
from instrument.learning.choices import FIELDS, check_choice
from instrument.mapping import Route, name_faults, routes_text
from instrument.preset_lines import leaves, line_of
from instrument.signals import places
from instrument.signals.controls import Bank
from instrument.signals.cue import Cue
from instrument.signals.mistake import Mistake, did_you_mean
from instrument.signals.own_files import NoToml, read_own, toml_of
from instrument.signals.spec import Kind
from instrument.signals.spoken import counted, printable
from instrument.signals.streams import StreamSpec
from instrument.sound.controls import CLOUDS as USUAL_CLOUDS
from instrument.sound.controls import MOST_CLOUDS

ENDINGS = (".toml",)
CLOUDS = "sound.clouds"
"""The key that says how many clouds a preset wants."""
LARGEST_BYTES = 1 << 20
MOST_FAULTS = 100
"""So many are told with their lines; looking for the lines of thousands would take a minute."""


@dataclass(frozen=True)
class Vocabulary:
    """What a preset may speak of in this show."""

    bank: Bank
    streams: Sequence[StreamSpec]
    nets: Sequence[str]
    left_out: Sequence[str] = ()
    """Sentences about looks that are not there because they cannot be played."""


@dataclass(frozen=True)
class Preset:
    """A checked scene. `values` are in units, by control path; what it leaves out is at its default."""

    name: str
    title: str
    about: str
    net: str | None
    values: Mapping[str, float]
    routes: tuple[Route, ...]
    text: str = field(repr=False, default="")
    image_size: int | None = None
    """Pixels a side."""
    colour: bool | None = None
    memory_mb: int | None = None
    """Bound on what `undo` keeps."""
    cues: tuple[Cue, ...] = ()

    @property
    def choices(self) -> dict[str, Any]:
        """What it chooses of the training besides controls, by the keys of `choices.FIELDS`."""
        return {key: value for key in FIELDS if (value := getattr(self, key)) is not None}

    def positions(self, bank: Bank) -> np.ndarray:
        """Where every control begins, float32 (controls,)."""
        positions = bank.defaults.copy()
        for path, value in self.values.items():
            positions[bank.number[path]] = bank.spec(path).unmap(value)
        return positions


def preset_names() -> list[str]:
    """All presets, the performer's own included."""
    return places.names("presets", ENDINGS)


def path_of(name: str) -> Path:
    """The file of a preset. Raises `Mistake` for one that is not there."""
    return places.find("presets", name, ENDINGS, "preset")


def load(name: str, vocabulary: Vocabulary) -> Preset:
    """The preset of a name, checked. Raises `Mistake` with every error, one sentence a line."""
    return load_file(path_of(name), vocabulary)


def load_file(path: Path, vocabulary: Vocabulary) -> Preset:
    """The preset in a file, checked. Raises `Mistake` with every error, one sentence a line."""
    try:
        text = read_own(path, LARGEST_BYTES)
    except (OSError, ValueError) as error:
        raise Mistake(f"{path}: cannot be read as a text file ({error})") from error
    return parse(text, path, vocabulary)


def headline(name: str) -> str:
    """Title and first line about a preset, for a list; a broken one says so."""
    try:
        path = places.find("presets", name, ENDINGS, "preset")
        table = toml_of(read_own(path, LARGEST_BYTES))
    except (Mistake, OSError, ValueError) as error:
        return f"(broken: {str(error).splitlines()[0]})"
    about = str(table.get("about", "")).strip().splitlines()
    title = str(table.get("title", name))
    return printable(f"{title}: {about[0]}" if about else title)


def clouds_asked(name: str) -> int:
    """How many clouds a preset wants; the usual number where it says nothing or nothing sensible.

    Its controls depend on it, so it is known before the preset is read. Raises `Mistake` for a preset
    that is not there.
    """
    path = places.find("presets", name, ENDINGS, "preset")
    try:
        asked = toml_of(read_own(path, LARGEST_BYTES)).get("sound", {}).get("clouds")
    except (Mistake, OSError, ValueError, AttributeError):
        return USUAL_CLOUDS
    sensible = type(asked) is int and 1 <= asked <= MOST_CLOUDS
    return asked if sensible else USUAL_CLOUDS


def parse(text: str, path: Path, vocabulary: Vocabulary) -> Preset:
    """A preset from its text. Raises `Mistake` with every error, one sentence a line."""
    try:
        table = toml_of(text)
    except NoToml as error:
        raise Mistake(
            f"{path}: this is not TOML: {error} (a text without quotes, or a bracket left open?)"
        ) from error
    reader = _Reader(text, path, vocabulary)
    return reader.preset(table)


class _Reader:
    """Walks one preset and gathers what is wrong with it."""

    def __init__(self, text: str, path: Path, vocabulary: Vocabulary) -> None:
        self.text, self.path, self.vocabulary = text, path, vocabulary
        self.faults: list[str] = []
        self.more = 0
        self.choices: dict[str, Any] = {}
        self.values: dict[str, float] = {}

    def preset(self, table: dict[str, Any]) -> Preset:
        routes, cues = table.pop("route", []), table.pop("cue", [])
        words = {}
        for key in ("title", "about"):
            words[key] = table.pop(key, "")
            if not isinstance(words[key], str):
                self.fault(key, f"'{key}' takes a text in quotes, not {words[key]!r}")
        for path, value in leaves(table):
            self.entry(path, value)
        checked, checked_cues = self.routes(routes), self.cues(cues)
        if self.faults:
            if self.more:
                self.faults.append(f"{self.path}: and {counted(self.more, 'more fault')}")
            of_looks = any("picture" in fault for fault in self.faults)
            raise Mistake(
                "\n".join((*self.faults, *(self.vocabulary.left_out if of_looks else ())))
            )
        name = self.path.stem
        return Preset(
            name=name,
            title=words["title"] or name,
            about=words["about"].strip(),
            net=self.choices.pop("net", None),
            values=self.values,
            routes=checked,
            text=self.text,
            cues=checked_cues,
            **self.choices,
        )

    def fault(self, path: str, sentence: str) -> None:
        if len(self.faults) >= MOST_FAULTS:
            self.more += 1
            return
        line = line_of(self.text, path)
        where = f"{self.path}:{line}" if line else str(self.path)
        self.faults.append(f"{where}: {sentence}")

    def entry(self, path: str, value: Any) -> None:
        parent, _, last = path.rpartition(".")
        if path == "learning.net":
            self.choose_net(path, value)
        elif parent == "learning" and last in FIELDS:
            self.choose(path, last, value)
        elif path == CLOUDS:
            self.clouds(path, value)
        elif path in self.vocabulary.bank:
            self.set_control(path, value)
        else:
            known = [*self.vocabulary.bank.number, *(f"learning.{key}" for key in FIELDS)]
            known.append(CLOUDS)
            self.fault(path, f"no control is called '{path}'{did_you_mean(path, known)}")

    def choose_net(self, path: str, value: Any) -> None:
        nets = self.vocabulary.nets
        if isinstance(value, str) and value in nets:
            self.choices["net"] = value
        else:
            near = did_you_mean(str(value), nets)
            self.fault(path, f"'learning.net' takes one of {', '.join(nets)}, not {value!r}{near}")

    def choose(self, path: str, key: str, value: Any) -> None:
        try:
            check_choice(key, value)
        except Mistake as mistake:
            self.fault(path, f"'{path}' {mistake}")
        except OverflowError:
            self.fault(path, f"'{path}' takes a whole number that is not so large")
        else:
            self.choices[key] = value

    def clouds(self, path: str, value: Any) -> None:
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST_CLOUDS:
            self.fault(path, f"'{path}' takes a whole number, 1..{MOST_CLOUDS}, not {value!r}")

    def set_control(self, path: str, value: Any) -> None:
        spec = self.vocabulary.bank.spec(path)
        if spec.kind is Kind.TRIGGER:
            self.fault(path, f"'{path}' is an act, not a state; a preset cannot set it")
            return
        try:
            self.values[path] = spec.parse_within(value)
        except Mistake as mistake:
            self.fault(path, f"'{path}' {mistake}")

    def cues(self, records: Any) -> tuple[Cue, ...]:
        scenes = {*preset_names(), self.path.stem}
        cues, faults = read_cues(records, self.vocabulary.bank, self.vocabulary.streams, scenes)
        for place, sentence in faults:
            self.fault(place, sentence)
        return cues

    def routes(self, records: Any) -> tuple[Route, ...]:
        if not isinstance(records, list):
            self.fault("route", "routes are written as [[route]], with two brackets")
            return ()
        read: list[Route | None] = []
        for number, record in enumerate(records, 1):
            try:
                route = Route.from_dict(record)
            except Mistake as mistake:
                self.fault(f"route#{number}", f"route {number}: {mistake}")
                read.append(None)
                continue
            fault = route.check(self.vocabulary.streams, self.vocabulary.bank)
            if fault is not None:
                self.fault(f"route#{number}", f"route {number}: {fault}")
            read.append(route)
        for place, fault in name_faults(read).items():
            self.fault(f"route#{place + 1}", f"route {place + 1}: {fault}")
        routes = tuple(route for route in read if route is not None)
        try:
            routes_text(routes)
        except Mistake as mistake:
            self.fault("route", str(mistake))
        return routes
