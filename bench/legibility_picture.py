"""Seen, not claimed: whether a plain classifier can tell from the picture what state the network is in.

`python bench/legibility_picture.py` draws recorded runs of six nets through every look that does not show
the samples themselves, and through the presets' own pictures; takes plain features of four seconds at a
time; learns from four runs and is asked about the two others, all fifteen splits.

`--preset glitch_organ` (again for more) also draws the looks as that preset would show them, `--looks a,b`
takes some only, `--processes 2` draws two runs at once, `--write-docs` writes what was measured to
docs/legibility.md. Runs and what was seen of them are kept in the user's cache folder.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain, product
from pathlib import Path
from tempfile import TemporaryDirectory

import legibility_classes as classes
import numpy as np
from legibility_labels import CLIP_S, STATES, Clip, chosen
from legibility_pages import write_section
from legibility_picture_features import CLIP_NAMES, COARSE, clip_features
from legibility_picture_page import Result, page
from legibility_picture_render import (
    BARE,
    RATE,
    SHOWS_SAMPLES,
    Scene,
    own_home,
    own_picture,
    seen,
)
from legibility_runs import DETOURS, SEEDS, run_of

from instrument.house import open_house
from instrument.runs.tape import Tape
from instrument.signals import places

PER_STATE = 5
"""Clips of each state that are taken from a run at the most."""
PAGE = Path(__file__).resolve().parent.parent / "docs" / "legibility.md"
SIX = [CLIP_NAMES.index(f"{name}_mean") for name in COARSE]


def said(text: str) -> None:
    """What is going on, at once."""
    print(text, flush=True)


@dataclass(frozen=True)
class Asked:
    """The clips that the trials are about: state and run of each, int (clips,), and whether a detour."""

    runs: Sequence[Path]
    clips: Sequence[Sequence[Clip]]
    y: np.ndarray
    run: np.ndarray
    phase: np.ndarray
    detour: np.ndarray

    @classmethod
    def of(cls, runs: Sequence[Path]) -> "Asked":
        """Equally many clips of every state from each run."""
        found = chosen(runs, PER_STATE)
        pairs = [(number, clip) for number, of in enumerate(found) for clip in of]
        run = np.array([number for number, _ in pairs])
        far = [number for number, path in enumerate(runs) if Tape(path).header.seed in DETOURS]
        return cls(
            runs, found, np.array([STATES.index(clip.state) for _, clip in pairs]), run,
            np.array([clip.phase for _, clip in pairs]), np.isin(run, far),
        )  # fmt: skip

    def features(self, scene: Scene) -> np.ndarray:
        """(clips, features) of what is seen of them in a scene."""
        rows = []
        for path, of in zip(self.runs, self.clips, strict=True):
            looked = seen(path, scene, said)
            begins = [round(clip.begin_s * RATE) for clip in of]
            rows += [clip_features(looked[b : b + round(CLIP_S * RATE)]) for b in begins]
        return np.array(rows)

    def repeated(self, times: int) -> "Asked":
        """The same clips, seen in so many scenes one after another."""
        arrays = (np.tile(one, times) for one in (self.y, self.run, self.phase, self.detour))
        return Asked(self.runs, self.clips, *arrays)


def measure(name: str, x: np.ndarray, asked: Asked, six: Sequence[int] = SIX) -> Result:
    """Put features (clips, features) to all trials. `six`: columns of the coarse features."""
    k, y, run = len(STATES), asked.y, asked.run
    right = classes.left_out(x, y, run, k)
    noisy = y == STATES.index("noise")
    phases = sorted(set(asked.phase[noisy].tolist()))
    matters = classes.drops(x, y, run, CLIP_NAMES, k) if x.shape[1] == len(CLIP_NAMES) else []
    return Result(
        name, classes.trial(x, y, run, k), classes.trial(x[:, six], y, run, k),
        classes.shuffled(x, y, run, k), classes.asked_of(x, y, asked.detour, k),
        {phase: float(right[noisy & (asked.phase == phase)].mean()) for phase in phases},
        [(name, lost) for name, lost in matters[:3] if lost > 0],
    )  # fmt: skip


def together(seen_of: Sequence[np.ndarray], asked: Asked) -> list[Result]:
    """All looks side by side, and one classifier for any of them that is not told which."""
    beside = [column + number * len(CLIP_NAMES) for number in range(len(seen_of)) for column in SIX]
    return [
        measure("all side by side", np.hstack(seen_of), asked, beside),
        measure("any of them, not told which", np.vstack(seen_of), asked.repeated(len(seen_of))),
    ]


def draw_all(words: argparse.Namespace, runs: Sequence[Path]) -> None:
    """Into the cache, every run in a process of its own (dozens of windows in one have ended badly)."""
    passed = [f"--preset={name}" for name in words.preset] + [f"--looks={words.looks}"]

    def drawn(run: Path) -> None:
        command = [sys.executable, __file__, "--only-draw", *passed, "--runs", str(run)]
        if subprocess.run(command).returncode:
            raise SystemExit(f"{run.name} could not be drawn")

    with ThreadPoolExecutor(words.processes) as beside:
        list(beside.map(drawn, runs))


def draw(words: argparse.Namespace, runs: Sequence[Path]) -> None:
    """Every scene of these runs, one after another."""
    for run, scene in product(runs, chain(*scenes_of(words))):
        seen(run, scene, said)


def scenes_of(words: argparse.Namespace) -> tuple[list[Scene], ...]:
    """The looks by themselves; the presets' own pictures; the looks in each preset asked for."""
    shipped = sorted(path.stem for path in places.shipped("presets").glob("*.toml"))
    asked = words.looks.split(",") if words.looks else [look.name for look in open_house().looks]
    looks = [look for look in asked if look not in SHOWS_SAMPLES]
    own = [Scene(name) for name in shipped if own_picture(name) not in SHOWS_SAMPLES]
    inside = [[Scene(preset, look) for look in looks] for preset in words.preset]
    return ([Scene(BARE, look) for look in looks], [] if words.looks else own, *inside)


def measured(words: argparse.Namespace, runs: Sequence[Path]) -> str:
    """The whole section of the page."""
    bare, own, *inside = scenes_of(words)
    asked = Asked.of(runs)
    said(f"{len(asked.y)} clips of {len(runs)} runs")

    def of(scenes: Sequence[Scene]) -> list[Result]:
        return [
            measure(scene.look or scene.preset, asked.features(scene), asked) for scene in scenes
        ]

    all_of_them = together([asked.features(scene) for scene in bare], asked)
    others = {preset: of(scenes) for preset, scenes in zip(words.preset, inside, strict=True)}
    return page(of(bare), of(own), all_of_them, others, len(asked.y), len(runs))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--preset", action="append", metavar="NAME", default=[])
    parser.add_argument("--looks", default="", metavar="A,B")
    parser.add_argument("--seeds", type=int, nargs="+", default=list(SEEDS))
    parser.add_argument("--runs", type=Path, nargs="+", help="recorded runs instead of the seeds'")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--only-draw", action="store_true", help="fill the cache")
    parser.add_argument("--write-docs", action="store_true", help=f"write {PAGE.name}")
    words = parser.parse_args()
    began_s = time.monotonic()
    with TemporaryDirectory(prefix="legibility-") as home:
        own_home(Path(home))
        runs = words.runs or [run_of(seed) for seed in words.seeds]
        if words.only_draw:
            draw(words, runs)
        else:
            draw_all(words, runs)
            text = measured(words, runs)
            print(text)
            if words.write_docs:
                write_section(PAGE, "picture", text)
    print(f"{time.monotonic() - began_s:.0f} s")


if __name__ == "__main__":
    main()
