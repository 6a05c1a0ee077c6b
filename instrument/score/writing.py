"""From a run to the file of its score."""

import contextlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from instrument.house import open_house
from instrument.score.choice import lanes
from instrument.score.material import listen
from instrument.score.page import draw
from instrument.score.paper import FORMATS
from instrument.score.plan import SLOTS
from instrument.signals.mistake import Mistake
from instrument.signals.refused import writing
from instrument.written_over import check_folder


@dataclass(frozen=True)
class Wish:
    """What is wanted. `streams` as `choice.lanes` reads them; `dpi` counts for PNG only."""

    run: Path
    out: Path
    title: str | None = None
    paper: str = "a4"
    streams: str | None = None
    dpi: int = 300
    force: bool = False

    @property
    def ending(self) -> str:
        return self.out.suffix.lower()

    def check(self) -> None:
        """Raises `Mistake` for what can be known before the run is read."""
        if self.ending not in FORMATS:
            raise Mistake(
                f"-o {self.out}: a score is written as {', '.join(FORMATS)}; let the name end so"
            )
        if self.out.exists() and not self.force:
            raise Mistake(f"{self.out}: is there already; --force writes over it")
        check_folder(self.out)
        if self.title is not None and not self.title.strip():
            raise Mistake("--title: is empty; leave it out for the title of the preset")


def score(wish: Wish, progress: Callable[[float], None] = lambda share: None) -> list[str]:
    """Read the run, draw, write; what is to be told, in sentences. Raises `Mistake`.

    The same run and the same wish give the same bytes. A file that was there stays if this fails.
    """
    wish.check()
    bank = open_house().bank
    material = listen(wish.run, lambda streams: lanes(wish.streams, streams), bank, SLOTS, progress)
    page = draw(material, wish.run, wish.paper, bank, wish.title)
    content = page.saved(wish.ending, wish.dpi)
    _write(wish.out, content)
    return [*material.faults, f"{wish.out}: {len(content) / 1000:.0f} kB"]


def _write(out: Path, content: bytes) -> None:
    """Beside its place first: so a file is whole, or as it was."""
    beside = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        with writing(out):
            beside.write_bytes(content)
            beside.replace(out)
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
