"""Whether the training is heard: flatness and centroid of a captured show beside its own streams.

`python bench/arc.py` plays two minutes off-screen, captures the sound, and draws both curves and the
spectrogram to docs/arc.png. `--show FOLDER` uses the files of bench/show.py --keep FOLDER instead.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import soundfile
from scipy.signal import stft
from scipy.stats import spearmanr

from instrument.runs.tape import Tape
from instrument.signals.frames import METRICS

BIN = Path(sys.executable).parent
WINDOW = 4096


def spectral(
    sound: np.ndarray, rate: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Times, flatness (20 Hz to 16 kHz), centroid in Hz, frequencies and levels in dB of a mono sound."""
    frequencies, times, spectrum = stft(sound, rate, nperseg=WINDOW, noverlap=WINDOW // 2)
    power = np.abs(spectrum) ** 2 + 1e-14
    band = (frequencies > 20) & (frequencies < 16_000)
    flatness = np.exp(np.mean(np.log(power[band]), axis=0)) / np.mean(power[band], axis=0)
    centroid = (frequencies[:, None] * power).sum(0) / power.sum(0)
    return times, flatness, centroid, frequencies, 10 * np.log10(power)


def metrics(run: Path) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Names of the streams of a run, seconds (frames,), values (frames, streams)."""
    tape = Tape(run)
    names = [stream.name for stream in tape.header.streams]
    frames = [(r.at_s, r.frame) for r in tape.frames() if r.topic == METRICS.name]
    values = np.array([list(frame.streams[: len(names)]) for _, frame in frames])
    return names, np.array([at_s for at_s, _ in frames]), values


def smooth(values: np.ndarray, width: int) -> np.ndarray:
    """Running median of odd width."""
    padded = np.pad(values, width // 2, mode="edge")
    return np.median(np.lib.stride_tricks.sliding_window_view(padded, width), axis=-1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--preset", default="glitch_organ")
    parser.add_argument("--show", type=Path, help="folder with show.wav and show.mcap")
    parser.add_argument(
        "--until", type=float, default=120.0, help="seconds that are drawn and ranked"
    )
    parser.add_argument("--out", type=Path, default=Path("docs/arc.png"))
    words = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = words.show or Path(temporary)
        if words.show is None:
            command = [
                str(BIN / "perform"), "--preset", words.preset, "--headless", "--sound", "null",
                "--seconds", str(words.seconds), "--osc-port", "9919",
                "--capture", str(folder / "show.wav"), "--record", str(folder / "show.mcap"),
            ]  # fmt: skip
            subprocess.run(command, check=True)
        sound, rate = soundfile.read(folder / "show.wav", always_2d=True)
        names, time_s, table = metrics(folder / "show.mcap")
    times, flatness, centroid, frequencies, level = spectral(sound.mean(axis=1), rate)
    ended_s = times[-1]
    # the run and the capture end together: the recorder stops when the sound has faded
    run_s = time_s - time_s[-1] + ended_s
    shown = times < min(words.until, ended_s - 1)
    times, flatness, centroid, level = (
        times[shown],
        flatness[shown],
        centroid[shown],
        level[:, shown],
    )
    said = run_s < times[-1]
    run_s, table = run_s[said], table[said]
    figure, rows = plt.subplots(4, 1, figsize=(11, 11), sharex=True, height_ratios=[3, 1, 1, 1.4])
    low = frequencies < 16_000
    rows[0].pcolormesh(
        times, frequencies[low], level[low], cmap="gray_r", vmin=-110, vmax=-30, rasterized=True
    )
    rows[0].set(
        ylabel="Hz",
        yscale="symlog",
        ylim=(30, 16_000),
        title=f"{words.preset}: what is heard, and what drives it",
    )
    rows[1].semilogy(times, smooth(flatness, 41), "k")
    rows[1].set(ylabel="flatness\nof the sound")
    rows[2].plot(times, smooth(centroid, 41), "k")
    rows[2].set(ylabel="centroid\nof the sound, Hz")
    for name in ("flatness", "centroid", "entropy", "reject", "similarity_centred"):
        rows[3].plot(run_s, table[:, names.index(name)], label=name)
    rows[3].set(xlabel="s", ylabel="streams")
    rows[3].legend(loc="upper right")
    figure.tight_layout()
    figure.savefig(words.out, dpi=90)
    print(f"drawn to {words.out}")
    for label, heard in (("flatness", flatness), ("centroid", centroid)):
        both = times > run_s[0]
        first, last = (np.median(heard[both][part]) for part in (slice(0, 100), slice(-400, None)))
        ranks = []
        for name in ("flatness", "centroid", "entropy", "reject"):
            driven = np.interp(times, run_s, table[:, names.index(name)])
            rank = spearmanr(smooth(heard, 41)[both], smooth(driven, 41)[both]).statistic
            ranks.append(f"{name} {rank:.2f}")
        print(f"{label} of the sound: first 4 s {first:.4g}, last 17 s {last:.4g}")
        print(f"  rank correlation with the streams: {', '.join(ranks)}")


if __name__ == "__main__":
    main()
