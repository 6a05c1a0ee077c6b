"""What a recording moves is dated, what a hand moves counts at once, and neither holds up the other."""

import numpy as np
import pytest

from instrument.clock import HandClock
from instrument.conductor import Conductor
from instrument.mapping import RouteDesk
from instrument.signals.controls import Bank, Control, Controls, Group
from instrument.signals.due import due_block
from instrument.signals.frames import CONTROLS, ROUTES
from instrument.signals.gesture import FOLLOW_HAND, Gesture, Moves
from instrument.signals.local_bus import LocalBus
from instrument.signals.positions_due import PositionsDue
from instrument.signals.routes import NewRoutes
from instrument.signals.show import SHOW
from instrument.signals.spec import number
from instrument.signals.streams import StreamSpec


class Voice(Controls):
    level = Control(number(0.0, 1.0, 0.0, "level"))
    tone = Control(number(0.0, 1.0, 0.0, "tone"))


BANK = Bank.of((SHOW, Group("sound.voice", Voice)))
LEVEL, TONE = BANK.number["sound.voice.level"], BANK.number["sound.voice.tone"]
STREAMS = (StreamSpec("flatness", 0.0, 1.0, "noise"),)
ROUTE = {"stream": "flatness", "control": "sound.voice.level", "depth": 0.5}


class Show:
    """A conductor in this thread, and a sound that counts blocks."""

    def __init__(self) -> None:
        bus = LocalBus()
        self.clock = HandClock(100.0)
        self.conductor = Conductor(
            BANK, BANK.defaults, bus, self.clock, RouteDesk((), STREAMS, BANK)
        )
        self.frames, self.routes = bus.listener(CONTROLS), bus.listener(ROUTES)
        self.sound = PositionsDue(bus.listener(CONTROLS), BANK.defaults.copy(), due_block, 400.0)
        self.conductor.open()

    def recorded(self, name: str, position: float, due: int) -> None:
        act = Gesture(f"sound.voice.{name}", position, FOLLOW_HAND, 100.0 + due / 200, due=due)
        self.conductor.take(act)

    def hand(self, name: str, position: float) -> None:
        self.conductor.take(Gesture(f"sound.voice.{name}", position, "key", self.clock()))

    def at(self, block: int) -> list[float]:
        """Level and tone as the sound hears them."""
        self.sound.listen(block)
        return [float(self.sound.positions[number]) for number in (LEVEL, TONE)]


@pytest.fixture
def show() -> Show:
    return Show()


def test_a_recorded_move_is_published_with_its_date(show: Show) -> None:
    """Its block, and about when that is; the heartbeat after it is of now."""
    list(show.frames.drain())
    show.recorded("level", 0.5, due=40)
    show.clock.advance(1.0)
    show.conductor.turn()
    dated, heart = list(show.frames.drain())
    assert (dated.due, dated.time_s) == (40, pytest.approx(100.2))
    assert (heart.due, heart.time_s) == (0, 101.0)
    assert show.at(39) == [0.0, 0.0] and show.at(40) == [0.5, 0.0]


def test_a_morph_of_the_recording_is_dated_as_one(show: Show) -> None:
    """All that it moves, at the block of the frame."""
    show.conductor.take(Moves((LEVEL, TONE), (0.25, 0.75), 100.5, due=30))
    assert show.at(29) == [0.0, 0.0] and show.at(30) == [0.25, 0.75]


def test_who_moves_many_hears_that_they_stand(show: Show) -> None:
    """`then` comes once, when every listener can take the frame that says so."""
    heard: list[list[float]] = []
    show.conductor.take(
        Moves((LEVEL, TONE), (0.25, 0.75), 100.5, then=lambda: heard.append(show.at(0)))
    )
    assert heard == [[0.25, 0.75]]


def test_a_live_hand_does_not_wait_for_the_recording(show: Show) -> None:
    """Half a second of recorded moves is on its way; the hand is heard with the next block."""
    for tick in range(90):
        show.recorded("level", 0.01 * tick, due=100 + tick)
    show.hand("tone", 0.5)
    assert show.at(10) == [0.0, 0.5]
    assert show.at(150) == [pytest.approx(0.5), 0.5]


def test_a_live_hand_holds_what_the_recording_was_about_to_move(show: Show) -> None:
    """What was posted before the hand came does not move it any more, nor what comes after."""
    show.recorded("level", 0.25, due=100)
    show.hand("level", 0.75)
    show.recorded("level", 0.5, due=120)
    assert show.at(10) == [0.75, 0.0]
    assert show.at(200) == [0.75, 0.0]


def test_a_recorded_mapping_is_published_with_its_date_and_fade(show: Show) -> None:
    """And one that cannot be is told, and changes nothing."""
    show.conductor.take(NewRoutes([ROUTE], FOLLOW_HAND, 2.5, 60, 100.75))
    *_, frame = list(show.routes.drain())
    assert (frame.due, frame.time_s, frame.fade_s, frame.count) == (60, 100.75, 2.5, 1)
    show.conductor.take(NewRoutes([{**ROUTE, "control": "nothing"}], FOLLOW_HAND, 2.5, 70, 101.0))
    assert list(show.routes.drain()) == []


def test_where_nothing_is_dated_everything_is_as_ever(show: Show) -> None:
    """A playback that goes by the clock says no blocks: its moves count at once, at the time of now."""
    show.conductor.take(Gesture("sound.voice.level", 0.5, FOLLOW_HAND, 3.0))
    *_, frame = list(show.frames.drain())
    assert (frame.due, frame.time_s) == (0, 100.0)
    assert show.at(0) == [0.5, 0.0]
    assert np.isclose(show.conductor.position("sound.voice.level"), 0.5)
