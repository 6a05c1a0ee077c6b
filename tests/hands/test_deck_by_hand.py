"""The deck of a rehearsal by key and by OSC: what is pressed and said arrives as it is meant."""

import pytest

from instrument.clock import HandClock
from instrument.hands.keyboard import Keyboard
from instrument.hands.meaning import position_of
from instrument.hands.readouts import DECK_FIELDS, DECK_STANDS, DeckReadout
from instrument.signals.controls import Bank
from instrument.signals.deck import DECK as GROUP
from instrument.signals.frames import DECK, DeckFrame
from instrument.signals.gesture import Gesture
from instrument.signals.local_bus import LocalBus

BANK = Bank.of([GROUP])


@pytest.mark.parametrize(
    ("key", "path", "value"),
    [("end", "deck.skip", 10.0), ("home", "deck.skip", -10.0), ("[4]", "deck.skip", -10.0),
     ("delete", "deck.play", 0.0), ("[5]", "deck.loop", 1.0), ("[7]", "deck.mark_in", -1.0),
     ("[9]", "deck.mark_out", -1.0)],
)  # fmt: skip
def test_a_key_of_the_deck(key: str, path: str, value: float) -> None:
    """Ten seconds on and back; hold; loop; marks are set here."""
    posted: list[Gesture] = []
    stands = {spec.path: spec.unmap(spec.default) for spec in BANK}
    Keyboard(BANK, stands.__getitem__, posted.append, HandClock()).press(key)
    ((at, position),) = [(gesture.path, gesture.position) for gesture in posted]
    assert (at, round(BANK.spec(path).map(position), 3)) == (path, value)


@pytest.mark.parametrize(
    ("path", "arguments", "value"),
    [("deck.seek", (0.0,), 0.0), ("deck.seek", (), 0.0), ("deck.seek_step", (0,), 0.0),
     ("deck.mark_in", (0.0,), 0.0), ("deck.mark_in", (), -1.0), ("deck.skip", (-10.0,), -10.0)],
)  # fmt: skip
def test_nothing_is_a_place_on_the_deck(path: str, arguments: tuple, value: float) -> None:
    """``/deck/seek 0`` is the beginning, not a button that is let go."""
    position = position_of(BANK.spec(path), arguments, lambda: 0.0)
    assert position is not None
    assert BANK.spec(path).map(position) == pytest.approx(value, abs=1e-6)


@pytest.mark.parametrize("path", ["deck.skip", "deck.no_marks", "deck.punch_out", "deck.branch"])
def test_a_button_of_the_deck_let_go_does_nothing(path: str) -> None:
    """As of any act."""
    assert position_of(BANK.spec(path), (0.0,), lambda: 0.0) is None


def test_the_deck_is_told_in_words_and_numbers() -> None:
    """Every address has something to tell, and tells it once."""
    bus = LocalBus()
    readout = DeckReadout(bus)
    assert list(readout.listen()) == []
    publisher = bus.publisher(DECK)
    frame = DeckFrame(position_s=93.5, length_s=180.0, speed=0.25, looping=1, run=b"tuesday")
    frame.loop_in_s, frame.loop_out_s, frame.punched = 20.0, -1.0, 2
    publisher.send(frame)
    told = dict(readout.listen())
    assert set(told) == set(readout.addresses) == {DECK_STANDS + name for name in DECK_FIELDS}
    values = ("tuesday", "1:33", "3:00", 93.5, 180.0, 0.25, "0:20 to 3:00", 2)
    assert [told[DECK_STANDS + name][0] for name in DECK_FIELDS] == list(values)
    publisher.send(frame)
    assert list(readout.listen()) == []
