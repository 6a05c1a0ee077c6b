"""The sound process and its supervisor: real processes on a real bus."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from rig import until

from instrument.clock import wall_clock
from instrument.house import open_house
from instrument.signals.bus import Bus
from instrument.signals.frames import NOTICES
from instrument.signals.mistake import Mistake
from instrument.signals.notices import notice_of
from instrument.sound.child import Child
from instrument.sound.supervisor import SoundProcess

pytestmark = pytest.mark.slow

Make = Callable[..., SoundProcess]


@pytest.fixture
def sound(bus: Bus, config: Callable[..., dict[str, Any]]) -> Iterator[Make]:
    """Makes sound processes on the null sink, and ends those that a test leaves."""
    made: list[SoundProcess] = []

    def make(**changes: Any) -> SoundProcess:
        made.append(SoundProcess(config(bus.show, **changes), bus, standby=False))
        made[-1].start()
        return made[-1]

    yield make
    for process in made:
        process.stop()


def test_it_sounds_ends_with_a_fade_and_leaves_a_whole_capture(sound: Make, tmp_path: Path) -> None:
    """From start to end: ready, heard, counted, file closed, fading to silence, and known in time."""
    path = tmp_path / "show.wav"
    began_s = wall_clock()
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
    [(captured_path, anchors)] = process.captures
    assert captured_path == path
    assert anchors[0]["sample"] == 0 and began_s < anchors[0]["at_s"] < wall_clock()
    assert sum(anchor["begins"] for anchor in anchors) <= 1 + report["dropouts"]


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
    report = process.report()
    assert (report["restarts"], report["device_losses"]) == (0, 1)
    assert report["dropouts"] >= 1
    assert report["longest_gap_s"] > 0.3


@pytest.mark.parametrize("channels", [4, 8])
def test_it_plays_to_more_than_two_loudspeakers(sound: Make, channels: int, tmp_path: Path) -> None:
    """As many channels as asked for, all the way into the capture."""
    path = tmp_path / "show.wav"
    process = sound(capture=str(path), channels=channels)
    process.wait_ready(15)
    assert until(lambda: process.poll() or process.report()["blocks"] > 200)
    process.stop()
    assert soundfile.info(path).channels == channels


def test_a_device_with_too_few_outputs_is_a_mistake(jack: Any, sound: Make) -> None:
    """The sentence says how many it has."""
    with pytest.raises(Mistake, match="has 2 outputs, and 8"):
        sound(sink="device", device="system", channels=8).wait_ready(15)


@pytest.mark.parametrize("built", [False, True])
def test_a_standby_that_is_not_wanted_any_more_leaves(sound: Make, built: bool) -> None:
    """The parent's end is the standby's end, built or not."""
    child = Child({**sound().config, "standby": True, "part": -1}, wall_clock)
    assert not built or until(lambda: child.look() or child.built)
    child.end()
    assert until(lambda: not child.alive)
    child.close()
    assert child.process.returncode == 0


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
        ({"recordings": dict.fromkeys(open_house().recordings, "/no/such.flac")}, "/no/such.flac"),
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
