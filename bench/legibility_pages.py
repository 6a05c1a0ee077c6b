"""docs/legibility.md: the protocol in plain words, and a section for each sense, written by its bench."""

from pathlib import Path

import numpy as np
from legibility_labels import SETTLE_S, WITNESSES
from legibility_runs import DETOUR, DETOURS, PHASES, SEEDS, Phase

SENSES = {"sound": "## Heard", "picture": "## Seen"}


def protocol() -> str:
    """How the runs are made and their seconds named."""
    rows = [
        f"| {p.name} | {p.seconds:g} s | {p.steps_per_s:g} | {_hand(p)} | {p.state or '-'} |"
        for p in PHASES
    ]
    rules = [
        f"| {state} | " + ", ".join(_range(name, *ends) for name, ends in ranges.items()) + " |"
        for state, ranges in WITNESSES.items()
    ]
    return "\n".join([
        "# Whether the network can be heard and seen", "",
        "<!-- made by bench/legibility_*.py; what lies between the marks is overwritten -->", "",
        "Somebody who knows the instrument shall tell from four seconds what state the network is in. "
        "That somebody is a plain classifier: what it can learn from ordinary features is really there.",
        "", "## Protocol", "",
        f"Runs: the default net, seeds {', '.join(map(str, SEEDS))}. A hand leads each through this, the "
        "recorder writes it, and every preset plays the same recordings.", "",
        "| phase | lasts | steps/s | the hand | state |", "| --- | --- | --- | --- | --- |", *rows, "",
        f"Seeds {' and '.join(map(str, DETOURS))} go another way, so that the time of a show does not "
        f"give the state away: {_way()}.", "",
        f"A second has a name where the phase (not its first {SETTLE_S:g} s, but for the birth: lags) and "
        "the streams (medians of the second) agree. Clips of 4 s lie wholly in such seconds of one "
        "state; neighbours overlap by half. No run is both learnt from and asked about.", "",
        "| state | the streams must say |", "| --- | --- |", *rules, "",
        "*Underfit* here is softer than real digits (slope -3.02, flatness .143) and stays so; the "
        "stream `state` calls only -4.5 underfit, which this net does not come to. The first blob, all "
        "tiles alike, is neither noise nor strokes.", "",
        "The classifier: multinomial logistic regression with L2, on standardised features of the four "
        "nets it learns from. The sound's features are means and deviations of mel cepstra, centroid, "
        "spread, rolloff, flatness, slope, flux, contrast, crossings, levels, crest, onsets, tremor and "
        "width. *Equally loud*: each clip brought to -20 dB before it is measured. *Six features*: only "
        "level, centroid, flatness, onsets, crest and width, what anybody hears. *Other order*: learnt "
        "from the runs in the usual order, asked about the detours. *Shuffled*: the control, names "
        "shuffled within each run.", "",
    ])  # fmt: skip


def _hand(phase: Phase) -> str:
    turns = [f"{name} {value:g}" for name, value in phase.turns.items()]
    if phase.forgets:
        turns.append(f"amnesia: {phase.forgets}")
    return ", ".join(turns) or "-"


def _way() -> str:
    """The detour in a line, with what the hand does otherwise than in the table."""
    return ", ".join(p.name if p in PHASES else f"{p.name} ({_hand(p)})" for p in DETOUR)


def _range(name: str, low: float, high: float) -> str:
    return f"`{name}` {low:g} to {high:g}"


def write_section(path: Path, sense: str, text: str) -> None:
    """Put the section of one sense into the page, leave the other's as it is."""
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    sections = {
        name: _between(before, name) if name != sense else f"{SENSES[name]}\n\n{text}\n"
        for name in SENSES
    }
    marked = [f"<!-- {name} -->\n{body}<!-- /{name} -->\n" for name, body in sections.items()]
    path.write_text(protocol() + "\n" + "\n".join(marked), encoding="utf-8")


def _between(page: str, name: str) -> str:
    begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
    return page.partition(begin)[2].partition(end)[0]


def percent(share: float) -> str:
    return f"{100 * share:.0f}%"


def spread(shares: np.ndarray, mean: float) -> str:
    """Mean and range, as of a trial over its splits."""
    return f"{percent(mean)} ({percent(shares.min())} to {percent(shares.max())})"
