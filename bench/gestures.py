"""How long a gesture takes to be seen, and how long the way back is: every scar, three strengths, n seeds.

``python bench/gestures.py [--seeds 5] [--only heat,fog] [--processes 2] [--minutes M] [--pages]``

It goes on where it stopped: nets and results are kept in the user's cache folder until the protocol, the
gesture or the training itself changes. Then docs/gestures.md, its figures and the numbers that the help
of the controls quotes (instrument/learning/data/gesture_times.json) are made from what there is, and
docs/controls.md follows.
"""

import argparse
import json
import multiprocessing
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from pathlib import Path
from typing import Any

from gesture_pages import Gesture, write_pages
from gesture_protocol import CACHE, Job, Strength, checkpoint, fingerprint, play

from instrument.learning.gestures import AMNESIA

RESULTS = CACHE / "gestures" / "results.jsonl"
RATES = {".001 (x2)": 1e-3, ".004 (x8)": 4e-3, ".015 (x30)": 1.5e-2}
FORGETTING = ("similarity_centred", "similarity_centred", "margin", "similarity_centred", "drift")


def levels(control: str, values: dict[str, float], **also: float) -> tuple[Strength, ...]:
    """One control held at three values."""
    return tuple(Strength(label, {control: value, **also}) for label, value in values.items())


def lengths(control: str) -> tuple[Strength, ...]:
    """A switch has no strength; it can only be held for longer."""
    return tuple(Strength(f"{n} steps", {control: 1.0}, steps=n) for n in (100, 200, 400))


def only_digits(label: str, digits: str) -> Strength:
    """D is shown these digits alone."""
    return Strength(label, {f"digit_{k}": 0.0 for k in range(10) if str(k) not in digits})


def acts(control: str, values: dict[str, float]) -> tuple[Strength, ...]:
    """One shot, in three strengths."""
    return tuple(Strength(label, act=(control, value), steps=0) for label, value in values.items())


GESTURES = (
    Gesture("rate_g", "similarity_centred", levels("rate_g", RATES),
            "The wall trembles at once, strokes fray into salt, then drawings grow alike. Given back, the "
            "discriminator is far ahead."),
    Gesture("rate_d", "margin", levels("rate_d", RATES),
            "The discriminator stumbles and tells nothing apart; the wall goes on, slower and smoother. "
            "More is heard than seen; only at x30 a burst of noise comes first."),
    Gesture("heat", "flatness", levels("heat", {"x2": 2, "x8": 8, "x30": 30}),
            "The wall trembles at once and goes to salt; it may settle again while it is still hot. At "
            "x30 the generator can die: nearly one glyph, and the discriminator is always right."),
    Gesture("tilt_g", "similarity_centred", levels("tilt", {"4:1": 4, "16:1": 16, "64:1": 64}),
            "The generator runs ahead: noise and a few digits by turns, all of them alike.",
            control="tilt"),
    Gesture("tilt_d", "drift", levels("tilt", {"1:4": 1 / 4, "1:16": 1 / 16, "1:64": 1 / 64}),
            "The wall slows to a standstill and smooths its strokes: the generator hardly moves.",
            control="tilt"),
    Gesture("greed", "similarity_centred", levels("greed", {"3": 3, "10": 10, "50": 50}),
            "A slow rot: the generator learns what the discriminator has not yet seen through, noise "
            "first, then few digits."),
    Gesture("helvetica", "similarity_centred", lengths("helvetica"),
            "The discriminator stands still and the generator finds its blind spot: drawings grow alike "
            "and noisy. One glyph needs `collapse`."),
    Gesture("tyrant", "margin", lengths("tyrant"),
            "The wall stands stock-still while the discriminator grows sure of everything."),
    Gesture("collapse", "similarity_centred", levels("collapse", {".5": 0.5, ".7": 0.7, ".9": 0.9}),
            "All tiles become the drawing that the discriminator believes most; let go, they are driven "
            "apart."),
    Gesture("funnel_scar", "similarity_centred",
            levels("funnel", {"to .7": 0.7, "to .3": 0.3, "to 0": 0.0}, funnel_scar=1.0),
            "All samples are alike at once; then the generator learns to draw all digits from the little "
            "that is left of its latents."),
    Gesture("twos_and_sevens", "divergence",
            (only_digits("0 to 4", "01234"), Strength("2 and 7", {"twos_and_sevens": 1.0}),
             only_digits("2 alone", "2")),
            "The other digits go one by one; they come back as soon as they are shown again."),
    Gesture("starve", "similarity_centred",
            levels("starve", {"1,000 images": 1000, "32 images": 32, "1 image": 1}),
            "The discriminator knows its few images by heart and becomes a tyrant; the drawings thin "
            "out and grow alike."),
    Gesture("blinkers", "margin", levels("blinkers", {".3": 0.3, ".6": 0.6, ".9": 0.9}),
            "The discriminator tells little apart and the wall slows; the drawings themselves hold."),
    Gesture("clamp", "slope", levels("clamp", {"1": 1, "10": 10, "100": 100}),
            "The salt goes out of the drawings, then their outlines: smoother, slower, blurred."),
    Gesture("flywheel", "flatness", levels("flywheel", {".6": 0.6, ".9": 0.9, ".97": 0.97}),
            "Nothing at first, then a swing that overshoots into noise."),
    Gesture("fog", "margin", levels("fog", {".3": 0.3, ".8": 0.8, "1.5": 1.5}),
            "Hardly anything: it steadies. It dulls the discriminator, which is heard rather than seen."),
    Gesture("liar", "margin", levels("liar", {".1": 0.1, ".3": 0.3, ".5": 0.5}),
            "The discriminator loses its certainty; strokes roughen a little."),
    Gesture("gravel", "drift", levels("gravel", {"x1": 1, "x5": 5, "x20": 20}),
            "The wall slows and smooths: Adam divides the noise away, and most of the learning with it."),
    Gesture("choir", "margin", lengths("choir"),
            "Nothing, on a healthy net: it is a cure."),
    Gesture("quake", "slope", acts("quake", {".05": 0.05, ".2": 0.2, "1": 1.0}),
            "Nothing below .2; a strong one is a jolt: strokes roughen at once and mend slowly."),
    Gesture("amnesia", "similarity_centred",
            tuple(Strength(kind, act=("amnesia", number), steps=0) for number, kind in enumerate(AMNESIA)),
            "Noise at once when the generator forgets; nearly nothing when only the discriminator or the "
            "momentum does.", witnesses=FORGETTING, quoted=("last_layer", "both")),
    Gesture("anti", "similarity_centred",
            tuple(Strength(f"{n} steps", act=("anti", n), steps=n) for n in (20, 60, 200)),
            "The drawings run to noise and grey within the blink of an eye."),
    Gesture("nothing", "similarity_centred", (Strength("", steps=1600),), "Nobody does anything."),
)  # fmt: skip


def jobs_of(seeds: Sequence[int], names: Sequence[str]) -> list[Job]:
    """Seed by seed, so that an early end leaves every gesture measured."""
    return [
        Job(gesture.name, strength, gesture.witness_of(strength), seed)
        for seed in seeds
        for gesture in GESTURES
        for strength in gesture.strengths
        if not names or gesture.name in names
    ]


def known() -> dict[str, dict[str, Any]]:
    """Results by their key; a line that was cut off is left out."""
    found = {}
    for line in RESULTS.read_text(encoding="utf-8").splitlines() if RESULTS.exists() else ():
        try:
            record = json.loads(line)
        except ValueError:
            continue
        found[record["key"]] = record["result"]
    return found


def remember(key: str, result: dict[str, Any]) -> None:
    """One more line."""
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    with RESULTS.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"key": key, "result": result}, separators=(",", ":")) + "\n")


def work(
    function: Callable[[Any], dict[str, Any]], todo: dict[str, Any], processes: int, until_s: float
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Results by key as they come; nothing new is begun after `until_s`."""
    waiting = list(todo.items())
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=spawn) as pool:
        running = {}
        while True:
            while waiting and len(running) < processes and time.monotonic() < until_s:
                key, what = waiting.pop(0)
                running[pool.submit(function, what)] = key
            if not running:
                return
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                yield running.pop(future), future.result()


def print_stand(stand: dict[str, Any]) -> None:
    """How healthy a checkpoint is."""
    means = stand["means"]
    print(
        f"seed {stand['seed']}: healthy in {stand['healthy']:.0%} of the measured steps, modes "
        f"{means['modes']:.2f}, similarity_centred {means['similarity_centred']:.3f}, divergence "
        f"{means['divergence']:.3f}, accuracy {means['accuracy']:.2f}",
        flush=True,
    )


def measure(jobs: Sequence[Job], mark: str, processes: int, until_s: float) -> None:
    """Whatever is not known yet: first the nets, then the gestures."""
    done = known()
    nets = {stand_key(job.seed, mark): job.seed for job in jobs}
    for key, stand in work(checkpoint, _unknown(nets, done), processes, until_s):
        remember(key, stand)
        print_stand(stand)
    todo = _unknown({job.key(mark): job for job in jobs}, done)
    print(f"{len(jobs) - len(todo)} of {len(jobs)} runs are known", flush=True)
    begin = time.monotonic()
    for number, (key, result) in enumerate(work(play, todo, processes, until_s), 1):
        remember(key, result)
        left_s = (time.monotonic() - begin) / number * (len(todo) - number)
        print(
            f"{number} of {len(todo)}: {result['gesture']} {result['strength']}, seed {result['seed']}: "
            f"seen {result['seen']}, held {result['held']}, back {result['alone']}, healed "
            f"{result['heal']} {result['states']} {result['burst'] and 'burst: ' + result['burst']}"
            f" ({left_s / 60:.0f} minutes to go)",
            flush=True,
        )


def _unknown(wanted: dict[str, Any], done: dict[str, Any]) -> dict[str, Any]:
    return {key: what for key, what in wanted.items() if key not in done}


def stand_key(seed: int, mark: str) -> str:
    """Where a checkpoint's own numbers are kept."""
    return Job("checkpoint", Strength(""), "", seed).key(mark)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--only", default="", help="gestures, with commas between")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--minutes", type=float, default=1e6, help="begin nothing new after these")
    parser.add_argument("--pages", action="store_true", help="only make the pages anew")
    words = parser.parse_args()
    names = [name for name in words.only.split(",") if name]
    if unknown := set(names) - {gesture.name for gesture in GESTURES}:
        parser.error(f"no gesture is called {', '.join(sorted(unknown))}")
    seeds = range(1, words.seeds + 1)
    mark = fingerprint([strength for gesture in GESTURES for strength in gesture.strong])
    if not words.pages:
        until_s = time.monotonic() + 60.0 * words.minutes
        measure(jobs_of(seeds, names), mark, words.processes, until_s)
    done, all_jobs = known(), jobs_of(seeds, ())
    runs = {
        (job.gesture, job.strength.label, job.seed): done[key]
        for job in all_jobs
        if (key := job.key(mark)) in done
    }
    stands = {seed: done[key] for seed in seeds if (key := stand_key(seed, mark)) in done}
    if not runs:
        raise SystemExit("nothing has been measured yet")
    write_pages(GESTURES, runs, stands, seeds, len(all_jobs))
    print(f"pages made from {len(runs)} of {len(all_jobs)} runs")
    docs = subprocess.run([Path(sys.executable).parent / "instrument", "docs"], check=False)
    if docs.returncode:
        print("docs/controls.md is as it was: `instrument docs` did not work; run it again later")


if __name__ == "__main__":
    main()
