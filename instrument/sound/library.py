"""The library: the recordings of a show by name, loaded when they are first wanted.

While the show plays a thread of its own decodes them, matches their levels and lays them out for the
graph; the render thread asks, and goes on with what it has until the answer is there.

When that is depends on the machine. Where a recorded run is to sound block for block as it is rendered, a
choice rests longer and is then followed at once (`prompt`): what can be chosen has been read by then.
"""

import contextlib
import queue
import threading
import weakref
from collections import OrderedDict, deque
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from instrument.signals.mistake import Mistake
from instrument.sound.memory import clear_stale, sweep
from instrument.sound.recording import Recording
from instrument.sound.recordings import load

KEPT_S = 240.0
"""So many seconds of recordings that nobody plays stay loaded, the last used ones."""
SWEEP_S = 0.5
REST_S = 0.12
"""A choice must stand so long before its recording is asked for: an encoder passes over many."""
PROMPT_REST_S = 0.6
"""The same where it has to be there then: seven of them are laid out in less."""
FETCHED_S = 600.0
"""So many seconds of recordings are read before they are chosen, where they have to be prompt: 230 MB."""
WAIT_S = 0.4
"""What has to be prompt is waited for so long at the most; a sound process that is away for longer is
taken for one that hangs."""
MOST_ANSWERS = 16

Stamp = tuple[int, int] | None
"""Size and time of a file; None when it is not there."""


@dataclass(frozen=True)
class _Order:
    name: str
    kinds: frozenset[str]


class Library:
    """Recordings by name. `get` waits, `ask` does not, but for those of which it is said:

    |                    | a choice rests  | what is asked for then                                 |
    |--------------------|-----------------|--------------------------------------------------------|
    | live               | `REST_S`        | is loaded beside the sound, and comes when it is there |
    | `prompt`           | `PROMPT_REST_S` | was read beforehand; waited for `WAIT_S` at the most   |
    | `patient`          | `REST_S`        | is loaded here and now (nobody listens)                |
    | both: a rendering  | `PROMPT_REST_S` | is loaded here and now                                 |
    """

    def __init__(
        self,
        paths: Mapping[str, Path],
        sample_rate: int,
        say: Callable[[str], None] = lambda sentence: None,
        *,
        patient: bool = False,
        prompt: bool = False,
    ) -> None:
        """`paths` of all recordings there are. `say` takes a sentence for the performer when one
        cannot be loaded while the show plays."""
        self.rest_s = PROMPT_REST_S if prompt else REST_S
        """How long a choice must stand before its recording is asked for."""
        self.late = 0
        """Recordings that were to be prompt and were not there in time."""
        self._prompt = prompt and not patient
        self._to_fetch: deque[str] = deque()
        self._paths = paths
        self._sample_rate = sample_rate
        self._say = say
        self._patient = patient
        self._alive: weakref.WeakValueDictionary[str, Recording] = weakref.WeakValueDictionary()
        self._kept: OrderedDict[str, Recording] = OrderedDict()
        self._stamps: dict[str, Stamp] = {}
        self._failed: set[str] = set()
        self._given_up: set[str] = set()
        self._answers: dict[_Order, Recording] = {}
        self._waiting: set[_Order] = set()
        self._orders: queue.SimpleQueue[_Order | None] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[tuple[_Order, Recording | str, str]] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        clear_stale()

    @property
    def names(self) -> tuple[str, ...]:
        """All recordings there are, in the order in which a control chooses them."""
        return tuple(self._paths)

    def get(self, name: str) -> Recording:
        """The recording of that name; loads it here and now. Raises `Mistake`."""
        recording, _ = self._bring(_Order(name, frozenset()))
        return recording

    def ask(self, name: str, kinds: Collection[str] = ()) -> Recording | None:
        """The recording, laid out as these kinds of tables, if it is here; else None, and it is on
        its way. One that fails is said once, and stays None until `afresh`. Render thread."""
        order = _Order(name, frozenset(kinds))
        if name in self._failed:
            return None
        if self._patient:
            self._take(order, *self._answer(order))
        else:
            self._order(order)
        while not self._done.empty():
            self._take(*self._done.get())
        if self._prompt:
            self._wait(order)
        return self._answers.pop(order, None)

    def expect(self, name: str, kinds: Collection[str]) -> None:
        """Somebody chose this recording, and it will be asked for when it has rested. Render thread."""
        if self._prompt and name not in self._failed:
            self._order(_Order(name, frozenset(kinds)))

    def fetch(self) -> None:
        """Read what there is beside the sound, where it has to be prompt. Render thread."""
        if self._prompt:
            self._to_fetch.extend(self._paths)
            self._begin()

    def _order(self, order: _Order) -> None:
        if order not in self._waiting and order not in self._answers:
            self._waiting.add(order)
            self._begin()
            self._orders.put(order)

    def _wait(self, order: _Order) -> None:
        """Until what has rested is there, but not for ever."""
        if order.name in self._given_up:
            return
        until_s = monotonic() + WAIT_S
        while order not in self._answers and order.name not in self._failed:
            try:
                self._take(*self._done.get(timeout=max(0.0, until_s - monotonic())))
            except queue.Empty:
                self.late += 1
                self._given_up.add(order.name)
                self._say(f"'{order.name}' came late; from here on it is not as it is rendered")
                return

    def afresh(self, name: str) -> None:
        """Somebody chose this recording anew: a failure of before is forgotten. Render thread."""
        self._failed.discard(name)
        self._given_up.discard(name)

    def close(self) -> None:
        """End the loading thread."""
        if self._thread is not None:
            self._orders.put(None)
            self._thread.join()
            self._thread = None

    def _take(self, order: _Order, answer: Recording | str, news: str) -> None:
        self._waiting.discard(order)
        if isinstance(answer, str):
            self._failed.add(order.name)
            news = answer
        else:
            # What was asked for and not wanted any more gives way.
            most = MOST_ANSWERS if self._prompt else 1
            while len(self._answers) >= most:
                del self._answers[next(iter(self._answers))]
            self._answers[order] = answer
        if news:
            self._say(news)

    def _begin(self) -> None:
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._work, name="library", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        """The loading thread: one order after another; gives memory back in between."""
        while True:
            try:
                order = self._orders.get(timeout=0.0 if self._to_fetch else SWEEP_S)
            except queue.Empty:
                self._fetch_one()
                sweep()
                continue
            if order is None:
                return
            self._done.put((order, *self._answer(order)))
            sweep()

    def _fetch_one(self) -> None:
        """The next of those that somebody may choose, as long as there is room. Loading thread."""
        if self._to_fetch:
            name = self._to_fetch.popleft()
            # What cannot be read is said when it is chosen.
            with contextlib.suppress(Mistake, MemoryError):
                self._bring(_Order(name, frozenset()))
            if sum(one.seconds for one in self._kept.values()) >= FETCHED_S:
                self._to_fetch.clear()

    def _answer(self, order: _Order) -> tuple[Recording | str, str]:
        """The recording, or why there is none; and what is to be said about it."""
        try:
            recording, news = self._bring(order)
            recording.lay_out(sorted(order.kinds))
        except Mistake as mistake:
            return f"{mistake}; the old recording plays on", ""
        except MemoryError:
            return f"there is not enough memory for '{order.name}'; the old recording plays on", ""
        return recording, news

    def _bring(self, order: _Order) -> tuple[Recording, str]:
        """From memory, or from its file when that has changed. Raises `Mistake`."""
        name = order.name
        if name not in self._paths:
            raise Mistake(f"no recording is called '{name}' (there are: {', '.join(self._paths)})")
        path = self._paths[name]
        stamp, news = _stamp(path), ""
        recording = self._alive.get(name)
        if recording is not None and stamp != self._stamps.get(name):
            if stamp is None:
                news = f"{path} has vanished; what was loaded of it is played"
            else:
                recording, news = None, f"{path} has changed; the new one is played"
            self._stamps[name] = stamp
        if recording is None:
            recording = load(path, self._sample_rate)
            self._stamps[name] = stamp
        self._keep(name, recording)
        return recording, news

    def _keep(self, name: str, recording: Recording) -> None:
        """The last used ones stay, beside those that are played anyway."""
        self._alive[name] = recording
        self._kept[name] = recording
        self._kept.move_to_end(name)
        most_s = FETCHED_S if self._prompt else KEPT_S
        while len(self._kept) > 1 and sum(one.seconds for one in self._kept.values()) > most_s:
            self._kept.popitem(last=False)


def _stamp(path: Path) -> Stamp:
    try:
        state = path.stat()
    except OSError:
        return None
    return state.st_size, state.st_mtime_ns
