"""Where things stand in a TOML text: dotted paths, and the lines they are on."""

import re
from collections.abc import Iterator, Mapping
from typing import Any


def leaves(table: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value of nested tables under its dotted path."""
    for key, value in table.items():
        full = f"{path}.{key}" if path else str(key)
        if isinstance(value, dict):
            yield from leaves(value, full)
        else:
            yield full, value


def line_of(text: str, path: str) -> int | None:
    """Line of a dotted key (or of the n-th route, ``route#n``) in a TOML text, where it can be found.

    Routes stand as ``[[route]]`` or as a list ``route = [`` with one ``{...}`` a line.
    """
    table, routes, listed = "", 0, False
    wanted_route = int(path.partition("#")[2]) if path.startswith("route#") else 0
    for number, line in enumerate(text.splitlines(), 1):
        if listed:
            routes += line.lstrip().startswith("{")
            if routes and routes == wanted_route:
                return number
            listed = not line.lstrip().startswith("]")
            continue
        header = re.match(r"\s*\[+\s*([^\]]+?)\s*\]", line)
        if header:
            table = header.group(1)
            if line.lstrip().startswith("[[") and table == "route":
                routes += 1
                if routes == wanted_route:
                    return number
            continue
        key = re.match(r"\s*([A-Za-z0-9_.\"-]+)\s*=", line)
        if key:
            word = key.group(1).replace('"', "")
            listed = not table and word == "route" and line.rstrip().endswith("[")
            if (f"{table}.{word}" if table else word) == path:
                return number
    return None
