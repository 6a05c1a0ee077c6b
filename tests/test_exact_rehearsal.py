"""A rehearsal plays what is rendered of the same run and preset, to the sample, on a busy machine."""

import math
from pathlib import Path

import numpy as np
import pytest
from exact_stand import BLOCK, RATE, Rehearsed, busy, rehearse, render, song

from instrument.runs.reel import Reel

pytestmark = pytest.mark.slow

TRIES = 3
"""A machine that stops a process for longer than frames are said ahead is told of by the show itself."""


def undisturbed(run: Path, preset: str, folder: Path) -> Rehearsed:
    """A rehearsal beside other programs in which nothing came late, as the show counts it."""
    with busy():
        for number in range(TRIES):
            place = folder / str(number)
            place.mkdir()
            rehearsed = rehearse(run, preset, place)
            if rehearsed.late == 0:
                break
    assert rehearsed.late == 0
    return rehearsed


def length_of(run: Path) -> int:
    """So many blocks are rendered until the last frame of a run counts."""
    return math.ceil(Reel(run).length_s * RATE / BLOCK)


def assert_equal(played: np.ndarray, rendered: np.ndarray, blocks: int) -> None:
    """All of these blocks, and they are not silent."""
    assert len(played) >= blocks and len(rendered) >= blocks
    equal = (played[:blocks] == rendered[:blocks]).all(axis=1)
    print(f"{np.count_nonzero(equal)} of {blocks} blocks are equal")
    assert equal.all(), f"block {int(np.argmin(equal))} is another"
    assert np.abs(rendered[:blocks].astype(np.float64)).max() > 0.1 * 2**31


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return song(tmp_path_factory.mktemp("song") / "song.mcap")


def test_a_run_with_scenes_is_played_as_it_is_rendered(scenes: Path, tmp_path: Path) -> None:
    """Metrics, samples, weights, a morph, recordings that change, a mapping that fades in, a fader."""
    played = undisturbed(scenes, "glitch_organ", tmp_path)
    rendered = render(scenes, "glitch_organ", tmp_path)
    assert_equal(played.blocks, rendered, length_of(scenes))


def test_through_another_preset_its_mapping_stays_in_both(scenes: Path, tmp_path: Path) -> None:
    """The recorded hands move what there is; the mapping is that of the preset chosen tonight."""
    played = undisturbed(scenes, "weights", tmp_path)
    rendered = render(scenes, "weights", tmp_path)
    assert_equal(played.blocks, rendered, length_of(scenes))
