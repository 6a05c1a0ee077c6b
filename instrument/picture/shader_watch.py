"""Watches the files of all looks: what is saved is compiled while the show goes on. No GL in here."""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from instrument.picture.looks import Look
from instrument.signals.watching import Stamp, Watching, stamp


class ShaderWatch(Watching):
    """Looks at the files four times a second, in a thread of its own.

    | a file                                   | what happens                                            |
    |------------------------------------------|---------------------------------------------------------|
    | is as it was when last taken, or missing | nothing                                                 |
    | has changed since the last look          | nothing yet: an editor may be in the middle of it       |
    | stands still after a change              | every look that is made of it is in `changed`, once each |
    """

    def __init__(self, looks: Callable[[], Mapping[str, Look]]) -> None:
        """`looks` gives the looks as they stand, by name (what they include may change)."""
        super().__init__("shader watch")
        self._looks = looks
        self.changed: deque[str] = deque(maxlen=256)
        """Names of looks to compile anew; main thread takes them."""
        self._taken: dict[Path, Stamp] = {}
        self._seen: dict[Path, Stamp] = {}
        for path in self._files():
            self._taken[path] = self._seen[path] = stamp(path)

    def look(self) -> None:
        """Look once; never raises. Watching thread."""
        ready = set()
        for path in self._files():
            now = stamp(path)
            before = self._seen.get(path)
            self._seen[path] = now
            if path not in self._taken:
                self._taken[path] = now
            elif now is not None and now != self._taken[path] and now == before:
                self._taken[path] = now
                ready.add(path)
        for name, look in self._looks().items() if ready else ():
            if ready & {look.path, *look.files} and name not in self.changed:
                self.changed.append(name)

    def _files(self) -> Iterable[Path]:
        return {path for look in self._looks().values() for path in (look.path, *look.files)}
