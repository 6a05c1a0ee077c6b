"""The tools: what they print is what is declared."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from instrument import tools
from instrument.cli import guarded
from instrument.house import open_house
from instrument.learning.streams import STREAMS
from instrument.signals.mistake import Mistake

README = Path(__file__).resolve().parents[1] / "README.md"


def called(*words: str) -> subprocess.CompletedProcess[str]:
    code = "from instrument.cli import instrument; instrument()"
    return subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, timeout=60
    )


def test_every_control_is_listed_with_its_address() -> None:
    """`instrument controls` leaves none out."""
    page = tools.pages()["controls.md"]
    assert all(f"| {spec.address} |" in page for spec in open_house().bank)


def test_every_stream_is_listed() -> None:
    """`instrument streams` leaves none out."""
    page = tools.pages()["streams.md"]
    assert all(f"| {stream.name} |" in page for stream in STREAMS)


def test_what_the_readme_says_over_osc_are_controls() -> None:
    """Whoever has no window plays the first five minutes by these lines."""
    said = re.findall(r"^oscsend localhost 9000 (\S+)", README.read_text(), re.MULTILINE)
    assert len(said) >= 8 and set(said) <= {spec.address for spec in open_house().bank}


def test_make_help_lists_every_target() -> None:
    """With a word about each."""
    if shutil.which("make") is None:
        pytest.skip("needs make")
    told = subprocess.run(["make", "help"], cwd=README.parent, capture_output=True, text=True)
    (targets,) = re.findall(
        r"^\.PHONY: (.*)$", (README.parent / "Makefile").read_text(), re.MULTILINE
    )
    listed = dict(re.findall(r"^make (\S+) +(\S.*)$", told.stdout, re.MULTILINE))
    assert set(listed) == set(targets.split())


def test_pages_out_of_date_are_told_and_written(tmp_path: Path) -> None:
    """A changed table is a `Mistake` under --check; writing mends it; what stands above stays."""
    folder = tmp_path / "docs"
    folder.mkdir()
    with pytest.raises(Mistake, match=r"out of date: docs/controls\.md"):
        tools.docs(check=True, folder=folder)
    assert tools.docs(check=False, folder=folder) == 0
    assert tools.docs(check=True, folder=folder) == 0
    page = folder / "keys.md"
    page.write_text("# Keys\n\nmy words\n\n" + tools.MARK + "\n\nstale table\n")
    with pytest.raises(Mistake, match=r"docs/keys\.md"):
        tools.docs(check=True, folder=folder)
    tools.docs(check=False, folder=folder)
    assert "my words" in page.read_text() and "stale table" not in page.read_text()


@pytest.mark.parametrize("tool", ["controls", "streams", "keys", "list", "doctor"])
def test_each_tool_runs(tool: str) -> None:
    """Exit code 0 and something to read."""
    ended = called(tool)
    assert ended.returncode == 0, ended.stderr
    assert len(ended.stdout) > 100
    assert "FAULT" not in ended.stdout


def test_the_doctor_names_a_home_that_cannot_be_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file where the folder should be: what is lost, and the cure. A good one: what is free."""
    monkeypatch.setenv("TWOS_AND_SEVENS_HOME", str(tmp_path / "new"))
    tools.print_doctor()
    assert "GB are free" in capsys.readouterr().out
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("TWOS_AND_SEVENS_HOME", str(tmp_path / "file"))
    tools.print_doctor()
    said = " ".join(capsys.readouterr().out.split())
    assert "is no folder: no show is recorded" in said and "TWOS_AND_SEVENS_HOME" in said


def test_ctrl_c_in_a_tool_is_said_and_is_no_success(capsys: pytest.CaptureFixture[str]) -> None:
    """A script that goes on after it must not take half of it for the whole."""

    def interrupted() -> int:
        raise KeyboardInterrupt

    assert guarded(interrupted) == 130
    assert capsys.readouterr().err == "stopped by Ctrl-C\n"


def test_a_file_that_the_system_refuses_is_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Which, and why; no traceback, whatever a disk does in the middle of a run."""

    def read() -> int:
        return len((tmp_path / "night.mcap").read_bytes())

    assert guarded(read) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"{tmp_path / 'night.mcap'}: the system refuses (No such file")
    assert len(said.splitlines()) == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is full")
def test_a_full_disk_is_not_taken_for_a_broken_one(capsys: pytest.CaptureFixture[str]) -> None:
    """The cure is room."""
    assert guarded(lambda: Path("/dev/full").write_bytes(b"one")) == 2
    assert capsys.readouterr().err.endswith(
        "(No space left on device); make room on that disk, or take another\n"
    )


def test_whoever_stops_reading_a_list_gets_no_complaint() -> None:
    """``instrument controls | head -1``."""
    program = f"{sys.executable} -c 'from instrument.cli import instrument; instrument()' controls"
    ended = subprocess.run(f"{program} | head -1", shell=True, capture_output=True, text=True)
    assert ended.stdout.count("\n") == 1 and ended.stderr == ""


def test_an_unknown_tool_gets_one_sentence() -> None:
    """No usage screen, no traceback, exit code 2."""
    ended = called("contrls")
    assert ended.returncode == 2
    assert len(ended.stderr.strip().splitlines()) == 1
