"""The recorded runs as sound, through a preset; kept in the cache until anything that is heard changes."""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import legibility_labels as labels
import numpy as np
import soundfile
from legibility_cache import kept, sources
from legibility_features import features

from instrument import presets
from instrument.house import House, open_house
from instrument.offline import render_sound
from instrument.runs.tape import Tape
from instrument.signals import places

HEARD = (
    "sound/**/*.py",
    "signals/*.py",
    "mapping*/**/*.py",
    "mapping*.py",
    "preset*.py",
    "offline.py",
)
"""What of the instrument the sound of a recorded run depends on."""
LEVEL_RMS = 0.1
"""-20 dB: to this every clip is brought for the trial without loudness."""


SOURCES = sources(HEARD)
"""As they were when they were loaded: somebody may change them while the first run is rendered."""


def heard_key(preset: str, house: House) -> str:
    """Changes with the sources, the preset and the recordings, but not with the run."""
    whole = hashlib.sha256(SOURCES + b"the seed of the run")
    whole.update(places.find("presets", preset, (".toml",), "preset").read_bytes())
    for name, path in house.recordings.items():
        whole.update(f"{name} {path.stat().st_size}".encode())
    return whole.hexdigest()[:12]


def rendered(run: Path, preset: str, key: str, house: House, say: Callable[[str], None]) -> Path:
    """The WAV of a run through a preset; an older sound of the same two (another key) is thrown away."""

    def make(unfinished: Path) -> None:
        say(f"rendering {run.stem} through {preset}")
        render_sound(run, preset, unfinished, house, seed=Tape(run).header.seed)

    return kept("sound", f"{preset}_{run.stem}", key, ".wav", make)


def heard(
    runs: Sequence[Path], preset: str, per_state: int, say: Callable[[str], None]
) -> tuple[list[str], np.ndarray, np.ndarray, list[tuple[int, labels.Clip]]]:
    """Names of the features, values as played and levelled, each (clips, features); (run, clip) of each.

    Every run gives equally many clips of every state: `per_state`, or as many as the poorest has.
    """
    house = open_house(clouds=presets.clouds_asked(preset))
    key = heard_key(preset, house)
    names: list[str] = []
    played, levelled, who = [], [], []
    for number, (run, of) in enumerate(zip(runs, labels.chosen(runs, per_state), strict=True)):
        sound, rate = soundfile.read(rendered(run, preset, key, house, say), always_2d=True)
        for clip in of:
            begin = round(clip.begin_s * rate)
            piece = sound[begin : begin + round(labels.CLIP_S * rate)]
            level = float(np.sqrt((piece**2).mean()))
            one = features(piece, rate)
            other = features(piece * (LEVEL_RMS / max(level, 1e-6)), rate)
            names = list(one)
            played.append(list(one.values()))
            levelled.append(list(other.values()))
            who.append((number, clip))
    return names, np.array(played), np.array(levelled), who
