"""Scenes in the conductor: what moves, who keeps what, and what is on the bus meanwhile."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pytest

from instrument.clock import HandClock
from instrument.conductor import Conductor
from instrument.conductor.conductor import TICK_S
from instrument.mapping import Route, RouteDesk, routes_text
from instrument.signals.beat import BeatHeard
from instrument.signals.bus import Bus, new_show_name
from instrument.signals.controls import Bank, Control, Controls, Group
from instrument.signals.frames import (
    CONTROLS,
    GESTURES,
    NOTICES,
    ROUTES,
    STANDING,
    ControlFrame,
    StandingFrame,
)
from instrument.signals.gesture import Gesture, Moves
from instrument.signals.mistake import Mistake
from instrument.signals.notices import notice_of
from instrument.signals.routes import ReadyRoutes, RouteEdit
from instrument.signals.scenes import Keep, Scene
from instrument.signals.show import CLOCKS, QUANTISE, SHOW
from instrument.signals.spec import number, switch, trigger
from instrument.signals.streams import StreamSpec


class Learning(Controls):
    heat = Control(number(0.0, 2.0, 1.0, "heat"))
    collapse = Control(number(0.0, 1.0, 0.0, "collapse"))
    quake = Control(trigger("quake"))


class Drone(Controls):
    level = Control(number(-60.0, 0.0, -30.0, "level"))
    tone = Control(number(0.0, 1.0, 0.0, "tone"))
    frozen = Control(switch(False, "frozen"))


BANK = Bank.of((SHOW, Group("learning", Learning), Group("sound.drone", Drone)))
STREAMS = (StreamSpec("flatness", 0.0, 1.0, "noise"),)
ROUTE = Route("flatness", "sound.drone.tone", 0.5)
DRONE = [f"sound.drone.{name}" for name in ("level", "tone", "frozen")]


class Shelf:
    """Two scenes by heart: hall (1), which moves the drone, and forge (2), which names heat too."""

    def __init__(self) -> None:
        self.kept: list[Keep] = []
        hall = scene("hall", 1, dict.fromkeys(DRONE, 1.0))
        forge = scene("forge", 2, {**dict.fromkeys(DRONE, 0.0), "learning.heat": 1.0})
        self.scenes = {"hall": hall, "forge": forge}

    def scene(self, word: str = "", number: int = 0) -> Scene:
        for each in self.scenes.values():
            if word == each.name or (not word and number == each.number):
                return each
        raise Mistake(f"there is no scene {word or number}")

    def number_of(self, name: str) -> int:
        return self.scenes[name].number if name in self.scenes else 0

    def keep(self, wanted: Keep) -> None:
        self.kept.append(wanted)


def scene(name: str, number: int, positions: dict[str, float]) -> Scene:
    return Scene(
        name=name,
        title=name.title(),
        numbers=np.array([BANK.number[path] for path in positions], np.intp),
        targets=np.array(list(positions.values()), np.float32),
        routes=ReadyRoutes((ROUTE,), routes_text((ROUTE,)), f"scene {name}"),
        number=number,
        note="forge is made for another net" if name == "forge" else "",
    )


class Show:
    """A conductor on a real bus, its clock in our hand, not started: turns are asked for one by one."""

    def __init__(self, bus: Bus) -> None:
        self.bus, self.clock, self.shelf = bus, HandClock(5.0), Shelf()
        self.desk = RouteDesk((), STREAMS, BANK)
        self.conductor = Conductor(
            BANK, BANK.defaults, bus, self.clock, self.desk, self.shelf, "hall"
        )
        self.controls, self.gestures = bus.listener(CONTROLS), bus.listener(GESTURES)
        self.notices, self.standings = bus.listener(NOTICES), bus.listener(STANDING)
        self.mappings = bus.listener(ROUTES)

    def does(self, path: str, value: float, who: str = "key", word: str = "") -> None:
        """A hand, in units of the control."""
        position = BANK.spec(path).unmap(value)
        self.conductor._take(Gesture(path, position, who, self.clock(), word=word))
        self.conductor.turn()

    def plays(self, seconds: float) -> None:
        """Time goes by, in ticks."""
        for _ in range(round(seconds / TICK_S)):
            self.clock.advance(TICK_S)
            self.conductor.turn()

    def at(self, *paths: str) -> list[float]:
        return [round(self.conductor.position(path), 4) for path in paths]

    def said(self) -> list[str]:
        return [notice_of(frame).text for frame in self.notices.drain()]

    def standing(self) -> StandingFrame:
        frame = self.standings.latest()
        assert frame is not None
        return frame


@pytest.fixture
def show() -> Iterator[Show]:
    bus = Bus(new_show_name())
    yield Show(bus)
    bus.close()


def test_a_scene_comes_over_the_time_of_show_morph_and_ends_where_it_is_written(show: Show) -> None:
    """Four seconds; half way numbers are half way and the switch has jumped; then all is there."""
    show.does("show.morph", 4.0)
    show.does("show.scene", 1)
    show.plays(1.98)
    assert show.at("sound.drone.frozen") == [0.0]
    show.plays(0.04)
    assert show.at(*DRONE) == pytest.approx([0.75, 0.5, 1.0], abs=0.02)
    show.plays(2.1)
    assert show.at(*DRONE) == [1.0, 1.0, 1.0]
    assert show.said() == ["scene 1: Hall, within 4 s"]


def test_a_scene_by_name_and_with_no_time_is_there_with_its_gesture(show: Show) -> None:
    """The word counts before the number; zero seconds are at once."""
    show.does("show.morph", 0.0)
    show.does("show.scene", 1, word="forge")
    assert show.at(*DRONE, "learning.heat") == [0.0, 0.0, 0.0, 1.0]
    assert show.said() == ["scene 2: Forge", "forge is made for another net"]


def test_who_wants_to_know_is_told_of_every_scene_that_was_gone_to(show: Show) -> None:
    """Not of those that are not there."""
    seen: list[str] = []
    show.conductor.recall.gone_to.append(lambda scene: seen.append(scene.name))
    for place in (2, 9, 1):
        show.does("show.scene", place)
    assert seen == ["forge", "hall"]


def test_a_scene_leaves_alone_what_it_does_not_move(show: Show) -> None:
    """A collapse that the hand holds goes on through the change."""
    show.does("learning.collapse", 0.9)
    show.does("show.morph", 0.0)
    show.does("show.scene", 2)
    assert show.at("learning.collapse") == [0.9]


def test_what_a_running_show_cannot_change_is_told_once(show: Show) -> None:
    """Going to the scene a second time does not say it again."""
    for _ in range(2):
        show.does("show.scene", 2)
    assert show.said().count("forge is made for another net") == 1


def test_a_hand_takes_a_control_out_of_a_morph_and_keeps_it(show: Show) -> None:
    """The level is touched after a second: there it stays; the tone goes on to its end."""
    show.does("show.morph", 4.0)
    show.does("show.scene", 1)
    show.plays(1.0)
    show.does("sound.drone.level", -45.0)
    show.plays(4.0)
    assert show.at("sound.drone.level", "sound.drone.tone") == [0.25, 1.0]


def test_the_recording_neither_stops_a_morph_nor_moves_what_a_scene_took(show: Show) -> None:
    """Tonight's scene takes hold of what it moves, on its way and afterwards; the rest stays recorded."""
    show.does("show.morph", 2.0)
    show.does("show.scene", 1)
    for _ in range(2):
        show.does("sound.drone.level", -60.0, who="recording")
        moves = [BANK.number["sound.drone.tone"], BANK.number["learning.collapse"]]
        show.conductor._take(Moves(moves, [0.0, 0.7], show.clock()))
        show.plays(2.1)
    assert show.at("sound.drone.level", "sound.drone.tone") == [1.0, 1.0]
    assert show.at("learning.collapse") == [0.7]


def test_a_second_scene_during_a_morph_starts_from_where_things_are(show: Show) -> None:
    """Nothing jumps: from one tick to the next no number moves by more than a 25th."""
    show.does("show.morph", 2.0)
    show.does("show.scene", 1)
    show.plays(1.0)
    before = show.conductor.positions()
    show.does("show.scene", 2)
    seen = [before, show.conductor.positions()]
    for _ in range(110):
        show.plays(TICK_S)
        seen.append(show.conductor.positions())
    glides = [BANK.number[path] for path in DRONE[:2]]
    assert np.abs(np.diff(np.array(seen)[:, glides], axis=0)).max() < 0.04
    assert show.at(*DRONE, "learning.heat") == [0.0, 0.0, 0.0, 1.0]


def test_a_morph_is_control_frames_and_no_gestures(show: Show) -> None:
    """Fifty frames a second of positions; the only gesture is that of the hand that asked."""
    show.does("show.morph", 0.5)
    list(show.controls.drain()), list(show.gestures.drain())
    show.does("show.scene", 1)
    frames = 0
    for _ in range(25):
        show.plays(TICK_S)
        frames += len(list(show.controls.drain()))
    assert 25 <= frames <= 30
    (act,) = show.gestures.drain()
    assert (act.control, act.who, act.step) == (BANK.number["show.scene"], b"key", -1)


def test_the_routes_of_a_scene_are_on_the_bus_with_the_time_of_the_morph(show: Show) -> None:
    """Sound and picture fade over the same time; an edit of a route afterwards is at once."""
    show.does("show.morph", 4.0)
    show.does("show.scene", 1)
    frame = show.mappings.latest()
    assert (frame.count, round(frame.fade_s, 3)) == (1, 4.0)
    assert show.desk.routes == (ROUTE,)
    show.conductor._take(RouteEdit("1", "depth", 0.25, "key"))
    frame = show.mappings.latest()
    assert (frame.count, frame.fade_s, show.desk.routes[0].depth) == (1, 0.0, 0.25)


def test_a_scene_that_is_not_there_moves_nothing_and_is_told(show: Show) -> None:
    """By number and by name."""
    before = show.conductor.positions()
    show.does("show.scene", 9)
    show.does("show.scene", 1, word="hell")
    show.plays(1.0)
    assert show.said() == ["there is no scene 9", "there is no scene hell"]
    assert (show.conductor.positions() == before).all()


def test_where_the_show_stands_is_said_ten_times_a_second_while_it_moves(show: Show) -> None:
    """Scene, place, how far, what is left; when it is over, once more, and then with the heartbeat."""
    show.does("show.morph", 2.0)
    show.does("show.scene", 2)
    show.plays(1.0)
    frames = list(show.standings.drain())
    assert 10 <= len(frames) <= 13
    assert (frames[-1].scene, frames[-1].scene_number) == (b"forge", 2)
    assert frames[-1].morph == pytest.approx(0.5, abs=0.06)
    assert frames[-1].morph_left_s == pytest.approx(1.0, abs=0.12)
    show.plays(1.1)
    assert (show.standing().morph, show.standings.take()) == (1.0, None)
    show.plays(1.0)
    assert 3 <= len(list(show.standings.drain())) <= 5


def test_a_snapshot_is_what_stands_now_and_not_what_comes_later(show: Show) -> None:
    """The shelf gets copies, the mapping, the scene, and the name or the place that was asked for."""
    show.does("sound.drone.level", 0.0)
    show.does("show.snapshot", 1.0, word="mine")
    show.does("sound.drone.level", -60.0)
    show.does("show.store", 12)
    first, second = show.shelf.kept
    assert first.positions[BANK.number["sound.drone.level"]] == 1.0
    assert (first.name, first.place, first.scene, first.routes) == ("mine", 0, "hall", b"[]")
    assert (second.name, second.place) == ("", 12)


def test_quantised_acts_wait_and_panic_does_not(show: Show) -> None:
    """On the bar: quake and scene wait and are counted as pending; panic and faders are at once."""
    show.does("show.quantise", QUANTISE.index("bar"))
    show.plays(0.3)
    list(show.gestures.drain())
    show.does("show.morph", 0.0)
    show.does("learning.quake", 0.2)
    show.does("learning.quake", 0.7)
    show.does("show.scene", 1)
    show.does("show.panic", 1)
    assert show.at("show.panic", "sound.drone.tone") == [0.5, 0.0]
    assert show.standing().pending == 2
    show.plays(1.6)
    assert show.at("sound.drone.tone") == [0.0]
    show.plays(0.2)
    assert show.at("sound.drone.tone") == [1.0]
    quakes = [
        round(act.position, 3)
        for act in show.gestures.drain()
        if act.control == BANK.number["learning.quake"]
    ]
    assert quakes == [0.7]
    assert show.standing().pending == 0


def test_what_waits_goes_at_once_when_quantise_is_turned_off(show: Show) -> None:
    """Nobody is left waiting for a beat that no longer counts."""
    show.does("show.morph", 0.0)
    show.does("show.quantise", QUANTISE.index("4 bars"))
    show.does("show.scene", 1)
    show.does("show.quantise", 0)
    assert show.at("sound.drone.tone") == [1.0]


def test_what_a_cue_does_is_not_put_off_again(show: Show) -> None:
    """GO waited for its bar; the quake of its cue goes with it."""
    show.does("show.quantise", QUANTISE.index("4 bars"))
    show.does("learning.quake", 0.5, who="cue 3")
    assert [act.who for act in show.gestures.drain()][-1] == b"cue 3"


def test_taps_move_the_tempo_and_the_beat_is_on_the_bus(show: Show) -> None:
    """.4 s apart is 150 bpm; two seconds later the beat is five further."""
    for _ in range(4):
        show.does("show.tap", 1.0)
        show.plays(0.4)
    assert show.conductor.value("show.bpm") == pytest.approx(150.0, abs=0.01)
    show.plays(0.3)
    first = show.standing()
    show.plays(2.0)
    second = show.standing()
    assert second.bpm == pytest.approx(150.0, abs=0.01)
    passed = (second.time_s - first.time_s) * 150.0 / 60.0
    assert second.beat - first.beat == pytest.approx(passed, abs=1e-3)


def test_an_external_beat_is_followed_and_missed(show: Show) -> None:
    """Three seconds of silence are told; the show's own beat goes on."""
    show.does("show.clock", CLOCKS.index("midi"))
    show.conductor._take(BeatHeard("midi", 16.0, 90.0, show.clock(), True))
    show.plays(0.3)
    assert show.standing().bpm == 90.0
    show.plays(3.0)
    assert show.said()[-1].startswith("MIDI clock is silent; our own beat goes on at 90 bpm")


def test_an_act_is_obeyed_after_it_is_on_the_bus_and_a_faulty_hand_ends_nothing(show: Show) -> None:
    """Who obeys finds the gesture published already; what it raises becomes a sentence."""
    seen: list[tuple[str, int]] = []

    def broken(gesture: Gesture) -> None:
        raise RuntimeError("no such pad")

    show.conductor.obey("learning.quake", broken)
    show.conductor.obey(
        "learning.quake", lambda g: seen.append((g.who, len(list(show.gestures.drain()))))
    )
    show.does("learning.quake", 0.5, who="midi pad")
    assert seen == [("midi pad", 1)]
    assert show.said() == ["learning.quake failed (RuntimeError: no such pad); the show goes on"]


class Ride:
    """A rider that fires once, at second 7."""

    is_busy = False

    def __init__(self, fire: Callable[[], None]) -> None:
        self.fire, self.asked, self.done = fire, 0, False

    def turn(self, now_s: float) -> float:
        self.asked += 1
        if now_s >= 7.0 and not self.done:
            self.done = True
            self.fire()
        return 0.5

    def fill(self, frame: StandingFrame, now_s: float) -> None:
        frame.cue = 3


def test_a_rider_is_asked_as_often_as_it_wants_and_says_where_it_stands(show: Show) -> None:
    """Twice a second for three seconds, and once more after an act."""
    rider = Ride(lambda: show.conductor.move_to({"sound.drone.level": 0.0}, 0.0))
    show.conductor.ride(rider)
    show.plays(3.0)
    assert 5 <= rider.asked <= 8
    assert show.at("sound.drone.level") == [1.0]
    assert show.standing().cue == 3
    before = rider.asked
    show.does("learning.quake", 0.5)
    assert rider.asked == before + 1


def test_a_running_conductor_plays_a_morph_by_itself() -> None:
    """The real thread and clock: frames come until the scene is there; then a hand has it again."""
    bus = Bus(new_show_name())
    conductor = Conductor(BANK, BANK.defaults, bus, time.monotonic, None, Shelf(), "forge")
    controls = bus.listener(CONTROLS)
    conductor.start()
    conductor.post(Gesture("show.morph", BANK.spec("show.morph").unmap(0.4), "key", 0.0))
    conductor.post(Gesture("show.scene", 0.0, "key", 0.0, word="hall"))
    seen = _positions_until(controls, BANK.number["sound.drone.tone"], 1.0)
    conductor.post(Gesture("sound.drone.tone", 0.5, "key", 0.0))
    conductor.stop()
    bus.close()
    assert len([at for at in seen if 0.0 < at < 1.0]) >= 3
    assert list(seen) == sorted(seen)
    assert conductor.position("sound.drone.tone") == 0.5


def _positions_until(listener: object, number: int, end: float) -> Sequence[float]:
    seen: list[float] = []
    deadline_s = time.monotonic() + 20.0
    while time.monotonic() < deadline_s and (not seen or seen[-1] < end):
        for frame in listener.drain():  # type: ignore[attr-defined]
            assert isinstance(frame, ControlFrame)
            seen.append(float(frame.positions[number]))
        threading.Event().wait(0.005)
    return seen
