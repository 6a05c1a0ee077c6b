"""Runs as event files, as TensorBoard itself reads them."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import told_runs as told
from PIL import Image

from instrument.exports import tensorboard
from instrument.exports.writing import Wish, export
from instrument.signals.mistake import Mistake

accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")


def read(folder: Path) -> Any:
    events = accumulator.EventAccumulator(str(folder), size_guidance={
        accumulator.SCALARS: 0, accumulator.IMAGES: 0, accumulator.TENSORS: 0,
    })  # fmt: skip
    events.Reload()
    return events


def played(tmp_path: Path) -> Path:
    frames = told.in_order(told.training(10.0), told.act(3.05, "learning.quake", 31, 0.5))
    return told.record(tmp_path / "run.mcap", frames)


def test_scalars_have_their_step_their_time_and_their_value(tmp_path: Path) -> None:
    """All steps of a run of ten a second, the values to the bit, the time of the recording."""
    export(Wish(played(tmp_path), tensorboard=tmp_path / "tb"))
    scalars = read(tmp_path / "tb").Scalars("loss/loss_g")
    assert [scalar.step for scalar in scalars] == list(range(1, 101))
    assert scalars[0].wall_time == pytest.approx(1795726800.0, abs=1e-3)
    assert scalars[50].wall_time - scalars[0].wall_time == pytest.approx(5.0, abs=1e-3)
    wanted = [
        f.streams[told.NUMBER["loss_g"]] for f in told.training(10.0) if hasattr(f, "streams")
    ]
    assert np.array_equal(
        np.array([s.value for s in scalars], np.float32), np.array(wanted, np.float32)
    )


def test_sheets_of_samples_are_images(tmp_path: Path) -> None:
    """Every two seconds; four samples in the first row of eight, each pixel twice as large."""
    export(Wish(played(tmp_path), tensorboard=tmp_path / "tb"))
    images = read(tmp_path / "tb").Images("samples")
    assert [image.step for image in images] == [5, 25, 45, 65, 85]
    pixels = np.asarray(Image.open(io.BytesIO(images[0].encoded_image_string)))
    assert pixels.shape == (16, 128)
    level = int(200 * (1 - 0.5 / 10.0))
    assert [int(pixels[8, 16 * n + 8]) for n in range(5)] == [
        level,
        level + 1,
        level + 2,
        level + 3,
        0,
    ]


def test_hands_are_texts_at_their_steps(tmp_path: Path) -> None:
    """What was done, and the facts of the run."""
    export(Wish(played(tmp_path), tensorboard=tmp_path / "tb"))
    events = read(tmp_path / "tb")
    texts = [
        (event.step, event.tensor_proto.string_val[0].decode())
        for event in events.Tensors("hands/text_summary")
    ]
    assert [step for step, _ in texts] == [30, 31]
    assert texts[0][1].startswith("learning.quake ")
    assert texts[0][1].endswith("asked, key")
    assert texts[1][1].endswith("felt, morph")
    facts = events.Tensors("run/text_summary")[0].tensor_proto.string_val[0].decode()
    assert "| net | pocket_mlp |" in facts


def test_a_run_of_many_steps_is_thinned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No more points than are meant, evenly over the run; --rate says otherwise."""
    monkeypatch.setattr(tensorboard, "POINTS", 100)
    run = told.record(tmp_path / "run.mcap", told.training(10.0, rate=50.0))
    export(Wish(run, tensorboard=tmp_path / "tb", streams="loss_g"))
    steps = [scalar.step for scalar in read(tmp_path / "tb").Scalars("loss/loss_g")]
    assert steps == list(range(1, 501, 5))
    export(Wish(run, tensorboard=tmp_path / "all", streams="loss_g", rate=1000.0))
    assert len(read(tmp_path / "all").Scalars("loss/loss_g")) == 500


def test_two_runs_do_not_become_one_curve(tmp_path: Path) -> None:
    """A folder that holds another run is refused; --force takes it."""
    run = played(tmp_path)
    other = told.record(tmp_path / "other.mcap", told.training(1.0))
    export(Wish(run, tensorboard=tmp_path / "tb"))
    with pytest.raises(Mistake, match=r"holds another run .*give each run a folder of its own"):
        export(Wish(other, tensorboard=tmp_path / "tb"))
    export(Wish(other, tensorboard=tmp_path / "tb", force=True))
    assert len(list((tmp_path / "tb").iterdir())) == 2


def test_what_is_not_finite_is_left_out(tmp_path: Path) -> None:
    """A stream that was NaN has no point there, the others have."""
    frames = [told.metric(0.1, 1, loss_g=float("nan")), told.metric(0.3, 2)]
    run = told.record(tmp_path / "run.mcap", frames)
    export(Wish(run, tensorboard=tmp_path / "tb"))
    events = read(tmp_path / "tb")
    assert [scalar.step for scalar in events.Scalars("loss/loss_g")] == [2]
    assert [scalar.step for scalar in events.Scalars("loss/loss_d")] == [1, 2]
