"""The recorded runs as pictures, looked at as they are drawn; what was seen is kept in the cache.

A run is drawn from its beginning, so that every picture has the past that it would have on stage, on an
inner picture of 320x180, four times a second, with the flash guard on and without any sound.
"""

import hashlib
import os
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from legibility_cache import kept, sources
from legibility_picture_features import Eye

from instrument import presets
from instrument.offline_picture import OfflinePicture
from instrument.picture.controls import DEFAULT_LOOK
from instrument.signals import places

SIZE, RATE = (320, 180), 4
BARE = "bare"
"""A preset of the bench's own: no route, nothing turned. A look in it is the look by itself."""
BARE_TEXT = 'title = "Bare"\nabout = "No route at all."\n'
SHOWS_SAMPLES = {
    "tile_wall": "is the wall",
    "datamosh": "is the wall, held back",
    "failing": "six samples",
    "mean_digit": "the mean sample",
    "long_exposure": "outlines of samples",
    "latent_walk": "samples of a walk",
    "scanner": "the sample that is read",
    "decision_field": "two samples and a digit",
    "nan_card": "a sample in the middle",
}
"""Looks that are left out, with what they show: there a network would be judged by what it draws."""
DRAWS = ("picture/**/*.py", "signals/*.py", "mapping/*.py", "presets.py", "offline_picture.py")


@dataclass(frozen=True)
class Scene:
    """What is on the screen: a preset's own picture (`look` empty), or one look all the time."""

    preset: str
    look: str = ""

    @property
    def name(self) -> str:
        return f"{self.preset}_{self.look}" if self.look else self.preset


def own_home(folder: Path) -> None:
    """Make `folder` the performer's own: the bare preset, and nobody's private looks."""
    (folder / "presets").mkdir(parents=True)
    (folder / "presets" / f"{BARE}.toml").write_text(BARE_TEXT, encoding="utf-8")
    os.environ["TWOS_AND_SEVENS_HOME"] = str(folder)


SOURCES = f"{SIZE} {RATE}".encode() + sources(
    DRAWS,
    (
        Path(__file__).with_name("legibility_picture_features.py"),
        *places.shipped("shaders").glob("*.glsl"),
    ),
)
"""As they were when they were loaded."""


def scene_key(scene: Scene) -> str:
    """Changes with what draws, the preset, and the looks that the scene can show."""
    whole = hashlib.sha256(SOURCES + presets.path_of(scene.preset).read_bytes())
    shown = scene.look if scene.preset == BARE else "*"
    for path in sorted(places.shipped("shaders").glob(f"{shown}.frag")):
        whole.update(path.name.encode() + path.read_bytes())
    return whole.hexdigest()[:12]


def seen(run: Path, scene: Scene, say: Callable[[str], None]) -> np.ndarray:
    """What an eye saw of a whole run, float32 (pictures, features): picture n at n / RATE seconds."""

    def make(unfinished: Path) -> None:
        say(f"drawing {run.stem} as {scene.name}")
        np.save(unfinished, _drawn(run, scene))

    path = kept("picture", f"{scene.name}_{run.stem}", scene_key(scene), ".npy", make)
    looked: np.ndarray = np.load(path, allow_pickle=False)
    return looked


def _drawn(run: Path, scene: Scene) -> np.ndarray:
    eye, looked = Eye(RATE), []
    width, height = SIZE
    with OfflinePicture(run, scene.preset, SIZE, RATE, scene.look or None, sound=()) as offline:
        for _, shown in offline.draw():
            pixels = np.frombuffer(shown.read(components=3, alignment=1), np.uint8)
            looked.append(eye.look(pixels.reshape(height, width, 3)[::-1]))
    return np.stack(looked)


def own_picture(preset: str) -> str:
    """The look that a preset begins with."""
    table = tomllib.loads(presets.path_of(preset).read_text(encoding="utf-8"))
    look: str = table.get("picture", {}).get("look", DEFAULT_LOOK)
    return look
