"""The conductor owns the state of the show: what is posted is what stands, in order."""

import threading
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from instrument.clock import HandClock
from instrument.conductor import Conductor
from instrument.signals.bus import Bus, new_show_name
from instrument.signals.controls import Bank, Control, Controls, Group
from instrument.signals.frames import CONTROLS, GESTURES, NOTICES
from instrument.signals.gesture import Gesture, Moves
from instrument.signals.notices import notice_of
from instrument.signals.show import SHOW
from instrument.signals.spec import number, trigger


class Learning(Controls):
    heat = Control(number(0.0, 2.0, 1.0, "heat"))
    quake = Control(trigger("quake"))


BANK = Bank.of((SHOW, Group("learning", Learning)))


@pytest.fixture
def bus() -> Iterator[Bus]:
    bus = Bus(new_show_name())
    yield bus
    bus.close()


@pytest.fixture
def conductor(bus: Bus) -> Iterator[Conductor]:
    conductor = Conductor(BANK, BANK.defaults, bus, HandClock(5.0))
    yield conductor


def played(conductor: Conductor, *gestures: Gesture) -> None:
    conductor.start()
    for gesture in gestures:
        conductor.post(gesture)
    conductor.stop()


def hand(path: str, position: float, who: str = "key") -> Gesture:
    return Gesture(path, position, who, 1.0)


def test_what_the_preset_says_is_on_the_bus_before_anything_else(
    conductor: Conductor, bus: Bus
) -> None:
    """A listener that comes late still gets what stands."""
    conductor.start()
    late = bus.listener(CONTROLS)
    conductor.stop()
    frame = late.latest()
    assert frame is not None
    assert np.allclose(frame.positions[: frame.count], BANK.defaults)


def test_a_moved_control_stands_where_the_hand_put_it(conductor: Conductor, bus: Bus) -> None:
    """The last of three moves stands, and each is on the bus as a gesture, in order."""
    controls, gestures = bus.listener(CONTROLS), bus.listener(GESTURES)
    played(conductor, *(hand("learning.heat", at) for at in (0.1, 0.9, 0.25)))
    assert conductor.position("learning.heat") == 0.25
    assert conductor.value("learning.heat") == 0.5
    frame = controls.latest()
    assert frame is not None and frame.positions[BANK.number["learning.heat"]] == 0.25
    acts = list(gestures.drain())
    assert [round(act.position, 3) for act in acts] == [0.1, 0.9, 0.25]
    assert all(act.step == -1 and act.who == b"key" for act in acts)
    assert conductor.gestures == 3


def test_an_act_passes_and_nothing_stands(conductor: Conductor, bus: Bus) -> None:
    """A trigger goes on as a gesture; no control moves."""
    gestures = bus.listener(GESTURES)
    played(conductor, hand("learning.quake", 0.3))
    assert [act.control for act in gestures.drain()] == [BANK.number["learning.quake"]]
    assert conductor.position("learning.quake") == BANK.defaults[BANK.number["learning.quake"]]


def test_a_hand_takes_a_control_from_the_recording_and_keeps_it(conductor: Conductor) -> None:
    """The recording moves what no hand has touched in this show, and only that."""
    played(
        conductor,
        hand("learning.heat", 0.2, "recording"),
        hand("learning.heat", 0.7, "key"),
        hand("learning.heat", 0.1, "recording"),
        hand("show.calm", 0.4, "recording"),
    )
    assert conductor.position("learning.heat") == pytest.approx(0.7)
    assert conductor.position("show.calm") == pytest.approx(0.4)


def test_positions_beyond_the_ends_stop_at_the_ends(conductor: Conductor) -> None:
    """Nothing can push a control out of 0..1."""
    played(conductor, hand("learning.heat", 7.0), hand("show.calm", -3.0))
    assert conductor.position("learning.heat") == 1.0
    assert conductor.position("show.calm") == 0.0


def test_a_gesture_for_nothing_changes_nothing(conductor: Conductor) -> None:
    """A path that is no control is passed over; what follows is still taken."""
    played(conductor, hand("learning.nothing", 0.5), hand("learning.heat", 0.5))
    assert conductor.position("learning.heat") == 0.5


def test_many_threads_post_and_nothing_is_lost(conductor: Conductor) -> None:
    """Eight hands at once, each act counted."""
    conductor.start()

    def many(conduct: Callable[[Gesture], None]) -> None:
        for turn in range(200):
            conduct(hand("learning.heat", turn / 200))

    hands = [threading.Thread(target=many, args=(conductor.post,)) for _ in range(8)]
    for each in hands:
        each.start()
    for each in hands:
        each.join()
    conductor.stop()
    assert conductor.gestures == 1600


def test_a_sentence_reaches_every_listener_whole(conductor: Conductor, bus: Bus) -> None:
    """Notices keep room, text and weight; a long one is cut, never inside a character."""
    notices = bus.listener(NOTICES)
    conductor.start()
    conductor.say("é" * 500, grave=True, where="sound")
    conductor.stop()
    (frame,) = notices.drain()
    notice = notice_of(frame)
    assert (notice.where, notice.grave, notice.text) == ("sound", True, "é" * 199)


def test_what_belongs_together_is_one_frame(conductor: Conductor, bus: Bus) -> None:
    """Two moves and an act of one bundle: both gestures, and no frame in which only one has moved."""
    controls, gestures = bus.listener(CONTROLS), bus.listener(GESTURES)
    conductor.start()
    conductor.post_together(
        [hand("learning.heat", 0.9), hand("learning.quake", 1.0), hand("show.calm", 0.25)]
    )
    conductor.stop()
    heat, calm = BANK.number["learning.heat"], BANK.number["show.calm"]
    seen = {(round(f.positions[heat], 2), round(f.positions[calm], 2)) for f in controls.drain()}
    assert seen == {(0.5, 1.0), (0.9, 0.25)}
    assert [act.control for act in gestures.drain()] == [heat, BANK.number["learning.quake"], calm]


def test_what_fails_in_one_act_does_not_end_the_show(conductor: Conductor, bus: Bus) -> None:
    """Moves of a run with more controls than this show, a folder's name that is no text, a broken rider."""

    class Broken:
        is_busy = False

        def turn(self, now_s: float) -> float:
            raise RuntimeError("nobody knows why")

        def fill(self, frame: object, now_s: float) -> None:
            return

    conductor.ride(Broken())
    news = bus.listener(NOTICES)
    conductor.start()
    conductor.post(Moves([99999], [0.5], 1.0))
    conductor.say("saved in /home/\udcff")
    conductor.post(hand("learning.heat", 0.75))
    conductor.stop()
    assert conductor.position("learning.heat") == 0.75
    said = [notice_of(frame).text for frame in news.drain()]
    assert any("the show goes on" in text for text in said)
    assert any(text.startswith("saved in") for text in said)


def test_what_a_stranger_says_moves_no_cursor(conductor: Conductor, bus: Bus) -> None:
    """Words of the network stand in sentences; a terminal obeys what stands in its text."""
    news = bus.listener(NOTICES)
    conductor.start()
    conductor.say("not '\x1b]0;owned\x07\x1b[2J\x9b\0\u202e'\nthe second line, Zürich")
    conductor.stop()
    assert [notice_of(frame).text for frame in news.drain()] == [
        "not '?]0;owned??[2J???'\nthe second line, Zürich"
    ]
