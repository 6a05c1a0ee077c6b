"""What the legibility benches keep: sums of the sources that made a thing, and the things themselves."""

import hashlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from legibility_runs import CACHE

import instrument


def sources(patterns: Sequence[str], more: Sequence[Path] = ()) -> bytes:
    """A sum of all files of the instrument that the patterns name, and of `more`."""
    whole = hashlib.sha256()
    root = Path(instrument.__file__).parent
    for path in sorted({*more, *(path for pattern in patterns for path in root.glob(pattern))}):
        whole.update(path.name.encode() + path.read_bytes())
    return whole.digest()


def kept(kind: str, name: str, key: str, ending: str, make: Callable[[Path], None]) -> Path:
    """The file of a name, made now (into the path that `make` gets) unless it was made under this key.

    An older one of the same name is thrown away.
    """
    folder = CACHE / "legibility" / kind
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}_{key}{ending}"
    if not path.exists():
        unfinished = folder / f"unfinished_{os.getpid()}{ending}"
        make(unfinished)
        for old in folder.glob(f"{name}_*{ending}"):
            old.unlink()
        unfinished.replace(path)
    return path
