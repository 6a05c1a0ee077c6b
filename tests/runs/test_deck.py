"""The deck of a rehearsal: where it stands, how it rolls, and that it never leaves the run or its loop."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from instrument.runs.deck import SHORTEST_LOOP_S, Deck, Stretch
from instrument.runs.pace import LEAD_BLOCKS, LEAD_IN_BLOCKS, Pace, first_block, lead_blocks

PERIOD_S = 0.25
"""A block that is easy to count in."""


def deck(length_s: float = 10.0, at_s: float = 0.0) -> Deck:
    made = Deck(length_s, at_s)
    made.begin(0, PERIOD_S)
    return made


def seconds(stretches: list[Stretch]) -> list[tuple[float, float, bool]]:
    return [(s.pace.from_s, s.until_s, s.jumped) for s in stretches]


def test_a_frame_counts_from_the_first_block_at_which_its_second_has_been() -> None:
    """The second of the beginning at the first block; what lies between two blocks at the later one."""
    pace = Pace(100, 2.0, 1.0, PERIOD_S)
    assert [pace.due(at_s) for at_s in (1.0, 2.0, 2.01, 2.25, 2.26)] == [100, 100, 101, 101, 102]
    assert [pace.second(block) for block in (90, 100, 101)] == [2.0, 2.0, 2.25]
    assert Pace(100, 2.0, 2.0, PERIOD_S).due(3.0) == 102


@given(
    st.integers(0, 10**7), st.floats(0, 10**5), st.floats(0.1, 8.0), st.floats(0, 10**4),
    st.sampled_from((256 / 48_000, 128 / 44_100, 1 / 1024)),
)  # fmt: skip
def test_due_and_second_agree(
    began: int, from_s: float, speed: float, later_s: float, period_s: float
) -> None:
    """When a frame counts its second has been reached, and not a block before; within rounding."""
    pace = Pace(began, from_s, speed, period_s)
    due = pace.due(from_s + later_s)
    slack = 1e-9 * max(1.0, from_s + later_s) + 1e-6 * period_s
    assert pace.second(due) >= from_s + later_s - slack
    assert due == began or pace.second(due - 1) < from_s + later_s + slack


def test_a_run_begins_to_roll_at_the_lead_in_or_soon() -> None:
    """Where the sound is far from it, at the lead-in; where it is past or near, a lead ahead of it."""
    period_s = 256 / 48_000
    assert first_block(0.0, period_s) == first_block(170.9, period_s) == LEAD_IN_BLOCKS
    assert first_block(187.5, period_s) == 187 + LEAD_BLOCKS
    assert first_block(5000.0, period_s) == 5000 + LEAD_BLOCKS
    assert lead_blocks(32 / 48_000) * 32 / 48_000 >= 0.05


def test_it_rolls_to_the_end_and_leaves() -> None:
    """One stretch after the other, all the way; then it has ended and says nothing more."""
    made = deck(1.0)
    assert seconds(made.roll(2)) == [(0.0, math.inf, False)]
    assert (made.position_s, made.ended) == (0.5, False)
    made.roll(4)
    assert (made.position_s, made.ended) == (1.0, True)
    assert made.roll(9) == []


def test_it_waits_for_the_block_at_which_it_begins() -> None:
    """Before the lead-in nothing is due; the first second counts at its block."""
    made = Deck(10.0)
    made.begin(188, PERIOD_S)
    (stretch,) = made.roll(12)
    assert stretch.pace.due(0.0) == 188 > stretch.until
    assert made.position_s == 0.0
    made.roll(189)
    assert made.position_s == 0.25 and made.began_block == 188


def test_holding_keeps_the_place_and_rolling_goes_on_from_it() -> None:
    """What passes while it holds is not made up for."""
    made = deck()
    made.roll(4)
    made.play(False)
    assert made.roll(40) == [] and made.position_s == 1.0
    made.play(True)
    (stretch,) = made.roll(42)
    assert stretch.pace == Pace(40, 1.0, 1.0, PERIOD_S) and not stretch.jumped
    assert made.position_s == 1.5


def test_speed_counts_from_where_it_is_turned() -> None:
    """Half a second at once, then four times as fast."""
    made = deck()
    made.roll(2)
    made.roll_at(4.0)
    made.roll(4)
    assert made.position_s == 0.5 + 2.0


@pytest.mark.parametrize("playing", [True, False])
def test_a_seek_jumps_even_while_it_holds(playing: bool) -> None:
    """What stands there is to be said at once; what follows only if it plays."""
    made = deck()
    made.roll(4)
    made.play(playing)
    made.seek(7.0)
    (stretch,) = made.roll(5)
    assert stretch.jumped and stretch.pace.from_s == 7.0 and stretch.pace.began == 4
    assert stretch.until_s == (math.inf if playing else 7.0)
    assert made.position_s == (7.25 if playing else 7.0)


def test_seeks_and_skips_stay_in_the_run() -> None:
    """Before the beginning is the beginning, behind the end the end; what is no number is the beginning."""
    made = deck()
    for ask, stands in ((-5.0, 0.0), (99.0, 10.0), (math.nan, 0.0), (math.inf, 0.0)):
        made.seek(ask)
        assert made.position_s == stands
    made.seek(4.0)
    made.skip(-1.5)
    assert made.position_s == 2.5
    made.skip(600.0)
    assert made.position_s == 10.0


def test_a_loop_goes_back_at_the_block_of_its_end() -> None:
    """Two seconds to three, over and over, with no block between."""
    made = deck()
    made.mark_in(2.0)
    made.mark_out(3.0)
    made.loop_on(True)
    made.seek(2.5)
    made.roll(0)
    stretches = made.roll(3)
    assert seconds(stretches) == [(2.5, 3.0, False), (2.0, 3.0, True)]
    assert [s.pace.began for s in stretches] == [0, 2]
    assert made.position_s == 2.25


def test_a_loop_switched_on_behind_its_end_goes_back_now() -> None:
    """At the block to which it was rolled, not at one long past."""
    made = deck()
    made.roll(20)
    made.mark_in(1.0)
    made.mark_out(2.0)
    made.loop_on(True)
    stretches = made.roll(21)
    assert stretches[-1].pace == Pace(20, 1.0, 1.0, PERIOD_S) and stretches[-1].jumped
    assert made.position_s == 1.25


def test_marks_the_wrong_way_round_and_on_one_place_are_a_loop() -> None:
    """They are swapped, and a loop is never too short to be played."""
    made = deck()
    made.mark_in(3.0)
    made.mark_out(2.0)
    assert made.loop == (2.0, 3.0)
    made.mark_out(10.0)
    made.mark_in(10.0)
    begin, end = made.loop
    assert end == 10.0 and end - begin == pytest.approx(SHORTEST_LOOP_S)
    made.no_marks()
    assert made.loop == (0.0, 10.0)


def test_marks_are_set_where_it_stands() -> None:
    """Without a second, here is meant."""
    made = deck()
    made.roll(4)
    made.mark_in()
    made.roll(8)
    made.mark_out()
    assert made.loop == (1.0, 2.0)


def test_at_the_end_it_holds_or_begins_again() -> None:
    """Held, a seek rolls on; looping, the first second follows the last without a gap."""
    made = deck(1.0)
    made.end_so("hold")
    made.roll(8)
    assert (made.position_s, made.rolls, made.ended) == (1.0, False, False)
    made.seek(0.5)
    made.roll(9)
    assert made.position_s == 0.75
    made.end_so("loop")
    stretches = made.roll(12)
    assert [s.pace.began for s in stretches][-1] == 10 and stretches[-1].jumped
    assert made.position_s == 0.5 and not made.ended


@pytest.mark.parametrize("ask", [10.0, 9999.0])
def test_a_seek_behind_the_end_does_not_leave(ask: float) -> None:
    """It stands at the end until it is sought elsewhere or goes round a loop."""
    made = deck()
    made.seek(ask)
    (stretch,) = made.roll(4)
    assert stretch.jumped and stretch.pace.from_s == 10.0
    made.again()
    made.roll(8)
    assert (made.position_s, made.rolls, made.ended) == (10.0, False, False)
    made.seek(9.0)
    made.roll(9)
    assert made.position_s == 9.25
    made.skip(600.0)
    made.loop_on(True)
    made.roll(11)
    assert made.position_s < 1.0 and made.rolls


def test_an_end_that_was_rolled_to_is_left_though_all_is_said_anew() -> None:
    """Only a seek holds it there."""
    made = deck(1.0)
    made.roll(4)
    made.reached(4)
    made.again()
    made.roll(5)
    assert made.ended


def ahead(blocks: int, length_s: float = 10.0) -> Deck:
    """Rolled so many blocks, of which the sound has come to the fourth."""
    made = deck(length_s)
    made.roll(blocks)
    made.reached(4)
    return made


@pytest.mark.parametrize("change", ["play", "speed"])
def test_what_a_hand_changes_counts_where_the_sound_is(change: str) -> None:
    """Rolled to second 4 and heard to second 1, it goes on from 1."""
    made = ahead(16)
    assert (made.position_s, made.standing_s) == (4.0, 1.0)
    made.play(False) if change == "play" else made.roll_at(2.0)
    (stretch,) = made.roll(16)
    assert stretch.jumped and stretch.at_once and stretch.pace.from_s == 1.0
    assert stretch.pace.began == 4
    assert made.position_s == (1.0 if change == "play" else 1.0 + 12 * 0.5)


def test_skips_and_marks_go_by_what_is_heard() -> None:
    """Not by what was said ahead."""
    made = ahead(16)
    made.mark_in()
    made.skip(2.0)
    assert (made.mark_in_s, made.position_s) == (1.0, 3.0)


def test_a_turn_that_was_rolled_and_not_heard_is_taken_back() -> None:
    """The loop of a second was gone round twice ahead; where it stood before the turn it holds."""
    made = deck()
    made.mark_out(1.25)
    made.loop_on(True)
    made.roll(12)
    made.reached(4)
    assert made.standing_s == 1.0
    made.reached(6)
    assert made.standing_s == 0.25
    made.play(False)
    assert made.position_s == 0.25
    assert made.began_block == 6


def test_an_end_that_is_not_heard_yet_can_be_left() -> None:
    """Rolled over the end, but not heard to it: a seek back goes on."""
    made = ahead(16, length_s=2.0)
    assert made.ended
    made.seek(0.5)
    assert not made.ended and made.rolls
    made.roll(6)
    assert made.position_s == 1.0


def test_an_end_is_not_waited_for_in_the_blocks_of_a_sound_that_is_gone() -> None:
    """Rolled over the end when the sound was replaced: it ends where the new one begins to count."""
    made = Deck(2.0)
    made.begin(100_000, PERIOD_S)
    made.roll(100_016)
    assert made.ended and made.end_block > 100_000
    made.begin(12, PERIOD_S)
    assert made.ended and made.end_block == 12


def test_held_up_for_many_loops_it_says_one() -> None:
    """A machine that slept does not play a thousand loops at once."""
    made = deck()
    made.mark_out(0.5)
    made.loop_on(True)
    assert len(made.roll(10_000)) <= 4
    assert 0.0 <= made.position_s < 0.5


@given(st.floats(0.1, 8.0), st.lists(st.integers(1, 40), max_size=30))
def test_rolling_forward_never_goes_back(speed: float, strides: list[int]) -> None:
    """Without seek or loop the position grows, and no second is said twice or left out."""
    made = deck(1e6)
    made.roll_at(speed)
    block, before = 0, 0.0
    for stride in strides:
        block += stride
        made.roll(block)
        assert made.position_s > before
        before = made.position_s
    assert made.position_s == pytest.approx(block * PERIOD_S * speed)


class AnyHands(RuleBasedStateMachine):
    """Whatever is asked in whatever order."""

    @initialize(length_s=st.floats(0.0, 1000.0), at_s=st.floats(-1.0, 2000.0))
    def begin(self, length_s: float, at_s: float) -> None:
        self.deck, self.block = Deck(length_s, at_s), 0
        self.deck.begin(0, PERIOD_S)
        self.deck.end_so("loop")

    @rule(blocks=st.integers(0, 3000))
    def roll(self, blocks: int) -> None:
        self.block += blocks
        looping = self.deck.looping and self.deck.playing
        for stretch in self.deck.roll(self.block):
            assert stretch.until <= self.block
            assert 0.0 <= stretch.pace.from_s <= self.deck.length_s
        if looping and self.deck.rolls:
            assert self.deck.position_s <= self.deck.loop[1]

    @rule(second=st.floats())
    def seek(self, second: float) -> None:
        self.deck.seek(second)

    @rule(seconds=st.floats(-600, 600))
    def skip(self, seconds: float) -> None:
        self.deck.skip(seconds)

    @rule(speed=st.floats(0.1, 8.0))
    def turn(self, speed: float) -> None:
        self.deck.roll_at(speed)

    @rule(on=st.booleans())
    def play(self, on: bool) -> None:
        self.deck.play(on)

    @rule(on=st.booleans())
    def loop(self, on: bool) -> None:
        self.deck.loop_on(on)

    @rule(begin=st.none() | st.floats(), end=st.none() | st.floats())
    def mark(self, begin: float | None, end: float | None) -> None:
        self.deck.mark_in(begin)
        self.deck.mark_out(end)

    @rule(at_end=st.sampled_from(("hold", "loop")))
    def end_so(self, at_end: str) -> None:
        self.deck.end_so(at_end)

    @rule(block=st.integers(0, 200))
    def another_sound(self, block: int) -> None:
        self.block = 0
        self.deck.begin(block, PERIOD_S)

    @invariant()
    def stands_in_the_run(self) -> None:
        if hasattr(self, "deck"):
            assert 0.0 <= self.deck.position_s <= self.deck.length_s
            begin, end = self.deck.loop
            assert 0.0 <= begin <= end <= self.deck.length_s


TestAnyHands = AnyHands.TestCase
