"""The sound of a recorded run, rendered: the same twice, from where the run rolls, its scenes and all."""

from pathlib import Path

import numpy as np
import pytest
from exact_stand import BLOCK, PRESET, RATE, blocks_of, song

from instrument.offline import OfflineSound, render_sound
from instrument.runs.pace import LEAD_IN_BLOCKS
from instrument.runs.tape import find_run
from instrument.show_house import house_of_show
from instrument.signals.frames import SoundFrame

pytestmark = pytest.mark.slow


def rendered(run: Path, out: Path, seconds: float, **words: object) -> np.ndarray:
    render_sound(run, PRESET, out, house_of_show(PRESET), end_s=seconds, **words)  # type: ignore[arg-type]
    return blocks_of(out)


def test_a_run_gives_the_same_bytes_twice_and_others_with_another_seed(tmp_path: Path) -> None:
    """Two seconds, file against file."""
    run = find_run("noise_to_digits")
    files = [tmp_path / f"{name}.wav" for name in ("one", "two", "other")]
    for file, seed in zip(files, (7, 7, 8), strict=True):
        rendered(run, file, 2.0, seed=seed)
    one, two, other = (file.read_bytes() for file in files)
    assert one == two != other


def test_it_begins_where_the_run_begins_to_roll(tmp_path: Path) -> None:
    """A second of sound has gone by then, and is not in the file; what is told counts from there."""
    run, told = find_run("noise_to_digits"), list[SoundFrame]()
    blocks = rendered(run, tmp_path / "sound.wav", 1.0, told=told.append)
    sound = OfflineSound(run, PRESET, house_of_show(PRESET))
    try:
        every = [block.copy() for block, _ in zip(sound.blocks(), range(230), strict=False)]
    finally:
        sound.close()
    assert sound.began == LEAD_IN_BLOCKS
    first = np.concatenate(every[LEAD_IN_BLOCKS:]).reshape(-1, BLOCK * 2)
    assert np.abs(first - blocks[: len(first)] / 2.0**31).max() < 2.0**-22
    assert len(blocks) == np.ceil(RATE / BLOCK)
    assert told[0].time_s == pytest.approx(BLOCK / RATE) and told[-1].time_s <= 1.0
    assert all(frame.period_s == BLOCK / RATE for frame in told)


def test_recorded_scenes_are_heard_in_a_rendering(tmp_path: Path) -> None:
    """The same run with and without the hands of an evening: equal until they begin at 3 s, then not."""
    plain = rendered(find_run("noise_to_digits"), tmp_path / "plain.wav", 6.0)
    played = rendered(song(tmp_path / "song.mcap"), tmp_path / "played.wav", 6.0)
    count = min(len(plain), len(played))
    same = (plain[:count] == played[:count]).all(axis=1)
    assert same[: int(3.0 * RATE / BLOCK)].all()
    assert not same[int(3.5 * RATE / BLOCK) :].any()
