"""What the MIDI hand tells of faders that wait and of learning: on a real bus, from whole messages."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from midi_programs import Sender, jack_environment, jack_server, until
from midi_stand import KNOBS, MidiStand, item

from instrument.clock import wall_clock
from instrument.hands.midi.hand import MidiHand
from instrument.hands.midi.waits import Waits, hands_frame
from instrument.signals.bus import Bus, new_show_name
from instrument.signals.frames import HANDS, WAITING_FADERS, HandsFrame


@pytest.fixture
def stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MidiStand:
    monkeypatch.setenv("TWOS_AND_SEVENS_HOME", str(tmp_path))
    stand = MidiStand(tmp_path)
    stand.map(item("learning.fog"))
    stand.positions["learning.fog"] = 0.5
    return stand


@pytest.fixture
def bus() -> Iterator[Bus]:
    bus = Bus(new_show_name())
    yield bus
    bus.close()


def told(stand: MidiStand, frame: HandsFrame) -> list[tuple[str, float, float]]:
    """Control, where the fader is, where the control stands."""
    names = [spec.path for spec in stand.bank]
    return [
        (names[frame.controls[n]], round(frame.hardware[n], 2), round(frame.stands[n], 2))
        for n in range(min(frame.waiting, WAITING_FADERS))
    ]


def waiting(stand: MidiStand) -> list[tuple[str, float, float]]:
    return told(stand, hands_frame(stand.table))


def test_a_fader_waits_from_its_first_move_until_it_has_crossed(stand: MidiStand) -> None:
    """Before it was moved nobody knows where it is, so nothing is told."""
    assert waiting(stand) == []
    stand.cc(10, 30)
    assert waiting(stand) == [("learning.fog", 0.24, 0.5)]
    stand.cc(10, 50)
    assert waiting(stand) == [("learning.fog", 0.39, 0.5)]
    stand.cc(10, 70)
    assert waiting(stand) == [] and stand.at("learning.fog") == 0.551


def test_a_fader_waits_when_another_hand_moves_its_control_away(stand: MidiStand) -> None:
    """Without a touch of it, and no longer than the control stands elsewhere."""
    stand.cc(10, 30, 70)
    stand.clock.advance(1.0)
    stand.positions["learning.fog"] = 0.9
    assert waiting(stand) == [("learning.fog", 0.55, 0.9)]
    stand.positions["learning.fog"] = 70 / 127
    assert waiting(stand) == []


def test_places_are_those_of_the_fader_not_of_the_control(stand: MidiStand) -> None:
    """An inverted fader over half of the way: whither the hand has to go is what counts."""
    stand.map(item("learning.fog", invert=True, low=0.0, high=0.5))
    stand.positions["learning.fog"] = 0.1
    stand.cc(10, 30)
    assert waiting(stand) == [("learning.fog", 0.24, 0.8)]


def test_only_faders_that_are_picked_up_wait(stand: MidiStand) -> None:
    """One that scales goes along, one that jumps leaps, an encoder turns from where the control is."""
    for keys in ({"takeover": "scale"}, {"takeover": "jump"}, {"act": "turn"}):
        stand.map(item("learning.fog", **keys))
        stand.cc(10, 30)
        stand.positions["learning.fog"] = 0.5
        stand.clock.advance(1.0)
        assert waiting(stand) == []


def test_the_fader_moved_last_comes_first_and_all_are_counted(stand: MidiStand) -> None:
    """Sixteen have a place in the frame."""
    stand.map("".join(item("learning.fog", number=number) for number in range(40, 60)))
    for number in range(40, 60):
        stand.clock.advance(0.1)
        stand.cc(number, number)
    frame = hands_frame(stand.table)
    assert frame.waiting == 20
    assert [round(place * 127) for place in frame.hardware] == list(range(59, 43, -1))


def test_what_is_learned_is_told_until_it_is(stand: MidiStand) -> None:
    """Number and words; "turn it back" too; -1 and nothing afterwards."""
    stand.table.learn("learning.heat", None)
    frame = hands_frame(stand.table)
    assert frame.learned == stand.bank.number["learning.heat"]
    assert frame.learning == b"move a fader or a knob for learning.heat"
    stand.cc(20, 1, 1, 1, 1)
    assert hands_frame(stand.table).learning.endswith(b"now turn it back")
    stand.table.end_learning()
    frame = hands_frame(stand.table)
    assert (frame.learned, frame.learning) == (-1, b"")


def test_the_bus_hears_changes_only_and_who_comes_late_hears_the_last(
    stand: MidiStand, bus: Bus
) -> None:
    """Nothing is said again while nothing changes."""
    heard, waits = bus.listener(HANDS), Waits(bus)
    stand.cc(10, 30)
    for _ in range(5):
        stand.clock.advance(0.1)
        waits.tell(stand.table, stand.clock())
    frames = list(heard.drain())
    assert [told(stand, frame) for frame in frames] == [[("learning.fog", 0.24, 0.5)]]
    stand.cc(10, 70)
    waits.tell(stand.table, stand.clock())
    late = bus.listener(HANDS)
    waits.meet()
    for listener in (heard, late):
        frame = listener.take()
        assert frame is not None and told(stand, frame) == []
    waits.close()


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("jackd") is None, reason="needs jackd")
def test_the_whole_hand_tells_of_a_fader_at_a_port(
    stand: MidiStand, bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From a message at a JACK port to a frame; and learning, by another thread."""
    for key, value in jack_environment().items():
        monkeypatch.setenv(key, value)
    heard, last = bus.listener(HANDS), HandsFrame()
    hand = MidiHand(
        stand.bank, stand.post, stand.say, wall_clock, stand.position, bus, system="jack"
    )
    with jack_server():
        hand.start()
        try:
            with Sender(KNOBS) as nano:

                def waits_at(value: int) -> bool:
                    nano.send(0xB0, 1, value)
                    heard.latest(last)
                    return told(stand, last) == [("learning.fog", round(value / 127, 2), 0.5)]

                until(lambda: waits_at(100), "fader 2 of the profile waits")
                until(lambda: waits_at(90), "it was moved")
                hand.learn("learning.heat")
                until(lambda: heard.latest(last) and last.learning, "learning is told")
                assert last.learned == stand.bank.number["learning.heat"]
                hand.end_learning()
                until(lambda: heard.latest(last) and not last.learning, "its end is told")
        finally:
            hand.stop()
