"""Where a token is asked for, nobody plays without it, and guessing takes for ever."""

import pytest

from instrument.hands.packet import Refusal
from instrument.hands.token import MOST_KNOWN, SILENCE_S, WAIT_S, Doors
from instrument.signals.mistake import Mistake

HAND = ("10.0.0.5", 7000)
WORD = "correct horse"


def test_who_says_the_token_is_in_and_stays_in() -> None:
    """The word is said once; a half hour of silence, and it has to be said again."""
    doors = Doors(WORD)
    assert not doors.admits(HAND, 0.0)
    doors.say(HAND, [WORD], 0.0)
    assert doors.admits(HAND, 0.0) and doors.admits(HAND, SILENCE_S)
    assert not doors.admits(("10.0.0.5", 7001), 0.0), "another program of the same machine"
    assert not doors.admits(HAND, 2.1 * SILENCE_S)


@pytest.mark.parametrize("said", [[], ["wrong"], [WORD, WORD], [7], [b"correct horse"], [None]])
def test_a_wrong_word_is_refused_and_counted(said: list[object]) -> None:
    """What is not exactly the word lets nobody in."""
    doors = Doors(WORD)
    with pytest.raises(Refusal, match="not the right one"):
        doors.say(HAND, said, 0.0)
    assert doors.wrong == 1 and not doors.admits(HAND, 0.0)


def test_one_guess_a_second_from_any_port_of_a_machine() -> None:
    """After a wrong word even the right one waits, so that trying words takes for ever."""
    doors = Doors(WORD)
    with pytest.raises(Refusal):
        doors.say(HAND, ["wrong"], 0.0)
    with pytest.raises(Refusal, match="too soon"):
        doors.say(("10.0.0.5", 7001), [WORD], 0.9 * WAIT_S)
    doors.say(("10.0.0.6", 7001), [WORD], 0.9 * WAIT_S)
    doors.say(HAND, [WORD], WAIT_S)
    assert doors.admits(HAND, WAIT_S)


def test_strangers_do_not_fill_the_memory() -> None:
    """Of those who were let in, and of those who wait, a bounded number is remembered."""
    doors = Doors(WORD)
    for number in range(2 * MOST_KNOWN):
        doors.say((f"10.0.{number}", 1), [WORD], 0.0)
        with pytest.raises(Refusal):
            doors.say((f"10.1.{number}", 1), ["wrong"], 0.0)
    assert len(doors._known) == len(doors._waits) == MOST_KNOWN


def test_without_a_token_everybody_is_in() -> None:
    """The usual show asks nobody."""
    assert Doors().admits(HAND, 0.0) and Doors().right("anything")


def test_a_token_that_can_be_guessed_is_a_mistake() -> None:
    """A short token is refused before the show."""
    with pytest.raises(Mistake, match="at least 8"):
        Doors("1234")


def test_a_token_that_is_no_text_is_a_mistake() -> None:
    """A byte from a terminal that speaks another code: a sentence, and not a fault of a codec."""
    with pytest.raises(Mistake, match="no text"):
        Doors("correct \udcff horse")


def test_who_guesses_by_udp_keeps_out_no_connection() -> None:
    """A WebSocket that was opened with the word may play at once, whatever else that machine sends."""
    doors = Doors(WORD)
    with pytest.raises(Refusal):
        doors.say(HAND, ["wrong"], 0.0)
    doors.say(("10.0.0.5", 7001, "ws"), [WORD], 0.1)
    assert doors.admits(("10.0.0.5", 7001, "ws"), 0.1)
    with pytest.raises(Refusal):
        doors.say(("10.0.0.5", 7002, "tcp"), ["wrong"], 0.1)
    with pytest.raises(Refusal, match="too soon"):
        doors.say(("10.0.0.5", 7003, "tcp"), [WORD], 0.2)
