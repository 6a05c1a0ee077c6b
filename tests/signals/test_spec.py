"""Specs: a position is a value and back, and what arrives as a word is told in a sentence."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instrument.signals.mistake import Mistake
from instrument.signals.spec import Curve, Kind, Spec, choice, number, switch, trigger, whole

SPECS = (
    number(-60.0, 6.0, -14.0, "level", unit="dB"),
    number(0.25, 4.0, 1.0, "heat", unit="x", curve=Curve.EXPONENTIAL),
    number(0.0, 1.5, 0.0, "fog", curve=Curve.POWER),
    whole(1, 16, 4, "bits"),
    switch(False, "hold"),
    choice(("one", "two", "three"), "two", "which"),
    trigger("quake", low=0.01, high=1.0, default=0.1),
    trigger("forget", choices=("last", "both")),
)


@given(st.sampled_from(SPECS), st.floats(0.0, 1.0))
def test_position_survives_the_way_there_and_back(spec: Spec, position: float) -> None:
    """unmap is the inverse of map; of whole values the value survives."""
    value = spec.map(position)
    assert spec.low <= value <= spec.high or math.isclose(value, spec.high)
    back = spec.unmap(value)
    if spec.is_whole:
        assert spec.map(back) == value
    else:
        assert back == pytest.approx(position, abs=1e-5)


@given(st.sampled_from(SPECS), st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_higher_position_is_never_a_lower_value(spec: Spec, one: float, other: float) -> None:
    """Every curve rises."""
    low, high = sorted((one, other))
    assert spec.map(low) <= spec.map(high)


@given(st.sampled_from(SPECS), st.floats(allow_nan=False, allow_infinity=True))
def test_position_beyond_the_ends_is_the_end(spec: Spec, position: float) -> None:
    """Positions and values are clamped, infinite ones too."""
    assert spec.low <= spec.map(position) <= spec.high + 1e-9
    assert 0.0 <= spec.unmap(position) <= 1.0


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.help)
def test_default_is_where_its_position_leads(spec: Spec) -> None:
    """A default is met exactly enough."""
    assert spec.map(spec.unmap(spec.default)) == pytest.approx(spec.default)


@pytest.mark.parametrize(
    ("spec", "word", "value"),
    [
        (SPECS[0], -3, -3.0),
        (SPECS[4], True, 1.0),
        (SPECS[5], "three", 2.0),
        (SPECS[7], "last", 0.0),
    ],
)
def test_words_are_parsed(spec: Spec, word: object, value: float) -> None:
    """Numbers, booleans and choices are understood."""
    assert spec.parse(word) == value


@pytest.mark.parametrize(
    ("spec", "word", "sentence"),
    [
        (SPECS[0], "loud", "takes a number, not the text 'loud'"),
        (SPECS[0], float("nan"), "finite"),
        (SPECS[0], None, "NoneType"),
        (SPECS[0], [1], "list"),
        (SPECS[5], "tow", "did you mean 'two'"),
    ],
)
def test_wrong_words_are_told(spec: Spec, word: object, sentence: str) -> None:
    """What cannot be a value is a sentence, not a traceback."""
    with pytest.raises(Mistake, match=sentence):
        spec.parse(word)


def test_texts_are_what_a_performer_reads() -> None:
    """Values carry their unit, switches and choices their words."""
    assert SPECS[0].text(-12.0) == "-12 dB"
    assert SPECS[4].text(1.0) == "on"
    assert SPECS[5].text(2.0) == "three"
    assert SPECS[5].allowed == "one, two, three"
    assert SPECS[0].allowed == "-60..6 dB"


def test_impossible_specs_are_refused_when_declared() -> None:
    """A default outside its range, and an exponential curve through zero, fail at import."""
    with pytest.raises(ValueError, match="outside"):
        number(0.0, 1.0, 2.0, "wrong")
    with pytest.raises(ValueError, match="exponential"):
        number(0.0, 1.0, 0.5, "wrong", curve=Curve.EXPONENTIAL)


def test_address_and_name_follow_from_the_path() -> None:
    """The OSC address is the path with slashes."""
    spec = Spec(Kind.FLOAT, 0, 1, 0, "level", path="sound.drone.level")
    assert (spec.address, spec.name) == ("/sound/drone/level", "level")
