"""Cues as the conductor does them: on a real bus, with streams, scenes, morphs and acts."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from perform_stand import Played, last_of, until

from instrument.clock import HandClock, wall_clock
from instrument.conductor import Conductor, CueDesk
from instrument.runs.tape import Tape
from instrument.signals.bus import Bus, new_show_name
from instrument.signals.condition import read_condition
from instrument.signals.controls import Bank, Control, Controls, Group
from instrument.signals.cue import Cue
from instrument.signals.frames import (
    CONTROLS,
    GESTURES,
    METRICS,
    NOTICES,
    STANDING,
    MetricFrame,
    StandingFrame,
)
from instrument.signals.gesture import Gesture
from instrument.signals.mistake import Mistake
from instrument.signals.notices import notice_of
from instrument.signals.routes import ReadyRoutes
from instrument.signals.scenes import Keep, Scene
from instrument.signals.show import SHOW
from instrument.signals.spec import number, trigger
from instrument.signals.streams import StreamSpec

STREAMS = (StreamSpec("state", 0, 2, "s", choices=("healthy", "noise", "collapse")),)


class Learning(Controls):
    heat = Control(number(0.0, 2.0, 1.0, "heat"))
    quake = Control(trigger("quake"))


class Drone(Controls):
    level = Control(number(0.0, 1.0, 0.0, "level"))


BANK = Bank.of((SHOW, Group("learning", Learning), Group("sound.drone", Drone)))
LEVEL = BANK.number["sound.drone.level"]
WHEN = read_condition("state == collapse for 1 s", STREAMS)
CUES = (
    Cue("loud", scene="cathedral", over_s=4.0, values={"learning.heat": 2.0}, after_s=10.0),
    Cue("shake", note="hold on", acts=(("learning.quake", 0.25),), when=WHEN, by_s=30.0),
    Cue("end"),
)


class OneScene:
    """A shelf with one scene on it: the drone at full."""

    def scene(self, word: str = "", number: int = 0) -> Scene:
        if word != "cathedral":
            raise Mistake(f"no scene is called '{word}'")
        numbers, targets = np.array([LEVEL]), np.array([1.0], np.float32)
        return Scene("cathedral", "Cathedral", numbers, targets, ReadyRoutes((), b"[]", "scene"), 2)

    def number_of(self, name: str) -> int:
        return 2 if name == "cathedral" else 0

    def keep(self, wanted: Keep) -> None:
        raise AssertionError("nothing is kept here")


class Stand:
    """A conductor whose thread is the test's, by a clock turned by hand, and ears on the bus."""

    def __init__(self, cues: tuple[Cue, ...] = CUES) -> None:
        self.bus, self.clock = Bus(new_show_name()), HandClock(1000.0)
        shelf = OneScene()
        self.conductor = Conductor(BANK, BANK.defaults, self.bus, self.clock, None, shelf)
        self.desk = CueDesk(self.conductor, cues, STREAMS, self.bus)
        self.conductor.ride(self.desk)
        self.metrics = self.bus.publisher(METRICS)
        self.notices, self.acts = self.bus.listener(NOTICES), self.bus.listener(GESTURES)
        self.standings = self.bus.listener(STANDING)

    def wait(self, seconds: float, state: float | None = None) -> None:
        for _ in range(round(seconds * 40)):
            self.clock.advance(0.025)
            if state is not None:
                frame = MetricFrame(time_s=self.clock(), count=1)
                frame.streams[0] = state
                self.metrics.send(frame)
            self.conductor.turn()

    def ask(self, path: str, position: float = 1.0, word: str = "") -> None:
        self.conductor.act(Gesture(path, position, "key", self.clock(), word=word))
        self.conductor.turn()

    def said(self) -> list[str]:
        return [notice_of(frame).text for frame in self.notices.drain()]

    def stands(self) -> StandingFrame:
        """As it is said a quarter of a second later at the latest."""
        list(self.standings.drain())
        self.wait(0.3)
        frame = self.standings.latest()
        assert frame is not None
        return frame


@pytest.fixture
def stand() -> Iterator[Stand]:
    stand = Stand()
    yield stand
    stand.bus.close()


def test_nothing_goes_before_the_curtain_and_its_time_counts_from_there(stand: Stand) -> None:
    """However long the stage takes to be ready."""
    stand.wait(20.0)
    assert stand.said() == []
    stand.desk.raise_curtain()
    stand.wait(9.9)
    assert stand.said() == []
    stand.wait(0.2)
    assert stand.said()[0] == "cue 1 of 3, loud (time)"


def test_scene_and_values_come_over_the_time_of_the_cue(stand: Stand) -> None:
    """Half way after half the time, there at the end, and still there later."""
    stand.ask("show.go")
    assert stand.conductor.position("sound.drone.level") < 0.1
    stand.wait(2.0)
    assert stand.conductor.position("sound.drone.level") == pytest.approx(0.5, abs=0.03)
    assert stand.conductor.value("learning.heat") == pytest.approx(1.5, abs=0.03)
    stand.wait(3.0)
    assert stand.conductor.position("sound.drone.level") == 1.0
    assert stand.conductor.value("learning.heat") == 2.0
    frame = stand.stands()
    assert frame.scene == b"cathedral" and frame.cue == 1


def test_a_hand_takes_a_control_from_a_cue(stand: Stand) -> None:
    """What is touched while it moves stays where the hand put it; the rest goes on."""
    stand.conductor.start()
    stand.ask("show.go")
    stand.conductor.post(Gesture("learning.heat", 0.1, "key", stand.clock()))
    stand.conductor.stop()
    stand.wait(5.0)
    assert stand.conductor.position("learning.heat") == pytest.approx(0.1)
    assert stand.conductor.position("sound.drone.level") == 1.0


def test_a_condition_hears_the_training_and_its_acts_carry_the_cue_s_name(stand: Stand) -> None:
    """A second of collapse, and the quake is on the bus with its strength; who did it is told."""
    stand.desk.raise_curtain()
    stand.ask("show.go")
    list(stand.acts.drain())
    stand.wait(3.0, state=1.0)
    assert list(stand.acts.drain()) == []
    stand.wait(1.2, state=2.0)
    acts = list(stand.acts.drain())
    assert [(act.control, act.position, act.who) for act in acts] == [
        (BANK.number["learning.quake"], 0.25, b"cue shake")
    ]
    assert "cue 2 of 3, shake (condition)" in stand.said()


def test_a_training_that_says_nothing_is_not_waited_for_beyond_the_deadline(stand: Stand) -> None:
    """No metric frame at all: the deadline brings the cue."""
    stand.desk.raise_curtain()
    stand.ask("show.go")
    stand.wait(30.1)
    assert "cue 2 of 3, shake (deadline)" in stand.said()


def test_goto_takes_a_number_or_a_word_and_back_moves_nothing(stand: Stand) -> None:
    """As a hand asks over OSC; what is not there is said."""
    spec = BANK.spec("show.goto")
    stand.ask("show.goto", spec.unmap(2))
    stand.ask("show.goto", word="end")
    stand.ask("show.goto", word="ende")
    stand.ask("show.back")
    said = stand.said()
    assert said[0] == "cue 2 of 3, shake (goto)" and said[1] == "cue 3 of 3, end (goto)"
    assert "did you mean 'end'" in said[2] and "it waits for GO" in said[3]
    assert stand.conductor.value("learning.heat") == 1.0


def test_two_goes_at_once_are_one_by_the_guard_of_the_show(stand: Stand) -> None:
    """The control show.go_guard decides; at 0 both count."""
    stand.ask("show.go")
    stand.ask("show.go")
    assert stand.stands().cue == 1
    number = BANK.number["show.go_guard"]
    stand.conductor.move(np.array([number]), np.array([0.0], np.float32), 0.0)
    stand.wait(0.1)
    stand.ask("show.go")
    stand.ask("show.go")
    assert stand.stands().cue == 3


def test_with_auto_off_everything_waits_for_go(stand: Stand) -> None:
    """And what the next waits for says so."""
    stand.desk.raise_curtain()
    number = BANK.number["show.auto"]
    stand.conductor.move(np.array([number]), np.array([0.0], np.float32), 0.0)
    stand.wait(60.0, state=2.0)
    assert stand.stands().cue == 0
    assert stand.stands().waits == b"GO (auto is off)"


def test_the_standing_frame_tells_the_next_cue(stand: Stand) -> None:
    """Ten times a second while it comes closer."""
    stand.desk.raise_curtain()
    stand.wait(3.9)
    frame = stand.stands()
    assert (frame.cue, frame.next_cue, frame.cue_count) == (0, 1, 3)
    assert (frame.next_name, frame.waits) == (b"loud", b"in 0:06")
    stand.ask("show.go")
    frame = stand.stands()
    assert (frame.cue_name, frame.next_name, frame.next_note) == (b"loud", b"shake", b"hold on")
    assert frame.waits == b"until state == collapse for 1 s, or in 0:30"
    list(stand.standings.drain())
    stand.wait(1.0)
    assert len(list(stand.standings.drain())) >= 8


def test_a_scene_that_cannot_be_gone_to_is_told_and_the_rest_of_the_cue_is_done() -> None:
    """A file that broke since the curtain stops nobody."""
    stand = Stand((Cue("x", scene="gone", values={"learning.heat": 2.0}),))
    stand.ask("show.go")
    stand.wait(0.1)
    assert any("no scene is called 'gone'" in text for text in stand.said())
    assert stand.conductor.value("learning.heat") == 2.0
    stand.bus.close()


def test_go_posted_by_a_hand_reaches_the_list_in_a_running_show() -> None:
    """The real thread and the real clock: what GO moves is on the bus."""
    bus = Bus(new_show_name())
    conductor = Conductor(BANK, BANK.defaults, bus, wall_clock)
    conductor.ride(CueDesk(conductor, (Cue("hot", values={"learning.heat": 2.0}),), STREAMS, bus))
    controls = bus.listener(CONTROLS)
    conductor.start()
    conductor.post(Gesture("show.go", 1.0, "osc 127.0.0.1:9", wall_clock()))
    heat, deadline_s = 0.0, wall_clock() + 10.0
    while heat < 1.0 and wall_clock() < deadline_s:
        frame = controls.latest()
        heat = frame.positions[BANK.number["learning.heat"]] if frame is not None else heat
        time.sleep(0.005)
    conductor.stop()
    bus.close()
    assert heat == 1.0


PIECE = """
title = "Two cues"
[learning]
tempo = 20
[picture]
look = "test_pattern"
[[cue]]
name = "first"
after = 0.5
scene = "weights"
over = 1
[[cue]]
name = "shake"
when = "step >= 3"
fire = {"learning.quake" = 0.4}
by = 60
[[cue]]
name = "over"
after = 0.5
set = {"learning.heat" = 3.0}
"""


def stands_at(run: Path) -> StandingFrame:
    """What was recorded last of where the show stands."""
    return last_of(run).get("standing", StandingFrame())


@pytest.mark.slow
def test_a_whole_show_plays_its_cues_and_its_run_holds_what_they_did(tmp_path: Path) -> None:
    """The command as a performer calls it: a preset of one's own, a scene, a real training, a run file."""
    (tmp_path / "presets").mkdir()
    (tmp_path / "presets" / "two_cues.toml").write_text(PIECE)
    run = tmp_path / "run.mcap"
    show = Played(
        "--preset", "two_cues", "--headless", "--sound", "null", "--size", "320x180", "--no-standby",
        "--record", run, environment={"TWOS_AND_SEVENS_HOME": str(tmp_path)},
    )  # fmt: skip
    try:
        show.until_said("cue 3 of 3")
        until(lambda: stands_at(run).cue == 3, "a run in which the last cue went", every_s=0.5)
    finally:
        code = show.end(signal.SIGTERM)
    assert code == 0, show.said
    said = [line for line in show.said if line.startswith("cue: ")]
    assert said == [
        "cue: cue 1 of 3, first (time)",
        "cue: cue 2 of 3, shake (condition)",
        "cue: cue 3 of 3, over (time)",
    ]
    tape = Tape(run)
    paths = tape.header.controls
    frames = list(tape.frames())
    acts = [each.frame for each in frames if each.topic == "gestures"]
    quakes = [act for act in acts if paths[act.control] == "learning.quake"]
    assert quakes[0].who == b"cue shake"
    assert any(act.step >= 3 for act in quakes), "the training says when it took effect"
    stands = stands_at(run)
    assert (stands.cue, stands.scene, stands.waits) == (3, b"weights", b"the piece is over")
