"""Runs with scenes in them: a recorded morph is played as one move, and older runs are still read."""

import ctypes
from pathlib import Path

import pytest
from run_helper import controls, record

from instrument.clock import HandClock
from instrument.conductor import Conductor
from instrument.runs.layout import Reader, description
from instrument.runs.playback import Playback
from instrument.runs.recorded_hands import MANY
from instrument.signals.bus import Bus
from instrument.signals.controls import Bank, Control, Controls, Group
from instrument.signals.frames import Frame, RoutesFrame
from instrument.signals.gesture import Gesture, Moves
from instrument.signals.routes import records_of
from instrument.signals.show import SHOW
from instrument.signals.spec import number

WIDE = 12


def wide_room() -> type[Controls]:
    fields = {f"fader{n}": Control(number(0.0, 1.0, 0.0, "a fader")) for n in range(WIDE)}
    return type("Room", (Controls,), fields)


BANK = Bank.of((SHOW, Group("sound.desk", wide_room())))
FADERS = [f"sound.desk.fader{n}" for n in range(WIDE)]


def moved(at_s: float, position: float, count: int) -> Frame:
    frame = controls(BANK, at_s)
    for path in FADERS[:count]:
        frame.positions[BANK.number[path]] = position
    return frame


@pytest.mark.parametrize("count", [MANY, MANY + 1])
def test_many_controls_moved_by_one_frame_are_one_move(
    bus: Bus, tonight: Bus, tmp_path: Path, count: int
) -> None:
    """Eight are eight gestures; nine are a morph, and are posted as one."""
    path = tmp_path / "run.mcap"
    record(path, bus, [moved(0.0, 0.0, count), moved(0.1, 0.5, count)], bank=BANK)
    posted: list[Gesture | Moves] = []
    clock = HandClock(50.0)
    playback = Playback(path, tonight, BANK, posted.append, clock)
    playback.open()
    clock.advance(1.0)
    playback.advance()
    if count <= MANY:
        assert [g.path for g in posted if isinstance(g, Gesture)] == FADERS[:count]
        return
    (moves,) = posted
    assert isinstance(moves, Moves)
    assert sorted(BANK.specs[n].path for n in moves.numbers) == sorted(FADERS[:count])
    assert set(moves.positions) == {0.5}


def test_a_recorded_morph_moves_the_controls_of_tonight_that_no_hand_holds(
    bus: Bus, tonight: Bus, tmp_path: Path
) -> None:
    """Ten frames of a recorded morph end where they ended; the fader that was touched tonight stays."""
    path = tmp_path / "run.mcap"
    record(path, bus, [moved(n / 50, n / 10, WIDE) for n in range(11)], bank=BANK)
    clock = HandClock(50.0)
    conductor = Conductor(BANK, BANK.defaults, tonight, clock)
    playback = Playback(path, tonight, BANK, conductor.post, clock)
    playback.open()
    conductor.post(Gesture(FADERS[3], 0.25, "key", 50.0))
    clock.advance(1.0)
    playback.advance()
    conductor.start()
    conductor.stop()
    stood = [round(conductor.position(path), 3) for path in FADERS]
    assert stood == [0.25 if number == 3 else 1.0 for number in range(WIDE)]


class RoutesFrameOfBefore(Frame):
    """As runs were recorded before scenes had their own fade."""

    _fields_ = [
        ("sequence", ctypes.c_uint64),
        ("time_s", ctypes.c_double),
        ("count", ctypes.c_uint32),
        ("size", ctypes.c_uint32),
        ("text", ctypes.c_char * 65536),
    ]


def test_a_mapping_of_an_older_run_is_read_and_comes_at_once() -> None:
    """Fields go by their names: the text is where it was, and the fade is none."""
    text = b'[{"depth":0.5}]'
    old = RoutesFrameOfBefore(sequence=3, time_s=1.5, count=1, size=len(text), text=text)
    data = bytes(old)[: RoutesFrameOfBefore.text.offset + len(text)]
    layout = description(RoutesFrameOfBefore).replace("RoutesFrameOfBefore", "RoutesFrame")
    frame = Reader(layout, RoutesFrame).frame(data)
    assert records_of(frame) == [{"depth": 0.5}]
    assert (frame.time_s, frame.fade_s) == (1.5, 0.0)
