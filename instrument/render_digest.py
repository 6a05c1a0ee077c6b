"""What decides how a film comes out, and digests (SHA-256, in hexadecimal)."""

import hashlib
import importlib.metadata
import platform
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from instrument import presets
from instrument.house import House
from instrument.picture.film_file import RENDER_THREADS, RENDERED

LIBRARIES = ("av", "moderngl", "numpy", "pyo", "soundfile", "soxr")
DECIDES = (
    *(
        f"{room}/**/*.py"
        for room in ("signals", "sound", "picture", "mapping", "runs", "conductor")
    ),
    *("offline*.py", "next_block.py", "*house.py", "preset*.py", "cues.py", "set_list.py"),
    *("units.py", "clock.py", "render*.py"),
)
"""Files of this program that decide how a run sounds and looks. Of the rooms of learning and of the hands
nothing is heard or seen here but the names and spans of their controls, which are told by themselves."""


def file_digest(path: Path) -> str:
    """Of what a file holds. Raises `OSError`."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def text_digest(texts: Iterable[str]) -> str:
    """Of texts, and of where one ends and the next begins."""
    whole = hashlib.sha256()
    for text in texts:
        coded = text.encode("utf-8", "surrogateescape")
        whole.update(b"%d:" % len(coded))
        whole.update(coded)
    return whole.hexdigest()


def pictures_digest(pictures: Iterable[str]) -> str:
    """Of all pictures: of the digests of each, one a line."""
    return hashlib.sha256("".join(f"{one}\n" for one in pictures).encode()).hexdigest()


def code_digest() -> str:
    """Of what of this program decides how a run sounds and looks."""
    root = Path(__file__).resolve().parent
    files = {file for part in DECIDES for file in root.glob(part)}
    return text_digest(
        part
        for file in sorted(files)
        for part in (file.relative_to(root).as_posix(), file.read_text(encoding="utf-8"))
    )


def recordings_digest(house: House) -> str:
    """Of the recordings that can be heard, by their names, sizes and when they were written."""
    return text_digest(
        f"{name} {stat.st_size} {stat.st_mtime_ns}"
        for name, path in house.recordings.items()
        for stat in [path.stat()]
    )


def deciding(run: Path, preset: str, house: House) -> dict[str, Any]:
    """What decides besides the options, by names a performer understands. Raises `Mistake`, `OSError`."""
    return {
        "the run": file_digest(run),
        "the preset": file_digest(presets.path_of(preset)),
        "the looks": text_digest(f"{look.name} {look.source}" for look in house.looks),
        "the recordings": recordings_digest(house),
        "the controls (the set list decides how many clouds there are)": text_digest(
            spec.path for spec in house.bank
        ),
        "the encoder": [RENDERED, RENDER_THREADS],
        "the instrument": code_digest(),
        "its libraries": {
            "python": platform.python_version(),
            **{name: importlib.metadata.version(name) for name in LIBRARIES},
        },
    }
