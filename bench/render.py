"""How fast a recorded run becomes a film, what each part takes, and how near it is to what was drawn.

    python bench/render.py [RUN] [--seconds 10] [--sizes 640x360 1280x720 1920x1080 3840x2160]

1. Each part alone, one after the other in one thread, at every size: processor time for one picture.
2. Encoders on the same pictures at 1280x720: processor time, size, and how near the film is (luma).
3. Whole renderings as the command makes them: how many times as fast as it plays, and the processor
   time of all its processes, which says what an idle machine would do where this one is not.
"""

import argparse
import hashlib
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from instrument.arguments import size as size_of
from instrument.house import open_house
from instrument.offline import render_sound
from instrument.offline_picture import OfflinePicture, inner_size
from instrument.picture.film_file import RENDER_THREADS, RENDERED, FilmFile, film_frame
from instrument.runs.reel import Reel
from instrument.runs.tape import find_run

RATE = 60
PRESET = "glitch_organ"
INSTRUMENT = Path(sys.executable).parent / "instrument"
PLACES = (0.15, 0.85)
"""Shares of the run at which encoders are tried."""
EXACT = "cpu-independent=1"
ENCODERS = {
    "as rendered": RENDERED,
    "ultrafast, no CABAC": {"preset": "ultrafast", "crf": "16", "x264-params": EXACT},
    "ultrafast, crf 18": {**RENDERED, "crf": "18"},
    "superfast": {"preset": "superfast", "crf": "16", "x264-params": EXACT},
    "veryfast": {"preset": "veryfast", "crf": "16", "x264-params": EXACT},
}


def taken_ms(work: Callable[[], object], count: int) -> float:
    """Processor time of all threads for one of `count` things."""
    began_s = time.process_time()
    work()
    return (time.process_time() - began_s) * 1000.0 / count


def drawn(run: Path, size: tuple[int, int], lines: int, first: int, count: int) -> list[np.ndarray]:
    """Pictures `first` and on; the processor time of drawing and reading each is printed."""
    inner, _ = inner_size(size, lines)
    kept = []
    with OfflinePicture(run, PRESET, inner, RATE, None, [], open_house()) as offline:
        pictures = offline.draw()
        for _ in range(first):
            next(pictures)
        read_s = 0.0
        began_s = time.process_time()
        for _ in range(count):
            _, shown = next(pictures)
            now_s = time.process_time()
            pixels = np.empty((shown.height, shown.width, 4), np.uint8)
            shown.read_into(pixels, components=4, alignment=1)
            read_s += time.process_time() - now_s
            kept.append(pixels)
        draw_s = time.process_time() - began_s - read_s
    print(f"  draw {draw_s * 1000 / count:.1f}, read back {read_s * 1000 / count:.2f}", end="")
    return kept


def parts(run: Path, size: tuple[int, int], lines: int, count: int) -> None:
    inner, _ = inner_size(size, lines)
    print(f"{size[0]}x{size[1]}, inner {inner[0]}x{inner[1]}, ms of a processor for one picture:")
    pictures = drawn(run, size, lines, 20 * RATE, count)
    frames: list[object] = []
    digest = taken_ms(lambda: [hashlib.sha256(one.data).digest() for one in pictures], count)
    colours = taken_ms(lambda: frames.extend(film_frame(one, size) for one in pictures), count)

    def encode() -> None:
        with tempfile.TemporaryDirectory() as folder:
            film = FilmFile(Path(folder) / "film.mp4", size, RATE, False, RENDER_THREADS)
            for number, frame in enumerate(frames):
                film.put(frame, Fraction(number, RATE))
            film.close()

    encoding = taken_ms(encode, count)
    print(f", digest {digest:.1f}, colours {colours:.1f}, encode {encoding:.1f}", flush=True)


def sound(run: Path, seconds: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        wave = Path(folder) / "sound.wav"
        took = taken_ms(
            lambda: render_sound(run, PRESET, wave, open_house(), end_s=seconds), round(seconds)
        )
    print(f"sound: {took:.0f} ms of a processor for a second ({took / RATE:.1f} ms a picture)")


def ssim(one: np.ndarray, other: np.ndarray) -> float:
    """Structural similarity of two lumas, over windows of 8x8 that do not overlap (Wang et al. 2004)."""
    height, width = (side // 8 * 8 for side in one.shape)
    x, y = (
        a[:height, :width].astype(float).reshape(height // 8, 8, width // 8, 8)
        for a in (one, other)
    )
    mean_x, mean_y = x.mean((1, 3)), y.mean((1, 3))
    both = (x * y).mean((1, 3)) - mean_x * mean_y
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    top = (2 * mean_x * mean_y + c1) * (2 * both + c2)
    bottom = (mean_x**2 + mean_y**2 + c1) * (x.var((1, 3)) + y.var((1, 3)) + c2)
    return float((top / bottom).mean())


def encoders(run: Path, count: int) -> None:
    size = (1280, 720)
    print("\nencoders at 1280x720, luma against what was given to them, two places of the run:")
    last_s = Reel(run).length_s - count / RATE
    for share in PLACES:
        first = round(share * last_s * RATE)
        pictures = drawn(run, size, 360, first, count)
        print(f"  (from {first / RATE:.1f} s)")
        frames = [film_frame(one, size) for one in pictures]
        lumas = [frame.to_ndarray()[: size[1]].astype(np.int16) for frame in frames]
        for name, options in ENCODERS.items():
            encoder(name, options, frames, lumas, size)


def encoder(
    name: str, options: dict, frames: list, lumas: list[np.ndarray], size: tuple[int, int]
) -> None:
    with tempfile.NamedTemporaryFile(suffix=".mp4") as file:
        with av.open(file.name, "w") as film:
            stream = film.add_stream("libx264", rate=RATE, options={**options, "g": str(RATE)})
            stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
            stream.codec_context.thread_count = RENDER_THREADS

            def encode() -> None:
                for number, frame in enumerate(frames):
                    frame.pts, frame.time_base = number, Fraction(1, RATE)
                    film.mux(stream.encode(frame))
                film.mux(stream.encode())

            took = taken_ms(encode, len(frames))
        mbit = os.path.getsize(file.name) * 8e-6 / len(frames) * RATE
        errors, alike = [], []
        with av.open(file.name) as film:
            for shown, luma in list(zip(film.decode(video=0), lumas, strict=True))[::10]:
                got = shown.to_ndarray()[: size[1]]
                errors.append(np.mean((got.astype(np.int16) - luma).astype(float) ** 2))
                alike.append(ssim(got, luma))
    worst, mean = (10 * np.log10(255**2 / max(e, 1e-9)) for e in (max(errors), np.mean(errors)))
    print(
        f"    {name:>20}: {took:4.1f} ms, {mbit:5.1f} Mbit/s, PSNR {mean:.1f} dB (worst {worst:.1f}), "
        f"SSIM {np.mean(alike):.4f} (worst {min(alike):.4f})",
        flush=True,
    )


def whole(run: Path, size: tuple[int, int], lines: int, seconds: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        before, began_s = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        subprocess.run(
            [INSTRUMENT, "render", run, "-o", Path(folder) / "film.mp4", "--to", f"{seconds:g}",
             "--size", f"{size[0]}x{size[1]}", "--lines", str(lines)],
            check=True, capture_output=True,
        )  # fmt: skip
        took_s = time.monotonic() - began_s
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(
        f"{size[0]}x{size[1]} --lines {lines}: {seconds:g} s in {took_s:.1f} s, "
        f"{seconds / took_s:.2f} x real time; {cpu_s / seconds:.2f} s of a processor for a second; "
        f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("run", nargs="?", default="noise_to_digits")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument(
        "--sizes", type=size_of, nargs="*",
        default=[(640, 360), (1280, 720), (1920, 1080), (3840, 2160)],
    )  # fmt: skip
    parser.add_argument("--fine", action="store_true", help="also with --lines as high as the film")
    parser.add_argument("--only", choices=("parts", "encoders", "whole"))
    arguments = parser.parse_args()
    run, seconds = find_run(arguments.run), arguments.seconds
    fine = [(size, size[1]) for size in arguments.sizes if arguments.fine and size[1] > 360]
    wanted = [*((size, 360) for size in arguments.sizes), *fine]
    if arguments.only in (None, "parts"):
        for size, lines in wanted:
            parts(run, size, lines, 120 if size[1] > 1080 else 300)
        sound(run, 3 * seconds)
    if arguments.only in (None, "encoders"):
        encoders(run, 240)
    if arguments.only in (None, "whole"):
        print()
        for size, lines in wanted:
            whole(run, size, lines, seconds)


if __name__ == "__main__":
    main()
