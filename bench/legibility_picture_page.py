"""The section of docs/legibility.md about the picture."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from legibility_classes import Trial
from legibility_labels import STATES
from legibility_pages import percent, spread
from legibility_picture_render import RATE, SHOWS_SAMPLES, SIZE, own_picture

from instrument.signals import places


@dataclass(frozen=True)
class Result:
    """What came of one scene."""

    name: str
    whole: Trial
    coarse: Trial
    shuffled: np.ndarray
    detour: float
    """Share right when learnt from the runs in the usual order and asked about those in the other."""
    noise: Mapping[str, float]
    """Share of the noise seen as such, by phase of the run."""
    matters: Sequence[tuple[str, float]]

    @property
    def by_state(self) -> np.ndarray:
        """Share right of each of STATES."""
        shares: np.ndarray = np.diag(self.whole.confusion) / self.whole.confusion.sum(axis=1)
        return shares


def page(
    looks: Sequence[Result],
    own: Sequence[Result],
    together: Sequence[Result],
    inside: Mapping[str, Sequence[Result]],
    clips: int,
    runs: int,
) -> str:
    """`looks` by themselves, presets' `own` pictures, looks `inside` presets; so many clips and runs."""
    worst = min(looks, key=lambda result: result.whole.right)
    mean = np.mean([result.whole.right for result in looks])
    first = looks[0]
    lines = [
        f"{runs} nets, {clips // runs // len(STATES)} clips of each state from each; learnt from "
        f"{runs - 2}, asked about the other two, all {len(first.whole.accuracy)} splits. Chance is 20%. "
        f"A look by itself: {percent(float(mean))} right on the whole, the worst look ({worst.name}) "
        f"{percent(worst.whole.right)}.", "",
        f"Drawn at {SIZE[0]}x{SIZE[1]}, {RATE} pictures a second, from the beginning of each run, with the "
        "flash guard on and in silence (no look hears anything). Features, as means and deviations over "
        "a clip: mean and deviation of the light, its histogram in eight steps, edges across and down, the "
        "light of a grid of 4x3, the share of coloured pixels, the slope of the spectrum of rows and of "
        "columns, the change from picture to picture and over a second. *Six features*: light, contrast, "
        "edges across and down, colour, change over a second, what anybody sees.", "",
        "Left out, because they show samples as images, where the network would be judged by what it "
        "draws: " + ", ".join(f"{name} ({why})" for name, why in SHOWS_SAMPLES.items()) + ".", "",
        "### Looks by themselves", "",
        "No route moves anything; what is seen is what the look itself reads.", "",
        *_table("look", looks),
        "",
        "Together: every look seen at once; and one classifier for all, not told which look it sees, "
        "where dark may mean one thing in this look and another in that.", "",
        *_table("looks", together),
    ]  # fmt: skip
    lines += _confusion(looks)
    if own:
        lines += ["", "### The presets' own pictures", "", *_table("preset", own), "", _walls()]
    for preset, results in inside.items():
        lines += ["", f"### The same looks in {preset}", "", *_table("look", results)]
    return "\n".join([*lines, "", *_caveats(looks)])


def _table(what: str, results: Sequence[Result]) -> list[str]:
    lines = [
        f"| {what} | right (worst to best split) | " + " | ".join(STATES)
        + " | six features | other order | shuffled |",
        "| --- " * (len(STATES) + 5) + "|",
    ]  # fmt: skip
    for r in results:
        states = " | ".join(percent(share) for share in r.by_state.tolist())
        lines.append(
            f"| {r.name} | {spread(r.whole.accuracy, r.whole.right)} | {states} "
            f"| {spread(r.coarse.accuracy, r.coarse.right)} | {percent(r.detour)} "
            f"| {spread(r.shuffled, float(r.shuffled.mean()))} |"
        )
    return lines


def _confusion(looks: Sequence[Result]) -> list[str]:
    """All answers about the looks by themselves, and what was mistaken most in each."""
    whole = sum(result.whole.confusion for result in looks)
    lines = ["", "Rows: what it was. Columns: what was seen. Counts, all looks by themselves.", ""]
    lines += ["| | " + " | ".join(STATES) + " |", "| --- " * (len(STATES) + 1) + "|"]
    lines += [
        f"| {state} | " + " | ".join(map(str, row)) + " |"
        for state, row in zip(STATES, np.asarray(whole).tolist(), strict=True)
    ]
    said = [f"{r.name} {mistake}" for r in looks if (mistake := _mistake(r.whole.confusion))]
    lines += ["", "Mistaken most often: " + "; ".join(said or ["nothing"]) + "."]
    matters = [
        f"{r.name} " + ", ".join(f"{name} ({100 * lost:.1f})" for name, lost in r.matters)
        for r in looks
        if r.matters
    ]
    return [
        *lines, "", "What matters most (points lost when it is shuffled): "
        + ("; ".join(matters) or "no one thing in any look") + ".",
    ]  # fmt: skip


def _mistake(confusion: np.ndarray) -> str:
    """The pair most often taken one for the other; empty where all is right."""
    wrong = confusion - np.diag(np.diag(confusion))
    if not wrong.any():
        return ""
    was, seen = np.unravel_index(wrong.argmax(), wrong.shape)
    return f"{STATES[was]} as {STATES[seen]} ({wrong.max()} of {confusion[was].sum()})"


def _walls() -> str:
    """Which presets have no picture of their own here."""
    names = sorted(path.stem for path in places.shipped("presets").glob("*.toml"))
    out = [f"{n} ({look})" for n in names if (look := own_picture(n)) in SHOWS_SAMPLES]
    return f"Left out, because they begin with a look that shows samples: {', '.join(out)}."


def _caveats(looks: Sequence[Result]) -> list[str]:
    phases = sorted({phase for result in looks for phase in result.noise})
    noise = ", ".join(
        f"{phase} {percent(float(np.mean([result.noise[phase] for result in looks])))}"
        for phase in phases
    )
    return [
        f"Noise seen as noise, over all looks by themselves: {noise}.", "",
        "### What this does not say", "",
        "- The names come from streams, and most looks draw streams: figures and scan_lines print them, "
        "class_pipes shows the judge's counts, binary_rain and test_pattern repeat their rows as "
        "`similarity_centred` rises while `reject` is low. That such a look can be read is partly so by "
        "construction; what is shown is that it survives being drawn, and on nets never seen.",
        "- The hand belongs to the state: collapse, amnesia and clamp are held while it lasts, and what "
        "they do to losses, gradients and weights is seen as well. Birth makes ten steps a second: its "
        "calm alone gives it away; *forgotten*, in the usual order at a hundred steps a second, has none.",
        "- A classifier sees averages over four seconds to the third decimal, and has seen several nets "
        "before. Who sees a look for the first time has neither; the six features are nearer to an eye.",
        f"- At {RATE} pictures a second hardly anything is left, in the next one, of what `feedback` lets "
        "stay; how much that adds on stage, at 60, is not measured.",
        "- One net, one kind of digits. Splits share runs: they are not so many independent tests.",
    ]  # fmt: skip
