"""`Recall`: going to a scene, and asking for what stands to be kept. Conductor thread; touches no disk."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Protocol

import numpy as np

from instrument.signals.controls import Bank
from instrument.signals.frames import StandingFrame
from instrument.signals.gesture import Gesture
from instrument.signals.mistake import Mistake
from instrument.signals.routes import RouteChange
from instrument.signals.scenes import Keep, Scene, Shelf
from instrument.signals.texts import field_of


class Desk(Protocol):
    """What the conductor gives for it."""

    bank: Bank

    def value(self, path: str) -> float: ...
    def positions(self) -> np.ndarray: ...
    def routes_text(self) -> bytes: ...
    def move(self, numbers: np.ndarray, targets: np.ndarray, seconds: float) -> None: ...
    def put_routes(self, change: RouteChange) -> None: ...
    def tell(self, text: str, grave: bool = False, where: str = "show") -> None: ...


class Recall:
    """Scenes of one show.

    | asked                        | what happens                                                          |
    |------------------------------|-----------------------------------------------------------------------|
    | a scene that is there        | its controls are on their way, its routes come over the same time     |
    | a scene that is not          | a sentence; nothing moves                                             |
    | the first time, and it wants a net (or size, ...) that does not run | the same, and it is said once  |
    | to keep what stands          | the shelf is handed a copy; it says what came of it                   |
    """

    def __init__(self, desk: Desk, shelf: Shelf | None, scene: str = "") -> None:
        """`scene`: the one the show begins with."""
        self.acts: Mapping[str, Callable[[Gesture], None]] = {
            "show.scene": self._scene,
            "show.snapshot": self._snapshot,
            "show.store": self._store,
        }
        self.name = scene
        self.gone_to: list[Callable[[Scene], None]] = []
        """Told of every scene that was gone to, in the conductor's thread; must not wait."""
        self._desk, self._shelf = desk, shelf
        self._noted: set[str] = set()

    @property
    def number(self) -> int:
        """Place of the scene that stands on the set list; 0 where it is not on it."""
        return 0 if self._shelf is None else self._shelf.number_of(self.name)

    def go(self, word: str = "", number: int = 0, seconds: float | None = None) -> Scene | None:
        """Go to a scene by name, or by number where there is no name. None where it cannot be."""
        if self._shelf is None:
            self._desk.tell("there are no scenes in this show", where="scene")
            return None
        try:
            scene = self._shelf.scene(word, number)
        except Mistake as mistake:
            self._desk.tell(str(mistake), where="scene")
            return None
        if seconds is None:
            seconds = self._desk.value("show.morph")
        self._desk.move(scene.numbers, scene.targets, seconds)
        self._desk.put_routes(replace(scene.routes, fade_s=seconds))
        self.name = scene.name
        self._tell(scene, seconds)
        for told in self.gone_to:
            told(scene)
        return scene

    def fill(self, frame: StandingFrame) -> None:
        """The scene's part of the standing frame."""
        frame.scene, frame.scene_number = field_of(self.name, 63), self.number

    def _tell(self, scene: Scene, seconds: float) -> None:
        place = f"scene {scene.number}: " if scene.number else ""
        over = f", within {seconds:.3g} s" if seconds else ""
        self._desk.tell(f"{place}{scene.title}{over}", where="scene")
        if scene.note and scene.name not in self._noted:
            self._noted.add(scene.name)
            self._desk.tell(scene.note, where="scene")

    def _scene(self, gesture: Gesture) -> None:
        self.go(gesture.word, self._number(gesture))

    def _snapshot(self, gesture: Gesture) -> None:
        self._keep(name=gesture.word)

    def _store(self, gesture: Gesture) -> None:
        self._keep(place=self._number(gesture))

    def _keep(self, place: int = 0, name: str = "") -> None:
        if self._shelf is None:
            self._desk.tell("there is nowhere to keep scenes in this show", where="scene")
            return
        positions, routes = self._desk.positions(), self._desk.routes_text()
        self._shelf.keep(Keep(positions, routes, self.name, place, name))

    def _number(self, gesture: Gesture) -> int:
        return round(self._desk.bank.spec(gesture.path).map(gesture.position))
