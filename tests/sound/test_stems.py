"""Stems: every part by itself, together what the master is given, and the mix is not touched by it."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from instrument import presets
from instrument.house import House, open_house
from instrument.learning.streams import STREAMS
from instrument.offline import render_sound
from instrument.runs.tape import find_run
from instrument.signals.mistake import Mistake
from instrument.sound.engine import RETURNS, Engine
from instrument.sound.library import Library
from instrument.sound.stems import FloatFile, Stems

BLOCKS = 700


@pytest.fixture(scope="module")
def house() -> House:
    return open_house()


def engine(house: House) -> tuple[Engine, np.ndarray]:
    bank = house.bank
    preset = presets.load("glitch_organ", house.vocabulary(STREAMS))
    values = bank.map(preset.positions(bank), np.zeros(len(bank)))
    library = Library(house.recordings, 48_000, patient=True)
    return Engine(bank, library, seed=7, values=values), values


def played(house: House, apart: bool) -> tuple[bytes, float, set[str]]:
    """What is heard; how far the sum of the parts is from it before the master; which parts are heard."""
    built, values = engine(house)
    names = built.take_apart() if apart else ()
    heard, far, loud = [], 0.0, set()
    for number in range(BLOCKS):
        values[house.bank.number["sound.drive.amount"]] = 0.0 if number < BLOCKS // 2 else 0.6
        heard.append(built.render(values).copy())
        if apart:
            whole = built.parts.astype(np.float64).sum(axis=1)
            far = max(far, float(np.abs(whole - built.graph.rendered).max()))
            peaks = np.abs(built.parts).max(axis=(0, 2))
            loud |= {name for name, peak in zip(names, peaks, strict=True) if peak > 0.0}
    built.close()
    return np.concatenate(heard).tobytes(), far, loud


@pytest.mark.slow
def test_parts_together_are_what_the_master_gets_and_change_nothing(house: House) -> None:
    """Space and a driven half included; the mix is the same to the byte as without them."""
    apart, far, loud = played(house, True)
    assert far < 1e-6
    assert {"drone", *RETURNS} <= loud
    plain, _, _ = played(house, False)
    assert plain == apart and np.frombuffer(apart, np.float32).any()


@pytest.mark.slow
def test_a_run_is_rendered_with_its_stems(house: House, tmp_path: Path) -> None:
    """Files of one length; the mix is the sound that is rendered anyway; all bytes are the same twice."""
    run = find_run("noise_to_digits")
    for name in ("one", "two"):
        render_sound(
            run, "glitch_organ", tmp_path / f"{name}.wav", house, end_s=3.0, stems=tmp_path / name
        )
    render_sound(run, "glitch_organ", tmp_path / "plain.wav", house, end_s=3.0)
    assert (tmp_path / "one.wav").read_bytes() == (tmp_path / "plain.wav").read_bytes()
    mix, _ = soundfile.read(str(tmp_path / "one" / "mix.wav"))
    sound, _ = soundfile.read(str(tmp_path / "one.wav"))
    assert np.abs(mix - sound).max() <= 2.0**-23
    files = sorted((tmp_path / "one").iterdir())
    assert len(files) > 3
    for file in files:
        assert soundfile.info(str(file)).frames == len(mix)
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes()


def test_a_part_begins_when_it_is_heard_and_is_as_long_as_the_others(tmp_path: Path) -> None:
    """Silence before it is written for it; one that is never heard has no file; no number is silence."""
    stems = Stems(tmp_path, ("early", "late", "never", "broken"), 48_000, 2)
    for number in range(3):
        parts = np.zeros((4, 4, 2), np.float32)
        parts[:, 0] = 0.5
        parts[:, 1] = 0.25 if number == 2 else 0.0
        parts[:, 3] = np.nan
        stems.write(parts, np.full((4, 2), 0.75, np.float32))
    stems.close()
    assert sorted(path.stem for path in tmp_path.iterdir()) == ["broken", "early", "late", "mix"]
    late, rate = soundfile.read(str(tmp_path / "late.wav"))
    assert rate == 48_000 and late[:, 1].tolist() == [0.0] * 8 + [0.25] * 4
    broken, _ = soundfile.read(str(tmp_path / "broken.wav"))
    assert not broken.any() and len(broken) == 12


def test_a_stem_of_more_than_4_gib_says_how_long_it_is(tmp_path: Path) -> None:
    """Eight channels for an hour: RF64, and another reader finds every sample."""
    file = FloatFile(tmp_path / "long.wav", 48_000, 8)
    file.silence(3600 * 48_000)
    file.write(np.full((1, 8), 0.5, np.float32))
    file.close()
    told = soundfile.info(str(tmp_path / "long.wav"))
    assert (told.frames, told.channels, told.format) == (3600 * 48_000 + 1, 8, "RF64")
    with soundfile.SoundFile(str(tmp_path / "long.wav")) as reader:
        reader.seek(3600 * 48_000)
        assert reader.read().tolist() == [[0.5] * 8]


def test_a_folder_that_cannot_be_made_is_a_mistake(tmp_path: Path) -> None:
    """One sentence that names the option."""
    (tmp_path / "file").touch()
    with pytest.raises(Mistake, match="--stems"):
        Stems(tmp_path / "file", (), 48_000, 2)
