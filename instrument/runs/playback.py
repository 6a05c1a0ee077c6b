"""A recorded run as a source: the same frames on the same bus at the pace of its deck, without torch."""

import math
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from instrument.clock import Clock
from instrument.runs.deck import Deck, Stretch
from instrument.runs.deck_hands import DeckHands
from instrument.runs.pace import Date, Pace, first_block, lead_blocks, near_blocks
from instrument.runs.recorded_hands import ChangeRoutes, Post, RecordedHands
from instrument.runs.reel import Reel
from instrument.runs.tape import Recorded
from instrument.signals.bus import Bus
from instrument.signals.controls import Bank
from instrument.signals.frames import (
    ACTIVATIONS,
    CONTROLS,
    DECK,
    FIELD,
    GESTURES,
    METRICS,
    NOTICES,
    REALS,
    ROUTES,
    TILES,
    WALK,
    WEIGHTS,
    DeckFrame,
    GestureFrame,
    MetricFrame,
)
from instrument.signals.niceness import answer_hands
from instrument.signals.notices import Notice, notice_frame
from instrument.signals.sound_place import Place
from instrument.signals.streams import StreamSpec, stream_numbers
from instrument.signals.texts import field_of
from instrument.units import seconds_to_text

SHOWN = (TILES, WEIGHTS, WALK, FIELD, ACTIVATIONS, REALS)
"""What is passed on as it was recorded."""
SHOWN_NAMES = frozenset(topic.name for topic in SHOWN)
DATED = frozenset((METRICS.name, TILES.name, WEIGHTS.name))
"""What the sound hears, and is dated in its blocks."""
PLAYED = (METRICS.name, *SHOWN_NAMES, CONTROLS.name, GESTURES.name, ROUTES.name)
STANDS = tuple(name for name in PLAYED if name != GESTURES.name)
"""What stands where the deck jumps to; acts do not."""
POLL_S = 0.005
WAIT_FOR_SOUND_S = 1.0
"""So long it is waited for where the sound is; without it the run goes by the clock."""
TELL_S = 0.1
MOST_METRICS = 64
"""At more than its own speed, so many metrics at once are as much as anybody can hear."""
CLOCK_PERIOD_S = 1.0 / 1024.0


class Playback:
    """`Source` of kind ``rehearsal``.

    Frames keep their steps; their time becomes the time they are played. Where the sound is known, they
    are said a little ahead and dated in its blocks (`pace`): so a rehearsal sounds block for block as its
    rendering. A control that the recorded hand moved is posted as a gesture of the ``recording``; where
    the controls stood at the beginning is not, for that is the preset's to say. The deck's own controls
    are heard on the bus.
    """

    kind = "rehearsal"

    def __init__(
        self, path: Path, bus: Bus, bank: Bank, post: Post, clock: Clock,
        place: Place | None = None, at_s: float = 0.0, at_step: int | None = None,
    ) -> None:  # fmt: skip
        """`path`: a run file, see `find_run`. Raises `Mistake` if nothing in it can be played.

        `place` says where the sound is; None goes by the clock. It begins at second `at_s` of the run, or
        at a step of its training.
        """
        self.reel = Reel(path)
        self.header = self.reel.header
        self.path = path
        self.published = 0
        self._bus, self._clock, self._place = bus, clock, place
        second = self.reel.second_of_step(at_step) if at_step is not None else at_s
        self.deck = Deck(self.reel.length_s, second or 0.0)
        self.hands = RecordedHands(self.header.controls, bank, post)
        self.hands.begin(*(self._first(topic.name) for topic in (CONTROLS, ROUTES)))
        self._deck_hands = DeckHands(self.deck, bank, self.reel.goal_of_step)
        self._preset = ""
        self._frames: Iterator[Recorded] = self.reel.frames(0.0, PLAYED)
        self._next: Recorded | None = next(self._frames, None)
        self._part: int | None = None
        self._opened_s = self._told_s = -math.inf
        self._last: MetricFrame | None = None
        self._rolled_from: tuple[int, float] = (0, 0.0)
        self._streams = stream_numbers(self.header.streams)
        self._acts: deque[tuple[Date, GestureFrame]] = deque()
        """Acts whose time has not come."""
        self._publishers: dict[str, Any] = {}
        self._frame = DeckFrame(run=field_of(path.stem, 63))
        self._ended = False
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="playback", daemon=True)

    def _first(self, topic: str) -> Any | None:
        found = next(self.reel.frames(0.0, (topic,)), None)
        return None if found is None else found.frame

    # -- any thread ---------------------------------------------------------------------------------

    @property
    def streams(self) -> Sequence[StreamSpec]:
        """What the numbers of its metric frames are."""
        return self.header.streams

    @property
    def description(self) -> dict[str, Any]:
        """What a run file made of this rehearsal says of its source."""
        return {**self.header.source, "rehearsed": self.path.name, "recorded": self.header.date}

    @property
    def ended(self) -> bool:
        """Whether the run is over. Any thread."""
        return self._ended

    @property
    def position_s(self) -> float:
        """The second of the run at which it stands. Any thread."""
        return self.deck.standing_s

    @property
    def play_asked_s(self) -> float:
        """When a hand asked to roll or to hold, the last that was heard; what was asked before is done.

        Seconds of the show's clock; -inf before the first. Any thread.
        """
        return self._deck_hands.play_asked_s

    def follow_mapping(self, preset: str, change_routes: ChangeRoutes) -> None:
        """Tonight plays a preset of this name: where the run was played with it, its mapping is followed.

        Else the mapping is left as it is, and that is said once. Before `open`.
        """
        self._preset = preset
        if preset == self.header.preset:
            self.hands.follow_mapping(change_routes)

    def start(self) -> None:
        """Begin in a thread of its own."""
        self.open()
        self._thread.start()

    def stop(self) -> None:
        """End, let go of the file; returns when the thread has ended."""
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join(timeout=2.0)
        if not self._thread.is_alive():
            self.reel.close()

    def open(self) -> None:
        """Join the bus; the clock's present second is the run's first, where no sound says otherwise."""
        topics = (METRICS, *SHOWN, GESTURES, NOTICES, DECK)
        self._publishers = {topic.name: self._bus.publisher(topic) for topic in topics}
        self._deck_hands.open(self._bus)
        self._opened_s = self._clock()
        if self.reel.cut_short:
            self._say(f"{self.path.name} is cut short: what is there is played")
        unheard = [topic.name for topic in SHOWN if not self.reel.holds(topic.name)]
        if unheard:
            self._say(
                f"{self.path.name} holds no {', '.join(unheard)}; a look made of them shows nothing"
            )
        self._tell(self._opened_s)

    # -- playback thread ----------------------------------------------------------------------------

    def _run(self) -> None:
        answer_hands()
        try:
            while not self.advance():
                if self._ending.wait(POLL_S):
                    break
        except Exception as error:  # a run that breaks ends; the show goes on
            self._say(f"{self.path.name} cannot be played on ({type(error).__name__})", grave=True)
        self._ended = True
        self._deck_hands.close()
        for publisher in self._publishers.values():
            publisher.close()

    def advance(self) -> bool:
        """Play all that is due by now; True at the end of the run. Playback thread."""
        now_s = self._clock()
        block, lead = self._reach(now_s)
        stood = self.deck.stands_at_end
        asked = self._deck_hands.listen()
        if self._part is None:  # where the controls stand was to be heard first
            block, lead = self._reach(now_s)
        if self._part is None:
            return False
        self._heed_hands()
        if asked and self.deck.stands_at_end and not stood:
            ends = seconds_to_text(self.deck.length_s)
            self._say(
                f"{self.path.stem} ends at {ends}: the deck stands there; seek an earlier time"
            )
        turned, rolled = False, self.deck.rolls
        for stretch in self.deck.roll(math.floor(block) + lead):
            turned |= stretch.jumped
            self._play_stretch(stretch, block, now_s)
        self._act(now_s)
        ended = self.deck.ended and not self._ended and block >= self.deck.end_block
        turned |= rolled != self.deck.rolls
        if asked or turned or (self.deck.rolls and now_s >= self._told_s + TELL_S):
            self._tell(now_s)
        if ended:
            self._ended = True
            self._say_damage()
        return self._ended

    def _reach(self, now_s: float) -> tuple[float, int]:
        """The block where the sound is, and how far ahead of it frames are said; by the clock, none."""
        place = self._place
        block = None if place is None else place.block(now_s)
        if place is None or block is None:
            now = (now_s - self._opened_s) / CLOCK_PERIOD_S
            if place is None and self._part is None:
                self._count(-1, 0, CLOCK_PERIOD_S)
            elif self._part is not None or now_s >= self._opened_s + WAIT_FOR_SOUND_S:
                self._count(-1, math.floor(now), CLOCK_PERIOD_S)
            return now, 0
        lead, near, period_s = (
            lead_blocks(place.period_s),
            near_blocks(place.period_s),
            place.period_s,
        )
        if self._part is None:
            if self._deck_hands.heard or now_s >= self._opened_s + WAIT_FOR_SOUND_S:
                self._count(place.part, first_block(block, period_s), period_s)
        else:
            self._count(place.part, math.floor(block) + near, period_s)
            self.deck.reached(math.floor(block) + near)
        return block, lead

    def _count(self, part: int, block: int, period_s: float) -> None:
        """Count by this sound process (-1: the clock) from now on; the deck goes on at `block`."""
        if part == self._part:
            return
        again, self._part, at_s = self._part is not None, part, self.deck.standing_s
        self.deck.begin(block, period_s)
        if again:  # what was said ahead was dated by the blocks of another
            self.deck.seek(at_s)

    def _heed_hands(self) -> None:
        hands, asked = self.hands, self._deck_hands
        back = asked.given_back or (hands.muted and not asked.muted)
        hands.muted, asked.given_back = asked.muted, False
        if back:
            self.deck.again()

    def _play_stretch(self, stretch: Stretch, block: float, now_s: float) -> None:
        if stretch.jumped:
            date = Date(0, now_s)
            if stretch.at_once:
                self._acts = deque(act for act in self._acts if act[0].due <= stretch.pace.began)
            else:
                date = self._date(stretch.pace, stretch.pace.began, block, now_s)
            self._jump(stretch.pace.from_s, date)
        held: tuple[Recorded, Date] | None = None
        metrics, most = 0, math.inf if stretch.pace.speed <= 1.0 else MOST_METRICS
        while (recorded := self._next) is not None and recorded.at_s < stretch.until_s:
            due = stretch.pace.due(recorded.at_s)
            if due > stretch.until:
                break
            date = self._date(stretch.pace, due, block, now_s)
            metrics += recorded.topic == METRICS.name
            if recorded.topic == METRICS.name and metrics > most:
                held = recorded, date
            else:
                self._play(recorded, date)
            self._next = next(self._frames, None)
        if held is not None:
            self._play(*held)

    def _date(self, pace: Pace, due: int, block: float, now_s: float) -> Date:
        if self._part is None or self._part < 0:
            return Date(0, now_s)
        return Date(due, now_s + (due - block) * pace.period_s)

    def _act(self, now_s: float) -> None:
        """Acts are passed on when it is time: nobody can take one back."""
        while self._acts and self._acts[0][0].time_s <= now_s:
            self.hands.act(self._acts.popleft()[1], self._publishers[GESTURES.name])

    def _jump(self, second: float, date: Date) -> None:
        """Everything that stands there, at once; what lies between is passed over."""
        standing = self.reel.standing(second, STANDS)
        self._rolled_from = (0, 0.0)
        self._say_standing(standing, date)
        self.hands.stand(standing, date)
        self._frames = self.reel.frames(second, PLAYED, behind=True)
        self._next = next(self._frames, None)

    def _say_standing(self, standing: dict[str, Any], date: Date) -> None:
        for name, frame in standing.items():
            if name == METRICS.name or name in SHOWN_NAMES:
                self._play(Recorded(self.deck.position_s, name, frame), date)

    def _play(self, recorded: Recorded, date: Date) -> None:
        frame, name = recorded.frame, recorded.topic
        frame.time_s = date.time_s
        if name in DATED:
            frame.due = date.due
        if name == METRICS.name:
            self._play_metrics(frame, recorded.at_s)
        elif name in SHOWN_NAMES:
            self._publishers[name].send(frame)
        elif name == CONTROLS.name:
            self.hands.move(frame, date)
        elif name == GESTURES.name:
            self._acts.append((date, frame))
        elif name == ROUTES.name:
            self._play_routes(frame, date)

    def _play_metrics(self, frame: MetricFrame, at_s: float) -> None:
        frame.count = min(frame.count, len(self.header.streams))
        if self._rolled_from == (0, 0.0):
            self._rolled_from = int(frame.step), at_s
        self._last = frame
        self._publishers[METRICS.name].send(frame)
        self.published += 1

    def _play_routes(self, frame: Any, date: Date) -> None:
        before = self.hands.unfollowed
        self.hands.map(frame, date)
        if self.hands.unfollowed and not before:
            self._say(
                f"{self.path.name} was played with the preset {self.header.preset}; the mapping "
                f"stays that of {self._preset or 'tonight'}"
            )

    # -- what is told -------------------------------------------------------------------------------

    def _tell(self, now_s: float) -> None:
        """Where the deck stands."""
        frame, deck, hands = self._frame, self.deck, self._deck_hands
        frame.time_s = self._told_s = now_s
        frame.position_s, frame.length_s = deck.standing_s, deck.length_s
        frame.loop_in_s, frame.loop_out_s = deck.mark_in_s, deck.mark_out_s
        frame.step = 0 if self._last is None else self._last.step
        frame.began_block = max(0, deck.began_block) if (self._part or 0) >= 0 else 0
        frame.speed = deck.speed if deck.rolls else 0.0
        frame.punched, frame.looping = len(hands.punched), deck.looping
        frame.hands_muted = hands.muted
        self._publishers[DECK.name].send(frame)

    def _say_damage(self) -> None:
        if self.reel.damaged:
            self._say(f"{self.path.name}: {self.reel.passed_over}")
        if self.reel.broke_off:
            at = seconds_to_text(self.deck.length_s)
            self._say(f"{self.path.name} is damaged at {at}: what follows cannot be played")

    def _say(self, text: str, grave: bool = False) -> None:
        notice = Notice("rehearsal", text, grave)
        self._publishers[NOTICES.name].send(notice_frame(notice, self._clock()))

    def report(self) -> dict[str, Any]:
        """What was played. Any thread."""
        last = self._last
        steps = int(last.step) if last is not None else 0
        first, from_s = self._rolled_from
        rolled_s = self.deck.position_s - from_s
        return {
            "device": "recorded",
            "net": self.header.source.get("net", "unknown"),
            "steps": steps,
            "steps_per_s": round((steps - first) / rolled_s, 2) if rolled_s > 0.0 else 0.0,
            "state": self._state(last),
        }

    def _state(self, last: MetricFrame | None) -> str:
        number = self._streams.get("state")
        if last is None or number is None or number >= last.count:
            return "unknown"
        choices = self.header.streams[number].choices
        value = last.streams[number]
        return choices[int(value)] if 0 <= value < len(choices) else "unknown"
