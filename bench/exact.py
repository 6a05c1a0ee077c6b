"""Is a rehearsal, block for block, what is rendered of its run and preset? All shipped runs, all presets.

`python bench/exact.py [--run NAME] [--preset NAME] [--seconds 20] [--busy 2]`: plays each rehearsal in real
time (null sink) beside so many busy programs, renders it, and compares every sample of the two files. With
`--seconds 0` runs are played to their end. For each: blocks compared, blocks equal, the first that differs,
frames that came late to the sound, dropouts.
"""

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import soundfile

from instrument.offline import render_sound
from instrument.runs.pace import first_block
from instrument.runs.reel import Reel
from instrument.runs.tape import find_run
from instrument.set_list import FIRST
from instrument.show_house import house_of_show
from instrument.signals import places
from instrument.signals.show import END_FADE_S

RATE, BLOCK = 48_000, 256
PERFORM = [sys.executable, "-c", "from instrument.cli import perform; perform()"]
WORDS = (
    "--headless", "--sound", "null", "--size", "320x180", "--no-midi", "--no-query", "--no-announce",
    "--no-standby", "--osc-port", "9926",
)  # fmt: skip
SLACK_S = 0.2
"""A show that is ended in the middle begins its last fade so long before it is gone, and a little more."""


@contextmanager
def busy(programs: int) -> Iterator[None]:
    """So many others work as hard as they can."""
    code = "while True: sum(range(100_000))"
    workers = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(programs)]
    try:
        yield
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()


def rehearse(run: Path, preset: str, seconds: float, folder: Path) -> tuple[Path, dict]:
    """The capture of a rehearsal, and its report."""
    capture, report = folder / "rehearsed.wav", folder / "report.json"
    words = [*WORDS, "--capture", str(capture), "--report", str(report)]
    if seconds:
        words += ["--seconds", str(seconds)]
    show = subprocess.run(
        [*PERFORM, "--rehearse", str(run), "--preset", preset, *words],
        stderr=subprocess.PIPE, text=True, env={**os.environ, "TWOS_AND_SEVENS_HOME": str(folder)},
    )  # fmt: skip
    if show.returncode:
        raise SystemExit(show.stderr)
    return capture, json.loads(report.read_text())


def blocks_of(path: Path) -> np.ndarray:
    """int32 (blocks, samples)."""
    samples, _ = soundfile.read(path, dtype="int32")
    return samples[: len(samples) // BLOCK * BLOCK].reshape(-1, BLOCK * samples.shape[1])


def compare(run: Path, preset: str, seconds: float, programs: int) -> str:
    """One run through one preset, in a line."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with busy(programs):
            capture, report = rehearse(run, preset, seconds, folder)
        played = blocks_of(capture)[first_block(0, BLOCK / RATE) :]
        length_s = Reel(run).length_s
        end_s = min(length_s, len(played) * BLOCK / RATE + 1.0)
        wave = folder / "rendered.wav"
        render_sound(run, preset, wave, house_of_show(preset), end_s=end_s)
        rendered = blocks_of(wave)
        faded = math.ceil((END_FADE_S + SLACK_S) * RATE / BLOCK)
        whole = math.ceil(length_s * RATE / BLOCK)
        count = min(whole, len(rendered), len(played) - faded if seconds else len(played))
        equal = (played[:count] == rendered[:count]).all(axis=1)
        first = "none" if equal.all() else str(int(np.argmin(equal)))
        sound = report["sound"]
        return (
            f"{run.stem:<22}{preset:<34}{count:>7} blocks{np.count_nonzero(equal):>7} equal  "
            f"first other {first:<6} late {sound['late_frames']:<4} dropouts {sound['dropouts']}"
        )


def main() -> None:
    """Compare, and tell."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", action="append")
    parser.add_argument("--preset", action="append")
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--busy", type=int, default=2)
    words = parser.parse_args()
    for run in words.run or places.names("runs", (".mcap",)):
        for preset in words.preset or FIRST:
            print(compare(find_run(run), preset, words.seconds, words.busy), flush=True)


if __name__ == "__main__":
    main()
