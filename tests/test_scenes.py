"""Scenes of a show: the shelf that keeps them ready, and all of it together."""

import os
import time
import tomllib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scene_stand import BANK, HALL, HOUSE, NOW, RUNS, VOCABULARY, Shelf, listed, wanted

from instrument import presets
from instrument.clock import HandClock
from instrument.conductor import Conductor
from instrument.learning.streams import STREAMS
from instrument.mapping import RouteDesk
from instrument.preset_watch import PresetWatch
from instrument.scenes import MOST_WANTED, SceneShelf, choices_of
from instrument.signals.bus import Bus, new_show_name
from instrument.signals.gesture import Gesture
from instrument.signals.mistake import Mistake
from instrument.signals.routes import NewRoutes
from instrument.signals.spec import Kind

pytestmark = pytest.mark.usefixtures("home")


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


def test_the_watch_of_the_routes_follows_the_scene(home: Path) -> None:
    """After going to hall, saving glitch_organ changes nothing; saving hall brings its routes."""
    left, here = home / "presets" / "left.toml", home / "presets" / "here.toml"
    for path in (left, here):
        path.write_text(HALL)
    put: list[NewRoutes] = []
    said: list[str] = []
    watch = PresetWatch(left, VOCABULARY, put.append, said.append)
    watch.follow("here")
    watch.look()
    route = '[[route]]\nstream = "reject"\ncontrol = "sound.noise.level"\ndepth = 0.5\n'
    for turn, path in enumerate((left, here), 1):
        path.write_text(HALL + route)
        os.utime(path, (turn, turn))
        watch.look()
        watch.look()
    assert [change.who for change in put] == ["here.toml"]
    assert said == ["here.toml: 1 routes, as saved"]
    watch.follow("gone")
    watch.look()
    assert len(put) == 1


def test_a_pad_that_bounces_does_not_fill_the_disk(home: Path) -> None:
    """Sixteen snapshots wait at the most; that more were asked for is said once."""
    shelf = Shelf()
    for _ in range(200):
        shelf.shelf.keep(wanted())
    assert [text for text in shelf.said if "wait to be written" in text] == shelf.said
    assert len(shelf.said) == 1
    shelf.shelf.start()
    shelf.shelf.stop()
    assert len(list((home / "presets").glob("glitch_organ-*.toml"))) == MOST_WANTED


def test_a_folder_that_cannot_be_read_is_told_before_the_curtain(home: Path) -> None:
    """The shipped scenes can be gone to all the same."""
    (home / "presets").rmdir()
    (home / "presets").write_text("no folder")
    shelf = Shelf()
    assert len(shelf.told) == 1 and "presets cannot be read" in shelf.told[0]
    assert shelf.shelf.scene("cathedral").name == "cathedral"
    assert Shelf().told and not (home / "presets").unlink() and Shelf().told == []
