"""Play the piece, or read a run of it, and tell what became of it.

    python bench/piece.py FOLDER --play        plays it live into FOLDER (ten minutes), then reads it
    python bench/piece.py FOLDER               reads what is there, or what piece_arc.py made there

Prints when each cue went and by what (time, condition, deadline, GO), what the training was in meanwhile,
how fast it was, and the loudness of each section between two cues (ffmpeg's ebur128); then the whole: its
loudness, true peak, the longest silence, and leaps (a sample that leaps out of its neighbours). Draws
FOLDER/piece.png: spectrogram, wave, loudness and streams, with a line for each cue.
"""

import argparse
import re
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import soundfile
from arc import spectral
from foreign_meter import Loudness, measured

from instrument.runs.tape import Tape
from instrument.signals.notices import notice_of
from instrument.signals.streams import stream_numbers
from instrument.units import seconds_to_text

PIECE = "noise_through_to_twos_and_sevens"
PORT = 9150
SECONDS = 612.0
BLOCK, RATE = 256, 48_000
SILENT_LUFS = -50.0
LEAP = 0.5
SHOWN = ("reject", "similarity_centred", "divergence", "modes")
CUE = re.compile(r"cue (\d+) of \d+, (.+) \((\w+)\)$")


@dataclass
class Told:
    """What a run says, times in seconds since the first cue went."""

    cues: list[tuple[float, str, str]] = field(default_factory=list)
    """When, which, by what."""
    time_s: list[float] = field(default_factory=list)
    streams: list[np.ndarray] = field(default_factory=list)
    states: tuple[str, ...] = ()
    names: dict[str, int] = field(default_factory=dict)
    sounds: list[tuple[float, int, int]] = field(default_factory=list)
    """When, which sound process (from 0) had rendered how many blocks; none in a run without sound."""
    first_s: float = 0.0
    """When the run begins."""
    dropouts: int = 0


def told_by(path: Path) -> Told:
    """Everything that is told here, off a run file."""
    tape = Tape(path)
    told = Told(names=stream_numbers(tape.header.streams))
    told.states = next(s.choices for s in tape.header.streams if s.name == "state")
    began_s = first_s = 0.0
    for recorded in tape.frames():
        frame = recorded.frame
        first_s = first_s or recorded.frame.time_s
        if recorded.topic == "notices":
            found = CUE.match(notice_of(frame).text)
            if found is not None:
                began_s = began_s or frame.time_s
                told.cues.append((frame.time_s - began_s, found.group(2), found.group(3)))
        elif recorded.topic == "metrics":
            told.time_s.append(frame.time_s)
            told.streams.append(np.frombuffer(frame.streams, np.float32, frame.count).copy())
        elif recorded.topic == "sound":
            told.sounds.append((frame.time_s, int(frame.part), int(frame.blocks)))
            told.dropouts = int(frame.dropouts)
    told.time_s = [at_s - began_s for at_s in told.time_s]
    told.sounds = [(at_s - began_s, part, blocks) for at_s, part, blocks in told.sounds]
    told.first_s = first_s - began_s
    return told


def heard(told: Told, folder: Path) -> Path:
    """A sound file that begins with the first cue: what was captured, each piece where it was heard.

    A capture has no gaps where the sound dropped out, and goes on in another file where the sound process
    came back; the sound frames say which block belongs to which moment.
    """
    out = folder / "heard.wav"
    if not told.sounds:
        sound, _ = soundfile.read(folder / "piece.wav", dtype="float32", always_2d=True)
        soundfile.write(out, sound[round(-told.first_s * RATE) :], RATE)
        return out
    parts: dict[int, np.ndarray] = {}
    whole = np.zeros((round((told.sounds[-1][0] + 1.0) * RATE), 2), np.float32)
    for (from_s, part, first), (_, next_part, last) in pairwise(told.sounds):
        if part not in parts:
            name = "piece.wav" if part == 0 else f"piece.{part + 1}.wav"
            parts[part], _ = soundfile.read(folder / name, dtype="float32", always_2d=True)
        piece = parts[part][first * BLOCK : last * BLOCK] if part == next_part else ()
        begin = round(from_s * RATE)
        if len(piece) and begin >= 0:
            room = whole[begin : begin + len(piece)]
            room[:] = piece[: len(room)]
    soundfile.write(out, whole, RATE)
    return out


def sections(told: Told, end_s: float) -> list[tuple[str, str, float, float]]:
    """(cue, by what, from, to) of every cue that went."""
    ends = [*(at_s for at_s, _, _ in told.cues[1:]), end_s]
    return [(name, why, at_s, to) for (at_s, name, why), to in zip(told.cues, ends, strict=True)]


def leaps(sound: np.ndarray) -> int:
    """Samples that leap by half of full scale and back at once: white noise and bursts at full level do;
    nothing else does that is meant.
    """
    step = np.diff(sound.mean(axis=1))
    return int(np.count_nonzero((np.abs(step[1:]) > LEAP) & (np.abs(step[:-1]) > LEAP)
                                & (np.sign(step[1:]) != np.sign(step[:-1]))))  # fmt: skip


def longest_silence(loudness: Loudness, from_s: float, to_s: float) -> float:
    """Seconds on end, 100 ms a value, in which the momentary loudness is below -50 LUFS."""
    inside = (loudness.time_s > from_s) & (loudness.time_s < to_s)
    longest = run = 0
    for level in loudness.momentary[inside]:
        run = run + 1 if not level > SILENT_LUFS else 0
        longest = max(longest, run)
    return longest / 10


def tell(told: Told, loudness: Loudness, sound: np.ndarray) -> None:
    """Print it all."""
    times, streams = np.array(told.time_s), np.stack(told.streams)
    state, speed = streams[:, told.names["state"]], streams[:, told.names["steps_per_s"]]
    end_s = len(sound) / RATE
    print(
        f"{'at':>5}  {'cue':22} {'by':9} {'LUFS':>6} {'most':>6} {'leaps':>6} {'steps/s':>7}  states"
    )
    for name, why, from_s, to_s in sections(told, end_s):
        here = (times >= from_s) & (times < to_s)
        ear = loudness.time_s
        level = loudness.momentary[(ear >= from_s) & (ear < to_s)]
        power = 10 ** (level[np.isfinite(level)] / 10)
        mean = 10 * np.log10(power.mean()) if power.size else -np.inf
        most = np.nanmax(level) if power.size else -np.inf
        seen = Counter(told.states[int(s)] for s in state[here])
        words = ", ".join(f"{word} {n / max(1, here.sum()):.0%}" for word, n in seen.most_common())
        fast = np.median(speed[here]) if here.any() else 0.0
        leapt = leaps(sound[max(0, round(from_s * RATE)) : max(0, round(to_s * RATE))])
        print(
            f"{seconds_to_text(from_s):>5}  {name:22} {why:9} {mean:6.1f} {most:6.1f} {leapt:6} "
            f"{fast:7.1f}  {words}"
        )
    steps = streams[:, told.names["step"]]
    quiet = longest_silence(loudness, 0.0, told.cues[-1][0])
    print(f"\nwhole: {loudness.integrated:.1f} LUFS, range {loudness.range_lu:.1f} LU, "
          f"true peak {loudness.true_peak:.1f} dBTP, {leaps(sound)} leaps, "
          f"longest silence {quiet:.1f} s, {told.dropouts} dropouts, {steps.max():.0f} steps")  # fmt: skip


def draw(told: Told, loudness: Loudness, sound: np.ndarray, out: Path) -> None:
    """Spectrogram, wave, loudness, streams; a line for each cue."""
    times, _, _, frequencies, level = spectral(sound.mean(axis=1), RATE)
    figure, rows = plt.subplots(
        4, 1, figsize=(20, 11), sharex=True, height_ratios=[3.4, 0.8, 1, 1.2]
    )
    low = frequencies < 16_000
    thin = max(1, len(times) // 4000)
    rows[0].pcolormesh(times[::thin], frequencies[low], level[low][:, ::thin],
                       cmap="gray_r", vmin=-115, vmax=-35, rasterized=True)  # fmt: skip
    rows[0].set(ylabel="Hz", yscale="symlog", ylim=(30, 16_000))
    ear = np.arange(0, len(sound), 400) / RATE
    rows[1].plot(ear, sound[::400].mean(axis=1), "k", lw=0.3)
    rows[1].set(ylabel="wave", ylim=(-1, 1))
    rows[2].plot(loudness.time_s, loudness.momentary, ".6", lw=0.7)
    rows[2].plot(loudness.time_s, loudness.short_term, "k")
    rows[2].set(ylabel="LUFS", ylim=(-50, -5))
    streams = np.stack(told.streams)
    for name in SHOWN:
        values = streams[:, told.names[name]] / (10.0 if name == "modes" else 1.0)
        rows[3].plot(told.time_s, values, lw=0.7, label=name)
    rows[3].legend(loc="upper right", ncols=len(SHOWN), fontsize=8)
    rows[3].set(xlabel="s", ylim=(0, 2.4), xlim=(-5, told.cues[-1][0] + 10))
    for at_s, name, _ in told.cues:
        for row in rows:
            row.axvline(at_s, color="#d06000", lw=0.7)
        rows[0].text(at_s + 0.5, 15_000, name, rotation=90, va="top", fontsize=8, color="#d06000")
    figure.tight_layout()
    figure.savefig(out, dpi=70)
    plt.close(figure)


def play(folder: Path, port: int, seed: int) -> None:
    """The piece, live, for nobody; a screenshot every 15 s."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [str(Path(sys.executable).with_name("perform")), "--preset", PIECE, "--headless"]
    command += ["--sound", "null", "--seconds", str(SECONDS), "--osc-port", str(port)]
    command += ["--capture", str(folder / "piece.wav"), "--record", str(folder / "piece.mcap")]
    command += ["--screenshot-every", "15", str(folder), "--report", str(folder / "report.json")]
    command += ["--seed", str(seed)]
    subprocess.run(command, check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--play", action="store_true")
    parser.add_argument("--port", type=int, default=PORT)
    parser.add_argument("--seed", type=int, default=7)
    words = parser.parse_args()
    if words.play:
        play(words.folder, words.port, words.seed)
    told = told_by(words.folder / "piece.mcap")
    if not told.cues:
        raise SystemExit("no cue went in this run")
    file = heard(told, words.folder)
    loudness = measured(file)
    sound, _ = soundfile.read(file, dtype="float32", always_2d=True)
    tell(told, loudness, sound)
    draw(told, loudness, sound, words.folder / "piece.png")


if __name__ == "__main__":
    main()
