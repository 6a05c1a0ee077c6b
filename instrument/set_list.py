"""The set list: which preset is in which place of a show, in ``scenes.toml`` in the performer's folder::

    scenes = ["glitch_organ", "", "cathedral"]

Places count from 1; an empty name keeps a place free. Without the file the shipped presets come first,
then one's own by their names.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from instrument import presets
from instrument.signals import places
from instrument.signals.mistake import Mistake, did_you_mean
from instrument.signals.own_files import NoToml, read_own, toml_of
from instrument.signals.show import MOST_SCENES

FILE = "scenes.toml"
FIRST = ("glitch_organ", "cathedral", "sine_data", "weights", "collapse_study")
"""The order of the shipped presets where nobody says another; further ones follow by their names."""
TOKEN = re.compile(r"#[^\n]*|\"[^\"\n]*\"|'[^'\n]*'")
LARGEST_BYTES = 1 << 16


@dataclass(frozen=True)
class SetList:
    """The names in their places; '' is a free place."""

    names: tuple[str, ...]

    def at(self, number: int) -> str:
        """The name in a place from 1; '' where it is free or behind the end."""
        return self.names[number - 1] if 1 <= number <= len(self.names) else ""

    def number_of(self, name: str) -> int:
        """The first place of a name; 0 where it is not on the list."""
        return self.names.index(name) + 1 if name and name in self.names else 0

    def next_free(self) -> int:
        """The first free place. Raises `Mistake` when there is none."""
        free = self.names.index("") + 1 if "" in self.names else len(self.names) + 1
        if free > MOST_SCENES:
            raise Mistake(f"all {MOST_SCENES} places of the set list are taken; free one in {FILE}")
        return free

    def put(self, name: str, number: int) -> "SetList":
        """The list with a name in a place."""
        names = [*self.names, *[""] * (number - len(self.names))]
        names[number - 1] = name
        return SetList(tuple(names))


def file() -> Path:
    """Where the set list is written."""
    return places.home() / FILE


def read() -> SetList:
    """The set list, or the usual order where there is none. Raises `Mistake`."""
    try:
        text = read_own(file(), LARGEST_BYTES)
    except (FileNotFoundError, NotADirectoryError):
        return usual()
    except (OSError, ValueError) as error:
        raise Mistake(f"{file()}: cannot be read as a text file ({error})") from error
    return parse(text, file())


def usual() -> SetList:
    """The shipped presets, then one's own; a shipped one that one has mended keeps its place."""
    shipped = places.shipped("presets")
    all_names = presets.preset_names()
    ours = sorted(name for name in all_names if (shipped / f"{name}.toml").is_file())
    first = [name for name in FIRST if name in ours]
    others = [name for name in ours if name not in first]
    return SetList(
        (*first, *others, *(name for name in all_names if name not in ours))[:MOST_SCENES]
    )


def parse(text: str, path: Path) -> SetList:
    """A set list from its text. Raises `Mistake`, one sentence."""
    try:
        table = toml_of(text)
    except NoToml as error:
        raise Mistake(f"{path}: this is not TOML: {error} (a name without quotes?)") from error
    for key in table:
        if key != "scenes":
            near = did_you_mean(key, ["scenes"])
            raise Mistake(f"{path}: '{key}' means nothing here{near} (scenes = [\"name\", ...])")
    names = table.get("scenes", [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise Mistake(f'{path}: \'scenes\' takes a list of names, scenes = ["glitch_organ", ""]')
    if len(names) > MOST_SCENES:
        raise Mistake(f"{path}: {len(names)} scenes; {MOST_SCENES} places are the most")
    for number, name in enumerate(names, 1):
        try:
            _ = name and places.safe_name(name, "scene")
        except Mistake as mistake:
            raise Mistake(f"{path}: place {number}: {mistake}") from None
    return SetList(tuple(names))


def clouds_asked(names: Sequence[str]) -> int:
    """The most clouds that any of these presets asks for; 0 where there is none of them."""
    most = 0
    for name in names:
        try:
            most = max(most, presets.clouds_asked(name)) if name else most
        except Mistake:
            continue
    return most


def text_with(text: str, before: SetList, number: int, name: str) -> str:
    """The text of a set list with a name in a place; comments stay where they can.

    `before` is what the text says. Where the name cannot be put into it, the list is written anew.
    """
    wanted = before.put(name, number)
    tokens = [found for found in TOKEN.finditer(text) if not found[0].startswith("#")]
    mended = text
    if number <= len(tokens) == len(before.names):
        at = tokens[number - 1]
        mended = f'{text[: at.start()]}"{name}"{text[at.end() :]}'
    elif tokens and len(tokens) == len(before.names):
        end = tokens[-1].end()
        line = text.rfind("\n", 0, end) + 1
        lead = re.match(r"\s*", text[line:end])
        apart = f",\n{lead[0] if lead else ''}" if text[line:end].lstrip()[:1] in "\"'" else ", "
        more = wanted.names[len(before.names) :]
        mended = text[:end] + "".join(f'{apart}"{each}"' for each in more) + text[end:]
    try:
        if parse(mended, Path(FILE)) == wanted:
            return mended
    except Mistake:
        pass
    return text_of(wanted)


def text_of(names: SetList) -> str:
    """A set list as text, one name a line."""
    lines = [f'  "{name}",' for name in names.names]
    return "\n".join(
        [
            "# The scenes of a show in their places; an empty name keeps one free.",
            "scenes = [",
            *lines,
            "]",
            "",
        ]
    )
