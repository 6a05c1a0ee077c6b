"""Presets: data a person can mend; every fault is told at once, with its line."""

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from instrument import presets
from instrument.presets import Vocabulary, parse
from instrument.signals.controls import Bank, Control, Controls, Group
from instrument.signals.mistake import Mistake
from instrument.signals.show import SHOW
from instrument.signals.spec import choice, number, switch, trigger
from instrument.signals.streams import StreamSpec


class Drone(Controls):
    level = Control(number(-60.0, 0.0, -30.0, "level", unit="dB"))
    mode = Control(choice(("low", "high"), "low", "mode"))
    recording = Control(choice(("chiff", "drone_principal"), "chiff", "which recording"))
    frozen = Control(switch(False, "freeze"))
    hit = Control(trigger("a hit"))


VOCABULARY = Vocabulary(
    bank=Bank.of((SHOW, Group("sound.drone", Drone))),
    streams=(StreamSpec("flatness", 0.0, 1.0, "noise"),),
    nets=("pocket_mlp", "pocket_dcgan"),
)
PATH = Path("presets/mine.toml")

GOOD = """
title = "Mine"
about = "one line"

[learning]
net = "pocket_dcgan"

[sound.drone]
recording = "drone_principal"
level = -12
mode = "high"
frozen = true

[[route]]
stream = "flatness"
control = "sound.drone.level"
depth = 0.5
"""


def read(text: str) -> presets.Preset:
    return parse(text, PATH, VOCABULARY)


def test_a_preset_gives_net_recordings_positions_and_routes() -> None:
    """Everything that is written arrives, in units; the rest stands at its default."""
    preset = read(GOOD)
    assert (preset.title, preset.net) == ("Mine", "pocket_dcgan")
    assert preset.values == {
        "sound.drone.recording": 1,
        "sound.drone.level": -12,
        "sound.drone.mode": 1,
        "sound.drone.frozen": 1,
    }
    assert len(preset.routes) == 1
    bank = VOCABULARY.bank
    values = bank.map(preset.positions(bank), np.zeros(len(bank)))
    assert values[bank.number["sound.drone.level"]] == pytest.approx(-12, abs=1e-4)
    assert values[bank.number["show.calm"]] == 1.0


def test_all_faults_are_told_at_once_each_with_its_line() -> None:
    """Seven slips, seven sentences."""
    text = """
title = 3
[learning]
net = "pocket_mpl"
[sound.drone]
recording = "../../etc/passwd"
levle = -12
level = 12
mode = "hihg"
hit = 1
[[route]]
stream = "flatnes"
control = "sound.drone.level"
depth = 0.5
[[route]]
stream = "flatness"
"""
    with pytest.raises(Mistake) as caught:
        read(text)
    lines = str(caught.value).splitlines()
    expected = [
        "presets/mine.toml:2: 'title' takes a text",
        "presets/mine.toml:4: 'learning.net' takes one of",
        "presets/mine.toml:6: 'sound.drone.recording' takes one of chiff, drone_principal, not",
        "presets/mine.toml:7: no control is called 'sound.drone.levle'; did you mean 'sound.drone.level'?",
        "presets/mine.toml:8: 'sound.drone.level' is 12; -60..0 dB is allowed",
        "presets/mine.toml:9: 'sound.drone.mode' takes one of low, high, not 'hihg'; did you mean 'high'?",
        "presets/mine.toml:10: 'sound.drone.hit' is an act",
        "presets/mine.toml:11: route 1: no stream is called 'flatnes'; did you mean 'flatness'?",
        "presets/mine.toml:15: route 2: a route needs 'control'",
    ]
    assert len(lines) == len(expected)
    for line, start in zip(lines, expected, strict=True):
        assert line.startswith(start)


def test_routes_may_stand_one_on_a_line_and_faults_still_have_theirs() -> None:
    """``route = [`` before the first table, a ``{...}`` each: the same routes, the same line numbers."""
    start = 'title = "Mine"\nroute = [\n  # noise\n'
    good = '  {stream = "flatness", control = "sound.drone.level", depth = 0.5},\n'
    wrong = '  {stream = "flatnes", control = "sound.drone.level", depth = 0.5},\n'
    end = "]\n[sound.drone]\nlevel = -12\n"
    assert read(start + good + end).routes == read(GOOD).routes
    with pytest.raises(
        Mistake, match=r"mine\.toml:8: 'sound.*\n.*mine\.toml:5: route 2: no stream"
    ):
        read(start + good + wrong + end.replace("-12", "12"))


def test_a_preset_chooses_the_images_and_the_memory() -> None:
    """Size, colour and memory arrive beside the net; what is left out is nobody's choice."""
    preset = read("[learning]\nimage_size = 64\ncolour = true\nmemory_mb = 1024\n")
    assert (preset.image_size, preset.colour, preset.memory_mb) == (64, True, 1024)
    assert preset.net is None and read(GOOD).choices == {"net": "pocket_dcgan"}
    assert preset.choices == {"image_size": 64, "colour": True, "memory_mb": 1024}


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("image_size = 30", "mine.toml:2: 'learning.image_size' cannot be: .*multiple of 4"),
        ("image_size = 28.0", "'learning.image_size' takes a whole number, not 28.0"),
        ('colour = "yes"', "'learning.colour' takes true or false, not 'yes'"),
        ("memory_mb = 7", "'learning.memory_mb' cannot be: .*64 to 16384 MB"),
        ("memory_mb = true", "'learning.memory_mb' takes a whole number"),
        ("image_sise = 28", "did you mean 'learning.image_size'"),
    ],
)
def test_a_choice_that_cannot_be_is_told_with_its_line(line: str, sentence: str) -> None:
    """In the words of the command line."""
    with pytest.raises(Mistake, match=sentence):
        read(f"[learning]\n{line}\n")


def test_broken_toml_names_file_and_place() -> None:
    """The parser's own line and column, and a likely cure."""
    with pytest.raises(Mistake, match=r"mine.toml: this is not TOML: .*line 1.*quotes"):
        read("title = Mine")


@given(st.text(max_size=300))
def test_no_text_is_answered_with_a_traceback(text: str) -> None:
    """Whatever a file holds, it is a preset or a sentence."""
    try:
        read(text)
    except Mistake as mistake:
        assert str(mistake)


LEAVES = st.one_of(
    st.integers(), st.floats(), st.booleans(), st.text(max_size=8), st.lists(st.integers())
)


@given(
    st.dictionaries(st.sampled_from(["level", "mode", "frozen", "recording", "hit", "zz"]), LEAVES)
)
def test_no_value_of_any_type_is_answered_with_a_traceback(table: dict) -> None:
    """Any TOML type under any key is taken or told."""
    reader = presets._Reader("", PATH, VOCABULARY)
    try:
        preset = reader.preset({"sound": {"drone": dict(table)}})
    except Mistake as mistake:
        assert "mine.toml" in str(mistake)
    else:
        positions = preset.positions(VOCABULARY.bank)
        assert np.all((positions >= 0) & (positions <= 1))


def test_a_preset_is_found_by_name_and_never_by_path(tmp_path: Path, monkeypatch) -> None:
    """The performer's own folder comes first; a path is refused in words."""
    folder = tmp_path / "presets"
    folder.mkdir()
    (folder / "mine.toml").write_text(GOOD)
    (tmp_path / "outside.toml").write_text(GOOD)
    monkeypatch.setenv("TWOS_AND_SEVENS_HOME", str(tmp_path))
    assert presets.load("mine", VOCABULARY).title == "Mine"
    assert presets.headline("mine") == "Mine: one line"
    with pytest.raises(Mistake, match="did you mean 'mine'"):
        presets.load("mime", VOCABULARY)
    for name in ("../outside", "/etc/passwd", "..", ""):
        with pytest.raises(Mistake, match="is not a name"):
            presets.load(name, VOCABULARY)


def test_a_link_out_of_the_folder_is_no_preset(tmp_path: Path, monkeypatch) -> None:
    """Names resolve inside their root, links included."""
    folder = tmp_path / "presets"
    folder.mkdir()
    (tmp_path / "outside.toml").write_text(GOOD)
    (folder / "sly.toml").symlink_to(tmp_path / "outside.toml")
    monkeypatch.setenv("TWOS_AND_SEVENS_HOME", str(tmp_path))
    with pytest.raises(Mistake, match="no preset is called 'sly'"):
        presets.load("sly", VOCABULARY)


@pytest.mark.parametrize("text", [
    "a = " + "[" * 3000 + "]" * 3000,
    "title = " + "9" * 5000,
    "[show]\ncalm = " + "9" * 400,
    "[learning]\nimage_size = " + "9" * 400,
    "[learning]\nmemory_mb = " + "9" * 400,
    "[sound.drone]\nmode = " + "9" * 400,
    "[[route]]\ndepth = " + "9" * 400,
    "[[cue]]\nname = 'a'\nset = {\"show.calm\" = " + "9" * 400 + "}",
])  # fmt: skip
def test_a_preset_that_no_number_can_hold_is_a_sentence(text: str) -> None:
    """Whoever made it: an editor that fell over, a script, a friend."""
    with pytest.raises(Mistake) as told:
        presets.parse(text, Path("mine.toml"), VOCABULARY)
    assert "mine.toml" in str(told.value)


def test_thousands_of_faults_are_not_told_one_by_one() -> None:
    """To look for the line of each would keep a show busy for a minute."""
    text = "[[route]]\nstream = 'nix'\ncontrol = 'show.calm'\n" * 3000
    with pytest.raises(Mistake) as told:
        presets.parse(text, Path("mine.toml"), VOCABULARY)
    lines = str(told.value).splitlines()
    assert len(lines) == presets.MOST_FAULTS + 1
    assert re.search(r"and 2\d\d\d more faults", lines[-1])
