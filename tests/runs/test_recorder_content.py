"""What a run holds besides its frames, and how much of them."""

import itertools
import json
from collections import Counter
from pathlib import Path

import pytest
from mcap.reader import make_reader
from mcap.records import Channel, Chunk
from mcap.stream_reader import StreamReader
from run_helper import RECORDED, controls, header, metric, noise, record, tiles, wait_for

from instrument.clock import HandClock
from instrument.runs.budget import START
from instrument.runs.recorder import KEPT, Recorder
from instrument.runs.tape import Tape
from instrument.signals.bus import Bus
from instrument.signals.frames import CONTROLS, METRICS, TILES


def test_the_dates_of_a_run_are_those_of_the_show(bus: Bus, tmp_path: Path) -> None:
    """Other tools show the time of day at which something happened, to the millisecond."""
    path = tmp_path / "run.mcap"
    tonight_ns = 1_795_814_400_000_000_000
    recorder = Recorder(path, bus, header(), time_of_day_ns=lambda: tonight_ns)
    recorder.start()
    publisher = bus.publisher(METRICS)
    for number in range(3):
        publisher.send(metric(number, recorder._began_s + number / 1000))
    recorder.stop()
    with open(path, "rb") as file:
        times = [message.log_time for _, _, message in make_reader(file).iter_messages()]
    assert [round((at_ns - tonight_ns) / 1e6, 3) for at_ns in times] == [0.0, 1.0, 2.0]


def test_what_was_kept_is_told_at_the_end(bus: Bus, tmp_path: Path) -> None:
    """Frames and frames per second of every topic, seconds that are missing."""
    path = tmp_path / "run.mcap"
    record(path, bus, [tiles(1, 0.1), metric(1, 0.1), metric(2, 0.2)])
    with open(path, "rb") as file:
        (told,) = [m.metadata for m in make_reader(file).iter_metadata() if m.name == KEPT]
    assert json.loads(told["frames"]) == {"tiles": 1, "samples": 1, "metrics": 2}
    assert json.loads(told["lacking_s"]) == 0.0
    per_s, seconds = json.loads(told["per_s"]), json.loads(told["seconds"])
    assert per_s["metrics"] == pytest.approx(2 / seconds, rel=0.01)


def test_schemas_stand_in_the_open(bus: Bus, tmp_path: Path) -> None:
    """Before the first chunk and outside of it: a damaged chunk costs its frames alone."""
    path = tmp_path / "run.mcap"
    record(path, bus, [metric(step, step / 10) for step in range(20)])
    with open(path, "rb") as file:
        records = StreamReader(file, emit_chunks=True).records
        opening = list(itertools.takewhile(lambda record: not isinstance(record, Chunk), records))
    topics = {record.topic for record in opening if isinstance(record, Channel)}
    assert topics >= {"metrics", "tiles", "controls"}


def test_standing_controls_are_kept_now_and_then(bus: Bus, tmp_path: Path) -> None:
    """So that whoever begins in the middle finds them near."""
    path = tmp_path / "run.mcap"
    clock = HandClock(10.0)
    recorder = Recorder(path, bus, header(), clock=clock)
    recorder.start()
    publisher = bus.publisher(CONTROLS)
    listener = recorder._listeners["controls"]
    for number in range(1, 24):
        publisher.send(controls(RECORDED, clock()))
        wait_for(lambda: listener.received >= number)  # noqa: B023
        clock.advance(0.5)
    recorder.stop()
    times = [
        recorded.frame.time_s for recorded in Tape(path).frames() if recorded.topic == "controls"
    ]
    assert times[0] == 10.0
    assert len(times) == 3 and all(
        5.0 <= later - at <= 6.0 for at, later in itertools.pairwise(times)
    )


@pytest.mark.slow
def test_heavy_frames_are_thinned_to_the_bound(bus: Bus, tmp_path: Path) -> None:
    """Where an hour may have 30 MB, six minutes have a tenth of it; metrics are all there."""
    path = tmp_path / "run.mcap"
    clock = HandClock(10.0)
    recorder = Recorder(path, bus, header(), clock=clock, bytes_per_hour=30_000_000)
    recorder.start()
    publishers = {topic.name: bus.publisher(topic) for topic in (METRICS, TILES)}
    for number in range(1, 361):
        for topic, frame in (("tiles", noise(number)), ("metrics", metric(number))):
            frame.time_s = clock()  # type: ignore[attr-defined]
            publishers[topic].send(frame)
            wait_for(lambda: recorder._listeners[topic].received >= number)  # noqa: B023
        clock.advance(1.0)
    recorder.stop()
    topics = Counter(recorded.topic for recorded in Tape(path).frames())
    assert topics["metrics"] == 360 and recorder.lost == 0
    assert 10 < topics["tiles"] < 120
    assert path.stat().st_size < 3_000_000 + 30_000_000 * START
