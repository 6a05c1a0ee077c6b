"""The sound comes back by itself: real children, real signals, a real JACK server that goes and returns."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from rig import Hand, Watch, until

from instrument.signals.bus import Bus
from instrument.signals.controls import Bank
from instrument.signals.frames import SOUND
from instrument.sound import supervisor
from instrument.sound.probe import Probe
from instrument.sound.supervisor import SoundProcess

LIMIT_S = 2.0
Begin = Callable[..., Watch]


@pytest.fixture
def hand(bus: Bus, bank: Bank) -> Hand:
    return Hand(bus, bank)


@pytest.fixture
def begin(
    bus: Bus, hand: Hand, config: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Begin]:
    """A sound process that plays, by default with its standby asleep beside it."""
    made: list[SoundProcess] = []
    monkeypatch.setattr(supervisor, "STANDBY_AFTER_S", 0.0)

    def make(standby: bool = True, **changes: Any) -> Watch:
        process = SoundProcess(
            config(bus.show, **changes), bus, positions=hand.positions, standby=standby
        )
        made.append(process)
        process.start()
        process.wait_ready(15)
        watch = Watch(process, bus)
        assert watch.plays()
        assert not standby or watch.until(lambda: process.standby_ready, 30)
        return watch

    yield make
    for process in made:
        process.stop()


@pytest.mark.slow
def test_a_killed_child_is_back_at_once_with_the_hands_where_they_are(
    begin: Begin, bus: Bus, hand: Hand, tmp_path: Path
) -> None:
    """kill -9: below two seconds, the last positions, one restart, one dropout, and it is said."""
    path = tmp_path / "show.wav"
    watch = begin(capture=str(path))
    hand.put("sound.master.level", -60)
    assert watch.plays()
    before = watch.process.report()
    old = watch.process.pid
    watch.hit(signal.SIGKILL)
    assert watch.seconds_until_said("back after") < LIMIT_S
    assert "killed" in watch.said[-1]
    assert watch.process.pid != old
    frames = bus.listener(SOUND)
    assert watch.plays()
    loudest = max(frame.peak for frame in frames.drain())
    assert loudest < 1e-4
    report = watch.process.report()
    assert (report["restarts"], report["hangs"]) == (1, 0)
    assert report["dropouts"] >= before["dropouts"] + 1
    assert 0 < report["longest_gap_s"] < LIMIT_S
    watch.process.stop()
    assert path.stat().st_size > 1000
    assert path.with_name("show.2.wav").stat().st_size > 1000


@pytest.mark.slow
def test_a_hanging_child_is_noticed_by_its_silence_and_replaced(begin: Begin) -> None:
    """SIGSTOP: two seconds from the stop to the sound of the next child."""
    watch = begin()
    watch.hit(signal.SIGSTOP)
    assert watch.seconds_until_said("back after") < LIMIT_S
    assert "hung" in watch.said[-1]
    assert watch.plays()
    report = watch.process.report()
    assert (report["restarts"], report["hangs"]) == (1, 1)
    assert supervisor.SILENT_TOO_LONG_S < report["longest_gap_s"] < LIMIT_S


@pytest.mark.slow
def test_a_short_stop_is_counted_and_nothing_is_restarted(begin: Begin) -> None:
    """SIGSTOP for a fifth of a second: the same child goes on, the hole is a dropout."""
    watch = begin(standby=False)
    before = watch.process.report()["dropouts"]
    pid = watch.process.pid
    watch.hit(signal.SIGSTOP)
    stopped_s = time.monotonic()
    watch.until(lambda: time.monotonic() > stopped_s + 0.2)
    watch.hit(signal.SIGCONT)
    assert watch.plays()
    assert watch.process.pid == pid
    report = watch.process.report()
    assert report["restarts"] == 0
    assert report["dropouts"] > before
    assert watch.until(lambda: watch.process.report()["longest_gap_s"] > 0.1)


@pytest.mark.slow
def test_a_stage_that_did_not_look_for_long_does_not_take_it_for_silence(begin: Begin) -> None:
    """A picture that stood still for a second says nothing about the sound."""
    watch = begin(standby=False)
    pid = watch.process.pid
    watch.hit(signal.SIGSTOP)
    stopped_s = time.monotonic()
    assert until(lambda: time.monotonic() > stopped_s + 1.0)
    watch.look()
    watch.hit(signal.SIGCONT)
    assert watch.plays()
    assert watch.process.pid == pid


@pytest.mark.slow
def test_without_a_standby_it_comes_back_too(begin: Begin) -> None:
    """A child from nothing; the next death goes to a child that was asleep."""
    watch = begin(standby=False)
    for number in (1, 2):
        watch.hit(signal.SIGKILL)
        watch.seconds_until_said("back after")
        assert watch.plays()
        assert watch.process.restarts == number


@pytest.mark.slow
def test_a_device_that_returns_is_played_to_again(
    begin: Begin, jack: Any, hand: Hand, tmp_path: Path
) -> None:
    """The JACK server is killed and begun anew: on the null sink meanwhile, back in two seconds."""
    watch = begin(sink="device")
    assert "JACK" in watch.process.notice
    hand.put("sound.master.level", -20)
    jack.process.kill()
    jack.process.wait()
    watch.seconds_until_said("gone")
    assert watch.plays(100)
    assert watch.process.report()["device_losses"] == 1
    again = type(jack)(tmp_path)
    try:
        assert watch.seconds_until_said("is back") < LIMIT_S
        assert "JACK" in watch.process.notice
        assert watch.plays(100)
        report = watch.process.report()
        assert (report["restarts"], report["device_losses"]) == (0, 1)
        assert report["dropouts"] >= 1
        assert report["longest_gap_s"] > 0.5
        watch.process.stop()
        assert watch.process.report()["blocks"] > report["blocks"]
    finally:
        again.stop()


@pytest.mark.slow
def test_a_child_that_dies_without_its_device_is_replaced_and_the_device_is_found(
    begin: Begin, jack: Any, tmp_path: Path
) -> None:
    """Both at once: a child on the null sink in between, then the device."""
    watch = begin(sink="device")
    jack.process.kill()
    jack.process.wait()
    watch.seconds_until_said("gone")
    watch.hit(signal.SIGKILL)
    watch.seconds_until_said("back after")
    assert "null" in watch.process.notice
    assert watch.plays()
    again = type(jack)(tmp_path)
    try:
        watch.seconds_until_said("is back")
        assert "JACK" in watch.process.notice
        assert watch.plays()
        report = watch.process.report()
        assert (report["restarts"], report["device_losses"]) == (1, 1)
    finally:
        watch.process.stop()
        again.stop()


@pytest.mark.slow
def test_a_child_killed_together_with_its_device_goes_on_without_it(
    begin: Begin, jack: Any
) -> None:
    """The next child does not find the device: it plays to nothing instead of not at all."""
    watch = begin(sink="device")
    jack.process.kill()
    jack.process.wait()
    watch.hit(signal.SIGKILL)
    watch.seconds_until_said("back after")
    assert watch.plays()
    assert "null" in watch.process.notice
    assert watch.process.report()["device_losses"] == 1


@pytest.mark.slow
def test_a_child_that_dies_again_and_again_is_tried_ever_after(
    begin: Begin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Five times in quick succession, then said, then every so often, and not never."""
    monkeypatch.setattr(supervisor, "PAUSES_S", (0.0, 0.0, 0.0, 0.0, 0.05))
    monkeypatch.setattr(supervisor, "LAST_PAUSE_S", 1.0)
    watch = begin(standby=False)
    healthy = sys.executable
    monkeypatch.setattr(sys, "executable", "/bin/false")
    watch.hit(signal.SIGKILL)
    watch.seconds_until_said("tried again every")
    restarts = watch.process.restarts
    assert restarts == 6
    assert watch.until(lambda: watch.process.restarts > restarts, 5)
    monkeypatch.setattr(sys, "executable", healthy)
    watch.seconds_until_said("back after")
    assert watch.plays()


def test_a_show_without_a_device_looks_for_none(begin: Begin) -> None:
    """Nobody asked for one: nothing is probed, nothing counted."""
    watch = begin(standby=False)
    assert watch.process.report()["device_losses"] == 0
    assert watch.process._probe is None


@pytest.mark.slow
def test_the_probe_finds_a_server_that_begins_later(jack: Any) -> None:
    """Not there under another name; there under its own."""
    environment = {**os.environ, **jack.environment}
    nothing = Probe("no such device", 2, environment)
    system = Probe("system (JACK Audio Connection Kit)", 2, environment)
    many = Probe("system (JACK Audio Connection Kit)", 8, environment)
    try:
        assert until(system.found)
        assert not nothing.found()
        assert not many.found()
    finally:
        for probe in (nothing, system, many):
            probe.close()
