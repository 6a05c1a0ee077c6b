"""The arithmetic of grains: how many, which notes, which window, which side. No sound."""

import numpy as np
import pytest

from instrument.sound.voices.cloud import CloudControls, grains_at_once
from instrument.sound.voices.grains import MOST_OVERLAP, even_density, hurry, sides
from instrument.sound.voices.places import Drift
from instrument.sound.voices.scales import SCALES, notes, snapped
from instrument.sound.voices.windows import window


def test_one_cloud_holds_five_hundred_grains_and_density_gives_way_beyond() -> None:
    def at_once(density: float, size_ms: float, overlap: float = 0.0) -> float:
        controls = CloudControls.at_defaults()
        for number, name in enumerate(field.name for field in CloudControls._fields):
            controls.values[number] = {
                "density": density, "size_ms": size_ms, "overlap": overlap,
            }.get(name, controls.values[number])  # fmt: skip
        return grains_at_once(controls)

    assert at_once(10, 200) == pytest.approx(2)
    assert at_once(2000, 1000) == MOST_OVERLAP == 512
    assert at_once(10, 200, overlap=64) == 64
    assert at_once(10, 2, overlap=512) == pytest.approx(4)


def test_notes_of_a_scale() -> None:
    """The base snaps, the notes lie within reach of it, and all of them are as likely."""
    assert snapped(6.4, SCALES["major"]) == 7
    assert snapped(-0.4, SCALES["fifths"]) == 0
    assert snapped(6.4, SCALES["free"]) == 6.4
    assert set(notes(0.3, 5.0, SCALES["pentatonic"], 64)) == {-5, -3, 0, 2, 4}
    assert set(notes(12.0, 0.0, SCALES["whole_tone"], 8)) == {12}
    free = notes(1.0, 2.0, SCALES["free"], 5)
    assert free.tolist() == [-1, 0, 1, 2, 3]
    fifth = notes(0.0, 8.0, SCALES["just"], 256)
    assert np.abs(2 ** (fifth / 12) - 1.5).min() < 1e-12


def test_the_window_goes_from_struck_over_round_and_flat_to_a_swell() -> None:
    assert window(1 / 3, 5) == pytest.approx([0, 0.5, 1, 0.5, 0])
    assert window(0.0, 201).argmax() < 10
    assert window(1.0, 201) == pytest.approx(window(0.0, 201)[::-1])
    assert (window(2 / 3, 201) > 0.99).mean() > 0.75
    for shape in np.linspace(0, 1, 31):
        drawn = window(shape, 1024)
        assert drawn[0] == pytest.approx(0, abs=1e-9) and drawn[-1] == pytest.approx(0, abs=1e-9)
        assert drawn.max() == pytest.approx(1)


def test_loose_timing_keeps_the_density() -> None:
    """As pyo does it: each gap divided by a random factor around 1."""
    factors = 1 + 0.9 * np.random.default_rng(0).uniform(-1, 1, 200_000)
    assert 1 / np.mean(1 / factors) * hurry(0.9) == pytest.approx(1, rel=0.02)
    assert hurry(0.0) == 1


def test_a_drift_is_held_and_forgotten_in_whole_turns() -> None:
    drift = Drift()
    drift.begin(10.0)
    assert drift.follow(0.2, 1.0, 25.0) == pytest.approx(2.7)
    assert drift.follow(0.9, 1.0, 25.0, held=True) == pytest.approx(2.7 + 0.7)
    assert drift.follow(0.1, 1.0, 25.0, held=True) == pytest.approx(2.7 + 0.7)
    assert drift.follow(0.1, 0.0, 25.0) == pytest.approx(2.1)


def test_sides_in_stereo_lie_evenly() -> None:
    assert sides(1.0, 2, 4) == pytest.approx([0.125, 0.375, 0.625, 0.875])
    assert sides(0.0, 2, 3) == pytest.approx([0.5, 0.5, 0.5])


def test_an_even_density_has_whole_samples_from_grain_to_grain() -> None:
    assert 48000 / even_density(440.0, 48000) == pytest.approx(109)
    assert even_density(1000.0, 48000) == pytest.approx(1000)
