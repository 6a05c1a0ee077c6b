"""Files that are whole or not there: written beside their places, named when all of them are done."""

import contextlib
import os
from collections.abc import Sequence
from pathlib import Path

from instrument.signals.mistake import Mistake
from instrument.signals.refused import writing
from instrument.written_over import check_folder


class Drafts:
    """All files of one export. What was there before stays until `keep`, and if that never comes."""

    def __init__(self, force: bool) -> None:
        """`force`: files that are there may be written over."""
        self._force = force
        self._beside: dict[Path, Path] = {}

    def check(self, paths: Sequence[Path]) -> None:
        """Raises `Mistake` where one is there already or its folder is not."""
        for path in paths:
            if path.is_dir():
                raise Mistake(f"{path}: is a folder; say the name of a file in it")
            if path.exists() and not self._force:
                raise Mistake(f"{path}: is there already; --force writes over it")
            check_folder(path)

    def file(self, path: Path) -> Path:
        """Where the file that is to be `path` is written meanwhile."""
        beside = path.with_name(f".{path.name}.{os.getpid()}")
        self._beside[path] = beside
        return beside

    def scratch(self, path: Path, name: str) -> Path:
        """A file beside `path` for what is in the making; whoever asks removes it."""
        return path.with_name(f".{path.name}.{name}.{os.getpid()}")

    def keep(self) -> list[Path]:
        """Give all files their names, and say which they are. Raises `Mistake`."""
        for path, beside in self._beside.items():
            with writing(path):
                beside.replace(path)
        return list(self._beside)

    def discard(self) -> None:
        """Remove what was not kept."""
        for beside in self._beside.values():
            with contextlib.suppress(OSError):
                beside.unlink(missing_ok=True)
