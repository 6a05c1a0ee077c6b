"""Every live show is recorded, as a performer meets it: whole shows in processes of their own."""

import json
import signal
from pathlib import Path

import pytest
from perform_stand import Played, last_of, until

from instrument.runs.keeping import PATTERN
from instrument.runs.tape import Tape

QUIET = ["--headless", "--sound", "null", "--size", "320x180", "--no-standby", "--no-midi"]


def shown(home: Path, *words: object) -> Played:
    return Played(*QUIET, "--no-announce", *words, environment={"TWOS_AND_SEVENS_HOME": str(home)})


@pytest.mark.slow
def test_a_show_that_nobody_records_is_recorded(tmp_path: Path) -> None:
    """In the performer's own folder, under date and preset; the place, the size and the bound are said."""
    report = tmp_path / "report.json"
    show = shown(tmp_path / "home", "--report", report, "--keep", "7")
    line = show.until_said("recorded into")
    (path,) = (tmp_path / "home" / "runs").iterdir()
    assert PATTERN.fullmatch(path.name) and path.name.endswith("_glitch_organ.mcap")
    assert str(path) in line and "GB are free" in line and "beyond 7 GB" in line
    until(lambda: getattr(last_of(path).get("metrics"), "step", 0) > 20, "a training in the file")
    assert show.end(signal.SIGTERM) == 0
    tape = Tape(path)
    header = tape.header
    assert not tape.cut_short and header.automatic == path.name
    assert (header.format, header.sample_rate, header.block) == (2, 48_000, 256)
    assert {"instrument", "python", "torch", "numpy", "pyo", "platform"} <= set(header.versions)
    told = json.loads(report.read_text())["recorder"]
    assert told["file"] == str(path) and told["bytes"] == path.stat().st_size
    assert sum(1 for _ in tape.frames()) == told["frames"] and told["lost"] == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    "words", [["--no-record"], ["--rehearse", "noise_to_digits"]], ids=["no record", "rehearsal"]
)
def test_a_show_that_is_not_to_be_recorded_leaves_nothing(tmp_path: Path, words: list[str]) -> None:
    """Where somebody says so, and where the run is there already."""
    show = shown(tmp_path / "home", *words)
    show.until_said("sound:")
    assert show.end(signal.SIGINT) == 0
    assert not (tmp_path / "home" / "runs").exists()


@pytest.mark.slow
def test_a_home_that_is_no_folder_stops_no_show(tmp_path: Path) -> None:
    """It is said, and played."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "runs").write_text("a file in its place")
    show = shown(home)
    assert "is not recorded" in show.until_said("recorder")
    show.until_said("learning:")
    assert show.end(signal.SIGTERM) == 0
    assert (home / "runs").read_text() == "a file in its place"
