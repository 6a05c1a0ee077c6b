"""Runs as arrays, as NumPy reads them, without pickle."""

from pathlib import Path

import numpy as np
import told_runs as told

from instrument.exports.writing import Wish, export
from instrument.learning.streams import STREAMS
from instrument.runs.reel import Reel
from instrument.signals import places

SHIPPED = places.shipped("runs") / "noise_to_digits.mcap"


def test_arrays_are_those_of_the_run_to_the_bit(tmp_path: Path) -> None:
    """Streams, samples, scores, weights and gradients of the shipped run, read with pickle forbidden."""
    export(Wish(SHIPPED, npz=tmp_path / "a.npz"))
    reel = Reel(SHIPPED)
    with np.load(tmp_path / "a.npz", allow_pickle=False) as arrays:
        names = arrays["streams_name"].tolist()
        assert names == [stream.name for stream in reel.header.streams]
        metrics = [r for r in reel.frames(0.0, ("metrics",))]
        assert arrays["streams"].shape == (len(metrics), len(names))
        assert arrays["streams"].dtype == np.float32
        wanted = np.stack([np.ctypeslib.as_array(r.frame.streams)[: len(names)] for r in metrics])
        np.testing.assert_array_equal(arrays["streams"], wanted)
        assert arrays["time_s"].tolist() == [r.at_s for r in metrics]
        assert arrays["step"].tolist() == [r.frame.step for r in metrics]
        walls = [r.frame for r in reel.frames(0.0, ("tiles",))]
        assert arrays["tiles"].shape == (len(walls), 64, 28, 28, 1)
        assert arrays["tiles"].dtype == np.uint8
        pixels = np.frombuffer(bytes(walls[50].tiles)[: 64 * 784], np.uint8)
        np.testing.assert_array_equal(arrays["tiles"][50].ravel(), pixels)
        np.testing.assert_array_equal(
            arrays["tiles_score"][50], np.array(walls[50].scores[:64], np.float32)
        )
        slices = [r.frame for r in reel.frames(0.0, ("weights",))]
        wanted = np.array(slices[7].gradients[: slices[7].count], np.float32)
        np.testing.assert_array_equal(arrays["gradients"][7], wanted)


def test_hands_and_controls_are_arrays_too(tmp_path: Path) -> None:
    """Which control, where, when and by whom; and all positions each time they are told."""
    frames = told.in_order(
        told.training(2),
        [told.controls(0.05), told.controls(1.0, learning_collapse=0.5)],
        [told.gesture(1.0, "learning.collapse", 0.5, who=b"midi nanoKONTROL2")],
    )
    run = told.record(tmp_path / "run.mcap", frames)
    export(Wish(run, npz=tmp_path / "a.npz"))
    with np.load(tmp_path / "a.npz", allow_pickle=False) as arrays:
        (number,) = arrays["gestures_control"].tolist()
        assert arrays["controls_name"][number] == "learning.collapse"
        assert arrays["gestures_hand"].tolist() == ["midi nanoKONTROL2"]
        assert arrays["gestures_step"].tolist() == [-1]
        assert arrays["controls"][-1, number] == 0.5
        assert arrays["states"].tolist() == list(STREAMS[told.NUMBER["state"]].choices)
        assert "net=pocket_mlp" in arrays["facts"].tolist()


def test_only_the_streams_that_are_named_are_in_it(tmp_path: Path) -> None:
    """In the order in which they were named."""
    run = told.record(tmp_path / "run.mcap", told.training(1))
    export(Wish(run, npz=tmp_path / "a.npz", streams="modes,loss_g"))
    with np.load(tmp_path / "a.npz", allow_pickle=False) as arrays:
        assert arrays["streams_name"].tolist() == ["modes", "loss_g"]
        modes = STREAMS[told.NUMBER["modes"]]
        assert arrays["streams"][0, 0] == np.float32(modes.low + 0.2 * (modes.high - modes.low))


def test_sheets_of_another_shape_are_left_out_and_said(tmp_path: Path) -> None:
    """One array holds one shape: the first. How many there were besides is told."""
    frames = [
        told.metric(0.1, 1), told.tiles(0.2, 1), told.tiles(0.3, 1, side=12), told.tiles(0.4, 1),
    ]  # fmt: skip
    run = told.record(tmp_path / "run.mcap", frames)
    said = export(Wish(run, npz=tmp_path / "a.npz"))
    assert said[0].startswith("1 sheets or slices of another shape")
    with np.load(tmp_path / "a.npz", allow_pickle=False) as arrays:
        assert arrays["tiles"].shape == (2, 4, 8, 8, 1)
        assert len(arrays["tiles_time_s"]) == 2


def test_nothing_is_left_beside_the_file(tmp_path: Path) -> None:
    """What grew on the disk meanwhile is gone."""
    run = told.record(tmp_path / "run.mcap", told.training(1))
    export(Wish(run, npz=tmp_path / "a.npz"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.npz", "run.mcap"]
