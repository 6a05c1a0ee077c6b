"""The conductor's thread: takes what hands post, in order, moves positions, and publishes what stands.

It waits for nothing but the next gesture or the next thing that is due, reads no file, and touches
neither GL nor pyo.
"""

import contextlib
import math
import queue
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np

from instrument.clock import Clock
from instrument.conductor.herald import Herald
from instrument.conductor.morph import Morph
from instrument.conductor.quantise import Waiting, beats_of, may_wait
from instrument.conductor.recall import Recall
from instrument.conductor.rider import Rider
from instrument.conductor.steady import Steady
from instrument.conductor.tempo import Tempo
from instrument.signals.beat import BeatHeard
from instrument.signals.bus import Bus
from instrument.signals.controls import Bank
from instrument.signals.gesture import FOLLOW_HAND, Gesture, Moves
from instrument.signals.mistake import Mistake
from instrument.signals.niceness import answer_hands
from instrument.signals.notices import Notice
from instrument.signals.routes import (
    NewRoutes,
    ReadyRoutes,
    RouteChange,
    RouteEdit,
    RouteOwner,
)
from instrument.signals.scenes import Scene, Shelf
from instrument.signals.spec import Kind

Together = tuple[Gesture, ...]
Item = Gesture | Together | Moves | Notice | BeatHeard | RouteEdit | NewRoutes | ReadyRoutes
Obey = Callable[[Gesture], None]

HEARTBEAT_S = 0.25
TICK_S = 0.02
"""How often what moves by itself is published."""
STANDING_S = 0.1


class Conductor:
    """Owns the positions of all controls, the routes, the beat, and where the show stands.

    Truth table of a gesture:

    | the control is      | who            | what happens                                          |
    |---------------------|----------------|-------------------------------------------------------|
    | a trigger           | anybody        | passed on as a gesture frame, obeyed, nothing stands  |
    | the same, quantised | not a cue      | waits for its beat, then as above (`Waiting`)         |
    | anything else       | a hand         | position moves, frame published, the hand now holds it|
    | anything else       | the recording  | the same, unless a hand holds or a morph moves it     |
    | ``deck.punch_out``  | anybody        | no hand holds anything any more                       |
    | a key of a route    | a hand         | the mapping is published with it, or a sentence said  |

    A hand that touches what a scene or a cue moves takes it out of the morph (`Morph`). What a recording
    moves comes a little ahead and is dated; it is taken at once, and the frame says from when it counts
    (`signals.positions_due` is how listeners keep the two apart).
    """

    def __init__(
        self,
        bank: Bank,
        positions: np.ndarray,
        bus: Bus,
        clock: Clock,
        routes: RouteOwner | None = None,
        shelf: Shelf | None = None,
        scene: str = "",
    ) -> None:
        """`positions`: float32 (controls,), where the preset puts every control. `routes`: its mapping.

        `shelf` keeps the scenes; `scene` is the name of the one the show begins with.
        """
        self.bank = bank
        self.clock = clock
        self.gestures = 0
        self.morph = Morph(bank)
        self.tempo = Tempo(bank, positions, clock())
        self._positions = positions.astype(np.float32).copy()
        self._held = np.zeros(len(bank), bool)
        self._waiting = Waiting()
        self._steady = Steady(self.tell, clock)
        self._obeyed: dict[str, list[Obey]] = {}
        self._riders: list[Rider] = []
        self._inbox: queue.SimpleQueue[Item | None] = queue.SimpleQueue()
        self._says = Herald(bus, clock, len(bank))
        self._routes = routes
        self._tick_s = self._stand_s = self._ride_s = self._heart_s = -math.inf
        self.recall = Recall(self, shelf, scene)
        for path, obey in self.recall.acts.items():
            self.obey(path, obey)
        self.obey("show.tap", self._tap)
        self.obey("deck.punch_out", self._give_back)
        self._thread = threading.Thread(target=self._run, name="conductor", daemon=True)

    # -- any thread --------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin; the positions and routes of the preset are on the bus when this returns."""
        self.open()
        self._thread.start()

    def stop(self) -> None:
        """Take what is still in the inbox, then end."""
        self._inbox.put(None)
        self._thread.join(timeout=2.0)

    def post(self, gesture: Gesture | Moves) -> None:
        """One act of a hand, or all that a recording moves at once. Any thread; never waits."""
        self._inbox.put(gesture)

    def post_together(self, gestures: Sequence[Gesture]) -> None:
        """Acts that belong together (a bundle): nothing comes between. Any thread; never waits."""
        self._inbox.put(tuple(gestures))

    def change_routes(self, change: RouteChange) -> None:
        """One key of a route, or a whole mapping. Any thread; never waits."""
        self._inbox.put(change)

    def hear_beat(self, heard: BeatHeard) -> None:
        """An external clock speaks; it counts where `show.clock` names it. Any thread; never waits."""
        self._inbox.put(heard)

    def say(self, text: str, grave: bool = False, where: str = "show") -> None:
        """One sentence for the performer. Any thread; never waits."""
        self._inbox.put(Notice(where, text, grave))

    def position(self, path: str) -> float:
        """Where a control stands, 0..1. Any thread."""
        return float(self._positions[self.bank.number[path]])

    def positions(self) -> np.ndarray:
        """Where all controls stand, float32 (controls,), a copy. Any thread."""
        return self._positions.copy()

    def value(self, path: str) -> float:
        """Where a control stands, in its unit. Any thread."""
        return self.bank.spec(path).map(self.position(path))

    # -- before the start --------------------------------------------------------------------------

    def obey(self, path: str, callback: Obey) -> None:
        """Hand every act (trigger) of `path` to `callback`, once it is published. Before `start`.

        It is called in the conductor's thread and must not wait; what it raises is said, no more.
        """
        self._obeyed.setdefault(path, []).append(callback)

    def ride(self, rider: Rider) -> None:
        """Ask `rider` for its turns, and what it adds to the standing frame. Before `start`."""
        self._riders.append(rider)

    # -- conductor thread --------------------------------------------------------------------------

    def open(self) -> None:
        """Publish what the preset says. For who has no thread of it, and calls `take` instead of `post`."""
        self._publish()
        self._publish_routes()
        self._publish_standing(self.clock())

    def take(self, item: Item) -> None:
        """Do what is asked, now. Conductor thread, or the one of a rendering."""
        self._steady.do(partial(self._take, item))

    def go_to_scene(
        self, word: str = "", number: int = 0, seconds: float | None = None
    ) -> Scene | None:
        """Go to a scene by its name or its place; within `show.morph` where no time is given.

        None, and a sentence, where it cannot be. Conductor thread.
        """
        return self.recall.go(word, number, seconds)

    def move(self, numbers: np.ndarray, targets: np.ndarray, seconds: float) -> None:
        """Send controls, intp (n,), on their way to positions, (n,). Conductor thread."""
        now_s = self.clock()
        self._held[numbers] = True
        self.morph.begin(numbers, targets, self._positions, seconds, now_s)
        self._advance(now_s)
        self._stand_s = -math.inf

    def move_to(self, values: Mapping[str, float], seconds: float) -> None:
        """Send controls on their way to values in their units, by path. Conductor thread."""
        numbers = np.array([self.bank.number[path] for path in values], np.intp)
        targets = [self.bank.spec(path).unmap(value) for path, value in values.items()]
        self.move(numbers, np.array(targets, np.float32), seconds)

    def act(self, gesture: Gesture) -> None:
        """An act (trigger), now, whatever `show.quantise` says. Conductor thread."""
        self.gestures += 1
        self._says.act(gesture, self.bank.number[gesture.path])
        for callback in self._obeyed.get(gesture.path, ()):
            try:
                callback(gesture)
            except Exception as error:  # one act that fails must not end the show
                name = type(error).__name__
                self.tell(f"{gesture.path} failed ({name}: {error}); the show goes on", True)
        self._stand_s = self._ride_s = -math.inf

    def put_routes(self, change: RouteChange) -> None:
        """Take a mapping or an edit of it; what does not fit is told, and nothing changes.

        Conductor thread.
        """
        if self._routes is None:
            return
        try:
            self._routes.take(change)
        except Mistake as mistake:
            self.tell(f"{change.who}: {mistake}", where="routes")
            return
        if isinstance(change, RouteEdit):
            self.gestures += 1
            self._publish_routes()
        elif isinstance(change, NewRoutes) and change.due:
            self._publish_routes(change.fade_s, change.due, change.time_s)
        else:
            self._publish_routes(change.fade_s)

    def routes_text(self) -> bytes:
        """The mapping as it stands, as JSON. Conductor thread."""
        return b"[]" if self._routes is None else self._routes.text()[1]

    def tell(self, text: str, grave: bool = False, where: str = "show") -> None:
        """One sentence for the performer, now. Conductor thread."""
        self._says.notice(Notice(where, text, grave))

    def turn(self) -> float:
        """Do what is due; returns the seconds until the next thing may be. Conductor thread."""
        now_s = self.clock()
        if self.tempo.heed(self._positions, now_s):
            self._stand_s = -math.inf
        if self._waiting:
            let_go = not self._every()
            due = self._waiting.let_go() if let_go else self._waiting.due(self.tempo.beat, now_s)
            for gesture in due:
                self.act(gesture)
        self.tell_if(self.tempo.turn(now_s))
        if self._riders and now_s >= self._ride_s:
            self._ride_s = now_s + min(rider.turn(now_s) for rider in self._riders)
        if now_s >= self._tick_s:
            self._advance(now_s)
        if now_s >= self._heart_s + HEARTBEAT_S:
            self._publish()
        moving = self.morph.is_moving
        busy = moving or bool(self._waiting) or any(rider.is_busy for rider in self._riders)
        if now_s >= self._stand_s + (STANDING_S if busy else HEARTBEAT_S):
            self._publish_standing(now_s)
        next_s = min(
            self._tick_s if moving else math.inf,
            self._ride_s if self._riders else math.inf,
            self._stand_s + (STANDING_S if busy else HEARTBEAT_S),
            self._waiting.next_s(self.tempo.beat, now_s),
        )
        return min(max(0.0, next_s - now_s), HEARTBEAT_S)

    def tell_if(self, text: str) -> None:
        """One sentence, unless it is empty. Conductor thread."""
        if text:
            self.tell(text)

    # -- the thread --------------------------------------------------------------------------------

    def _run(self) -> None:
        answer_hands()
        wait_s = 0.0
        while True:
            try:
                item = self._inbox.get(timeout=wait_s)
            except queue.Empty:
                wait_s = self._steady.do(self.turn)
                continue
            if item is None:
                self._publish()
                return
            self.take(item)
            wait_s = self._steady.do(self.turn)

    def _take(self, item: Item) -> None:
        match item:
            case Gesture():
                self._take_gesture(item)
            case tuple():
                self._take_together(item)
            case Moves():
                self._take_moves(item)
            case Notice():
                self._says.notice(item)
            case BeatHeard():
                self.tell_if(self.tempo.hear(item, self.clock()))
            case _:
                self.put_routes(item)

    def _take_together(self, gestures: Together) -> None:
        """All that they move is in one frame."""
        for gesture in gestures:
            with contextlib.suppress(KeyError):
                self._take_gesture(gesture, publish=False)
        self._publish()

    def _take_gesture(self, gesture: Gesture, publish: bool = True) -> None:
        number = self.bank.number[gesture.path]
        if self.bank.specs[number].kind is Kind.TRIGGER:
            every = self._every() if may_wait(gesture.path) else 0.0
            if not every or gesture.who.startswith("cue "):
                self.act(gesture)
                return
            self._waiting.ask(gesture, self.tempo.beat, every, self.clock())
            self._stand_s = -math.inf
            return
        if gesture.who == FOLLOW_HAND:
            if self._held[number] or self.morph.moves(number):
                return
        else:
            self._held[number] = True
            self.morph.leave(number)
        self._positions[number] = min(1.0, max(0.0, gesture.position))
        if publish:
            self._publish(gesture.due, gesture.time_s)
        self.gestures += 1
        self._says.act(gesture, number)

    def _take_moves(self, moves: Moves) -> None:
        """All that a recording moves at once: what a hand holds or a morph moves stays."""
        numbers = np.array(moves.numbers, np.intp)
        free = ~self._held[numbers]
        free &= ~np.array([self.morph.moves(number) for number in moves.numbers], bool)
        positions = np.clip(np.array(moves.positions, np.float32), 0.0, 1.0)
        self._positions[numbers[free]] = positions[free]
        self._publish(moves.due, moves.time_s)
        if moves.then is not None:
            moves.then()

    def _every(self) -> float:
        """How many beats apart acts are let go; 0 where they do not wait."""
        if "show.quantise" not in self.bank:
            return 0.0
        return beats_of(int(self.value("show.quantise")), self.tempo.beat.beats_per_bar)

    def _tap(self, gesture: Gesture) -> None:
        bpm = self.tempo.tap(gesture.time_s)
        if bpm is not None:
            number = self.bank.number["show.bpm"]
            self._held[number] = True
            self.morph.leave(number)
            self._positions[number] = self.bank.specs[number].unmap(bpm)
            self._publish()

    def _give_back(self, gesture: Gesture) -> None:
        """Nothing is held any more: the recording moves all controls again."""
        self._held[:] = False

    def _advance(self, now_s: float) -> None:
        self._tick_s = now_s + TICK_S
        if self.morph.advance(self._positions, now_s):
            self._publish()
            if not self.morph.is_moving:
                self._stand_s = -math.inf

    def _publish_routes(self, fade_s: float = 0.0, due: int = 0, due_s: float = 0.0) -> None:
        if self._routes is not None:
            self._says.routes(self._routes, fade_s, due, due_s)

    def _publish(self, due: int = 0, due_s: float = 0.0) -> None:
        self._heart_s = self._says.positions(self._positions, due, due_s)

    def _publish_standing(self, now_s: float) -> None:
        frame = self._says.standing_frame
        frame.time_s = self._stand_s = now_s
        frame.beat, frame.bpm = self.tempo.beat.at(now_s), self.tempo.beat.bpm
        frame.morph, frame.morph_left_s = self.morph.standing(now_s)
        frame.pending = len(self._waiting)
        self.recall.fill(frame)
        for rider in self._riders:
            rider.fill(frame, now_s)
        self._says.standing()
