"""A cue list on its way, by a clock turned by hand; and the shipped piece, which must reach its end."""

import math
from collections.abc import Mapping

import pytest

from instrument import presets
from instrument.conductor.cue_run import OVER, CueRun, Turn
from instrument.house import open_house
from instrument.learning.streams import STREAMS
from instrument.presets import Preset
from instrument.signals.condition import SECONDS, comparisons, read_condition
from instrument.signals.cue import Cue
from instrument.signals.streams import StreamSpec

OWN = (
    StreamSpec("state", 0, 2, "state", choices=("healthy", "noise", "collapse")),
    StreamSpec("reject", 0, 1, "no digit"),
)
COLLAPSE = {"state": 2.0}


def when(text: str) -> object:
    return read_condition(text, OWN)


class Hand:
    """Asks a run as the conductor does, 20 times a second, and remembers what went, when and why."""

    def __init__(self, *cues: Cue, auto: bool = True) -> None:
        self.run, self.now_s, self.auto = CueRun(cues), 100.0, auto
        self.went: list[tuple[float, str, str]] = []

    def begin(self) -> "Hand":
        self.run.begin(self.now_s)
        return self

    def wait(self, seconds: float, values: Mapping[str, float] | None = None) -> None:
        for _ in range(round(seconds * 20)):
            self.now_s += 0.05
            values_now = values or {}
            turn = self.run.advance(
                self.now_s, lambda name, now=values_now: now.get(name, math.nan), self.auto
            )
            self.note(turn)

    def note(self, turn: Turn) -> str:
        if turn.cue is not None:
            self.went.append((round(self.now_s - 100.0, 1), turn.cue.name, turn.why))
        return turn.said

    def go(self, guard_s: float = 0.0) -> str:
        return self.note(self.run.go(self.now_s, guard_s))


def test_go_takes_one_cue_after_the_other_and_then_nothing_moves() -> None:
    """After the last: the piece is over, and is told again each time."""
    hand = Hand(Cue("a"), Cue("b")).begin()
    assert [hand.go() for _ in range(4)] == [
        "cue 1 of 2, a (GO)", "cue 2 of 2, b (GO)", OVER, OVER,
    ]  # fmt: skip
    assert hand.run.standing(hand.now_s).waits == OVER


def test_a_list_without_cues_says_so() -> None:
    """GO in a preset that has none."""
    assert "no cues" in Hand().begin().go()


def test_a_second_go_within_the_guard_is_a_slip() -> None:
    """Said, ignored; after the guard it goes, and a slip does not make the guard longer."""
    hand = Hand(Cue("a"), Cue("b")).begin()
    hand.go(0.5)
    hand.wait(0.3)
    assert "slip" in hand.go(0.5)
    hand.wait(0.25)
    hand.go(0.5)
    assert [name for _, name, _ in hand.went] == ["a", "b"]


def test_a_go_right_after_a_cue_that_went_by_itself_is_a_slip_too() -> None:
    """Hand and clock meant the same cue."""
    hand = Hand(Cue("a", after_s=1.0), Cue("b")).begin()
    hand.wait(1.1)
    assert "slip" in hand.go(0.5)
    assert [name for _, name, _ in hand.went] == ["a"]


def test_timed_cues_count_from_the_one_before_without_drift() -> None:
    """Ten cues a third of a second apart, polled every twentieth: the tenth is still on time."""
    hand = Hand(*(Cue(str(n) + "x", after_s=1 / 3) for n in range(30))).begin()
    hand.wait(10.1)
    assert len(hand.went) == 30
    assert hand.went[-1][0] == pytest.approx(10.0, abs=0.11)


def test_go_on_a_timed_cue_takes_it_now_and_the_next_counts_from_there() -> None:
    """Pressed early at 2 s; the next, after 5 s, goes at 7."""
    hand = Hand(Cue("a", after_s=60.0), Cue("b", after_s=5.0)).begin()
    hand.wait(2.0)
    hand.go()
    hand.wait(6.0)
    assert hand.went == [(2.0, "a", "GO"), (7.0, "b", "time")]


def test_times_of_the_piece_count_from_the_first_cue_to_go() -> None:
    """GO at 3 s is the beginning; a cue at 10 s goes 13 s after the curtain."""
    hand = Hand(Cue("a"), Cue("b", at_s=10.0)).begin()
    hand.wait(3.0)
    hand.go()
    hand.wait(11.0)
    assert hand.went == [(3.0, "a", "GO"), (13.0, "b", "time")]


def test_a_condition_goes_when_it_holds_and_its_deadline_when_it_does_not() -> None:
    """The same cue twice: by the training, and by the clock."""
    cue = Cue("a", when=when("state == collapse for 2 s"), by_s=8.0)
    hand = Hand(cue).begin()
    hand.wait(3.0)
    hand.wait(4.0, COLLAPSE)
    assert hand.went[0][1:] == ("a", "condition")
    assert hand.went[0][0] == pytest.approx(5.0, abs=0.11)
    late = Hand(cue).begin()
    late.wait(10.0)
    assert late.went[0][1:] == ("a", "deadline")
    assert late.went[0][0] == pytest.approx(8.0, abs=0.11)


def test_a_condition_counts_its_seconds_anew_for_each_cue() -> None:
    """What held before the cue became the next does not count."""
    hand = Hand(Cue("a", after_s=3.0), Cue("b", when=when("state == collapse for 2 s"))).begin()
    hand.wait(6.0, COLLAPSE)
    assert [at for at, _, _ in hand.went] == pytest.approx([3.0, 5.0], abs=0.11)


def test_seconds_in_a_condition_are_since_the_cue_before() -> None:
    """Not since the curtain."""
    hand = Hand(Cue("a", after_s=4.0), Cue("b", when=when("seconds >= 2 and state == collapse")))
    hand.begin().wait(7.0, COLLAPSE)
    assert [at for at, _, _ in hand.went] == pytest.approx([4.0, 6.0], abs=0.11)


def test_nothing_goes_by_itself_before_the_curtain_or_with_auto_off() -> None:
    """GO does, and what is overdue goes when auto is on again."""
    hand = Hand(Cue("a", after_s=1.0), Cue("b", after_s=1.0), auto=False)
    hand.wait(3.0, COLLAPSE)
    hand.begin().wait(3.0)
    assert hand.went == []
    assert hand.run.standing(hand.now_s, auto=False).waits == "GO (auto is off)"
    hand.go()
    hand.wait(2.0)
    hand.auto = True
    hand.wait(0.1)
    assert [(name, why) for _, name, why in hand.went] == [("a", "GO"), ("b", "time")]


def test_back_makes_the_cue_before_the_next_and_it_waits_for_go() -> None:
    """Nothing moves, nothing runs off at once; after GO the list goes on by itself."""
    hand = Hand(Cue("a", after_s=1.0), Cue("b", after_s=1.0), Cue("c", after_s=1.0)).begin()
    hand.wait(2.1)
    said = hand.note(hand.run.back(hand.now_s))
    assert "next is cue 2, b" in said
    hand.wait(5.0)
    assert hand.run.standing(hand.now_s).waits == "GO"
    hand.go()
    hand.wait(1.1)
    assert [name for _, name, _ in hand.went] == ["a", "b", "b", "c"]
    for _ in range(3):
        hand.run.back(hand.now_s)
    assert hand.note(hand.run.back(hand.now_s)) == "there is no cue before"


def test_goto_goes_now_by_number_or_name_whatever_the_guard() -> None:
    """Forwards and backwards; what is not there is told with what is."""
    hand = Hand(Cue("a"), Cue("ten"), Cue("c", after_s=2.0)).begin()
    hand.note(hand.run.goto("ten", hand.now_s))
    hand.note(hand.run.goto(1, hand.now_s))
    assert "did you mean 'ten'" in hand.note(hand.run.goto("tenn", hand.now_s))
    assert "the list has 3" in hand.note(hand.run.goto(4, hand.now_s))
    hand.note(hand.run.goto(2, hand.now_s))
    hand.wait(2.1)
    assert [name for _, name, _ in hand.went] == ["ten", "a", "ten", "c"]


def test_goto_a_cue_of_the_piece_s_clock_sets_that_clock() -> None:
    """Gone to the cue of 60 s at once, the one of 70 s goes ten seconds later."""
    hand = Hand(Cue("a", at_s=60.0), Cue("b", at_s=70.0)).begin()
    hand.wait(5.0)
    hand.note(hand.run.goto("a", hand.now_s))
    hand.wait(11.0)
    assert hand.went == [(5.0, "a", "goto"), (15.0, "b", "time")]


def test_where_it_stands_is_told_in_words() -> None:
    """The last that went and since when, the next, its note, and what it waits for."""
    ten = Cue("ten", note="listen", when=when("reject < 0.3 for 2 s"), by_s=40.0)
    hand = Hand(Cue("a"), ten).begin()
    assert hand.run.standing(hand.now_s).waits == "GO"
    hand.go()
    hand.wait(12.0)
    stands = hand.run.standing(hand.now_s)
    assert (stands.cue, stands.cue_name, stands.next_cue, stands.cue_count) == (1, "a", 2, 2)
    assert (stands.next_name, stands.next_note) == ("ten", "listen")
    assert stands.cue_s == pytest.approx(12.0)
    assert stands.waits == "until reject < 0.3 for 2 s, or in 0:28"


# -- the shipped piece -----------------------------------------------------------------------------

PIECE = "noise_through_to_twos_and_sevens"
LONGEST_S = 11 * 60.0


@pytest.fixture(scope="module")
def piece() -> Preset:
    """As it is read when it is performed."""
    return presets.load(PIECE, open_house(clouds=presets.clouds_asked(PIECE)).vocabulary(STREAMS))


def test_the_piece_goes_by_itself_from_the_first_cue_to_the_last(piece: Preset) -> None:
    """No cue waits for GO, each condition has its deadline, and all names can be gone to."""
    assert len(piece.cues) >= 15
    assert all(cue.goes_by_itself for cue in piece.cues)
    assert all(cue.by_s is not None for cue in piece.cues if cue.when is not None)
    assert {cue.scene for cue in piece.cues if cue.scene} <= set(presets.preset_names())


def test_every_condition_of_the_piece_asks_for_what_its_stream_can_be(piece: Preset) -> None:
    """A number within the span of the stream, so that it is true somewhere and false somewhere."""
    spans = {stream.name: (stream.low, stream.high) for stream in STREAMS} | {SECONDS: (0.0, 60.0)}
    for cue in piece.cues:
        for part in comparisons(cue.when) if cue.when is not None else ():
            low, high = spans[part.stream]
            assert low <= part.value <= high, f"{cue.name}: {part}"


def test_with_a_training_that_does_nothing_the_deadlines_reach_the_end(piece: Preset) -> None:
    """No stream ever comes; the piece is over within eleven minutes, every cue in its order."""
    hand = Hand(*piece.cues).begin()
    hand.wait(LONGEST_S)
    assert [name for _, name, _ in hand.went] == [cue.name for cue in piece.cues]
    assert all(why in ("time", "deadline") for _, _, why in hand.went)
    sections = {cue.name: cue.at_s for cue in piece.cues if cue.at_s is not None}
    late = {name: at for at, name, _ in hand.went if name in sections and at > sections[name] + 0.2}
    assert not late, "the deadlines within a section fit into it"


ARC = {
    "noise": {"state": 1, "reject": 0.95, "similarity_centred": 0.97, "divergence": 2.3, "step": 50},
    "strokes": {"state": 1, "reject": 0.6, "similarity_centred": 0.6, "modes": 5, "divergence": 1.2,
                "step": 400},
    "ten": {"state": 0, "reject": 0.1, "similarity_centred": 0.15, "modes": 10, "divergence": 0.1,
            "step": 2000},
    "one": {"state": 2, "reject": 0.02, "similarity_centred": 0.93, "modes": 1, "divergence": 2.3,
            "step": 5000},
    "two": {"state": 3, "reject": 0.1, "similarity_centred": 0.3, "modes": 2, "divergence": 1.6,
            "step": 9000},
}  # fmt: skip
STORY = ((50, "noise"), (80, "strokes"), (220, "ten"), (250, "one"), (330, "ten"), (361, "noise"),
         (425, "ten"), (700, "two"))  # fmt: skip
"""Until which second the training is in what, as it went when the piece was tried."""


def test_with_a_training_that_goes_as_it_should_every_condition_is_met(piece: Preset) -> None:
    """No deadline is needed, and the piece is ten minutes long."""
    hand = Hand(*piece.cues).begin()
    for until_s, phase in STORY:
        hand.wait(until_s + 100.0 - hand.now_s, ARC[phase])
    assert [name for _, name, _ in hand.went] == [cue.name for cue in piece.cues]
    by_why = {cue.name for cue in piece.cues if cue.when is not None}
    assert {name for _, name, why in hand.went if why == "condition"} == by_why
    assert 590.0 <= hand.went[-1][0] <= 630.0


def test_a_cue_that_is_not_there_says_which_are() -> None:
    """By name and by number, and where there are none at all."""
    run = CueRun([Cue(name=f"c{number}") for number in range(12)])
    assert run.goto("nix", 0.0).said.endswith(
        "(there are c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, ...)"
    )
    assert run.goto(13, 0.0).said == "there is no cue 13; the list has 12"
    for which in ("nix", 1):
        assert CueRun([]).goto(which, 0.0).said == "there are no cues in this preset"
