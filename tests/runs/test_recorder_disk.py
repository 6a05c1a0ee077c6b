"""A recorder on disks that are full, slow or small: the show goes on and the run says what it lacks."""

import contextlib
import errno
import itertools
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from run_helper import header, metric, noise, wait_for

from instrument.runs.disk import Disk
from instrument.runs.flow import Limits
from instrument.runs.recorder import Rates, Recorder, used
from instrument.runs.tape import Tape
from instrument.signals.bus import Bus
from instrument.signals.frames import METRICS, NOTICES, ROUTES, STANDING, TILES, StandingFrame
from instrument.signals.mistake import Mistake
from instrument.signals.routes import records_of, routes_frame

pytestmark = pytest.mark.slow


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of four megabytes, really full when it is full."""
    folder = tmp_path / "disk"
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=4M", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(words, capture_output=True).returncode:
        pytest.skip("needs leave to mount a small disk")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_disk_that_was_full_for_a_while_leaves_a_whole_run(bus: Bus, small_disk: Path) -> None:
    """The disk fills, memory fills, frames are dropped and counted; the disk is freed and the run goes on.

    The file is whole: it begins at the beginning, ends at the end, and lacks what was said to be missing.
    """
    path = small_disk / "run.mcap"
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(3_800_000))
    limits = Limits(memory=500_000, warn=0, pause=0, resume=0)
    ear = bus.listener(NOTICES)
    recorder = Recorder(path, bus, header(), Rates(tiles=None, notices=0.0), limits=limits)
    recorder.start()
    publisher = bus.publisher(TILES)
    steps = itertools.count()

    def play_until(true: Callable[[], object]) -> None:
        deadline_s = time.monotonic() + 60
        while not true():
            assert time.monotonic() < deadline_s, "it does not come"
            frame = noise(next(steps))
            frame.time_s = time.monotonic()
            publisher.send(frame)
            time.sleep(0.08)

    play_until(lambda: recorder.unwritten >= 5)
    ballast.unlink()
    told = recorder.frames
    play_until(lambda: recorder.frames >= told + 3)
    recorder.stop()
    said = [bytes(frame.text).decode() for frame in ear.drain()]
    assert any("(No space left on device)" in text for text in said)
    assert any("has a gap from here" in text for text in said)
    assert "the recording goes on: run.mcap lacks" in said[-1]
    tape = Tape(path)
    back = [recorded.frame for recorded in tape.frames() if recorded.topic == "tiles"]
    assert not tape.cut_short and tape.damaged == 0
    assert len(back) == recorder.frames and recorder.lost >= 5
    assert all(used(frame)[32:] == used(noise(frame.step))[32:] for frame in back)
    missing = {frame.step for frame in back} ^ set(range(next(steps)))
    assert len(missing) == recorder.lost


def test_a_disk_that_stays_full_leaves_what_it_took(bus: Bus, small_disk: Path) -> None:
    """The show goes on and ends in time; what is there can be read."""
    path = small_disk / "run.mcap"
    (small_disk / "ballast").write_bytes(bytes(3_800_000))
    limits = Limits(memory=500_000, warn=0, pause=0, resume=0)
    recorder = Recorder(path, bus, header(), Rates(tiles=None, notices=0.0), limits=limits)
    ear = bus.listener(NOTICES)
    recorder.start()
    publisher = bus.publisher(TILES)
    step = 0
    while recorder.unwritten < 3:
        step += 1
        publisher.send(noise(step))
        time.sleep(0.08)
    recorder.stop()
    said = [bytes(frame.text).decode() for frame in ear.drain()]
    assert said[-1] == "the disk did not take the end of run.mcap"
    assert not recorder._thread.is_alive()
    tape = Tape(path)
    assert tape.cut_short and any(recorded.topic == "tiles" for recorded in tape.frames())
    assert path.stat().st_size <= 500_000


def test_a_disk_too_full_for_a_header_is_a_mistake(bus: Bus, small_disk: Path) -> None:
    """It is told before the curtain, and no empty file stays."""
    with contextlib.suppress(OSError):
        (small_disk / "ballast").write_bytes(bytes(4 << 20))
    with pytest.raises(Mistake, match="No space left"):
        Recorder(small_disk / "run.mcap", bus, header()).start()
    assert not (small_disk / "run.mcap").exists()


class SlowDisk(Disk):
    """Every write and every sync takes a quarter of a second."""

    def write(self, file: int, data: memoryview, offset: int) -> int:
        time.sleep(0.25)
        return super().write(file, data, offset)

    def sync(self, file: int) -> None:
        time.sleep(0.25)
        super().sync(file)


def test_a_slow_disk_costs_no_frame(bus: Bus, tmp_path: Path) -> None:
    """The recorder hears while the disk writes."""
    path = tmp_path / "run.mcap"
    recorder = Recorder(path, bus, header(), disk=SlowDisk())
    recorder.start()
    publisher = bus.publisher(METRICS)
    for step in range(400):
        publisher.send(metric(step, time.monotonic()))
        time.sleep(0.004)
    recorder.stop()
    steps = [recorded.frame.step for recorded in Tape(path).frames()]
    assert steps == list(range(400)) and recorder.lost == 0


class FullDisk(Disk):
    """Takes nothing while it is full."""

    full = False

    def write(self, file: int, data: memoryview, offset: int) -> int:
        if self.full:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return super().write(file, data, offset)


def test_what_stands_since_a_gap_is_written_behind_it(bus: Bus, tmp_path: Path) -> None:
    """The mapping is said once: whoever plays the run hears what follows the gap with the new one."""
    path, disk, limits = tmp_path / "run.mcap", FullDisk(), Limits(40_000, 0, 0, 0)
    recorder = Recorder(path, bus, header(), Rates(tiles=None), disk=disk, limits=limits)
    recorder.start()
    routes, standing, pixels = bus.publisher(ROUTES), bus.publisher(STANDING), bus.publisher(TILES)

    def show_until(true: Callable[[], object]) -> None:
        deadline_s = time.monotonic() + 60
        while not true():
            assert time.monotonic() < deadline_s, "it does not come"
            pixels.send(noise(1))
            time.sleep(0.03)

    def turn_to(depth: float) -> None:
        text = json.dumps([{"depth": depth}]).encode()
        routes.send(routes_frame(1, text, time.monotonic()))
        standing.send(StandingFrame(time_s=time.monotonic(), cue=round(depth * 10)))

    turn_to(0.1)
    show_until(lambda: recorder.frames > 3)
    disk.full = True
    show_until(lambda: recorder.unwritten)
    turn_to(0.2)
    turn_to(0.3)
    wait_for(lambda: recorder._listeners[ROUTES.name].received == 3)
    wait_for(lambda: recorder._listeners[STANDING.name].received == 3)
    disk.full, told = False, recorder.frames
    show_until(lambda: recorder.frames > told + 3)
    recorder.stop()
    back = [(recorded.topic, recorded.frame) for recorded in Tape(path).frames()]
    mapping = [records_of(frame)[0]["depth"] for topic, frame in back if topic == ROUTES.name]
    cues = [frame.cue for topic, frame in back if topic == STANDING.name]
    assert (mapping, cues) == ([0.1, 0.3], [1, 3])


def test_little_space_is_said_at_the_start(bus: Bus, tmp_path: Path) -> None:
    """Before it becomes too little."""
    ear = bus.listener(NOTICES)
    recorder = Recorder(tmp_path / "run.mcap", bus, header(), limits=Limits(warn=1 << 62))
    recorder.start()
    recorder.stop()
    (said,) = [bytes(frame.text).decode() for frame in ear.drain()]
    assert said.startswith("only ") and said.endswith(" MB are free on the disk of run.mcap")


def test_a_nearly_full_disk_is_left_to_others(bus: Bus, tmp_path: Path) -> None:
    """Under the limit nothing is written but the header and the end; it is said and counted."""
    ear = bus.listener(NOTICES)
    limits = Limits(warn=0, pause=1 << 62, resume=1 << 62)
    recorder = Recorder(tmp_path / "run.mcap", bus, header(), limits=limits)
    recorder.start()
    publisher = bus.publisher(METRICS)
    while recorder.unwritten < 3:
        publisher.send(metric(1, time.monotonic()))
        time.sleep(0.005)
    recorder.stop()
    said = [bytes(frame.text).decode() for frame in ear.drain()]
    assert len(said) == 1 and "the recording pauses" in said[0]
    assert recorder.frames == 0
    assert list(Tape(tmp_path / "run.mcap").frames()) == []


def test_a_run_that_is_deleted_while_it_is_recorded_is_told_of(bus: Bus, tmp_path: Path) -> None:
    """When it is seen, and at the end of the show again, where it is looked for."""
    path = tmp_path / "run.mcap"
    ear = bus.listener(NOTICES)
    recorder = Recorder(path, bus, header())
    recorder.start()
    path.unlink()
    said: list[str] = []

    def heard() -> bool:
        said.extend(bytes(frame.text).decode() for frame in ear.drain())
        return any(text.startswith("run.mcap was deleted while it is recorded") for text in said)

    wait_for(heard)
    recorder.stop()
    said.extend(bytes(frame.text).decode() for frame in ear.drain())
    assert said[-1] == "there is no run.mcap: it was deleted while it was recorded"
    assert not path.exists()
