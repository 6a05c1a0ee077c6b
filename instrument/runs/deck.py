"""`Deck`: where a recorded run stands and how it rolls. Pure: the time is handed in, in blocks of sound."""

import math
from dataclasses import dataclass

from instrument.runs.pace import Pace

SHORTEST_LOOP_S = 0.1
LEAVE, HOLD, LOOP = "leave", "hold", "loop"
NO_MARK = -1.0
MOST_TURNS = 3
"""Held up for longer than so many loops take, it goes on from the beginning of the loop."""


@dataclass(frozen=True)
class Stretch:
    """A part of the run that is to be played now, at a pace.

    Frames from where the deck stood up to (not with) second `until_s` are played, those that are due
    by block `until`. `jumped`: the deck stood elsewhere before, and begins anew at ``pace.from_s``; what
    stands there counts when the pace begins, or `at_once` where a hand asked for it.
    """

    pace: Pace
    until: int
    until_s: float
    jumped: bool
    at_once: bool = False


class Deck:
    """Position, speed, loop and end of one run of `length_s` seconds. One thread.

    | what is asked            | where it stands        | what happens                               |
    |--------------------------|------------------------|--------------------------------------------|
    | play off                 | anywhere               | it holds; play goes on from there          |
    | seek, skip               | anywhere, held or not  | it jumps there, within the run             |
    | the same, at_end leave   | to the end or behind   | it stands at the end, and does not leave   |
    | loop on, two marks       | behind the second mark | it jumps to the first mark                 |
    | loop on, two marks       | before the second mark | it rolls, and there goes back to the first |
    | loop on, no marks or one | anywhere               | the other end is that of the run           |
    | marks in the wrong order |                        | are taken the other way round              |
    | nothing, at_end leave    | at the end             | it has ended                               |
    | nothing, at_end hold     | at the end             | it stands there; a seek rolls on           |
    | nothing, at_end loop     | at the end             | it begins again                            |

    It is rolled ahead of the sound. What a hand changes counts from the block that was `reached`: what was
    rolled beyond is taken back, and the deck jumps to where it stands there. Where nothing was said to be
    reached, it counts from the block on to which the deck was rolled last.
    """

    def __init__(self, length_s: float, at_s: float = 0.0) -> None:
        """`at_s`: the second at which it begins."""
        self.length_s = length_s
        self.playing = True
        self.speed = 1.0
        self.looping = False
        self.mark_in_s = self.mark_out_s = NO_MARK
        self.at_end = LEAVE
        self.ended = False
        self.end_block = 0
        """Where it has ended: the block at which its last second counts."""
        self._position_s = self._within(at_s)
        self._jumped, self._at_once = self._position_s > 0.0, False
        self._stands_at_end = False
        self._period_s = 1.0
        self._block = 0
        self._reached: int | None = None
        self._pace = Pace(0, self._position_s, self.speed, self._period_s)
        self._paces: list[Pace] = []
        """Those before, as far as the sound has not come beyond them."""

    # -- where it stands ----------------------------------------------------------------------------

    @property
    def position_s(self) -> float:
        """The second up to which the run was played."""
        return self._position_s

    @property
    def standing_s(self) -> float:
        """The second at which it stands at the block that was reached."""
        if self._reached is None or not self.rolls:
            return self._position_s
        return min(self._position_s_at(self._reached), self.length_s)

    @property
    def rolls(self) -> bool:
        """Whether it moves."""
        return self.playing and not self._stands_at_end and not self.ended

    @property
    def began_block(self) -> int:
        """The block at which the present stretch began."""
        return self._pace.began

    @property
    def loop(self) -> tuple[float, float]:
        """Where the loop begins and ends, whether it is on or not; seconds."""
        begin = self.mark_in_s if self.mark_in_s >= 0.0 else 0.0
        end = self.mark_out_s if self.mark_out_s >= 0.0 else self.length_s
        begin, end = min(begin, end), max(begin, end)
        end = min(self.length_s, max(end, begin + SHORTEST_LOOP_S))
        return max(0.0, min(begin, end - SHORTEST_LOOP_S)), end

    @property
    def stands_at_end(self) -> bool:
        """Whether it stands at the end until it is sought elsewhere."""
        return self._stands_at_end

    # -- what is asked ------------------------------------------------------------------------------

    def begin(self, block: int, period_s: float) -> None:
        """Count in blocks of `period_s` seconds; it rolls on, where it stands, from `block` on.

        An end that was to come is there at that block: the one it was counted for never comes.
        """
        self._block, self._period_s, self._reached = 0, period_s, None
        self.end_block = min(self.end_block, block)
        self._paces.clear()
        self._pace = Pace(block, self._position_s, self.speed, period_s)

    def reached(self, block: int) -> None:
        """What is changed from now on counts from `block` on."""
        self._reached = block
        while self._paces and [*self._paces, self._pace][1].began <= block:
            self._paces.pop(0)

    def again(self) -> None:
        """Say anew what stands where the deck is."""
        stood = self._stands_at_end
        self.seek(self.standing_s)
        self._stands_at_end &= stood

    def seek(self, second: float) -> None:
        """Go to a second of the run. One behind its end does not end a show that leaves there."""
        self._take_back()
        self._position_s = self._within(second)
        self._jumped = self._at_once = True
        leaves = self.at_end == LEAVE and not self.looping
        self._stands_at_end = leaves and self._position_s >= self.length_s
        self._anchor()

    def skip(self, seconds: float) -> None:
        """Go so many seconds on, or back."""
        self.seek(self.standing_s + seconds)

    def play(self, on: bool) -> None:
        """Roll, or hold."""
        if on != self.playing:
            self._take_back()
            self.playing = on
            self._anchor()

    def roll_at(self, speed: float) -> None:
        """Change the speed, in seconds of the run per second."""
        if speed != self.speed:
            self._take_back()
            self.speed = speed
            self._anchor()

    def loop_on(self, on: bool) -> None:
        """Whether it rolls round the loop."""
        if on != self.looping:
            self._take_back()
        self.looping = on
        self._stands_at_end = self._stands_at_end and not on

    def end_so(self, at_end: str) -> None:
        """What happens at the end: ``leave``, ``hold`` or ``loop``."""
        if at_end != self.at_end:
            self._take_back()
        self.at_end = at_end
        self._stands_at_end = self._stands_at_end and at_end == HOLD

    def mark_in(self, second: float | None = None) -> None:
        """The loop begins at a second; None is here."""
        self._mind_loop()
        self.mark_in_s = self._within(self.standing_s if second is None else second)

    def mark_out(self, second: float | None = None) -> None:
        """The loop ends at a second; None is here."""
        self._mind_loop()
        self.mark_out_s = self._within(self.standing_s if second is None else second)

    def no_marks(self) -> None:
        """Take both marks away."""
        self._mind_loop()
        self.mark_in_s = self.mark_out_s = NO_MARK

    # -- rolling ------------------------------------------------------------------------------------

    def roll(self, block: int) -> list[Stretch]:
        """Roll on to a block: what is to be played, in order. A block that has been is passed over."""
        before, self._block = self._block, max(self._block, block)
        if not self.rolls:
            return [self._stretch(self._position_s)] if self._jumped else []
        stretches: list[Stretch] = []
        while self.rolls and (due := self._turn_due(before)) <= self._block:
            stretches.append(self._stretch(self._until_s))
            self._turn(due if len(stretches) < MOST_TURNS else self._block + 1)
        if self.rolls:
            stretches.append(self._stretch(self._until_s))
            self._position_s = min(self._pace.second(self._block), self._turn_s)
        return stretches

    @property
    def _turn_s(self) -> float:
        """The next second at which the run does not go straight on."""
        return self.loop[1] if self.looping else self.length_s

    @property
    def _until_s(self) -> float:
        """Frames before this are played; the last frame of the run, too."""
        return self._turn_s if self._turn_s < self.length_s else math.inf

    def _turn_due(self, before: int) -> int:
        """The block at which it turns; where it stands beyond already, the one it was rolled to."""
        return max(self._pace.due(self._turn_s), before)

    def _turn(self, due: int) -> None:
        """Back to the beginning of the loop or of the run, or the end."""
        if not self.looping and self.at_end != LOOP:
            self._position_s = self.length_s
            self.ended, self.end_block = self.at_end == LEAVE, due
            self._stands_at_end = self.at_end == HOLD
            return
        self._position_s, self._jumped = (self.loop[0] if self.looping else 0.0), True
        self._paces.append(self._pace)
        self._pace = Pace(due, self._position_s, self.speed, self._period_s)

    def _stretch(self, until_s: float) -> Stretch:
        jumped, at_once = self._jumped, self._at_once
        self._jumped = self._at_once = False
        return Stretch(self._pace, self._block, until_s, jumped, at_once)

    def _mind_loop(self) -> None:
        """A mark is moved: where it may have been rolled round already, that is taken back."""
        if self.looping:
            self._take_back()

    def _take_back(self) -> None:
        """Stand where it stands at the block that was reached: what lies beyond is not to be heard."""
        if self._reached is None or self._reached >= self._block:
            return
        rolled = self.rolls or self.ended
        self._block, self.ended = self._reached, False
        if rolled:
            self._position_s = min(self._position_s_at(self._block), self.length_s)
            self._pace = self._pace_at(self._block)
            self._jumped = self._at_once = True
        self._paces.clear()
        self._anchor()

    def _pace_at(self, block: int) -> Pace:
        """How it rolled at a block, or rolls first where it did not yet."""
        paces = [*self._paces, self._pace]
        return ([pace for pace in paces if pace.began <= block] or paces[:1])[-1]

    def _position_s_at(self, block: int) -> float:
        return self._pace_at(block).second(block)

    def _anchor(self) -> None:
        """What was changed counts from here on."""
        self._pace = Pace(
            max(self._block, self._pace.began), self._position_s, self.speed, self._period_s
        )

    def _within(self, second: float) -> float:
        return min(self.length_s, max(0.0, second)) if math.isfinite(second) else 0.0
