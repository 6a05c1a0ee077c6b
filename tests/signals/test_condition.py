"""Conditions: read once, told where they are wrong, and true only of numbers."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instrument.signals.condition import (
    DEEPEST,
    LONGEST_TEXT,
    Comparison,
    Condition,
    Group,
    Watch,
    comparisons,
    read_condition,
)
from instrument.signals.mistake import Mistake
from instrument.signals.streams import StreamSpec

STREAMS = (
    StreamSpec("state", 0, 2, "state", choices=("healthy", "noise", "collapse")),
    StreamSpec("step", 0, 20000, "steps"),
    StreamSpec("similarity_centred", 0, 1, "alike"),
    StreamSpec("reject", 0, 1, "no digit"),
)


def read(text: str) -> Condition:
    return read_condition(text, STREAMS)


def now(text: str, **values: float) -> bool:
    """Whether a condition holds at one moment; streams that are not given are NaN."""
    return Watch(read(text)).holds(lambda name: values.get(name, math.nan), 0.0)


@pytest.mark.parametrize(
    ("text", "values", "holds"),
    [
        ("state == collapse", {"state": 2}, True),
        ("state == collapse", {"state": 1}, False),
        ("state != noise", {"state": 2}, True),
        ("state != noise", {"state": 1}, False),
        ("step > 5000", {"step": 5000}, False),
        ("step > 5000", {"step": 5001}, True),
        ("step >= 5e3", {"step": 5000}, True),
        ("reject<.3", {"reject": 0.2}, True),
        ("reject <= 0.3", {"reject": 0.31}, False),
        ("similarity_centred == 0.8", {"similarity_centred": 0.800000011920929}, True),
        ("seconds >= 60", {"seconds": 60.0}, True),
    ],
)
def test_each_relation_compares_as_it_is_written(
    text: str, values: dict[str, float], holds: bool
) -> None:
    """Words are numbers of their stream; a float32 .8 is the .8 that was written."""
    assert now(text, **values) is holds


@pytest.mark.parametrize("relation", ["==", "!=", "<", "<=", ">", ">="])
def test_what_is_no_number_fulfils_nothing(relation: str) -> None:
    """Not even `!=`: a stream that is not there has not come."""
    assert not now(f"reject {relation} 0.5", reject=math.nan)
    assert not now(f"reject {relation} 0.5")


def test_and_binds_tighter_than_or_and_brackets_bind_tightest() -> None:
    """a or b and c is a or (b and c)."""
    values = {"step": 1.0, "reject": 0.9, "state": 1.0}
    assert now("step == 1 or reject < 0.5 and state == collapse", **values)
    assert not now("(step == 1 or reject < 0.5) and state == collapse", **values)


def test_for_wants_it_true_at_every_asking_for_so_long() -> None:
    """Two seconds on end; a single miss begins anew."""
    watch = Watch(read("similarity_centred > 0.8 for 2 s"))
    asked = [(0.0, 0.9), (1.9, 0.9), (2.0, 0.5), (2.1, 0.9), (4.0, 0.9), (4.2, 0.9)]
    answers = [watch.holds(lambda name, v=value: v, at_s) for at_s, value in asked]
    assert answers == [False, False, False, False, False, True]


def test_each_part_counts_its_own_seconds() -> None:
    """The second part has been true long enough when the first becomes true."""
    watch = Watch(read("step > 10 and (reject < 0.5 or state == noise) for 3 s"))
    values = {"step": 0.0, "reject": 0.9, "state": 1.0}
    assert not watch.holds(values.__getitem__, 0.0)
    values |= {"reject": 0.1, "state": 0.0}
    assert not watch.holds(values.__getitem__, 3.0)
    values["step"] = 11.0
    assert watch.holds(values.__getitem__, 3.1)


def test_a_condition_is_told_as_it_would_be_written() -> None:
    """What is told reads back to the same condition, brackets and all."""
    texts = (
        "state == collapse for 3 s",
        "step > 5000 or reject < 0.3 and state != noise",
        "(step > 1 or reject < 0.3) and state != noise for 2 s",
        "(step > 1 or reject < 0.3) for 4 s",
    )
    for text in texts:
        assert read(str(read(text))) == read(text)
    assert [part.stream for part in comparisons(read(texts[1]))] == ["step", "reject", "state"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "empty"),
        ("stat == collapse", "no stream is called 'stat'; did you mean 'state'?"),
        ("state = collapse", "letter 7 of the condition: '=' compares nothing; did you mean '=='?"),
        ("state == colapse", "letter 10 of the condition: 'state' is one of healthy, noise, collapse"),
        ("state == colapse", "did you mean 'collapse'?"),
        ("state > noise", "'state' is followed by one of == !="),
        ("state == 2", "'state' is one of healthy, noise, collapse, not '2'"),
        ("reject < noise", "'reject' is compared with a number, not 'noise'"),
        ("reject <", "the condition ends where 'reject' is compared with a number is missing"),
        ("reject 0.5", "'reject' is followed by one of == != < <= > >="),
        ("reject < 1 ad state == noise", "letter 12 of the condition"),
        ("reject < 1 ad state == noise", "did you mean 'and'?"),
        ("reject < 1 and", "the condition ends where the name of a stream is missing"),
        ("reject < 1 for two s", "'for' is followed by seconds"),
        ("reject < 1 for 2", "seconds end in 's'"),
        ("reject < 1 for 0 s", "is allowed"),
        ("reject < 1e999", "a number beyond all numbers"),
        ("(reject < 1", "the closing bracket"),
        ("reject < 1; import os", "letter 11 of the condition, ';', means nothing"),
        ("__import__ == 1", "no stream is called '__import__'"), ("a.b == 1", "means nothing"),
        ("(" * (DEEPEST + 1) + "step > 1", "brackets in each other"),
        ("step > 1 or " * 40, f"{LONGEST_TEXT} are the most"),
    ],
)  # fmt: skip
def test_a_mistake_says_where_what_is_allowed_and_the_cure(text: str, told: str) -> None:
    """A sentence with the letter it is at, where there is one."""
    with pytest.raises(Mistake) as caught:
        read(text)
    assert told in str(caught.value)


PIECES = ("state", "reject", "step", "seconds", "==", "!=", "<", "=", "and", "or", "for", "s", "(", ")",
          "2", "0.5", "1e9", "nan", "collapse", "noise", "é", "'", " ")  # fmt: skip


@given(
    st.one_of(st.text(max_size=60), st.lists(st.sampled_from(PIECES), max_size=30).map(" ".join))
)
def test_any_text_is_read_or_told_and_nothing_else_happens(text: str) -> None:
    """Whatever stands in a preset: a condition that can be asked, or a `Mistake`."""
    try:
        condition = read(text)
    except Mistake as mistake:
        assert str(mistake)
        return
    assert isinstance(condition, Comparison | Group)
    assert read(str(condition)) == condition
    assert isinstance(Watch(condition).holds(lambda name: math.nan, 0.0), bool)
