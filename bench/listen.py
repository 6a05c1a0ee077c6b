"""What each preset sounds like over a whole recorded run: spectrogram, loudness, and the states.

    python bench/listen.py [--run NAME] [--preset NAME ...] [--write-docs]

Renders the run through every shipped preset, measures it with ffmpeg's ebur128, draws a picture each (to
docs/presets) and prints a line each: integrated loudness, true peak, and by state of the network the
loudness, flatness and centroid of the sound, and how often it clicks. Without `--run` it is the first of
bench/legibility_runs.py, which passes through all five states. `--write-docs` puts the table into
docs/presets.md.
"""

import argparse
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import soundfile
from arc import spectral
from foreign_meter import Loudness, measured
from legibility_features import features
from legibility_labels import Told, named_seconds, told_by
from legibility_runs import SEEDS, run_of

from instrument import presets
from instrument.house import open_house
from instrument.learning.streams import STATES
from instrument.offline import render_sound
from instrument.runs.tape import find_run

SHIPPED = Path(__file__).resolve().parent.parent / "presets"
SHOWN = ("reject", "similarity_centred", "divergence", "flatness", "entropy")
COLOURS = {"noise": ".75", "healthy": "#8fbf8f", "collapse": "#d98080", "partial": "#e0c080",
           "underfit": "#80a0d0", "tyrant": "#b080c0", "strokes": "#c8c0a0"}  # fmt: skip
PAGE = Path(__file__).resolve().parent.parent / "docs" / "presets.md"
BEGIN, END = "<!-- heard by state: bench/listen.py --write-docs -->\n", "<!-- /heard by state -->"


def spans(time_s: np.ndarray, state: np.ndarray) -> list[tuple[str, float, float]]:
    """(state, from, to) of every stretch of at least a second."""
    found, begun = [], 0
    for place in range(1, len(state) + 1):
        if place == len(state) or state[place] != state[begun]:
            if time_s[place - 1] - time_s[begun] >= 1.0:
                name = STATES[int(state[begun])]
                found.append((name, float(time_s[begun]), float(time_s[place - 1])))
            begun = place
    return found


def named_spans(told: Told) -> list[tuple[str, float, float]]:
    """The same with the names of bench/legibility_labels.py, for a run that was made by that protocol."""
    found: list[tuple[str, float, float]] = []
    for second, (name, _) in enumerate(named_seconds(told)):
        if name and found and found[-1][0] == name and found[-1][2] == second:
            found[-1] = (name, found[-1][1], second + 1.0)
        elif name:
            found.append((name, float(second), second + 1.0))
    return found


def by_state(
    sound: np.ndarray, rate: int, stretches: list[tuple[str, float, float]], loudness: Loudness
) -> dict[str, dict[str, float]]:
    """What each state sounds like: medians over its stretches that last 3 s or more."""
    told: dict[str, list[dict[str, float]]] = {}
    for name, begun_s, end_s in stretches:
        if end_s - begun_s < 3.0:
            continue
        begun_s += min(1.5, 0.25 * (end_s - begun_s))
        piece = sound[round(begun_s * rate) : round(min(end_s, begun_s + 12.0) * rate)]
        heard = features(piece, rate)
        inside = (loudness.time_s > begun_s + 0.4) & (loudness.time_s < end_s)
        told.setdefault(name, []).append(
            {
                "lufs": float(np.median(loudness.momentary[inside])),
                "flatness": heard["flatness_mean"],
                "centroid": heard["centroid_mean"],
                "onsets": heard["onsets"],
                "width": heard["width"],
            }
        )
    return {
        name: {key: round(float(np.median([row[key] for row in rows])), 3) for key in rows[0]}
        for name, rows in told.items()
    }


def draw(
    out: Path,
    title: str,
    sound: np.ndarray,
    rate: int,
    loudness: Loudness,
    run: tuple[np.ndarray, Mapping[str, np.ndarray]],
    stretches: list[tuple[str, float, float]],
) -> None:
    """Spectrogram, loudness, waveform and streams under each other; states as bands."""
    time_s, streams = run
    times, _, _, frequencies, level = spectral(sound.mean(axis=1), rate)
    figure, rows = plt.subplots(
        4, 1, figsize=(12, 10), sharex=True, height_ratios=[3.4, 0.8, 1, 1.2]
    )
    low = frequencies < 16_000
    rows[0].pcolormesh(
        times, frequencies[low], level[low], cmap="gray_r", vmin=-115, vmax=-35, rasterized=True
    )
    rows[0].set(ylabel="Hz", yscale="symlog", ylim=(30, 16_000), title=title)
    thin = max(1, len(sound) // 60_000)
    rows[1].plot(np.arange(0, len(sound), thin) / rate, sound[::thin].mean(axis=1), "k", lw=0.3)
    rows[1].set(ylabel="wave", ylim=(-1, 1))
    rows[2].plot(loudness.time_s, loudness.momentary, ".6", lw=0.7, label="momentary")
    rows[2].plot(loudness.time_s, loudness.short_term, "k", label="short-term")
    rows[2].set(ylabel="LUFS", ylim=(-50, -5))
    rows[2].legend(loc="lower right", ncols=2, fontsize=8)
    for name in SHOWN:
        rows[3].plot(time_s, streams[name], lw=0.8, label=name)
    rows[3].set(xlabel="s", ylabel="streams", xlim=(0, times[-1]))
    rows[3].legend(loc="upper right", ncols=len(SHOWN), fontsize=8)
    for name, begun_s, end_s in stretches:
        for row in rows[2:]:
            row.axvspan(begun_s, end_s, color=COLOURS[name], alpha=0.3, lw=0)
        rows[3].text((begun_s + end_s) / 2, -0.18, name, ha="center", fontsize=7)
    figure.tight_layout()
    figure.savefig(out, dpi=80)
    plt.close(figure)


def table_of(results: list[dict[str, object]]) -> str:
    """The page's table: loudness (LUFS), onsets a second, flatness (dB) by state."""
    states = ("noise", "strokes", "healthy", "collapse", "underfit")
    rows = [
        "| preset | whole run | true peak | " + " | ".join(states) + " |",
        "|---" * (3 + len(states)) + "|",
    ]
    for result in results:
        told = result["states"]
        assert isinstance(told, dict)
        cells = [
            f"{told[state]['lufs']:.0f} LUFS, {told[state]['flatness']:.0f} dB, "
            f"{told[state]['onsets']:.1f}/s"
            if state in told
            else "-"
            for state in states
        ]
        head = f"| {result['preset']} | {result['lufs']} LUFS | {result['dbtp']} dBTP | "
        rows.append(head + " | ".join(cells) + " |")
    return "\n".join(rows) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", help="name or file of a run")
    parser.add_argument("--write-docs", action="store_true")
    parser.add_argument("--preset", nargs="+", default=None)
    parser.add_argument("--out", type=Path, default=Path("docs/presets"))
    parser.add_argument("--keep", type=Path, help="folder that keeps the WAV files")
    words = parser.parse_args()
    run = find_run(words.run) if words.run else run_of(SEEDS[0])
    told = told_by(run)
    table = (told.time_s, told.streams)
    stretches = spans(told.time_s, told.streams["state"]) if words.run else named_spans(told)
    results = []
    words.out.mkdir(parents=True, exist_ok=True)
    for name in words.preset or sorted(path.stem for path in SHIPPED.glob("*.toml")):
        with tempfile.TemporaryDirectory() as temporary:
            folder = words.keep or Path(temporary)
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / f"{name}.wav"
            render_sound(run, name, path, open_house(clouds=presets.clouds_asked(name)))
            loudness = measured(path)
            sound, rate = soundfile.read(path, always_2d=True)
        title = (
            f"{name} over {run.stem}: {loudness.integrated:.1f} LUFS, {loudness.true_peak:.1f} dBTP"
        )
        draw(words.out / f"{name}.png", title, sound, rate, loudness, table, stretches)
        result = {
            "preset": name,
            "lufs": loudness.integrated,
            "range_lu": loudness.range_lu,
            "dbtp": loudness.true_peak,
            "states": by_state(sound, rate, stretches, loudness),
        }
        results.append(result)
        print(json.dumps(result), flush=True)
    if words.write_docs:
        page = PAGE.read_text(encoding="utf-8")
        head, _, rest = page.partition(BEGIN)
        PAGE.write_text(head + BEGIN + table_of(results) + END + rest.partition(END)[2], "utf-8")


if __name__ == "__main__":
    main()
