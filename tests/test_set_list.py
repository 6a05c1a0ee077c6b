"""The set list: which preset is in which place of a show, as a performer writes it."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scene_stand import HOUSE, listed

from instrument import presets, set_list
from instrument.house import open_house
from instrument.set_list import SetList
from instrument.signals.mistake import Mistake
from instrument.signals.show import MOST_SCENES

pytestmark = pytest.mark.usefixtures("home")


def test_without_a_set_list_the_shipped_presets_come_first_then_ones_own(home: Path) -> None:
    """A shipped one that was mended at home keeps its place; own ones follow by name."""
    for name in ("zither", "abyss", "cathedral"):
        (home / "presets" / f"{name}.toml").write_text('title = "mine"')
    names = set_list.read().names
    assert names[:2] == ("glitch_organ", "cathedral")
    assert names[-2:] == ("abyss", "zither")
    assert sorted(names) == presets.preset_names()


def test_a_home_that_is_a_file_leaves_the_usual_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slip in TWOS_AND_SEVENS_HOME stops no show."""
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("TWOS_AND_SEVENS_HOME", str(tmp_path / "file"))
    assert set_list.read() == set_list.usual()


def test_places_count_from_one_and_free_ones_stay_free(home: Path) -> None:
    """Numbers are what the performer wrote."""
    listed(home, "cathedral", "", "weights", "cathedral")
    read = set_list.read()
    assert [read.at(number) for number in range(6)] == [
        "",
        "cathedral",
        "",
        "weights",
        "cathedral",
        "",
    ]
    assert (read.number_of("weights"), read.number_of("cathedral"), read.number_of("")) == (3, 1, 0)
    assert read.next_free() == 2
    assert read.put("sine_data", 6).names == (
        "cathedral",
        "",
        "weights",
        "cathedral",
        "",
        "sine_data",
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("scenes = [cathedral]", "this is not TOML"),
        ('scene = ["cathedral"]', "'scene' means nothing here; did you mean 'scenes'?"),
        ('scenes = "cathedral"', "'scenes' takes a list of names"),
        ('scenes = ["a", 3]', "'scenes' takes a list of names"),
        ('scenes = ["../secret"]', "place 1: scene '../secret' is not a name"),
        (f"scenes = {['a'] * (MOST_SCENES + 1)}", f"{MOST_SCENES} places are the most"),
        ("scenes = " + "[" * 3000, "this is not TOML"),
    ],
)
def test_a_set_list_with_a_fault_is_told_with_its_file(home: Path, text: str, words: str) -> None:
    """Before the curtain, as a sentence."""
    (home / "scenes.toml").write_text(text)
    with pytest.raises(Mistake) as mistake:
        set_list.read()
    assert str(mistake.value).startswith(str(home / "scenes.toml")) and words in str(mistake.value)


def test_putting_a_name_in_a_place_keeps_the_comments_of_the_list() -> None:
    """What the performer wrote around the names stays."""
    text = '# tonight\nscenes = [\n  "a", # "soft"\n  "", # free\n  \'c\',\n]\n# the end\n'
    before = SetList(("a", "", "c"))
    assert set_list.text_with(text, before, 2, "b") == text.replace('""', '"b"')
    assert set_list.text_with(text, before, 4, "d") == text.replace("'c'", "'c',\n  \"d\"")
    assert set_list.text_with('scenes = ["a", "b"]', SetList(("a", "b")), 4, "d") == (
        'scenes = ["a", "b", "", "d"]'
    )


NAMES = st.lists(st.sampled_from(["", "a", "b-1", "c.d_e"]), max_size=6)


@settings(deadline=None)
@given(NAMES, st.integers(1, 9), st.sampled_from(["one", "two"]), st.integers(0, 3))
def test_a_written_set_list_reads_as_it_was_meant(
    names: list[str], place: int, name: str, manner: int
) -> None:
    """Whatever the text looked like before."""
    before = SetList(tuple(names))
    text = (
        set_list.text_of(before),
        f"scenes = {names!r}",
        f"# [ \"x\"\nscenes = {names!r} # 'y'",
        "scenes = [" + ",\n\t".join(f'"{each}" # "no"' for each in names) + "\n]",
    )[manner]
    if manner != 3:
        assert set_list.parse(text, Path("scenes.toml")) == before
    mended = set_list.text_with(text, before, place, name)
    assert set_list.parse(mended, Path("scenes.toml")) == before.put(name, place)


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_a_set_list_or_a_sentence(text: str) -> None:
    """Nothing else comes out."""
    try:
        assert isinstance(set_list.parse(text, Path("scenes.toml")), SetList)
    except Mistake as mistake:
        assert str(mistake).startswith("scenes.toml: ")


def test_the_clouds_of_a_show_are_the_most_that_any_scene_asks_for(home: Path) -> None:
    """A missing preset asks for none; looks do not give way for a scene that asks for too many."""
    (home / "presets" / "storm.toml").write_text("[sound]\nclouds = 6")
    assert set_list.clouds_asked(["glitch_organ", "", "storm", "no_such"]) == 6
    assert "sound.cloud_6.level" in open_house((), 4, wished=6).bank
    wide = open_house((), 4, wished=12)
    assert len(wide.looks) == len(HOUSE.looks) and wide.left_out == HOUSE.left_out
    assert "sound.cloud_5.level" in wide.bank and "sound.cloud_12.level" not in wide.bank
