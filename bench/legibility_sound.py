"""Heard, not claimed: whether a plain classifier can tell from the sound what state the network is in.

`python bench/legibility_sound.py` cuts clips of four seconds from recorded runs of six nets in five states,
teaches a plain classifier ordinary audio features of four runs, and asks it about the two others; all
fifteen splits. `--preset NAME` (again for more), `--all` for every shipped preset; `--write-docs` writes
what was measured to docs/legibility.md. Runs and sounds are made once and kept in the user's cache folder.
"""

import argparse
import time
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import legibility_classes as classes
import numpy as np
from legibility_labels import STATES, Clip
from legibility_pages import percent, write_section
from legibility_pages import spread as range_of
from legibility_render import heard
from legibility_runs import DETOURS, SEEDS, run_of

from instrument.runs.tape import Tape
from instrument.signals import places

PER_STATE = 5
"""Clips of each state that are taken from a run at the most."""
COARSE = ("rms_mean", "centroid_mean", "flatness_mean", "onsets", "crest", "width")
"""What anybody hears: loud, bright, hissing, busy, spiky, wide."""
PAGE = Path(__file__).resolve().parent.parent / "docs" / "legibility.md"


@dataclass(frozen=True)
class Result:
    """What came of one preset."""

    preset: str
    clips: int
    runs: int
    played: classes.Trial
    levelled: classes.Trial
    coarse: classes.Trial
    shuffled: np.ndarray
    detour: float
    """Share right when learnt from the runs in the usual order and asked about those in the other."""
    matters: list[tuple[str, float]]
    confused: list[tuple[str, str, int, list[tuple[str, float]]]]
    """Pairs of states, those most often taken for one another and then the nearest first: how often, and
    the features in which they lie furthest apart."""
    noise: dict[str, float]
    """Share of the noise heard as such, by phase of the run."""


def measure(preset: str, runs: list[Path]) -> Result:
    """Everything about one preset."""
    names, played, levelled, who = heard(
        runs, preset, PER_STATE, lambda text: print(text, flush=True)
    )
    y = np.array([STATES.index(clip.state) for _, clip in who])
    run = np.array([number for number, _ in who])
    k = len(STATES)
    plain = classes.trial(played, y, run, k)
    mistaken = plain.confusion + plain.confusion.T
    near = []
    for i, j in combinations(range(k), 2):
        apart = classes.apart(played, y, names, i, j)[:5]
        far = float(np.mean([abs(d) for _, d in apart]))
        near.append((-int(mistaken[i, j]), far, STATES[i], STATES[j], apart))
    confused = [(one, other, -m, apart) for m, _, one, other, apart in sorted(near)[:4]]
    detour = np.isin(run, [n for n, path in enumerate(runs) if Tape(path).header.seed in DETOURS])
    return Result(
        preset, len(y), len(runs), plain, classes.trial(levelled, y, run, k),
        classes.trial(played[:, [names.index(name) for name in COARSE]], y, run, k),
        classes.shuffled(played, y, run, k), classes.asked_of(played, y, detour, k),
        classes.drops(played, y, run, names, k)[:8], confused,
        _by_phase(played, y, run, [clip for _, clip in who]),
    )  # fmt: skip


def _by_phase(
    x: np.ndarray, y: np.ndarray, runs: np.ndarray, clips: list[Clip]
) -> dict[str, float]:
    """One run left out at a time: share of noise heard right in each phase that shows noise."""
    phases = np.array([clip.phase for clip in clips])
    right = classes.left_out(x, y, runs, len(STATES))
    noisy = y == STATES.index("noise")
    return {p: float(right[noisy & (phases == p)].mean()) for p in sorted(set(phases[noisy]))}


def spread(trial: classes.Trial) -> str:
    """Mean and range over the splits."""
    return range_of(trial.accuracy, trial.right)


def page(results: list[Result], seeds: tuple[int, ...]) -> str:
    """The section of docs/legibility.md about sound."""
    lines = [
        f"{len(seeds)} nets, {results[0].clips // results[0].runs // len(STATES)} clips of each state "
        "from each; learnt from four nets, asked about the other two, all "
        "fifteen splits. Chance is 20%.",
        "",
        "| preset | right (worst to best split) | equally loud | six features | other order | shuffled |",
        "| --- | --- | --- | --- | --- | --- |",
    ]  # fmt: skip
    for r in results:
        control = range_of(r.shuffled, r.shuffled.mean())
        lines.append(
            f"| {r.preset} | {spread(r.played)} | {spread(r.levelled)} "
            f"| {spread(r.coarse)} | {percent(r.detour)} | {control} |"
        )
    for r in results:
        lines += [
            "",
            f"### {r.preset}",
            "",
            "Rows: what it was. Columns: what was heard. Counts.",
            "",
        ]
        lines += ["| | " + " | ".join(STATES) + " | right |", "| --- " * (len(STATES) + 2) + "|"]
        for state, row in zip(STATES, r.played.confusion, strict=True):
            share = row[STATES.index(state)] / row.sum()
            lines.append(f"| {state} | " + " | ".join(map(str, row)) + f" | {percent(share)} |")
        matters = ", ".join(f"{name} ({100 * lost:.1f})" for name, lost in r.matters if lost > 0)
        lines += [
            "",
            f"What matters most (points lost when it is shuffled): {matters or 'no one thing'}.",
        ]
        noise = ", ".join(f"{phase} {percent(share)}" for phase, share in r.noise.items())
        lines += ["", f"Noise heard as noise: {noise}."]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--preset", action="append", metavar="NAME", help="(glitch_organ)")
    parser.add_argument("--all", action="store_true", help="every shipped preset")
    parser.add_argument("--seeds", type=int, nargs="+", default=list(SEEDS))
    parser.add_argument("--runs", type=Path, nargs="+", help="recorded runs instead of the seeds'")
    parser.add_argument("--write-docs", action="store_true", help=f"write {PAGE.name}")
    words = parser.parse_args()
    shipped = sorted(path.stem for path in places.shipped("presets").glob("*.toml"))
    presets = shipped if words.all else words.preset or ["glitch_organ"]
    began_s = time.monotonic()
    runs = words.runs or [run_of(seed) for seed in words.seeds]
    results = [measure(preset, runs) for preset in presets]
    text = page(results, tuple(words.seeds))
    print(text)
    for r in results:
        print(f"\n{r.preset}: nearest pairs, where they lie apart (in standard deviations)")
        for one, other, count, apart in r.confused:
            said = ", ".join(f"{name} {d:+.1f}" for name, d in apart)
            print(f"  {one} / {other}, {count} times: {other} against {one}: {said}")
    if words.write_docs:
        write_section(PAGE, "sound", text)
    print(f"{time.monotonic() - began_s:.0f} s")


if __name__ == "__main__":
    main()
