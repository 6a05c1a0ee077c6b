"""``#include "name.glsl"``: common code of looks. No GL in here.

A name is a plain name, looked for beside the look, then in the folders of looks; it never is a path.
Every file is put in once, where it is first asked for; one that asks for itself is refused. The lines
keep file and number (GLSL's ``#line``), so the driver's complaints name both.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from instrument.picture.endless import endless_loop
from instrument.signals.mistake import Mistake, did_you_mean

INCLUDE = re.compile(r"^[ \t]*#[ \t]*include\b[ \t]*(.*?)[ \t]*(?://.*)?$")
QUOTED = re.compile(r'(?:"([^"]*)"|<([^>]*)>)')
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}\.glsl")
DEEPEST = 8
LARGEST_BYTES = 1 << 20


@dataclass(frozen=True)
class Source:
    """A text with its includes put in. A file's place in `files`, plus one, is its number in GLSL."""

    text: str
    files: tuple[Path, ...]


def read_text(path: Path) -> str:
    """The text of a file of at most a megabyte. Raises `Mistake`.

    UTF-8, with or without the mark that editors on Windows put first; what is not is read as Latin-1
    (old shaders have names with accents in their comments).
    """
    try:
        if path.exists() and not path.is_file():
            raise Mistake(f"{path}: is no file; only files are read as shaders")
        if path.stat().st_size > LARGEST_BYTES:
            raise Mistake(f"{path}: a shader of more than a megabyte is not read")
        read = path.read_bytes()
    except OSError as error:
        raise Mistake(f"{path}: cannot be read ({error.strerror or error})") from error
    try:
        text = read.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = read.decode("latin-1")
    if "\0" in text:
        raise Mistake(f"{path}: is no plain text; in the editor, save it as UTF-8")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def put_in(path: Path, text: str, folders: Sequence[Path] = ()) -> Source:
    """The text of the look at `path` with what it includes. Raises `Mistake` with file and line."""
    putter = _Putter((path.parent, *folders))
    return Source(putter.put(path, text, (path,)), tuple(putter.files))


class _Putter:
    def __init__(self, folders: Sequence[Path]) -> None:
        self.folders = tuple(dict.fromkeys(folders))
        self.files: list[Path] = []

    def put(self, path: Path, text: str, way: tuple[Path, ...]) -> str:
        self.files.append(path)
        number = len(self.files)
        at = endless_loop(text)
        if at is not None:
            row = text.count("\n", 0, at) + 1
            raise Mistake(f"{path}:{row}: this loop never ends; it needs a condition or a 'break'")
        lines: list[str] = []
        for count, line in enumerate(text.split("\n"), 1):
            asked = INCLUDE.match(line)
            if asked is None:
                lines.append(line)
                continue
            inner = self._find(asked.group(1), f"{path}:{count}")
            if inner in way:
                round_trip = " -> ".join(p.name for p in (*way[way.index(inner) :], inner))
                raise Mistake(f"{path}:{count}: {inner.name} includes itself ({round_trip})")
            if len(way) >= DEEPEST:
                raise Mistake(f"{path}:{count}: includes go {DEEPEST} files deep at the most")
            if inner in self.files:
                lines.append("")
                continue
            body = self.put(inner, read_text(inner), (*way, inner))
            lines.append(
                f"#line 1 {self.files.index(inner) + 1}\n{body}\n#line {count + 1} {number}"
            )
        return "\n".join(lines)

    def _find(self, words: str, where: str) -> Path:
        quoted = QUOTED.fullmatch(words)
        name = (quoted.group(1) or quoted.group(2) or "") if quoted else ""
        if not NAME.fullmatch(name):
            raise Mistake(
                f'{where}: #include takes the plain name of a file, as in #include "common.glsl", '
                f"not {words or 'nothing'}"
            )
        for folder in self.folders:
            found = folder / name
            if found.is_file() and found.resolve().is_relative_to(folder.resolve()):
                return found
        there = sorted(
            {
                p.name
                for folder in self.folders
                for p in folder.glob("*.glsl")
                if p.resolve().is_relative_to(folder.resolve())
            }
        )
        raise Mistake(
            f"{where}: there is no {name} beside the look or among the shaders"
            f"{did_you_mean(name, there)} (there are: {', '.join(there) or 'none'})"
        )
