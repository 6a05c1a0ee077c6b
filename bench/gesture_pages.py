"""What `gestures.py` measured: docs/gestures.md, one figure a gesture, and what the help quotes."""

import io
import json
import math
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from gesture_protocol import (
    AT,
    BACK_LIMIT,
    BACK_ROWS,
    BACK_SD,
    BACK_STAYS,
    BEFORE,
    EVERY,
    HOLD,
    NET,
    PICTURE,
    SEEN_LIMIT,
    SEEN_MOST,
    SEEN_OF,
    SEEN_SD,
    TOLERANCE,
    TRAINED,
    Strength,
    Usual,
    seen_at,
)
from PIL import Image

from instrument.learning.timings import FILE as TIMES

DOCS = Path(__file__).parent.parent / "docs"
UNDISTURBED = "nothing"
AT_ONCE = BACK_ROWS * EVERY // 2
"""Half a window of running medians is no time at all."""
PANELS = ("similarity_centred", "flatness", "reject", "modes", "accuracy")
RANGES = {
    "similarity_centred": (-0.05, 1), "flatness": (0, 1), "reject": (0, 1), "modes": (0, 10.5),
    "accuracy": (0, 1.03), "divergence": (0, 2.35),
}  # fmt: skip
INKS = (("#b4b4b4", "-"), ("#707070", "-"), ("#000000", "-"), ("#707070", ":"), ("#000000", ":"))

Run = dict[str, Any]
Runs = Mapping[tuple[str, str, int], Run]


@dataclass(frozen=True)
class Gesture:
    """A row of the table. `witness` is the stream that tells; `control` what it is played with."""

    name: str
    witness: str
    strengths: tuple[Strength, ...]
    sees: str
    control: str = ""
    witnesses: tuple[str, ...] = ()
    """One for each strength, where they differ."""
    quoted: tuple[str, ...] = ()
    """Strengths that the help quotes; else the middle one."""

    def witness_of(self, strength: Strength) -> str:
        return self.witnesses[self.strengths.index(strength)] if self.witnesses else self.witness

    @property
    def strong(self) -> list[Strength]:
        labels = self.quoted or (self.strengths[len(self.strengths) // 2].label,)
        return [strength for strength in self.strengths if strength.label in labels]


# Numbers in words.


def spread(values: Sequence[float]) -> tuple[float, float, float]:
    """First quartile, median, third quartile, each one of the values; infinite is beyond a limit."""
    low, middle, high = np.quantile(values, (0.25, 0.5, 0.75), method="inverted_cdf")
    return float(low), float(middle), float(high)


def _of(runs: Sequence[Run], name: str) -> list[float]:
    return [math.inf if run[name] is None else float(run[name]) for run in runs]


def _seen(runs: Sequence[Run]) -> list[Run]:
    return [run for run in runs if run["seen"] is not None]


def _back(runs: Sequence[Run]) -> list[Run]:
    """Those from which there is a way back: seen, and not burst under the gesture."""
    return [run for run in _seen(runs) if run["burst"] != "held"]


def cell(values: Sequence[float], limit: int) -> str:
    """``310 (240 to 420)``, and how many of how many where not all were within the limit."""
    if not values:
        return "-"
    within = [value for value in values if value < math.inf]
    if not within:
        return f"not within {limit:,}"
    low, middle, high = spread(values)
    beyond = f"> {limit:,}"
    words = beyond if middle == math.inf else f"{middle:,.0f}"
    if len(values) > 1 and low < math.inf:
        words += f" ({low:,.0f} to {beyond if high == math.inf else f'{high:,.0f}'})"
    return words + (f", {len(within)} of {len(values)}" if len(within) < len(values) else "")


def sentence(strength: Strength, runs: Sequence[Run]) -> str:
    """What a performer wants to know of one strength."""
    label, seen, back = strength.label, _seen(runs), _back(runs)
    if not _is_seen(runs):
        return f"{label}: hardly seen on a healthy net ({len(seen)} of {len(runs)} within {SEEN_LIMIT})"
    low, middle, high = spread(_of(runs, "seen"))
    some = "" if low == high else f" ({low:.0f} to {min(high, SEEN_LIMIT):.0f})"
    words = f"{label}: seen after {middle:.0f} steps{some}{_share(_of(runs, 'seen'))}"
    if 2 * len(back) <= len(seen):
        return f"{words}, bursts: the guard takes it back"
    every = {"by itself": _of(back, "alone"), "by heal": _of(back, "heal")}
    ways = {way: spread(values)[1] for way, values in every.items()}
    if all(max(values) < AT_ONCE for values in every.values()):
        return f"{words}, back at once, whichever way"
    said = [
        f"{_after(steps)} {way}{_share(every[way])}"
        for way, steps in ways.items()
        if steps < math.inf
    ]
    never = [way for way, steps in ways.items() if steps == math.inf]
    if said:
        words += f", back {', '.join(said)}"
    if never:
        words += f", not back {' or '.join(never)} within {BACK_LIMIT:,}"
    return f"{words}, at once by undo"


def _share(values: Sequence[float]) -> str:
    """`` (3 of 5)`` where not all got there."""
    within = sum(value < math.inf for value in values)
    return f" ({within} of {len(values)})" if within < len(values) else ""


def _after(steps: float) -> str:
    return f"in {steps:,.0f}" if steps >= AT_ONCE else "at once"


def quotes(gestures: Sequence[Gesture], runs: Runs, seeds: Sequence[int]) -> dict[str, str]:
    """Control to its sentence, of what has been measured."""
    said: dict[str, list[str]] = {}
    heals = []
    for gesture in gestures:
        for strength in quoted(gesture, runs, seeds):
            measured = of(runs, gesture, strength, seeds)
            if measured and gesture.name != UNDISTURBED:
                control = gesture.control or gesture.name
                said.setdefault(control, []).append(sentence(strength, measured))
                if back := _back(measured):
                    heals.append(spread(_of(back, "heal"))[1])
    words = {control: "; ".join(sentences) for control, sentences in said.items()}
    if "funnel_scar" in words:
        words["funnel"] = "as a veil at once, both ways; as a scar see funnel_scar"
    within = [steps for steps in heals if steps < math.inf]
    if within:
        low, middle, high = spread(within)
        words["heal"] = (
            f"back in {middle:.0f} steps ({low:.0f} to {high:.0f}) from "
            f"{len(within)} of {len(heals)} strong scars"
        )
    return words


def quoted(gesture: Gesture, runs: Runs, seeds: Sequence[int]) -> list[Strength]:
    """The strong one; where that is hardly seen, the wild one too."""
    strong, wild = gesture.strong, gesture.strengths[-1]
    if gesture.quoted or _is_seen(of(runs, gesture, strong[0], seeds)):
        return strong
    return [*strong, wild] if _is_seen(of(runs, gesture, wild, seeds)) else strong


def _is_seen(runs: Sequence[Run]) -> bool:
    """In most of the seeds."""
    return 2 * len(_seen(runs)) > len(runs)


def of(runs: Runs, gesture: Gesture, strength: Strength, seeds: Sequence[int]) -> list[Run]:
    """Those of one strength that have been made, by seed."""
    keys = [(gesture.name, strength.label, seed) for seed in seeds]
    return [runs[key] for key in keys if key in runs]


# The page.


def table(gestures: Sequence[Gesture], runs: Runs, seeds: Sequence[int]) -> list[str]:
    lines = [
        "| gesture | strength | witness | seen after | mostly | back by itself | back by heal | by undo |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for gesture in gestures:
        for strength in gesture.strengths:
            measured = of(runs, gesture, strength, seeds)
            if not measured or gesture.name == UNDISTURBED:
                continue
            back, bursts = _back(measured), [run["burst"] for run in measured if run["burst"]]
            states = [run["states"] for run in measured]
            mostly = max(sorted(set(states)), key=states.count) or "healthy"
            mostly += f"; {len(bursts)} of {len(measured)} burst" if bursts else ""
            lines.append(
                f"| {gesture.name} | {strength.label} | {gesture.witness_of(strength)} | "
                f"{cell(_of(measured, 'seen'), SEEN_LIMIT)} | {mostly if _seen(measured) else '-'} | "
                f"{cell(_of(back, 'alone'), BACK_LIMIT)} | {cell(_of(back, 'heal'), BACK_LIMIT)} | 0 |"
            )
    return lines


def undisturbed(gestures: Sequence[Gesture], runs: Runs, stands: Mapping[int, Run]) -> str:
    """How often the measure would have cried wolf."""
    witnesses = sorted({gesture.witness_of(s) for gesture in gestures for s in gesture.strengths})
    quiet = [run for (name, _, _), run in runs.items() if name == UNDISTURBED]
    if not quiet:
        return "An undisturbed training was not measured yet."
    wolves, strays = [], []
    for run in quiet:
        rows = run["trace"]["held"]
        for witness in witnesses:
            usual = Usual(witness, stands[run["seed"]]["rows"])
            first = seen_at([usual.is_off(row) for row in rows[: SEEN_LIMIT // EVERY]])
            wolves += [witness] if first is not None else []
            strays += [] if usual.is_back(rows[-BACK_ROWS:]) else [witness]
    cases = len(quiet) * len(witnesses)
    steps = len(quiet[0]["trace"]["held"]) * EVERY

    def named(which: list[str]) -> str:
        return f" ({', '.join(sorted(set(which)))})" if which else ""

    return (
        f"The control: the same nets trained on with nobody near them. Of {cases} cases "
        f"({len(quiet)} x {len(witnesses)} witnesses) something was 'seen' within {SEEN_LIMIT} steps "
        f"in {len(wolves)}{named(wolves)}; after {steps:,} steps {len(strays)} were not what is called "
        f"back{named(strays)}."
    )


def page(
    gestures: Sequence[Gesture], runs: Runs, stands: Mapping[int, Run], seeds: Sequence[int],
    wanted: int,
) -> str:  # fmt: skip
    """docs/gestures.md."""
    lines = [
        "# Gestures: how long until it is seen, how long the way back", "",
        "<!-- made by `python bench/gestures.py`; what is below this line is overwritten -->", "",
        "Two kinds, shown differently. A *veil* touches only what is shown and heard: at once, both",
        "ways, nothing to measure. A *scar* touches the training itself. Before every scar a snapshot",
        "is taken, so `undo` is exact and at once (0 steps, bit for bit; tests/learning proves it).",
        "This page is about the other ways back: letting go, and letting go with `heal`.", "",
        f"**{len(runs)} of {wanted} runs** are in here; seeds: {', '.join(map(str, seeds))}.", "",
        "## Protocol", "",
        *_protocol_lines(), "",
        *textwrap.wrap(undisturbed(gestures, runs, stands), 110), "",
        "| seed | healthy | modes | similarity_centred | divergence | accuracy | flatness |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        *(_stand_line(stands[seed]) for seed in seeds if seed in stands), "",
        "## Times", "",
        *table(gestures, runs, seeds), "",
        "## What one sees", "",
        f"The first seed ({seeds[0]}), medians of 5 measured steps: the gentle strength in pale grey, the",
        "strong in grey, the wild in black. Left: let go. Right: let go and healed. The grey field is",
        "the gesture, the pale stripe what is usual (+- 3 sd), a dot is *back*; a line that ends without",
        "a dot was not back in time, or never seen.", "",
    ]  # fmt: skip
    for gesture in gestures:
        if gesture.name != UNDISTURBED and any(key[0] == gesture.name for key in runs):
            picture = f"![{gesture.name} over steps](gestures/{gesture.name}.png)"
            lines += [f"### {gesture.name}", "", gesture.sees, "", picture, ""]
    return "\n".join(lines).rstrip() + "\n"


def _protocol_lines() -> list[str]:
    near = ", ".join(f"{name} {value:g}" for name, value in TOLERANCE.items())
    said = (
        f"The net is the default ({NET}) after {TRAINED:,} steps; one for each seed. {BEFORE} steps "
        f"tell what is usual; every {EVERY}th step is measured, `modes` and `divergence` over the "
        "last 512 samples.",
        f"*Seen*: the witness is beyond mean +- {SEEN_SD:g} sd, or `state` is not healthy, in "
        f"{SEEN_MOST} of {SEEN_OF} measured steps on end; dated at the first. Within {SEEN_LIMIT} "
        "steps, or not.",
        f"*Held*: {HOLD} steps, or on until it is seen. Where the strength is a number of steps, "
        "exactly so long; one shots are not held. Then, twice from the same moment, everything at "
        "rest: by itself, and with `heal`.",
        f"*Back*: the state of the running medians over {BACK_ROWS} measured steps is healthy, and "
        f"the medians of the witness and of the picture ({', '.join(PICTURE)}) are within "
        f"{BACK_SD:g} sd and a little ({near}) of usual; {BACK_STAYS} times on end. Dated at the "
        f"middle of the first window, so less than {AT_ONCE} steps means *at once*. "
        f"Within {BACK_LIMIT:,} steps, or not.",
        "Numbers are steps: median (first to third quartile) over the seeds, *n of m* where not all "
        "got there; ways back are of those that were seen. *Mostly* is the state it was in for at "
        "least 40 steps from when it was seen to the end of the way back.",
        "A training that bursts (not finite) is taken back by the guard; that is no way back, and is "
        "said.",
    )
    return [
        line for words in said for line in textwrap.wrap(f"- {words}", 110, subsequent_indent="  ")
    ]


def _stand_line(stand: Run) -> str:
    names = ("modes", "similarity_centred", "divergence", "accuracy", "flatness")
    numbers = " | ".join(f"{stand['means'][name]:.3g}" for name in names)
    return f"| {stand['seed']} | {stand['healthy']:.0%} of measured steps | {numbers} |"


# The figures.


def draw(gesture: Gesture, runs: Runs, stand: Run, into: Path) -> None:
    """One figure: streams over steps, a line for each strength; left alone, right healed."""
    seed = stand["seed"]
    lines = [
        (strength, runs[key], INKS[number])
        for number, strength in enumerate(gesture.strengths)
        if (key := (gesture.name, strength.label, seed)) in runs
    ]
    named = [gesture.witness_of(strength) for strength in gesture.strengths]
    panels = list(dict.fromkeys((*named, *PANELS)))[:5]
    before = np.array(stand["rows"])
    figure, grid = plt.subplots(
        len(panels), 2, figsize=(9.2, 1.15 * len(panels) + 0.9), sharex="col", sharey="row"
    )
    for column, way in enumerate(("alone", "heal")):
        last = max(len(run["trace"]["held"]) + len(run["trace"][way]) for _, run, _ in lines)
        for name, axes in zip(panels, grid[:, column], strict=True):
            middle, sd = before[:, AT[name]].mean(), before[:, AT[name]].std()
            axes.axhspan(middle - 3 * sd, middle + 3 * sd, color="#efefef", lw=0)
            axes.axvline(0, color="#d0d0d0", lw=0.8)
            for strength, run, ink in lines:
                end = len(run["trace"]["held"]) * EVERY
                axes.axvspan(0, end, color="#000000", alpha=0.05, lw=0)
                _line(axes, before, run, way, name, ink, strength.label)
            axes.set_xlim(-BEFORE, (last + 8) * EVERY)
            if name in RANGES:
                axes.set_ylim(*RANGES[name])
            axes.spines[["top", "right"]].set_visible(False)
            axes.tick_params(labelsize=7, length=2)
            if not column:
                star = "*" if name in named else ""
                axes.set_ylabel(f"{name.replace('_', chr(10))}{star}", fontsize=7)
        grid[0, column].set_title(
            "let go, by itself" if way == "alone" else "let go and healed", fontsize=8, loc="left"
        )
        grid[-1, column].set_xlabel("steps since the gesture began", fontsize=7)
    figure.suptitle(f"{gesture.name}   (* the witness)", fontsize=9, x=0.01, ha="left")
    handles, labels = grid[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, fontsize=8, frameon=False, loc="upper right", ncols=len(lines))
    figure.tight_layout(h_pad=0.3)
    _save(figure, into / f"{gesture.name}.png")


def _line(
    axes: Any, before: np.ndarray, run: Run, way: str, name: str, ink: tuple[str, str], label: str
) -> None:
    held, after = run["trace"]["held"], run["trace"][way]
    rows = np.array([*before.tolist(), *held, *after])
    steps = (np.arange(len(rows)) + 1 - len(before)) * EVERY
    values = _median5(rows[:, AT[name]])
    shade, style = ink
    axes.plot(steps, values, color=shade, ls=style, lw=0.9, label=label)
    if run[way] is not None:
        at = len(held) * EVERY + run[way]
        where = min(len(values) - 1, int(np.searchsorted(steps, at)))
        axes.plot(at, values[where], "o", color=shade, ms=3)


def _median5(values: np.ndarray) -> np.ndarray:
    padded = np.pad(values, 2, mode="edge")
    return np.median(np.lib.stride_tricks.sliding_window_view(padded, 5), axis=-1)


def _save(figure: Any, path: Path) -> None:
    """A png of few greys: small."""
    drawn = io.BytesIO()
    figure.savefig(drawn, dpi=100, format="png")
    plt.close(figure)
    drawn.seek(0)
    Image.open(drawn).convert("L").quantize(32).save(path, optimize=True)


# All of it.


def _seeds(seeds: Sequence[int]) -> str:
    return f"{len(seeds)} seed{'s' if len(seeds) != 1 else ''}"


def write_pages(
    gestures: Sequence[Gesture], runs: Runs, stands: Mapping[int, Run], seeds: Sequence[int],
    wanted: int,
) -> None:  # fmt: skip
    """Everything that follows from the runs that have been made; `wanted`: how many there shall be."""
    folder = DOCS / "gestures"
    folder.mkdir(parents=True, exist_ok=True)
    for gesture in gestures:
        drawn = any(key[0] == gesture.name and key[2] == seeds[0] for key in runs)
        if drawn and gesture.name != UNDISTURBED:
            draw(gesture, runs, stands[seeds[0]], folder)
    (DOCS / "gestures.md").write_text(page(gestures, runs, stands, seeds, wanted), encoding="utf-8")
    about = (
        f"made by bench/gestures.py ({len(runs)} of {wanted} runs, {_seeds(seeds)}; {NET} at {TRAINED} "
        "steps): medians (quartiles) in steps, see docs/gestures.md"
    )
    told = {"about": about, "help": dict(sorted(quotes(gestures, runs, seeds).items()))}
    TIMES.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
