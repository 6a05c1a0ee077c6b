"""The sound of a rehearsal begins with the deck: its run comes after the same number of blocks always."""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import soundfile
from rig import Watch

from instrument.signals.bus import Bus
from instrument.signals.frames import DECK, SOUND, DeckFrame, SoundFrame
from instrument.sound.supervisor import SoundProcess

pytestmark = pytest.mark.slow


@pytest.fixture
def begin(bus: Bus, config: Callable[..., dict[str, Any]]) -> Iterator[Callable[..., Watch]]:
    made: list[SoundProcess] = []

    def make(**changes: Any) -> Watch:
        process = SoundProcess(config(bus.show, **changes), bus, standby=False)
        made.append(process)
        process.start()
        process.wait_ready(30)
        return Watch(process, bus)

    yield make
    for process in made:
        process.stop()


def test_it_is_silent_until_the_deck_is_there(
    begin: Callable[..., Watch], bus: Bus, tmp_path: Path
) -> None:
    """It says that it lives, at block 0, and captures nothing; then it plays from its first block on."""
    ear = bus.listener(SOUND)
    capture = tmp_path / "capture.wav"
    watch = begin(dated=True, capture=str(capture))
    frames: list[SoundFrame] = []
    assert watch.until(lambda: frames.extend(ear.drain()) or len(frames) > 20)
    assert {frame.blocks for frame in frames} == {0}
    assert all(frame.period_s == 256 / 48_000 for frame in frames)
    assert watch.process.report()["blocks"] == 0
    deck = bus.publisher(DECK)
    deck.send(DeckFrame())
    assert watch.plays(100)
    watch.process.stop()
    told = watch.process.report()
    assert soundfile.info(capture).frames == 256 * told["blocks"]
    assert told["late_frames"] == 0


def test_a_live_show_does_not_wait(begin: Callable[..., Watch]) -> None:
    """No deck anywhere."""
    assert begin().plays(50)


def test_a_sound_that_comes_back_does_not_wait(begin: Callable[..., Watch], bus: Bus) -> None:
    """The deck was there, and is not said again."""
    watch = begin(dated=True)
    deck = bus.publisher(DECK)
    deck.send(DeckFrame())
    assert watch.plays(50)
    deck.close()
    watch.hit(signal.SIGKILL)
    assert watch.until(lambda: watch.process.report()["restarts"] == 1)
    assert watch.plays(50)
