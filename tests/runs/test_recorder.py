"""The recorder: what was heard is what is on disk, and a disk that fails harms nobody."""

import random
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from mcap.reader import make_reader
from run_helper import (
    RECORDED,
    controls,
    gesture,
    header,
    metric,
    record,
    tiles,
    wait_for,
    weights,
)

from instrument.runs.recorder import Rates, Recorder, used
from instrument.runs.tape import Tape
from instrument.signals.bus import Bus
from instrument.signals.frames import METRICS, STANDING, RoutesFrame, StandingFrame, TileFrame
from instrument.signals.mistake import Mistake
from instrument.signals.routes import records_of, routes_frame


def test_what_was_heard_is_on_disk_byte_for_byte(bus: Bus, tmp_path: Path) -> None:
    """Every topic comes back with the bytes that travelled."""
    path = tmp_path / "run.mcap"
    sent = [
        metric(1, 0.1),
        tiles(1, 0.1),
        weights(1, 0.2),
        controls(RECORDED, 0.3),
        gesture(RECORDED, "learning.undo", 5, 0.4),
        metric(2, 0.5),
    ]
    recorder = record(path, bus, sent)
    back = [recorded.frame for recorded in Tape(path).frames()]
    assert sorted(map(used, back)) == sorted(map(used, sent))
    assert (recorder.frames, recorder.lost) == (6, 0)
    assert recorder.bytes == path.stat().st_size


def test_large_tiles_in_colour_come_back_to_the_byte(bus: Bus, tmp_path: Path) -> None:
    """64 samples of 64x64 in three channels: the most a tile frame holds."""
    frame = TileFrame(time_s=0.1, step=3, count=64, height=64, width=64, channels=3)
    pixels = random.Random(1).randbytes(64 * 64 * 64 * 3)
    frame.tiles[:] = pixels
    path = tmp_path / "run.mcap"
    record(path, bus, [frame])
    (back,) = [recorded.frame for recorded in Tape(path).frames()]
    assert isinstance(back, TileFrame) and bytes(back.tiles) == pixels
    assert (back.count, back.height, back.width, back.channels) == (64, 64, 64, 3)


def test_the_mapping_is_kept_as_it_was_played(bus: Bus, tmp_path: Path) -> None:
    """Every change of the routes, its used bytes alone."""
    path = tmp_path / "run.mcap"
    sent = [routes_frame(1, b'[{"depth":0.%d}]' % depth, depth / 10) for depth in (1, 2)]
    record(path, bus, sent)
    back = [recorded.frame for recorded in Tape(path).frames()]
    assert [records_of(frame) for frame in back] == [[{"depth": 0.1}], [{"depth": 0.2}]]
    assert len(used(back[0])) == RoutesFrame.text.offset + 15


def test_where_the_show_came_to_rest_is_kept_though_standing_is_thinned(
    bus: Bus, tmp_path: Path
) -> None:
    """Of twelve words within 60 ms a few are kept, the last of them in any case."""
    path = tmp_path / "run.mcap"
    recorder = Recorder(path, bus, header())
    recorder.start()
    publisher = bus.publisher(STANDING)
    began_s = time.monotonic()
    for cue in range(1, 13):
        publisher.send(StandingFrame(time_s=began_s + cue * 0.005, cue=cue))
        wait_for(lambda cue=cue: recorder._listeners[STANDING.name].received >= cue)
    recorder.stop()
    publisher.close()
    told = [recorded.frame.cue for recorded in Tape(path).frames()]
    assert told[0] == 1 and told[-1] == 12 and len(told) < 12


def test_what_is_not_asked_for_is_not_kept(bus: Bus, tmp_path: Path) -> None:
    """A rate of 0 leaves a topic out, also one that stands; the recording goes on."""
    path = tmp_path / "run.mcap"
    recorder = Recorder(path, bus, header(), Rates(standing=0.0, routes=0.0))
    recorder.start()
    standing, metrics = bus.publisher(STANDING), bus.publisher(METRICS)
    for step in range(3):
        standing.send(StandingFrame(time_s=time.monotonic(), cue=step))
        metrics.send(metric(step, time.monotonic()))
    wait_for(lambda: recorder.frames == 3)
    recorder.stop()
    tape = Tape(path)
    assert [recorded.topic for recorded in tape.frames()] == [METRICS.name] * 3
    assert not tape.cut_short


def test_header_comes_back(bus: Bus, tmp_path: Path) -> None:
    """Streams, controls, preset, source and versions are known without reading a frame."""
    path = tmp_path / "run.mcap"
    record(path, bus, [metric(1)])
    tape = Tape(path)
    wanted = header()
    assert tape.header.streams == wanted.streams
    assert list(tape.header.controls) == list(wanted.controls)
    assert (tape.header.preset_text, tape.header.seed) == (wanted.preset_text, 7)
    assert tape.header.source == wanted.source
    assert tape.header.date and tape.header.versions["instrument"]
    assert not tape.cut_short


def test_any_mcap_tool_can_read_the_file(bus: Bus, tmp_path: Path) -> None:
    """The finished file has the summary and index that other tools look for."""
    path = tmp_path / "run.mcap"
    record(path, bus, [metric(step, step / 100) for step in range(50)])
    with open(path, "rb") as file:
        reader = make_reader(file)
        summary = reader.get_summary()
        assert summary is not None and summary.statistics is not None
        assert summary.statistics.message_count == 50
        assert sum(1 for _ in reader.iter_messages(topics=["metrics"])) == 50


def test_tiles_are_thinned_metrics_never(bus: Bus, tmp_path: Path) -> None:
    """At 2 tile frames per second one second of 20 keeps 2 or 3; all metrics stay."""
    path = tmp_path / "run.mcap"
    sent = [frame for n in range(20) for frame in (tiles(n, n / 20), metric(n, n / 20))]
    record(path, bus, sent, Rates(tiles=2.0))
    topics = [recorded.topic for recorded in Tape(path).frames()]
    assert topics.count("metrics") == 20
    assert topics.count("tiles") == 2


def test_heartbeat_of_standing_controls_is_not_kept(bus: Bus, tmp_path: Path) -> None:
    """Controls are written when they moved."""
    path = tmp_path / "run.mcap"
    standing = [controls(RECORDED, n / 10) for n in range(5)]
    record(path, bus, [*standing, controls(RECORDED, 0.6, learning_heat=0.7)])
    assert sum(recorded.topic == "controls" for recorded in Tape(path).frames()) == 2


def test_frame_with_a_broken_clock_does_not_break_the_file(bus: Bus, tmp_path: Path) -> None:
    """NaN and absurd times are written at the present moment."""
    path = tmp_path / "run.mcap"
    times = [float("nan"), -1e300, 1e300, float("inf"), 0.0]
    recorder = record(path, bus, [metric(n, at_s) for n, at_s in enumerate(times)])
    assert recorder.frames == 5 and recorder.lost == 0
    assert len(list(Tape(path).frames())) == 5


@pytest.mark.parametrize(
    ("name", "word"),
    [("run.mkv", "ends in .mcap"), ("nowhere/run.mcap", "no folder"), ("there.mcap", "never")],
)
def test_file_that_cannot_be_recorded_into_is_a_mistake(
    bus: Bus, tmp_path: Path, name: str, word: str
) -> None:
    """A wrong ending, a missing folder and an earlier run are told before the show."""
    (tmp_path / "there.mcap").write_bytes(b"an earlier night")
    with pytest.raises(Mistake, match=word):
        Recorder(tmp_path / name, bus, header()).start()
    assert (tmp_path / "there.mcap").read_bytes() == b"an earlier night"


CHILD = """
import sys, time
sys.path.insert(0, {tests!r})
from run_helper import *
from instrument.signals.bus import Bus, new_show_name
from instrument.signals.frames import *
from instrument.runs.recorder import Recorder
bus = Bus(new_show_name())
recorder = Recorder({path!r}, bus, header())
recorder.start()
publishers = dict((t.name, bus.publisher(t)) for t in (METRICS, TILES, WEIGHTS))
step = 0
while True:
    step += 1
    now = time.monotonic()
    publishers["metrics"].send(metric(step, now))
    if step % 10 == 0:
        publishers["tiles"].send(tiles(step, now)); publishers["weights"].send(weights(step, now))
    if step % 50 == 0:
        print(step, now, recorder._now_s, flush=True)
    time.sleep(0.004)
"""


def child(path: Path) -> subprocess.Popen[str]:
    script = CHILD.format(tests=str(Path(__file__).parent), path=str(path))
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)], stdout=subprocess.PIPE, text=True
    )


def test_kill_nine_at_any_moment_loses_a_second_at_the_most(tmp_path: Path) -> None:
    """What was published a second before the recorder was last awake is in the file and can be played."""
    path = tmp_path / "run.mcap"
    process = child(path)
    assert process.stdout is not None
    told = [process.stdout.readline()]
    time.sleep(1.2 + random.random())
    process.send_signal(signal.SIGKILL)
    told += process.stdout.read().splitlines()
    process.wait()
    lines = [line.split() for line in told if len(line.split()) == 3]
    awake_s = float(lines[-1][2])
    wanted = max((int(step) for step, at_s, _ in lines if float(at_s) < awake_s - 1.0), default=0)
    tape = Tape(path)
    steps = [recorded.frame.step for recorded in tape.frames() if recorded.topic == "metrics"]
    assert tape.cut_short
    assert steps == list(range(1, len(steps) + 1)) and len(steps) >= wanted


def test_slow_recorder_loses_and_counts_and_nobody_waits(bus: Bus, tmp_path: Path) -> None:
    """More frames than the bus holds in one poll: the oldest give way and are counted."""
    recorder = Recorder(tmp_path / "run.mcap", bus, header())
    recorder.start()
    publisher = bus.publisher(METRICS)
    publisher.send(metric(0))
    while recorder.frames < 1:
        time.sleep(0.001)
    for step in range(1, 20000):
        publisher.send(metric(step, time.monotonic()))
    recorder.stop()
    assert publisher.failed == 0
    assert recorder.frames + recorder.lost == 20000
