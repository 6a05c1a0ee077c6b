"""`Session`: learning, from the first press of the key to the last; which control is next. Pure.

| learning | asked for                         | then                                                    |
|----------|-----------------------------------|---------------------------------------------------------|
| no       | a control by name                 | that one is learned, and learning is over               |
| no       | no name; a control was moved      | that one; again: on to the macro page                   |
| no       | no name; none was moved           | the first of the macro page                             |
| yes      | no name                           | the next of the macro page, after the last it is over   |
| yes      | no name, twice within .4 s        | over                                                    |
| yes      | a control by name                 | that one instead                                        |
| yes      | something was moved: learned      | on the macro page the next; else it is over             |
| yes      | nothing for 30 s                  | over                                                    |
"""

from collections.abc import Sequence

from instrument.hands.midi.recognise import Found, Recogniser, TurnBack
from instrument.hands.midi.source import Event, Source

TWICE_S = 0.4
PATIENCE_S = 30.0


class Session:
    """Which control is learned, if any. Under the hand's lock."""

    def __init__(self, macro: Sequence[str]) -> None:
        self._macro = tuple(macro)
        self.path: str | None = None
        """The control that is learned; None while nothing is."""
        self._walks = False
        self._asked_s = float("-inf")
        self._since_s = 0.0
        self._recognisers: dict[str, Recogniser] = {}
        self._done: set[tuple[str, Source]] = set()
        self._told: set[tuple[str, Source]] = set()

    def ask(self, path: str | None, moved: str | None, now_s: float) -> None:
        """Learning is asked for; `moved` is the control that another hand moved last."""
        twice = now_s - self._asked_s <= TWICE_S
        self._asked_s = now_s
        if path is not None:
            self._begin(path, False, now_s)
        elif self.path is None:
            first = self._macro[0] if self._macro else None
            self._begin(moved or first, moved is None, now_s)
        elif twice:
            self.end()
        else:
            self._advance(now_s)

    def _begin(self, path: str | None, walks: bool, now_s: float) -> None:
        if self.path is None:
            self._done.clear()
        self.path, self._walks, self._since_s = path, walks, now_s
        self._recognisers.clear()
        self._told.clear()

    def _advance(self, now_s: float) -> None:
        at = self._macro.index(self.path) + 1 if self._walks and self.path in self._macro else 0
        self._begin(self._macro[at] if at < len(self._macro) else None, True, now_s)

    def end(self) -> None:
        """Nothing is learned any more."""
        self.path = None

    def tired(self, now_s: float) -> bool:
        """End it, if nothing was moved for so long; whether it was ended."""
        if self.path is None or now_s - self._since_s < PATIENCE_S:
            return False
        self.end()
        return True

    def take(self, device: str, event: Event, now_s: float) -> Found | TurnBack | None:
        """Something came from a device. What was learned already in this walk is passed over."""
        if (device, event.source) in self._done:
            return None
        recogniser = self._recognisers.setdefault(device, Recogniser())
        found = recogniser.take(event, now_s)
        if isinstance(found, TurnBack):
            new = (device, found.source) not in self._told
            self._told.add((device, found.source))
            return found if new else None
        return found

    def learned(self, device: str, found: Found, now_s: float) -> None:
        """What was found is in the map: on to the next."""
        self._done.add((device, found.source))
        if self._walks:
            self._advance(now_s)
        else:
            self.end()
