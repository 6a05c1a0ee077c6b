"""Snapshots: what stands in a show, written as a preset a person can mend."""

import multiprocessing
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scene_stand import (
    BANK,
    HALL,
    NOW,
    RUNS,
    VOCABULARY,
    Shelf,
    kept,
    listed,
    standing,
    wanted,
)

from instrument import presets, set_list, snapshots
from instrument.preset_text import preset_text, tidy, values_of
from instrument.set_list import SetList
from instrument.signals.mistake import Mistake
from instrument.signals.scenes import Keep
from instrument.signals.show import MOST_SCENES
from instrument.signals.spec import Kind

pytestmark = pytest.mark.usefixtures("home")


PLAYED = [
    spec
    for spec in BANK
    if spec.kind is not Kind.TRIGGER and not spec.path.startswith(("show.", "deck.", "midi."))
]
SHIPPED_ROUTES = [
    route.to_dict()
    for name in presets.preset_names()
    for route in presets.load(name, VOCABULARY).routes
]
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40).filter(
    lambda text: text.strip() == text
)


@settings(deadline=None, max_examples=60)
@given(
    st.dictionaries(
        st.sampled_from([spec.path for spec in PLAYED]), st.floats(0, 1, width=32), max_size=25
    ),
    st.lists(st.sampled_from(SHIPPED_ROUTES), max_size=5, unique_by=repr),
    TEXTS,
    TEXTS,
)
def test_a_written_preset_reads_as_it_was(
    moved: dict[str, float], routes: list[dict], title: str, about: str
) -> None:
    """Values, routes, title and choices are the same; positions to a millionth."""
    positions = BANK.defaults.copy()
    for path, at in moved.items():
        positions[BANK.number[path]] = at
    values = values_of(BANK, positions)
    text = preset_text(BANK, values, routes, title=title, about=about, choices=RUNS, heading="# x")
    preset = presets.parse(text, Path("mine.toml"), VOCABULARY)
    assert (preset.title, preset.about) == (title, about)
    assert preset.values == values
    assert [route.to_dict() for route in preset.routes] == routes
    assert preset.choices == RUNS
    whole = BANK.map(positions, np.zeros(len(BANK)))
    for spec, at, back in zip(BANK, positions, preset.positions(BANK), strict=True):
        if spec.is_whole and spec.kind is not Kind.TRIGGER:
            assert spec.map(float(back)) == whole[BANK.number[spec.path]]
        else:
            assert abs(at - back) <= 2e-6


def test_a_value_has_as_few_digits_as_it_needs() -> None:
    """-12 dB comes back from a float32 position as -12, not as -11.9999996."""
    level = BANK.spec("sound.drone.level")
    for value in (-12.0, -12.5, -0.37, 6.0):
        assert tidy(level, float(np.float32(level.unmap(value)))) == value


def test_a_snapshot_holds_all_of_the_learning_and_of_the_rest_what_was_moved() -> None:
    """Not the tempo, not blackout: those belong to the evening."""
    positions = standing(
        sound__drone__level=-12.5, show__bpm=90.0, show__calm=0.5, show__blackout=1.0
    )
    values = values_of(BANK, positions)
    learning = {
        s.path for s in BANK if s.path.startswith("learning.") and s.kind is not Kind.TRIGGER
    }
    assert set(values) == {*learning, "sound.drone.level", "show.calm"}
    assert values["learning.heat"] == 1.0


def test_every_shipped_preset_survives_being_written() -> None:
    """Values, routes and clouds."""
    for name in presets.preset_names():
        preset = presets.load(name, VOCABULARY)
        text = preset_text(
            BANK, preset.values, [route.to_dict() for route in preset.routes],
            title=preset.title, about=preset.about, choices=preset.choices,
        )  # fmt: skip
        back = presets.parse(text, Path(f"{name}.toml"), VOCABULARY)
        assert (back.values, back.routes, back.about) == (
            preset.values,
            preset.routes,
            preset.about,
        )


def test_a_snapshot_is_a_preset_of_ones_own_in_the_next_place(home: Path) -> None:
    """It says where, reads as any preset, and goes back to what stood."""
    places = len(set_list.read().names)
    first, second = kept(), kept()
    assert (first.name, second.name) == ("glitch_organ-1", "glitch_organ-2")
    assert (first.number, second.number) == (places + 1, places + 2)
    assert first.said == (
        f"scene {places + 1}: glitch_organ-1, saved in {home}/presets/glitch_organ-1.toml"
    )
    preset = presets.load("glitch_organ-1", VOCABULARY)
    assert preset.values["sound.drone.level"] == -12.5
    assert preset.values["learning.collapse"] == 0.3
    assert len(preset.routes) == 3 and preset.choices == RUNS
    assert preset.about == "Snapshot of Glitch organ, 2026-11-27 20:15."
    assert set_list.read().names[-2:] == ("glitch_organ-1", "glitch_organ-2")


def test_the_first_free_place_is_taken(home: Path) -> None:
    """Also one between others; the others keep their numbers."""
    listed(home, "cathedral", "", "weights")
    assert kept().number == 2
    assert set_list.read().names == ("cathedral", "glitch_organ-1", "weights")


def test_a_snapshot_of_a_snapshot_counts_on(home: Path) -> None:
    """glitch_organ-1 is followed by -2, not by -1-1."""
    kept()
    assert kept(scene="glitch_organ-1").name == "glitch_organ-2"


@pytest.mark.parametrize("name", ["cathedral", "mine", "mine.toml"])
def test_a_name_that_a_preset_has_is_refused(home: Path, name: str) -> None:
    """Shipped or one's own: nothing is written over."""
    (home / "presets" / "mine.toml").write_text(HALL)
    with pytest.raises(Mistake, match="already"):
        kept(name=name)
    assert (home / "presets" / "mine.toml").read_text() == HALL
    assert sorted(path.name for path in home.rglob("*")) == ["mine.toml", "presets"]


@pytest.mark.parametrize("name", ["../mine", "a/b", ".hidden", "x" * 65, "ä"])
def test_a_name_never_leaves_the_folder(home: Path, name: str) -> None:
    """Only plain names."""
    with pytest.raises(Mistake, match="is not a name"):
        kept(name=name)
    assert list(home.rglob("*.toml")) == []


def test_storing_over_a_snapshot_keeps_the_one_before(home: Path) -> None:
    """Same name, same place, and a .bak."""
    number = kept().number
    path = home / "presets" / "glitch_organ-1.toml"
    before = path.read_text()
    again = snapshots.keep(
        Keep(standing(sound__drone__level=-3.0), b"[]", "cathedral", number), BANK, RUNS, "x", NOW
    )
    assert (again.name, again.number) == ("glitch_organ-1", number)
    assert presets.load("glitch_organ-1", VOCABULARY).values["sound.drone.level"] == -3.0
    assert (home / "presets" / "glitch_organ-1.toml.bak").read_text() == before
    assert again.said.endswith("(the one before is glitch_organ-1.toml.bak)")


@pytest.mark.parametrize("there", ["cathedral", "mine"])
def test_storing_in_the_place_of_another_preset_leaves_that_preset_whole(
    home: Path, there: str
) -> None:
    """It only leaves the list, and that is said."""
    (home / "presets" / "mine.toml").write_text(HALL)
    listed(home, there, "weights")
    stored = kept(place=1)
    assert set_list.read().names == ("glitch_organ-1", "weights")
    assert f"({there} was in this place; it is still there by its name)" in stored.said
    assert (home / "presets" / "mine.toml").read_text() == HALL


def test_storing_far_behind_the_end_leaves_the_places_between_free(home: Path) -> None:
    """Place 6 of a list of two."""
    listed(home, "cathedral", "weights")
    assert kept(place=6).number == 6
    assert set_list.read().names == ("cathedral", "weights", "", "", "", "glitch_organ-1")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (set_list.text_of(SetList(("cathedral",) * MOST_SCENES)), "all 128 places"),
        ("scenes = [cathedral]", "this is not TOML"),
    ],
)
def test_a_set_list_that_is_full_or_faulty_does_not_cost_the_snapshot(
    home: Path, text: str, words: str
) -> None:
    """It is kept under its name, the list is left as it is, and both are said."""
    (home / "scenes.toml").write_text(text)
    stored = kept()
    assert (stored.name, stored.number) == ("glitch_organ-1", 0)
    assert presets.load("glitch_organ-1", VOCABULARY).values["sound.drone.level"] == -12.5
    assert stored.said.startswith("glitch_organ-1, saved in ")
    assert ", but not put on the set list: " in stored.said and words in stored.said
    assert (home / "scenes.toml").read_text() == text


def test_a_home_that_cannot_be_written_is_a_sentence(home: Path) -> None:
    """A folder in the way of a file stands for a full disk here: the system refuses, for root as well."""
    (home / "presets").rmdir()
    (home / "presets").write_text("in the way")
    with pytest.raises(Mistake, match="cannot be written"):
        kept()
    shelf = Shelf()
    shelf.shelf.write(wanted())
    assert shelf.said[0].startswith("nothing is saved: ")


def test_a_set_list_that_cannot_be_written_does_not_cost_the_snapshot(home: Path) -> None:
    """The preset is there by its name, and it is said that it is not on the list."""
    listed(home, "cathedral")
    (home / f".scenes.toml.{os.getpid()}").mkdir()  # in the way of what is written beside the list
    stored = kept()
    assert stored.path.is_file() and stored.number == 0
    assert ", but not put on the set list: " in stored.said
    assert set_list.read().names == ("cathedral",)


def test_a_disk_that_fills_up_leaves_the_old_file_whole(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system says ENOSPC at the last moment: the old text stays and nothing lies beside it."""
    path = home / "presets" / "mine.toml"
    path.write_text(HALL)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Mistake, match="No space left on device"):
        snapshots.write_whole(path, "new")
    assert path.read_text() == HALL
    assert [each.name for each in path.parent.iterdir()] == ["mine.toml"]


def test_two_shows_that_keep_at_once_keep_both(home: Path) -> None:
    """What another show wrote under the same name a moment before is not written over."""
    path = home / "presets" / "evening.toml"
    assert snapshots.write_whole(path, "first", fresh=True)
    assert not snapshots.write_whole(path, "second", fresh=True)
    assert path.read_text() == "first"
    assert [each.name for each in path.parent.iterdir()] == ["evening.toml"]
    forked = multiprocessing.get_context("fork")
    shows = [forked.Process(target=lambda: [kept() for _ in range(10)]) for _ in range(3)]
    for show in shows:
        show.start()
    for show in shows:
        show.join()
    assert len(list(path.parent.glob("glitch_organ-*.toml"))) == 30


def test_a_link_that_leads_nowhere_is_a_name_that_is_taken(home: Path) -> None:
    """A snapshot never takes the place of a link."""
    link = home / "presets" / "glitch_organ-1.toml"
    link.symlink_to("nowhere.toml")
    assert kept().name == "glitch_organ-2"
    assert link.is_symlink()


@pytest.mark.parametrize("name", ["CON", "nul.toml", "com1", "Aux.evening"])
def test_a_name_that_windows_takes_for_a_device_is_refused(home: Path, name: str) -> None:
    """A snapshot under it would vanish there."""
    with pytest.raises(Mistake, match="device on Windows"):
        kept(name=name)
    assert kept(name="console").name == "console"


def test_a_file_in_the_place_of_the_folder_is_said(home: Path) -> None:
    """Where it lies, and what to do."""
    (home / "presets").rmdir()
    (home / "presets").write_text("a file")
    with pytest.raises(Mistake, match="presets is no folder; move away"):
        kept()
