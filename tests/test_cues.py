"""Cue lists as they stand in a preset: everything arrives, and every fault is told with its line."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instrument.cues import LONGEST_NOTE, read_cues
from instrument.presets import Vocabulary, parse
from instrument.signals.controls import Bank, Control, Controls, Group
from instrument.signals.cue import Cue
from instrument.signals.mistake import Mistake
from instrument.signals.show import SHOW
from instrument.signals.spec import choice, number, switch, trigger
from instrument.signals.streams import StreamSpec

STREAMS = (
    StreamSpec("state", 0, 2, "state", choices=("healthy", "noise", "collapse")),
    StreamSpec("reject", 0, 1, "no digit"),
)


class Learning(Controls):
    heat = Control(number(0.02, 50.0, 1.0, "heat"))
    frozen = Control(switch(False, "frozen"))
    quake = Control(trigger("quake", low=0.01, high=1.0, default=0.5))
    amnesia = Control(trigger("forget", choices=("last_layer", "both"), default=0.0))


class Picture(Controls):
    look = Control(choice(("tile_wall", "figures"), "tile_wall", "look"))


BANK = Bank.of((SHOW, Group("learning", Learning), Group("picture", Picture)))
SCENES = ("cathedral", "mine")


def cues_of(text: str) -> tuple[Cue, ...]:
    """The cues of a text that is in order."""
    cues, faults = read_cues(tomllib.loads(text)["cue"], BANK, STREAMS, SCENES)
    assert faults == []
    return cues


def faults_of(text: str) -> list[str]:
    """Every fault of a preset's text, as a performer reads it."""
    vocabulary = Vocabulary(BANK, STREAMS, ("pocket_mlp",))
    with pytest.raises(Mistake) as caught:
        parse(text, Path("mine.toml"), vocabulary)
    return str(caught.value).splitlines()


def test_everything_a_cue_says_arrives() -> None:
    """Values in units, choices as words, strengths, and the condition."""
    (cue,) = cues_of(
        """
[[cue]]
name = "all ten"
note = "listen   for the
tenth"
scene = "cathedral"
over = 20
set = {"learning.heat" = 2.0, "picture.look" = "figures", "learning.frozen" = true}
fire = {"learning.quake" = 0.3, "learning.amnesia" = "both"}
when = "state == collapse for 2 s"
by = 40
""".replace('"listen   for the\ntenth"', '"""listen   for the\ntenth"""')
    )
    assert (cue.name, cue.note) == ("all ten", "listen for the tenth")
    assert (cue.scene, cue.over_s, cue.by_s) == ("cathedral", 20.0, 40.0)
    assert cue.values == {"learning.heat": 2.0, "picture.look": 1.0, "learning.frozen": 1.0}
    assert cue.acts == (("learning.quake", 0.3), ("learning.amnesia", 1.0))
    assert str(cue.when) == "state == collapse for 2 s"
    assert cue.goes_by_itself


def test_a_list_of_acts_takes_their_usual_strength_and_a_table_may_stand_below() -> None:
    """Both ways of writing a cue's tables; without a time it waits for GO."""
    first, second = cues_of("""
[[cue]]
name = "shake"
fire = ["learning.quake"]
[[cue]]
name = "hot"
after = 12
[cue.set]
learning.heat = 4
""")
    assert first.acts == (("learning.quake", 0.5),) and not first.goes_by_itself
    assert second.values == {"learning.heat": 4.0} and second.after_s == 12.0
    assert [first.timing, second.timing] == ["GO", "after 0:12"]


def test_every_fault_is_told_at_once_with_its_line_and_the_cure() -> None:
    """Twelve slips in three cues, twelve sentences, each at the line of its key."""
    told = faults_of("""
[[cue]]
name = "one"
set = {"learning.heta" = 2.0, "learning.quake" = 1}
fire = {"learning.quake" = 3, "learning.heat" = 1, "show.go" = 1}
[[cue]]
name = "one"
when = "stat == noise"
after = 4
over = 3
[[cue]]
nam = "three"
by = 4
scene = "cathedrall"
""")
    expected = {
        ":4: cue 1: no control is called 'learning.heta'; did you mean 'learning.heat'?",
        ":4: cue 1: 'learning.quake' is an act, not a state; it goes into 'fire'",
        ":5: cue 1: 'learning.quake' is 3; 0.01..1 is allowed",
        ":5: cue 1: 'learning.heat' is a state, not an act; it goes into 'set'",
        ":5: cue 1: 'show.go' moves the show itself; a cue cannot do it",
        ":7: cue 2 is called 'one' as cue 1 is",
        ":8: cue 2: no stream is called 'stat'; did you mean 'state'?",
        ":8: cue 2: it goes by one of after, at and when; not by after and when",
        ":10: cue 2: 'over' goes with 'scene' or 'set'; nothing moves here",
        ":12: cue 3: a cue has no 'nam'; did you mean 'name'?",
        ":11: cue 3: a cue needs 'name'",
        ":13: cue 3: 'by' goes with 'when'; alone it is written 'after'",
        ":14: cue 3: no preset is called 'cathedrall'; did you mean 'cathedral'?",
    }
    for sentence in expected:
        assert any(line.startswith(f"mine.toml{sentence}") for line in told), (sentence, told)
    assert len(told) == len(expected)


def test_cues_in_a_list_are_found_line_by_line() -> None:
    """One cue a line, as routes may be written."""
    told = faults_of('cue = [\n  {name = "a"},\n  {name = "b", by = 3},\n]\n')
    assert told[0].startswith("mine.toml:3: cue 2: 'by' goes with 'when'")


def test_times_of_the_piece_do_not_run_backwards() -> None:
    """A cue at 1:00 after one at 1:30 could never be on time."""
    told = faults_of('[[cue]]\nname = "a"\nat = 90\n[[cue]]\nname = "b"\nat = 60\n')
    assert told == ["mine.toml:6: cue 2 goes at 60 s, before cue 1 at 90 s"]


def test_panic_belongs_to_the_hands() -> None:
    """A cue may black out the picture, and never panics."""
    told = faults_of('[[cue]]\nname = "a"\nset = {"show.panic" = "cut", "show.blackout" = true}\n')
    assert told == ["mine.toml:3: cue 1: 'show.panic': panic belongs to the hands"]


def test_a_note_that_would_not_be_seen_whole_is_a_fault() -> None:
    """The frame has so much room, in bytes."""
    told = faults_of(f'[[cue]]\nname = "a"\nnote = "{"é" * (LONGEST_NOTE // 2 + 1)}"\n')
    assert "is longer than" in told[0]


def test_one_bracket_instead_of_two_is_told() -> None:
    """The usual slip."""
    assert "two brackets" in faults_of('[cue]\nname = "a"\n')[0]


WORDS = st.sampled_from(
    ["learning.heat", "learning.quake", "state == noise", "cathedral", "a", "both"]
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), WORDS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(WORDS, inner, max_size=3)),
    max_leaves=8,
)
KEYS = st.sampled_from(
    ["name", "note", "scene", "over", "set", "fire", "after", "at", "when", "by", "x"]
)


@given(st.one_of(VALUES, st.lists(st.dictionaries(KEYS, VALUES, max_size=6), max_size=4)))
def test_whatever_stands_there_is_read_or_told(records: Any) -> None:
    """Never an exception; where nothing is told, every cue is whole."""
    cues, faults = read_cues(records, BANK, STREAMS, SCENES)
    assert all(place.startswith("cue") and sentence for place, sentence in faults)
    if not faults:
        assert all(cue.name for cue in cues)


@pytest.mark.parametrize("key", ["name", "note"])
def test_letters_that_cannot_be_shown_are_a_fault(key: str) -> None:
    """A preset of a friend must not write over the performer's terminal."""
    record = {"name": "a", key: "be\x1b[2Jgin"}
    _, faults = read_cues([record], BANK, STREAMS, ())
    assert len(faults) == 1 and "cannot be shown" in faults[0][1]
