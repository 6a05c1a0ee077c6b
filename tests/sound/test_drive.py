"""The drive: how clean its aliasing is, that it holds the level, and that it sleeps."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from solo import RATE, Solo, db

from instrument.sound import graph as pyo
from instrument.sound.graph import Graph
from instrument.sound.voices.drive import AWAKE_BLOCKS, Drive, DriveControls

LENGTH = 32768
PROBE_HZ = round(5000 * LENGTH / RATE) * RATE / LENGTH


def driven(source: Callable[[Graph], Any]) -> Solo:
    return Solo(lambda graph: Drive(graph, graph.keep(source(graph))), DriveControls)


def sine(hz: float, amplitude: float) -> Callable[[Graph], Any]:
    return lambda graph: pyo.Sine([hz] * graph.channels, mul=amplitude)


def bed(amplitude: float) -> Callable[[Graph], Any]:
    """Something like the organ: dark noise, other on each side."""
    return lambda graph: pyo.ButLP([graph.noise(0.2), graph.noise(0.23)], 800, mul=amplitude)


def test_at_nothing_it_is_the_mix_itself() -> None:
    """Amount 0 is clean to the sample, before it sleeps and afterwards."""
    with driven(sine(1000.0, 0.4)) as solo:
        sound = solo.play(2.5)[RATE // 4 :, 0]
    at = np.arange(len(sound)) + RATE // 4
    assert np.allclose(sound, 0.4 * np.sin(2 * np.pi * 1000.0 * at / RATE), atol=1e-4)


@pytest.mark.parametrize(("amount", "worst_db"), [(0.5, -60.0), (1.0, -48.0)])
def test_what_is_no_harmonic_lies_far_below(amount: float, worst_db: float) -> None:
    """5 kHz through the drive: the loudest line that is no multiple of it, against the loudest."""
    with driven(sine(PROBE_HZ, 0.5)) as solo:
        solo.put(amount=amount, bias=0.0, tone=18000.0).play(0.8)
        sound = solo.play(0.8)[:LENGTH, 0]
    spectrum = np.abs(np.fft.rfft(sound * np.blackman(LENGTH)))
    level = 20 * np.log10(spectrum / spectrum.max() + 1e-12)
    for harmonic in range(5):
        middle = round(harmonic * PROBE_HZ * LENGTH / RATE)
        level[max(0, middle - 8) : middle + 9] = -200.0
    assert level.max() < worst_db


@pytest.mark.parametrize("amplitude", [0.1, 0.5, 1.5])
def test_the_level_stays_held(amplitude: float) -> None:
    """A quiet, a common and a hot bed leave within 3 dB of how they came, at any amount."""
    with driven(bed(amplitude)) as solo:
        clean = db(solo.play(1.0)[RATE // 2 :])
        levels = [db(solo.put(amount=amount).play(1.5)[RATE:]) for amount in (0.1, 0.4, 0.7, 1.0)]
    assert max(abs(level - clean) for level in levels) < 3.0


def test_it_does_destroy() -> None:
    """At the top a bed is nearly a square wave: its crest falls by more than 4 dB."""

    def crest_db(sound: np.ndarray) -> float:
        return 20 * float(np.log10(np.percentile(np.abs(sound), 99.9))) - db(sound)

    with driven(bed(0.5)) as solo:
        clean = crest_db(solo.play(1.0)[RATE // 2 :, 0])
        assert crest_db(solo.put(amount=1.0, tone=18000.0).play(1.5)[RATE:, 0]) < clean - 4.0


def test_silence_stays_silence_with_bias() -> None:
    """A bias is an offset: it does not leave."""
    with driven(sine(100.0, 0.0)) as solo:
        assert np.abs(solo.put(amount=1.0, bias=1.0).play(1.5)[RATE:]).max() < 1e-6


def test_it_sleeps_when_clean_and_wakes_without_a_click() -> None:
    """All of its parts stop a second after it became clean; on again it only glides."""
    with driven(sine(200.0, 0.3)) as solo:
        solo.put(amount=0.5).play(0.5)
        solo.put(amount=0.0).play((AWAKE_BLOCKS + 2) * 256 / RATE)
        parts = solo.voice._parts
        assert not any(part.isPlaying() for part in parts)
        sound = solo.put(amount=0.2).play(0.5)
        assert all(part.isPlaying() for part in parts)
    assert np.abs(np.diff(sound[:, 0])).max() < 0.06
