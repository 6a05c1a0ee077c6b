"""Acts that wait for the beat, and whose beat it is."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from instrument.conductor.quantise import Waiting, beats_of, may_wait
from instrument.conductor.tempo import SILENT_S, Tempo
from instrument.signals.beat import Beat, BeatHeard
from instrument.signals.controls import Bank
from instrument.signals.gesture import Gesture
from instrument.signals.show import CLOCKS, QUANTISE, SHOW

BANK = Bank.of((SHOW,))


def quake(strength: float = 0.5) -> Gesture:
    return Gesture("learning.quake", strength, "key", 0.0)


# -- waiting --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "beats"), [("off", 0), ("beat", 1), ("bar", 3), ("2 bars", 6), ("4 bars", 12)]
)
def test_every_choice_of_quantise_is_so_many_beats(word: str, beats: float) -> None:
    """In three-four time."""
    assert beats_of(QUANTISE.index(word), 3) == beats


@pytest.mark.parametrize(
    ("path", "waits"),
    [
        ("learning.quake", True),
        ("show.scene", True),
        ("show.go", True),
        ("show.goto", True),
        ("show.panic", False),
        ("show.blackout", False),
        ("show.snapshot", False),
        ("show.back", False),
        ("show.tap", False),
    ],
)
def test_acts_on_the_training_scenes_and_cues_wait_and_nothing_else(path: str, waits: bool) -> None:
    """Panic and blackout are never held up, nor is a tap."""
    assert may_wait(path) is waits


def test_an_act_goes_with_its_beat_and_not_before() -> None:
    """At 120 bpm a bar is two seconds: asked at 2.5 s, it goes at 4."""
    waiting, beat = Waiting(), Beat(120.0)
    waiting.ask(quake(), beat, 4.0, 2.5)
    assert waiting.due(beat, 3.99) == []
    assert waiting.next_s(beat, 2.5) == pytest.approx(4.0)
    assert waiting.due(beat, 4.0) == [quake()]
    assert len(waiting) == 0 and waiting.next_s(beat, 4.0) == math.inf


def test_who_asks_shortly_before_the_beat_is_not_sent_to_the_next_one() -> None:
    """Half a millisecond before: it is due in half a millisecond, not in a bar."""
    waiting, beat = Waiting(), Beat(120.0)
    waiting.ask(quake(), beat, 4.0, 0.5)
    assert waiting.next_s(beat, 1.9995) == pytest.approx(2.0, abs=1e-6)
    assert waiting.due(beat, 2.0) == [quake()]


def test_asking_twice_is_not_twice_and_the_later_word_counts() -> None:
    """Two presses are one quake, of the second's strength, at the moment of the first."""
    waiting, beat = Waiting(), Beat(120.0)
    waiting.ask(quake(0.1), beat, 1.0, 0.1)
    waiting.ask(quake(0.9), beat, 1.0, 0.2)
    assert waiting.due(beat, 0.5) == [quake(0.9)]


def test_acts_that_wait_for_one_beat_go_in_the_order_they_were_asked() -> None:
    """GO before the scene stays GO before the scene."""
    waiting, beat = Waiting(), Beat(120.0)
    for path in ("show.go", "show.scene", "learning.quake"):
        waiting.ask(Gesture(path, 1.0, "key", 0.0), beat, 4.0, 0.1)
    assert [g.path for g in waiting.due(beat, 2.0)] == ["show.go", "show.scene", "learning.quake"]


def test_a_faster_tempo_brings_the_beat_sooner() -> None:
    """What waits for beat 4 waits for beat 4, however fast it comes."""
    waiting, beat = Waiting(), Beat(60.0)
    waiting.ask(quake(), beat, 4.0, 0.5)
    beat.set_bpm(240.0, 1.0)
    assert waiting.due(beat, 1.7) == []
    assert waiting.due(beat, 1.75) == [quake()]


def test_a_clock_that_is_set_back_does_not_hold_anybody_up_for_long() -> None:
    """A sequencer starts again at beat 0: what waited for beat 104 goes with the next bar."""
    waiting, beat = Waiting(), Beat(120.0)
    beat.follow(101.0, 120.0, 0.0)
    waiting.ask(quake(), beat, 4.0, 0.0)
    beat.follow(0.0, 120.0, 0.5)
    assert waiting.due(beat, 0.5) == []
    assert waiting.due(beat, 2.5) == [quake()]


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0.0, 3.0), st.sampled_from([20.0, 60.0, 133.3, 300.0])), max_size=30
    ),
    st.sampled_from([1.0, 3.0, 4.0, 16.0]),
)
def test_whatever_the_tempo_does_an_act_goes_within_its_beats(
    turns: list[tuple[float, float]], every: float
) -> None:
    """Tempo changes only change how long so many beats take."""
    waiting, beat, now_s = Waiting(), Beat(120.0), 0.0
    waiting.ask(quake(), beat, every, now_s)
    asked_at = beat.at(now_s)
    for pause_s, bpm in turns:
        now_s += pause_s
        went = waiting.due(beat, now_s)
        passed = beat.at(now_s) - asked_at
        assert bool(went) <= (passed >= every - 1e-3)
        if went:
            return
        assert passed <= every + 1e-3
        beat.set_bpm(bpm, now_s)


# -- whose beat -----------------------------------------------------------------------------------


class Standing:
    """The controls of the tempo, as they stand, and the `Tempo` that heeds them."""

    def __init__(self) -> None:
        self.positions = BANK.defaults.copy()
        self.tempo = Tempo(BANK, self.positions, 0.0)

    def put(self, path: str, value: float, now_s: float) -> None:
        self.positions[BANK.number[path]] = BANK.spec(path).unmap(value)
        self.tempo.heed(self.positions, now_s)


def heard(beat: float, bpm: float, time_s: float, running: bool = True) -> BeatHeard:
    return BeatHeard("midi", beat, bpm, time_s, running)


@pytest.fixture
def standing() -> Standing:
    return Standing()


def test_the_fader_is_the_tempo_of_our_own_beat(standing: Standing) -> None:
    """From 120 to 60 after two seconds: four beats, then one a second."""
    standing.put("show.bpm", 60.0, 2.0)
    assert standing.tempo.beat.bpm == pytest.approx(60.0, abs=1e-3)
    assert standing.tempo.beat.at(5.0) == pytest.approx(7.0, abs=1e-3)


def test_a_bar_is_as_long_as_it_is_said_to_be(standing: Standing) -> None:
    """Three beats."""
    standing.put("show.beats_per_bar", 3, 0.0)
    assert standing.tempo.beat.beats_per_bar == 3


def test_taps_give_the_tempo(standing: Standing) -> None:
    """Half a second apart is 120, .4 s is 150."""
    told = [standing.tempo.tap(at_s) for at_s in (1.0, 1.4, 1.8)]
    assert told[0] is None and told[1:] == pytest.approx([150.0, 150.0])


def test_an_external_clock_counts_only_where_it_is_chosen(standing: Standing) -> None:
    """MIDI clock at 90 is nothing to us until show.clock says midi."""
    standing.tempo.hear(heard(0.0, 90.0, 1.0), 1.0)
    assert standing.tempo.beat.bpm == 120.0
    standing.put("show.clock", CLOCKS.index("midi"), 1.0)
    standing.tempo.hear(heard(8.0, 90.0, 2.0), 2.0)
    assert standing.tempo.beat.bpm == 90.0
    assert standing.tempo.beat.at(2.0 + 60 / 90) == pytest.approx(9.0)


def test_a_silent_clock_is_told_once_and_our_beat_goes_on_at_its_tempo(standing: Standing) -> None:
    """90 bpm before and after; when it speaks again that is said too."""
    standing.put("show.clock", CLOCKS.index("midi"), 1.0)
    standing.tempo.hear(heard(8.0, 90.0, 2.0), 2.0)
    assert standing.tempo.turn(2.0 + SILENT_S - 0.01) == ""
    said = standing.tempo.turn(2.0 + SILENT_S)
    assert said.startswith("MIDI clock is silent; our own beat goes on at 90 bpm")
    assert standing.tempo.turn(9.0) == ""
    assert standing.tempo.beat.at(62.0) == pytest.approx(98.0)
    assert standing.tempo.hear(heard(0.0, 100.0, 63.0), 63.0).startswith("MIDI clock is back")
    assert standing.tempo.hear(heard(0.2, 100.0, 63.1), 63.1) == ""


def test_a_clock_that_stands_still_leaves_the_beat_to_us(standing: Standing) -> None:
    """A stopped sequencer must not hold up what waits for a beat."""
    standing.put("show.clock", CLOCKS.index("midi"), 1.0)
    standing.tempo.hear(heard(8.0, 90.0, 2.0, running=False), 2.0)
    before = standing.tempo.beat.at(2.0)
    assert standing.tempo.beat.at(2.0 + 60 / 90) == pytest.approx(before + 1.0)


def test_while_another_clock_is_chosen_taps_leave_the_beat_alone(standing: Standing) -> None:
    """They only say what show.bpm shall be."""
    standing.put("show.clock", CLOCKS.index("link"), 0.0)
    assert [standing.tempo.tap(at_s) for at_s in (1.0, 1.4)][1] == pytest.approx(150.0)
    assert standing.tempo.beat.bpm == 120.0


def test_a_show_without_a_tempo_still_has_a_beat() -> None:
    """A bank that has no such controls (a test, an old run) beats at 120."""
    tempo = Tempo(Bank([]), np.zeros(0, np.float32), 0.0)
    assert tempo.beat.at(1.0) == 2.0 and tempo.turn(99.0) == ""
