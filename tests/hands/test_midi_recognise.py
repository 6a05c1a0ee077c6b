"""What a hand moved while it is learned: faders, buttons, pads, and encoders in three languages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instrument.hands.midi.recognise import Found, Recogniser, TurnBack
from instrument.hands.midi.relative import Encoding, steps_of
from instrument.hands.midi.source import Event, Source, SourceKind

KNOB = Source(SourceKind.CC, 1, 40)
RIGHT, LEFT = 5, -3
LANGUAGES = [
    (Encoding.TWOS, [1, 1, 2, 1, 127, 127, 126]),
    (Encoding.OFFSET, [65, 65, 66, 65, 63, 63, 62]),
    (Encoding.SIGN, [1, 1, 2, 1, 65, 65, 66]),
]


def hear(values: list[int], source: Source = KNOB, gap_s: float = 0.01) -> list[object]:
    """All that was found while one source said these values."""
    recogniser = Recogniser()
    found = [recogniser.take(Event(source, v), n * gap_s) for n, v in enumerate(values)]
    return [each for each in found if each is not None]


@pytest.mark.parametrize("encoding, right, left", [
    (Encoding.TWOS, 5, 125), (Encoding.OFFSET, 69, 61), (Encoding.SIGN, 5, 67),
])  # fmt: skip
def test_three_languages_say_the_same_steps(encoding: Encoding, right: int, left: int) -> None:
    """Five to the right, three to the left; the resting value is no step."""
    assert steps_of(encoding, right) == RIGHT
    assert steps_of(encoding, left) == LEFT
    assert steps_of(encoding, 64 if encoding is Encoding.OFFSET else 0) == 0


@pytest.mark.parametrize("encoding, values", LANGUAGES)
def test_an_encoder_turned_both_ways_shows_its_language(
    encoding: Encoding, values: list[int]
) -> None:
    """One step right, then left."""
    found = [each for each in hear(values) if isinstance(each, Found)]
    assert found[0] == Found(KNOB, encoding=encoding)


@pytest.mark.parametrize("value", [1, 65])
def test_an_encoder_turned_one_way_is_to_be_turned_back(value: int) -> None:
    """1 may be two languages, and so may 65."""
    assert set(hear([value] * 5)) == {TurnBack(KNOB)}


@pytest.mark.parametrize("value, encoding", [(127, Encoding.TWOS), (63, Encoding.OFFSET)])
def test_one_way_is_enough_where_only_one_language_has_it(value: int, encoding: Encoding) -> None:
    """127 and 63 are steps to the left in one language each."""
    assert Found(KNOB, encoding=encoding) in hear([value] * 5)


@pytest.mark.parametrize(
    "values", [[0, 1, 2, 3, 4, 5, 6, 7], [64, 63, 65, 64, 63, 65, 64], [60, 61, 60, 61]]
)
def test_a_fader_that_trembles_is_not_learned(values: list[int]) -> None:
    """Eight steps are asked for."""
    assert hear(values) == []


@pytest.mark.parametrize("values", [list(range(0, 9)), [100, 95, 90], [1, 3, 5, 7, 9, 11]])
def test_a_fader_moved_by_eight_steps_is_learned(values: list[int]) -> None:
    """And is no encoder, though it begins beside 0."""
    assert hear(values)[0] == Found(KNOB)


def test_a_button_is_learned_when_it_is_let_go() -> None:
    """127, 0."""
    assert hear([127]) == []
    assert hear([127, 0]) == [Found(KNOB, press=True)]


@pytest.mark.parametrize("velocity, counts", [(127, False), (90, True)])
def test_a_pad_is_learned_when_it_is_struck(velocity: int, counts: bool) -> None:
    """How hard counts where it was struck less than fully; letting go is nothing."""
    pad = Source(SourceKind.NOTE, 1, 36)
    assert hear([velocity, 0], pad) == [Found(pad, press=True, velocity=counts)]


def test_fourteen_bits_are_seen_by_their_halves() -> None:
    """CC 3 and CC 35 within 3 ms, again and again: one fader, not two."""
    recogniser = Recogniser()
    found = []
    for number in range(40):
        value = 1000 + number * 100
        for cc, half in ((3, value >> 7), (35, value & 127)):
            event = Event(Source(SourceKind.CC, 1, cc), half)
            found.append(recogniser.take(event, number * 0.01))
    assert {each for each in found if each} == {Found(Source(SourceKind.CC14, 1, 3))}


def test_two_faders_32_numbers_apart_are_two() -> None:
    """Moved one after the other by a hand, not within 3 ms."""
    recogniser = Recogniser()
    low = Source(SourceKind.CC, 1, 35)
    for number, value in enumerate((10, 20, 30)):
        recogniser.take(Event(Source(SourceKind.CC, 1, 3), value), number * 0.01)
    found = [recogniser.take(Event(low, v), 0.1 + n * 0.01) for n, v in enumerate((1, 20, 50))]
    assert found[-1] == Found(low)


def test_a_bend_is_learned_by_the_same_share_of_its_travel() -> None:
    """8 of 127 are 1024 of 16383."""
    bend = Source(SourceKind.BEND, 1)
    assert hear([8192, 8500, 9100], bend) == []
    assert hear([8192, 8700, 9300], bend) == [Found(bend)]


def test_silence_forgets_what_a_knob_said() -> None:
    """A knob that drifts by a step every few seconds is never learned."""
    assert hear(list(range(0, 60, 4)), gap_s=3.0) == []


@given(st.lists(st.integers(0, 127), min_size=1, max_size=50))
def test_what_is_learned_is_what_spoke(values: list[int]) -> None:
    """Nothing is made up from another number."""
    for found in hear(values):
        assert isinstance(found, (Found, TurnBack)) and found.source == KNOB


@given(st.integers(0, 119), st.lists(st.integers(1, 6), min_size=6, max_size=30))
def test_a_steady_sweep_is_a_fader(start: int, widths: list[int]) -> None:
    """Values that only rise and go far enough are never taken for an encoder or a button."""
    values = [start]
    for width in widths:
        values.append(min(127, values[-1] + width))
    rising = sorted(set(values))
    found = hear(rising)
    if rising[-1] - rising[0] >= 16:
        assert found and isinstance(found[0], Found)
        assert not found[0].press and found[0].encoding is None
