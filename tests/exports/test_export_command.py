"""Exports as a whole: several formats at once, what is refused, and what is left when something fails."""

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest
import told_runs as told

from instrument.cli import instrument
from instrument.exports.writing import Wish, export
from instrument.signals import places
from instrument.signals.mistake import Mistake

SHIPPED = places.shipped("runs") / "noise_to_digits.mcap"


def refused(wish: Wish) -> str:
    with pytest.raises(Mistake) as caught:
        export(wish)
    return str(caught.value)


def everything(run: Path, folder: Path, name: str = "a", force: bool = False) -> Wish:
    return Wish(
        run, csv=folder / f"{name}.csv", parquet=folder / f"{name}.parquet",
        npz=folder / f"{name}.npz", midi=folder / f"{name}.mid", tensorboard=folder / name, force=force,
    )  # fmt: skip


def files(folder: Path) -> dict[str, str]:
    """Every file of a folder and below, with its checksum."""
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in found
    }


def test_all_formats_are_written_in_one_reading_and_always_the_same(tmp_path: Path) -> None:
    """Twice the same run: the same names and the same bytes, event files and archives included."""
    run = told.record(tmp_path / "run.mcap", told.in_order(
        told.training(5.0), told.act(1.05, "learning.quake", 11), [told.weights(1.2, 12)],
    ))  # fmt: skip
    made = []
    for folder in (tmp_path / "one", tmp_path / "two"):
        folder.mkdir()
        said = export(everything(run, folder))
        assert len(said) == len(files(folder)) == 7
        made.append(files(folder))
    assert made[0] == made[1]


def test_nothing_is_asked_for(tmp_path: Path) -> None:
    """Then it says what can be asked for."""
    assert "--tensorboard FOLDER" in refused(Wish(SHIPPED))


def test_a_file_that_is_there_stays(tmp_path: Path) -> None:
    """One of many is there: nothing is written, not even the others; --force writes over it."""
    run = told.record(tmp_path / "run.mcap", told.training(1.0))
    (tmp_path / "a.gestures.csv").write_text("mine")
    assert "a.gestures.csv: is there already" in refused(everything(run, tmp_path))
    assert {p.name for p in tmp_path.iterdir() if p.is_file()} == {"run.mcap", "a.gestures.csv"}
    export(everything(run, tmp_path, force=True))
    assert (tmp_path / "a.csv").stat().st_size > 0


def test_two_formats_cannot_be_one_file(tmp_path: Path) -> None:
    """They would write over each other."""
    same = tmp_path / "a.dat"
    assert "a name of its own" in refused(Wish(SHIPPED, csv=same, npz=same))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"csv": "x.txt"}, "x.txt: is written as .csv; let the name end so"),
        ({"csv": "x"}, "x: is written as .csv; let the name end so"),
        ({"parquet": "x.csv"}, "x.csv: is written as .parquet; let the name end so"),
        ({"npz": "x.npy"}, "x.npy: is written as .npz; let the name end so"),
        (
            {"csv": "x.csv", "midi": "x.wav"},
            "x.wav: is written as .mid or .midi; let the name end so",
        ),
    ],
)
def test_a_name_that_ends_as_another_format_is_refused(
    tmp_path: Path, words: dict[str, str], sentence: str
) -> None:
    """It says which option, and how its name may end; nothing is written."""
    paths = {name: tmp_path / file for name, file in words.items()}
    assert refused(Wish(SHIPPED, **paths)) == f"--{list(words)[-1]} {tmp_path}/{sentence}"  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_the_endings_of_names_may_be_capitals(tmp_path: Path) -> None:
    """As cameras and old systems write them; a MIDI file may be called one in full."""
    run = told.record(tmp_path / "run.mcap", told.training(1.0))
    export(Wish(run, csv=tmp_path / "A.CSV", midi=tmp_path / "a.midi"))
    assert (tmp_path / "A.CSV").is_file() and (tmp_path / "a.midi").is_file()


def test_a_missing_folder_and_a_stream_that_is_none_are_named(tmp_path: Path) -> None:
    """Before anything is written."""
    assert "there is no folder" in refused(Wish(SHIPPED, csv=tmp_path / "no" / "a.csv"))
    said = refused(Wish(SHIPPED, csv=tmp_path / "a.csv", streams="loss_x"))
    assert "no stream 'loss_x'; did you mean" in said
    assert list(tmp_path.iterdir()) == []


def test_a_failure_leaves_nothing_behind(tmp_path: Path) -> None:
    """A name that cannot be given: the files of all formats are taken away, the old ones stay."""
    run = told.record(tmp_path / "run.mcap", told.training(1.0))
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "a.npz").write_text("old")
    (folder / "a.mid").mkdir()
    assert "a.mid: is a folder" in refused(everything(run, folder, force=True))
    assert (folder / "a.npz").read_text() == "old"
    assert {path.name for path in folder.iterdir()} <= {"a.npz", "a.mid", "a"}


@pytest.mark.skipif(sys.platform == "win32", reason="a file's size cannot be limited there")
@pytest.mark.parametrize("name", ["--csv a.csv", "--parquet a.parquet", "--npz a.npz", "--midi a.mid",
                                  "--tensorboard a"])  # fmt: skip
def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, name: str) -> None:
    """Files may not grow to what is wanted: one sentence, exit code 2, and no file that was begun."""
    option, _, file = name.partition(" ")
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000)); "
        "from instrument.cli import instrument; instrument()"
    )
    made = subprocess.run(
        [sys.executable, "-c", code, "export", "noise_to_digits", option, str(tmp_path / file)],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert made.returncode == 2 and "Traceback" not in made.stderr
    assert f"{tmp_path / file}" in made.stderr
    assert "cannot be written" in made.stderr and "too large" in made.stderr
    assert files(tmp_path) == {}


def test_a_damaged_run_is_written_as_far_as_it_can_be_read(tmp_path: Path) -> None:
    """It says so, in a sentence, and the tables hold what is there."""
    whole = told.record(tmp_path / "whole.mcap", told.training(30.0, rate=40.0))
    short = told.cut(whole, tmp_path / "short.mcap", 0.6)
    said = export(Wish(short, csv=tmp_path / "a.csv"))
    assert said[0] == "short.mcap is cut short: what is there is written"
    assert 100 < len((tmp_path / "a.csv").read_text().splitlines()) < 1201


def test_the_command_writes_what_it_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """From the command line to the file, exit code 0; a mistake is one sentence and exit code 2."""
    words = ["export", "noise_to_digits", "--midi", str(tmp_path / "a.mid"), "--streams", "loss_g"]
    with pytest.raises(SystemExit) as left:
        instrument(words)
    assert left.value.code == 0
    assert "a.mid: " in capsys.readouterr().out
    with pytest.raises(SystemExit) as left:
        instrument(words)
    assert left.value.code == 2
    assert "is there already; --force writes over it" in capsys.readouterr().err


def test_a_show_begins_without_what_exports_and_scores_need() -> None:
    """The command line knows both commands, and imports matplotlib, pyarrow and the others for neither."""
    heavy = ("matplotlib", "pyarrow", "mido", "tensorboardX", "torch")
    check = f"import sys, instrument.cli; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_export_does_not_load_torch(tmp_path: Path) -> None:
    """Nobody who writes a table or an event file waits for a library that only trains."""
    run = told.record(tmp_path / "run.mcap", told.training(1.0))
    check = (
        "import sys; from pathlib import Path; from instrument.exports.writing import Wish, export; "
        f"export(Wish(Path({str(run)!r}), tensorboard=Path({str(tmp_path / 'tb')!r}))); "
        "print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
