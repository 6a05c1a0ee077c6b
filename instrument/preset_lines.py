"""Where things stand in a TOML text: dotted paths, and the lines they are on."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

HEADER = re.compile(r"\s*\[+\s*([^\]]+?)\s*\]")
KEY = re.compile(r"\s*([A-Za-z0-9_.\"-]+)\s*=")


def leaves(table: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value of nested tables under its dotted path."""
    for key, value in table.items():
        full = f"{path}.{key}" if path else str(key)
        if isinstance(value, dict):
            yield from leaves(value, full)
        else:
            yield full, value


def line_of(text: str, path: str) -> int | None:
    """Line of a dotted key in a TOML text, where it can be found.

    ``route#3`` is the third route, ``cue#3`` the third cue, ``cue#3.when`` a key in it (the cue itself
    where the key is not found). They stand as ``[[route]]`` or as a list ``route = [`` with one ``{...}``
    a line.
    """
    if "#" in path:
        name, _, rest = path.partition("#")
        number, _, key = rest.partition(".")
        return _line_in_list(text, name, int(number), key)
    return _line_of_key(text, path)


def _line_of_key(text: str, path: str) -> int | None:
    table, listed = "", False
    for number, line in enumerate(text.splitlines(), 1):
        if listed:
            listed = not line.lstrip().startswith("]")
            continue
        header = HEADER.match(line)
        if header:
            table = header.group(1)
            continue
        key = KEY.match(line)
        if key:
            word = key.group(1).replace('"', "")
            listed = not table and line.rstrip().endswith("[")
            if (f"{table}.{word}" if table else word) == path:
                return number
    return None


def _line_in_list(text: str, name: str, wanted: int, key: str) -> int | None:
    """Line of the n-th table of a list, or of a key in it."""
    count, listed, inside = 0, False, False
    found: int | None = None
    for number, line in enumerate(text.splitlines(), 1):
        header = HEADER.match(line)
        begins = False
        if listed:
            listed = not line.lstrip().startswith("]")
            begins = line.lstrip().startswith("{")
        elif header and line.lstrip().startswith("[[") and header.group(1) == name:
            begins = True
        elif header and inside and not header.group(1).startswith(f"{name}."):
            return found
        elif not inside and re.match(rf"\s*{re.escape(name)}\s*=.*\[\s*$", line):
            listed = True
        if begins:
            count += 1
            if inside:
                return found
            inside = count == wanted
            found = number if inside else None
            if inside and not key:
                return number
        if inside and re.match(rf"\s*\"?{re.escape(key)}\"?\s*=", line):
            return number
    return found
