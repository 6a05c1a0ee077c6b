"""The conductor: the one owner of the state of the show.

Many threads post gestures; this thread takes them in order, moves positions, and publishes what
stands. It waits for nothing but the next gesture, and touches neither GL nor pyo.
"""

import contextlib
import queue
import threading
from collections import deque

import numpy as np

from instrument.clock import Clock
from instrument.signals.bus import Bus, Publisher
from instrument.signals.controls import Bank
from instrument.signals.frames import (
    CONTROLS,
    GESTURES,
    NOTICES,
    ROUTES,
    ControlFrame,
    GestureFrame,
)
from instrument.signals.gesture import Gesture
from instrument.signals.mistake import Mistake
from instrument.signals.niceness import answer_hands
from instrument.signals.notices import Notice, notice_frame
from instrument.signals.routes import NewRoutes, RouteChange, RouteEdit, RouteOwner, routes_frame
from instrument.signals.spec import Kind

Item = Gesture | Notice | RouteEdit | NewRoutes

HEARTBEAT_S = 0.25
FOLLOW_HAND = "recording"


class Conductor:
    """Owns the positions of all controls, and the routes.

    Truth table of a gesture:

    | the control is      | who            | what happens                                          |
    |---------------------|----------------|-------------------------------------------------------|
    | a trigger           | anybody        | passed on as a gesture frame, nothing stands          |
    | anything else       | a hand         | position moves, frame published, the hand now holds it|
    | anything else       | the recording  | the same, unless a hand holds the control             |
    | a key of a route    | a hand         | the mapping is published with it, or a sentence said  |
    """

    def __init__(
        self,
        bank: Bank,
        positions: np.ndarray,
        bus: Bus,
        clock: Clock,
        routes: RouteOwner | None = None,
    ) -> None:
        """`positions`: float32 (controls,), where the preset puts every control. `routes`: its mapping."""
        self.bank = bank
        self.clock = clock
        self.gestures = 0
        self.last: deque[Gesture] = deque(maxlen=8)
        self.notices: deque[Notice] = deque(maxlen=32)
        self._positions = positions.astype(np.float32).copy()
        self._held = np.zeros(len(bank), bool)
        self._inbox: queue.SimpleQueue[Item | None] = queue.SimpleQueue()
        self._bus = bus
        self._controls: Publisher[ControlFrame] = bus.publisher(CONTROLS)
        self._acts: Publisher[GestureFrame] = bus.publisher(GESTURES)
        self._news = bus.publisher(NOTICES)
        self._routes = routes
        self._mapping = bus.publisher(ROUTES)
        self._frame = ControlFrame(count=len(bank))
        self._thread = threading.Thread(target=self._run, name="conductor", daemon=True)

    def start(self) -> None:
        """Begin; the positions and routes of the preset are on the bus when this returns."""
        self._publish()
        self._publish_routes()
        self._thread.start()

    def stop(self) -> None:
        """Take what is still in the inbox, then end."""
        self._inbox.put(None)
        self._thread.join(timeout=2.0)

    def post(self, gesture: Gesture) -> None:
        """One act of a hand. Any thread; never waits."""
        self._inbox.put(gesture)

    def change_routes(self, change: RouteChange) -> None:
        """One key of a route, or a whole mapping. Any thread; never waits."""
        self._inbox.put(change)

    def say(self, text: str, grave: bool = False, where: str = "show") -> None:
        """One sentence for the performer. Any thread; never waits."""
        self._inbox.put(Notice(where, text, grave))

    def position(self, path: str) -> float:
        """Where a control stands, 0..1. Any thread."""
        return float(self._positions[self.bank.number[path]])

    def value(self, path: str) -> float:
        """Where a control stands, in its unit. Any thread."""
        return self.bank.spec(path).map(self.position(path))

    def _run(self) -> None:
        answer_hands()
        while True:
            item: Item | None = None
            try:
                item = self._inbox.get(timeout=HEARTBEAT_S)
            except queue.Empty:
                self._publish()
                continue
            if item is None:
                self._publish()
                return
            with contextlib.suppress(KeyError):
                self._take(item)

    def _take(self, item: Item) -> None:
        if isinstance(item, Notice):
            self._news.send(notice_frame(item, self.clock()))
            return
        if isinstance(item, RouteEdit | NewRoutes):
            self._take_routes(item)
            return
        number = self.bank.number[item.path]
        spec = self.bank.specs[number]
        if spec.kind is not Kind.TRIGGER:
            if item.who == FOLLOW_HAND:
                if self._held[number]:
                    return
            else:
                self._held[number] = True
            self._positions[number] = min(1.0, max(0.0, item.position))
            self._publish()
        self.gestures += 1
        self.last.append(item)
        self._acts.send(
            GestureFrame(
                time_s=item.time_s,
                step=-1,
                control=number,
                position=item.position,
                who=item.who.encode("utf-8", "replace")[:47],
            )
        )

    def _take_routes(self, change: RouteChange) -> None:
        """What does not fit the mapping as it stands by now is told, and nothing changes."""
        if self._routes is None:
            return
        try:
            self._routes.take(change)
        except Mistake as mistake:
            self._news.send(
                notice_frame(Notice("routes", f"{change.who}: {mistake}"), self.clock())
            )
            return
        self.gestures += isinstance(change, RouteEdit)
        self._publish_routes()

    def _publish_routes(self) -> None:
        if self._routes is not None:
            self._mapping.send(routes_frame(*self._routes.text(), self.clock()))

    def _publish(self) -> None:
        self._frame.time_s = self.clock()
        self._frame.positions[: len(self.bank)] = self._positions.tolist()
        self._controls.send(self._frame)
        for publisher in (self._acts, self._news, self._mapping):
            publisher.meet()
