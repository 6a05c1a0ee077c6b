"""What a film costs the show that is filmed, and how well its sound lies beside its pictures.

    python bench/film.py [--seconds 20] [--rounds 3] [--events 30]

1. What the encoder takes of a processor, at the size of the inner picture and at that of the window.
2. Shows without and with a film, turn about: late pictures, times between pictures, dropouts, steps per
   second, and the pictures that are missing in the film.
3. A run in which one stream jumps between 0 and 1 every half second; a look that shows it as black or
   white and a route that makes it noise. How long after the picture the sound begins: in the film of a
   rehearsal, and in one that was rendered (which has no ring and no screen to wait for, so it says what the
   voice itself takes). What the two should differ by follows from the ring and the screen; the rest is
   the error of the film.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
from jump import furnish, record

from instrument.offline_picture import pictures
from instrument.runs.tape import find_run

BIN = Path(sys.executable).parent
QUIET = ("--headless", "--sound", "null", "--no-record", "--osc-port", "9471")
STEPS_PER_S = 250
HALF_S = 0.5
RING_S, PICTURE_S = 3 * 256 / 48_000, 1 / 60
"""From rendering a block to its first sample, and from drawing a picture to the screen."""


def perform(folder: Path, seconds: float, *words: str) -> dict:
    report = folder / "report.json"
    subprocess.run(
        [BIN / "perform", *QUIET, "--seconds", f"{seconds:g}", "--report", report, *words],
        check=True, capture_output=True,
    )  # fmt: skip
    return json.loads(report.read_text())


def cost(folder: Path, seconds: float, rounds: int) -> None:
    print("           pictures  late  p50 ms  p99 ms  dropouts  steps/s  in film  left out  load")
    totals = {"without": [0, 0], "with": [0, 0]}
    for number in range(rounds):
        for which in ("without", "with"):
            words = ("--film", str(folder / f"{number}.mp4")) if which == "with" else ()
            told = perform(folder, seconds, *words)
            picture, film = told["picture"], told["film"] or {"pictures": 0, "dropped": 0}
            totals[which][0] += picture["frames"]
            totals[which][1] += picture["late_frames"]
            print(
                f"{which:>9} {picture['frames']:9} {picture['late_frames']:5} "
                f"{picture['frame_ms_p50']:7.1f} {picture['frame_ms_p99']:7.1f} "
                f"{told['sound']['dropouts']:9} {told['learning']['steps_per_s']:8.1f} "
                f"{film['pictures']:8} {film['dropped']:9} {os.getloadavg()[0]:5.1f}",
                flush=True,
            )
    for which, (shown, late) in totals.items():
        print(f"{which:>9}: {late} of {shown} pictures late, {100 * late / shown:.2f}%")


def jumps(events: int) -> Iterator[tuple[float, float]]:
    """The stream, off the grid of pictures and blocks, so that all phases occur."""
    for step in range(round((events + 2) * HALF_S * STEPS_PER_S)):
        at_s = step / STEPS_PER_S
        yield at_s, int(at_s * 0.987 / HALF_S) % 2


def offsets_ms(film: Path) -> np.ndarray:
    """How long after each picture that turns white the noise begins."""
    with av.open(str(film)) as file:
        pictures = [
            (f.time, f.to_ndarray(format="gray").mean() > 128) for f in file.decode(video=0)
        ]
    with av.open(str(film)) as file:
        sound = np.concatenate(
            [np.abs(f.to_ndarray()[0]) for f in file.decode(audio=0)]  # planes of floats
        )
    white = [now[0] for before, now in pairwise(pictures) if now[1] > before[1]]
    loud = np.quantile(sound, 0.98)
    found = []
    for at_s in white[1:]:
        window = sound[round((at_s - 0.15) * 48_000) : round((at_s + 0.2) * 48_000)]
        level = np.convolve(window, np.ones(48) / 48, "same")
        found.append((int(np.argmax(level > 0.15 * loud)) / 48_000 - 0.15) * 1000.0)
    return np.array(found)


def sync(folder: Path, events: int) -> None:
    os.environ["TWOS_AND_SEVENS_HOME"] = str(folder)
    furnish(folder)
    run = folder / "jump.mcap"
    record(run, jumps(events))
    words = ("--rehearse", str(run), "--preset", "jump", "--size", "320x180")
    told = perform(folder, events * HALF_S + 8, *words, "--film", str(folder / "live.mp4"))
    subprocess.run(
        [BIN / "instrument", "render", run, "--preset", "jump", "--size", "320x180",
         "-o", folder / "rendered.mp4"],
        check=True, capture_output=True,
    )  # fmt: skip
    print(f"late pictures {told['picture']['late_frames']}, dropouts {told['sound']['dropouts']}")
    middle = {}
    for name in ("live", "rendered"):
        found = offsets_ms(folder / f"{name}.mp4")
        middle[name] = float(np.median(found))
        low, high = np.percentile(found, [5, 95])
        print(
            f"{name:>8}: sound after picture {middle[name]:6.1f} ms "
            f"(5 to 95%: {low:.1f} to {high:.1f}, n={len(found)})"
        )
    expected = 1000.0 * (RING_S - PICTURE_S)
    difference = middle["live"] - middle["rendered"]
    error = difference - expected
    print(f"they differ by {difference:.1f} ms, {expected:.1f} expected: error {error:.1f} ms")


def encoding() -> None:
    """Processor time per picture, stretching included; it tells little of the load beside it."""
    for look in ("tile_wall", "test_pattern", "barcode"):
        told = pictures(find_run("noise_to_digits"), look=look, seconds=6.0)
        drawn = [rgb for _, rgb in told][180:]
        for size in ((640, 360), (1280, 720)):
            for preset in ("ultrafast", "superfast"):
                with tempfile.NamedTemporaryFile(suffix=".mkv") as name:
                    began_s = time.process_time()
                    encode(name.name, drawn, size, preset)
                    took_ms = (time.process_time() - began_s) * 1000.0 / len(drawn)
                    mbit = os.path.getsize(name.name) * 8 / 1e6 / len(drawn) * 60
                    print(
                        f"{look:>13} {size[0]}x{size[1]} {preset}: {took_ms:.1f} ms, "
                        f"{mbit:.0f} Mbit/s at 60 pictures"
                    )


def encode(path: str, drawn: list[np.ndarray], size: tuple[int, int], preset: str) -> None:
    with av.open(path, "w", format="matroska") as film:
        stream = film.add_stream("libx264", rate=60, options={"crf": "18", "preset": preset})
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        stream.codec_context.thread_count = 1
        for number, rgb in enumerate(drawn):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24")
            frame = frame.reformat(*size, format="yuv420p", interpolation="POINT")
            frame.pts, frame.time_base = number, Fraction(1, 60)
            film.mux(stream.encode(frame))
        film.mux(stream.encode())


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--events", type=int, default=30)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        encoding()
        sync(Path(name), arguments.events)
        if arguments.rounds:
            cost(Path(name), arguments.seconds, arguments.rounds)


if __name__ == "__main__":
    main()
