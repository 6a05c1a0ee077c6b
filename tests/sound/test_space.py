"""The space: its decay, its freeze, its sleep, and a different room on each loudspeaker."""

from typing import Any

import numpy as np
import pytest
from solo import RATE, Solo, db

from instrument.sound import graph as pyo
from instrument.sound.graph import Graph
from instrument.sound.voices.space import Space, SpaceControls, decay_seconds


class Sender:
    """Sends bursts of noise of 50 ms when it is told to, independent on every channel."""

    def __init__(self, graph: Graph) -> None:
        self.open = graph.live(0.0, 0.001)
        noises = [graph.noise(0.2 + 0.01 * n) for n in range(graph.channels)]
        self.sound = graph.keep(graph.mix([pyo.Mix(noises, graph.channels) * self.open.signal]))


def space(channels: int = 2, block: int = 256) -> tuple[Solo, Sender]:
    senders = []

    def build(graph: Graph) -> Space:
        senders.append(Sender(graph))
        return Space(graph, senders[0].sound)

    return Solo(build, SpaceControls, channels, block), senders[0]


def burst(solo: Solo, sender: Sender) -> np.ndarray:
    sender.open.set(0.5)
    sound = solo.play(0.05)
    sender.open.set(0.0)
    return sound


@pytest.mark.parametrize("decay", [0.4, 0.6, 0.8])
def test_the_tail_falls_by_60_db_in_the_time_of_its_decay(decay: float) -> None:
    """Undamped, within a fifth."""
    solo, sender = space()
    seconds = decay_seconds(decay)
    with solo:
        solo.put(decay=decay, damping=16000.0, level=0.0).play(0.5)
        burst(solo, sender)
        solo.play(0.3)
        first = db(solo.play(0.1))
        solo.play(0.3 * seconds)
        last = db(solo.play(0.1))
    per_second = (first - last) / (0.3 * seconds + 0.1)
    # The one-pole damping at 16 kHz takes some of the highs besides.
    assert 60.0 / per_second < 1.1 * seconds
    assert 60.0 / per_second > 0.45 * seconds


@pytest.mark.slow
def test_a_frozen_tail_neither_grows_nor_dies() -> None:
    """A minute of freeze: every two seconds as loud as the first, within 1 dB, and no sleep."""
    solo, sender = space()
    with solo:
        solo.put(level=0.0).play(0.2)
        burst(solo, sender)
        solo.play(0.3)
        solo.put(freeze=1.0).play(1.0)
        levels = [db(solo.play(2.0)) for _ in range(30)]
        assert not solo.voice.asleep
    assert max(levels) - min(levels) < 1.0
    assert levels[0] > -60.0


def test_a_frozen_space_lets_nothing_in_and_goes_on_when_released() -> None:
    """What is sent while it is frozen is not heard; released, the tail dies."""
    solo, sender = space()
    with solo:
        solo.put(level=0.0, decay=0.5).play(0.2)
        burst(solo, sender)
        solo.put(freeze=1.0).play(0.8)
        before = db(solo.play(0.4))
        for _ in range(5):
            burst(solo, sender)
        assert db(solo.play(0.4)) == pytest.approx(before, abs=1.0)
        solo.put(freeze=0.0).play(2.5)
        assert db(solo.play(0.2)) < before - 40.0


def test_freezing_again_and_again_does_not_add_up() -> None:
    """Ten freezes of a sounding space stay within what went in."""
    solo, sender = space()
    with solo:
        sender.open.set(0.1)
        steady = db(solo.put(level=0.0).play(4.0)[-RATE:])
        levels = []
        for _ in range(10):
            levels.append(db(solo.put(freeze=1.0).play(0.4)))
            solo.put(freeze=0.0).play(0.2)
    assert max(levels) < steady + 3.0


def asleep_after(solo: Solo, seconds: float) -> bool:
    solo.play(seconds)
    return bool(solo.voice.asleep) and not any(part.isPlaying() for part in solo.voice._parts)


def test_it_sleeps_once_its_tail_is_over_and_loses_no_click() -> None:
    """Nothing sent: asleep after two decay times; the next burst is heard as if it had not slept."""
    heard = []
    for rests in (False, True):
        solo, sender = space()
        with solo:
            solo.put(decay=0.2, level=0.0).play(0.2)
            if rests:
                assert asleep_after(solo, 2.0 * decay_seconds(0.2) + 0.8)
            burst(solo, sender)
            heard.append(db(solo.play(0.4)))
            assert not solo.voice.asleep
    assert heard[1] == pytest.approx(heard[0], abs=1.0)


def test_off_it_sleeps_and_forgets() -> None:
    """At -60 dB it is asleep in less than two seconds; turned up again no old tail comes back."""
    solo, sender = space()
    with solo:
        solo.put(level=0.0, decay=1.0).play(0.2)
        burst(solo, sender)
        assert db(solo.play(0.5)) > -60.0
        solo.put(level=-60.0)
        assert asleep_after(solo, 1.5)
        assert db(solo.put(level=0.0).play(0.5)) < -110.0


@pytest.mark.parametrize("channels", [2, 4, 8])
def test_every_loudspeaker_has_a_room_of_its_own(channels: int) -> None:
    """One and the same click into all channels comes back different from each, and as loud."""
    senders: list[Any] = []

    def build(graph: Graph) -> Space:
        senders.append(graph.live(0.0, 0.0005))
        return Space(graph, graph.mix([pyo.Mix(graph.noise(0.2), 1) * senders[0].signal] * 1))

    with Solo(build, SpaceControls, channels) as solo:
        solo.put(level=0.0).play(0.2)
        senders[0].set(0.5)
        solo.play(0.05)
        senders[0].set(0.0)
        solo.play(0.1)
        sound = solo.play(1.0)
    levels = [db(sound[:, channel]) for channel in range(channels)]
    assert np.abs(np.corrcoef(sound.T) - np.eye(channels)).max() < 0.25
    assert max(levels) - min(levels) < 3.0


@pytest.mark.parametrize("block", [64, 512])
def test_the_block_size_does_not_change_the_room(block: int) -> None:
    """The delays make up for the block that the way back costs."""
    heard = []
    for size in (256, block):
        solo, sender = space(block=size)
        with solo:
            solo.put(level=0.0).play(0.512)
            burst(solo, sender)
            solo.play(0.512)
            heard.append(db(solo.play(1.024)))
    assert heard[1] == pytest.approx(heard[0], abs=1.5)
