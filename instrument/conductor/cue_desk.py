"""`CueDesk`: the cue list as it rides with the conductor: hands ask, streams are heard, cues are done."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from instrument.conductor.cue_run import CueRun, Turn
from instrument.signals.bus import Bus
from instrument.signals.controls import Bank
from instrument.signals.cue import Cue
from instrument.signals.due import dated
from instrument.signals.frames import METRICS, MetricFrame, StandingFrame
from instrument.signals.gesture import Gesture
from instrument.signals.scenes import Scene
from instrument.signals.streams import StreamSpec, stream_numbers
from instrument.signals.texts import field_of

POLL_S = 0.05
"""How often a condition is asked."""
IDLE_S = 0.25


class Desk(Protocol):
    """What the conductor gives for it."""

    bank: Bank
    clock: Callable[[], float]

    def value(self, path: str) -> float: ...
    def obey(self, path: str, callback: Callable[[Gesture], None]) -> None: ...
    def go_to_scene(
        self, word: str = "", number: int = 0, seconds: float | None = None
    ) -> Scene | None: ...
    def move_to(self, values: Mapping[str, float], seconds: float) -> None: ...
    def act(self, gesture: Gesture) -> None: ...
    def tell(self, text: str, grave: bool = False, where: str = "show") -> None: ...


class CueDesk:
    """A `Rider` of the conductor. Conductor thread, but for `raise_curtain`."""

    def __init__(
        self, desk: Desk, cues: Sequence[Cue], streams: Sequence[StreamSpec], bus: Bus
    ) -> None:
        """`streams` are those of the source of metric frames, in their order."""
        self.run = CueRun(cues)
        self._desk = desk
        self._place = stream_numbers(streams)
        self._metrics = dated(bus, METRICS)
        self._metric = MetricFrame()
        self._curtain_s: float | None = None
        for path, obey in (
            ("show.go", self._go),
            ("show.back", self._back),
            ("show.goto", self._goto),
        ):
            desk.obey(path, obey)

    def raise_curtain(self) -> None:
        """The show begins: the times of the first cue count from now. Any thread."""
        if self._curtain_s is None:
            self._curtain_s = self._desk.clock()

    @property
    def is_busy(self) -> bool:
        """Whether the next cue comes closer by itself."""
        return self._curtain_s is not None and self.run.is_watching

    def turn(self, now_s: float) -> float:
        """Let the next cue go where it is due; seconds until it wants to be asked again."""
        if self._curtain_s is None:
            return IDLE_S if self.run.is_watching else math.inf
        self.run.begin(self._curtain_s)
        if not self.run.is_watching:
            return math.inf
        self._metrics.latest(now_s, self._metric)
        self._take(self.run.advance(now_s, self._value_of, self._is_auto), now_s)
        return POLL_S

    def fill(self, frame: StandingFrame, now_s: float) -> None:
        """The cues' part of the standing frame."""
        stands = self.run.standing(now_s, self._is_auto)
        frame.cue, frame.next_cue, frame.cue_count = stands.cue, stands.next_cue, stands.cue_count
        frame.cue_s = stands.cue_s
        frame.cue_name, frame.next_name = (
            field_of(stands.cue_name, 63),
            field_of(stands.next_name, 63),
        )
        frame.next_note, frame.waits = field_of(stands.next_note, 159), field_of(stands.waits, 95)

    @property
    def _is_auto(self) -> bool:
        return self._desk.value("show.auto") >= 0.5

    def _value_of(self, name: str) -> float:
        place = self._place.get(name, -1)
        there = 0 <= place < self._metric.count
        return float(self._metric.streams[place]) if there else math.nan

    def _go(self, gesture: Gesture) -> None:
        now_s = self._desk.clock()
        self._take(self.run.go(now_s, self._desk.value("show.go_guard")), now_s)

    def _back(self, gesture: Gesture) -> None:
        now_s = self._desk.clock()
        self._take(self.run.back(now_s), now_s)

    def _goto(self, gesture: Gesture) -> None:
        now_s = self._desk.clock()
        number = round(self._desk.bank.spec(gesture.path).map(gesture.position))
        self._take(self.run.goto(gesture.word or number, now_s), now_s)

    def _take(self, turn: Turn, now_s: float) -> None:
        """Say what came of asking, and do the cue that goes."""
        if turn.said:
            self._desk.tell(turn.said, where="cue")
        cue = turn.cue
        if cue is None:
            return
        if cue.scene:
            self._desk.go_to_scene(cue.scene, seconds=cue.over_s)
        if cue.values:
            self._desk.move_to(cue.values, cue.over_s or 0.0)
        for path, value in cue.acts:
            position = self._desk.bank.spec(path).unmap(value)
            self._desk.act(Gesture(path, position, f"cue {cue.name}", now_s))
