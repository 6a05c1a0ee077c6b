"""What a score takes from a run."""

from pathlib import Path

import numpy as np
import told_runs as told

from instrument.score.choice import lanes
from instrument.score.fold import Fold
from instrument.score.material import Material, listen
from instrument.score.state_rows import bridge, occurred, standing


def heard(run: Path, streams: str | None = None) -> Material:
    return listen(run, lambda known: lanes(streams, known), told.BANK, 20)


def test_columns_know_their_lowest_highest_and_mean() -> None:
    """A column of two seconds that heard 1, 4 and 4 says 1, 4 and 3; one that heard nothing says NaN."""
    fold = Fold(1, length_s=8.0, columns=4)
    for at_s, value in ((0.0, 1.0), (1.0, 4.0), (1.9, 4.0), (7.9, 5.0), (8.0, np.nan)):
        fold.hear(at_s, np.array([value]))
    assert fold.lows[:, 0].tolist()[0] == 1.0
    assert fold.highs[:, 0].tolist()[0] == 4.0
    assert fold.means[:, 0].tolist()[0] == 3.0
    assert np.isnan(fold.means[1:3, 0]).all()
    assert fold.means[3, 0] == 5.0
    assert fold.times_s.tolist() == [1.0, 3.0, 5.0, 7.0]


def test_an_act_that_is_told_twice_is_one_act(tmp_path: Path) -> None:
    """A quake asked for by a hand and felt by the training is one note; in either order, and each time."""
    frames = told.in_order(
        told.training(6),
        told.act(1.0, "learning.quake", 10, 0.5),
        reversed(list(told.act(3.0, "learning.quake", 30, 0.75))),
    )
    (part,) = heard(told.record(tmp_path / "a.mcap", frames)).hands.parts()
    assert [act.position for act in part.acts] == [0.5, 0.75]
    assert part.hand == "key"


def test_five_hundred_moves_of_a_fader_are_one_stroke(tmp_path: Path) -> None:
    """They are one part, and its line goes through every place where the fader was."""
    moves = [
        frame
        for n in range(500)
        for frame in (
            told.gesture(1 + n / 100, "learning.collapse", n / 499, who=b"midi nanoKONTROL2"),
            told.controls(1 + n / 100, learning_collapse=n / 499),
        )
    ]
    frames = told.in_order([told.controls(0.05)], told.training(8), moves)
    (part,) = heard(told.record(tmp_path / "a.mcap", frames)).hands.parts()
    assert part.path == "learning.collapse"
    assert part.hand == "midi"
    assert len(part.positions) == 501, "it rested, until when, and 499 other places"
    assert part.positions[-1] == 1.0
    np.testing.assert_allclose(np.diff(part.positions[2:]), 1 / 499, atol=1e-6)


def test_a_control_jumps_where_it_jumped(tmp_path: Path) -> None:
    """From 0 for four seconds to .9 at once: no slope between."""
    frames = told.in_order(
        told.training(8),
        [told.controls(0.05), told.controls(4.0, learning_collapse=0.9)],
        [told.gesture(4.0, "learning.collapse", 0.9)],
    )
    (part,) = heard(told.record(tmp_path / "a.mcap", frames)).hands.parts()
    np.testing.assert_allclose(part.times_s, [0.0, 3.95, 3.95], atol=1e-6)
    np.testing.assert_allclose(part.positions, [0.0, 0.0, 0.9], atol=1e-6)


def test_cues_scenes_and_morphs_are_told_apart(tmp_path: Path) -> None:
    """A cue has its number and name, a scene its name, a morph its beginning and end."""
    frames = told.in_order(
        told.training(10),
        [
            told.standing(0.05, b"first"),
            told.standing(2.0, b"first", 1, b"begin"),
            told.standing(4.0, b"second", 2, b"on", morph=0.1),
            told.standing(5.0, b"second", 2, b"on", morph=0.6),
            told.standing(6.0, b"second", 2, b"on"),
            told.standing(8.0, b"third", 2, b"on"),
        ],
    )
    cues = heard(told.record(tmp_path / "a.mcap", frames)).cues
    marks = [(round(mark.at_s, 2), mark.number, mark.name) for mark in cues.marks]
    assert marks == [(1.95, 1, "begin"), (3.95, 2, "on"), (7.95, 0, "third")]
    (morph,) = cues.morphs
    assert (round(morph.begin_s, 2), round(morph.end_s, 2), morph.scene) == (3.95, 5.95, "second")


def test_states_stand_where_they_stood(tmp_path: Path) -> None:
    """Noise for the first three tenths of a run, then healthy: two rows, in that order."""
    material = heard(told.record(tmp_path / "a.mcap", told.training(10)))
    names = [material.states[n] for n in occurred(material.states, material.shares)]
    assert names == ["noise", "healthy"]
    counts = bridge(material.shares.sums)
    ((begin, end),) = standing(counts, material.states.index("noise"))
    assert material.shares.times_s[end - 1] - material.shares.times_s[begin] < 3.0
    assert end == standing(counts, material.states.index("healthy"))[0][0]


def test_samples_come_from_the_middle_of_their_slots(tmp_path: Path) -> None:
    """Twenty slots of half a second: what is shown in the tenth was drawn in its second half."""
    frames = told.in_order([told.metric(n / 10, n) for n in range(101)], [
        told.tiles(n / 10, n, level=n) for n in range(101)
    ])  # fmt: skip
    material = heard(told.record(tmp_path / "a.mcap", frames))
    sheet = material.sheets[9]
    assert sheet is not None
    assert 4.75 <= sheet.at_s < 5.0
    assert sheet.tiles.shape == (3, 8, 8, 1)
    assert [int(tile[0, 0, 0]) for tile in sheet.tiles] == [48, 49, 50]


def test_what_is_no_place_of_a_control_is_not_drawn(tmp_path: Path) -> None:
    """A file that was made to harm: no number, or one outside 0..1, by a hand or in what stands."""
    bad = (float("nan"), float("inf"), 1e30, -7.0)
    frames = told.in_order(
        told.training(4.0),
        (
            told.controls(1.0 + n / 10, learning_collapse=at)
            for n, at in enumerate((0.2, *bad, 0.4))
        ),
        (told.gesture(2.0 + n / 10, "learning.collapse", at) for n, at in enumerate((0.5, *bad))),
        (told.gesture(3.0 + n / 10, "learning.quake", at) for n, at in enumerate((1.0, *bad))),
    )
    material = heard(told.record(tmp_path / "run.mcap", frames))
    parts = {part.path: part for part in material.hands.parts()}
    assert all(0.0 <= at <= 1.0 for at in parts["learning.collapse"].positions)
    assert parts["learning.collapse"].positions[-1] == np.float32(0.4)
    assert [act.position for act in parts["learning.quake"].acts] == [1.0]


def test_a_damaged_run_is_told_and_drawn_as_far_as_it_goes(tmp_path: Path) -> None:
    """A run that was cut off and one with bytes changed both say so, and give what can be read."""
    whole = told.record(tmp_path / "whole.mcap", told.training(60, rate=40.0))
    short = heard(told.cut(whole, tmp_path / "short.mcap", 0.6))
    assert "cut short" in short.faults[0]
    assert 0.0 < short.length_s < 60.0
    hurt = heard(told.damaged(whole, tmp_path / "hurt.mcap"))
    assert any("damaged parts were passed over" in fault for fault in hurt.faults)
    assert hurt.last_step > 0
