"""Scenes on their way: what the conductor needs of a preset to go to it, ready made, and what it asks back.

Whoever keeps the scenes (`SceneShelf`) reads files and checks them in a thread of its own.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from instrument.signals.routes import ReadyRoutes

OF_A_SCENE = ("show.calm", "show.panic_fade", "show.bpm", "show.beats_per_bar")
"""The only controls of the show that a scene may move, where it names them: panic, blackout, cues and what
moves scenes are the performer's."""
WHOLE_ROOMS = ("sound.", "picture.")
"""A scene moves all controls of these; of the learning only what it names."""


@dataclass(frozen=True, eq=False)
class Scene:
    """A preset, ready to be gone to: nothing about it needs to be read or worked out any more."""

    name: str
    title: str
    numbers: np.ndarray
    """The controls it moves, intp (n,)."""
    targets: np.ndarray
    """Where it moves them, float32 (n,)."""
    routes: ReadyRoutes
    number: int = 0
    """Its place on the set list; 0 where it is not on it."""
    note: str = ""
    """What it chooses and a running show cannot change, as a sentence."""


@dataclass(frozen=True, eq=False)
class Keep:
    """What stands is to be kept as a preset."""

    positions: np.ndarray
    """Where all controls stand, float32 (controls,); the receiver's own."""
    routes: bytes
    """The mapping as JSON text."""
    scene: str
    """The scene that was gone to last."""
    place: int = 0
    """The place on the set list; 0 is the next free one."""
    name: str = ""
    """'' where the performer gives none."""


class Shelf(Protocol):
    """Who keeps the scenes for the conductor. None of it waits. Conductor thread."""

    def scene(self, word: str = "", number: int = 0) -> Scene:
        """The scene of a name, or of a place on the set list from 1. Raises `Mistake`."""

    def number_of(self, name: str) -> int:
        """The place of a name on the set list; 0 where it is not on it."""

    def keep(self, wanted: Keep) -> None:
        """Write what stands, later and elsewhere; what came of it is said there."""
