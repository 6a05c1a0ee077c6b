"""Is a rehearsal, block for block, what is rendered of its run and preset? All shipped runs, all presets.

`python bench/exact.py [--run NAME] [--preset NAME] [--seconds 20] [--busy 2]`: plays each rehearsal in real
time (null sink) beside so many busy programs, renders it, and compares every sample of the two files. With
`--seconds 0` runs are played to their end. For each: blocks compared, blocks equal, the first that differs,
frames that came late to the sound, dropouts.
"""

import argparse
import math
import sys
import tempfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))
from exact_stand import BLOCK, RATE, busy, rehearse, render  # noqa: E402

from instrument.runs.reel import Reel  # noqa: E402
from instrument.runs.tape import find_run  # noqa: E402
from instrument.set_list import FIRST  # noqa: E402
from instrument.signals import places  # noqa: E402
from instrument.signals.show import END_FADE_S  # noqa: E402

SLACK_S = 0.2
"""A show that is ended in the middle begins its last fade so long before it is gone, and a little more."""


def compare(run: Path, preset: str, seconds: float, programs: int) -> str:
    """One run through one preset, in a line."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with busy(programs):
            words = ("--seconds", str(seconds)) if seconds else ()
            rehearsed = rehearse(run, preset, folder, *words)
        played = rehearsed.blocks
        length_s = Reel(run).length_s
        end_s = min(length_s, len(played) * BLOCK / RATE + 1.0)
        rendered = render(run, preset, folder, end_s)
        faded = math.ceil((END_FADE_S + SLACK_S) * RATE / BLOCK)
        whole = math.ceil(length_s * RATE / BLOCK)
        count = min(whole, len(rendered), len(played) - faded if seconds else len(played))
        equal = (played[:count] == rendered[:count]).all(axis=1)
        first = "none" if equal.all() else str(int(np.argmin(equal)))
        dropouts = rehearsed.report["sound"]["dropouts"]
        return (
            f"{run.stem:<22}{preset:<34}{count:>7} blocks{np.count_nonzero(equal):>7} equal  "
            f"first other {first:<6} late {rehearsed.late:<4} dropouts {dropouts}"
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
