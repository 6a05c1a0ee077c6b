"""What tests of scenes share: a real house, a real shelf, and what stands in a show."""

import os
from datetime import datetime
from pathlib import Path

import numpy as np

from instrument import presets, set_list, snapshots
from instrument.house import House, open_house
from instrument.learning.streams import STREAMS
from instrument.mapping import routes_text
from instrument.scenes import SceneShelf
from instrument.set_list import SetList
from instrument.signals.scenes import Keep

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
