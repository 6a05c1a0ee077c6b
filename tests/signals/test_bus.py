"""The bus: nobody waits, losses are counted, shows keep apart, and the dead leave nothing behind."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from instrument.signals.bus import Bus, new_show_name
from instrument.signals.frames import (
    CONTROLS,
    METRICS,
    TILES,
    TOPICS,
    ControlFrame,
    MetricFrame,
    TileFrame,
)

TALKER = Path(__file__).parent / "talker.py"
ROOT = TALKER.parents[2]


@pytest.fixture
def bus() -> Iterator[Bus]:
    bus = Bus(new_show_name())
    yield bus
    bus.close()


class Talker:
    """The other process."""

    def __init__(self, show: str, mode: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(TALKER), show, mode],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline().strip() == "ready"

    def ask(self, line: str = "") -> list[int]:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return [int(word) for word in self.process.stdout.readline().split()]

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def end(self) -> None:
        self.process.communicate(timeout=10)


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_every_topic_carries_its_frame(bus: Bus, topic: object) -> None:
    """A frame of every kind arrives with its time and sequence."""
    listener, publisher = bus.listener(topic), bus.publisher(topic)  # type: ignore[arg-type]
    for _ in range(2):
        publisher.send(topic.frame(time_s=1.5))  # type: ignore[attr-defined]
    heard = list(listener.drain())
    assert [(frame.sequence, frame.time_s) for frame in heard] == [(0, 1.5), (1, 1.5)]
    assert (listener.received, listener.lost, publisher.published) == (2, 0, 2)


def test_full_buffer_keeps_the_newest_and_counts_the_lost(bus: Bus) -> None:
    """The publisher never waits: the oldest give way, and the listener knows how many."""
    listener, publisher = bus.listener(METRICS), bus.publisher(METRICS)
    publisher.send(MetricFrame(step=0))
    assert listener.take() is not None
    for step in range(1, 1001):
        publisher.send(MetricFrame(step=step))
    heard = [frame.step for frame in listener.drain()]
    assert heard[-1] == 1000 and heard == list(range(heard[0], 1001))
    assert listener.lost == 1000 - len(heard)
    assert publisher.failed == 0


def test_latest_passes_over_older_frames_without_calling_them_lost(bus: Bus) -> None:
    """A listener that wants the present only has lost nothing."""
    listener, publisher = bus.listener(METRICS), bus.publisher(METRICS)
    for step in range(10):
        publisher.send(MetricFrame(step=step))
    newest = listener.latest()
    assert newest is not None and newest.step == 9
    assert (listener.lost, listener.received) == (0, 10)
    assert listener.latest() is None


def test_each_listener_counts_its_own(bus: Bus) -> None:
    """A slow listener costs a quick one nothing."""
    quick, slow, publisher = bus.listener(TILES), bus.listener(TILES), bus.publisher(TILES)
    for step in range(10):
        publisher.send(TileFrame(step=step, count=1, height=2, width=2, channels=1))
        assert quick.take() is not None
        if step == 0:
            assert slow.take() is not None
    last = list(slow.drain())[-1]
    assert last.step == 9
    assert quick.lost == 0 and slow.lost == 9 - 2


def test_two_publishers_of_a_topic_are_counted_apart(bus: Bus) -> None:
    """Two sequences on one topic are no gap."""
    listener = bus.listener(METRICS)
    first, second = bus.publisher(METRICS), bus.publisher(METRICS)
    for _ in range(5):
        first.send(MetricFrame())
    for _ in range(3):
        second.send(MetricFrame())
    assert len(list(listener.drain())) == 8 and listener.lost == 0


def test_late_listener_gets_where_the_controls_stand(bus: Bus) -> None:
    """Who comes late is told at once what stands."""
    publisher = bus.publisher(CONTROLS)
    frame = ControlFrame(count=2)
    frame.positions[1] = 0.25
    publisher.send(frame)
    late = bus.listener(CONTROLS)
    publisher.meet()
    heard = late.take()
    assert heard is not None and heard.positions[1] == 0.25


def test_take_into_a_frame_copies_only_what_is_meant(bus: Bus) -> None:
    """A frame that is handed in is filled, not replaced; tiles beyond the used bytes stay."""
    listener, publisher = bus.listener(TILES), bus.publisher(TILES)
    sent = TileFrame(count=1, height=2, width=2, channels=1)
    sent.tiles[:4] = [1, 2, 3, 4]
    publisher.send(sent)
    mine = TileFrame()
    mine.tiles[4] = 99
    assert listener.take(mine) is mine
    assert list(mine.tiles[:5]) == [1, 2, 3, 4, 99]


def test_frames_cross_processes_in_order_without_loss(bus: Bus) -> None:
    """What another process publishes arrives whole."""
    listener = bus.listener(METRICS)
    talker = Talker(bus.show, "publish")
    for _ in range(5):
        assert talker.ask("100")[1] == 0
        assert len(list(listener.drain())) == 100
    assert (listener.received, listener.lost) == (500, 0)
    talker.end()


def test_listener_in_another_process_counts_what_it_lost(bus: Bus) -> None:
    """The count is exact across processes too."""
    publisher = bus.publisher(METRICS)
    talker = Talker(bus.show, "listen")
    publisher.send(MetricFrame(step=0))
    assert talker.ask() == [1, 0, 0]
    for step in range(1, 2001):
        publisher.send(MetricFrame(step=step))
    received, lost, last = talker.ask()
    assert last == 2000 and received + lost == 2001 and lost > 0
    talker.end()


def test_two_shows_side_by_side_do_not_hear_each_other(bus: Bus) -> None:
    """Every show has a name space of its own."""
    other = Bus(new_show_name())
    mine, theirs = bus.listener(METRICS), other.listener(METRICS)
    publisher = bus.publisher(METRICS)
    publisher.send(MetricFrame(step=5))
    assert mine.take() is not None
    assert theirs.take() is None
    other.close()


def test_no_two_shows_are_named_alike() -> None:
    """Names are new each time, within one process too."""
    assert len({new_show_name() for _ in range(50)}) == 50


def shared_memory_of(process: subprocess.Popen[str]) -> set[str]:
    """Bus files that a living process has mapped or open."""
    lines = Path(f"/proc/{process.pid}/maps").read_text().splitlines()
    mapped = {line.split(maxsplit=5)[5] for line in lines if "/dev/shm/iox2" in line}
    links = (os.readlink(link) for link in Path(f"/proc/{process.pid}/fd").iterdir())
    return mapped | {link for link in links if "iceoryx2" in link or "iox2" in link}


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="reads /proc")
@pytest.mark.parametrize("mode", ["publish", "listen"])
def test_killed_process_leaves_nothing_past_the_next_start(mode: str) -> None:
    """What kill -9 left in shared memory is gone once any show starts."""
    talker = Talker(new_show_name(), mode)
    talker.ask("3")
    files = shared_memory_of(talker.process)
    assert files
    talker.kill()
    Bus(new_show_name()).close()
    assert [name for name in files if os.path.exists(name)] == []


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="reads /proc")
def test_show_that_loses_its_other_process_plays_on(bus: Bus) -> None:
    """After kill -9 of the other process the same show goes on, and a new one can join it."""
    listener, publisher = bus.listener(METRICS), bus.publisher(METRICS)
    talker = Talker(bus.show, "publish")
    talker.ask("3")
    assert len(list(listener.drain())) == 3
    talker.kill()
    for step in range(600):
        publisher.send(MetricFrame(step=step))
    assert publisher.failed == 0
    again = Talker(bus.show, "publish")
    assert again.ask("5") == [5, 0]
    heard = [frame.sequence for frame in listener.drain()]
    assert heard[-5:] == [0, 1, 2, 3, 4]
    again.end()
    listener.close()
    publisher.close()


def test_other_process_can_die_and_come_back_many_times(bus: Bus) -> None:
    """A sound process that is restarted again and again always finds its place."""
    publisher = bus.publisher(METRICS)
    for _ in range(16):
        talker = Talker(bus.show, "listen")
        publisher.send(MetricFrame(step=7))
        assert talker.ask() == [1, 0, 7]
        talker.kill()
    assert publisher.failed == 0


def test_ended_process_leaves_nothing(bus: Bus) -> None:
    """A process that ends by itself takes its files along."""
    talker = Talker(new_show_name(), "publish")
    talker.ask("3")
    files = shared_memory_of(talker.process) if Path("/proc/self/maps").exists() else set()
    talker.end()
    assert [name for name in files if os.path.exists(name)] == []
