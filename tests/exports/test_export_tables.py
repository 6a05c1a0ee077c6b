"""Runs as tables: CSV, read by Python's own reader, and Parquet, read by pyarrow."""

import csv
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import told_runs as told

from instrument.exports.tables import ROWS
from instrument.exports.writing import Wish, export
from instrument.learning.streams import STREAMS
from instrument.runs.reel import Reel
from instrument.signals import places

SHIPPED = places.shipped("runs") / "noise_to_digits.mcap"


def rows(path: Path) -> list[dict[str, str]]:
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def played(tmp_path: Path) -> Path:
    """Four seconds with a hand, a morph, a cue, sound, and a notice."""
    frames = told.in_order(
        [told.controls(0.05), told.controls(2.0, learning_collapse=0.5)],
        told.training(4),
        told.act(1.05, "learning.quake", 11, 0.5),
        [told.gesture(2.0, "learning.collapse", 0.5, who=b"osc 127.0.0.1")],
        [told.standing(0.06, b"glitch_organ"), told.standing(3.0, b"cathedral", 1, b"a, \"cue\"")],
        [told.sound(1.5, -23.5)],
    )  # fmt: skip
    return told.record(tmp_path / "run.mcap", frames)


def test_a_csv_holds_every_number_of_every_step_exactly(tmp_path: Path) -> None:
    """All 99 streams of all recorded steps come back as the same float32, the state as its word."""
    export(Wish(SHIPPED, csv=tmp_path / "a.csv"))
    told_rows = rows(tmp_path / "a.csv")
    reel = Reel(SHIPPED)
    frames = list(reel.frames(0.0, ("metrics",)))
    assert len(told_rows) == len(frames) > 1500
    names = [stream.name for stream in reel.header.streams]
    numbers = [n for n, name in enumerate(names) if name not in ("state", "step")]
    state = reel.header.streams[names.index("state")].choices
    for row, recorded in zip(told_rows[::97], frames[::97], strict=True):
        assert float(row["time_s"]) == recorded.at_s
        assert int(row["step"]) == recorded.frame.step
        wanted = np.array(recorded.frame.streams[: len(names)], np.float32)[numbers]
        written = np.array([row[names[n]] for n in numbers], np.float32)
        assert (written == wanted).all()
        assert row["state"] == state[int(recorded.frame.streams[names.index("state")])]


def test_hands_are_rows_with_control_value_unit_and_who(tmp_path: Path) -> None:
    """An act is asked and felt, with its step where it has one; a value is in the control's unit."""
    export(Wish(played(tmp_path), csv=tmp_path / "a.csv"))
    asked, felt, moved = rows(tmp_path / "a.gestures.csv")
    assert (asked["said"], asked["step"], asked["hand"]) == ("asked", "", "key")
    assert (felt["said"], felt["step"], felt["hand"]) == ("felt", "11", "")
    quake = told.BANK.spec("learning.quake")
    assert float(asked["value"]) == quake.map(0.5)
    assert asked["text"] == quake.text(quake.map(0.5))
    assert moved["control"] == "learning.collapse"
    assert moved["hand"] == "osc 127.0.0.1"
    assert float(moved["position"]) == 0.5


def test_controls_are_told_once_and_then_when_they_move(tmp_path: Path) -> None:
    """A row for each control at first, and one more for the only one that moved."""
    export(Wish(played(tmp_path), csv=tmp_path / "a.csv"))
    told_rows = rows(tmp_path / "a.controls.csv")
    assert len(told_rows) == len(told.BANK) + 1
    last = told_rows[-1]
    assert (last["control"], float(last["position"])) == ("learning.collapse", 0.5)
    assert abs(float(last["time_s"]) - 1.95) < 1e-6


def test_cues_and_sound_have_tables_of_their_own(tmp_path: Path) -> None:
    """A cue's name may hold commas and quotes; loudness is in LUFS."""
    export(Wish(played(tmp_path), csv=tmp_path / "a.csv"))
    first, second = rows(tmp_path / "a.cues.csv")
    assert (first["cue"], first["scene"]) == ("0", "glitch_organ")
    assert (second["cue"], second["name"], second["scene"]) == ("1", 'a, "cue"', "cathedral")
    (loudness,) = rows(tmp_path / "a.sound.csv")
    assert float(loudness["momentary"]) == -23.5


def test_parquet_has_types_units_help_and_the_same_numbers(tmp_path: Path) -> None:
    """What the streams mean lies in the file; the numbers are those of the CSV."""
    run = played(tmp_path)
    export(Wish(run, csv=tmp_path / "a.csv", parquet=tmp_path / "a.parquet"))
    table = pq.read_table(tmp_path / "a.parquet")
    assert table.num_rows == 40
    loss = table.schema.field("loss_g")
    assert str(loss.type) == "float"
    said = {key.decode(): value.decode() for key, value in loss.metadata.items()}
    stream = next(stream for stream in STREAMS if stream.name == "loss_g")
    assert (said["unit"], said["help"], said["formula"]) == (
        stream.unit,
        stream.help,
        stream.formula,
    )
    facts = {key.decode(): value.decode() for key, value in table.schema.metadata.items()}
    assert facts["net"] == "pocket_mlp"
    assert facts["date"] == "2026-11-26T21:00:00+00:00"
    by_csv = np.array([row["loss_g"] for row in rows(tmp_path / "a.csv")], np.float32)
    assert (table["loss_g"].to_numpy() == by_csv).all()
    assert table["state"].to_pylist()[:3] == ["noise", "noise", "noise"]
    gestures = pq.read_table(tmp_path / "a.gestures.parquet")
    assert gestures["step"].to_pylist() == [None, 11, None]


def test_what_was_not_said_is_not_made_up(tmp_path: Path) -> None:
    """A stream that was NaN is NaN in both, and a state that is none is empty."""
    frames = [told.metric(0.1, 1, loss_g=float("nan")), told.metric(0.2, 2)]
    frames[1].streams[told.NUMBER["state"]] = 77.0
    run = told.record(tmp_path / "run.mcap", frames)
    export(Wish(run, csv=tmp_path / "a.csv", parquet=tmp_path / "a.parquet"))
    first, second = rows(tmp_path / "a.csv")
    assert first["loss_g"] == "nan"
    assert second["state"] == ""
    table = pq.read_table(tmp_path / "a.parquet")
    assert np.isnan(table["loss_g"].to_numpy()[0])
    assert table["state"].to_pylist() == ["healthy", None]


def test_rows_beyond_one_portion_are_all_there(tmp_path: Path) -> None:
    """More steps than are held at a time are written in portions, none lost, none twice."""
    steps = ROWS + 100
    frames = (told.metric(n / 1000, n) for n in range(1, steps + 1))
    run = told.record(tmp_path / "run.mcap", frames)
    export(Wish(run, parquet=tmp_path / "a.parquet", streams="loss_g,state"))
    table = pq.read_table(tmp_path / "a.parquet")
    assert table.column_names == ["time_s", "step", "loss_g", "state"]
    assert table["step"].to_pylist() == list(range(1, steps + 1))


def test_a_run_of_other_controls_is_told_without_their_values(tmp_path: Path) -> None:
    """A control that this version does not know keeps its position; nothing is guessed."""
    head = told.header(controls=["learning.forgotten", *[s.path for s in told.BANK][1:]])
    moved = told.gesture(0.5, told.BANK.specs[0].path, 0.25)
    run = told.record(tmp_path / "run.mcap", [told.metric(0.1, 1), moved], head)
    export(Wish(run, csv=tmp_path / "a.csv"))
    (row,) = rows(tmp_path / "a.gestures.csv")
    assert (row["control"], row["position"], row["value"], row["text"]) == (
        "learning.forgotten", "0.25", "", "",
    )  # fmt: skip
