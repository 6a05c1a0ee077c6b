"""Runs that nobody asked for: where they go, and that only what is ours and old is ever deleted."""

import os
import subprocess
import sys
import tempfile
import textwrap
from datetime import datetime
from pathlib import Path

import pytest
from mcap.writer import Writer
from run_helper import header

from instrument.runs.budget import BYTES_PER_HOUR
from instrument.runs.header import RECORD, RunHeader
from instrument.runs.keeping import (
    ALWAYS,
    PATTERN,
    Automatic,
    announcement,
    automatic_runs,
    make_room,
    new_place,
    too_many,
)
from instrument.runs.recorder import Recorder
from instrument.runs.recording import Recording
from instrument.runs.tape import Tape
from instrument.signals.bus import Bus
from instrument.signals.mistake import Mistake

TONIGHT = datetime(2026, 11, 27, 21, 12)
GB = 1_000_000_000


def run_file(path: Path, automatic: str | None = None, size: int = 0) -> Path:
    """A run without frames; `automatic`: the name it was recorded under, its own if None."""
    known = RunHeader(
        **{
            **{
                name: getattr(header(), name)
                for name in ("preset", "preset_text", "source", "streams")
            },
            "controls": header().controls,
            "automatic": path.name if automatic is None else automatic,
        }
    )
    with open(path, "wb") as file:
        writer = Writer(file)
        writer.start()
        writer.add_metadata(RECORD, known.to_metadata())
        writer.finish()
    if size:
        os.truncate(path, size)  # sparse: no disk is filled
    return path


def night(folder: Path, number: int, size: int = GB) -> Path:
    return run_file(folder / f"2026-11-{number:02d}_2112_glitch_organ.mcap", size=size)


def test_a_show_is_called_by_its_date_and_preset(tmp_path: Path) -> None:
    """In a folder that is made when it is missing; a second show of the same minute gets a number."""
    folder = tmp_path / "home" / "runs"
    first = new_place(folder, "glitch_organ", TONIGHT)
    assert first == folder / "2026-11-27_2112_glitch_organ.mcap"
    first.touch()
    second = new_place(folder, "glitch_organ", TONIGHT)
    assert second.name == "2026-11-27_2112_glitch_organ-2.mcap"


@pytest.mark.parametrize("preset", ["../../etc/passwd", "a b", "", "x" * 500, "ü", ".hidden"])
def test_no_preset_leads_out_of_the_folder(tmp_path: Path, preset: str) -> None:
    """Whatever a preset is called, the file is a plain name in the folder, and is known again."""
    path = new_place(tmp_path, preset, TONIGHT)
    assert path.parent == tmp_path
    assert PATTERN.fullmatch(path.name)


def test_the_oldest_go_until_all_have_room(tmp_path: Path) -> None:
    """Ten gigabytes for eleven runs of one each and an hour of tonight: the two oldest go, by name."""
    runs = [night(tmp_path, number) for number in range(1, 12)]
    said = make_room(tmp_path, 10 * GB)
    assert [path.exists() for path in runs] == [False, False, *[True] * 9]
    assert [text.split()[0] for text in said] == [path.name for path in runs[:2]]
    assert all("is deleted" in text for text in said)


def test_the_last_ones_stay_however_large(tmp_path: Path) -> None:
    """Three nights are never taken away, not even by a small bound."""
    runs = [night(tmp_path, number, 50 * GB) for number in range(1, 6)]
    make_room(tmp_path, 1e6)
    assert [path.exists() for path in runs] == [False, False, True, True, True]
    assert ALWAYS == 3


def test_what_is_not_ours_stays(tmp_path: Path) -> None:
    """Renamed runs, runs that were asked for, other files, links, folders and broken ones."""
    ours = [night(tmp_path, number) for number in range(20, 24)]
    strangers = [
        run_file(tmp_path / "best_night.mcap"),
        run_file(
            tmp_path / "2026-11-01_2112_best.mcap", automatic="2026-11-01_2112_glitch_organ.mcap"
        ),
        run_file(tmp_path / "2026-11-02_2112_asked.mcap", automatic=""),
        tmp_path / "2026-11-03_2112_text.mcap",
        tmp_path / "2026-11-04_2112_notes.txt",
        tmp_path / "2026-11-05_2112_folder.mcap",
        tmp_path / "2026-11-06_2112_link.mcap",
    ]
    strangers[3].write_text("no run")
    strangers[4].write_text("notes")
    strangers[5].mkdir()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    strangers[6].symlink_to(run_file(elsewhere / strangers[6].name))
    assert [run.path for run in automatic_runs(tmp_path)] == ours
    make_room(tmp_path, 1.0)
    assert [path.exists() for path in ours] == [False, True, True, True]
    assert all(path.exists() for path in strangers)


def test_a_folder_that_is_not_there_holds_no_runs(tmp_path: Path) -> None:
    """The first show of all has nothing to delete."""
    assert make_room(tmp_path / "nowhere", GB) == []


def test_runs_of_one_minute_go_in_their_order(tmp_path: Path) -> None:
    """The one that was written first is the older, though its name has no number."""
    names = ["2026-11-27_2112_b.mcap", "2026-11-27_2112_b-2.mcap", "2026-11-27_2112_a.mcap"]
    for number, name in enumerate(names):
        os.utime(run_file(tmp_path / name), (1000 + number, 1000 + number))
    assert [run.path.name for run in automatic_runs(tmp_path)] == names


@pytest.mark.parametrize(
    ("sizes", "keep", "going"),
    [
        ([1, 1, 1, 1], 100, 0),
        ([60, 30, 1, 1, 1], 100, 1),
        ([40, 5, 5, 1, 1, 1], 100, 1),
        ([10, 10, 10, 30, 30, 30], 100, 3),
        ([], 1, 0),
    ],
)
def test_half_of_a_small_bound_is_for_tonight(sizes: list[int], keep: int, going: int) -> None:
    """Where the bound is less than two hours, half of it is left for the show that begins."""
    runs = [Automatic(Path(f"{number}.mcap"), size) for number, size in enumerate(sizes)]
    assert [run.path.stem for run in too_many(runs, keep)] == [str(n) for n in range(going)]


def test_where_a_show_is_recorded_is_said(tmp_path: Path) -> None:
    """Place, size of an hour, what is free, the bound, and how not to."""
    text = announcement(tmp_path / "x.mcap", 53_400_000_000, 10)
    assert str(tmp_path / "x.mcap") in text
    for word in (
        f"{BYTES_PER_HOUR / GB:g} GB an hour",
        "53.4 GB are free",
        "beyond 10 GB",
        "--no-record",
    ):
        assert word in text


def recorder_of(recording: Recording, bus: Bus) -> Recorder:
    assert recording.path is not None
    known = header()
    own = RunHeader(
        known.preset, known.preset_text, known.source, known.streams, known.controls,
        automatic=recording.automatic,
    )  # fmt: skip
    return Recorder(recording.path, bus, own)


def test_a_show_is_recorded_though_nobody_asked(bus: Bus, tmp_path: Path) -> None:
    """It says so once, and the file knows that it may be deleted one day."""
    recording = Recording(None, tmp_path / "runs", "glitch_organ", 10.0, TONIGHT)
    recorder = recorder_of(recording, bus)
    said: list[tuple[str, bool]] = []
    assert recording.start(recorder, lambda text, grave: said.append((text, grave)))
    recorder.stop()
    assert [grave for _, grave in said] == [False] and "recorded into" in said[0][0]
    path = tmp_path / "runs" / "2026-11-27_2112_glitch_organ.mcap"
    assert Tape(path).header.automatic == path.name
    assert [run.path for run in automatic_runs(tmp_path / "runs")] == [path]


def test_a_home_that_cannot_be_written_stops_no_show(bus: Bus, tmp_path: Path) -> None:
    """One grave sentence; the show goes on without a recording."""
    (tmp_path / "home").write_text("a file where the folder should be")
    recording = Recording(None, tmp_path / "home" / "runs", "glitch_organ", 10.0, TONIGHT)
    said: list[tuple[str, bool]] = []
    assert recording.path is None
    assert not recording.start(None, lambda text, grave: said.append((text, grave)))
    ((text, grave),) = said
    assert grave and text.startswith("this show is not recorded: ")


def test_a_home_that_cannot_be_looked_into_stops_no_show() -> None:
    """Its files may be listed and not opened: seen by somebody who is not root."""
    if os.geteuid() != 0:
        pytest.skip("only root becomes somebody else")
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        folder = Path(name) / "runs"
        folder.mkdir()
        os.chown(folder, 65534, 65534)
        folder.chmod(0o600)
        script = f"""
            import os
            from datetime import datetime
            from pathlib import Path
            from instrument.runs.header import RunHeader
            from instrument.runs.recorder import Recorder
            from instrument.runs.recording import Recording
            from instrument.signals.local_bus import LocalBus
            os.setuid(65534)
            recording = Recording(None, Path({str(folder)!r}), "glitch_organ", 10.0, datetime.now())
            header = RunHeader("glitch_organ", "", {{}}, (), ())
            recorder = Recorder(recording.path, LocalBus(), header)
            print(recording.start(recorder, lambda text, grave: print(grave, text)))
        """
        told = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True
        )
    said, started = told.stdout.splitlines()
    assert (told.stderr, started) == ("", "False")
    assert said.startswith("True this show is not recorded: ") and "Permission denied" in said


def test_a_place_that_is_lost_meanwhile_costs_no_recording(bus: Bus, tmp_path: Path) -> None:
    """Two shows of one minute: the slower one is recorded under the next name, and the file knows it."""
    recording = Recording(None, tmp_path, "glitch_organ", 10.0, TONIGHT)
    recorder = recorder_of(recording, bus)
    taken = recorder.path
    taken.write_text("somebody else's")
    said: list[tuple[str, bool]] = []
    assert recording.start(recorder, lambda text, grave: said.append((text, grave)))
    recorder.stop()
    path = tmp_path / "2026-11-27_2112_glitch_organ-2.mcap"
    assert recorder.path == recording.path == path and str(path) in said[0][0]
    assert Tape(path).header.automatic == path.name
    assert taken.read_text() == "somebody else's"


def test_a_file_that_was_asked_for_is_a_mistake_where_it_cannot_be(
    bus: Bus, tmp_path: Path
) -> None:
    """Whoever asks for a recording is told before the curtain that there is none."""
    asked = tmp_path / "there.mcap"
    asked.write_text("an earlier night")
    recording = Recording(asked, tmp_path / "runs", "glitch_organ", 10.0, TONIGHT)
    assert recording.path == asked and recording.automatic == ""
    with pytest.raises(Mistake, match="never written over"):
        recording.start(recorder_of(recording, bus), lambda text, grave: None)
    assert not (tmp_path / "runs").exists()


def test_a_file_that_was_asked_for_is_said_to_be_recorded(bus: Bus, tmp_path: Path) -> None:
    """A performer reads in the terminal where tonight goes."""
    recording = Recording(tmp_path / "tonight.mcap", tmp_path, "glitch_organ", 10.0, TONIGHT)
    recorder = recorder_of(recording, bus)
    said: list[tuple[str, bool]] = []
    assert recording.start(recorder, lambda text, grave: said.append((text, grave)))
    recorder.stop()
    assert said == [(f"recorded into {tmp_path / 'tonight.mcap'}", False)]


def test_nothing_is_recorded_where_nobody_wants_it(tmp_path: Path) -> None:
    """--no-record, and rehearsals: no folder is made, nothing is said."""
    recording = Recording(None, None, "glitch_organ", 10.0, TONIGHT)
    assert recording.path is None
    assert not recording.start(None, lambda text, grave: pytest.fail(text))
    assert list(tmp_path.iterdir()) == []
