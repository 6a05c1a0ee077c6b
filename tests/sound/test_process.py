"""The sound process and its supervisor: real processes on a real bus."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from instrument.signals.bus import Bus
from instrument.signals.controls import Bank
from instrument.signals.frames import CONTROLS, NOTICES, SOUND, ControlFrame
from instrument.signals.mistake import Mistake
from instrument.signals.notices import notice_of
from instrument.sound.supervisor import SoundProcess

Make = Callable[..., SoundProcess]


def until(condition: Callable[[], bool], seconds: float = 15.0) -> bool:
    """Whether the condition came true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.01)
    return condition()


@pytest.fixture
def sound(bus: Bus, config: Callable[..., dict[str, Any]]) -> Iterator[Make]:
    """Makes sound processes on the null sink, and ends those that a test leaves."""
    made: list[SoundProcess] = []

    def make(**changes: Any) -> SoundProcess:
        made.append(SoundProcess(config(bus.show, **changes), bus))
        made[-1].start()
        return made[-1]

    yield make
    for process in made:
        process.stop()


class Hand:
    """Publishes control frames as the conductor does."""

    def __init__(self, bus: Bus, bank: Bank) -> None:
        self._publisher = bus.publisher(CONTROLS)
        self._bank = bank
        self._frame = ControlFrame(count=len(bank))
        self._positions = bank.defaults.copy()

    def put(self, path: str, value: float) -> None:
        self._positions[self._bank.number[path]] = self._bank.spec(path).unmap(value)
        self.publish()

    def publish(self) -> None:
        self._frame.positions[: len(self._bank)] = self._positions.tolist()
        self._publisher.send(self._frame)
        self._publisher.meet()


def test_it_sounds_ends_with_a_fade_and_leaves_a_whole_capture(sound: Make, tmp_path: Path) -> None:
    """From start to end: ready, heard, counted, file closed and fading to silence."""
    path = tmp_path / "show.wav"
    process = sound(capture=str(path))
    assert "null" in process.wait_ready(10)
    assert until(lambda: process.poll() or process.report()["peak_dbfs"] > -50)
    process.stop()
    report = process.report()
    captured, rate = soundfile.read(path)
    assert rate == 48000
    assert len(captured) == report["blocks"] * 256
    assert np.abs(captured[-100:]).max() < 1e-6
    assert report["dropouts"] >= 0
    assert report["nonfinite_blocks"] == 0
    assert np.abs(captured).max() == pytest.approx(10 ** (report["peak_dbfs"] / 20), rel=0.01)


def test_a_killed_child_comes_back_with_the_state_it_had(
    sound: Make, bus: Bus, bank: Bank, tmp_path: Path
) -> None:
    """kill -9: a new child, the hand's last position, tallies kept, the capture playable."""
    hand = Hand(bus, bank)
    path = tmp_path / "show.wav"
    process = sound(capture=str(path))
    process.wait_ready(10)
    frames = bus.listener(SOUND)
    hand.put("sound.master.level", -60)
    assert until(lambda: process.poll() or process.report()["blocks"] > 100)
    before = process.report()["blocks"]
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    frames.latest()

    def alive_again() -> bool:
        hand.publish()
        process.poll()
        return process.restarts == 1 and process.report()["blocks"] > before + 300

    assert until(alive_again)
    newest = frames.latest()
    assert newest is not None
    assert newest.peak < 1e-4
    process.stop()
    assert process.report()["restarts"] == 1
    assert soundfile.info(path).frames > 0
    assert soundfile.info(path.with_name("show.2.wav")).frames > 0


def test_a_vanished_device_is_said_and_the_show_goes_on(jack: Any, sound: Make, bus: Bus) -> None:
    """The JACK server is killed: one sentence, blocks go on, the child lives and ends in order."""
    process = sound(sink="device")
    assert "JACK" in process.wait_ready(10)
    notices = bus.listener(NOTICES)
    assert until(lambda: process.poll() or process.report()["blocks"] > 50)
    assert jack.client_xruns == 0
    jack.process.kill()
    jack.process.wait()
    said: list[str] = []

    def gone() -> bool:
        process.poll()
        said.extend(notice_of(frame).text for frame in notices.drain())
        return any("gone" in text for text in said)

    assert until(gone)
    blocks = process.report()["blocks"]
    assert until(lambda: process.poll() or process.report()["blocks"] > blocks + 100)
    process.stop()
    assert process.report()["restarts"] == 0
    assert process.report()["dropouts"] >= 1


def test_sigint_and_sigterm_do_not_end_the_sound_but_a_dead_parent_does(
    sound: Make,
) -> None:
    """Ctrl-C reaches the whole terminal; only the parent's end counts."""
    process = sound()
    process.wait_ready(10)
    assert process.pid is not None
    for number in (signal.SIGINT, signal.SIGTERM):
        os.kill(process.pid, number)
    process.poll()
    blocks = process.report()["blocks"]
    assert until(lambda: process.poll() or process.report()["blocks"] > blocks + 50)
    assert process.restarts == 0
    process.begin_end()
    process.stop()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"sink": "device", "device": "no such device"}, "no such device"),
        ({"capture": "/no/folder/show.wav"}, "/no/folder"),
        ({"recordings": {"sound.drone": "drone_principle"}}, "drone_principal"),
    ],
)
def test_a_mistake_in_the_child_is_the_parents_mistake(
    sound: Make, changes: dict[str, Any], said: str
) -> None:
    """One sentence, no traceback, from the child's mouth to the parent's."""
    with pytest.raises(Mistake, match=said):
        sound(**changes).wait_ready(10)


def test_the_sound_process_imports_no_other_room() -> None:
    """Neither torch nor the window's libraries, and the parent's side imports no pyo."""
    code = (
        "import sys, instrument.sound_stage; "
        "print([m for m in ('torch', 'moderngl', 'pygame', 'pythonosc', 'mcap')"
        " if m in sys.modules]);"
    )
    parent = (
        "import sys, instrument.sound.supervisor, instrument.sound.controls; "
        "print([m for m in ('pyo64', 'pyo', 'sounddevice', 'rtmixer', 'soundfile', 'soxr')"
        " if m in sys.modules])"
    )
    for program in (code, parent):
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == "[]"
        assert done.stderr == ""
