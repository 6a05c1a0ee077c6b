"""Watches the file of the scene that is played: on saving, its routes (and only they) are taken anew."""

import contextlib
from collections.abc import Callable
from pathlib import Path

from instrument import presets
from instrument.presets import Vocabulary
from instrument.signals.mistake import Mistake
from instrument.signals.routes import NewRoutes
from instrument.signals.spoken import counted
from instrument.signals.watching import Watching, stamp

MOST_SENTENCES = 4


class PresetWatch(Watching):
    """Looks at one file four times a second, in a thread of its own.

    | the file                                 | what happens                                          |
    |------------------------------------------|-------------------------------------------------------|
    | is as it was when last taken, or missing | nothing                                               |
    | has changed since the last look          | nothing yet: an editor may be in the middle of it     |
    | stands still after a change, is in order | its routes are put in the place of those that stand   |
    | stands still after a change, has a fault | every fault is said with its line; the routes stay    |
    | another scene is gone to                 | its file is looked at from now on                     |
    """

    def __init__(
        self,
        path: Path,
        vocabulary: Vocabulary,
        put: Callable[[NewRoutes], None],
        say: Callable[[str], None],
    ) -> None:
        super().__init__("preset watch")
        self._path, self._vocabulary = path, vocabulary
        self._put, self._say = put, say
        self._seen = self._taken = stamp(self._path)
        self._next: str | None = None

    def follow(self, name: str) -> None:
        """The preset of this name is the one that is played now. Any thread; never waits."""
        self._next = name

    def look(self) -> None:
        """Look once; never raises. Watching thread."""
        if self._next is not None:
            self._turn_to(self._next)
        before, self._seen = self._seen, stamp(self._path)
        if self._seen is None or self._seen == self._taken or self._seen != before:
            return
        self._taken = self._seen
        try:
            routes = presets.load_file(self._path, self._vocabulary).routes
        except Mistake as mistake:
            self._tell(str(mistake).splitlines())
            return
        except Exception as error:  # whatever a file holds, the show goes on
            self._tell([f"{self._path}: cannot be read ({type(error).__name__})"])
            return
        self._put(NewRoutes([route.to_dict() for route in routes], self._path.name))
        self._say(f"{self._path.name}: {len(routes)} routes, as saved")

    def _turn_to(self, name: str) -> None:
        self._next = None
        with contextlib.suppress(Mistake):
            self._path = presets.path_of(name)
            self._seen = self._taken = stamp(self._path)

    def _tell(self, faults: list[str]) -> None:
        for fault in faults[:MOST_SENTENCES]:
            self._say(fault)
        more = max(0, len(faults) - MOST_SENTENCES)
        also = f"and {counted(more, 'more fault')}; " if more else ""
        self._say(f"{also}the routes stay as they are until {self._path.name} is mended")
