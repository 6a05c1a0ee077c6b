"""The command line of scores: what it refuses, and in which words."""

from pathlib import Path

import pytest
import told_runs as told

from instrument.cli import instrument
from instrument.score.writing import Wish, score
from instrument.signals import places
from instrument.signals.mistake import Mistake

pytestmark = pytest.mark.slow

SHIPPED = places.shipped("runs") / "noise_to_digits.mcap"


def refused(wish: Wish) -> str:
    with pytest.raises(Mistake) as caught:
        score(wish)
    return str(caught.value)


def test_a_file_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    """It stays as it is until --force is said."""
    out = tmp_path / "a.pdf"
    out.write_text("mine")
    assert "--force writes over it" in refused(Wish(SHIPPED, out))
    assert out.read_text() == "mine"
    score(Wish(SHIPPED, out, force=True))
    assert out.read_bytes().startswith(b"%PDF")


def test_an_ending_that_is_no_format_is_named(tmp_path: Path) -> None:
    """It says which endings there are."""
    assert ".pdf, .png, .svg" in refused(Wish(SHIPPED, tmp_path / "a.jpg"))


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    """Before the run is read."""
    assert "there is no folder" in refused(Wish(SHIPPED, tmp_path / "none" / "a.pdf"))


def test_a_stream_that_is_none_is_answered_with_the_nearest(tmp_path: Path) -> None:
    """As every name that is misspelt."""
    said = refused(Wish(SHIPPED, tmp_path / "a.pdf", streams="loss_q"))
    assert "no stream 'loss_q'; did you mean 'loss_" in said
    assert "'instrument streams' lists them" in said


def test_lanes_that_do_not_fit_are_counted(tmp_path: Path) -> None:
    """Ten are the most, and three lines in one."""
    many = ",".join(f"class_{n}" for n in range(10)) + ",modes"
    assert "11 lanes do not fit" in refused(Wish(SHIPPED, tmp_path / "a.pdf", streams=many))
    together = refused(Wish(SHIPPED, tmp_path / "a.pdf", streams="class_0+class_1+class_2+class_3"))
    assert "4 streams in one lane cannot be told apart" in together


def test_what_was_there_stays_where_writing_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that cannot be given its name leaves nothing of itself behind."""
    out = tmp_path / "a.svg"
    out.mkdir()
    assert "cannot be written" in refused(Wish(SHIPPED, out, force=True))
    assert [path.name for path in tmp_path.iterdir()] == ["a.svg"]


def test_the_command_writes_what_it_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """From the command line to the file: a run by its name, a page by its ending, exit code 0."""
    out = tmp_path / "page.png"
    with pytest.raises(SystemExit) as left:
        instrument(["score", "noise_to_digits", "-o", str(out), "--dpi", "60", "--paper", "letter"])
    assert left.value.code == 0
    assert out.stat().st_size > 10_000
    assert f"{out}: " in capsys.readouterr().out.replace("\n", "")


def test_a_damaged_run_is_said_to_be_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is drawn all the same, exit code 0."""
    whole = told.record(tmp_path / "whole.mcap", told.training(20, rate=40))
    run = told.cut(whole, tmp_path / "short.mcap", 0.7)
    with pytest.raises(SystemExit) as left:
        instrument(["score", str(run), "-o", str(tmp_path / "a.png"), "--dpi", "60"])
    assert left.value.code == 0
    assert "short.mcap is cut short: what is there is drawn" in capsys.readouterr().out
