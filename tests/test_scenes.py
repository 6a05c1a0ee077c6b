"""Scenes of a show: the set list, the shelf that keeps them ready, and snapshots of what stands."""

import os
import time
import tomllib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from instrument import presets, set_list, snapshots
from instrument.clock import HandClock
from instrument.conductor import Conductor
from instrument.house import House, open_house
from instrument.learning.streams import STREAMS
from instrument.mapping import RouteDesk, routes_text
from instrument.preset_text import preset_text, tidy, values_of
from instrument.scenes import SceneShelf, choices_of
from instrument.set_list import SetList
from instrument.signals.bus import Bus, new_show_name
from instrument.signals.gesture import Gesture
from instrument.signals.mistake import Mistake
from instrument.signals.scenes import Keep
from instrument.signals.show import MOST_SCENES
from instrument.signals.spec import Kind

HOUSE: House = open_house()
BANK = HOUSE.bank
VOCABULARY = HOUSE.vocabulary(STREAMS)
RUNS = {"net": "pocket_mlp", "image_size": 28, "colour": False, "memory_mb": 384}
NOW = datetime(2026, 11, 27, 20, 15)
HALL = """
title = "Hall"
[learning]
heat = 2.0
[sound.drone]
level = -10
[picture]
look = "long_exposure"
[show]
calm = 0.5
blackout = true
bpm = 90
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A performer's folder of their own, with no set list yet."""
    monkeypatch.setenv("TWOS_AND_SEVENS_HOME", str(tmp_path))
    (tmp_path / "presets").mkdir()
    return tmp_path


class Shelf:
    """A real shelf whose thread is not started: looks and writes are asked for one by one."""

    def __init__(self, standing: str = "") -> None:
        self.said: list[str] = []
        self.turn = 1
        self.shelf = SceneShelf(VOCABULARY, self.said.append, RUNS, lambda: standing, lambda: NOW)
        self.told = self.shelf.load()

    def looks(self, times: int = 2) -> None:
        for _ in range(times):
            self.shelf.look_at_presets()
            self.shelf._look_at_list()

    def saves(self, path: Path, text: str) -> None:
        """As an editor does; every save has another time of change."""
        path.write_text(text)
        self.turn += 1
        os.utime(path, (self.turn, self.turn))


def listed(home: Path, *names: str) -> None:
    (home / "scenes.toml").write_text(set_list.text_of(SetList(names)))


def standing(**values: float) -> np.ndarray:
    """Positions with some controls (dots as double underscores) at values in their units."""
    positions = BANK.defaults.copy()
    for name, value in values.items():
        path = name.replace("__", ".")
        positions[BANK.number[path]] = BANK.spec(path).unmap(value)
    return positions


def wanted(place: int = 0, name: str = "", scene: str = "glitch_organ") -> Keep:
    routes = presets.load("cathedral", VOCABULARY).routes[:3]
    positions = standing(sound__drone__level=-12.5, learning__collapse=0.3)
    return Keep(positions, routes_text(routes), scene, place, name)


def kept(place: int = 0, name: str = "", scene: str = "glitch_organ") -> snapshots.Kept:
    return snapshots.keep(wanted(place, name, scene), BANK, RUNS, "Glitch organ", NOW)


# -- the set list ---------------------------------------------------------------------------------


def test_without_a_set_list_the_shipped_presets_come_first_then_ones_own(home: Path) -> None:
    """A shipped one that was mended at home keeps its place; own ones follow by name."""
    for name in ("zither", "abyss", "cathedral"):
        (home / "presets" / f"{name}.toml").write_text('title = "mine"')
    names = set_list.read().names
    assert names[:2] == ("glitch_organ", "cathedral")
    assert names[-2:] == ("abyss", "zither")
    assert sorted(names) == presets.preset_names()


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


# -- the shelf ------------------------------------------------------------------------------------


def test_every_shipped_preset_is_a_scene_by_number_and_by_name() -> None:
    """Nothing to be said of any of them."""
    shelf = Shelf()
    assert shelf.told == []
    for number, name in enumerate(shelf.shelf.set_list.names, 1):
        assert shelf.shelf.scene(number=number).name == name
        assert shelf.shelf.scene(name).number == number == shelf.shelf.number_of(name)


def test_a_scene_moves_sound_and_picture_wholly_and_of_the_rest_what_it_names(home: Path) -> None:
    """What it leaves out of sound and picture goes to its default; collapse and blackout stay."""
    (home / "presets" / "hall.toml").write_text(HALL)
    listed(home, "hall")
    scene = Shelf().shelf.scene(number=1)
    paths = [BANK.specs[number].path for number in scene.numbers]
    rooms = [
        spec.path
        for spec in BANK
        if spec.path.startswith(("sound.", "picture.")) and spec.kind is not Kind.TRIGGER
    ]
    assert set(paths) == {*rooms, "learning.heat", "show.calm", "show.bpm"}
    positions = dict(zip(paths, scene.targets.tolist(), strict=True))
    level, tone = BANK.spec("sound.drone.level"), BANK.spec("sound.noise.level")
    assert level.map(positions["sound.drone.level"]) == pytest.approx(-10.0, abs=1e-4)
    assert tone.map(positions["sound.noise.level"]) == pytest.approx(tone.default, abs=1e-4)


def test_a_scene_made_for_another_training_says_so() -> None:
    """Only where something differs from what runs."""
    shelf = Shelf().shelf
    assert shelf.scene("glitch_organ").note == ""
    other = SceneShelf(VOCABULARY, print, {**RUNS, "net": "pocket_dcgan"})
    other.load()
    assert other.scene("cathedral").note.startswith("cathedral is made for net = pocket_mlp; ")


@pytest.mark.parametrize(
    ("word", "number", "words"),
    [
        ("", 2, "there is no scene in place 2 (1 hall, 3 broken, 4 gone)"),
        ("", 9, "there is no scene in place 9"),
        ("hal", 0, "no scene is called 'hal'; did you mean 'hall'?"),
        ("broken", 0, "scene broken cannot be gone to"),
        ("", 3, "'sound.drone.level' is 99"),
        ("gone", 0, "no preset is called 'gone'"),
        ("../../etc/passwd", 0, "no scene is called '../../etc/passwd'"),
    ],
)
def test_a_scene_that_cannot_be_gone_to_says_why(
    home: Path, word: str, number: int, words: str
) -> None:
    """By its name or its place, as a sentence."""
    (home / "presets" / "hall.toml").write_text(HALL)
    (home / "presets" / "broken.toml").write_text("[sound.drone]\nlevel = 99")
    listed(home, "hall", "", "broken", "gone")
    shelf = Shelf()
    assert [told.split(":")[0] for told in shelf.told] == ["scene 3", "scene 4"]
    with pytest.raises(Mistake) as mistake:
        shelf.shelf.scene(word, number)
    assert words in str(mistake.value)


def test_a_scene_that_asks_for_more_clouds_than_there_are_says_so(home: Path) -> None:
    """The cause, not only that a control is unknown."""
    (home / "presets" / "storm.toml").write_text("[sound]\nclouds = 6\n[sound.cloud_6]\nlevel = -9")
    listed(home, "storm")
    with pytest.raises(Mistake, match=r"it asks for 6 clouds, this show has 4"):
        Shelf().shelf.scene("storm")


def test_a_saved_scene_is_taken_once_it_stands_still(home: Path) -> None:
    """Going to it the next time goes to what was saved; half a save is not read."""
    path = home / "presets" / "hall.toml"
    path.write_text(HALL)
    listed(home, "hall")
    shelf = Shelf()
    number = BANK.number["sound.drone.level"]

    def level() -> float:
        scene = shelf.shelf.scene("hall")
        at = scene.targets[scene.numbers.tolist().index(number)]
        return BANK.specs[number].map(float(at))

    shelf.looks()
    shelf.saves(path, HALL.replace("-10", "-20"))
    shelf.looks(1)
    assert level() == pytest.approx(-10.0, abs=1e-4)
    shelf.looks(1)
    assert level() == pytest.approx(-20.0, abs=1e-4)
    assert shelf.said == []


def test_a_scene_saved_with_a_fault_is_told_once_and_the_last_good_one_stays(home: Path) -> None:
    """And mended it is taken again. A file that is gone leaves its scene too."""
    path = home / "presets" / "hall.toml"
    path.write_text(HALL)
    listed(home, "hall")
    shelf = Shelf()
    shelf.saves(path, HALL.replace("heat", "heatt"))
    shelf.looks(6)
    assert len(shelf.said) == 1
    assert "no control is called 'learning.heatt'" in shelf.said[0]
    assert shelf.said[0].endswith("; the last good one stays")
    assert shelf.shelf.scene("hall").title == "Hall"
    shelf.saves(path, HALL.replace('"Hall"', '"Aula"'))
    shelf.looks()
    assert shelf.shelf.scene("hall").title == "Aula"
    path.unlink()
    shelf.looks()
    assert shelf.shelf.scene("hall").title == "Aula"


def test_a_preset_that_comes_while_the_show_plays_can_be_gone_to(home: Path) -> None:
    """By its name; by its place once the list has it. A broken one that nobody asked for is quiet."""
    listed(home, "cathedral")
    shelf = Shelf()
    shelf.saves(home / "presets" / "late.toml", HALL)
    shelf.saves(home / "presets" / "loose.toml", "no toml")
    shelf.looks()
    assert (shelf.shelf.scene("late").number, shelf.said) == (0, [])
    shelf.saves(home / "scenes.toml", 'scenes = ["cathedral", "late"]')
    shelf.looks()
    assert shelf.shelf.scene(number=2).name == "late"
    assert shelf.said == ["set list: 1 cathedral, 2 late"]
    shelf.saves(home / "scenes.toml", "scenes = [")
    shelf.looks()
    assert shelf.said[1].endswith("; the set list stays as it was")
    assert shelf.shelf.scene(number=2).name == "late"


def test_a_scene_that_shows_a_look_which_cannot_be_played_is_left_out(home: Path) -> None:
    """What only the opened picture can tell."""
    (home / "presets" / "hall.toml").write_text(HALL)
    listed(home, "hall", "glitch_organ")
    shelf = Shelf()
    faults = {"long_exposure": "long_exposure.frag:3: no such thing"}
    shelf.shelf.check_looks(lambda who, at: HOUSE.check_looks(who, at, faults))
    assert shelf.shelf.scene("glitch_organ").name == "glitch_organ"
    with pytest.raises(Mistake, match="no such thing"):
        shelf.shelf.scene("hall")
    assert len(shelf.said) >= 1


def test_what_a_source_says_of_itself_becomes_what_a_preset_chooses() -> None:
    """An older run that does not say it leaves it out."""
    said = {"net": "pocket_mlp", "size": 28, "channels": 3, "seed": 1}
    assert choices_of(said, 384) == {**RUNS, "colour": True}
    assert choices_of({"net": "pocket_mlp"}) == {"net": "pocket_mlp"}


# -- presets as text ------------------------------------------------------------------------------

PLAYED = [spec for spec in BANK if spec.kind is not Kind.TRIGGER and spec.path[:4] != "show"]
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


# -- snapshots ------------------------------------------------------------------------------------


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


def test_a_full_set_list_says_so(home: Path) -> None:
    """Nothing is written then."""
    listed(home, *["cathedral"] * MOST_SCENES)
    with pytest.raises(Mistake, match="all 128 places of the set list are taken"):
        kept()
    assert list((home / "presets").iterdir()) == []


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


# -- all of it together ---------------------------------------------------------------------------


def until(holds: Callable[[], bool]) -> bool:
    deadline_s = time.monotonic() + 20.0
    while not holds() and time.monotonic() < deadline_s:
        time.sleep(0.01)
    return holds()


def test_a_snapshot_taken_in_a_show_can_be_gone_back_to(home: Path) -> None:
    """A real conductor, a real shelf in its thread, real files: save, move, come back."""
    bus = Bus(new_show_name())
    preset = presets.load("glitch_organ", VOCABULARY)
    said: list[str] = []
    shelf = SceneShelf(VOCABULARY, said.append, RUNS)
    assert shelf.load() == []
    desk = RouteDesk(preset.routes, STREAMS, BANK)
    conductor = Conductor(
        BANK, preset.positions(BANK), bus, HandClock(1.0), desk, shelf, "glitch_organ"
    )
    conductor.start()
    shelf.start()

    def does(path: str, value: float, word: str = "") -> None:
        position = BANK.spec(path).unmap(value)
        conductor.post(Gesture(path, position, "key", 1.0, word=word))

    does("show.morph", 0.0)
    does("sound.drone.level", -7.5)
    does("learning.collapse", 0.6)
    does("show.snapshot", 1.0, word="evening")
    assert until(lambda: any("evening" in sentence for sentence in said)), said
    stood = conductor.positions()
    does("show.scene", 1.0, word="cathedral")
    assert until(lambda: len(desk.routes) != len(preset.routes))
    does("learning.collapse", 0.0)
    does("show.scene", 1.0, word="evening")
    assert until(lambda: desk.routes == preset.routes)
    conductor.stop()
    shelf.stop()
    bus.close()
    ours = [n for n, spec in enumerate(BANK) if not spec.path.startswith("show.")]
    assert np.allclose(conductor.positions()[ours], stood[ours], atol=1e-5)
    assert tomllib.loads((home / "scenes.toml").read_text())["scenes"][-1] == "evening"


def test_what_was_asked_just_before_the_end_is_still_written(home: Path) -> None:
    """The shelf ends when it has kept everything."""
    shelf = SceneShelf(VOCABULARY, print, RUNS, now=lambda: NOW)
    shelf.load()
    shelf.start()
    for _ in range(3):
        shelf.keep(wanted())
    shelf.stop()
    assert len(list((home / "presets").iterdir())) == 3
