"""`SceneShelf`: every scene of a show, read and checked before it is gone to; and where snapshots go.

Going to a scene is a look-up: files are read before the curtain, and in a thread when they change.
"""

import os
import queue
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from instrument import presets, set_list, snapshots
from instrument.mapping import routes_text
from instrument.presets import ENDINGS, Preset, Vocabulary
from instrument.signals import places
from instrument.signals.mistake import Mistake, did_you_mean
from instrument.signals.routes import ReadyRoutes
from instrument.signals.scenes import OF_A_SCENE, WHOLE_ROOMS, Keep, Scene
from instrument.signals.spec import Kind
from instrument.signals.watching import POLL_S, Stamp, stamp
from instrument.sound.controls import clouds_of

MOST_WANTED = 16
"""So many snapshots wait to be written; a pad that bounces asks for hundreds."""
LOOKS_EVERY = 4
"""Every so many looks at the set list, the presets are looked at too: once a second."""

Say = Callable[[str], None]
CheckLooks = Callable[[str, np.ndarray], object]
State = tuple[Path, Stamp]


class SceneShelf:
    """The scenes by name and by place. `scene` and `keep` are for the conductor, and never wait.

    | a file of a scene                | what happens                                                    |
    |----------------------------------|-----------------------------------------------------------------|
    | is in order                      | the scene can be gone to                                        |
    | has a fault before the curtain   | said; going to it says why                                      |
    | is saved with a fault            | said; the last good one can still be gone to                    |
    | is saved in order, or comes anew | taken once it stands still for a look; what plays does not move |
    | goes                             | the last good one can still be gone to                          |

    Presets off the set list are gone to by their names; their faults are told when that is tried.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        say: Say,
        choices: Mapping[str, Any] | None = None,
        standing: Callable[[], str] = lambda: "",
        now: Callable[[], datetime] = datetime.now,
    ) -> None:
        """`choices`: what the running training was made with, by the keys of `choices.FIELDS`.

        `standing` names the scene that plays: its faults are told by those who watch it. Raises `Mistake`
        for a set list that cannot be read.
        """
        self.set_list = set_list.read()
        self._vocabulary, self._say, self._now = vocabulary, say, now
        self._choices, self._standing = dict(choices or {}), standing
        self._scenes: dict[str, Scene] = {}
        self._faults: dict[str, str] = {}
        self._taken: dict[str, State] = {}
        self._seen: dict[str, State] = {}
        self._list_taken = self._list_seen = stamp(set_list.file())
        self._check: CheckLooks = lambda who, positions: None
        self._looks = 0
        self._too_many = False
        self._wanted: queue.SimpleQueue[Keep | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="scenes", daemon=True)

    # -- before the curtain ------------------------------------------------------------------------

    def load(self, also: Sequence[str] = ()) -> list[str]:
        """Read the scenes of the set list, and `also`; returns what is to be said of broken ones."""
        for name in dict.fromkeys((*self.set_list.names, *also)):
            if name:
                self._read(name)
        own = places.home() / "presets"
        unread = os.path.lexists(own) and own not in places.folders("presets")
        told = [f"{own} cannot be read; what is in it is left out (is it a folder, and yours?)"]
        return [*told[: int(unread)], *self._broken()]

    def _broken(self) -> list[str]:
        return [
            f"scene {number}: {fault.splitlines()[0]}; it is left out"
            for number, name in enumerate(self.set_list.names, 1)
            if (fault := self._faults.get(name))
        ]

    def check_looks(self, check: CheckLooks) -> None:
        """Leave out scenes that show a look which cannot be played; `check` raises `Mistake` for one."""
        self._check = check
        for name, scene in list(self._scenes.items()):
            try:
                check(f"the scene {name}", self._whole(scene))
            except Mistake as mistake:
                del self._scenes[name]
                self._faults[name] = str(mistake)
                self._say(f"{mistake}; it cannot be gone to")

    def start(self) -> None:
        """Begin to watch the files."""
        self._thread.start()

    def stop(self) -> None:
        """Write what is still to be kept, then end."""
        self._wanted.put(None)
        if self._thread.is_alive():
            self._thread.join(timeout=5.0)

    # -- conductor thread --------------------------------------------------------------------------

    def scene(self, word: str = "", number: int = 0) -> Scene:
        """The scene of a name, or of a place from 1. Raises `Mistake`. Any thread; never waits."""
        listed = self.set_list
        name = word or listed.at(number)
        if not name:
            raise Mistake(f"there is no scene in place {number} ({self._places()})")
        scene = self._scenes.get(name)
        if scene is None:
            fault = self._faults.get(name)
            if fault:
                raise Mistake(f"scene {name} cannot be gone to: {fault.splitlines()[0]}")
            near = did_you_mean(name, self._scenes)
            raise Mistake(f"no scene is called '{name[:64]}'{near} ({self._places()})")
        place = number if not word else listed.number_of(name)
        return scene if scene.number == place else replace(scene, number=place)

    def number_of(self, name: str) -> int:
        """The place of a name on the set list; 0 where it is not on it. Any thread; never waits."""
        return self.set_list.number_of(name)

    def keep(self, wanted: Keep) -> None:
        """Write what stands, in the shelf's own thread. Any thread; never waits."""
        if self._wanted.qsize() < MOST_WANTED:
            self._wanted.put(wanted)
        elif not self._too_many:
            self._too_many = True
            self._say(
                f"{MOST_WANTED} snapshots wait to be written; more that are asked for are left out"
            )

    def _places(self) -> str:
        names = [f"{number} {name}" for number, name in enumerate(self.set_list.names, 1) if name]
        return ", ".join(names) or "the set list is empty"

    # -- the shelf's thread ------------------------------------------------------------------------

    def _run(self) -> None:
        for _ in range(2):
            self._look(self.look_at_presets)
        while True:
            try:
                wanted = self._wanted.get(timeout=POLL_S)
            except queue.Empty:
                self._too_many = False
                self.look()
                continue
            if wanted is None:
                return
            self.write(wanted)

    def look(self) -> None:
        """Look once at the set list, and sometimes at the presets; never raises. Scenes thread."""
        self._look(self._look_at_list)
        self._looks += 1
        if self._looks % LOOKS_EVERY == 0:
            self._look(self.look_at_presets)

    def _look(self, at: Callable[[], None]) -> None:
        try:
            at()
        except Exception as error:  # whatever lies on the disk, the show goes on
            self._say(f"the scenes cannot be looked at ({type(error).__name__}: {error})")

    def look_at_presets(self) -> None:
        """Take every preset that is new or has changed, and stands still. Scenes thread."""
        for name, path in places.found("presets", ENDINGS).items():
            state = (path, stamp(path))
            if state != self._taken.get(name) and state == self._seen.get(name):
                fault = self._read(name)
                told = name in self._scenes or self.set_list.number_of(name)
                if fault and told and name != self._standing():
                    stays = "the last good one stays" if name in self._scenes else "it is left out"
                    self._say(f"{fault.splitlines()[0]}; {stays}")
            self._seen[name] = state

    def write(self, wanted: Keep) -> None:
        """Keep what stands; what came of it is said. Never raises. Scenes thread."""
        try:
            came_from = self._scenes.get(wanted.scene)
            title = came_from.title if came_from else wanted.scene
            bank = self._vocabulary.bank
            kept = snapshots.keep(wanted, bank, self._choices, title, self._now())
            if kept.number:
                self.set_list, self._list_taken = set_list.read(), stamp(set_list.file())
            fault = self._read(kept.name)
        except Mistake as mistake:
            self._say(f"nothing is saved: {mistake}")
        except Exception as error:  # a snapshot that fails must not end the show
            self._say(f"nothing is saved ({type(error).__name__}: {error})")
        else:
            self._say(f"{kept.said}; it cannot be gone to: {fault}" if fault else kept.said)

    def _look_at_list(self) -> None:
        before, self._list_seen = self._list_seen, stamp(set_list.file())
        if self._list_seen == self._list_taken or self._list_seen != before:
            return
        self._list_taken = self._list_seen
        try:
            self.set_list = set_list.read()
        except Mistake as mistake:
            self._say(f"{mistake}; the set list stays as it was")
            return
        self._say(f"set list: {self._places()}")
        for name in self.set_list.names:
            if name and name not in self._scenes and (fault := self._read(name)):
                self._say(f"{fault.splitlines()[0]}; it is left out")

    def _read(self, name: str) -> str:
        """Read one preset; returns its fault, or ''. What was good before stays."""
        try:
            path = presets.path_of(name)
            self._taken[name] = self._seen[name] = path, stamp(path)
            preset = presets.load_file(path, self._vocabulary)
            self._check(f"the scene {name}", preset.positions(self._vocabulary.bank))
            self._scenes[name] = self._scene_of(preset)
        except Mistake as mistake:
            self._faults[name] = f"{mistake}{self._too_many_clouds(name)}"
        except Exception as error:  # whatever a file holds, the show goes on
            self._faults[name] = f"{name}: cannot be read ({type(error).__name__})"
        else:
            self._faults.pop(name, None)
        return self._faults.get(name, "")

    def _too_many_clouds(self, name: str) -> str:
        have = clouds_of(self._vocabulary.bank)
        asked = set_list.clouds_asked([name])
        return f" (it asks for {asked} clouds, this show has {have})" if asked > have else ""

    def _scene_of(self, preset: Preset) -> Scene:
        bank = self._vocabulary.bank
        numbers = [
            number
            for number, spec in enumerate(bank)
            if spec.kind is not Kind.TRIGGER and _moves(spec.path, preset)
        ]
        where = np.array(numbers, np.intp)
        routes = ReadyRoutes(preset.routes, routes_text(preset.routes), f"scene {preset.name}")
        return Scene(
            name=preset.name,
            title=preset.title,
            numbers=where,
            targets=preset.positions(bank)[where],
            routes=routes,
            note=self._note(preset),
        )

    def _whole(self, scene: Scene) -> np.ndarray:
        positions = self._vocabulary.bank.defaults.copy()
        positions[scene.numbers] = scene.targets
        return positions

    def _note(self, preset: Preset) -> str:
        """What it chooses and a running show keeps as it is, as a sentence."""
        differ = [
            f"{key} = {value}"
            for key, value in preset.choices.items()
            if key in self._choices and self._choices[key] != value
        ]
        if not differ:
            return ""
        runs = ", ".join(f"{key} = {value}" for key, value in self._choices.items())
        return (
            f"{preset.name} is made for {', '.join(differ)}; the training that runs stays ({runs})"
        )


def _moves(path: str, preset: Preset) -> bool:
    """Whether going to a preset moves a control: sound and picture wholly, else what it names."""
    if path.startswith(WHOLE_ROOMS):
        return True
    return path in preset.values and (path.startswith("learning.") or path in OF_A_SCENE)


def choices_of(source: Mapping[str, Any], memory_mb: int | None = None) -> dict[str, Any]:
    """What a training was made with, by the keys of `choices.FIELDS`, from what a source says of itself.

    What an older run does not say is left out.
    """
    said = {
        "net": source.get("net"),
        "image_size": source.get("size"),
        "colour": None if "channels" not in source else source["channels"] == 3,
        "memory_mb": memory_mb,
    }
    return {key: value for key, value in said.items() if value is not None}
