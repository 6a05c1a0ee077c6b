"""Where things lie: the performer's own folder, and paths as they are written."""

from pathlib import Path

import pytest

from instrument.runs.tape import find_run
from instrument.signals import places
from instrument.signals.mistake import Mistake


def test_a_path_of_somebodys_home_is_spelled_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where no shell did it, as behind an equals sign (``--rehearse=~/tonight.mcap``)."""
    monkeypatch.setenv("HOME", "/home/mia")
    assert places.spelled_out(Path("~/tonight.mcap")) == Path("/home/mia/tonight.mcap")
    assert places.spelled_out(Path("here/tonight.mcap")) == Path("here/tonight.mcap")


def test_what_ends_in_capitals_is_found_as_it_is_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Recorders and old disks write KICK.WAV; where both are there, the usual one is meant."""
    monkeypatch.setenv("TWOS_AND_SEVENS_HOME", str(tmp_path))
    runs, samples = tmp_path / "runs", tmp_path / "samples"
    runs.mkdir()
    samples.mkdir()
    for path in (runs / "LOUD.MCAP", runs / "both.MCAP", runs / "both.mcap", samples / "KICK.WAV"):
        path.write_bytes(b"")
    assert {"LOUD", "both"} <= set(places.names("runs", (".mcap",)))
    for word in ("LOUD", "LOUD.MCAP", "LOUD.mcap"):
        assert places.find("runs", word, (".mcap",), "run") == runs / "LOUD.MCAP"
    assert places.find("runs", "both", (".mcap",), "run") == runs / "both.mcap"
    assert find_run(str(runs / "LOUD.MCAP")) == runs / "LOUD.MCAP"
    assert places.found("samples", (".wav", ".flac"))["KICK"] == samples / "KICK.WAV"
    assert places.found("runs", (".mcap",))["both"] == runs / "both.mcap"


def test_a_path_where_a_name_is_meant_is_told_where_files_of_ones_own_lie(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is wrong with it, and the folder it belongs into."""
    monkeypatch.setenv("TWOS_AND_SEVENS_HOME", str(tmp_path))
    with pytest.raises(
        Mistake, match=r"'\.\./mine\.toml' is not a name: .*no folders; put "
    ) as told:
        places.find("presets", "../mine.toml", (".toml",), "preset")
    assert str(told.value).endswith(f"; put the file into {tmp_path / 'presets'} and say its name")


def test_a_folder_with_the_ending_of_a_run_is_none_and_is_not_offered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is there under the name is said; only what can be opened is listed."""
    monkeypatch.setenv("TWOS_AND_SEVENS_HOME", str(tmp_path))
    folder = tmp_path / "runs" / "evening.mcap"
    folder.mkdir(parents=True)
    (tmp_path / "runs" / "away.mcap").symlink_to(tmp_path / "nothing.mcap")
    names = places.names("runs", (".mcap",))
    assert "noise_to_digits" in names and not {"evening", "away"} & set(names)
    with pytest.raises(Mistake) as told:
        find_run("evening")
    assert f"; {folder} is no plain file in it (there are: " in str(told.value)
    assert "did you mean" not in str(told.value)


def test_a_home_of_nobody_is_a_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    """The path, why, the cure; of the performer's own folder also what names it."""
    with pytest.raises(Mistake, match=r"^~nobody_so/x\.mcap: .* ~nobody_so; write the whole path"):
        places.spelled_out(Path("~nobody_so/x.mcap"))
    monkeypatch.setenv("TWOS_AND_SEVENS_HOME", "~nobody_so/shows")
    with pytest.raises(Mistake, match="TWOS_AND_SEVENS_HOME"):
        places.home()
