"""`instrument runs` as it is typed: words, exit codes, and what is read from a pipe."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from run_stand import run_bytes, write

from instrument.cli import instrument

BIN = [sys.executable, "-c", "from instrument.cli import instrument; instrument()"]


@pytest.fixture
def folder(home: Path) -> Path:
    (home / "runs").mkdir()
    return home / "runs"


def typed(*words: str) -> int:
    with pytest.raises(SystemExit) as left:
        instrument(words)
    return int(left.value.code or 0)


def test_runs_are_listed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Own and shipped ones, and one that is broken beside them."""
    write(folder / "tonight.mcap", run_bytes())
    write(folder / "broken.mcap", b"nothing")
    assert typed("runs") == 0
    told = capsys.readouterr().out
    assert "tonight" in told and "broken: is no run but a text" in told and "shipped" in told


def test_a_home_that_is_no_folder_is_said_above_the_shipped_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Else one's own runs would be missing without a word."""
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("TWOS_AND_SEVENS_HOME", str(tmp_path / "file"))
    assert typed("runs") == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "is no folder: no show is recorded" in told and "noise_to_digits" in told


def test_runs_are_listed_as_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """For programs: one object for each file."""
    write(folder / "tonight.mcap", run_bytes())
    assert typed("runs", "--json") == 0
    names = {each["name"]: each for each in json.loads(capsys.readouterr().out)}
    assert names["tonight"]["steps"] == 79 and names["noise_to_digits"]["shipped"] is True


def test_exit_codes_of_check_say_what_it_found(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """0 whole, 1 damaged but playable, 2 no run."""
    write(folder / "whole.mcap", run_bytes())
    write(folder / "cut.mcap", run_bytes()[:-200])
    write(folder / "text.mcap", b"hello")
    os.mkfifo(folder / "pipe.mcap")
    assert [typed("runs", "check", name) for name in ("whole", "cut", "text", "pipe", "none")] == [
        0, 1, 2, 2, 2,
    ]  # fmt: skip
    told = capsys.readouterr()
    assert (
        "`instrument verify whole`" in told.out
        and "`instrument runs repair cut -o NEW`" in told.out
    )
    assert "is a pipe" in told.err and "no run is called 'none'" in told.err
    assert typed("runs", "check", "cut", "--json") == 1
    assert json.loads(capsys.readouterr().out)["damages"] >= 1


def test_a_repaired_run_lies_among_the_others_by_its_name(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`-o NAME` without a folder is a run of one's own; `check` finds it whole."""
    write(folder / "cut.mcap", run_bytes(finished=False))
    assert typed("runs", "repair", "cut", "-o", "saved") == 0
    assert "106 frames saved" in capsys.readouterr().out
    assert typed("runs", "check", "saved") == 0
    assert typed("runs", "repair", "cut", "-o", "saved") == 2
    assert "never written over" in capsys.readouterr().err


def test_a_repaired_run_hides_none_that_is_shipped(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its name would be found first from then on."""
    assert typed("runs", "repair", "noise_to_digits", "-o", "noise_to_digits") == 2
    assert "comes with the instrument" in capsys.readouterr().err
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("name", ["../out", "a b", "con", "-x"])
def test_a_name_never_leaves_the_folder(folder: Path, name: str) -> None:
    """What is no plain name makes no file."""
    write(folder / "run.mcap", run_bytes())
    before = sorted(folder.parent.rglob("*"))
    assert typed("runs", "repair", "run", f"--out={name}") == 2
    assert sorted(folder.parent.rglob("*")) == before


def test_whoever_reads_may_stop_reading(folder: Path) -> None:
    """`instrument runs | head -0` ends without a traceback."""
    for number in range(200):
        write(folder / f"text{number}.mcap", b"hello" * 20)
    shell = subprocess.Popen(
        [*BIN, "runs"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=dict(os.environ)
    )
    assert shell.stdout is not None and shell.stderr is not None
    shell.stdout.close()
    assert shell.stderr.read() == b"" and shell.wait() == 0


def test_a_file_moves_no_cursor_by_what_is_wrong_with_it(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What a header says of its format is said again, but no escape of a terminal."""
    write(folder / "bad.mcap", run_bytes(format="\x1b[2J9"))  # type: ignore[arg-type]
    assert typed("runs", "check", "bad") == 2
    told = capsys.readouterr().err
    assert "?[2J9" in told and "\x1b" not in told
