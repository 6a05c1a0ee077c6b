"""The scanner in its process: where it is heard is said on the bus, and a second process goes on there."""

import itertools
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from rig import Hand, Watch, until

from instrument.signals.bus import Bus, Listener
from instrument.signals.controls import Bank
from instrument.signals.frames import SOUND, TILES, SoundFrame, TileFrame
from instrument.sound.supervisor import SoundProcess

pytestmark = pytest.mark.slow

RATE_HZ = 4.0
Begin = Callable[..., Watch]


@pytest.fixture
def begin(bus: Bus, bank: Bank, config: Callable[..., dict[str, Any]]) -> Iterator[Begin]:
    """A sound process that plays to nothing, its scanner at four samples a second."""
    made: list[SoundProcess] = []

    def make(**changes: Any) -> Watch:
        hand = Hand(bus, bank)
        hand.put("sound.scan.rate", RATE_HZ)
        for path in bank.number:
            if path.endswith(".level") and path not in ("sound.master.level", "sound.scan.level"):
                hand.put(path, -60.0)
        hand.put("sound.scan.level", 0.0)
        settings = config(bus.show, positions=hand.positions().tolist(), **changes)
        process = SoundProcess(settings, bus, positions=hand.positions, standby=False)
        made.append(process)
        process.start()
        process.wait_ready(15)
        watch = Watch(process, bus)
        assert watch.plays()
        return watch

    yield make
    for process in made:
        process.stop()


def kept(listener: Listener[SoundFrame], part: int = 0, least: int = 12) -> list[SoundFrame]:
    """So many frames of that process of the show."""
    frames: list[SoundFrame] = []

    def enough() -> bool:
        frames.extend(
            SoundFrame.from_buffer_copy(frame)
            for frame in listener.drain()
            if round(frame.part) == part
        )
        return len(frames) >= least

    assert until(enough)
    return frames


def place_heard(frame: SoundFrame, at_s: float) -> float:
    """The formula of `SoundFrame`."""
    return (frame.scan_place + frame.scan_rate * (at_s - frame.time_s - frame.latency_s)) % 64


def apart(one: float, other: float) -> float:
    """On a ring of 64."""
    return abs((one - other + 32) % 64 - 32)


def from_one_to_the_next_s(frames: list[SoundFrame]) -> float:
    """By how much a frame foretells the next one wrongly, seconds of sound: the median.

    Only where no dropout lies between: a hole in the sound holds the line up.
    """
    wrong = [
        apart(place_heard(one, next_one.time_s), place_heard(next_one, next_one.time_s)) / RATE_HZ
        for one, next_one in itertools.pairwise(frames)
        if one.dropouts == next_one.dropouts
    ]
    assert len(wrong) > 3
    return float(np.median(wrong))


def test_every_sound_frame_says_where_the_line_is_heard(begin: Begin, bus: Bus) -> None:
    """Each foretells the next to 5 ms, though they come at any time of a block; and it moves on."""
    begin()
    frames = kept(bus.listener(SOUND), least=30)
    assert {round(frame.scan_rate, 3) for frame in frames} == {RATE_HZ}
    assert all(0.0 < frame.latency_s <= 6 * 256 / 48000 for frame in frames)
    assert from_one_to_the_next_s(frames) < 0.005
    assert len({frame.scan_place for frame in frames}) == len(frames)


@pytest.mark.slow
def test_samples_on_the_bus_are_read(begin: Begin, bus: Bus, tmp_path: Path) -> None:
    """Silence while there is nothing to read; then three samples of white, one of black, and again."""
    path = tmp_path / "scan.wav"
    watch = begin(capture=str(path))
    frame = TileFrame(count=64, height=28, width=28, channels=1)
    pixels = np.zeros((64, 28, 28), np.uint8)
    pixels[np.arange(64) % 4 > 0] = 255
    frame.tiles[: pixels.size] = pixels.ravel().tolist()
    tiles = bus.publisher(TILES)
    tiles.send(frame)
    tiles.meet()
    assert watch.plays(blocks=520, seconds=20)
    watch.process.stop()
    sound, rate = soundfile.read(path)
    loud = np.flatnonzero(np.abs(sound).max(axis=1) > 0.01)
    assert loud[0] > 50 * 256
    silent_s = np.diff(loud)[np.diff(loud) > 0.1 * rate] / rate
    assert len(silent_s) >= 2
    assert silent_s[:2] == pytest.approx(1 / RATE_HZ, abs=0.04)


@pytest.mark.slow
def test_a_process_that_replaces_another_goes_on_where_the_line_would_be(
    begin: Begin, bus: Bus
) -> None:
    """kill -9: what the second one says first fits what the first one said last, to a tenth of a second."""
    watch = begin()
    listener = bus.listener(SOUND)
    before = kept(listener)[-1]
    watch.hit(signal.SIGKILL)
    assert watch.until(lambda: watch.process.restarts == 1 and watch.process.ready())
    after = kept(listener, part=1, least=1)[0]
    at_s = after.time_s
    assert at_s > before.time_s
    assert apart(place_heard(after, at_s), place_heard(before, at_s)) < 0.1 * RATE_HZ


@pytest.mark.slow
def test_a_device_adds_what_it_says_of_itself(jack: Any, begin: Begin, bus: Bus) -> None:
    """JACK's dummy device plays two periods of 256 later; a ring of four blocks before it."""
    begin(sink="device", channels=2)
    frames = kept(bus.listener(SOUND), least=30)
    period_s = 256 / 48000
    latencies = np.array([frame.latency_s for frame in frames]) / period_s
    assert 4.0 <= np.median(latencies) <= 8.0
    assert from_one_to_the_next_s(frames) < 0.005
