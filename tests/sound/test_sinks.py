"""Sinks: the null sink against a clock turned by hand, the device sink against a real JACK."""

import time
from typing import Any

import numpy as np
import pytest
from held_up import undisturbed

from instrument.clock import HandClock
from instrument.signals.mistake import Mistake
from instrument.sound.device_sink import DeviceSink
from instrument.sound.devices import device_lines, find_device
from instrument.sound.sinks import MOST_AHEAD, NullSink, Sink

pytestmark = pytest.mark.slow

BLOCK, RATE = 256, 48000
PERIOD_S = BLOCK / RATE


def silence() -> np.ndarray:
    return np.zeros((BLOCK, 2), np.float32)


def give(sink: Sink) -> None:
    sink.wait()
    sink.write(silence())


def null_sink(clock: HandClock) -> NullSink:
    return NullSink(RATE, BLOCK, ring_blocks=2, clock=clock, sleep=clock.advance)


def test_the_null_sink_takes_a_block_each_period_without_drifting() -> None:
    """A thousand blocks take the time of a thousand blocks."""
    clock = HandClock()
    sink = null_sink(clock)
    for _ in range(1001):
        give(sink)
        clock.advance(0.001)
    assert clock.now_s == pytest.approx(1000 * PERIOD_S, abs=0.002)
    assert sink.dropouts == 0
    assert sink.blocks == 1001


def test_a_block_within_the_ring_is_in_time_and_one_beyond_is_a_dropout() -> None:
    """A ring of two forgives a stall of two blocks, not of three; and it is counted once."""
    clock = HandClock()
    sink = null_sink(clock)
    give(sink)
    clock.advance(2.9 * PERIOD_S)
    give(sink)
    assert sink.dropouts == 0
    clock = HandClock()
    sink = null_sink(clock)
    give(sink)
    clock.advance(3.2 * PERIOD_S)
    for _ in range(50):
        give(sink)
    assert sink.dropouts == 1


def test_the_device_is_found_by_part_of_its_name_and_fed_without_dropout(jack: Any) -> None:
    """Half a second on a real JACK server: no dropout by our count, none in its log, at its pace."""
    sink = DeviceSink("SYST", RATE, BLOCK, ring_blocks=4)

    def play() -> None:
        blocks, dropouts, xruns = sink.blocks, sink.dropouts, jack.client_xruns
        begun_s = time.monotonic()
        for _ in range(100):
            give(sink)
        took_s = time.monotonic() - begun_s
        assert 0.5 * 100 * PERIOD_S < took_s < 3 * 100 * PERIOD_S
        assert sink.blocks == blocks + 100
        assert (sink.dropouts, jack.client_xruns) == (dropouts, xruns)

    try:
        assert find_device("0") == find_device("system")
        with pytest.raises(Mistake, match="system"):
            find_device("no such device")
        assert "JACK" in sink.description
        undisturbed(play, jack.process.pid)
    finally:
        sink.close()


def test_a_dry_ring_is_counted_and_the_sound_goes_on(jack: Any) -> None:
    """A stall costs one dropout; after it blocks are consumed again."""
    sink = DeviceSink(None, RATE, BLOCK, ring_blocks=2)

    def stall() -> None:
        for _ in range(20):
            give(sink)
        before = sink.dropouts, sink.blocks
        time.sleep(0.1)
        for _ in range(40):
            give(sink)
        assert (sink.dropouts, sink.blocks) == (before[0] + 1, before[1] + 40)

    try:
        undisturbed(stall, jack.process.pid)
    finally:
        sink.close()


def test_a_device_with_too_few_outputs_says_how_many_it_has(jack: Any) -> None:
    """The dummy driver has two; eight are asked for, by name and without."""
    for wanted in ("system", None):
        with pytest.raises(Mistake, match=r"2 output|, 2 \(--channels"):
            DeviceSink(wanted, RATE, BLOCK, channels=8)


def test_the_null_sink_runs_ahead_once_and_then_falls_back() -> None:
    """Twelve blocks at once, a pause of ten that nobody hears, then the normal depth again."""
    clock = HandClock()
    sink = null_sink(clock)
    for _ in range(10):
        give(sink)
    sink.lean(12)
    began_s = clock.now_s
    while sink.ahead < 12:
        give(sink)
    assert clock.now_s - began_s < 2 * PERIOD_S
    clock.advance(10 * PERIOD_S)
    for _ in range(30):
        give(sink)
    assert sink.dropouts == 0
    assert sink.ahead <= 2


def test_leaning_that_nobody_uses_is_over_after_a_while() -> None:
    """What was asked for and not done does not leave the sound late for good."""
    clock = HandClock()
    sink = null_sink(clock)
    give(sink)
    sink.lean(40)
    clock.advance(1.5)
    for _ in range(20):
        give(sink)
    assert sink.ahead <= 2


def test_a_device_that_was_leaned_on_plays_through_a_long_pause(jack: Any) -> None:
    """A fifth of a second in which nothing can be rendered: not one dropout, and back to two blocks."""
    sink = DeviceSink(None, RATE, BLOCK, ring_blocks=2)

    def pause() -> None:
        for _ in range(40):
            give(sink)
        before = sink.dropouts
        sink.lean(MOST_AHEAD)
        while sink.ahead < MOST_AHEAD - 1:
            give(sink)
        time.sleep(0.2)
        for _ in range(40):
            give(sink)
        assert sink.dropouts == before
        assert sink.ahead <= 2

    try:
        undisturbed(pause, jack.process.pid)
    finally:
        sink.close()


def test_sound_comes_back_softly_after_a_dropout(jack: Any) -> None:
    """The first block after a silence rises from zero; the next is as it was written."""
    sink = DeviceSink(None, RATE, BLOCK, ring_blocks=2)
    try:
        loud = np.ones((BLOCK, 2), np.float32)
        first, second = sink._softened(loud), loud
        assert first[0].max() < 0.001
        assert np.all(np.diff(first[:, 0]) >= 0)
        assert first[-1, 0] == 1.0
        assert np.all(second == 1.0)
    finally:
        sink.close()


@pytest.mark.parametrize("ring_blocks", [1.0, 1.25, 1.5, 2.0])
def test_a_block_is_asked_for_when_so_many_blocks_of_time_are_left(
    jack: Any, ring_blocks: float
) -> None:
    """Whole blocks in the ring and the rest of the period, whenever there is room: the depth asked for."""
    sink = DeviceSink(None, RATE, BLOCK, ring_blocks=ring_blocks)

    def ask() -> None:
        for _ in range(20):
            give(sink)
        left = []
        for _ in range(80):
            sink.wait()
            left.append(sink.ahead + (sink._due_s - time.monotonic()) / PERIOD_S)
            sink.write(silence())
        # A test is no real-time thread: it sees that there is room a little late, never early.
        assert ring_blocks - 0.45 < float(np.median(left)) < ring_blocks + 0.1

    try:
        undisturbed(ask, jack.process.pid)
    finally:
        sink.close()


def test_listing_devices_prints_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    """ALSA and JACK complain in C; the terminal does not see it."""
    device_lines()
    captured = capfd.readouterr()
    assert captured.out == captured.err == ""
